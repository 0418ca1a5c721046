// Random numbers are drawn in separate statements or in braces wherever their order matters: C++
// leaves the order of function arguments to the compiler, and a seed must mean the same room
// everywhere.
#include "host/rooms/furniture.hpp"

#include <algorithm>

namespace mbm::rooms {
namespace {

Part box(Vector low, Vector high, std::size_t material) {
  return {.low = low, .high = high, .material = material};
}

// Upright, on a circular foot around (x, y).
Part cylinder(double x, double y, double low, double high, double radius, std::size_t material,
              double taper = 1) {
  return {Shape::cylinder,
          {x - radius, y - radius, low},
          {x + radius, y + radius, high},
          material,
          taper};
}

Part ellipsoid(Vector low, Vector high, std::size_t material) {
  return {.shape = Shape::ellipsoid, .low = low, .high = high, .material = material};
}

}  // namespace

void FurnitureMaker::legs(Object& object, double width, double depth, double height,
                          double thickness, std::size_t material) {
  const bool round = random_.chance(0.3);
  for (int corner = 0; corner < 4; ++corner) {
    const double x = (corner & 1) != 0 ? width / 2 - thickness : -width / 2;
    const double y = (corner & 2) != 0 ? depth - thickness : 0;
    if (round) {
      object.add(
          cylinder(x + thickness / 2, y + thickness / 2, 0, height, thickness / 2, material));
    } else {
      object.add(box({x, y, 0}, {x + thickness, y + thickness, height}, material));
    }
  }
}

// Small things lying or standing on a surface: books, vases, bowls, boxes, a small lamp.
void FurnitureMaker::clutter(Object& object, double x_low, double x_high, double y_low,
                             double y_high, double z, int count) {
  for (int item = 0; item < count; ++item) {
    const double x = random_.uniform(x_low + 0.08, x_high - 0.08);
    const double y = random_.uniform(y_low + 0.08, y_high - 0.08);
    const std::size_t material = palette_.paint();
    switch (random_.below(5)) {
      case 0: {
        const double height = random_.uniform(0.02, 0.09);
        object.add(box({x - 0.08, y - 0.07, z}, {x + 0.08, y + 0.07, z + height}, material));
        break;
      }
      case 1: {
        const double height = random_.uniform(0.12, 0.3);
        const double radius = random_.uniform(0.03, 0.06);
        object.add(cylinder(x, y, z, z + height, radius, material, random_.uniform(0.6, 1.3)));
        break;
      }
      case 2: {
        const double radius = random_.uniform(0.04, 0.08);
        object.add(ellipsoid({x - radius, y - radius, z},
                             {x + radius, y + radius, z + radius * random_.uniform(1.2, 2)},
                             material));
        break;
      }
      case 3: {
        const double height = random_.uniform(0.1, 0.25);
        object.add(box({x - 0.06, y - 0.06, z}, {x + 0.06, y + 0.05, z + height}, material));
        break;
      }
      default: {
        object.add(cylinder(x, y, z, z + 0.2, 0.02, palette_.metal()));
        object.add(cylinder(x, y, z + 0.2, z + 0.36, 0.08, palette_.fabric(), 0.7));
      }
    }
  }
}

void FurnitureMaker::books(Object& object, double x_low, double x_high, double depth, double z,
                           double height) {
  double x = x_low;
  while (x < x_high - 0.1) {
    const double width = random_.uniform(0.03, 0.12);
    if (random_.chance(0.85)) {
      const double tall = height * random_.uniform(0.6, 0.92);
      const double deep = depth * random_.uniform(0.6, 0.9);
      object.add(box({x, 0.02, z}, {x + width - 0.003, deep, z + tall}, palette_.paint()));
    }
    x += width;
  }
}

void FurnitureMaker::drawers(Object& object, double width, double depth, double low, double high,
                             int columns, int rows, std::size_t front) {
  const double across = width / columns;
  const double up = (high - low) / rows;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const double x = -width / 2 + column * across;
      const double z = low + row * up;
      object.add(box({x + 0.012, depth, z + 0.012},
                     {x + across - 0.012, depth + 0.018, z + up - 0.012}, front));
      const double middle = x + across / 2;
      const double handle = z + up * 0.6;
      object.add(box({middle - 0.05, depth + 0.018, handle},
                     {middle + 0.05, depth + 0.04, handle + 0.015}, palette_.metal()));
    }
  }
}

Object FurnitureMaker::table() {
  Object object;
  const double width = random_.uniform(1.1, 1.9);
  const double depth = random_.uniform(0.75, 0.95);
  const double height = random_.uniform(0.71, 0.77);
  const std::size_t wood = palette_.wood();
  object.add(box({-width / 2, 0, height - 0.04}, {width / 2, depth, height}, wood));
  legs(object, width * 0.96, depth * 0.98, height - 0.04, 0.07, wood);
  clutter(object, -width / 2, width / 2, 0, depth, height, random_.below(5));
  return object;
}

Object FurnitureMaker::round_table() {
  Object object;
  const double radius = random_.uniform(0.45, 0.65);
  const double height = random_.uniform(0.7, 0.76);
  const std::size_t wood = palette_.wood();
  object.add(cylinder(0, radius, height - 0.035, height, radius, wood));
  object.add(cylinder(0, radius, 0.04, height - 0.035, 0.05, wood));
  object.add(cylinder(0, radius, 0, 0.04, radius * 0.5, wood));
  clutter(object, -radius * 0.6, radius * 0.6, radius * 0.4, radius * 1.6, height,
          random_.below(4));
  return object;
}

Object FurnitureMaker::coffee_table() {
  Object object;
  const double width = random_.uniform(0.8, 1.2);
  const double depth = random_.uniform(0.5, 0.65);
  const double height = random_.uniform(0.38, 0.48);
  const std::size_t wood = palette_.wood();
  object.add(box({-width / 2, 0, height - 0.04}, {width / 2, depth, height}, wood));
  if (random_.chance(0.5)) {
    object.add(box({-width * 0.45, 0.05, 0.12}, {width * 0.45, depth - 0.05, 0.14}, wood));
  }
  legs(object, width, depth, height - 0.04, 0.05, wood);
  clutter(object, -width / 2, width / 2, 0, depth, height, random_.below(4));
  return object;
}

Object FurnitureMaker::chair() {
  Object object;
  const double width = random_.uniform(0.4, 0.48);
  const double seat = random_.uniform(0.43, 0.48);
  const double top = random_.uniform(0.82, 1.02);
  const std::size_t wood = palette_.wood();
  const std::size_t cover = random_.chance(0.5) ? palette_.fabric() : wood;
  object.add(box({-width / 2, 0, seat - 0.05}, {width / 2, width, seat}, cover));
  legs(object, width, width, seat - 0.05, 0.04, wood);
  if (random_.chance(0.5)) {
    object.add(box({-width / 2, 0, seat}, {width / 2, 0.04, top}, cover));
  } else {  // posts with two slats
    object.add(box({-width / 2, 0, seat}, {-width / 2 + 0.035, 0.035, top}, wood));
    object.add(box({width / 2 - 0.035, 0, seat}, {width / 2, 0.035, top}, wood));
    object.add(box({-width / 2, 0.005, top - 0.1}, {width / 2, 0.03, top}, wood));
    object.add(box({-width / 2, 0.005, top - 0.26}, {width / 2, 0.03, top - 0.18}, wood));
  }
  return object;
}

Object FurnitureMaker::bookshelf() {
  Object object;
  const double width = random_.uniform(0.6, 1.2);
  const double depth = random_.uniform(0.26, 0.34);
  const int shelves = 3 + random_.below(4);
  const double pitch = random_.uniform(0.3, 0.36);
  const double height = 0.06 + shelves * pitch;
  const std::size_t wood = palette_.wood();
  object.add(box({-width / 2, 0, 0}, {-width / 2 + 0.02, depth, height + 0.02}, wood));
  object.add(box({width / 2 - 0.02, 0, 0}, {width / 2, depth, height + 0.02}, wood));
  object.add(box({-width / 2, 0, 0}, {width / 2, 0.015, height + 0.02}, wood));
  for (int shelf = 0; shelf <= shelves; ++shelf) {
    const double z = 0.06 + shelf * pitch;
    object.add(box({-width / 2, 0, z - 0.02}, {width / 2, depth, z}, wood));
    if (shelf == shelves) break;
    if (random_.chance(0.75)) {
      books(object, -width / 2 + 0.03, width / 2 - 0.03, depth, z, pitch - 0.03);
    } else {
      clutter(object, -width / 2, width / 2, 0.02, depth, z, 2);
    }
  }
  return object;
}

Object FurnitureMaker::bed() {
  Object object;
  const bool twin = random_.chance(0.6);
  const double width = twin ? random_.uniform(1.4, 1.8) : random_.uniform(0.9, 1.1);
  const double length = random_.uniform(1.95, 2.1);
  const double top = random_.uniform(0.45, 0.6);
  const std::size_t wood = palette_.wood();
  const std::size_t sheet = palette_.white();
  const std::size_t blanket = palette_.fabric();
  object.add(
      box({-width / 2 - 0.03, 0, 0}, {width / 2 + 0.03, 0.05, random_.uniform(0.8, 1.2)}, wood));
  object.add(box({-width / 2, 0.05, 0.1}, {width / 2, length, top - 0.2}, wood));
  object.add(
      box({-width / 2 + 0.02, 0.06, top - 0.2}, {width / 2 - 0.02, length - 0.02, top}, sheet));
  object.add(box({-width / 2 - 0.02, length * random_.uniform(0.3, 0.5), top - 0.25},
                 {width / 2 + 0.02, length + 0.01, top + 0.03}, blanket));
  for (int pillow = 0; pillow < (twin ? 2 : 1); ++pillow) {
    const double centre = twin ? (pillow == 0 ? -width / 4 : width / 4) : 0;
    object.add(ellipsoid({centre - 0.33, 0.08, top - 0.03}, {centre + 0.33, 0.52, top + 0.15},
                         random_.chance(0.5) ? sheet : blanket));
  }
  return object;
}

Object FurnitureMaker::sofa(int seats) {
  Object object;
  const double seat_width = random_.uniform(0.58, 0.7);
  const double arm = random_.uniform(0.12, 0.22);
  const double width = seats * seat_width + 2 * arm;
  const double depth = random_.uniform(0.8, 0.95);
  const double seat = random_.uniform(0.4, 0.46);
  const std::size_t cover = palette_.fabric();
  object.add(box({-width / 2, 0, 0.06}, {width / 2, depth, seat - 0.12}, cover));
  object.add(box({-width / 2, 0, 0.06}, {width / 2, 0.22, random_.uniform(0.75, 0.9)}, cover));
  object.add(box({-width / 2, 0, 0.06}, {-width / 2 + arm, depth, seat + 0.18}, cover));
  object.add(box({width / 2 - arm, 0, 0.06}, {width / 2, depth, seat + 0.18}, cover));
  for (int place = 0; place < seats; ++place) {
    const double x = -width / 2 + arm + place * seat_width;
    object.add(
        box({x + 0.008, 0.2, seat - 0.12}, {x + seat_width - 0.008, depth + 0.01, seat}, cover));
    if (random_.chance(0.4)) {
      object.add(ellipsoid({x + 0.08, 0.2, seat}, {x + 0.5, 0.42, seat + 0.4}, palette_.fabric()));
    }
  }
  return object;
}

Object FurnitureMaker::cabinet() {
  Object object;
  const double width = random_.uniform(0.7, 1.5);
  const double depth = random_.uniform(0.38, 0.5);
  const double height = random_.uniform(0.7, 1.1);
  const std::size_t wood = palette_.wood();
  object.add(box({-width / 2, 0, 0.05}, {width / 2, depth, height}, wood));
  object.add(box({-width / 2 - 0.015, 0, height}, {width / 2 + 0.015, depth + 0.03, height + 0.025},
                 wood));
  const int columns = 1 + random_.below(3);
  drawers(object, width, depth, 0.06, height, columns, 2 + random_.below(3), wood);
  clutter(object, -width / 2, width / 2, 0, depth, height + 0.025, 1 + random_.below(4));
  return object;
}

Object FurnitureMaker::wardrobe() {
  Object object;
  const double width = random_.uniform(1.0, 1.9);
  const double depth = random_.uniform(0.55, 0.62);
  const double height = random_.uniform(1.9, 2.2);
  const std::size_t wood = palette_.wood();
  object.add(box({-width / 2, 0, 0}, {width / 2, depth, height}, wood));
  const int doors = 2 + random_.below(2);
  drawers(object, width, depth, 0.08, height, doors, 1, palette_.wood());
  return object;
}

Object FurnitureMaker::desk() {
  Object object;
  const double width = random_.uniform(1.1, 1.6);
  const double depth = random_.uniform(0.6, 0.8);
  const double height = random_.uniform(0.71, 0.76);
  const std::size_t wood = palette_.wood();
  object.add(box({-width / 2, 0, height - 0.03}, {width / 2, depth, height}, wood));
  object.add(
      box({-width / 2 + 0.02, 0.02, 0}, {-width / 2 + 0.42, depth - 0.05, height - 0.03}, wood));
  object.add(
      box({width / 2 - 0.05, 0.02, 0}, {width / 2 - 0.02, depth - 0.02, height - 0.03}, wood));
  const double screen = random_.uniform(0.22, 0.32);
  const double x = random_.uniform(-0.1, 0.2);
  object.add(cylinder(x, 0.2, height, height + 0.12, 0.025, palette_.dark()));
  object.add(box({x - screen, 0.2, height + 0.1}, {x + screen, 0.24, height + 0.1 + screen * 1.2},
                 palette_.dark()));
  object.add(box({x - 0.22, depth - 0.28, height}, {x + 0.22, depth - 0.13, height + 0.02},
                 random_.chance(0.5) ? palette_.dark() : palette_.white()));
  clutter(object, -width / 2, width / 2, 0, depth, height, random_.below(4));
  return object;
}

Object FurnitureMaker::television_stand() {
  Object object;
  const double width = random_.uniform(1.2, 1.8);
  const double height = random_.uniform(0.4, 0.55);
  const std::size_t wood = palette_.wood();
  object.add(box({-width / 2, 0, 0.03}, {width / 2, 0.42, height}, wood));
  const int doors = 2 + random_.below(2);
  drawers(object, width, 0.42, 0.04, height, doors, 1, palette_.wood());
  const double half = random_.uniform(0.42, 0.65);
  object.add(box({-0.15, 0.12, height}, {0.15, 0.3, height + 0.05}, palette_.dark()));
  object.add(box({-half, 0.18, height + 0.05}, {half, 0.24, height + 0.05 + half * 1.15},
                 palette_.dark()));
  return object;
}

Object FurnitureMaker::kitchen_row() {
  Object object;
  const int units = 3 + random_.below(3);
  const double width = units * 0.6;
  const std::size_t front = palette_.wood();
  const std::size_t body = palette_.white();
  const std::size_t top = palette_.wood();
  object.add(box({-width / 2, 0, 0.1}, {width / 2, 0.58, 0.86}, body));
  object.add(box({-width / 2, 0, 0}, {width / 2, 0.52, 0.1}, palette_.dark()));
  object.add(box({-width / 2, 0, 0.86}, {width / 2, 0.63, 0.9}, top));
  drawers(object, width, 0.58, 0.11, 0.85, units, 1 + random_.below(2), front);
  clutter(object, -width / 2, width / 2, 0.1, 0.6, 0.9, 2 + random_.below(4));
  object.add(box({-width / 2, 0, 1.42}, {width / 2, 0.33, 2.1}, body));
  drawers(object, width, 0.33, 1.43, 2.09, units, 1, front);
  return object;
}

Object FurnitureMaker::refrigerator() {
  Object object;
  const double height = random_.uniform(1.5, 2.0);
  const double split = random_.uniform(0.5, 1.3);
  const std::size_t body = random_.chance(0.6) ? palette_.white() : palette_.metal();
  object.add(box({-0.3, 0, 0.02}, {0.3, 0.58, height}, body));
  object.add(box({-0.3, 0.58, 0.05}, {0.3, 0.64, split - 0.01}, body));
  object.add(box({-0.3, 0.58, split + 0.01}, {0.3, 0.64, height}, body));
  object.add(box({0.24, 0.64, split - 0.35}, {0.27, 0.68, split - 0.05}, palette_.metal()));
  object.add(box({0.24, 0.64, split + 0.05}, {0.27, 0.68, split + 0.35}, palette_.metal()));
  return object;
}

Object FurnitureMaker::floor_lamp() {
  Object object;
  const double height = random_.uniform(1.4, 1.75);
  const double radius = random_.uniform(0.16, 0.2);
  const double taper = random_.uniform(0.5, 0.9);
  Part shade = cylinder(0, 0.2, height - 0.3, height, radius, palette_.lampshade(), taper);
  shade.casts_shadow = false;
  object.add(cylinder(0, 0.2, 0, 0.03, 0.14, palette_.metal()));
  object.add(cylinder(0, 0.2, 0.03, height - 0.3, 0.014, palette_.metal()));
  object.add(shade);
  return object;
}

Object FurnitureMaker::plant() {
  Object object;
  const double radius = random_.uniform(0.12, 0.2);
  const double pot = random_.uniform(0.22, 0.4);
  const double height = random_.uniform(0.7, 1.6);
  object.add(cylinder(0, 0.3, 0, pot, radius, palette_.paint(), 1.25));
  object.add(cylinder(0, 0.3, pot, pot + height * 0.5, 0.015, palette_.wood()));
  for (int leaf = 0; leaf < 14; ++leaf) {
    const double x = random_.uniform(-0.2, 0.2);
    const double y = random_.uniform(0.1, 0.5);
    const double z = pot + random_.uniform(0.05, height * 0.7);
    const double across = random_.uniform(0.05, 0.13);
    const double along = random_.uniform(0.05, 0.13);
    object.add(
        ellipsoid({x - across, y - along, z}, {x + across, y + along, z + 0.14}, palette_.leaf()));
  }
  return object;
}

Object FurnitureMaker::box_pile() {
  Object object;
  double z = 0;
  double half = random_.uniform(0.2, 0.32);
  for (int level = 1 + random_.below(3); level > 0; --level) {
    const double height = random_.uniform(0.2, 0.4);
    object.add(box({-half, 0.02, z}, {half, 0.02 + half * 1.5, z + height},
                   random_.chance(0.5) ? palette_.plain({0.38, 0.26, 0.15}) : palette_.paint()));
    z += height;
    half *= random_.uniform(0.7, 0.95);
  }
  return object;
}

Object FurnitureMaker::rug() {
  Object object;
  const double width = random_.uniform(1.2, 2.4);
  const double depth = random_.uniform(0.9, 1.6);
  object.add(box({-width / 2, 0, 0}, {width / 2, depth, 0.012}, palette_.fabric()));
  return object;
}

Object FurnitureMaker::radiator() {
  Object object;
  const int ribs = 8 + random_.below(10);
  for (int rib = 0; rib < ribs; ++rib) {
    const double x = (rib - ribs / 2.0) * 0.06;
    object.add(box({x, 0.03, 0.12}, {x + 0.045, 0.12, 0.7}, palette_.white()));
  }
  return object;
}

Object FurnitureMaker::door() {
  Object object;
  const double width = random_.uniform(0.8, 0.95);
  const double height = random_.uniform(2.0, 2.08);
  const std::size_t leaf = random_.chance(0.6) ? palette_.white() : palette_.wood();
  const std::size_t frame = random_.chance(0.7) ? palette_.white() : leaf;
  object.add(box({-width / 2, 0, 0}, {width / 2, 0.03, height}, leaf));
  object.add(box({-width / 2 - 0.08, 0, 0}, {-width / 2, 0.05, height + 0.08}, frame));
  object.add(box({width / 2, 0, 0}, {width / 2 + 0.08, 0.05, height + 0.08}, frame));
  object.add(box({-width / 2, 0, height}, {width / 2, 0.05, height + 0.08}, frame));
  if (random_.chance(0.6)) {  // panels
    for (const double low : {0.15, 1.1}) {
      object.add(box({-width * 0.36, 0.03, low}, {width * 0.36, 0.038, low + 0.8}, leaf));
    }
  }
  object.add(
      ellipsoid({width * 0.38, 0.03, 0.98}, {width * 0.38 + 0.06, 0.1, 1.04}, palette_.metal()));
  return object;
}

Object FurnitureMaker::window(double width, double height) {
  Object object;
  const std::size_t frame = random_.chance(0.8) ? palette_.white() : palette_.wood();
  Part pane = box({-width / 2, 0, 0}, {width / 2, 0.01, height}, palette_.window_view());
  pane.casts_shadow = false;
  object.add(pane);
  const auto bar = [&](double left, double right, double low, double high, double depth) {
    object.add(box({left, 0, low}, {right, depth, high}, frame));
  };
  bar(-width / 2 - 0.06, -width / 2, -0.06, height + 0.06, 0.05);
  bar(width / 2, width / 2 + 0.06, -0.06, height + 0.06, 0.05);
  bar(-width / 2, width / 2, height, height + 0.06, 0.05);
  bar(-width / 2 - 0.1, width / 2 + 0.1, -0.06, 0, 0.16);
  const int panes = 1 + random_.below(3);
  for (int mullion = 1; mullion < panes; ++mullion) {
    const double x = -width / 2 + width * mullion / panes;
    bar(x - 0.025, x + 0.025, 0, height, 0.035);
  }
  if (random_.chance(0.4)) bar(-width / 2, width / 2, height * 0.6, height * 0.6 + 0.04, 0.035);
  return object;
}

Object FurnitureMaker::curtain(double height) {
  Object object;
  const int folds = 3 + random_.below(4);
  const std::size_t fabric = palette_.fabric();
  for (int fold = 0; fold < folds; ++fold) {
    const double x = (fold - folds / 2.0) * 0.09;
    object.add(cylinder(x + 0.045, 0.11, 0.03, height, 0.05, fabric));
  }
  return object;
}

Object FurnitureMaker::picture() {
  Object object;
  const double width = random_.uniform(0.3, 1.0);
  const double height = random_.uniform(0.3, 0.8);
  const std::size_t frame = random_.chance(0.5) ? palette_.dark() : palette_.wood();
  object.add(box({-width / 2, 0, 0}, {width / 2, 0.025, height}, frame));
  object.add(box({-width / 2 + 0.03, 0.025, 0.03}, {width / 2 - 0.03, 0.027, height - 0.03},
                 palette_.painting()));
  return object;
}

Object FurnitureMaker::pendant_lamp(double drop) {
  Object object;
  object.add(cylinder(0, 0, -drop, 0, 0.008, palette_.dark()));
  Part shade =
      random_.chance(0.5)
          ? ellipsoid({-0.15, -0.15, -drop - 0.28}, {0.15, 0.15, -drop}, palette_.lampshade())
          : cylinder(0, 0, -drop - 0.2, -drop, 0.2, palette_.lampshade(), 0.4);
  shade.casts_shadow = false;
  object.add(shade);
  return object;
}

Object FurnitureMaker::pillar(double height) {
  Object object;
  const double half = random_.uniform(0.12, 0.3);
  const double depth = random_.uniform(0.15, 0.5);
  object.add(box({-half, 0, 0}, {half, depth, height},
                 random_.chance(0.5) ? palette_.white() : palette_.wallpaper()));
  return object;
}

}  // namespace mbm::rooms
