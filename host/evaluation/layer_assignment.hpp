// A multiplier for each layer, read back from the result of a search.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace mbm {

struct LayerAssignment {
  std::map<std::string, std::string> multipliers;  // by layer: "mbm+affine", "exact", ...
};

// The assignment chosen by `mbm search`, from its result.json (schema "mbm.search"). Throws
// Error(input) that names the place if the file is something else, of another network, or if the
// search found none within its budget.
LayerAssignment read_assignment(const std::filesystem::path& path, const std::string& network);

}  // namespace mbm
