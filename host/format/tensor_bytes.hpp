#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace mbm {

// The bytes that a dense tensor of this shape needs. Nothing if no tensor can have the shape: more
// than 64 axes, or extents whose product (zeros left out, as strides are) exceeds 63 bits. Extents
// are from 0.
std::optional<std::uint64_t> tensor_bytes(std::span<const std::int64_t> shape,
                                          std::size_t element_bytes);

}  // namespace mbm
