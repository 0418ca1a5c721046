// Materials of one room, drawn at random and shared by its furniture.
#pragma once

#include <vector>

#include "host/rooms/material.hpp"
#include "host/rooms/random_stream.hpp"

namespace mbm::rooms {

class Palette {
 public:
  Palette(RandomStream& random, std::vector<Material>& materials);

  // Each draws a new material and returns its index.
  std::size_t floor();
  std::size_t ceiling();
  std::size_t wallpaper();
  std::size_t painting();
  std::size_t window_view();
  std::size_t paint();  // one random colour, as of books and boxes
  std::size_t fabric();
  std::size_t lampshade();
  std::size_t plain(Vector colour);
  // One of the room's two woods, or lacquer.
  std::size_t wood();

  // Materials every room has once.
  std::size_t white() const { return white_; }
  std::size_t metal() const { return metal_; }
  std::size_t dark() const { return dark_; }
  std::size_t leaf() const { return leaf_; }

 private:
  std::size_t keep(Material material);
  Vector muted(double darkest, double brightest);
  Vector wood_colour();

  RandomStream& random_;
  std::vector<Material>& materials_;
  std::size_t woods_[3] = {};
  std::size_t white_ = 0;
  std::size_t metal_ = 0;
  std::size_t dark_ = 0;
  std::size_t leaf_ = 0;
};

}  // namespace mbm::rooms
