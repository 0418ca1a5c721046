// Commands of the accelerator as memory holds them: sixteen words, fields by name.
#pragma once

#include <array>
#include <cstdint>

#include "cmodel/array/registers.hpp"
#include "cmodel/common/error.hpp"

namespace mbm {

// Word 0 first; in memory each word is little-endian.
using CommandRecord = std::array<std::uint32_t, registers::kCommandWords>;

// The bits of a field within its word.
constexpr std::uint32_t field_mask(const registers::Field& field) {
  const std::uint32_t ones = field.bits == 32 ? ~0U : (1U << field.bits) - 1U;
  return ones << field.lsb;
}

// Whether `value` is in the range of `field` and a multiple of its unit.
constexpr bool field_holds(const registers::Field& field, std::int64_t value) {
  return value >= field.least && value <= field.most && value % field.multiple == 0;
}

// Sets `field` of `record`. Throws Error(usage) that names the field if it does not hold `value`.
inline void set_field(CommandRecord& record, const registers::Field& field, std::int64_t value) {
  if (!field_holds(field, value)) {
    fail(ErrorKind::usage, "command field {}: {} is not in {}..{} or no multiple of {}", field.name,
         value, field.least, field.most, field.multiple);
  }
  std::uint32_t& word = record[static_cast<std::size_t>(field.word)];
  const std::uint32_t mask = field_mask(field);
  word = (word & ~mask) | ((static_cast<std::uint32_t>(value) << field.lsb) & mask);
}

// The value of `field`, sign-extended where the field is signed.
inline std::int64_t get_field(const CommandRecord& record, const registers::Field& field) {
  const std::uint32_t word = record[static_cast<std::size_t>(field.word)];
  const std::int64_t value = (word & field_mask(field)) >> field.lsb;
  const bool negative = field.least < 0 && (value >> (field.bits - 1)) != 0;
  return negative ? value - (std::int64_t{1} << field.bits) : value;
}

// A record of nothing but its opcode.
constexpr CommandRecord make_record(std::uint8_t opcode) {
  CommandRecord command{};
  command[0] = opcode;
  return command;
}

}  // namespace mbm
