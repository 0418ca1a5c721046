// The layer tables of the depth study (../shared/depth-study.md), for tests of its networks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace mbm::test {

// A row "| layer | in | out | kernel | in HxW | out HxW | MACs | weights, note |".
struct PublishedLayer {
  std::int64_t input_channels;
  std::int64_t output_channels;
  std::string kernel;
  std::string output_size;
  std::int64_t products;
  std::int64_t weights;
};

inline std::int64_t parse_count(std::string text) {
  std::erase(text, ',');
  return std::stoll(text);
}

// The rows of the sections whose numbers are given ("1.2"), by layer.
inline std::map<std::string, PublishedLayer> published_layers(
    const std::filesystem::path& study, const std::vector<std::string>& sections) {
  std::ifstream file(study);
  std::map<std::string, PublishedLayer> layers;
  bool in_section = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("### ")) {
      in_section = false;
      for (const std::string& section : sections) {
        in_section = in_section || line.starts_with("### " + section);
      }
    }
    if (!in_section || !line.starts_with("| ") || line.starts_with("| layer")) continue;
    std::vector<std::string> cells;
    std::istringstream row(line.substr(2));
    for (std::string cell; std::getline(row, cell, '|');) {
      cell.erase(cell.find_last_not_of(' ') + 1);
      cell.erase(0, cell.find_first_not_of(' '));
      cells.push_back(cell);
    }
    layers[cells.at(0)] = {
        std::stoll(cells.at(1)),  std::stoll(cells.at(2)), cells.at(3), cells.at(5),
        parse_count(cells.at(6)), parse_count(cells.at(7))};
  }
  return layers;
}

}  // namespace mbm::test
