// The accelerator's commands as types, and their 64-byte records. Where a field lies in a record
// says cmodel/array/registers.hpp alone; what it means says docs/registers.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "cmodel/array/command_record.hpp"
#include "cmodel/array/registers.hpp"

namespace mbm {

// What a command waits for: so many finished commands of a unit since the run began. A record holds
// them modulo 2^16.
struct Fences {
  std::optional<std::int64_t> activations;  // activation loads, all written
  std::optional<std::int64_t> others;       // other loads
  std::optional<std::int64_t> read;         // compute commands, last activation read
  std::optional<std::int64_t> drained;      // compute commands, last result in the output buffer
  std::optional<std::int64_t> stores;       // stores, last write response received

  bool operator==(const Fences&) const = default;
};

struct LoadActivations {
  static constexpr std::string_view kName = "LOAD_ACTIVATIONS";
  std::int64_t address = 0;
  std::int64_t pitch = 0;
  std::int64_t rows = 1;
  std::int64_t format = 0;  // registers::Format
  std::int64_t elements = 1;
  std::int64_t destination = 0;
  std::int64_t destination_pitch = 0;

  bool operator==(const LoadActivations&) const = default;
};

struct LoadWeights {
  static constexpr std::string_view kName = "LOAD_WEIGHTS";
  std::int64_t address = 0;
  std::int64_t rows = 1;
  std::int64_t format = 0;

  bool operator==(const LoadWeights&) const = default;
};

struct LoadParameters {
  static constexpr std::string_view kName = "LOAD_PARAMETERS";
  std::int64_t address = 0;
  std::int64_t channels = 1;
  std::int64_t first = 0;

  bool operator==(const LoadParameters&) const = default;
};

struct LoadTable {
  static constexpr std::string_view kName = "LOAD_TABLE";
  std::int64_t address = 0;
  std::int64_t entries = 8;
  std::int64_t first = 0;

  bool operator==(const LoadTable&) const = default;
};

struct Store {
  static constexpr std::string_view kName = "STORE";
  std::int64_t address = 0;
  std::int64_t pitch = 0;
  std::int64_t rows = 1;
  std::int64_t format = 0;
  std::int64_t elements = 1;
  std::int64_t source = 0;
  std::int64_t source_pitch = 0;

  bool operator==(const Store&) const = default;
};

// What every command of the compute unit says: output positions, the ring of input rows, the
// element within a row, the place and the range of the results.
struct ComputeGeometry {
  std::int64_t rows = 1;        // n
  std::int64_t columns = 1;     // m
  std::int64_t ring_base = 0;   // in units of kRingUnit elements, as all of the ring
  std::int64_t ring_first = 0;  // where row y_first lies
  std::int64_t ring_size = 1;
  std::int64_t ring_row_step = 0;  // y_step rows, modulo the size
  std::int64_t ring_tap_step = 0;  // rows from a tap row to the next, modulo the size
  std::int64_t y_step = 1;
  std::int64_t y_first = 0;
  std::int64_t height = 1;
  std::int64_t u_first = 0;
  std::int64_t row_elements = 1;
  std::int64_t column_step = 0;
  std::int64_t tap_step = 0;
  std::int64_t output_address = 0;
  std::int64_t position_pitch = 0;
  std::int64_t lowest = 0;
  std::int64_t highest = 0;

  bool operator==(const ComputeGeometry&) const = default;
};

struct ConvolutionPass {
  static constexpr std::string_view kName = "CONVOLVE";
  ComputeGeometry geometry;
  std::int64_t kernel_rows = 1;
  std::int64_t runs = 1;
  std::int64_t chunks = 1;
  std::int64_t last_rows = 1;
  std::int64_t channels = 1;
  std::int64_t sum_bits = 32;
  bool first = true;
  bool last = true;
  bool floor = false;
  bool log_output = false;
  bool log_activations = false;
  bool log_weights = false;
  std::int64_t tap_y_step = 1;
  std::int64_t parameter_first = 0;

  std::int64_t tiles() const { return kernel_rows * runs * chunks; }
  std::int64_t positions() const { return geometry.rows * geometry.columns; }
  bool operator==(const ConvolutionPass&) const = default;
};

struct Maximum {
  static constexpr std::string_view kName = "MAXIMUM";
  ComputeGeometry geometry;
  std::int64_t window_rows = 1;
  std::int64_t window_columns = 1;
  std::int64_t channels = 1;

  bool operator==(const Maximum&) const = default;
};

struct Resize {
  static constexpr std::string_view kName = "RESIZE";
  ComputeGeometry geometry;
  std::int64_t channels = 1;
  bool bilinear = false;
  std::int64_t fraction_y_step = 0;
  std::int64_t fraction_x_step = 0;
  std::int64_t fraction_y_first = 0;
  std::int64_t fraction_x_first = 0;

  bool operator==(const Resize&) const = default;
};

struct Add {
  static constexpr std::string_view kName = "ADD";
  ComputeGeometry geometry;
  std::int64_t channels = 1;
  std::int64_t second = 0;
  std::int64_t multiplier = 0;
  std::int64_t second_multiplier = 0;
  std::int64_t shift = 0;
  bool floor = false;
  bool log_output = false;

  bool operator==(const Add&) const = default;
};

struct Rescale {
  static constexpr std::string_view kName = "RESCALE";
  ComputeGeometry geometry;
  std::int64_t window_rows = 1;  // the scaled codes of a window are summed
  std::int64_t window_columns = 1;
  std::int64_t channels = 1;
  std::int64_t multiplier = 0;
  std::int64_t negative_multiplier = 0;
  std::int64_t shift = 0;
  bool floor = false;
  bool log_output = false;

  bool operator==(const Rescale&) const = default;
};

using CommandOperation = std::variant<LoadActivations, LoadWeights, LoadParameters, LoadTable,
                                      Store, ConvolutionPass, Maximum, Resize, Add, Rescale>;

struct Command {
  Fences fences;
  CommandOperation operation;

  bool operator==(const Command&) const = default;
};

// Queues of the accelerator; each does its commands in order.
enum class Unit : std::uint8_t { activations, others, compute, stores };

Unit unit_of(const CommandOperation& operation);
std::string_view command_name(const CommandOperation& operation);

// The fields of a compute command that all of them have.
const ComputeGeometry& geometry_of(const CommandOperation& operation);  // of Unit::compute only

// Throws Error(usage) that names command and field if a value does not fit its field.
CommandRecord encode(const Command& command);

// Why the hardware refuses a command.
struct CommandFault {
  registers::Error code = registers::Error::none;
  std::uint32_t detail = 0;

  bool operator==(const CommandFault&) const = default;
};

// A command, or why the dispatcher refuses it. Fences are those of the record, below 2^16.
std::variant<Command, CommandFault> decode(const CommandRecord& record);

// Records as they lie in memory, little-endian.
std::vector<std::uint8_t> command_bytes(std::span<const Command> commands);
CommandRecord record_of(std::span<const std::uint8_t, registers::kCommandBytes> bytes);

}  // namespace mbm
