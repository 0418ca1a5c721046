// Charts as SVG: points, lines and bars over linear, logarithmic or named axes.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mbm {

struct ChartAxis {
  std::string label;  // with the unit
  bool logarithmic = false;
  std::vector<std::string> names{};  // of the values 0, 1, 2, ...; empty: numbers
  std::optional<double> low{};       // default: from the data
  std::optional<double> high{};
};

struct ChartPoint {
  double x = 0.0;
  double y = 0.0;
  double error = 0.0;   // drawn as a bar of this length up and down
  std::string title{};  // shown at the pointer; default: the values
};

enum class ChartMark {
  points,
  line,         // from point to point, without marks
  line_points,  // with marks
  bars,         // beside those of the other series at the same x, from 0
  stacked,      // on top of those of the earlier series at the same x
};

struct ChartSeries {
  std::string name;  // in the legend; empty: not there
  ChartMark mark = ChartMark::points;
  std::vector<ChartPoint> points{};
  bool dashed = false;
};

// A word beside a point of the chart.
struct ChartNote {
  double x = 0.0;
  double y = 0.0;
  std::string text;
};

struct Chart {
  std::string title;
  ChartAxis x;
  ChartAxis y;
  std::vector<ChartSeries> series;
  std::vector<ChartNote> notes;
  double width = 900;
  double height = 480;
};

// The series of that name; if the chart has none yet it gets one, with these marks.
ChartSeries& series_of(Chart& chart, const std::string& name, ChartMark mark);

// The chart as one <svg> element whose text and lines have the colour of the text around it, for
// HTML. Points that are not finite, or not positive on a logarithmic axis, are left out.
std::string chart_element(const Chart& chart);

// The same as a file of its own, black on white.
std::string chart_file(const Chart& chart);

// `text` with the characters that mean something in XML and HTML replaced.
std::string xml_escaped(const std::string& text);

}  // namespace mbm
