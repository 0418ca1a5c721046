// The error statistics of multipliers as text, JSON and CSV.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cmodel/multiplier/error_statistics.hpp"

namespace mbm {

struct ErrorRow {
  std::string multiplier;
  int width;             // of the operands, in bits
  std::string operands;  // "uniform", "dnn", or the file of a histogram
  ErrorStatistics statistics;
};

// A table with one line per row; the columns are those of the literature (see ErrorStatistics).
std::string error_text(const std::vector<ErrorRow>& rows);

// The same with the units in the header.
std::string error_csv(const std::vector<ErrorRow>& rows);

// Schema "mbm.multiplier-error", with a unit for every field. `inputs`: SHA-256 by file.
nlohmann::json error_json(const std::vector<ErrorRow>& rows, const nlohmann::json& inputs);

// Operand histograms of a layer: CSV "magnitude,weights,activations" with a line for every
// magnitude 0..255, or .npy of shape (2, 256), weights first. Throws Error(input).
OperandDistributions read_operand_histograms(const std::string& path);

}  // namespace mbm
