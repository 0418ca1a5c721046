// Operands of sign and 8-bit magnitude as they lie in memory (docs/accelerator.md, section 2).
#pragma once

#include <cstdint>
#include <span>

#include "cmodel/array/registers.hpp"

namespace mbm {

std::int64_t operand_bytes(registers::Format format);

// The operand that a load makes of the bytes at `bytes`, -255..255. A log code is sign and code,
// minus zero is zero.
std::int16_t load_operand(registers::Format format, const std::uint8_t* bytes);

// The bytes that a store writes for an operand: int8 saturates, unsigned8 makes 0 of a negative
// one.
void store_operand(registers::Format format, std::int16_t operand, std::uint8_t* bytes);

}  // namespace mbm
