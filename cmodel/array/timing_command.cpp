#include "cmodel/array/timing_command.hpp"

#include <algorithm>
#include <set>

#include "cmodel/array/compute_fault.hpp"
#include "cmodel/array/operand_format.hpp"
#include "cmodel/array/resize_walk.hpp"
#include "cmodel/common/error.hpp"

namespace mbm::timing {
namespace {

// Adds to `result` what an operation asks for.
struct OperationTiming {
  const AcceleratorParameters& p;
  TimedCommand& result;

  void operator()(const LoadActivations& one) const { rows(one); }
  void operator()(const Store& one) const { rows(one); }
  void operator()(const LoadWeights& one) const {
    result.weights = true;
    result.wide = static_cast<registers::Format>(one.format) == registers::Format::code16;
    result.address = one.address;
    result.row_bytes = one.rows * p.columns * (result.wide ? 2 : 1);
  }
  void operator()(const LoadParameters& one) const {
    result.address = one.address;
    result.row_bytes = one.channels * 16;
  }
  void operator()(const LoadTable& one) const {
    result.address = one.address;
    result.row_bytes = one.entries * 2;
  }
  void operator()(const ConvolutionPass& one) const {
    result.convolve = true;
    result.first = one.first;
    result.last = one.last;
    result.tiles = one.tiles();
    result.positions = one.positions();
    result.groups = groups(one.channels);
  }
  void operator()(const Maximum& one) const { window(one); }
  void operator()(const Rescale& one) const { window(one); }
  void operator()(const Resize& one) const { vector(one, resize_row_taps(one)); }
  void operator()(const Add& one) const { vector(one, one.geometry.columns * 2); }

 private:
  std::int64_t groups(std::int64_t channels) const { return (channels + p.lanes - 1) / p.lanes; }

  template <typename Transfer>
  void rows(const Transfer& one) const {
    result.address = one.address;
    result.pitch = one.pitch;
    result.rows = one.rows;
    result.row_bytes = one.elements * operand_bytes(static_cast<registers::Format>(one.format));
  }

  template <typename Vector>
  void vector(const Vector& one, std::int64_t row_taps) const {
    result.groups = groups(one.channels);
    result.taps = one.geometry.rows * result.groups * row_taps;
  }

  template <typename Window>
  void window(const Window& one) const {
    vector(one, one.geometry.columns * one.window_rows * one.window_columns);
  }
};

TimedCommand timed(const Command& command, const AcceleratorParameters& parameters) {
  TimedCommand result;
  result.unit = unit_of(command.operation);
  const Fences& f = command.fences;
  const std::array<std::optional<std::int64_t>, kCommandCounters> fences{
      f.activations, f.others, f.read, f.drained, f.stores};
  for (std::size_t i = 0; i < kCommandCounters; ++i) {
    result.waits[i] = fences[i].has_value();
    result.counts[i] = static_cast<std::uint16_t>(fences[i].value_or(0));
  }
  std::visit(OperationTiming{parameters, result}, command.operation);
  return result;
}

}  // namespace

std::vector<TimedCommand> timed_commands(const AcceleratorProgram& program) {
  std::vector<TimedCommand> result;
  bool open = false;
  for (const Command& command : program.commands) {
    encode(command);  // its fields fit
    result.push_back(timed(command, program.parameters));
    if (result.back().unit != Unit::compute) continue;
    const ComputeFault fault = compute_fault(command.operation, program.parameters, open);
    if (fault != ComputeFault::none) {
      fail(ErrorKind::usage, "cycle model: the compute core refuses command {} ({}) with code {}",
           result.size() - 1, command_name(command.operation), static_cast<int>(fault));
    }
    if (result.back().convolve) open = !result.back().last;
  }
  return result;
}

std::vector<int> tile_magnitudes(const AcceleratorProgram& program) {
  std::vector<int> result;
  const std::int64_t tile_operands = program.parameters.rows * program.parameters.columns;
  std::vector<std::int16_t> operands;
  for (const Command& command : program.commands) {
    const auto* load = std::get_if<LoadWeights>(&command.operation);
    if (load == nullptr) continue;
    const auto format = static_cast<registers::Format>(load->format);
    const std::int64_t size = operand_bytes(format);
    const auto segment = std::find_if(
        program.segments.begin(), program.segments.end(), [&](const MemorySegment& one) {
          return load->address >= one.address &&
                 load->address < one.address + static_cast<std::int64_t>(one.bytes.size());
        });
    if (segment == program.segments.end()) {
      fail(ErrorKind::usage, "cycle model: weights at {:#x} are not in the program", load->address);
    }
    const std::uint8_t* bytes =
        segment->bytes.data() + static_cast<std::size_t>(load->address - segment->address);
    for (std::int64_t i = 0; i < load->rows * program.parameters.columns; ++i) {
      operands.push_back(load_operand(format, bytes + static_cast<std::size_t>(i * size)));
    }
  }
  for (std::size_t i = 0; i + static_cast<std::size_t>(tile_operands) <= operands.size();
       i += static_cast<std::size_t>(tile_operands)) {
    std::set<int> present;
    for (std::size_t o = 0; o < static_cast<std::size_t>(tile_operands); ++o) {
      present.insert(std::abs(operands[i + o]));
    }
    result.push_back(static_cast<int>(present.size()));
  }
  return result;
}

}  // namespace mbm::timing
