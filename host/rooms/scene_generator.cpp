#include "host/rooms/scene_generator.hpp"

#include <algorithm>
#include <cmath>

#include "host/rooms/furniture.hpp"
#include "host/rooms/palette.hpp"
#include "host/rooms/random_stream.hpp"

namespace mbm::rooms {
namespace {

// Ground plan of an object in the room, parallel to the axes.
struct Footprint {
  double x_low, x_high, y_low, y_high;
  double z_low, z_high;

  bool overlaps(const Footprint& other, double gap) const {
    return x_low < other.x_high + gap && other.x_low < x_high + gap && y_low < other.y_high + gap &&
           other.y_low < y_high + gap && z_low < other.z_high && other.z_low < z_high;
  }
};

Footprint footprint_of(const Object& object) {
  Footprint print{
      1e9, -1e9, 1e9, -1e9, object.position.z + object.low.z, object.position.z + object.high.z};
  for (int corner = 0; corner < 4; ++corner) {
    const Vector at = object.to_world({(corner & 1) != 0 ? object.high.x : object.low.x,
                                       (corner & 2) != 0 ? object.high.y : object.low.y, 0});
    print.x_low = std::min(print.x_low, at.x);
    print.x_high = std::max(print.x_high, at.x);
    print.y_low = std::min(print.y_low, at.y);
    print.y_high = std::max(print.y_high, at.y);
  }
  return print;
}

// Mean depth in metres that a camera should see; attempts that fail lower it step by step.
constexpr double kWideView = 2.9;

enum class RoomKind { living, bedroom, office, kitchen, mixed };

class RoomBuilder {
 public:
  explicit RoomBuilder(std::uint64_t seed)
      : random_(seed), palette_(random_, scene_.materials), maker_(random_, palette_) {}

  Scene build() {
    choose_size_and_surfaces();
    add_openings();
    furnish(static_cast<RoomKind>(random_.below(5)));
    add_pictures();
    add_lamps();
    scene_.exposure = random_.uniform(0.2, 0.38);
    scene_.white = {random_.uniform(0.9, 1.12), 1, random_.uniform(0.85, 1.12)};
    place_camera();
    return std::move(scene_);
  }

 private:
  void choose_size_and_surfaces() {
    // The diagonal of the floor stays below 10 m, and with it every depth.
    scene_.size = {random_.uniform(3.0, 7.0), random_.uniform(2.8, 6.5),
                   random_.uniform(2.35, 3.0)};
    const std::size_t walls = palette_.wallpaper();
    const std::size_t accent = random_.chance(0.25) ? palette_.wallpaper() : walls;
    scene_.face_materials = {walls, walls, walls, walls, palette_.floor(), palette_.ceiling()};
    scene_.face_materials[static_cast<std::size_t>(random_.below(4))] = accent;
  }

  double wall_length(int wall) const { return (wall & 1) != 0 ? scene_.size.y : scene_.size.x; }

  // Moves an object to `along` metres from the left end of a wall (0: y = 0, then
  // counter-clockwise), its back at `gap` from the wall.
  void stand_at_wall(Object& object, int wall, double along, double gap, double height) const {
    object.rotation = Rotation::quarter_turns(wall);
    switch (wall) {
      case 0:
        object.position = {along, gap, height};
        break;
      case 1:
        object.position = {scene_.size.x - gap, along, height};
        break;
      case 2:
        object.position = {scene_.size.x - along, scene_.size.y - gap, height};
        break;
      default:
        object.position = {gap, scene_.size.y - along, height};
    }
  }

  bool fits(const Footprint& print, double gap) const {
    if (print.x_low < -1e-9 || print.x_high > scene_.size.x + 1e-9) return false;
    if (print.y_low < -1e-9 || print.y_high > scene_.size.y + 1e-9) return false;
    if (print.z_high > scene_.size.z + 1e-9) return false;
    return std::none_of(taken_.begin(), taken_.end(),
                        [&](const Footprint& other) { return print.overlaps(other, gap); });
  }

  void keep(Object object) {
    taken_.push_back(footprint_of(object));
    scene_.objects.push_back(std::move(object));
  }

  // Tries random places along random walls; returns whether one was free.
  bool put_at_wall(Object object, double height = 0, double gap = 0.005) {
    for (int attempt = 0; attempt < 12; ++attempt) {
      const int wall = random_.below(4);
      const double room = wall_length(wall) - (object.high.x - object.low.x);
      if (room <= 0) continue;
      stand_at_wall(object, wall, -object.low.x + room * random_.unit(), gap, height);
      if (!fits(footprint_of(object), 0.03)) continue;
      keep(std::move(object));
      return true;
    }
    return false;
  }

  // Tries random places away from the walls, turned at random.
  bool put_in_room(Object object, double margin) {
    for (int attempt = 0; attempt < 12; ++attempt) {
      const Rotation coarse = Rotation::quarter_turns(random_.below(4));
      object.rotation = coarse.then(Rotation::from_half_tangent(random_.uniform(-0.15, 0.15)));
      object.position = {random_.uniform(margin, scene_.size.x - margin),
                         random_.uniform(margin, scene_.size.y - margin), 0};
      if (!fits(footprint_of(object), 0.05)) continue;
      keep(std::move(object));
      return true;
    }
    return false;
  }

  void add_openings() {
    for (int door = 1 + random_.below(2); door > 0; --door) put_at_wall(maker_.door(), 0, 0);
    for (int window = random_.below(3); window > 0; --window) add_window();
    if (random_.chance(0.2)) put_at_wall(maker_.pillar(scene_.size.z), 0, 0);
  }

  void add_window() {
    const double width = random_.uniform(0.8, 2.0);
    const double height = random_.uniform(0.9, 1.3);
    const double sill = random_.uniform(0.75, 1.0);
    if (!put_at_wall(maker_.window(width, height), sill, 0)) return;
    const Object pane = scene_.objects.back();
    const Vector inside = pane.to_world({0, 0.7, height * 0.6});
    const double daylight = random_.uniform(1.0, 5.0);
    scene_.lights.push_back({inside, Vector{0.8, 0.9, 1.0} * daylight, 0.6});
    if (random_.chance(0.5)) hang_curtains(pane, width, height);
    if (random_.chance(0.4)) place_below(maker_.radiator(), pane);
  }

  void hang_curtains(const Object& window, double width, double height) {
    for (const double side : {-1.0, 1.0}) {
      Object curtain = maker_.curtain(window.position.z + height + 0.15);
      curtain.rotation = window.rotation;
      curtain.position = window.to_world({side * (width / 2 + 0.2), 0, -window.position.z});
      if (fits(footprint_of(curtain), 0)) keep(std::move(curtain));
    }
  }

  void place_below(Object object, const Object& window) {
    object.rotation = window.rotation;
    object.position = window.to_world({0, 0, -window.position.z});
    if (fits(footprint_of(object), 0)) keep(std::move(object));
  }

  void furnish(RoomKind kind) {
    switch (kind) {
      case RoomKind::living:
        furnish_living();
        break;
      case RoomKind::bedroom:
        furnish_bedroom();
        break;
      case RoomKind::office:
        furnish_office();
        break;
      case RoomKind::kitchen:
        furnish_kitchen();
        break;
      case RoomKind::mixed:
        break;
    }
    for (int extra = 2 + random_.below(5); extra > 0; --extra) add_anything();
    if (random_.chance(0.5)) put_in_room(maker_.rug(), 0.8);
  }

  void furnish_living() {
    put_at_wall(maker_.sofa(2 + random_.below(2)), 0, 0.04);
    put_at_wall(maker_.television_stand());
    put_in_room(maker_.coffee_table(), 1.0);
    if (random_.chance(0.6)) put_in_room(maker_.sofa(1), 0.8);
    if (random_.chance(0.6)) put_at_wall(maker_.bookshelf());
  }

  void furnish_bedroom() {
    put_at_wall(maker_.bed());
    put_at_wall(maker_.wardrobe());
    put_at_wall(maker_.cabinet());
    if (random_.chance(0.4)) put_in_room(maker_.chair(), 0.5);
  }

  void furnish_office() {
    for (int desk = 1 + random_.below(2); desk > 0; --desk) {
      if (!put_at_wall(maker_.desk())) continue;
      seat_in_front(scene_.objects.back());
    }
    put_at_wall(maker_.bookshelf());
    put_at_wall(maker_.bookshelf());
    if (random_.chance(0.5)) put_at_wall(maker_.box_pile());
  }

  void furnish_kitchen() {
    put_at_wall(maker_.kitchen_row());
    put_at_wall(maker_.refrigerator());
    dining_group();
  }

  void seat_in_front(const Object& desk) {
    Object chair = maker_.chair();
    chair.rotation = desk.rotation.then(Rotation::quarter_turns(2))
                         .then(Rotation::from_half_tangent(random_.uniform(-0.2, 0.2)));
    chair.position = desk.to_world({random_.uniform(-0.15, 0.25), desk.high.y + 0.6, 0});
    if (fits(footprint_of(chair), 0)) keep(std::move(chair));
  }

  void dining_group() {
    Object table = random_.chance(0.65) ? maker_.table() : maker_.round_table();
    const double width = table.high.x - table.low.x;
    const double depth = table.high.y - table.low.y;
    if (!put_in_room(std::move(table), 1.0)) return;
    const Object placed = scene_.objects.back();
    for (int seat = 0; seat < 4; ++seat) {
      if (random_.chance(0.2)) continue;
      Object chair = maker_.chair();
      const bool front = seat < 2;
      const double x = ((seat & 1) != 0 ? 0.22 : -0.22) * width;
      const double y = front ? -random_.uniform(0.15, 0.45) : depth + random_.uniform(0.15, 0.45);
      chair.rotation = front ? placed.rotation : placed.rotation.then(Rotation::quarter_turns(2));
      chair.position = placed.to_world({x, y, 0});
      if (fits(footprint_of(chair), -0.3)) keep(std::move(chair));
    }
  }

  void add_anything() {
    switch (random_.below(10)) {
      case 0:
        put_at_wall(maker_.bookshelf());
        break;
      case 1:
        put_at_wall(maker_.cabinet());
        break;
      case 2:
        put_at_wall(maker_.wardrobe());
        break;
      case 3:
        put_at_wall(maker_.plant());
        break;
      case 4:
        put_in_room(maker_.chair(), 0.5);
        break;
      case 5:
        put_at_wall(maker_.box_pile());
        break;
      case 6:
        dining_group();
        break;
      case 7:
        put_at_wall(maker_.sofa(1 + random_.below(3)), 0, 0.04);
        break;
      case 8:
        put_at_wall(maker_.desk());
        break;
      default:
        put_at_wall(maker_.bed());
    }
  }

  void add_pictures() {
    for (int count = random_.below(5); count > 0; --count) {
      const double height = random_.uniform(1.3, 1.6);
      put_at_wall(maker_.picture(), height, 0);
    }
  }

  void add_lamps() {
    for (int lamp = 1 + random_.below(2); lamp > 0; --lamp) {
      const double drop = random_.uniform(0.15, 0.6);
      const Vector at{random_.uniform(0.3, 0.7) * scene_.size.x,
                      random_.uniform(0.3, 0.7) * scene_.size.y, scene_.size.z};
      if (random_.chance(0.6) && scene_.size.z - drop > 2.1) {
        Object pendant = maker_.pendant_lamp(drop);
        pendant.position = at;
        scene_.objects.push_back(std::move(pendant));
      }
      scene_.lights.push_back(
          {at - Vector{0, 0, drop + 0.1}, Vector{1, 0.9, 0.75} * random_.uniform(1.0, 4.0), 0.15});
    }
    if (random_.chance(0.4) && put_at_wall(maker_.floor_lamp(), 0, 0.05)) {
      const Object& lamp = scene_.objects.back();
      scene_.lights.push_back({lamp.to_world({0, 0.2, FurnitureMaker::bulb_height(lamp)}),
                               Vector{1, 0.85, 0.6} * random_.uniform(0.4, 1.2), 0.12});
    }
    scene_.ambient = Vector{1, 0.97, 0.93} * random_.uniform(0.15, 0.45);
  }

  // A point where a person could stand, looking across the room.
  Camera random_camera() {
    Camera camera;
    camera.position = {random_.uniform(0.25, scene_.size.x - 0.25),
                       random_.uniform(0.25, scene_.size.y - 0.25), random_.uniform(1.2, 1.8)};
    const Vector target{random_.uniform(0.1, 0.9) * scene_.size.x,
                        random_.uniform(0.1, 0.9) * scene_.size.y, 0};
    const Vector ahead = target - Vector{camera.position.x, camera.position.y, 0};
    const Vector level = normalised(ahead + Vector{1e-6, 0, 0});
    camera.forward = normalised(level + Vector{0, 0, random_.uniform(-0.38, 0.06)});
    const Vector right = normalised(cross(camera.forward, Vector{0, 0, 1}));
    const Vector down = cross(camera.forward, right);
    const double roll = random_.uniform(-0.04, 0.04);
    camera.right = normalised(right + down * roll);
    camera.down = cross(camera.forward, camera.right);
    return camera;
  }

  // Takes the first of some random cameras that sees nothing too near and enough of the room. If
  // none does, the furniture goes piece by piece, which must end in a room with a free view.
  void place_camera() {
    for (int attempt = 0;; ++attempt) {
      scene_.camera = random_camera();
      const DepthRange coarse = depth_range(scene_, 24);
      const bool wide = coarse.mean > kWideView - 0.01 * attempt;
      if (wide && coarse.nearest > kNearestDepth + 0.05 && acceptable()) return;
      if (attempt % 100 == 99 && !scene_.objects.empty()) scene_.objects.pop_back();
    }
  }

  bool acceptable() const {
    const DepthRange range = depth_range(scene_, 1);
    return range.nearest >= kNearestDepth && range.farthest <= kFarthestDepth;
  }

  Scene scene_;
  RandomStream random_;
  Palette palette_;
  FurnitureMaker maker_;
  std::vector<Footprint> taken_;
};

}  // namespace

Scene make_room(std::uint64_t seed) {
  return RoomBuilder(seed).build();
}

RoomImage render_room(std::uint64_t seed) {
  return render(make_room(seed));
}

}  // namespace mbm::rooms
