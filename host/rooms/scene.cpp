#include "host/rooms/scene.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mbm::rooms {
namespace {

constexpr double kNoHit = std::numeric_limits<double>::infinity();
constexpr double kNearest = 1e-6;  // parameters below are the surface the ray starts from

struct Crossing {
  double distance = kNoHit;
  Vector normal;
};

// Entry and exit of a ray through a box by the slab method. A ray parallel to a slab divides by
// zero; IEEE infinities then give the right answer (Williams et al., JGT 2005).
struct Span {
  double entry = -kNoHit;
  double exit = kNoHit;
  int axis = 0;  // that the entry face is perpendicular to

  void clip(double low, double high, double origin, double inverse, int slab_axis) {
    double near = (low - origin) * inverse;
    double far = (high - origin) * inverse;
    if (near > far) std::swap(near, far);
    if (near > entry) {
      entry = near;
      axis = slab_axis;
    }
    if (far < exit) exit = far;
  }
};

Span clip_to_box(Vector low, Vector high, Vector origin, Vector inverse) {
  Span span;
  span.clip(low.x, high.x, origin.x, inverse.x, 0);
  span.clip(low.y, high.y, origin.y, inverse.y, 1);
  span.clip(low.z, high.z, origin.z, inverse.z, 2);
  return span;
}

Vector axis_normal(int axis, Vector direction) {
  if (axis == 0) return {direction.x > 0 ? -1.0 : 1.0, 0, 0};
  if (axis == 1) return {0, direction.y > 0 ? -1.0 : 1.0, 0};
  return {0, 0, direction.z > 0 ? -1.0 : 1.0};
}

// The smaller root of a t^2 + 2 b t + c = 0, or none.
double first_root(double a, double b, double c) {
  const double discriminant = b * b - a * c;
  if (discriminant <= 0 || a == 0) return kNoHit;
  const double root = std::sqrt(discriminant);
  return std::min((-b - root) / a, (-b + root) / a);
}

Crossing cross_ellipsoid(Vector centre, Vector half, Vector origin, Vector direction) {
  const Vector scale{1 / half.x, 1 / half.y, 1 / half.z};
  const Vector o = (origin - centre) * scale;
  const Vector d = direction * scale;
  const double distance = first_root(dot(d, d), dot(o, d), dot(o, o) - 1);
  if (!(distance > kNearest && distance < kNoHit)) return {};
  return {distance, normalised((o + d * distance) * scale)};
}

// In the frustum's unit coordinates the radius is 1 at z = -1 and `taper` at z = 1.
Crossing cross_frustum(const Part& part, Vector origin, Vector direction) {
  const Vector centre = (part.low + part.high) * 0.5;
  const Vector half = (part.high - part.low) * 0.5;
  const Vector scale{1 / half.x, 1 / half.y, 1 / half.z};
  const Vector o = (origin - centre) * scale;
  const Vector d = direction * scale;
  const double slope = 0.5 * (part.taper - 1);
  const double radius = 0.5 * (part.taper + 1) + slope * o.z;
  Crossing nearest;
  const double a = d.x * d.x + d.y * d.y - slope * slope * d.z * d.z;
  const double b = o.x * d.x + o.y * d.y - slope * d.z * radius;
  const double side = first_root(a, b, o.x * o.x + o.y * o.y - radius * radius);
  const double side_height = o.z + side * d.z;
  if (side > kNearest && side < kNoHit && side_height > -1 && side_height < 1) {
    const Vector at = o + d * side;
    const double rim = 0.5 * (part.taper + 1) + slope * at.z;
    nearest = {side, normalised(Vector{at.x, at.y, -slope * rim} * scale)};
  }
  const double end_height = d.z > 0 ? -1 : 1;
  const double end = (end_height - o.z) / d.z;
  const Vector at = o + d * end;
  const double end_radius = d.z > 0 ? 1 : part.taper;
  if (end > kNearest && end < nearest.distance &&
      at.x * at.x + at.y * at.y < end_radius * end_radius) {
    nearest = {end, {0, 0, end_height}};
  }
  return nearest;
}

Crossing cross_part(const Part& part, Vector origin, Vector direction, Vector inverse) {
  const Span span = clip_to_box(part.low, part.high, origin, inverse);
  if (span.entry > span.exit || span.exit < kNearest) return {};
  switch (part.shape) {
    case Shape::box:
      if (span.entry <= kNearest) return {};  // from inside: the camera is never there
      return {span.entry, axis_normal(span.axis, direction)};
    case Shape::cylinder:
      return cross_frustum(part, origin, direction);
    case Shape::ellipsoid:
      return cross_ellipsoid((part.low + part.high) * 0.5, (part.high - part.low) * 0.5, origin,
                             direction);
  }
  return {};
}

Vector inverse_of(Vector v) {
  return {1 / v.x, 1 / v.y, 1 / v.z};
}

}  // namespace

void Object::add(const Part& part) {
  if (parts.empty()) {
    low = part.low;
    high = part.high;
  }
  low = {std::min(low.x, part.low.x), std::min(low.y, part.low.y), std::min(low.z, part.low.z)};
  high = {std::max(high.x, part.high.x), std::max(high.y, part.high.y),
          std::max(high.z, part.high.z)};
  parts.push_back(part);
}

std::optional<Hit> intersect(const Object& object, Vector origin, Vector direction, double limit) {
  const Vector o = object.to_local(origin);
  const Vector d = object.rotation.undo(direction);
  const Vector inverse = inverse_of(d);
  const Span bounds = clip_to_box(object.low, object.high, o, inverse);
  if (bounds.entry > bounds.exit || bounds.exit < kNearest || bounds.entry > limit) return {};
  Crossing nearest;
  nearest.distance = limit;
  int nearest_part = -1;
  for (std::size_t index = 0; index < object.parts.size(); ++index) {
    const Crossing crossing = cross_part(object.parts[index], o, d, inverse);
    if (crossing.distance < nearest.distance) {
      nearest = crossing;
      nearest_part = static_cast<int>(index);
    }
  }
  if (nearest_part < 0) return {};
  return Hit{nearest.distance, -1, nearest_part, o + d * nearest.distance, nearest.normal};
}

std::optional<Hit> intersect_part(const Object& object, int part, Vector origin, Vector direction) {
  const Vector o = object.to_local(origin);
  const Vector d = object.rotation.undo(direction);
  const Crossing crossing =
      cross_part(object.parts[static_cast<std::size_t>(part)], o, d, inverse_of(d));
  if (crossing.distance == kNoHit) return {};
  return Hit{crossing.distance, -1, part, o + d * crossing.distance, crossing.normal};
}

bool blocks(const Object& object, Vector origin, Vector direction, double limit) {
  const Vector o = object.to_local(origin);
  const Vector d = object.rotation.undo(direction);
  const Vector inverse = inverse_of(d);
  const Span bounds = clip_to_box(object.low, object.high, o, inverse);
  if (bounds.entry > bounds.exit || bounds.exit < kNearest || bounds.entry > limit) return false;
  return std::any_of(object.parts.begin(), object.parts.end(), [&](const Part& part) {
    return part.casts_shadow && cross_part(part, o, d, inverse).distance < limit;
  });
}

Hit intersect_shell(Vector room_size, Vector origin, Vector direction) {
  const auto plane = [](double size, double from, double along) {
    if (along == 0) return kNoHit;
    return along > 0 ? (size - from) / along : -from / along;
  };
  const double x = plane(room_size.x, origin.x, direction.x);
  const double y = plane(room_size.y, origin.y, direction.y);
  const double z = plane(room_size.z, origin.z, direction.z);
  Hit hit;
  hit.distance = std::min({x, y, z});
  const auto set_face = [&](Face face, Vector normal) {
    hit.part = static_cast<int>(face);
    hit.local_normal = normal;
  };
  if (hit.distance == z) {
    direction.z > 0 ? set_face(Face::ceiling, {0, 0, -1}) : set_face(Face::floor, {0, 0, 1});
  } else if (hit.distance == x) {
    direction.x > 0 ? set_face(Face::high_x, {-1, 0, 0}) : set_face(Face::low_x, {1, 0, 0});
  } else {
    direction.y > 0 ? set_face(Face::high_y, {0, -1, 0}) : set_face(Face::low_y, {0, 1, 0});
  }
  hit.local = origin + direction * hit.distance;
  return hit;
}

}  // namespace mbm::rooms
