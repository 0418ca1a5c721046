#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <span>

namespace mbm {

// The elements of a contiguous float32 tensor, which must outlive the span.
inline std::span<const float> values_of(const at::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

inline std::span<float> mutable_values_of(at::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

}  // namespace mbm
