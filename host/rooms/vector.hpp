// Points, directions (metres, z up) and linear RGB colours.
#pragma once

#include <cmath>

namespace mbm::rooms {

struct Vector {
  double x = 0;
  double y = 0;
  double z = 0;

  friend Vector operator+(Vector a, Vector b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend Vector operator-(Vector a, Vector b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend Vector operator*(Vector a, double s) { return {a.x * s, a.y * s, a.z * s}; }
  friend Vector operator*(Vector a, Vector b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
};

inline double dot(Vector a, Vector b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline Vector cross(Vector a, Vector b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline Vector normalised(Vector a) {
  return a * (1 / std::sqrt(dot(a, a)));
}
inline Vector mix(Vector a, Vector b, double share) {
  return a * (1 - share) + b * share;
}

// A rotation about the vertical. It is made from the tangent of half the angle, because sine and
// cosine of the mathematics library may differ in the last bit between machines.
struct Rotation {
  double cosine = 1;
  double sine = 0;

  static Rotation from_half_tangent(double t) {
    const double scale = 1 / (1 + t * t);
    return {(1 - t * t) * scale, 2 * t * scale};
  }
  // By `turns` quarter turns, counter-clockwise, 0..3.
  static Rotation quarter_turns(int turns) {
    constexpr double cosines[] = {1, 0, -1, 0};
    constexpr double sines[] = {0, 1, 0, -1};
    return {cosines[turns & 3], sines[turns & 3]};
  }

  Rotation then(Rotation other) const {
    return {cosine * other.cosine - sine * other.sine, sine * other.cosine + cosine * other.sine};
  }
  Vector apply(Vector v) const {
    return {cosine * v.x - sine * v.y, sine * v.x + cosine * v.y, v.z};
  }
  Vector undo(Vector v) const {
    return {cosine * v.x + sine * v.y, cosine * v.y - sine * v.x, v.z};
  }
};

}  // namespace mbm::rooms
