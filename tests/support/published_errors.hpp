// The exhaustive error figures of multipliers.md, section 3, as they are printed there.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cmodel/multiplier/error_statistics.hpp"
#include "tests/support/data.hpp"

namespace mbm::test {

inline std::filesystem::path published_errors_file() {
  return data_folder().parent_path() / "multipliers.md";
}

inline std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// The cells of a Markdown table row; empty for any other line.
inline std::vector<std::string> table_cells(const std::string& line) {
  std::vector<std::string> cells;
  std::size_t bar = line.find('|');
  if (bar == std::string::npos || trimmed(line.substr(0, bar)) != "") return cells;
  for (std::size_t next = line.find('|', bar + 1); next != std::string::npos;
       bar = next, next = line.find('|', bar + 1)) {
    cells.push_back(trimmed(line.substr(bar + 1, next - bar - 1)));
  }
  return cells;
}

struct PublishedErrors {
  static constexpr std::size_t kColumns = 12;
  std::string name;
  std::vector<std::string> figures;  // kColumns cells as printed
  bool flagged = false;              // the row says that 0 * x is not 0
};

// The rows of the table of section 3.
inline std::vector<PublishedErrors> read_published_errors(const std::filesystem::path& file) {
  std::ifstream text(file);
  std::vector<PublishedErrors> rows;
  std::string line;
  while (std::getline(text, line) && !line.starts_with("## 3.")) {
  }
  while (std::getline(text, line) && !line.starts_with("## 4.")) {
    const std::vector<std::string> cells = table_cells(line);
    if (cells.size() != PublishedErrors::kColumns + 1) continue;
    if (cells[1] == "ER %" || cells[1].starts_with("---")) continue;
    rows.push_back(
        {cells[0], {cells.begin() + 1, cells.end()}, line.find("0*x!=0") != std::string::npos});
  }
  return rows;
}

// The columns of the table: uniform operands, then operands of a network.
inline std::array<double, PublishedErrors::kColumns> measured_figures(const ProductTable& table) {
  const ErrorStatistics uniform =
      error_statistics(table, uniform_operands(ProductTable::kOperandBits));
  const ErrorStatistics network =
      error_statistics(table, network_operands(ProductTable::kOperandBits));
  return {100 * uniform.error_rate,
          100 * uniform.bias,
          100 * uniform.mean_relative_error,
          100 * uniform.peak_relative_error,
          100 * uniform.deviation,
          100 * uniform.mean_error_distance,
          100 * uniform.mean_error,
          static_cast<double>(uniform.worst_case_error),
          decibels(uniform.noise_to_signal_scaled),
          decibels(network.noise_to_signal),
          decibels(network.noise_to_signal_scaled),
          network.gain};
}

// Whether `value` rounds to the printed figure: half a unit of its last digit, and a hair for ties.
inline bool agrees(const std::string& printed, double value) {
  const std::size_t point = printed.find('.');
  const std::size_t digits = point == std::string::npos ? 0 : printed.size() - point - 1;
  const double unit = std::pow(10.0, -static_cast<double>(digits));
  return std::abs(std::stod(printed) - value) <= unit / 2 * (1 + 1e-6);
}

// The columns (from 0) in which the table disagrees with the printed row.
inline std::vector<std::size_t> disagreements(const PublishedErrors& row,
                                              const ProductTable& table) {
  const auto figures = measured_figures(table);
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    if (!agrees(row.figures[i], figures[i])) columns.push_back(i);
  }
  return columns;
}

}  // namespace mbm::test
