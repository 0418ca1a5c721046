#include "cmodel/array/operand_format.hpp"

#include <algorithm>

namespace mbm {

using registers::Format;

std::int64_t operand_bytes(Format format) {
  return format == Format::code16 ? 2 : 1;
}

std::int16_t load_operand(Format format, const std::uint8_t* bytes) {
  switch (format) {
    case Format::int8:
      return static_cast<std::int8_t>(bytes[0]);
    case Format::unsigned8:
      return bytes[0];
    case Format::code16: {
      // Nine bits of the two bytes: the sign and eight bits.
      const int low = bytes[0];
      return static_cast<std::int16_t>((bytes[1] & 0x80) != 0 ? low - 256 : low);
    }
    case Format::log8: {
      const int code = bytes[0] & 0x7f;
      return static_cast<std::int16_t>((bytes[0] & 0x80) != 0 ? -code : code);
    }
  }
  return 0;
}

void store_operand(Format format, std::int16_t operand, std::uint8_t* bytes) {
  switch (format) {
    case Format::int8:
      bytes[0] = static_cast<std::uint8_t>(std::clamp<int>(operand, -127, 127));
      return;
    case Format::unsigned8:
      bytes[0] = static_cast<std::uint8_t>(std::max<int>(operand, 0));
      return;
    case Format::code16:
      bytes[0] = static_cast<std::uint8_t>(operand & 0xff);
      bytes[1] = static_cast<std::uint8_t>(operand < 0 ? 0xff : 0);
      return;
    case Format::log8: {
      const int code = (operand < 0 ? -operand : operand) & 0x7f;
      bytes[0] = static_cast<std::uint8_t>(code | (operand < 0 ? 0x80 : 0));
      return;
    }
  }
}

}  // namespace mbm
