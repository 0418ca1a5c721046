// A tensor in the accelerator's memory: height, width, channels, the channels of a pixel next to
// each other. Pixels may lie further apart than their channels: a part of a concatenation.
#pragma once

#include <cstdint>

#include "cmodel/array/operand_format.hpp"

namespace mbm {

struct TensorView {
  std::int64_t address = 0;  // bytes
  std::int64_t height = 1;
  std::int64_t width = 1;
  std::int64_t channels = 1;
  std::int64_t pixel_pitch = 1;  // bytes from a pixel to the next; a row is width times as much
  registers::Format format = registers::Format::code16;

  std::int64_t element_bytes() const { return operand_bytes(format); }
  std::int64_t row_pitch() const { return width * pixel_pitch; }
  std::int64_t bytes() const { return height * row_pitch(); }
  std::int64_t place(std::int64_t y, std::int64_t x, std::int64_t channel) const {
    return address + y * row_pitch() + x * pixel_pitch + channel * element_bytes();
  }
  // Whether `count` channels are all there is between a pixel and the next.
  bool dense(std::int64_t count) const { return count * element_bytes() == pixel_pitch; }

  // Channels first..first+count-1 of the same pixels.
  TensorView slice(std::int64_t first, std::int64_t count) const {
    TensorView view = *this;
    view.address += first * element_bytes();
    view.channels = count;
    return view;
  }
};

}  // namespace mbm
