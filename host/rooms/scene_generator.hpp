// Furnished rooms from seeds.
#pragma once

#include <cstdint>

#include "host/rooms/renderer.hpp"
#include "host/rooms/scene.hpp"

namespace mbm::rooms {

inline constexpr double kNearestDepth = 0.5;  // metres
inline constexpr double kFarthestDepth = 10;  // metres

// Raised with every change that alters the bytes of any scene.
inline constexpr int kRoomsVersion = 1;

// The room of a seed: its size, surfaces, furniture, lights and a camera at eye height (1.2 to 1.8
// m) that sees nothing nearer than kNearestDepth or farther than kFarthestDepth. The same seed
// gives the same scene on every machine.
Scene make_room(std::uint64_t seed);

// The picture and the depth of make_room(seed), 320 x 240 pixels.
RoomImage render_room(std::uint64_t seed);

}  // namespace mbm::rooms
