#include "cmodel/array/cycle_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cmodel/array/timing_bus.hpp"
#include "cmodel/array/timing_command.hpp"
#include "cmodel/array/timing_core.hpp"
#include "cmodel/array/timing_memory.hpp"
#include "cmodel/array/timing_units.hpp"
#include "cmodel/common/error.hpp"

namespace mbm {

using timing::ActivationLoader;
using timing::CommandFetch;
using timing::Core;
using timing::Cycle;
using timing::Fifo;
using timing::kActivations;
using timing::kFetch;
using timing::kOthers;
using timing::ReadDma;
using timing::StoreUnit;
using timing::StreamLoader;
using timing::TimedCommand;
using timing::WriteDma;

class AcceleratorTiming::Implementation {
 public:
  Implementation(const AcceleratorProgram& program, const ShellTiming& shell)
      : p_(program.parameters),
        commands_(timing::timed_commands(program)),
        magnitudes_(p_.kind == ElementKind::lut ? timing::tile_magnitudes(program)
                                                : std::vector<int>{}),
        read_(p_.bus_bytes, shell),
        write_(p_.bus_bytes, shell),
        core_(p_, commands_, magnitudes_),
        stream_(p_),
        fetch_(program) {
    for (int u = 0; u < 4; ++u) queues_.emplace_back(shell.queue_depth);
    for (const TimedCommand& one : commands_) {
      if (one.unit == Unit::compute) report_.commands.push_back({});
    }
  }

  Cycle now() const { return now_; }
  Cycle uniform() const { return core_.uniform(now_); }
  std::int64_t finished_commands() const { return finished_commands_; }
  bool all_finished() const {
    return finished_commands_ == static_cast<std::int64_t>(commands_.size());
  }

  BusOutputs outputs() const {
    BusOutputs result;
    result.arvalid = read_.offered();
    result.araddr = static_cast<std::uint32_t>(read_.address().address);
    result.read_beats = static_cast<int>(read_.address().beats);
    result.rready = read_.rready();
    result.awvalid = write_.offered();
    result.awaddr = static_cast<std::uint32_t>(write_.address().address);
    result.write_beats = static_cast<int>(write_.address().beats);
    result.wvalid = write_.wvalid();
    if (result.wvalid) {
      result.wlast = write_.beat().last;
      result.write_lanes = write_.beat().lanes;
    }
    result.bready = write_.bready();
    return result;
  }

  BusBeat beat() const { return read_.beat(); }

  void skip(Cycle cycles) {
    core_.skip(cycles);
    count_cycles(cycles);
    now_ += cycles;
  }

  CycleReport report() {
    set_counters();
    return report_;
  }

  std::string state() const {
    std::string fetch = fetch_.next() == commands_.size()
                            ? "all commands fetched"
                            : fmt::format("command {} of {} next", fetch_.next(), commands_.size());
    return fmt::format("{} of {} commands end, {}, bursts under way: reads {}, writes {}",
                       finished_commands_, commands_.size(), fetch, read_.busy() ? "yes" : "none",
                       write_.busy() ? "yes" : "none");
  }

  bool step(const BusInputs& bus) {
    const bool changed = advance(bus);
    ++now_;
    return changed;
  }

 private:
  // Which fences of the first command of a queue are open.
  std::array<bool, kCommandCounters> missing(Unit unit) const {
    std::array<bool, kCommandCounters> result{};
    const auto& queue = queues_[static_cast<std::size_t>(unit)];
    if (!queue.valid()) return result;
    const TimedCommand& command = commands_[queue.front()];
    for (std::size_t i = 0; i < kCommandCounters; ++i) {
      const auto ahead = static_cast<std::uint16_t>(finished_[i] - command.counts[i]);
      result[i] = command.waits[i] && (ahead & 0x8000U) != 0;
    }
    return result;
  }

  bool offered(Unit unit) const {
    const auto& queue = queues_[static_cast<std::size_t>(unit)];
    if (!queue.valid()) return false;
    const auto open = missing(unit);
    return std::none_of(open.begin(), open.end(), [](bool one) { return one; });
  }

  // What a unit takes from its queue in this cycle; null: nothing.
  struct Taken {
    const TimedCommand* activations = nullptr;
    const TimedCommand* others = nullptr;
    const TimedCommand* stores = nullptr;
    bool compute_offered = false;
    std::size_t compute_command = 0;
    bool compute = false;  // the core has room for it
  };

  Taken taken() const {
    const auto head = [this](Unit unit, bool ready) {
      const auto& queue = queues_[static_cast<std::size_t>(unit)];
      return ready && offered(unit) ? &commands_[queue.front()] : nullptr;
    };
    Taken result;
    result.activations = head(Unit::activations, activations_.ready());
    result.others = head(Unit::others, stream_.ready());
    result.stores = head(Unit::stores, stores_.ready());
    result.compute_offered = offered(Unit::compute);
    if (result.compute_offered) {
      result.compute_command = queues_[static_cast<std::size_t>(Unit::compute)].front();
    }
    result.compute = result.compute_offered && core_.command_ready();
    return result;
  }

  ReadDma::Inputs read_inputs(const BusInputs& bus, bool dispatches) const {
    ReadDma::Inputs reads;
    reads.arready = bus.arready;
    reads.rvalid = bus.rvalid;
    reads.segment_valid = {fetch_.asking(), activations_.asking(), stream_.asking()};
    reads.segment = {fetch_.segment(), activations_.segment(), stream_.segment()};
    reads.data_ready = {fetch_.data_ready(dispatches), activations_.data_ready(),
                        stream_.data_ready()};
    return reads;
  }

  // The commands that end in this cycle.
  bool count_finished(bool store_done) {
    const std::array<bool, kCommandCounters> finishing{
        activations_.done(), stream_.done(), core_.read_done(), core_.drain_done(), store_done};
    bool changed = false;
    for (std::size_t i = 0; i < kCommandCounters; ++i) {
      if (!finishing[i]) continue;
      changed = true;
      ++finished_[i];
      if (static_cast<CommandCounter>(i) != CommandCounter::read) ++finished_commands_;
    }
    return changed;
  }

  bool step_loads(const Taken& taken, const ReadDma::Inputs& reads, bool dispatches) {
    const auto asked = [&](std::size_t client) {
      return reads.segment_valid[client] && read_.segment_ready(client);
    };
    const auto word = [&](std::size_t client) {
      return read_.data_valid(client) && reads.data_ready[client];
    };
    bool changed = activations_.step(taken.activations, asked(kActivations), word(kActivations),
                                     word(kActivations) && read_.last(kActivations));
    changed = stream_.step(taken.others, asked(kOthers)) || changed;
    changed = fetch_.step(asked(kFetch), word(kFetch), dispatches) || changed;
    return read_.step(reads) || changed;
  }

  bool step_stores(const TimedCommand* taken, const BusInputs& bus) {
    const bool asked = stores_.storing() && write_.segment_ready(bus.awready);
    const bool changed = write_.step(stores_.storing(), stores_.segment(), bus);
    return stores_.step(taken, asked) || changed;
  }

  bool step_queues(const Taken& taken, bool dispatches, std::size_t command) {
    std::array<bool, 4> reads{};
    reads[static_cast<std::size_t>(Unit::activations)] = taken.activations != nullptr;
    reads[static_cast<std::size_t>(Unit::others)] = taken.others != nullptr;
    reads[static_cast<std::size_t>(Unit::stores)] = taken.stores != nullptr;
    reads[static_cast<std::size_t>(Unit::compute)] = taken.compute;
    bool changed = false;
    for (std::size_t u = 0; u < queues_.size(); ++u) {
      const bool writes = dispatches && static_cast<std::size_t>(commands_[command].unit) == u;
      changed = queues_[u].step(writes, command, reads[u]) || reads[u] || changed;
    }
    return changed;
  }

  bool advance(const BusInputs& bus) {
    core_.evaluate(now_);
    read_.arbitrate(bus.arready);
    stream_.evaluate(read_.data_valid(kOthers), read_.data_valid(kOthers) && read_.last(kOthers),
                     core_.weight_ready());
    const Taken commands = taken();
    const std::size_t next = fetch_.next();
    const bool dispatches =
        fetch_.full() && queues_[static_cast<std::size_t>(commands_[next].unit)].ready();
    const ReadDma::Inputs reads = read_inputs(bus, dispatches);
    const bool row_full = stream_.row_full();
    count_cycles(1);

    bool changed = count_finished(write_.done(bus.bvalid));
    if (core_.command_ends()) ++ended_compute_;
    changed = step_loads(commands, reads, dispatches) || changed;
    changed = step_stores(commands.stores, bus) || changed;
    changed = step_queues(commands, dispatches, next) || changed;
    return core_.step(now_, row_full, commands.compute_offered, commands.compute_command) ||
           changed;
  }

  // rtl/control/cycle_cause.sv.
  std::size_t cause() const {
    enum : std::size_t {
      kCompute,
      kWeights,
      kTable,
      kPartialSums,
      kActivationsCause,
      kBusRequest,
      kBusData,
      kDrain,
      kIdle
    };
    const auto open = missing(Unit::compute);
    const bool waits_activations = open[static_cast<std::size_t>(CommandCounter::activations)];
    const bool waits_others = open[static_cast<std::size_t>(CommandCounter::others)];
    const Core::State state = core_.state();
    switch (state) {
      case Core::State::computing:
        return kCompute;
      case Core::State::table:
        return kTable;
      case Core::State::partial_sums:
        return kPartialSums;
      default:
        break;
    }
    const bool weights = state == Core::State::weights;
    const bool requesting = weights ? read_.requesting(kOthers)
                                    : (waits_activations && read_.requesting(kActivations)) ||
                                          (waits_others && read_.requesting(kOthers));
    const bool receiving = weights ? read_.receiving(kOthers)
                                   : (waits_activations && read_.receiving(kActivations)) ||
                                         (waits_others && read_.receiving(kOthers));
    if (receiving) return kBusData;
    if (requesting) return kBusRequest;
    if (weights) return kWeights;
    if (waits_activations || waits_others) return kActivationsCause;
    if (state == Core::State::draining || stores_.storing() || write_.busy()) return kDrain;
    return kIdle;
  }

  // The present cycle and those that are like it.
  void count_cycles(Cycle count) {
    const auto cycles = static_cast<std::uint64_t>(count);
    const std::size_t why = cause();
    causes_[why] += cycles;
    if (core_.position()) positions_ += cycles;
    if (core_.tile()) ++tiles_;
    if (!report_.commands.empty()) {
      report_.commands[std::min(ended_compute_, report_.commands.size() - 1)][why] += cycles;
    }
  }

  void set_counters() {
    for (std::size_t i = 0; i < registers::kCounters.size(); ++i) {
      const registers::Counter& counter = registers::kCounters[i];
      std::uint64_t& value = report_.counters[i];
      if (counter.cause >= 0) value = causes_.at(static_cast<std::size_t>(counter.cause));
      namespace names = registers::counter;
      const std::uint32_t address = counter.address;
      if (address == names::kCycles.address) value = static_cast<std::uint64_t>(now_);
      if (address == names::kBytesRead.address) {
        value = read_.beats * static_cast<std::uint64_t>(p_.bus_bytes);
      }
      if (address == names::kBytesWritten.address) value = write_.bytes;
      if (address == names::kBurstsRead.address) value = read_.bursts;
      if (address == names::kBurstsWritten.address) value = write_.bursts;
      if (address == names::kCommands.address) value = commands_.size();
      if (address == names::kTiles.address) value = tiles_;
      if (address == names::kPositions.address) value = positions_;
    }
  }

  AcceleratorParameters p_;
  std::vector<TimedCommand> commands_;
  std::vector<int> magnitudes_;
  ReadDma read_;
  WriteDma write_;
  Core core_;
  ActivationLoader activations_;
  StreamLoader stream_;
  StoreUnit stores_;
  CommandFetch fetch_;
  std::vector<Fifo<std::size_t>> queues_;  // by Unit
  CycleReport report_;
  Cycle now_ = 0;
  std::array<std::uint16_t, kCommandCounters> finished_{};
  std::int64_t finished_commands_ = 0;
  CauseCycles causes_{};
  std::uint64_t positions_ = 0;
  std::uint64_t tiles_ = 0;
  std::size_t ended_compute_ = 0;
};

AcceleratorTiming::AcceleratorTiming(const AcceleratorProgram& program, const ShellTiming& shell)
    : implementation_(std::make_unique<Implementation>(program, shell)) {}

AcceleratorTiming::~AcceleratorTiming() = default;

BusOutputs AcceleratorTiming::outputs() const {
  return implementation_->outputs();
}

BusBeat AcceleratorTiming::beat() const {
  return implementation_->beat();
}

bool AcceleratorTiming::step(const BusInputs& inputs) {
  complete_ = implementation_->all_finished();
  return implementation_->step(inputs);
}

std::int64_t AcceleratorTiming::now() const {
  return implementation_->now();
}

std::int64_t AcceleratorTiming::uniform() const {
  return implementation_->uniform();
}

void AcceleratorTiming::skip(std::int64_t cycles) {
  implementation_->skip(cycles);
}

std::int64_t AcceleratorTiming::finished_commands() const {
  return implementation_->finished_commands();
}

std::string AcceleratorTiming::state() const {
  return implementation_->state();
}

CycleReport AcceleratorTiming::report() const {
  return implementation_->report();
}

CycleReport predict_cycles(const AcceleratorProgram& program, const MemoryTiming& memory_timing,
                           const ShellTiming& shell) {
  program.parameters.validate();
  if (program.commands.empty()) {
    CycleReport report;
    report.counters[0] = 1;
    return report;
  }
  constexpr Cycle kStuck = Cycle{1} << 40;
  AcceleratorTiming accelerator(program, shell);
  timing::Memory memory(memory_timing, program.parameters.bus_bytes);
  while (true) {
    const BusOutputs offered = accelerator.outputs();
    const Cycle now = accelerator.now();
    bool changed = accelerator.step(memory.inputs());
    changed = memory.step(now, offered) || changed;
    if (accelerator.complete()) return accelerator.report();
    if (changed) continue;
    const Cycle skipped =
        std::min(accelerator.uniform(), memory.next_event() - 1 - accelerator.now());
    if (skipped <= 0) continue;
    if (skipped >= kStuck) {
      fail(ErrorKind::internal, "cycle model: {}, then nothing goes on", accelerator.state());
    }
    accelerator.skip(skipped);
  }
}

}  // namespace mbm
