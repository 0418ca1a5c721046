// Procedural surfaces: a pattern, two colours and a size in metres.
#pragma once

#include <cstdint>

#include "host/rooms/vector.hpp"

namespace mbm::rooms {

enum class Pattern {
  plain,     // one colour with faint mottling (plaster, paint, lacquer)
  planks,    // wooden boards `size` wide, eight times as long, staggered
  grain,     // wood of furniture, grain along u
  tiles,     // squares of `size` with grout in the second colour
  bricks,    // running bond, `size` long
  carpet,    // fine two-colour noise
  stripes,   // vertical stripes of period `size`
  checks,    // woven squares of period `size`
  dots,      // wallpaper with a dot every `size`
  painting,  // blotches of both colours around a horizon, as a picture on a wall
  view,      // daylight seen through a window: sky above, the second colour below
};

struct Material {
  Pattern pattern = Pattern::plain;
  Vector colour{};         // linear RGB, 0..1
  Vector second_colour{};  // linear RGB, 0..1
  double size = 0.1;       // metres
  double emission = 0;     // radiance of a surface that shines by itself; 0 for all others
  std::uint32_t seed = 0;
};

// Colour of `material` at surface coordinates (u, v) in metres. `footprint` is the width in metres
// that a pixel covers there: detail finer than it fades into its mean, which keeps far surfaces
// from aliasing.
Vector colour_at(const Material& material, double u, double v, double footprint);

}  // namespace mbm::rooms
