#include "host/digits/digit_drawing.hpp"

#include <algorithm>
#include <cmath>

#include "host/digits/strokes.hpp"
#include "host/rooms/random_stream.hpp"

namespace mbm::digits {
namespace {

using rooms::RandomStream;

constexpr double kBox = 19;         // pixels that an undistorted digit is high
constexpr double kAspect = 0.72;    // of its width to its height
constexpr int kPiecesPerCurve = 6;  // straight pieces that stand for a curve of the spline
constexpr double kJitter = 0.10;    // of a control point, both ways
constexpr double kBend = 0.25;      // of the quadratic distortion

// Straight pieces, in pixels.
struct Segment {
  Point from;
  Point to;
};

Point mix(const Point& a, const Point& b, double share) {
  return {a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share};
}

// The curve of a stroke as points along it.
Stroke flatten(const Stroke& stroke) {
  if (stroke.size() < 3) return stroke;
  Stroke points{stroke.front()};
  for (std::size_t i = 1; i + 1 < stroke.size(); ++i) {
    const Point from = points.back();
    const bool last = i + 2 == stroke.size();
    const Point to = last ? stroke[i + 1] : mix(stroke[i], stroke[i + 1], 0.5);
    for (int piece = 1; piece <= kPiecesPerCurve; ++piece) {
      const double t = static_cast<double>(piece) / kPiecesPerCurve;
      points.push_back(mix(mix(from, stroke[i], t), mix(stroke[i], to, t), t));
    }
  }
  return points;
}

// From the box of a form to pixels: bent, sheared, turned, scaled and moved.
class Distortion {
 public:
  explicit Distortion(RandomStream& random)
      : bend_x_(random.uniform(-kBend, kBend)),
        bend_y_(random.uniform(-kBend, kBend)),
        twist_(random.uniform(-kBend, kBend)),
        shear_(random.uniform(-0.5, 0.5)),
        width_(kBox * kAspect * random.uniform(0.7, 1.3)),
        height_(kBox * random.uniform(0.8, 1.08)),
        left_(random.uniform(-1.5, 1.5)),
        down_(random.uniform(-1.5, 1.5)) {
    // A turn by 2 atan(t), without functions that differ between machines.
    const double t = random.uniform(-0.2, 0.2);
    cosine_ = (1 - t * t) / (1 + t * t);
    sine_ = 2 * t / (1 + t * t);
  }

  Point operator()(const Point& point) const {
    const double x = 2 * point.x - 1;  // -1..1
    const double y = 2 * point.y - 1;
    const double bent_x = x + bend_x_ * (y * y - 0.5) + twist_ * x * y - shear_ * y;
    const double bent_y = y + bend_y_ * (x * x - 0.5);
    const double wide = bent_x * width_ / 2;
    const double high = bent_y * height_ / 2;
    const double centre = kSize / 2.0;
    return {centre + left_ + cosine_ * wide - sine_ * high,
            centre + down_ + sine_ * wide + cosine_ * high};
  }

 private:
  double bend_x_, bend_y_, twist_, shear_, width_, height_, left_, down_;
  double cosine_ = 1, sine_ = 0;
};

std::vector<Segment> distorted_segments(const Form& form, RandomStream& random) {
  const Distortion distort(random);
  std::vector<Segment> segments;
  for (Stroke stroke : form) {
    for (Point& point : stroke) {
      point.x += random.uniform(-kJitter, kJitter);
      point.y += random.uniform(-kJitter, kJitter);
    }
    const Stroke line = flatten(stroke);
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      segments.push_back({distort(line[i]), distort(line[i + 1])});
    }
  }
  return segments;
}

double squared_distance(const Point& point, const Segment& segment) {
  const double dx = segment.to.x - segment.from.x;
  const double dy = segment.to.y - segment.from.y;
  const double px = point.x - segment.from.x;
  const double py = point.y - segment.from.y;
  const double length = dx * dx + dy * dy;
  const double along = length > 0 ? std::clamp((px * dx + py * dy) / length, 0.0, 1.0) : 0.0;
  const double x = px - along * dx;
  const double y = py - along * dy;
  return x * x + y * y;
}

// How much ink the pen, a disc of this radius with a soft edge, leaves at a pixel's centre.
double ink_at(const Point& pixel, const std::vector<Segment>& segments, double radius) {
  double nearest = 1e9;
  for (const Segment& segment : segments) {
    nearest = std::min(nearest, squared_distance(pixel, segment));
  }
  return std::clamp(radius + 0.5 - std::sqrt(nearest), 0.0, 1.0);
}

}  // namespace

Digit draw_digit(std::uint64_t seed) {
  RandomStream random(rooms::mix_bits(seed));
  Digit digit;
  digit.label = random.below(10);
  const std::vector<Form>& forms = forms_of(digit.label);
  const Form& form = forms[static_cast<std::size_t>(random.below(static_cast<int>(forms.size())))];
  const std::vector<Segment> segments = distorted_segments(form, random);
  const double radius = random.uniform(0.4, 1.7);
  const double strength = random.uniform(150, 255);
  for (int y = 0; y < kSize; ++y) {
    for (int x = 0; x < kSize; ++x) {
      const double ink = strength * ink_at({x + 0.5, y + 0.5}, segments, radius);
      digit.pixels[static_cast<std::size_t>(y * kSize + x)] =
          static_cast<std::uint8_t>(std::floor(ink + 0.5));
    }
  }
  return digit;
}

}  // namespace mbm::digits
