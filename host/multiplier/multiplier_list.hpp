// All multipliers that tables and comparisons show, with their errors.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cmodel/multiplier/error_statistics.hpp"
#include "cmodel/multiplier/multiplier.hpp"

namespace mbm {

struct ListedMultiplier {
  const MultiplierFamily* family;
  std::string name;
  ErrorStatistics uniform;  // over uniform operands
  ErrorStatistics network;  // over those of a network (network_operands)
};

// The members of every family, in the order of multiplier_families().
std::vector<ListedMultiplier> listed_multipliers();

// A block per family: what it is, its parameters, and its members with MRED, NSRdnn and RTL.
std::string list_text(const std::vector<ListedMultiplier>& list);

std::string list_csv(const std::vector<ListedMultiplier>& list);

// Schema "mbm.multiplier-list", with a unit for every field.
nlohmann::json list_json(const std::vector<ListedMultiplier>& list);

// One table with all error statistics, for the documentation.
std::string list_markdown(const std::vector<ListedMultiplier>& list);

}  // namespace mbm
