// Pieces of furniture, each an Object with its back at y = 0, centred on x = 0, standing on z = 0.
// Sizes are those of real furniture, drawn at random within what shops sell.
#pragma once

#include "host/rooms/palette.hpp"
#include "host/rooms/random_stream.hpp"
#include "host/rooms/scene.hpp"

namespace mbm::rooms {

class FurnitureMaker {
 public:
  FurnitureMaker(RandomStream& random, Palette& palette) : random_(random), palette_(palette) {}

  Object table();
  Object round_table();
  Object coffee_table();
  Object chair();
  Object bookshelf();
  Object bed();
  Object sofa(int seats);
  Object cabinet();
  Object wardrobe();
  Object desk();
  Object television_stand();
  Object kitchen_row();
  Object refrigerator();
  Object floor_lamp();  // its light is at (0, 0.2, bulb_height(lamp))
  Object plant();
  Object box_pile();
  Object rug();
  Object radiator();
  Object door();
  Object window(double width, double height);
  Object curtain(double height);
  Object picture();
  Object pendant_lamp(double drop);  // hangs from z = 0 downwards
  Object pillar(double height);

  static double bulb_height(const Object& floor_lamp) { return floor_lamp.high.z - 0.15; }

 private:
  void clutter(Object& object, double x_low, double x_high, double y_low, double y_high, double z,
               int count);
  void books(Object& object, double x_low, double x_high, double depth, double z, double height);
  void legs(Object& object, double width, double depth, double height, double thickness,
            std::size_t material);
  void drawers(Object& object, double width, double depth, double low, double high, int columns,
               int rows, std::size_t front);

  RandomStream& random_;
  Palette& palette_;
};

}  // namespace mbm::rooms
