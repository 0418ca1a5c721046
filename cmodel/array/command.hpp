// Commands of the accelerator as software writes them: sixteen words, fields by name.
#pragma once

#include <array>
#include <cstdint>

#include "cmodel/array/registers.hpp"
#include "cmodel/common/error.hpp"

namespace mbm {

// Word 0 first; in memory each word is little-endian.
using Command = std::array<std::uint32_t, registers::kCommandWords>;

// Sets `field` of `command`. Throws Error(usage) that names the field if `value` is out of its
// range.
inline void set_field(Command& command, const registers::Field& field, std::int64_t value) {
  if (value < field.least || value > field.most || value % field.multiple != 0) {
    fail(ErrorKind::usage, "command field {}: {} is not in {}..{} or no multiple of {}", field.name,
         value, field.least, field.most, field.multiple);
  }
  const auto mask = static_cast<std::uint32_t>((std::uint64_t{1} << field.bits) - 1);
  std::uint32_t& word = command[static_cast<std::size_t>(field.word)];
  word = (word & ~(mask << field.lsb)) | ((static_cast<std::uint32_t>(value) & mask) << field.lsb);
}

// The value of `field`, sign-extended where the field is signed.
inline std::int64_t get_field(const Command& command, const registers::Field& field) {
  const std::uint64_t mask = (std::uint64_t{1} << field.bits) - 1;
  const std::uint64_t bits = (command[static_cast<std::size_t>(field.word)] >> field.lsb) & mask;
  const bool negative = field.least < 0 && (bits >> (field.bits - 1)) != 0;
  return static_cast<std::int64_t>(bits) - (negative ? static_cast<std::int64_t>(mask) + 1 : 0);
}

// A command of nothing but its opcode.
constexpr Command make_command(std::uint8_t opcode) {
  Command command{};
  command[0] = opcode;
  return command;
}

}  // namespace mbm
