#include "host/plot/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>

namespace mbm {
namespace {

constexpr double kLeft = 76;
constexpr double kRight = 18;
constexpr double kTop = 34;
constexpr double kBottom = 52;
constexpr double kLegendRow = 20;
constexpr double kCharacter = 7.2;  // pixels of one at 12 pixels, on average
constexpr double kSlantedNames = 70;

// Colours that stay apart for colour-blind readers (Okabe and Ito), on white and on black.
constexpr std::array<const char*, 8> kColours = {"#0072b2", "#e69f00", "#009e73", "#d55e00",
                                                 "#cc79a7", "#56b4e9", "#8c7a00", "#7f7f7f"};

bool drawable(const ChartAxis& axis, double value) {
  return std::isfinite(value) && (!axis.logarithmic || value > 0.0);
}

// Values of an axis to pixels.
struct Ruler {
  ChartAxis axis;
  double low, high, first, last;

  double position(double value) const { return axis.logarithmic ? std::log10(value) : value; }
  double operator()(double value) const {
    const double part = (position(value) - position(low)) / (position(high) - position(low));
    return first + std::clamp(part, 0.0, 1.0) * (last - first);
  }
};

struct Bounds {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

bool is_bar(ChartMark mark) {
  return mark == ChartMark::bars || mark == ChartMark::stacked;
}

// Tops of the stacked bars at every x, from series to series.
std::vector<double> stack_bases(const Chart& chart, std::size_t series) {
  std::vector<double> bases;
  for (const ChartPoint& point : chart.series[series].points) {
    double base = 0.0;
    for (std::size_t s = 0; s < series; ++s) {
      if (chart.series[s].mark != ChartMark::stacked) continue;
      for (const ChartPoint& below : chart.series[s].points) {
        if (below.x == point.x && std::isfinite(below.y)) base += below.y;
      }
    }
    bases.push_back(base);
  }
  return bases;
}

Bounds value_bounds(const Chart& chart, bool horizontal) {
  const ChartAxis& axis = horizontal ? chart.x : chart.y;
  Bounds bounds;
  for (std::size_t s = 0; s < chart.series.size(); ++s) {
    const ChartSeries& series = chart.series[s];
    const std::vector<double> bases =
        series.mark == ChartMark::stacked ? stack_bases(chart, s) : std::vector<double>{};
    for (std::size_t i = 0; i < series.points.size(); ++i) {
      const ChartPoint& point = series.points[i];
      if (!drawable(chart.x, point.x) || !drawable(chart.y, point.y)) continue;
      if (horizontal) {
        bounds.add(point.x);
        continue;
      }
      const double base = bases.empty() ? 0.0 : bases[i];
      for (const double end : {point.y - point.error, point.y + point.error}) {
        if (drawable(axis, base + end)) bounds.add(base + end);
      }
      if (is_bar(series.mark) && !axis.logarithmic) bounds.add(0.0);
    }
  }
  return bounds;
}

Ruler make_ruler(const Chart& chart, bool horizontal, double first, double last) {
  const ChartAxis& axis = horizontal ? chart.x : chart.y;
  if (!axis.names.empty()) {
    return {axis, -0.5, static_cast<double>(axis.names.size()) - 0.5, first, last};
  }
  Bounds bounds = value_bounds(chart, horizontal);
  if (!(bounds.low <= bounds.high)) bounds = {1.0, 2.0};  // nothing to draw
  if (axis.logarithmic) {
    bounds = {bounds.low / 1.15, bounds.high * 1.15};
  } else {
    const double range = bounds.high - bounds.low;
    const double margin = range > 0.0 ? 0.05 * range : std::max(std::abs(bounds.high), 1.0) * 0.05;
    // No margin beyond zero, where bars stand.
    if (bounds.low != 0.0) bounds.low -= margin;
    if (bounds.high != 0.0) bounds.high += margin;
  }
  Ruler ruler{axis, axis.low.value_or(bounds.low), axis.high.value_or(bounds.high), first, last};
  if (!(ruler.low < ruler.high)) ruler.high = ruler.low + 1.0;
  return ruler;
}

// 1, 2 or 5 times a power of ten, about a sixth of the range.
double tick_step(double range) {
  const double power = std::pow(10, std::floor(std::log10(range / 6)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (range / (factor * power) <= 7) return factor * power;
  }
  return 10 * power;
}

std::vector<double> linear_ticks(const Ruler& ruler) {
  std::vector<double> result;
  const double step = tick_step(ruler.high - ruler.low);
  const double first = std::ceil(ruler.low / step);
  for (double i = first; i * step <= ruler.high + 1e-9 * step; ++i) {
    result.push_back(i * step == 0.0 ? 0.0 : i * step);  // no -0
  }
  return result;
}

std::vector<double> logarithmic_ticks(const Ruler& ruler) {
  std::vector<double> result;
  const double decades = std::log10(ruler.high / ruler.low);
  const std::vector<double> factors =
      decades < 2.5 ? std::vector<double>{1, 2, 5} : std::vector<double>{1};
  for (double power = std::pow(10, std::floor(std::log10(ruler.low))); power <= ruler.high;
       power *= 10) {
    for (const double factor : factors) {
      const double value = factor * power;
      if (value >= ruler.low && value <= ruler.high) result.push_back(value);
    }
  }
  return result;
}

std::vector<double> ticks(const Ruler& ruler) {
  if (!ruler.axis.names.empty()) {
    std::vector<double> result(ruler.axis.names.size());
    std::iota(result.begin(), result.end(), 0.0);
    return result;
  }
  if (!ruler.axis.logarithmic) return linear_ticks(ruler);
  std::vector<double> result = logarithmic_ticks(ruler);
  return result.size() < 2 ? linear_ticks(ruler) : result;  // a fraction of a decade
}

// 1500000 as "1.5M": ticks are round, so three digits are enough.
std::string short_number(double value) {
  constexpr std::array<std::pair<double, const char*>, 4> kUnits = {
      {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}}};
  for (const auto& [unit, letter] : kUnits) {
    if (std::abs(value) >= 10 * unit || (unit > 1e3 && std::abs(value) >= unit)) {
      return fmt::format("{:.4g}{}", value / unit, letter);
    }
  }
  return fmt::format("{:.4g}", value);
}

class Drawing {
 public:
  explicit Drawing(const Chart& chart)
      : chart_(chart),
        slanted_(names_need_slant()),
        legend_rows_(count_legend_rows()),
        bottom_(chart.height - kBottom - (slanted_ ? kSlantedNames : 0.0)),
        top_(kTop + kLegendRow * static_cast<double>(legend_rows_)),
        x_(make_ruler(chart, true, kLeft, chart.width - kRight)),
        y_(make_ruler(chart, false, bottom_, top_)) {}

  std::string body() {
    title();
    legend(true);
    horizontal_axis();
    vertical_axis();
    for (std::size_t s = 0; s < chart_.series.size(); ++s) draw_series(s);
    for (const ChartNote& note : chart_.notes) draw_note(note);
    return svg_;
  }

 private:
  template <typename... Arguments>
  void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(svg_), format, std::forward<Arguments>(arguments)...);
  }

  void text(double x, double y, const char* anchor, const std::string& content) {
    add("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor,
        xml_escaped(content));
  }

  void line(double x1, double y1, double x2, double y2, const char* opacity) {
    add("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"currentColor\" "
        "stroke-opacity=\"{}\"/>\n",
        x1, y1, x2, y2, opacity);
  }

  bool names_need_slant() const {
    if (chart_.x.names.empty()) return false;
    std::size_t longest = 0;
    for (const std::string& name : chart_.x.names) longest = std::max(longest, name.size());
    const double room =
        (chart_.width - kLeft - kRight) / static_cast<double>(chart_.x.names.size());
    return static_cast<double>(longest + 1) * kCharacter > room;
  }

  void title() {
    add("<text x=\"{:.1f}\" y=\"18\" text-anchor=\"middle\" font-weight=\"bold\" "
        "font-size=\"14\">{}</text>\n",
        chart_.width / 2, xml_escaped(chart_.title));
  }

  std::size_t count_legend_rows() { return legend(false); }

  // Draws the legend, or only counts its rows.
  std::size_t legend(bool draw) {
    double x = kLeft;
    std::size_t rows = 0;
    for (std::size_t s = 0; s < chart_.series.size(); ++s) {
      const ChartSeries& series = chart_.series[s];
      if (series.name.empty()) continue;
      const double width = 30 + kCharacter * static_cast<double>(series.name.size());
      if (rows == 0 || x + width > chart_.width - kRight) {
        x = kLeft;
        ++rows;
      }
      if (draw) {
        const double y = kTop + kLegendRow * static_cast<double>(rows) - 12;
        if (is_bar(series.mark)) {
          add("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"10\" height=\"10\" fill=\"{}\"/>\n", x - 5,
              y - 5, colour(s));
        } else {
          if (series.mark != ChartMark::points) path(s, {{x - 8, y}, {x + 8, y}});
          if (series.mark != ChartMark::line) mark(s, x, y, "");
        }
        text(x + 12, y + 4, "start", series.name);
      }
      x += width;
    }
    return rows;
  }

  static const char* colour(std::size_t series) { return kColours[series % kColours.size()]; }

  // Once all colours are used, other shapes follow the circles.
  void mark(std::size_t series, double x, double y, const std::string& title) {
    const std::string inner = title.empty() ? "" : "<title>" + xml_escaped(title) + "</title>";
    switch (series / kColours.size() % 3) {
      case 0:
        add("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\">{}</circle>\n", x, y,
            colour(series), inner);
        break;
      case 1:
        add("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"7\" height=\"7\" fill=\"{}\">{}</rect>\n",
            x - 3.5, y - 3.5, colour(series), inner);
        break;
      default:
        add("<path d=\"M{:.1f} {:.1f}l5 9h-10z\" fill=\"{}\">{}</path>\n", x, y - 5, colour(series),
            inner);
    }
  }

  void path(std::size_t series, const std::vector<std::pair<double, double>>& points) {
    std::string places;
    for (const auto& [x, y] : points) {
      fmt::format_to(std::back_inserter(places), "{:.1f},{:.1f} ", x, y);
    }
    add("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"{}/>\n", places,
        colour(series), chart_.series[series].dashed ? " stroke-dasharray=\"6 4\"" : "");
  }

  void horizontal_axis() {
    line(kLeft, bottom_, chart_.width - kRight, bottom_, "1");
    for (const double tick : ticks(x_)) {
      const double x = x_(tick);
      line(x, bottom_, x, bottom_ + 4, "1");
      if (chart_.x.names.empty()) {
        line(x, top_, x, bottom_, "0.12");
        text(x, bottom_ + 18, "middle", short_number(tick));
      } else if (slanted_) {
        add("<text transform=\"translate({:.1f} {:.1f}) rotate(-45)\" "
            "text-anchor=\"end\">{}</text>\n",
            x + 4, bottom_ + 14, xml_escaped(chart_.x.names[static_cast<std::size_t>(tick)]));
      } else {
        text(x, bottom_ + 18, "middle", chart_.x.names[static_cast<std::size_t>(tick)]);
      }
    }
    text((kLeft + chart_.width - kRight) / 2, chart_.height - 12, "middle", chart_.x.label);
  }

  void vertical_axis() {
    line(kLeft, top_, kLeft, bottom_, "1");
    for (const double tick : ticks(y_)) {
      const bool is_zero = tick == 0.0 && !chart_.y.logarithmic;
      line(kLeft, y_(tick), chart_.width - kRight, y_(tick), is_zero ? "0.6" : "0.12");
      text(kLeft - 8, y_(tick) + 4, "end",
           chart_.y.names.empty() ? short_number(tick)
                                  : chart_.y.names[static_cast<std::size_t>(tick)]);
    }
    add("<text transform=\"translate(16 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
        (top_ + bottom_) / 2, xml_escaped(chart_.y.label));
  }

  std::string title_of(std::size_t s, const ChartPoint& point) const {
    if (!point.title.empty()) return point.title;
    const std::string x = chart_.x.names.empty()
                              ? fmt::format("{:.6g}", point.x)
                              : chart_.x.names.at(static_cast<std::size_t>(point.x));
    const std::string& name = chart_.series[s].name;
    return fmt::format("{}{}{}: {:.6g}", name, name.empty() ? "" : ", ", x, point.y);
  }

  void error_bar(double x, const ChartPoint& point) {
    if (point.error <= 0.0 || !drawable(chart_.y, point.y - point.error)) return;
    line(x, y_(point.y - point.error), x, y_(point.y + point.error), "0.8");
  }

  void draw_series(std::size_t s) {
    const ChartSeries& series = chart_.series[s];
    if (is_bar(series.mark)) return draw_bars(s);
    std::vector<std::pair<double, double>> places;
    for (const ChartPoint& point : series.points) {
      if (drawable(chart_.x, point.x) && drawable(chart_.y, point.y)) {
        places.emplace_back(x_(point.x), y_(point.y));
      }
    }
    if (series.mark != ChartMark::points) path(s, places);
    if (series.mark == ChartMark::line) return;
    for (const ChartPoint& point : series.points) {
      if (!drawable(chart_.x, point.x) || !drawable(chart_.y, point.y)) continue;
      error_bar(x_(point.x), point);
      mark(s, x_(point.x), y_(point.y), title_of(s, point));
    }
  }

  // Beside its point, at the first place that is inside the frame and free of other notes.
  void draw_note(const ChartNote& note) {
    constexpr double kLine = 13;
    constexpr int kRows = 9;
    const double width = kCharacter * static_cast<double>(note.text.size());
    const double x = x_(note.x);
    for (int row = 0; row < kRows; ++row) {
      const double away = (row + 1) / 2 * kLine;
      const double base = y_(note.y) - 6 + (row % 2 == 0 ? -away : away + 7);
      for (const double left : {x + 6, x - 6 - width}) {
        const Box box{left, base - kLine + 3, left + width, base + 3};
        if (!is_free(box)) continue;
        notes_.push_back(box);
        text(left, base, "start", note.text);
        return;
      }
    }
    text(x + 6, y_(note.y) - 6, "start", note.text);
  }

  struct Box {
    double left, top, right, bottom;
  };

  bool is_free(const Box& box) const {
    if (box.left < kLeft || box.right > chart_.width - kRight || box.top < top_ ||
        box.bottom > bottom_) {
      return false;
    }
    return std::none_of(notes_.begin(), notes_.end(), [&](const Box& other) {
      return box.left < other.right && other.left < box.right && box.top < other.bottom &&
             other.top < box.bottom;
    });
  }

  void draw_bars(std::size_t s) {
    const ChartSeries& series = chart_.series[s];
    const bool stacked = series.mark == ChartMark::stacked;
    std::size_t beside = 0;  // series of bars
    std::size_t place = 0;   // of this one among them
    for (std::size_t i = 0; i < chart_.series.size(); ++i) {
      if (chart_.series[i].mark != ChartMark::bars) continue;
      place += i < s ? 1U : 0U;
      ++beside;
    }
    if (stacked) beside = 1, place = 0;
    const double slot = std::abs(x_(x_.low + 1.0) - x_(x_.low)) * 0.8;
    const double width = slot / static_cast<double>(beside);
    const std::vector<double> bases = stacked ? stack_bases(chart_, s) : std::vector<double>{};
    for (std::size_t i = 0; i < series.points.size(); ++i) {
      const ChartPoint& point = series.points[i];
      if (!drawable(chart_.x, point.x) || !drawable(chart_.y, point.y)) continue;
      const double base = chart_.y.logarithmic ? y_.low : (bases.empty() ? 0.0 : bases[i]);
      const double left = x_(point.x) - slot / 2 + width * static_cast<double>(place);
      const double from = y_(base);
      const double to = y_(chart_.y.logarithmic ? point.y : base + point.y);
      add("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
          "fill=\"{}\"><title>{}</title></rect>\n",
          left, std::min(from, to), width, std::abs(from - to), colour(s),
          xml_escaped(title_of(s, point)));
      error_bar(left + width / 2, point);
    }
  }

  const Chart& chart_;
  bool slanted_;
  std::size_t legend_rows_;
  double bottom_;
  double top_;
  Ruler x_;
  Ruler y_;
  std::vector<Box> notes_;
  std::string svg_;
};

std::string element(const Chart& chart, const std::string& attributes, const std::string& first) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" "
      "aria-label=\"{}\" font-family=\"sans-serif\" font-size=\"12\" fill=\"currentColor\"{}>\n{}"
      "{}</svg>\n",
      chart.width, chart.height, xml_escaped(chart.title), attributes, first,
      Drawing(chart).body());
}

}  // namespace

std::string xml_escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

ChartSeries& series_of(Chart& chart, const std::string& name, ChartMark mark) {
  const auto found = std::ranges::find(chart.series, name, &ChartSeries::name);
  if (found != chart.series.end()) return *found;
  return chart.series.emplace_back(ChartSeries{.name = name, .mark = mark});
}

std::string chart_element(const Chart& chart) {
  return element(chart, "", "");
}

std::string chart_file(const Chart& chart) {
  return element(chart,
                 fmt::format(" width=\"{:.0f}\" height=\"{:.0f}\" color=\"#000000\"", chart.width,
                             chart.height),
                 "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
}

}  // namespace mbm
