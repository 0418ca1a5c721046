#include "host/multiplier/picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr std::size_t kCorner = 8;

double relative_error(const ProductTable& table, std::size_t a, std::size_t b) {
  const double exact = static_cast<double>(a * b);
  return (static_cast<double>(table(a, b)) - exact) / exact;
}

struct Colour {
  std::uint8_t red, green, blue;
};

Colour colour_of(const ProductTable& table, std::size_t a, std::size_t b, double scale) {
  if (a == 0 || b == 0) return table(a, b) == 0 ? Colour{255, 255, 255} : Colour{0, 0, 0};
  const double error = std::clamp(relative_error(table, a, b) / scale, -1.0, 1.0);
  const auto faded = static_cast<std::uint8_t>(std::lround(255 * (1 - std::abs(error))));
  return error > 0 ? Colour{255, faded, faded} : Colour{faded, faded, 255};
}

}  // namespace

std::string product_corner(const ProductTable& table, std::size_t first_a, std::size_t first_b) {
  if (first_a > ProductTable::kOperands - kCorner || first_b > ProductTable::kOperands - kCorner) {
    fail(ErrorKind::usage, "corner at {},{} found, 0..{} expected", first_a, first_b,
         ProductTable::kOperands - kCorner);
  }
  const auto cell = [](const std::string& text) { return fmt::format("{:>13}", text); };
  std::string text = fmt::format("{:>5}", "a\\b");
  for (std::size_t b = first_b; b < first_b + kCorner; ++b) text += cell(std::to_string(b));
  text += '\n';
  for (std::size_t a = first_a; a < first_a + kCorner; ++a) {
    text += fmt::format("{:>5}", a);
    for (std::size_t b = first_b; b < first_b + kCorner; ++b) {
      const int error = table(a, b) - static_cast<int>(a * b);
      const std::string mark = error == 0 ? "" : fmt::format("({:+})", error);
      text += cell(fmt::format("{}{}", table(a, b), mark));
    }
    text += '\n';
  }
  return text;
}

double heat_map_scale(const ProductTable& table) {
  constexpr std::size_t kSmallest = 16;
  double scale = 0.001;
  for (std::size_t a = kSmallest; a < ProductTable::kOperands; ++a) {
    for (std::size_t b = kSmallest; b < ProductTable::kOperands; ++b) {
      scale = std::max(scale, std::abs(relative_error(table, a, b)));
    }
  }
  return scale;
}

RgbImage error_heat_map(const ProductTable& table, double scale, std::size_t pixels) {
  const std::size_t size = ProductTable::kOperands * pixels;
  RgbImage image{size, size, {}};
  image.values.reserve(size * size * 3);
  for (std::size_t y = 0; y < size; ++y) {
    for (std::size_t x = 0; x < size; ++x) {
      const Colour colour = colour_of(table, y / pixels, x / pixels, scale);
      image.values.insert(image.values.end(), {colour.red, colour.green, colour.blue});
    }
  }
  return image;
}

}  // namespace mbm
