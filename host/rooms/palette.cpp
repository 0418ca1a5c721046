#include "host/rooms/palette.hpp"

namespace mbm::rooms {

Palette::Palette(RandomStream& random, std::vector<Material>& materials)
    : random_(random), materials_(materials) {
  for (std::size_t& wood : woods_) {
    const Vector colour = wood_colour();
    const Pattern pattern = random_.chance(0.75) ? Pattern::grain : Pattern::plain;
    wood = keep({.pattern = pattern, .colour = colour, .second_colour = colour * 0.6});
  }
  if (random_.chance(0.4)) woods_[2] = plain({0.75, 0.74, 0.7});
  white_ = plain({0.78, 0.78, 0.76});
  metal_ = plain({0.45, 0.45, 0.47});
  dark_ = plain({0.03, 0.03, 0.035});
  leaf_ = plain({0.05, random_.uniform(0.12, 0.3), 0.04});
}

std::size_t Palette::keep(Material material) {
  material.seed = static_cast<std::uint32_t>(random_.bits() >> 32);
  materials_.push_back(material);
  return materials_.size() - 1;
}

// A grey of random lightness with a random, not too strong, tint.
Vector Palette::muted(double darkest, double brightest) {
  const double lightness = random_.uniform(darkest, brightest);
  const double strength = random_.uniform(0.05, 0.45);
  const Vector tint{random_.unit(), random_.unit(), random_.unit()};
  return mix(Vector{1, 1, 1}, tint, strength) * lightness;
}

Vector Palette::wood_colour() {
  constexpr std::array<Vector, 5> kWoods{{{0.42, 0.24, 0.12},    // oak
                                          {0.16, 0.07, 0.035},   // walnut
                                          {0.58, 0.40, 0.22},    // beech
                                          {0.30, 0.11, 0.05},    // cherry
                                          {0.62, 0.50, 0.34}}};  // birch
  const Vector wood = random_.pick(kWoods);
  return wood * random_.uniform(0.75, 1.2);
}

std::size_t Palette::floor() {
  switch (random_.below(4)) {
    case 0:
    case 1: {
      const Vector colour = wood_colour();
      return keep({.pattern = Pattern::planks,
                   .colour = colour,
                   .second_colour = colour * random_.uniform(0.6, 0.85),
                   .size = random_.uniform(0.1, 0.18)});
    }
    case 2: {
      const Vector colour = muted(0.3, 0.7);
      return keep({.pattern = Pattern::tiles,
                   .colour = colour,
                   .second_colour = colour * random_.uniform(0.4, 0.8),
                   .size = random_.uniform(0.3, 0.45)});
    }
    default: {
      const Vector colour = muted(0.15, 0.55);
      return keep({.pattern = Pattern::carpet,
                   .colour = colour,
                   .second_colour = colour * random_.uniform(0.4, 0.75)});
    }
  }
}

std::size_t Palette::ceiling() {
  return plain(muted(0.75, 0.85));
}

std::size_t Palette::wallpaper() {
  const Vector colour = muted(0.4, 0.85);
  const Vector second = colour * random_.uniform(0.7, 0.9);
  const double kind = random_.unit();
  if (kind < 0.6) return plain(colour);
  if (kind < 0.72) {
    return keep({Pattern::stripes, colour, second, random_.uniform(0.1, 0.3)});
  }
  if (kind < 0.84) return keep({Pattern::dots, colour, second, random_.uniform(0.08, 0.2)});
  if (kind < 0.92) {
    return keep({Pattern::tiles, colour, colour * 0.6, random_.uniform(0.15, 0.25)});
  }
  const Vector brick{0.4, 0.16, 0.1};
  return keep({Pattern::bricks, brick * random_.uniform(0.8, 1.5), {0.5, 0.48, 0.45}, 0.24});
}

std::size_t Palette::painting() {
  return keep(
      {.pattern = Pattern::painting, .colour = muted(0.2, 0.8), .second_colour = muted(0.05, 0.6)});
}

std::size_t Palette::window_view() {
  return keep({.pattern = Pattern::view,
               .colour = {0.6, 0.75, 1.0},
               .second_colour = {0.2, 0.3, 0.12},
               .emission = random_.uniform(1.2, 3)});
}

std::size_t Palette::paint() {
  const Vector colour{random_.unit(), random_.unit(), random_.unit()};
  return plain(colour * colour * random_.uniform(0.2, 0.8));
}

std::size_t Palette::fabric() {
  const Vector colour = muted(0.1, 0.6);
  const Vector second = colour * random_.uniform(0.4, 0.8);
  switch (random_.below(4)) {
    case 0:
      return keep({Pattern::checks, colour, second, random_.uniform(0.06, 0.2)});
    case 1:
      return keep({Pattern::stripes, colour, second, random_.uniform(0.04, 0.12)});
    case 2:
      return keep({Pattern::carpet, colour, second, 0.1});
    default:
      return plain(colour);
  }
}

std::size_t Palette::lampshade() {
  return keep({.colour = {1, 0.88, 0.65}, .emission = random_.uniform(1.5, 3.5)});
}

std::size_t Palette::plain(Vector colour) {
  return keep({.colour = colour});
}

std::size_t Palette::wood() {
  return woods_[random_.below(3)];
}

}  // namespace mbm::rooms
