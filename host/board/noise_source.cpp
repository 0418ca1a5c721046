#include "host/board/byte_stream.hpp"

namespace mbm {

std::uint8_t NoiseSource::pass(std::uint8_t byte, bool& arrives) {
  const double draw = std::generate_canonical<double, 32>(generator_);
  arrives = draw >= noise_.lost;
  if (!arrives) {
    ++lost_;
  } else if (draw < noise_.lost + noise_.corrupted) {
    byte ^= static_cast<std::uint8_t>(1U << (generator_() & 7U));
    ++corrupted_;
  }
  return byte;
}

}  // namespace mbm
