// The SVG of the comparison of families.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <sstream>

#include "cmodel/common/error.hpp"
#include "host/format/input_file.hpp"
#include "host/multiplier/picture.hpp"

namespace mbm {
namespace {

constexpr double kWidth = 1000;
constexpr double kHeight = 640;
constexpr double kLeft = 70;
constexpr double kRight = 220;  // the legend stands there
constexpr double kTop = 30;
constexpr double kBottom = 70;
constexpr double kLowestNoise = -60;  // dB; exact multipliers are drawn here

// Colours that stay apart for colour-blind readers (Okabe and Ito), then darker ones.
constexpr std::array<const char*, 14> kColours = {
    "#000000", "#e69f00", "#56b4e9", "#009e73", "#d0c000", "#0072b2", "#d55e00",
    "#cc79a7", "#7f7f7f", "#8c564b", "#9467bd", "#17becf", "#556b2f", "#800000"};

// A linear axis from a range of values to a range of pixels.
struct Axis {
  double low, high, first, last;
  double operator()(double value) const {
    return first + (value - low) / (high - low) * (last - first);
  }
};

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else {
      result += c;
    }
  }
  return result;
}

std::vector<std::string> families_of(const std::vector<ComparedMultiplier>& multipliers) {
  std::vector<std::string> families;
  for (const ComparedMultiplier& multiplier : multipliers) {
    if (std::find(families.begin(), families.end(), multiplier.family) == families.end()) {
      families.push_back(multiplier.family);
    }
  }
  return families;
}

// 1, 2 or 5 times a power of ten, about a sixth of the range.
double tick_step(double range) {
  const double power = std::pow(10, std::floor(std::log10(range / 6)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (range / (factor * power) <= 7) return factor * power;
  }
  return 10 * power;
}

void line(std::string& svg, double x1, double y1, double x2, double y2, const char* colour) {
  fmt::format_to(std::back_inserter(svg),
                 "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n",
                 x1, y1, x2, y2, colour);
}

void label(std::string& svg, double x, double y, const char* anchor, const std::string& text) {
  fmt::format_to(std::back_inserter(svg),
                 "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor,
                 escaped(text));
}

// The mark of the family of this number: once all colours are used, squares follow the circles.
void mark(std::string& svg, double x, double y, std::size_t family, const std::string& title) {
  const char* colour = kColours[family % kColours.size()];
  const std::string content = title.empty() ? "" : "<title>" + escaped(title) + "</title>";
  if (family < kColours.size()) {
    fmt::format_to(std::back_inserter(svg),
                   "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\">{}</circle>\n", x, y,
                   colour, content);
  } else {
    fmt::format_to(
        std::back_inserter(svg),
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"8\" height=\"8\" fill=\"{}\">{}</rect>\n", x - 4,
        y - 4, colour, content);
  }
}

void draw_noise_axis(std::string& svg, const Axis& axis) {
  for (double noise = axis.low; noise <= axis.high; noise += 10) {
    line(svg, kLeft, axis(noise), kWidth - kRight, axis(noise), "#dddddd");
    label(svg, kLeft - 8, axis(noise) + 4, "end",
          fmt::format("{}{:.0f}", noise == kLowestNoise ? "≤ " : "", noise));
  }
  fmt::format_to(
      std::back_inserter(svg),
      "<text transform=\"translate(18 {:.1f}) rotate(-90)\" text-anchor=\"middle\">NSRdnn,g "
      "(dB)</text>\n",
      (axis.first + axis.last) / 2);
}

void draw_cost_axis(std::string& svg, const Axis& axis, const std::string& name, bool has_costs) {
  const double bottom = kHeight - kBottom;
  line(svg, kLeft, bottom, kWidth - kRight, bottom, "#000000");
  if (has_costs) {
    const double step = tick_step(axis.high - axis.low);
    for (double cost = std::ceil(axis.low / step) * step; cost <= axis.high; cost += step) {
      line(svg, axis(cost), bottom, axis(cost), bottom + 5, "#000000");
      label(svg, axis(cost), bottom + 20, "middle", fmt::format("{:g}", cost));
    }
  }
  label(svg, (axis.first + axis.last) / 2, bottom + 45, "middle",
        has_costs ? name : "multipliers in the order of the list (no costs given)");
}

Axis cost_axis(const std::vector<ComparedMultiplier>& multipliers, bool has_costs) {
  double low = 0;
  double high = static_cast<double>(std::max<std::size_t>(multipliers.size(), 2)) - 1;
  if (has_costs) {
    high = 0;
    for (const auto& multiplier : multipliers) high = std::max(high, multiplier.cost.value_or(0));
    high = high > 0 ? 1.05 * high : 1;
  }
  return {low, high, kLeft + 10, kWidth - kRight - 10};
}

}  // namespace

CostList read_costs(const std::string& path) {
  const std::vector<std::uint8_t> bytes = read_whole_file(path);
  std::istringstream text(std::string(bytes.begin(), bytes.end()));
  CostList list;
  std::string row;
  for (std::size_t number = 1; std::getline(text, row); ++number) {
    if (row.ends_with('\r')) row.pop_back();
    const std::size_t comma = row.find(',');
    const std::string name = row.substr(0, comma);
    const std::string cell = comma == std::string::npos ? "" : row.substr(comma + 1);
    if (number == 1) {
      if (name != "multiplier" || cell.empty()) {
        fail(ErrorKind::input, "{}:1: header 'multiplier,COST (UNIT)' expected", path);
      }
      list.name = cell;
      continue;
    }
    double cost = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), cost);
    if (error != std::errc() || end != cell.data() + cell.size() || !(cost >= 0)) {
      fail(ErrorKind::input, "{}:{}: cost '{}' found, a number of 0 or more expected", path, number,
           cell);
    }
    list.costs.emplace_back(name, cost);
  }
  if (list.name.empty())
    fail(ErrorKind::input, "{}:1: an empty file found, a header expected", path);
  return list;
}

std::string comparison_svg(const std::vector<ComparedMultiplier>& multipliers,
                           const std::string& cost_name) {
  std::vector<ComparedMultiplier> shown;
  std::ranges::copy_if(multipliers, std::back_inserter(shown),
                       [](const auto& entry) { return entry.cost.has_value(); });
  const bool has_costs = !shown.empty();
  if (!has_costs) shown = multipliers;
  const std::vector<std::string> families = families_of(shown);
  const Axis noise{kLowestNoise, 0, kHeight - kBottom, kTop};
  const Axis cost = cost_axis(shown, has_costs);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 "
      "0 "
      "{0:.0f} {1:.0f}\" font-family=\"sans-serif\" font-size=\"12\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
      kWidth, kHeight);
  draw_noise_axis(svg, noise);
  draw_cost_axis(svg, cost, cost_name, has_costs);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const ComparedMultiplier& entry = shown[i];
    const auto family = std::ranges::find(families, entry.family) - families.begin();
    mark(svg, cost(has_costs ? *entry.cost : static_cast<double>(i)),
         noise(std::clamp(entry.noise_to_signal, kLowestNoise, 0.0)),
         static_cast<std::size_t>(family),
         fmt::format("{}: {:.1f} dB", entry.name, entry.noise_to_signal));
  }
  for (std::size_t i = 0; i < families.size(); ++i) {
    const double y = kTop + 20 * static_cast<double>(i);
    mark(svg, kWidth - kRight + 25, y, i, "");
    label(svg, kWidth - kRight + 36, y + 4, "start", families[i]);
  }
  return svg + "</svg>\n";
}

}  // namespace mbm
