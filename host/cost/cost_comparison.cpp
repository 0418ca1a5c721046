#include "host/cost/cost_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "cmodel/common/error.hpp"
#include "host/evaluation/depth_metrics.hpp"
#include "host/format/json_document.hpp"

namespace mbm {
namespace {

constexpr std::size_t kHigherIsBetter = 3;  // a1, a2, a3 come first

std::string without_correction(const std::string& name) {
  for (const char* correction : {"+gain", "+offset", "+affine"}) {
    if (name.ends_with(correction)) return name.substr(0, name.rfind('+'));
  }
  return name;
}

AccuracyColumn column_of(const std::string& name, int operand_bits,
                         const std::string& activation_range, const JsonPlace& deviation) {
  AccuracyColumn column{.name = name,
                        .multiplier = without_correction(name),
                        .operand_bits = operand_bits,
                        .activation_range = activation_range};
  for (std::size_t m = 0; m < kDepthMetricNames.size(); ++m) {
    const std::string metric(kDepthMetricNames[m]);
    const double change = deviation["percent"][metric].number();
    const double worse = m < kHigherIsBetter ? -change : change;
    if (m > 0 && worse <= column.loss) continue;
    column.loss = worse;
    column.standard_error = deviation["standard_error"][metric].number();
    column.metric = metric;
  }
  return column;
}

double positive(const JsonPlace& place) {
  const double value = place.number();
  if (!(value > 0)) place.expected("a positive number");
  return value;
}

int magnitude_bits(const std::string& operands) {
  if (operands == "sign-magnitude8") return 8;
  if (operands == "int8") return 7;
  for (const int bits : {6, 5, 4}) {
    if (operands == fmt::format("sign-magnitude{}", bits)) return bits;
  }
  fail(ErrorKind::usage, "'{}' found, sign and magnitude of 4 to 8 bits expected", operands);
}

void require_equal(const std::string& what, const std::string& first, const std::string& first_file,
                   const std::string& other, const std::string& other_file) {
  if (first == other) return;
  fail(ErrorKind::input, "{}: {} {} found, {} expected as in {}", other_file, what, other, first,
       first_file);
}

void require_that_studies_fit(const CostComparison& comparison) {
  const AccuracyStudy& accuracy = comparison.accuracy.front();
  const auto images = [](const AccuracyStudy& study) {
    return fmt::format("{}:{}", study.first_image, study.last_image);
  };
  for (const AccuracyStudy& other : comparison.accuracy) {
    require_equal("network", accuracy.network, accuracy.file, other.network, other.file);
    require_equal("layers", accuracy.layers, accuracy.file, other.layers, other.file);
    require_equal("images", images(accuracy), accuracy.file, images(other), other.file);
  }
  const CostStudy& cost = comparison.costs.front();
  const auto operands = [](const CostedDesign& design) {
    std::string text;
    for (const auto& [layer, energy] : design.energy_fj) {
      text += text.empty() ? layer : "," + layer;
    }
    return text;
  };
  for (const CostStudy& other : comparison.costs) {
    require_equal("library", cost.library, cost.file, other.library, other.file);
    for (const CostedDesign& design : other.designs) {
      require_equal("operands of " + design.name, operands(cost.designs.front()), cost.file,
                    operands(design), other.file);
    }
  }
}

std::optional<AccuracyColumn> accuracy_of(const CostedDesign& design,
                                          const std::vector<AccuracyStudy>& studies) {
  std::optional<AccuracyColumn> best;
  for (const AccuracyStudy& study : studies) {
    for (const AccuracyColumn& column : study.columns) {
      if (column.multiplier != design.multiplier || column.operand_bits != design.operand_bits ||
          column.activation_range != design.activation_range) {
        continue;
      }
      if (!best || column.loss < best->loss) best = column;
    }
  }
  return best;
}

// Whether `a` may be as accurate as `b`: two standard errors are given to it.
bool may_be_as_accurate(const AccuracyColumn& a, const AccuracyColumn& b, double tolerance) {
  return a.loss - 2 * std::hypot(a.standard_error, b.standard_error) <= b.loss + tolerance;
}

// Area or energy of the best exact design that may be as accurate as `than`; nullopt: none may.
template <typename Cost>
std::optional<double> least_of_exact(const std::vector<ComparisonRow>& rows,
                                     const AccuracyColumn& than, double tolerance, Cost cost) {
  std::optional<double> least;
  for (const ComparisonRow& row : rows) {
    if (!row.exact || !row.accuracy || !may_be_as_accurate(*row.accuracy, than, tolerance))
      continue;
    if (!least || cost(row.design) < *least) least = cost(row.design);
  }
  return least;
}

bool dominates(const ComparisonRow& a, const ComparisonRow& b) {
  const std::array<double, 3> first = {a.accuracy->loss, a.design.area_um2,
                                       a.design.mean_energy_fj};
  const std::array<double, 3> second = {b.accuracy->loss, b.design.area_um2,
                                        b.design.mean_energy_fj};
  bool better = false;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first[i] > second[i]) return false;
    better = better || first[i] < second[i];
  }
  return better;
}

void rate(ComparisonRow& row, const std::vector<ComparisonRow>& rows, double tolerance) {
  if (!row.accuracy) return;
  row.pareto = std::ranges::none_of(
      rows, [&](const ComparisonRow& other) { return other.accuracy && dominates(other, row); });
  if (row.exact) return;
  const auto area = [](const CostedDesign& design) { return design.area_um2; };
  const auto energy = [](const CostedDesign& design) { return design.mean_energy_fj; };
  if (const auto least = least_of_exact(rows, *row.accuracy, tolerance, area))
    row.area_ratio = row.design.area_um2 / *least;
  if (const auto least = least_of_exact(rows, *row.accuracy, tolerance, energy)) {
    row.energy_ratio = row.design.mean_energy_fj / *least;
  }
}

}  // namespace

AccuracyStudy read_accuracy_study(const std::filesystem::path& path) {
  const JsonDocument document(path, "a result of mbm run");
  const JsonPlace root = document.root();
  root.require_schema("mbm.depth-study", 2);
  const JsonPlace variants = root["variants"];
  if (variants.array_size() != 1) variants.expected("one choice of layers");
  const JsonPlace variant = variants[0];
  AccuracyStudy study;
  study.file = path.string();
  study.network = root["network"].text();
  study.layers = variant["label"].text();
  study.first_image = static_cast<std::int64_t>(root["images_range"][0].number());
  study.last_image = static_cast<std::int64_t>(root["images_range"][1].number());
  const JsonPlace operands = root["calibration"]["operands"];
  study.operands = operands.text();
  const int bits = operands.parsed(magnitude_bits);
  study.activation_range = root["calibration"]["activation_range"].text();
  study.columns.push_back(
      column_of("exact", bits, study.activation_range, variant["control_deviation_from_float"]));
  const JsonPlace columns = variant["columns"];
  for (std::size_t c = 0; c < columns.array_size(); ++c) {
    study.columns.push_back(column_of(columns[c]["multiplier"].text(), bits, study.activation_range,
                                      columns[c]["deviation_from_float"]));
  }
  return study;
}

CostStudy read_cost_study(const std::filesystem::path& path) {
  const JsonDocument document(path, "a result of mbm cost energy");
  const JsonPlace root = document.root();
  root.require_schema("mbm.cost-energy", 1);
  CostStudy study;
  study.file = path.string();
  study.library = root["library"]["name"].text();
  study.tools = root["tools"].text();
  const JsonPlace calibration = root["inputs"]["calibration"];
  study.activation_range = calibration["activation_range"].text();
  const int code_bits = calibration["operands"].parsed(magnitude_bits);
  const JsonPlace rows = root["designs"];
  std::map<std::string, double> products;  // of a design's layers so far
  for (std::size_t i = 0; i < rows.array_size(); ++i) {
    const JsonPlace row = rows[i];
    const std::string operands = row["operands"].text();
    if (operands == "uniform") continue;
    const std::string name = row["design"].text();
    auto design = std::ranges::find(study.designs, name, &CostedDesign::name);
    if (design == study.designs.end()) {
      const int bits = static_cast<int>(positive(row["operand_bits"]));
      // Codes are cut to fewer bits by the largest magnitude.
      if (bits < code_bits && study.activation_range != "max-abs") {
        row["operand_bits"].expected(fmt::format("{} as of the operands, whose range is {}",
                                                 code_bits, study.activation_range));
      }
      design = study.designs.insert(design, {.name = name,
                                             .multiplier = row["multiplier"].text(),
                                             .operand_bits = bits,
                                             .activation_range = study.activation_range,
                                             .area_um2 = positive(row["area"]),
                                             .period_ns = positive(row["period"])});
    }
    const double energy = positive(row["library_delays"]["operation"]["total"]);
    if (!design->energy_fj.emplace(operands, energy).second) {
      row["operands"].expected(fmt::format("{} once for each layer", name));
    }
    const double count = positive(row["products"]);
    double& all = products[name];
    design->mean_energy_fj = (design->mean_energy_fj * all + energy * count) / (all + count);
    all += count;
  }
  if (study.designs.empty()) rows.expected("a design on the operands of a layer");
  return study;
}

CostComparison compare_costs(std::vector<AccuracyStudy> accuracy, std::vector<CostStudy> costs,
                             double tolerance) {
  if (accuracy.empty() || costs.empty()) {
    fail(ErrorKind::usage, "no study of {} found, one expected at least",
         accuracy.empty() ? "accuracy" : "costs");
  }
  CostComparison comparison{std::move(accuracy), std::move(costs), tolerance, {}};
  require_that_studies_fit(comparison);
  for (const CostStudy& study : comparison.costs) {
    for (const CostedDesign& design : study.designs) {
      comparison.rows.push_back({design,
                                 accuracy_of(design, comparison.accuracy),
                                 design.multiplier == "exact",
                                 false,
                                 {},
                                 {}});
    }
  }
  if (std::ranges::none_of(comparison.rows, [](const auto& row) { return bool{row.accuracy}; })) {
    fail(ErrorKind::input, "{}: no column for a design of {}, '{}' for one expected",
         comparison.accuracy.front().file, comparison.costs.front().file,
         comparison.rows.front().design.multiplier);
  }
  for (ComparisonRow& row : comparison.rows) rate(row, comparison.rows, tolerance);
  std::ranges::stable_sort(comparison.rows, {}, [](const ComparisonRow& row) {
    return std::pair(!row.accuracy, row.accuracy ? row.accuracy->loss : 0.0);
  });
  return comparison;
}

}  // namespace mbm
