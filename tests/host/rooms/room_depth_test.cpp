// Depth of scenes that have a closed form, derived here from the pinhole equations and not from the
// renderer: a plane at distance d along the axis has depth d; a floor h below the camera has depth
// h * f / (y - cy); a side wall w to the right has depth w * f / (x - cx).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "host/rooms/renderer.hpp"

namespace mbm::rooms {
namespace {

// Looking along +x from (1, 2, 1.5) in an empty room of 6 x 5 x 2.5 m; to the right is -y.
Scene empty_room() {
  Scene scene;
  scene.size = {6, 5, 2.5};
  scene.materials = {Material{.colour = {0.5, 0.5, 0.5}}};
  scene.ambient = {1, 1, 1};
  scene.camera.position = {1, 2, 1.5};
  scene.camera.forward = {1, 0, 0};
  scene.camera.right = {0, -1, 0};
  scene.camera.down = {0, 0, -1};
  return scene;
}

double closed_form(int column, int row) {
  const double across = (column + 0.5 - 160) / 289;
  const double down = (row + 0.5 - 120) / 289;
  const double end_wall = 6 - 1;
  const double side_wall = across > 0 ? 2 / across : (5 - 2) / -across;
  const double level = down > 0 ? 1.5 / down : (2.5 - 1.5) / -down;
  return std::min({end_wall, side_wall, level});
}

std::size_t count_wrong(const std::vector<double>& depth) {
  std::size_t wrong = 0;
  for (int row = 0; row < 240; ++row) {
    for (int column = 0; column < 320; ++column) {
      const double found = depth[static_cast<std::size_t>(row * 320 + column)];
      wrong += std::abs(found - closed_form(column, row)) > 1e-9 ? 1 : 0;
    }
  }
  return wrong;
}

// The pixel whose ray is nearest to the optical axis is (160, 120), half a pixel off both ways.
double centre_depth(const Scene& scene) {
  const std::vector<double> depth = render_depth(scene);
  return depth[120 * 320 + 160];
}

Object single_part(Part part, Vector position, double half_tangent = 0) {
  Object object;
  object.add(part);
  object.position = position;
  object.rotation = Rotation::from_half_tangent(half_tangent);
  return object;
}

TEST(RoomDepth, EmptyRoomIsItsPlanes) {
  std::vector<double> depth = render_depth(empty_room());
  ASSERT_EQ(depth.size(), 320U * 240U);
  EXPECT_EQ(count_wrong(depth), 0U);
  depth[12345] += 1e-6;  // the check must notice a micrometre
  EXPECT_EQ(count_wrong(depth), 1U);
}

TEST(RoomDepth, EmptyRoomShowsAllItsKindsOfSurface) {
  // Guards the test above: floor, ceiling, both side walls and the end wall are all seen.
  const std::vector<double> depth = render_depth(empty_room());
  EXPECT_LT(depth[239 * 320 + 160], 4.0);  // floor
  EXPECT_LT(depth[0 * 320 + 160], 2.5);    // ceiling
  EXPECT_LT(depth[120 * 320 + 319], 4.0);  // right wall
  EXPECT_EQ(depth[120 * 320 + 160], 5.0);  // end wall
}

TEST(RoomDepth, MillimetresAreRoundedDepth) {
  const Scene scene = empty_room();
  const std::vector<double> depth = render_depth(scene);
  const RoomImage image = render(scene);
  ASSERT_EQ(image.depth.size(), depth.size());
  ASSERT_EQ(image.rgb.size(), depth.size() * 3);
  for (std::size_t pixel = 0; pixel < depth.size(); ++pixel) {
    ASSERT_NEAR(image.depth[pixel], depth[pixel] * 1000, 0.5 + 1e-9) << pixel;
  }
}

TEST(RoomDepth, BoxFaceHidesTheWall) {
  Scene scene = empty_room();
  scene.objects.push_back(single_part({.low = {-0.5, -1, 0}, .high = {0.5, 1, 2}}, {4, 2, 0}));
  EXPECT_DOUBLE_EQ(centre_depth(scene), 4 - 0.5 - 1);
}

TEST(RoomDepth, TurnedBoxShowsItsEdge) {
  // By 45 degrees, tan(22.5 degrees) = sqrt(2) - 1: the edge of a box of half-width 0.5 points at
  // the camera, 0.5 * sqrt(2) before its centre. The ray is half a pixel beside the edge, on a face
  // that recedes as fast as it goes aside.
  Scene scene = empty_room();
  scene.objects.push_back(
      single_part({.low = {-0.5, -0.5, 0}, .high = {0.5, 0.5, 2}}, {4, 2, 0}, std::sqrt(2.0) - 1));
  const double edge = 3 - 0.5 * std::sqrt(2.0);
  EXPECT_NEAR(centre_depth(scene), edge / (1 - 0.5 / 289), 1e-12);
}

TEST(RoomDepth, SphereIsWhereItsEquationSays) {
  // |origin + t d - centre| = r with centre 3 m ahead on the axis, d = (1, e, e), e = 0.5 / 289:
  // t^2 (1 + 2 e^2) - 6 t + 9 - r^2 = 0.
  Scene scene = empty_room();
  scene.objects.push_back(
      single_part({.shape = Shape::ellipsoid, .low = {-0.4, -0.4, -0.4}, .high = {0.4, 0.4, 0.4}},
                  {4, 2, 1.5}));
  const double a = 1 + 2 * (0.5 / 289) * (0.5 / 289);
  EXPECT_NEAR(centre_depth(scene), (3 - std::sqrt(9 - a * (9 - 0.16))) / a, 1e-12);
}

TEST(RoomDepth, CylinderSideAndTop) {
  Scene scene = empty_room();
  const Part upright{.shape = Shape::cylinder, .low = {-0.3, -0.3, 0}, .high = {0.3, 0.3, 2}};
  scene.objects.push_back(single_part(upright, {4, 2, 0}));
  const double e = 0.5 / 289;
  EXPECT_NEAR(centre_depth(scene), (3 - std::sqrt(9 - (1 + e * e) * (9 - 0.09))) / (1 + e * e),
              1e-12);

  // From above: the camera looks down on the lid, 0.7 m below it.
  Scene above = empty_room();
  above.camera.position = {4, 2, 2.2};
  above.camera.forward = {0, 0, -1};
  above.camera.right = {0, -1, 0};
  above.camera.down = {-1, 0, 0};
  Part low = upright;
  low.high.z = 1.5;
  above.objects.push_back(single_part(low, {4, 2, 0}));
  EXPECT_NEAR(centre_depth(above), 0.7, 1e-12);
}

TEST(RoomDepth, ConeTapersToItsTop) {
  // A frustum of radius 0.4 at z = 1 and 0.2 at z = 2 seen at z = 1.5, where its radius is 0.3. The
  // ray is within half a pixel of that height and of the axis: 2 mm at this distance.
  Scene scene = empty_room();
  scene.objects.push_back(single_part(
      {.shape = Shape::cylinder, .low = {-0.4, -0.4, 1}, .high = {0.4, 0.4, 2}, .taper = 0.5},
      {4, 2, 0}));
  EXPECT_NEAR(centre_depth(scene), 3 - 0.3, 0.002);
}

TEST(RoomDepth, NearestOfTwoObjectsWins) {
  Scene scene = empty_room();
  scene.objects.push_back(single_part({.low = {0, -1, 0}, .high = {0.1, 1, 2}}, {4, 2, 0}));
  scene.objects.push_back(single_part({.low = {0, -1, 0}, .high = {0.1, 1, 2}}, {3, 2, 0}));
  EXPECT_DOUBLE_EQ(centre_depth(scene), 2);
  std::swap(scene.objects[0], scene.objects[1]);
  EXPECT_DOUBLE_EQ(centre_depth(scene), 2);
}

TEST(RoomShadow, LightBehindAScreenDarkensTheFloor) {
  Scene scene = empty_room();
  scene.ambient = {0, 0, 0};
  scene.lights.push_back({{5.5, 2, 2.4}, {1, 1, 1}, 0.0});
  scene.exposure = 0.2;
  const auto lit = render(scene).rgb;
  scene.objects.push_back(single_part({.low = {0, -2, 2.2}, .high = {3, 2.9, 2.25}}, {3, 2, 0}));
  const auto shaded = render(scene).rgb;
  const std::size_t floor_pixel = (200 * 320 + 160) * 3;
  EXPECT_GT(lit[floor_pixel], 20);
  EXPECT_LT(shaded[floor_pixel], 2);  // ambient light is off and the only lamp is hidden
}

}  // namespace
}  // namespace mbm::rooms
