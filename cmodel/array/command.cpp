#include "cmodel/array/command.hpp"

#include <algorithm>
#include <type_traits>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

// Visits the fields that all compute commands have; every visitor takes a field's name in
// registers.hpp and the member that holds it.
template <typename Geometry, typename Visitor>
void visit_geometry(Geometry& geometry, const Visitor& visit) {
  visit("ROWS", geometry.rows);
  visit("COLUMNS", geometry.columns);
  visit("RING_BASE", geometry.ring_base);
  visit("RING_FIRST", geometry.ring_first);
  visit("RING_SIZE", geometry.ring_size);
  visit("RING_ROW_STEP", geometry.ring_row_step);
  visit("RING_TAP_STEP", geometry.ring_tap_step);
  visit("Y_STEP", geometry.y_step);
  visit("Y_FIRST", geometry.y_first);
  visit("HEIGHT", geometry.height);
  visit("U_FIRST", geometry.u_first);
  visit("ROW_ELEMENTS", geometry.row_elements);
  visit("COLUMN_STEP", geometry.column_step);
  visit("TAP_STEP", geometry.tap_step);
  visit("OUTPUT_ADDRESS", geometry.output_address);
  visit("POSITION_PITCH", geometry.position_pitch);
  visit("LOWEST", geometry.lowest);
  visit("HIGHEST", geometry.highest);
}

template <typename Command, typename Visitor>
void visit_fields(Command& command, const Visitor& visit) {
  using Type = std::remove_const_t<Command>;
  if constexpr (std::is_same_v<Type, LoadActivations> || std::is_same_v<Type, Store>) {
    visit("ADDRESS", command.address);
    visit("PITCH", command.pitch);
    visit("ROWS", command.rows);
    visit("FORMAT", command.format);
    visit("ELEMENTS", command.elements);
    if constexpr (std::is_same_v<Type, LoadActivations>) {
      visit("DESTINATION", command.destination);
      visit("DESTINATION_PITCH", command.destination_pitch);
    } else {
      visit("SOURCE", command.source);
      visit("SOURCE_PITCH", command.source_pitch);
    }
  } else if constexpr (std::is_same_v<Type, LoadWeights>) {
    visit("ADDRESS", command.address);
    visit("ROWS", command.rows);
    visit("FORMAT", command.format);
  } else if constexpr (std::is_same_v<Type, LoadParameters>) {
    visit("ADDRESS", command.address);
    visit("CHANNELS", command.channels);
    visit("FIRST", command.first);
  } else if constexpr (std::is_same_v<Type, LoadTable>) {
    visit("ADDRESS", command.address);
    visit("ENTRIES", command.entries);
    visit("FIRST", command.first);
  } else {
    visit_geometry(command.geometry, visit);
    visit("CHANNELS", command.channels);
    if constexpr (std::is_same_v<Type, ConvolutionPass>) {
      visit("KERNEL_ROWS", command.kernel_rows);
      visit("RUNS", command.runs);
      visit("CHUNKS", command.chunks);
      visit("LAST_ROWS", command.last_rows);
      visit("SUM_BITS", command.sum_bits);
      visit("FIRST", command.first);
      visit("LAST", command.last);
      visit("LOG_ACTIVATIONS", command.log_activations);
      visit("LOG_WEIGHTS", command.log_weights);
      visit("TAP_Y_STEP", command.tap_y_step);
      visit("PARAMETER_FIRST", command.parameter_first);
    } else if constexpr (std::is_same_v<Type, Maximum>) {
      visit("WINDOW_ROWS", command.window_rows);
      visit("WINDOW_COLUMNS", command.window_columns);
    } else if constexpr (std::is_same_v<Type, Resize>) {
      visit("BILINEAR", command.bilinear);
      visit("FRACTION_Y_STEP", command.fraction_y_step);
      visit("FRACTION_X_STEP", command.fraction_x_step);
      visit("FRACTION_Y_FIRST", command.fraction_y_first);
      visit("FRACTION_X_FIRST", command.fraction_x_first);
    } else {
      visit("MULTIPLIER", command.multiplier);
      visit("SHIFT", command.shift);
      if constexpr (std::is_same_v<Type, Add>) {
        visit("SECOND", command.second);
        visit("SECOND_MULTIPLIER", command.second_multiplier);
      } else {
        visit("WINDOW_ROWS", command.window_rows);
        visit("WINDOW_COLUMNS", command.window_columns);
        visit("NEGATIVE_MULTIPLIER", command.negative_multiplier);
      }
    }
    if constexpr (!std::is_same_v<Type, Maximum> && !std::is_same_v<Type, Resize>) {
      visit("FLOOR", command.floor);
      visit("LOG_OUTPUT", command.log_output);
    }
  }
}

template <typename Fences, typename Visitor>
void visit_fences(Fences& fences, const Visitor& visit) {
  namespace header = registers::command_header;
  visit(header::kWaitActivations, header::kActivations, fences.activations);
  visit(header::kWaitOthers, header::kOthers, fences.others);
  visit(header::kWaitRead, header::kRead, fences.read);
  visit(header::kWaitDrained, header::kDrained, fences.drained);
  visit(header::kWaitStores, header::kStores, fences.stores);
}

const registers::CommandLayout& layout_of(std::string_view name) {
  const auto& all = registers::kCommands;
  return *std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
}

const registers::Field& field_of(const registers::CommandLayout& layout, std::string_view name) {
  const auto found = std::find_if(layout.fields.begin(), layout.fields.end(),
                                  [&](const auto& one) { return one.name == name; });
  if (found == layout.fields.end()) {
    fail(ErrorKind::internal, "command {} has no field {}", layout.name, name);
  }
  return *found;
}

constexpr std::int64_t kFenceModulus = 65536;

template <std::size_t Index = 0>
CommandOperation command_called(std::string_view name) {
  if constexpr (Index == std::variant_size_v<CommandOperation>) {
    fail(ErrorKind::internal, "no type for command {}", name);
  } else {
    using Type = std::variant_alternative_t<Index, CommandOperation>;
    return Type::kName == name ? CommandOperation(Type{}) : command_called<Index + 1>(name);
  }
}

// The lowest word with a field out of range or a bit outside all fields.
std::optional<std::uint32_t> bad_word(const CommandRecord& record,
                                      const registers::CommandLayout& layout) {
  CommandRecord allowed{};
  std::array<bool, registers::kCommandWords> bad{};
  for (const registers::Field& field : registers::command_header::kFields) {
    allowed.at(static_cast<std::size_t>(field.word)) |= field_mask(field);
  }
  for (const registers::Field& field : layout.fields) {
    const auto word = static_cast<std::size_t>(field.word);
    allowed.at(word) |= field_mask(field);
    if (!field_holds(field, get_field(record, field))) bad.at(word) = true;
  }
  for (std::size_t word = 0; word < record.size(); ++word) {
    if (bad[word] || (record[word] & ~allowed[word]) != 0) return static_cast<std::uint32_t>(word);
  }
  return std::nullopt;
}

}  // namespace

std::string_view command_name(const CommandOperation& operation) {
  return std::visit([](const auto& one) { return one.kName; }, operation);
}

Unit unit_of(const CommandOperation& operation) {
  struct Visitor {
    Unit operator()(const LoadActivations&) const { return Unit::activations; }
    Unit operator()(const LoadWeights&) const { return Unit::others; }
    Unit operator()(const LoadParameters&) const { return Unit::others; }
    Unit operator()(const LoadTable&) const { return Unit::others; }
    Unit operator()(const Store&) const { return Unit::stores; }
    Unit operator()(const ConvolutionPass&) const { return Unit::compute; }
    Unit operator()(const Maximum&) const { return Unit::compute; }
    Unit operator()(const Resize&) const { return Unit::compute; }
    Unit operator()(const Add&) const { return Unit::compute; }
    Unit operator()(const Rescale&) const { return Unit::compute; }
  };
  return std::visit(Visitor{}, operation);
}

const ComputeGeometry& geometry_of(const CommandOperation& operation) {
  return std::visit(
      [](const auto& one) -> const ComputeGeometry& {
        if constexpr (requires { one.geometry; }) {
          return one.geometry;
        } else {
          fail(ErrorKind::internal, "{} is no command of the compute unit", one.kName);
        }
      },
      operation);
}

CommandRecord encode(const Command& command) {
  CommandRecord record{};
  const std::string_view name = command_name(command.operation);
  const registers::CommandLayout& layout = layout_of(name);
  set_field(record, registers::command_header::kOpcode, layout.opcode);
  visit_fences(command.fences, [&](const auto& wait, const auto& count, const auto& fence) {
    if (!fence) return;
    set_field(record, wait, 1);
    set_field(record, count, *fence % kFenceModulus);
  });
  std::visit(
      [&](const auto& operation) {
        visit_fields(operation, [&](std::string_view field_name, const auto& value) {
          const registers::Field& field = field_of(layout, field_name);
          const auto number = static_cast<std::int64_t>(value);
          if (!field_holds(field, number)) {
            fail(ErrorKind::usage, "command {}: {} is {}, {}..{} in steps of {} expected", name,
                 field_name, number, field.least, field.most, field.multiple);
          }
          set_field(record, field, number);
        });
      },
      command.operation);
  return record;
}

std::variant<Command, CommandFault> decode(const CommandRecord& record) {
  const auto opcode =
      static_cast<std::uint32_t>(get_field(record, registers::command_header::kOpcode));
  const auto& all = registers::kCommands;
  const auto layout =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.opcode == opcode; });
  if (layout == all.end()) return CommandFault{registers::Error::opcode, opcode};
  if (const auto word = bad_word(record, *layout)) {
    return CommandFault{registers::Error::field, *word};
  }
  Command command{{}, command_called(layout->name)};
  visit_fences(command.fences, [&](const auto& wait, const auto& count, auto& fence) {
    if (get_field(record, wait) != 0) fence = get_field(record, count);
  });
  std::visit(
      [&](auto& operation) {
        visit_fields(operation, [&](std::string_view field_name, auto& value) {
          value = static_cast<std::remove_reference_t<decltype(value)>>(
              get_field(record, field_of(*layout, field_name)));
        });
      },
      command.operation);
  return command;
}

std::vector<std::uint8_t> command_bytes(std::span<const Command> commands) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(commands.size() * registers::kCommandBytes);
  for (const Command& command : commands) {
    for (const std::uint32_t word : encode(command)) {
      for (int shift = 0; shift < 32; shift += 8) {
        bytes.push_back(static_cast<std::uint8_t>(word >> shift));
      }
    }
  }
  return bytes;
}

CommandRecord record_of(std::span<const std::uint8_t, registers::kCommandBytes> bytes) {
  CommandRecord record{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    record[i / 4] |= static_cast<std::uint32_t>(bytes[i]) << (8 * (i % 4));
  }
  return record;
}

}  // namespace mbm
