#include "host/format/tensor_bytes.hpp"

#include <algorithm>

namespace mbm {

std::optional<std::uint64_t> tensor_bytes(std::span<const std::int64_t> shape,
                                          std::size_t element_bytes) {
  constexpr std::size_t kMostAxes = 64;
  auto bytes = static_cast<std::int64_t>(element_bytes);
  bool empty = false;
  bool overflow = shape.size() > kMostAxes;
  for (const std::int64_t extent : shape) {
    empty = empty || extent == 0;
    overflow |= __builtin_mul_overflow(bytes, std::max<std::int64_t>(extent, 1), &bytes);
  }
  if (overflow) return std::nullopt;
  return empty ? 0 : static_cast<std::uint64_t>(bytes);
}

}  // namespace mbm
