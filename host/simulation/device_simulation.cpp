#include "host/simulation/device_simulation.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <utility>

#include "cmodel/array/accelerator_model.hpp"
#include "cmodel/array/cycle_model.hpp"
#include "cmodel/array/network_report.hpp"
#include "cmodel/array/operand_format.hpp"
#include "cmodel/common/error.hpp"
#include "cmodel/network/integer_subnetwork.hpp"
#include "sim/accelerator_library.hpp"

namespace mbm {

struct DevicePart::Program {
  IntegerSubnetwork part;
  LoweredNetwork lowered;
  std::optional<CycleReport> predicted;
};

namespace {

using Program = DevicePart::Program;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

bool stalls_at_random(const AxiMemoryOptions& memory) {
  const AxiMemoryOptions::Stalls& s = memory.stalls;
  return std::max({s.ar, s.r, s.aw, s.w, s.b}) > 0;
}

// What the memory should hold once the part is computed.
void watch_outputs(const Program& part, const std::vector<Codes>& tensors, AxiMemory& memory) {
  std::vector<std::uint8_t> expected(memory.bytes().size());
  std::vector<bool> is_watched(memory.bytes().size(), false);
  for (const IntegerNode& node : part.part.network.nodes) {
    const TensorView& view = part.lowered.tensors[node.output];
    const Codes& codes = tensors[part.part.tensors[node.output]];
    std::size_t index = 0;
    for (std::int64_t c = 0; c < view.channels; ++c) {
      for (std::int64_t y = 0; y < view.height; ++y) {
        for (std::int64_t x = 0; x < view.width; ++x) {
          const auto place = static_cast<std::size_t>(view.place(y, x, c));
          store_operand(view.format, codes[index++], expected.data() + place);
          for (std::int64_t i = 0; i < view.element_bytes(); ++i) {
            is_watched[place + static_cast<std::size_t>(i)] = true;
          }
        }
      }
    }
  }
  memory.watch(std::move(expected), std::move(is_watched));
}

// A run of the Verilated accelerator whose counters are read at the ends of its nodes.
class RtlRun {
 public:
  RtlRun(SimulatedDevice& device, AcceleratorDriver& driver, const Program& part)
      : device_(device), driver_(driver), nodes_(part.part.nodes.size()) {
    if (!part.predicted) return;
    std::uint64_t end = 0;
    for (const LayerCost& cost : layer_costs(part.lowered, *part.predicted)) {
      end += cost.cycles;
      ends_.push_back(end);
    }
  }

  // Runs the program to its end, or up to cycle `stop` of the device.
  void run(const std::function<void(std::size_t)>& advance, std::uint64_t stop = kNever) {
    driver_.start();
    // A snapshot that is ordered in a cycle holds what is counted a few cycles later.
    const std::uint64_t now = device_.cycles();
    const std::uint64_t offset = now - driver_.counters()[0];
    std::size_t done = 0;
    for (std::size_t i = 0; i + 1 < ends_.size(); ++i) {
      const std::uint64_t target = offset + ends_[i];
      if (target >= stop || device_.cycles() > target) continue;
      if (device_.wait(target - device_.cycles())) break;
      const CounterValues counters = driver_.counters();
      snapshots_[counters[0]] = counters;
      advance(i + 1 - done);
      done = i + 1;
    }
    if (stop == kNever) {
      device_.wait(AcceleratorDriver::kPatience);
      finished_ = device_.cycles();
      driver_.finish();
      advance(nodes_ - done);
    } else if (device_.cycles() < stop) {
      device_.wait(stop - device_.cycles());
    }
  }

  // The cycle of the device that its counter CYCLES, `cycles` at the end of the run, counts as 0:
  // the interrupt is seen two cycles after the one that was counted last.
  std::uint64_t first_cycle(std::uint64_t cycles) const { return finished_ - cycles - 2; }

  // What the counters of the device said of node `i`, if they were read at its beginning and its
  // end; `last` are those of the whole run.
  std::optional<CauseCycles> causes(std::size_t i, const CounterValues& last) const {
    if (i >= ends_.size()) return std::nullopt;
    const std::uint64_t begin = i == 0 ? 0 : ends_[i - 1];
    auto result = counters_at(ends_[i], last);
    const auto earlier = counters_at(begin, last);
    if (!result || !earlier) return std::nullopt;
    for (std::size_t c = 0; c < kCauses; ++c) (*result)[c] -= (*earlier)[c];
    return result;
  }

  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

 private:
  // The counters when `cycles` cycles were counted, if they are known.
  std::optional<CauseCycles> counters_at(std::uint64_t cycles, const CounterValues& last) const {
    if (cycles == 0) return CauseCycles{};
    if (cycles == ends_.back()) return causes_of(last);
    const auto found = snapshots_.find(cycles);
    return found == snapshots_.end() ? std::nullopt : std::optional(causes_of(found->second));
  }

  SimulatedDevice& device_;
  AcceleratorDriver& driver_;
  std::size_t nodes_;
  std::vector<std::uint64_t> ends_;  // cycles of the run at the end of each node
  std::uint64_t finished_ = 0;       // cycle of the device in which the interrupt was seen
  std::map<std::uint64_t, CounterValues> snapshots_;  // by the cycles of the run
};

// Everything that is done with one device for one part.
class PartSimulation {
 public:
  PartSimulation(const IntegerNetwork& whole, const Program& part, const DeviceSetup& setup,
                 const std::vector<Codes>& tensors)
      : whole_(whole), part_(part), setup_(setup), tensors_(tensors) {
    const std::int64_t needed = part.lowered.program.memory_bytes;
    memory_ = setup.memory;
    if (memory_.bytes == 0) memory_.bytes = static_cast<std::size_t>(needed);
    if (static_cast<std::int64_t>(memory_.bytes) < needed) {
      fail(ErrorKind::usage, "memory: {} bytes found, the program and its tensors need {}",
           memory_.bytes, needed);
    }
    result_.memory_bytes = needed;
    result_.commands = part.lowered.program.commands.size();
  }

  PartRun run(const std::function<void(std::size_t)>& advance) {
    if (setup_.simulated_as == SimulatedAs::model) {
      run_model(advance);
    } else {
      run_rtl(advance);
    }
    return std::move(result_);
  }

 private:
  void load(AcceleratorDriver& driver) const {
    driver.load(part_.lowered.program);
    const IntegerNetwork& network = part_.part.network;
    for (std::size_t i = 0; i < network.inputs.size(); ++i) {
      driver.write_tensor(part_.lowered.program.inputs[i],
                          tensors_[part_.part.tensors[network.inputs[i]]]);
    }
  }

  void compare(AcceleratorDriver& driver) {
    const Clock::time_point start = Clock::now();
    const std::vector<LayerCost> costs = layer_costs(
        part_.lowered, part_.predicted.value_or(CycleReport{.counters = {}, .commands = none()}));
    for (std::size_t i = 0; i < part_.part.nodes.size(); ++i) {
      const std::size_t tensor = part_.part.network.nodes[i].output;
      NodeRun node;
      node.node = part_.part.nodes[i];
      node.cost = costs[i];
      node.comparison = compare_codes(node.node, whole_.tensors[part_.part.tensors[tensor]],
                                      driver.read_tensor(part_.lowered.tensors[tensor]),
                                      tensors_[part_.part.tensors[tensor]]);
      result_.comparison.add(node.comparison);
      result_.nodes.push_back(std::move(node));
    }
    if (setup_.parameters.kind == ElementKind::lut) result_.table_crc = driver.table_crc();
    result_.compare_seconds = seconds_since(start);
  }

  // No cycles for any compute command.
  std::vector<CauseCycles> none() const {
    const std::vector<Command>& commands = part_.lowered.program.commands;
    return std::vector<CauseCycles>(static_cast<std::size_t>(std::count_if(
        commands.begin(), commands.end(),
        [](const Command& command) { return unit_of(command.operation) == Unit::compute; })));
  }

  void run_model(const std::function<void(std::size_t)>& advance) {
    AcceleratorModel device(setup_.parameters, *setup_.table,
                            static_cast<std::int64_t>(memory_.bytes));
    AcceleratorDriver driver(device);
    load(driver);
    const Clock::time_point start = Clock::now();
    driver.run();
    result_.run_seconds = seconds_since(start);
    advance(part_.part.nodes.size());
    if (part_.predicted) result_.counters = part_.predicted->counters;
    compare(driver);
  }

  void run_rtl(const std::function<void(std::size_t)>& advance) {
    const auto device = make_accelerator(setup_.build, memory_);
    AcceleratorDriver driver(*device);
    load(driver);
    if (setup_.measure_times) device->measure_times();
    watch_outputs(part_, tensors_, device->memory());
    RtlRun run(*device, driver, part_);
    const Clock::time_point start = Clock::now();
    run.run(advance);
    result_.run_seconds = seconds_since(start);
    result_.evaluation_seconds = device->times().evaluation;
    result_.memory_seconds = device->times().memory;
    result_.counters = driver.counters();
    const std::uint64_t first = run.first_cycle(result_.counters[0]);
    if (const auto wrong = device->memory().first_wrong_write()) {
      result_.first_wrong_cycle = *wrong - first;
    }
    compare(driver);
    for (std::size_t i = 0; i < result_.nodes.size(); ++i) measure(run, i);
    if (!setup_.wave.path.empty()) record(first);
  }

  // A run is the same every time: the window is recorded in another one, once it is known where it
  // lies.
  void record(std::uint64_t first) {
    std::uint64_t begin = setup_.wave.first;
    std::uint64_t end = setup_.wave.last;
    if (setup_.wave.before_mismatch > 0) {
      if (!result_.first_wrong_cycle) return;
      end = *result_.first_wrong_cycle;
      begin = end - std::min(end, setup_.wave.before_mismatch - 1);
    } else if (begin > result_.counters[0]) {
      fail(ErrorKind::usage, "--wave-cycles: the run ends after {} cycles, none of {}:{} is in it",
           result_.counters[0], begin, end + 1);
    }
    const auto device = make_accelerator(setup_.build, memory_);
    AcceleratorDriver driver(*device);
    load(driver);
    device->record({setup_.wave.path, first + begin, first + end, first});
    RtlRun(*device, driver, part_).run([](std::size_t) {}, first + end + 2);
    result_.wave = {begin, end};
  }

  void measure(const RtlRun& run, std::size_t i) {
    NodeRun& node = result_.nodes[i];
    const auto causes = run.causes(i, result_.counters);
    if (!causes) return;
    node.measured = node.cost;
    node.measured->causes = *causes;
    node.measured->cycles = 0;
    for (const std::uint64_t cycles : *causes) node.measured->cycles += cycles;
  }

  const IntegerNetwork& whole_;
  const Program& part_;
  const DeviceSetup& setup_;
  const std::vector<Codes>& tensors_;
  AxiMemoryOptions memory_;
  PartRun result_;
};

}  // namespace

void CodeComparison::add(const CodeComparison& later) {
  compared += later.compared;
  mismatches += later.mismatches;
  if (!first) first = later.first;
}

CodeComparison compare_codes(std::size_t node, const IntegerTensor& tensor, const Codes& got,
                             const Codes& want) {
  CodeComparison comparison;
  comparison.compared = tensor.count();
  for (std::int64_t i = 0; i < tensor.count(); ++i) {
    const auto index = static_cast<std::size_t>(i);
    if (got[index] == want[index]) continue;
    ++comparison.mismatches;
    if (comparison.first) continue;
    comparison.first = {
        node,       i / tensor.plane(), i % tensor.plane() / tensor.width, i % tensor.width,
        got[index], want[index]};
  }
  return comparison;
}

DevicePart prepare_part(const IntegerNetwork& whole, const std::vector<std::size_t>& nodes,
                        const DeviceSetup& setup) {
  const auto program = std::make_shared<Program>();
  program->part = extract_subnetwork(whole, nodes);
  program->lowered = lower_network(program->part.network, setup.parameters, *setup.table);
  DevicePart part{nodes, std::nullopt, program};
  if (stalls_at_random(setup.memory)) return part;
  program->predicted = predict_cycles(
      program->lowered.program,
      {.latency = setup.memory.latency, .bytes_per_cycle = setup.memory.bytes_per_cycle});
  part.predicted = program->predicted->counters;
  return part;
}

std::vector<std::vector<std::size_t>> cut_nodes(const DevicePart& all, std::size_t count) {
  const Program& program = *all.program;
  if (count == 1 || !program.predicted) return {all.nodes};
  std::vector<std::vector<std::size_t>> parts(1);
  const std::vector<LayerCost> costs = layer_costs(program.lowered, *program.predicted);
  const double share =
      static_cast<double>(program.predicted->cycles()) / static_cast<double>(count);
  double done = 0;
  for (std::size_t i = 0; i < costs.size(); ++i) {
    // A node goes where its middle lies.
    const double middle = done + static_cast<double>(costs[i].cycles) / 2;
    if (middle > share * static_cast<double>(parts.size()) && !parts.back().empty()) {
      parts.emplace_back();
    }
    parts.back().push_back(all.nodes[i]);
    done += static_cast<double>(costs[i].cycles);
  }
  return parts;
}

PartRun run_part(const IntegerNetwork& whole, const DevicePart& part, const DeviceSetup& setup,
                 const std::vector<Codes>& tensors,
                 const std::function<void(std::size_t)>& advance) {
  return PartSimulation(whole, *part.program, setup, tensors).run(advance);
}

}  // namespace mbm
