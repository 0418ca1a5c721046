// The roofline of a network on a simulated accelerator.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/format/svg.hpp"
#include "host/result/simulation_result.hpp"

namespace mbm {
namespace {

constexpr double kWidth = 900;
constexpr double kHeight = 560;
constexpr double kLeft = 80;
constexpr double kRight = 30;
constexpr double kTop = 40;
constexpr double kBottom = 70;
constexpr const char* kRoof = "#000000";
constexpr const char* kGrid = "#dddddd";
constexpr const char* kPoint = "#0072b2";

// A logarithmic axis from whole powers of ten to a range of pixels.
struct LogAxis {
  int low, high;  // exponents
  double first, last;

  double operator()(double value) const {
    return first + (std::log10(value) - low) / (high - low) * (last - first);
  }
};

LogAxis axis_over(double least, double most, double first, double last) {
  const int low = static_cast<int>(std::floor(std::log10(least)));
  const int high = static_cast<int>(std::ceil(std::log10(most)));
  return {low, std::max(high, low + 1), first, last};
}

struct Point {
  std::string name;
  double intensity;
  double performance;
};

std::vector<Point> points_of(const SimulationResult& result) {
  std::vector<Point> points;
  for (const SimulationResult::Node& node : result.nodes) {
    const LayerCost& cost = node.measured ? *node.measured : node.cost;
    if (cost.products == 0 || cost.cycles == 0) continue;
    points.push_back({node.name, cost.arithmetic_intensity(),
                      static_cast<double>(cost.products) / static_cast<double>(cost.cycles)});
  }
  return points;
}

void draw_axes(SvgPicture& picture, const LogAxis& x, const LogAxis& y) {
  for (int exponent = x.low; exponent <= x.high; ++exponent) {
    const double value = std::pow(10, exponent);
    picture.line(x(value), y.first, x(value), y.last, kGrid);
    picture.text(x(value), y.first + 20, "middle", fmt::format("{:g}", value));
  }
  for (int exponent = y.low; exponent <= y.high; ++exponent) {
    const double value = std::pow(10, exponent);
    picture.line(x.first, y(value), x.last, y(value), kGrid);
    picture.text(x.first - 8, y(value) + 4, "end", fmt::format("{:g}", value));
  }
  picture.text((x.first + x.last) / 2, y.first + 45, "middle", "products a byte");
  picture.text(22, (y.first + y.last) / 2, "middle", "products a cycle", true);
}

}  // namespace

std::string roofline_svg(const SimulationResult& result) {
  const std::vector<Point> points = points_of(result);
  const double peak = static_cast<double>(result.parameters.rows * result.parameters.columns);
  const double bandwidth = result.bytes_per_cycle();
  const double ridge = peak / bandwidth;
  double least_x = ridge;
  double most_x = 2 * ridge;
  double least_y = peak;
  for (const Point& point : points) {
    least_x = std::min(least_x, point.intensity);
    most_x = std::max(most_x, point.intensity);
    least_y = std::min(least_y, point.performance);
  }
  const LogAxis x = axis_over(least_x, most_x, kLeft, kWidth - kRight);
  const LogAxis y = axis_over(least_y, peak, kHeight - kBottom, kTop);
  SvgPicture picture(kWidth, kHeight);
  picture.text(kLeft, kTop - 16, "start",
               fmt::format("{} on {}: {:g} products and {:g} bytes a cycle", result.network,
                           result.parameters.description(), peak, bandwidth));
  draw_axes(picture, x, y);
  // Where the sloping part of the roof enters the picture.
  const double from = std::max(std::pow(10, x.low), std::pow(10, y.low) / bandwidth);
  if (from < ridge) picture.line(x(from), y(from * bandwidth), x(ridge), y(peak), kRoof);
  picture.line(x(std::max(ridge, from)), y(peak), x.last, y(peak), kRoof);
  for (const Point& point : points) {
    picture.circle(x(point.intensity), y(point.performance), kPoint,
                   fmt::format("{}: {:.1f} products a cycle, {:.1f} a byte", point.name,
                               point.performance, point.intensity));
    picture.text(x(point.intensity) + 7, y(point.performance) + 4, "start", point.name);
  }
  return picture.content();
}

}  // namespace mbm
