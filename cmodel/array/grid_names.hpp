// How people name what grids consist of.
#pragma once

#include <array>
#include <string_view>

namespace mbm {

// By ElementKind.
inline constexpr std::array<std::string_view, 3> kElementKindNames{"exact", "log", "lut"};

// The multipliers that a logarithmic grid is built with, numbered as mbm_pkg::PRODUCT_*.
inline constexpr std::array<std::string_view, 3> kLogProductNames{"mitchell", "mbm", "mbm-ref"};

}  // namespace mbm
