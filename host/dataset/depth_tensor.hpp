// What the depth data sets share: bytes to tensors, and the check of a depth map.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <string_view>

namespace mbm {

// Interleaved RGB, height x width x 3, to a uint8 tensor 3 x height x width of its own memory.
at::Tensor planes_of_interleaved(std::span<const std::uint8_t> values, std::int64_t height,
                                 std::int64_t width);

// Throws Error(input) beginning with `where` if the depth map (float32 metres) is zero everywhere
// or has a value that is negative, infinite or not a number.
void check_depth(const at::Tensor& depth, std::string_view where);

}  // namespace mbm
