#include "host/rooms/material.hpp"

#include <algorithm>
#include <cmath>

#include "host/rooms/random_stream.hpp"

namespace mbm::rooms {
namespace {

// Uniform in [0, 1) for a cell of the integer lattice.
double cell_value(std::int64_t column, std::int64_t row, std::uint32_t seed) {
  const auto word = static_cast<std::uint64_t>(column) * 0x9e3779b97f4a7c15u ^
                    static_cast<std::uint64_t>(row) * 0xc2b2ae3d27d4eb4fu ^
                    (static_cast<std::uint64_t>(seed) << 32);
  return static_cast<double>(mix_bits(word) >> 40) * 0x1.0p-24;
}

double smooth(double t) {
  return t * t * (3 - 2 * t);
}

// Value noise in [0, 1): the lattice's values, smoothly interpolated. One unit is one lattice cell.
double noise(double u, double v, std::uint32_t seed) {
  const double column = std::floor(u);
  const double row = std::floor(v);
  const double across = smooth(u - column);
  const double along = smooth(v - row);
  const auto i = static_cast<std::int64_t>(column);
  const auto j = static_cast<std::int64_t>(row);
  const double low = cell_value(i, j, seed) * (1 - across) + cell_value(i + 1, j, seed) * across;
  const double high =
      cell_value(i, j + 1, seed) * (1 - across) + cell_value(i + 1, j + 1, seed) * across;
  return low * (1 - along) + high * along;
}

// How much of a detail of the given width is left when a pixel covers `footprint`: 1 near, 0 far.
double visible_share(double width, double footprint) {
  return std::clamp(1.5 - footprint / width, 0.0, 1.0);
}

// Share of the joint at distance `edge` from the edge of a cell, for joints of the given
// half-width.
double joint(double edge, double half_width, double footprint) {
  const double softness = half_width + footprint;
  const double share = std::clamp((softness - edge) / softness, 0.0, 1.0);
  return share * half_width / softness;
}

double distance_to_edge(double position) {
  const double inside = position - std::floor(position);
  return std::min(inside, 1 - inside);
}

Vector planks(const Material& m, double u, double v, double footprint) {
  const double length = m.size * 8;
  const double row = std::floor(v / m.size);
  const auto row_index = static_cast<std::int64_t>(row);
  const double shifted = u / length + cell_value(row_index, 7, m.seed);
  const double tint = cell_value(static_cast<std::int64_t>(std::floor(shifted)), row_index, m.seed);
  const double grain = noise(u * 3, v * 90, m.seed + 1) * visible_share(0.011, footprint) +
                       noise(u * 1.5, v * 25, m.seed + 2) - 1;
  const double gap = std::max(joint(distance_to_edge(v / m.size) * m.size, 0.002, footprint),
                              joint(distance_to_edge(shifted) * length, 0.002, footprint));
  return mix(m.colour, m.second_colour, tint) * (1 + 0.25 * grain) * (1 - 0.7 * gap);
}

Vector grain(const Material& m, double u, double v, double footprint) {
  const double bend = noise(u * 1.5, v * 2, m.seed) * 0.1;
  const double rings = noise(u * 2, (v + bend) * 40, m.seed + 1) * visible_share(0.025, footprint);
  return mix(m.colour, m.second_colour, 0.7 * rings + 0.3 * noise(u * 4, v * 8, m.seed + 2));
}

Vector tiles(const Material& m, double u, double v, double footprint) {
  const double column = u / m.size;
  const double row = v / m.size;
  const double tint = cell_value(static_cast<std::int64_t>(std::floor(column)),
                                 static_cast<std::int64_t>(std::floor(row)), m.seed);
  const double edge = std::min(distance_to_edge(column), distance_to_edge(row)) * m.size;
  const Vector face = m.colour * (0.92 + 0.12 * tint + 0.06 * noise(u * 12, v * 12, m.seed));
  return mix(face, m.second_colour, joint(edge, 0.006, footprint));
}

Vector bricks(const Material& m, double u, double v, double footprint) {
  const double height = m.size * 0.32;
  const auto row = static_cast<std::int64_t>(std::floor(v / height));
  const double column = u / m.size + ((row & 1) != 0 ? 0.5 : 0.0);
  const double tint = cell_value(static_cast<std::int64_t>(std::floor(column)), row, m.seed);
  const double edge =
      std::min(distance_to_edge(column) * m.size, distance_to_edge(v / height) * height);
  const Vector face = m.colour * (0.75 + 0.4 * tint + 0.15 * noise(u * 40, v * 40, m.seed));
  return mix(face, m.second_colour, joint(edge, 0.007, footprint));
}

Vector carpet(const Material& m, double u, double v, double footprint) {
  const double fine = (noise(u * 110, v * 110, m.seed) - 0.5) * visible_share(0.012, footprint);
  const double coarse = noise(u * 5, v * 5, m.seed + 1) - 0.5;
  return mix(m.colour, m.second_colour, std::clamp(0.5 + 0.9 * fine + 0.4 * coarse, 0.0, 1.0));
}

// 1 inside the dark half of a wave of the given period, 0 outside, softened over a pixel.
double wave(double position, double period, double footprint) {
  const double from_centre = distance_to_edge(position / period) * period;  // 0..period/2
  const double soft = (period / 4 - from_centre) / std::max(footprint, 1e-6) + 0.5;
  const double share = std::clamp(soft, 0.0, 1.0);
  const double left = visible_share(period, footprint);
  return 0.5 + (share - 0.5) * left;
}

Vector checks(const Material& m, double u, double v, double footprint) {
  const double share = 0.5 * (wave(u, m.size, footprint) + wave(v, m.size, footprint));
  return mix(m.colour, m.second_colour, share) * (0.95 + 0.1 * noise(u * 60, v * 60, m.seed));
}

Vector dots(const Material& m, double u, double v, double footprint) {
  const auto row = static_cast<std::int64_t>(std::floor(v / m.size));
  const double column = u / m.size + ((row & 1) != 0 ? 0.5 : 0.0);
  const double across = (column - std::floor(column) - 0.5) * m.size;
  const double along = (v / m.size - static_cast<double>(row) - 0.5) * m.size;
  const double distance = std::sqrt(across * across + along * along);
  const double share = std::clamp((m.size * 0.2 - distance) / std::max(footprint, 1e-6), 0.0, 1.0);
  return mix(m.colour, m.second_colour, share * visible_share(m.size, footprint));
}

Vector painting(const Material& m, double u, double v) {
  const double horizon = noise(u * 3, 0, m.seed) * 0.12;
  const double wash = noise(u * 9, v * 9, m.seed + 1);
  const bool above = v * 0.5 - std::floor(v * 0.5) > 0.4 + horizon;
  const Vector ground = mix(m.second_colour, m.colour * 0.4, wash);
  return above ? mix(m.colour, Vector{0.85, 0.82, 0.75}, wash) : ground;
}

Vector view(const Material& m, double u, double v) {
  const double skyline = 0.35 + 0.4 * noise(u * 2.5, 0, m.seed) + 0.05 * noise(u * 30, 0, m.seed);
  if (v > skyline) return m.colour * (0.8 + 0.2 * noise(u * 1.5, v * 3, m.seed + 1));
  const double leaves = 0.5 * noise(u * 9, v * 9, m.seed + 2) + 0.5 * noise(u * 35, v * 35, m.seed);
  return m.second_colour * (0.4 + 0.8 * leaves);
}

}  // namespace

Vector colour_at(const Material& material, double u, double v, double footprint) {
  switch (material.pattern) {
    case Pattern::plain:
      return material.colour * (0.96 + 0.08 * noise(u * 7, v * 7, material.seed));
    case Pattern::planks:
      return planks(material, u, v, footprint);
    case Pattern::grain:
      return grain(material, u, v, footprint);
    case Pattern::tiles:
      return tiles(material, u, v, footprint);
    case Pattern::bricks:
      return bricks(material, u, v, footprint);
    case Pattern::carpet:
      return carpet(material, u, v, footprint);
    case Pattern::stripes:
      return mix(material.colour, material.second_colour, wave(u, material.size, footprint));
    case Pattern::checks:
      return checks(material, u, v, footprint);
    case Pattern::dots:
      return dots(material, u, v, footprint);
    case Pattern::painting:
      return painting(material, u, v);
    case Pattern::view:
      return view(material, u, v);
  }
  return material.colour;
}

}  // namespace mbm::rooms
