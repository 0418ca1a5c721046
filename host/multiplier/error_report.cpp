#include "host/multiplier/error_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <sstream>

#include "cmodel/common/error.hpp"
#include "cmodel/common/version.hpp"
#include "host/format/input_file.hpp"
#include "host/format/npy.hpp"
#include "host/format/quote.hpp"

namespace mbm {
namespace {

// One column: its JSON key, its heading, its unit, how many digits a table shows, and the value.
struct Column {
  const char* key;
  const char* heading;
  const char* unit;
  const char* format;
  std::function<double(const ErrorStatistics&)> value;
};

double percent(double ratio) {
  return 100 * ratio;
}

const std::vector<Column>& columns() {
  using S = ErrorStatistics;
  static const std::vector<Column> list = {
      {"error_rate", "ER", "%", "{:.2f}", [](const S& s) { return percent(s.error_rate); }},
      {"bias", "bias", "%", "{:+.4f}", [](const S& s) { return percent(s.bias); }},
      {"mean_relative_error", "MRED", "%", "{:.3f}",
       [](const S& s) { return percent(s.mean_relative_error); }},
      {"peak_relative_error", "peak", "%", "{:.4f}",
       [](const S& s) { return percent(s.peak_relative_error); }},
      {"standard_deviation", "std RE", "%", "{:.3f}",
       [](const S& s) { return percent(s.deviation); }},
      {"normalised_mean_error_distance", "NMED", "%", "{:.3f}",
       [](const S& s) { return percent(s.mean_error_distance); }},
      {"normalised_mean_error", "mean ED/max", "%", "{:+.3f}",
       [](const S& s) { return percent(s.mean_error); }},
      {"worst_case_error", "WCE", "product units", "{:.0f}",
       [](const S& s) { return static_cast<double>(s.worst_case_error); }},
      {"noise_to_signal", "NSR", "dB", "{:.1f}",
       [](const S& s) { return decibels(s.noise_to_signal); }},
      {"noise_to_signal_with_gain", "NSR,g", "dB", "{:.1f}",
       [](const S& s) { return decibels(s.noise_to_signal_scaled); }},
      {"gain", "g", "ratio", "{:.3f}", [](const S& s) { return s.gain; }},
  };
  return list;
}

using Cells = std::vector<std::string>;

Cells header_cells() {
  Cells cells = {"multiplier", "operands"};
  for (const Column& column : columns()) {
    const bool unitless = std::string_view(column.unit) == "ratio" ||
                          std::string_view(column.unit) == "product units";
    cells.push_back(unitless ? column.heading : fmt::format("{} {}", column.heading, column.unit));
  }
  return cells;
}

Cells row_cells(const ErrorRow& row) {
  Cells cells = {
      row.width == 8 ? row.multiplier : fmt::format("{} ({} bits)", row.multiplier, row.width),
      row.operands};
  for (const Column& column : columns()) {
    cells.push_back(fmt::format(fmt::runtime(column.format), column.value(row.statistics)));
  }
  if (!row.statistics.zero_annihilates) cells.push_back("0*x != 0");
  return cells;
}

// Names to the left, figures to the right, two blanks between.
std::string aligned(const std::vector<Cells>& lines) {
  std::vector<std::size_t> widths;
  for (const Cells& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const Cells& line : lines) {
    std::string row;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (i > 0) row += "  ";
      row += i < 2 ? fmt::format("{:<{}}", line[i], widths[i])
                   : fmt::format("{:>{}}", line[i], widths[i]);
    }
    text += row + "\n";
  }
  return text;
}

OperandDistributions distributions(std::span<const std::uint64_t> weights,
                                   std::span<const std::uint64_t> activations,
                                   const std::string& path) {
  try {
    return {distribution_of_counts(weights, 8), distribution_of_counts(activations, 8)};
  } catch (const Error& error) {
    fail(ErrorKind::input, "{}: {}", path, error.what());
  }
}

OperandDistributions read_histogram_array(const std::string& path) {
  const NpyArray array = read_npy(path);
  if (array.shape != std::vector<std::int64_t>{2, 256}) {
    fail(ErrorKind::input, "{}: shape ({}) found, (2, 256) expected", path,
         fmt::join(array.shape, ", "));
  }
  std::vector<std::uint64_t> counts;
  if (array.type == NpyType{'u', 8}) {
    const auto values = array.values<std::uint64_t>(path);
    counts.assign(values.begin(), values.end());
  } else {
    for (const std::int64_t value : array.values<std::int64_t>(path)) {
      if (value < 0) fail(ErrorKind::input, "{}: count {} found, 0 or more expected", path, value);
      counts.push_back(static_cast<std::uint64_t>(value));
    }
  }
  const std::span<const std::uint64_t> all(counts);
  return distributions(all.first(256), all.last(256), path);
}

OperandDistributions read_histogram_text(const std::string& path) {
  const std::vector<std::uint8_t> bytes = read_whole_file(path);
  std::istringstream text(std::string(bytes.begin(), bytes.end()));
  std::string line;
  std::getline(text, line);
  if (line.ends_with('\r')) line.pop_back();
  if (line != "magnitude,weights,activations") {
    fail(ErrorKind::input, "{}:1: {} found, header magnitude,weights,activations expected", path,
         quote(line));
  }
  std::array<std::vector<std::uint64_t>, 2> counts;
  for (std::size_t number = 2; std::getline(text, line); ++number) {
    std::array<std::uint64_t, 3> cells{};
    const char* position = line.data();
    const char* const end = line.data() + line.size() - (line.ends_with('\r') ? 1 : 0);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const auto [stop, error] = std::from_chars(position, end, cells[i]);
      const bool separated = i == 2 ? stop == end : stop != end && *stop == ',';
      if (error != std::errc() || !separated || (i == 0 && cells[0] != number - 2)) {
        fail(ErrorKind::input, "{}:{}: {} found, {},COUNT,COUNT expected", path, number,
             quote(line), number - 2);
      }
      position = stop + 1;
    }
    counts[0].push_back(cells[1]);
    counts[1].push_back(cells[2]);
  }
  return distributions(counts[0], counts[1], path);
}

}  // namespace

std::string error_text(const std::vector<ErrorRow>& rows) {
  std::vector<Cells> lines = {header_cells()};
  for (const ErrorRow& row : rows) lines.push_back(row_cells(row));
  return aligned(lines);
}

std::string error_csv(const std::vector<ErrorRow>& rows) {
  std::string text = "multiplier,width (bits),operands";
  for (const Column& column : columns()) text += fmt::format(",{} ({})", column.key, column.unit);
  text += ",zero_annihilates\n";
  for (const ErrorRow& row : rows) {
    text += fmt::format("{},{},{}", row.multiplier, row.width, row.operands);
    for (const Column& column : columns()) text += fmt::format(",{}", column.value(row.statistics));
    text += row.statistics.zero_annihilates ? ",yes\n" : ",no\n";
  }
  return text;
}

nlohmann::json error_json(const std::vector<ErrorRow>& rows, const nlohmann::json& inputs) {
  nlohmann::json units = {{"width", "bits"}};
  for (const Column& column : columns()) units[column.key] = column.unit;
  nlohmann::json list = nlohmann::json::array();
  for (const ErrorRow& row : rows) {
    nlohmann::json object = {{"multiplier", row.multiplier},
                             {"width", row.width},
                             {"operands", row.operands},
                             {"zero_annihilates", row.statistics.zero_annihilates}};
    for (const Column& column : columns()) object[column.key] = column.value(row.statistics);
    list.push_back(std::move(object));
  }
  return {{"schema", "mbm.multiplier-error"},
          {"schema_version", 1},
          {"tool_version", MBM_VERSION},
          {"numerics_version", kNumericsVersion},
          {"seed", 0},
          {"inputs", inputs},
          {"units", units},
          {"errors", list}};
}

OperandDistributions read_operand_histograms(const std::string& path) {
  return path.ends_with(".npy") ? read_histogram_array(path) : read_histogram_text(path);
}

}  // namespace mbm
