#include "host/plot/chart.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>

namespace mbm {
namespace {

// The numbers that `pattern` captures, from everywhere in `text`.
std::vector<double> captured(const std::string& text, const std::string& pattern) {
  std::vector<double> numbers;
  const std::regex regex(pattern);
  for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match) {
    for (std::size_t group = 1; group < match->size(); ++group) {
      numbers.push_back(std::stod((*match)[group]));
    }
  }
  return numbers;
}

Chart points_chart(std::vector<ChartPoint> points) {
  Chart chart;
  chart.title = "points";
  chart.x = {"x", false, {}, 0.0, 10.0};
  chart.y = {"y", false, {}, 0.0, 1.0};
  chart.series = {{"", ChartMark::points, std::move(points), false}};
  return chart;
}

const std::string kCircle = "<circle cx=\"([0-9.]+)\" cy=\"([0-9.]+)\"";

// The middle of both axes is the middle of the first and the last point; twin: a quarter is not.
TEST(Chart, LinearAxesAreLinear) {
  const auto at =
      captured(chart_element(points_chart({{0, 0}, {10, 1}, {5, 0.5}, {2.5, 0.5}})), kCircle);
  ASSERT_EQ(at.size(), 8U);
  EXPECT_NEAR(at[4], (at[0] + at[2]) / 2, 0.11);
  EXPECT_NEAR(at[5], (at[1] + at[3]) / 2, 0.11);
  EXPECT_GT(std::abs(at[6] - (at[0] + at[2]) / 2), 10.0);
  EXPECT_LT(at[0], at[2]);  // to the right
  EXPECT_GT(at[1], at[3]);  // upwards
}

TEST(Chart, ADecadeIsAsLongAsTheNext) {
  Chart chart = points_chart({{1, 1}, {10, 10}, {100, 100}, {0, 1}, {1, -1}});
  chart.x = {"x", true, {}, 1.0, 100.0};
  chart.y = {"y", true, {}, 1.0, 100.0};
  const auto at = captured(chart_element(chart), kCircle);
  ASSERT_EQ(at.size(), 6U);  // neither 0 nor -1 has a logarithm
  EXPECT_NEAR(at[2] - at[0], at[4] - at[2], 0.21);
  EXPECT_NEAR(at[3] - at[1], at[5] - at[3], 0.21);
}

// No power of ten, nor two or five of one, lies between 5.2 and 5.8 million; twin: in a decade they
// are the marks.
TEST(Chart, ALogarithmicAxisShorterThanADecadeHasMarks) {
  Chart chart = points_chart({{5.2e6, 0.5}, {5.8e6, 0.5}});
  chart.x = {"x", true, {}, 5.2e6, 5.8e6};
  EXPECT_NE(chart_element(chart).find(">5.4M<"), std::string::npos);
  chart.x = {"x", true, {}, 1e6, 1e7};
  EXPECT_EQ(chart_element(chart).find(">5.4M<"), std::string::npos);
  EXPECT_NE(chart_element(chart).find(">5M<"), std::string::npos);
}

TEST(Chart, WhatIsNotANumberIsLeftOut) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const std::string svg = chart_element(points_chart({{1, nan}, {infinity, 0.5}, {2, 0.5}}));
  EXPECT_EQ(captured(svg, kCircle).size(), 2U);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
}

// Heights of 3 and 1: the second stands on the first and is a third as high.
TEST(Chart, StackedBarsStandOnOneAnother) {
  Chart chart;
  chart.x.names = {"only"};
  chart.y = {"y", false, {}, 0.0, 4.0};
  chart.series = {{"a", ChartMark::stacked, {{0, 3}}, false},
                  {"b", ChartMark::stacked, {{0, 1}}, false}};
  const auto at = captured(chart_element(chart),
                           "y=\"([0-9.]+)\" width=\"[0-9.]+\" height=\"([0-9.]+)\" "
                           "fill=\"[^\"]*\"><title>");
  ASSERT_EQ(at.size(), 4U);
  EXPECT_NEAR(at[2] + at[3], at[0], 0.11);
  EXPECT_NEAR(3 * at[3], at[1], 0.31);
}

TEST(Chart, BarsOfTwoSeriesStandBesideEachOther) {
  Chart chart;
  chart.x.names = {"first", "second"};
  chart.series = {{"a", ChartMark::bars, {{0, 3}, {1, -2}}, false},
                  {"b", ChartMark::bars, {{0, 1}, {1, 1}}, false}};
  const auto at = captured(chart_element(chart),
                           "<rect x=\"([0-9.]+)\" y=\"[0-9.]+\" width=\"([0-9.]+)\" "
                           "height=\"[0-9.]+\" fill=\"[^\"]*\"><title>");
  ASSERT_EQ(at.size(), 8U);
  EXPECT_NEAR(at[0] + at[1], at[4], 0.21);
  EXPECT_LT(at[4] + at[5], at[2]);
}

TEST(Chart, TextIsEscapedAndSeriesAreNamed) {
  Chart chart = points_chart({{1, 0.5, 0, "a<b"}});
  chart.title = "<&\">";
  chart.series[0].name = "x & y";
  const std::string svg = chart_file(chart);
  EXPECT_NE(svg.find("&lt;&amp;&quot;&gt;"), std::string::npos);
  EXPECT_NE(svg.find("<title>a&lt;b</title>"), std::string::npos);
  EXPECT_NE(svg.find(">x &amp; y<"), std::string::npos);
}

// Two notes at one point stand 13 pixels or more apart; twin: alone each would stand at the same
// place.
TEST(Chart, NotesDoNotCoverOneAnother) {
  const auto places = [](std::vector<ChartNote> notes) {
    Chart chart = points_chart({{5, 0.5}});
    chart.notes = std::move(notes);
    return captured(chart_element(chart), "<text x=\"([0-9.]+)\" y=\"([0-9.]+)\"[^>]*>note");
  };
  const auto both = places({{5, 0.5, "note a"}, {5, 0.5, "note b"}});
  ASSERT_EQ(both.size(), 4U);
  EXPECT_TRUE(std::abs(both[0] - both[2]) > 40 || std::abs(both[1] - both[3]) >= 13);
  EXPECT_EQ(places({{5, 0.5, "note a"}}), places({{5, 0.5, "note b"}}));
}

TEST(Chart, NothingToDrawIsAnEmptyFrame) {
  EXPECT_EQ(captured(chart_element(points_chart({})), kCircle).size(), 0U);
  EXPECT_EQ(chart_element(Chart{}).find("nan"), std::string::npos);
}

}  // namespace
}  // namespace mbm
