#pragma once

namespace mbm {

// Version of the numerics: raised by any change of any output bit of the golden model.
inline constexpr int kNumericsVersion = 1;

}  // namespace mbm
