#include "host/rooms/renderer.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "host/rooms/random_stream.hpp"

namespace mbm::rooms {
namespace {

constexpr int kTile = 16;  // pixels

// Which objects can be seen in each tile of the picture: those whose bounds, projected, touch it.
class TileLists {
 public:
  explicit TileLists(const Scene& scene)
      : columns_((scene.camera.width + kTile - 1) / kTile),
        rows_((scene.camera.height + kTile - 1) / kTile),
        lists_(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_)) {
    for (std::size_t index = 0; index < scene.objects.size(); ++index) {
      insert(scene.camera, scene.objects[index], static_cast<int>(index));
    }
  }

  const std::vector<int>& at(int x, int y) const {
    return lists_[static_cast<std::size_t>(y / kTile * columns_ + x / kTile)];
  }

 private:
  void insert(const Camera& camera, const Object& object, int index) {
    double left = camera.width, right = 0, top = camera.height, bottom = 0;
    for (int corner = 0; corner < 8; ++corner) {
      const Vector local{(corner & 1) != 0 ? object.high.x : object.low.x,
                         (corner & 2) != 0 ? object.high.y : object.low.y,
                         (corner & 4) != 0 ? object.high.z : object.low.z};
      const Vector seen = object.to_world(local) - camera.position;
      const double depth = dot(seen, camera.forward);
      if (depth < 0.05) {  // beside or behind the camera: its projection says nothing
        left = top = 0;
        right = camera.width;
        bottom = camera.height;
        break;
      }
      const double x = 0.5 * camera.width + camera.focal_length * dot(seen, camera.right) / depth;
      const double y = 0.5 * camera.height + camera.focal_length * dot(seen, camera.down) / depth;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = std::max(bottom, y);
    }
    const auto tile = [](double pixel, int count) {
      return static_cast<int>(std::clamp(std::floor(pixel / kTile), 0.0, count - 1.0));
    };
    if (right < -1 || bottom < -1 || left > camera.width + 1 || top > camera.height + 1) return;
    for (int row = tile(top - 1, rows_); row <= tile(bottom + 1, rows_); ++row) {
      for (int column = tile(left - 1, columns_); column <= tile(right + 1, columns_); ++column) {
        lists_[static_cast<std::size_t>(row * columns_ + column)].push_back(index);
      }
    }
  }

  int columns_;
  int rows_;
  std::vector<std::vector<int>> lists_;
};

// A sphere around an object: the cheap first test of a shadow ray.
struct Sphere {
  Vector centre;
  double squared_radius = 0;

  explicit Sphere(const Object& object)
      : centre(object.to_world((object.low + object.high) * 0.5)) {
    const Vector half = (object.high - object.low) * 0.5;
    squared_radius = dot(half, half);
  }

  // Whether the segment from `start` to `start + along` may meet the sphere.
  bool near_segment(Vector start, Vector along, double squared_length) const {
    const Vector towards = centre - start;
    const double share = std::clamp(dot(towards, along) / squared_length, 0.0, 1.0);
    const Vector nearest = towards - along * share;
    return dot(nearest, nearest) < squared_radius;
  }
};

Hit trace(const Scene& scene, const std::vector<int>& candidates, Vector direction) {
  Hit nearest = intersect_shell(scene.size, scene.camera.position, direction);
  for (const int index : candidates) {
    const Object& object = scene.objects[static_cast<std::size_t>(index)];
    if (auto hit = intersect(object, scene.camera.position, direction, nearest.distance)) {
      nearest = *hit;
      nearest.object = index;
    }
  }
  return nearest;
}

// Surface coordinates: the two axes of the box face that the normal is nearest to.
struct SurfacePoint {
  double u;
  double v;
};

SurfacePoint surface_point(const Hit& hit) {
  const Vector n = hit.local_normal;
  if (std::abs(n.z) > std::max(std::abs(n.x), std::abs(n.y))) return {hit.local.x, hit.local.y};
  if (std::abs(n.x) > std::abs(n.y)) return {hit.local.y, hit.local.z};
  return {hit.local.x, hit.local.z};
}

const Material& material_of(const Scene& scene, const Hit& hit) {
  if (hit.object < 0) {
    return scene.materials[scene.face_materials[static_cast<std::size_t>(hit.part)]];
  }
  const Object& object = scene.objects[static_cast<std::size_t>(hit.object)];
  return scene.materials[object.parts[static_cast<std::size_t>(hit.part)].material];
}

// 1 far from an edge, `deepest` at it, over about `reach` metres.
double corner_shade(double distance, double deepest, double reach) {
  const double share = std::clamp(distance / reach, 0.0, 1.0);
  return deepest + (1 - deepest) * share * (2 - share);
}

double shell_shade(const Scene& scene, Vector point, Vector normal) {
  constexpr double kDeepest = 0.6, kReach = 0.5;
  double shade = 1;
  const auto darken = [&](double along, double position, double size) {
    if (std::abs(along) > 0.9) return;  // the surface itself lies in that plane
    shade *= corner_shade(std::min(position, size - position), kDeepest, kReach);
  };
  darken(normal.x, point.x, scene.size.x);
  darken(normal.y, point.y, scene.size.y);
  darken(normal.z, point.z, scene.size.z);
  return shade;
}

// Darkness of the floor (or of a rug) beneath and beside what stands on it.
double contact_shade(const Scene& scene, Vector point) {
  double shade = 1;
  for (const Object& object : scene.objects) {
    if (object.high.z < 0.1 || object.position.z > 0.3) continue;
    const Vector local = object.to_local(point);
    const double x = std::max({object.low.x - local.x, local.x - object.high.x, 0.0});
    const double y = std::max({object.low.y - local.y, local.y - object.high.y, 0.0});
    if (x > 0.3 || y > 0.3) continue;
    shade *= corner_shade(std::sqrt(x * x + y * y), 0.6, 0.3);
  }
  return shade;
}

double ambient_share(const Scene& scene, const Hit& hit, Vector point, Vector normal) {
  double share = shell_shade(scene, point, normal);
  if (point.z < 0.05 && normal.z > 0.5) share *= contact_shade(scene, point);
  if (hit.object >= 0) share *= 0.75 + 0.25 * std::clamp(point.z / 0.6, 0.0, 1.0);
  return share * (0.85 + 0.15 * normal.z);
}

// Light that arrives at a surface, per unit of albedo. `sample` (0..3) chooses one of four points
// of each lamp; neighbouring pixels use different ones and are averaged later.
Vector light_at(const Scene& scene, const std::vector<Sphere>& spheres, const Hit& hit,
                Vector point, Vector normal, int sample) {
  Vector sum = scene.ambient * ambient_share(scene, hit, point, normal);
  const double side = (sample & 1) != 0 ? 0.5 : -0.5;
  const double height = (sample & 2) != 0 ? 0.5 : -0.5;
  const Vector start = point + normal * 1e-4;
  for (const Light& light : scene.lights) {
    const Vector offset{side * light.radius, (side * height > 0 ? 0.5 : -0.5) * light.radius,
                        height * light.radius};
    const Vector towards = light.position + offset - start;
    const double facing = dot(towards, normal);
    if (facing <= 0) continue;
    const double squared = dot(towards, towards);
    bool dark = false;
    for (std::size_t index = 0; index < spheres.size() && !dark; ++index) {
      dark = spheres[index].near_segment(start, towards, squared) &&
             blocks(scene.objects[index], start, towards, 0.999);
    }
    if (dark) continue;
    sum = sum + light.intensity * (facing / (std::sqrt(squared) * (squared + 0.05)));
  }
  return sum;
}

class Picture {
 public:
  explicit Picture(const Scene& scene)
      : scene_(scene),
        tiles_(scene),
        spheres_(scene.objects.begin(), scene.objects.end()),
        width_(scene.camera.width),
        height_(scene.camera.height),
        centres_(pixel_count()),
        light_(pixel_count()),
        linear_(pixel_count()) {}

  RoomImage render() {
    trace_centres();
    average_light();
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) linear_[index(x, y)] = pixel_colour(x, y);
    }
    return develop();
  }

 private:
  std::size_t pixel_count() const {
    return static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_);
  }
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
           static_cast<std::size_t>(x);
  }

  Vector world_normal(const Hit& hit) const {
    if (hit.object < 0) return hit.local_normal;
    return scene_.objects[static_cast<std::size_t>(hit.object)].rotation.apply(hit.local_normal);
  }

  Vector light_of(const Hit& hit, Vector direction, int sample) const {
    const Vector point = scene_.camera.position + direction * hit.distance;
    return light_at(scene_, spheres_, hit, point, world_normal(hit), sample);
  }

  void trace_centres() {
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) {
        const Vector direction = scene_.camera.ray(x + 0.5, y + 0.5);
        const Hit hit = trace(scene_, tiles_.at(x, y), direction);
        centres_[index(x, y)] = hit;
        const bool shines = material_of(scene_, hit).emission > 0;
        light_[index(x, y)] = shines ? Vector{} : light_of(hit, direction, (y & 1) * 2 + (x & 1));
      }
    }
  }

  static bool same_surface(const Hit& a, const Hit& b) {
    return a.object == b.object && a.part == b.part && dot(a.local_normal, b.local_normal) > 0.95;
  }

  // Interleaved sampling (Keller, Heidrich, 2001): four neighbours of one surface used the four
  // points of a lamp; their mean is a soft shadow.
  void average_light() {
    std::vector<Vector> averaged(pixel_count());
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) {
        Vector sum;
        double count = 0;
        for (int row = std::max(y - 1, 0); row <= std::min(y + 1, height_ - 1); ++row) {
          for (int column = std::max(x - 1, 0); column <= std::min(x + 1, width_ - 1); ++column) {
            if (!same_surface(centres_[index(x, y)], centres_[index(column, row)])) continue;
            const double weight = (row == y ? 2 : 1) * (column == x ? 2 : 1);
            sum = sum + light_[index(column, row)] * weight;
            count += weight;
          }
        }
        averaged[index(x, y)] = sum * (1 / count);
      }
    }
    light_ = std::move(averaged);
  }

  // Whether the pixel and all around it see one surface.
  bool is_inside_surface(int x, int y) const {
    if (x == 0 || y == 0 || x == width_ - 1 || y == height_ - 1) return false;
    const Hit& centre = centres_[index(x, y)];
    for (int row = y - 1; row <= y + 1; ++row) {
      for (int column = x - 1; column <= x + 1; ++column) {
        if (!same_surface(centre, centres_[index(column, row)])) return false;
      }
    }
    return true;
  }

  // Where a ray within a pixel meets the scene. Inside a surface only that one is looked at.
  Hit trace_within(int x, int y, Vector direction, bool inside_surface) const {
    if (inside_surface) {
      const Hit& centre = centres_[index(x, y)];
      if (centre.object < 0) return intersect_shell(scene_.size, scene_.camera.position, direction);
      const Object& object = scene_.objects[static_cast<std::size_t>(centre.object)];
      if (auto hit = intersect_part(object, centre.part, scene_.camera.position, direction)) {
        hit->object = centre.object;
        return *hit;
      }
    }
    return trace(scene_, tiles_.at(x, y), direction);
  }

  Vector pixel_colour(int x, int y) const {
    Vector sum;
    const bool inside_surface = is_inside_surface(x, y);
    for (int sample = 0; sample < 4; ++sample) {
      const double across = (sample & 1) != 0 ? 0.75 : 0.25;
      const double along = (sample & 2) != 0 ? 0.75 : 0.25;
      const Vector direction = scene_.camera.ray(x + across, y + along);
      const Hit hit = trace_within(x, y, direction, inside_surface);
      const Material& material = material_of(scene_, hit);
      const SurfacePoint at = surface_point(hit);
      const double facing = std::abs(dot(world_normal(hit), direction));
      const double footprint = hit.distance / (scene_.camera.focal_length * (facing + 0.1));
      const Vector colour = colour_at(material, at.u, at.v, footprint);
      if (material.emission > 0) {
        sum = sum + colour * material.emission;
      } else {
        const bool shared = same_surface(hit, centres_[index(x, y)]);
        sum = sum + colour * (shared ? light_[index(x, y)] : light_of(hit, direction, sample));
      }
    }
    return sum * 0.25;
  }

  static double luminance(Vector c) { return 0.2126 * c.x + 0.7152 * c.y + 0.0722 * c.z; }

  // Exposure to the scene's mean luminance, a shoulder for highlights, gamma 2.
  RoomImage develop() const {
    double mean = 0;
    for (const Vector& colour : linear_) mean += std::min(luminance(colour), 4.0);
    mean /= static_cast<double>(pixel_count());
    const Vector gain = scene_.white * (scene_.exposure / std::max(mean, 1e-6));
    const auto byte = [](double value) {
      const double shoulder = value * (1 + value * 0.25) / (1 + value);
      return static_cast<std::uint8_t>(std::floor(std::min(std::sqrt(shoulder), 1.0) * 255 + 0.5));
    };
    RoomImage image{width_, height_, {}, {}};
    image.rgb.reserve(pixel_count() * 3);
    image.depth.reserve(pixel_count());
    for (std::size_t pixel = 0; pixel < pixel_count(); ++pixel) {
      const Vector colour = linear_[pixel] * gain;
      image.rgb.insert(image.rgb.end(), {byte(colour.x), byte(colour.y), byte(colour.z)});
      image.depth.push_back(
          static_cast<std::uint16_t>(std::floor(centres_[pixel].distance * 1000 + 0.5)));
    }
    return image;
  }

  const Scene& scene_;
  TileLists tiles_;
  std::vector<Sphere> spheres_;  // by object
  int width_;
  int height_;
  std::vector<Hit> centres_;
  std::vector<Vector> light_;
  std::vector<Vector> linear_;
};

}  // namespace

std::vector<double> render_depth(const Scene& scene) {
  const TileLists tiles(scene);
  std::vector<double> depth;
  for (int y = 0; y < scene.camera.height; ++y) {
    for (int x = 0; x < scene.camera.width; ++x) {
      depth.push_back(trace(scene, tiles.at(x, y), scene.camera.ray(x + 0.5, y + 0.5)).distance);
    }
  }
  return depth;
}

DepthRange depth_range(const Scene& scene, int step) {
  const TileLists tiles(scene);
  DepthRange range{1e9, 0, 0};
  int count = 0;
  for (int y = step / 2; y < scene.camera.height; y += step) {
    for (int x = step / 2; x < scene.camera.width; x += step) {
      const Hit hit = trace(scene, tiles.at(x, y), scene.camera.ray(x + 0.5, y + 0.5));
      range.nearest = std::min(range.nearest, hit.distance);
      range.farthest = std::max(range.farthest, hit.distance);
      range.mean += hit.distance;
      ++count;
    }
  }
  range.mean /= count;
  return range;
}

RoomImage render(const Scene& scene) {
  return Picture(scene).render();
}

}  // namespace mbm::rooms
