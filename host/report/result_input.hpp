// Results of the other commands as the report reads them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace mbm {

// A picture that a command left beside its result, whole, and what its sidecar (same name, .json)
// says about it.
struct ResultPicture {
  std::string name;
  std::vector<std::uint8_t> png;
  nlohmann::json description;  // null: no sidecar
};

struct ResultInput {
  std::string name;   // for messages: the path as the user gave it
  std::string title;  // for headings: what tells the result from the others
  nlohmann::json result;
  std::string schema;
  std::vector<ResultPicture> pictures;  // by name, of a result in a folder
};

// The results that `paths` name: JSON files, and folders, which stand for every result.json below
// them, in the order of their names, with at most `pictures` pictures each. Throws Error(input)
// that names the file if one is missing, no JSON or without "schema", or if a folder has none.
// Titles are paths below the folder that all results share, without "result.json".
std::vector<ResultInput> read_results(const std::vector<std::filesystem::path>& paths,
                                      std::size_t pictures);

}  // namespace mbm
