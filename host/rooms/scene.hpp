// What a room is made of. World coordinates in metres: x and y span the floor, z is up, the room is
// [0, size.x] x [0, size.y] x [0, size.z].
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "host/rooms/material.hpp"
#include "host/rooms/vector.hpp"

namespace mbm::rooms {

enum class Shape {
  box,
  cylinder,  // vertical, elliptic, with closed ends; `taper` makes it a frustum
  ellipsoid,
};

// A body inscribed in an axis-parallel box of its object's coordinates.
struct Part {
  Shape shape = Shape::box;
  Vector low;
  Vector high;
  std::size_t material = 0;  // index into Scene::materials
  double taper = 1;          // radius at the top over radius at the bottom
  bool casts_shadow = true;  // false for panes and lampshades, which let light through
};

// A piece of furniture or of the building: parts in coordinates of its own, where it stands with
// its back to the plane y = 0 and its foot on z = 0; then turned about the vertical and moved.
struct Object {
  std::vector<Part> parts;
  Vector low;  // bounds of all parts
  Vector high;
  Vector position;
  Rotation rotation;

  void add(const Part& part);
  Vector to_world(Vector local) const { return position + rotation.apply(local); }
  Vector to_local(Vector world) const { return rotation.undo(world - position); }
};

struct Light {
  Vector position;
  Vector intensity;     // linear RGB; irradiance at one metre, facing the light
  double radius = 0.1;  // metres, softens shadows
};

// A pinhole camera without distortion. Depth is measured along `forward`.
struct Camera {
  Vector position;
  Vector forward;  // the three axes are orthonormal
  Vector right;
  Vector down;
  int width = 320;
  int height = 240;
  double focal_length = 289;  // pixels: 57.9 x 45.1 degrees at 320 x 240, as a Kinect

  // Direction through column x and row y in pixels; the centre of the first pixel is (0.5, 0.5).
  // Its component along `forward` is 1, so a ray parameter is a depth.
  Vector ray(double x, double y) const {
    return forward + right * ((x - 0.5 * width) / focal_length) +
           down * ((y - 0.5 * height) / focal_length);
  }
};

// The inner faces of the room's box, in this order.
enum class Face { low_x, high_x, low_y, high_y, floor, ceiling };

struct Scene {
  Vector size;
  std::array<std::size_t, 6> face_materials{};  // by Face
  std::vector<Material> materials;
  std::vector<Object> objects;
  std::vector<Light> lights;
  Vector ambient;          // linear RGB light from everywhere
  double exposure = 0.18;  // mean luminance the picture is scaled to
  Vector white{1, 1, 1};   // colour cast of the camera
  Camera camera;
};

// Where a ray meets the scene first.
struct Hit {
  double distance = 0;  // ray parameter; depth in metres for Camera::ray
  int object = -1;      // index into Scene::objects, -1 for the room itself
  int part = 0;         // index into Object::parts, or the Face
  Vector local;         // the point in the object's coordinates (the room's: the world's)
  Vector local_normal;  // outward, of length 1, in the same coordinates
};

// The nearest point of one object on a ray with parameter in (0, limit), if any.
std::optional<Hit> intersect(const Object& object, Vector origin, Vector direction, double limit);

// The point where a ray meets one part of an object, if any.
std::optional<Hit> intersect_part(const Object& object, int part, Vector origin, Vector direction);

// Whether any part that casts a shadow meets the ray at a parameter in (0, limit).
bool blocks(const Object& object, Vector origin, Vector direction, double limit);

// Where a ray from inside the room meets its floor, ceiling or walls.
Hit intersect_shell(Vector room_size, Vector origin, Vector direction);

}  // namespace mbm::rooms
