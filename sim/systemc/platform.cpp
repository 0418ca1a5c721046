#include "sim/systemc/platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <systemc>

#include "cmodel/common/error.hpp"
#include "sim/systemc/burst.hpp"
#include "sim/systemc/dram.hpp"
#include "sim/systemc/failure.hpp"
#include "sim/systemc/host_processor.hpp"
#include "sim/systemc/interconnect.hpp"
#include "sim/systemc/model_cell.hpp"
#include "sim/systemc/rtl_cell.hpp"
#include "sim/systemc/simulation_context.hpp"

namespace mbm {
class Platform::Implementation {
 public:
  Implementation(const PlatformOptions& options, const ProductTable& table, const PinsFactory& rtl)
      : options_(options),
        window_(options.dram.bytes / static_cast<std::int64_t>(options.cells.size()) & ~4095LL),
        interconnect_("interconnect", options.interconnect, options.cells.size(), window_,
                      options.accelerator.bus_bytes),
        dram_("memory", options.dram) {
    interconnect_.memory.bind(dram_.socket);
    for (std::size_t i = 0; i < options.cells.size(); ++i) {
      const std::string name = fmt::format("array{}", i);
      if (options.cells[i] == CellKind::model) {
        cells_.push_back(
            std::make_unique<ModelCell>(name.c_str(), options, table, window_, failure_));
      } else {
        cells_.push_back(std::make_unique<RtlCell>(name.c_str(), rtl(), failure_));
      }
      cells_.back()->bus().bind(interconnect_.ports);
    }
    for (std::size_t i = 0; i < options.cells.size(); ++i) {
      hosts_.push_back(
          std::make_unique<HostProcessor>(fmt::format("host{}", i).c_str(), *cells_[i], failure_));
      hosts_.back()->registers.bind(cells_[i]->registers);
      hosts_.back()->memory.bind(interconnect_.ports);
    }
  }

  void run(const Software& software) {
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      hosts_[i]->set_work([&software, i](Device& device) { software(i, device); });
    }
    std::exception_ptr error;
    try {
      run_to_end();
    } catch (...) {
      error = std::current_exception();
    }
    if (!error) return;
    end_software();
    std::rethrow_exception(error);
  }

  PlatformStatistics statistics() const {
    std::uint64_t queued = 0;
    for (const auto& cell : cells_) queued += cell->queued_requests();
    return {.cycles = static_cast<std::uint64_t>(present_cycle()),
            .dram = dram_.statistics(),
            .requests = interconnect_.statistics().requests,
            .waited_cycles = interconnect_.statistics().waited_cycles,
            .queued_requests = queued};
  }

  CycleReport report(std::size_t array) const { return cells_.at(array)->report(); }

 private:
  static bool is_done(const std::unique_ptr<HostProcessor>& host) { return host->done(); }

  // The kernel drops the stacks of threads as they are, and what lies on them would be lost.
  void end_software() {
    constexpr int kTries = 1000;  // an access to a register takes a few cycles
    for (const auto& host : hosts_) host->end();
    for (int i = 0; i < kTries && !std::ranges::all_of(hosts_, is_done); ++i) {
      sc_core::sc_start(at_cycle(1));
    }
  }

  void run_to_end() {
    std::uint64_t progress = 0;
    Cycle progressed = 0;
    while (!std::ranges::all_of(hosts_, is_done)) {
      sc_core::sc_start(at_cycle(options_.patience / 4));
      failure_.rethrow();
      if (present_progress() != progress) {
        progress = present_progress();
        progressed = present_cycle();
      }
      const bool starved = !sc_core::sc_pending_activity();
      if (std::ranges::all_of(hosts_, is_done)) break;
      if (starved || present_cycle() - progressed >= options_.patience) hang(progressed);
    }
  }

  std::uint64_t present_progress() const {
    std::uint64_t sum = 0;
    for (const auto& cell : cells_) sum += cell->progress();
    for (const auto& host : hosts_) sum += host->accesses();
    return sum;
  }

  [[noreturn]] void hang(Cycle progressed) const {
    std::string text = fmt::format("deadlock: nothing has gone on since cycle {}", progressed);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      text += fmt::format("; {}: {}{}", cells_[i]->name(), cells_[i]->state(),
                          hosts_[i]->done() ? ", its software is done" : "");
    }
    text += fmt::format("; interconnect: {}; memory: {}", interconnect_.state(), dram_.state());
    fail(ErrorKind::timeout, "{}", text);
  }

  PlatformOptions options_;
  std::int64_t window_;
  SimulationContext context_;  // before all modules
  Failure failure_;
  Interconnect interconnect_;
  Dram dram_;
  std::vector<std::unique_ptr<Cell>> cells_;
  std::vector<std::unique_ptr<HostProcessor>> hosts_;
};

Platform::Platform(const PlatformOptions& options, const ProductTable& table,
                   const PinsFactory& rtl) {
  options.validate();
  const bool needs_rtl = std::ranges::find(options.cells, CellKind::rtl) != options.cells.end();
  if (needs_rtl && !rtl) {
    fail(ErrorKind::usage, "platform: no Verilated accelerator is {}",
         options.accelerator.description());
  }
  implementation_ = std::make_unique<Implementation>(options, table, rtl);
}

Platform::~Platform() = default;

void Platform::run(const Software& software) {
  implementation_->run(software);
}

PlatformStatistics Platform::statistics() const {
  return implementation_->statistics();
}

CycleReport Platform::report(std::size_t array) const {
  return implementation_->report(array);
}

}  // namespace mbm
