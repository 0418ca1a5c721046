// The honest comparison: what designs cost beside how accurate a network is with their products.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace mbm {

// A column of a study of `mbm run`.
struct AccuracyColumn {
  std::string name;                // with its correction, "log2:w5+affine"
  std::string multiplier;          // without
  int operand_bits = 8;            // magnitude bits of the operands
  std::string activation_range{};  // the largest activation that is not clipped: "max-abs", "mse"
  // The largest change for the worse of one of the six metrics against float, in percent of it;
  // negative where all got better.
  double loss = 0;
  double standard_error = 0;  // of that metric's mean change over the images, %
  std::string metric{};
};

struct AccuracyStudy {
  std::string file;
  std::string network;
  std::string layers;
  std::string operands;  // their format
  std::string activation_range;
  std::int64_t first_image = 0;
  std::int64_t last_image = 0;  // one past it
  std::vector<AccuracyColumn> columns;
};

// result.json of `mbm run` on depth images with one choice of layers; the control is the column
// "exact". Throws Error(input) that names file and place.
AccuracyStudy read_accuracy_study(const std::filesystem::path& path);

// A design of `mbm cost energy`.
struct CostedDesign {
  std::string name;
  std::string multiplier;
  int operand_bits = 8;
  std::string activation_range{};
  double area_um2 = 0;
  double period_ns = 0;
  // Of a product with glitches, by the layer whose operands they are of.
  std::map<std::string, double> energy_fj{};
  double mean_energy_fj = 0;  // over the layers, weighted by their products
};

struct CostStudy {
  std::string file;
  std::string activation_range;
  std::string library;
  std::string tools;
  std::vector<CostedDesign> designs;
};

// result.json of `mbm cost energy` on the operands of layers; uniform ones are left out. Throws
// Error(input).
CostStudy read_cost_study(const std::filesystem::path& path);

struct ComparisonRow {
  CostedDesign design;
  std::optional<AccuracyColumn> accuracy;  // none: no study has its multiplier
  bool exact = false;                      // exact products, of however many bits
  bool pareto = false;  // none is better in one of loss, area, energy and as good in the others
  // Of an approximate design: its area and energy over those of the smallest, of the most frugal
  // exact design that may be as accurate: whose loss less two standard errors of the difference (as
  // if they were independent) is at most its own plus the tolerance. None if every exact one loses
  // more.
  std::optional<double> area_ratio;
  std::optional<double> energy_ratio;

  // Smaller and more frugal than every exact design as accurate as it.
  bool beats_exact() const { return area_ratio && *area_ratio < 1 && *energy_ratio < 1; }
};

struct CostComparison {
  std::vector<AccuracyStudy> accuracy;
  std::vector<CostStudy> costs;
  double tolerance = 0;             // percent points of loss that count as equal
  std::vector<ComparisonRow> rows;  // by loss, those without one last
};

// Each design with the column of its multiplier, on operands of the same bits and range, that loses
// least, whichever correction that has.
// Throws Error(input) if studies do not fit one another (images, network, layers, library), or if
// no design has an accuracy.
CostComparison compare_costs(std::vector<AccuracyStudy> accuracy, std::vector<CostStudy> costs,
                             double tolerance);

std::string comparison_text(const CostComparison& comparison);
nlohmann::json comparison_json(const CostComparison& comparison);
std::string comparison_csv(const CostComparison& comparison);

}  // namespace mbm
