// Costs joined with accuracies: figures worked out by hand from two small results; what does not
// fit is refused with file and place.
#include "host/cost/cost_charts.hpp"
#include "host/cost/cost_comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/cost/cost_design.hpp"
#include "host/format/atomic_file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json metrics(double a1, double rms) {
  return {{"a1", a1}, {"a2", 0.0}, {"a3", 0.0}, {"rel", 0.0}, {"rms", rms}, {"log10", 0.0}};
}

json deviation(double a1, double rms) {
  return {{"percent", metrics(a1, rms)}, {"standard_error", metrics(0.01, 0.02)}};
}

json column(const std::string& name, double a1, double rms) {
  return {{"multiplier", name}, {"deviation_from_float", deviation(a1, rms)}};
}

// Exact products lose 0.1 %, of 5 bits 2 %; mbm 1 % plain and 0.15 % corrected; log2:w4 0.3 %.
json accuracy() {
  return {{"schema", "mbm.depth-study"},
          {"schema_version", 2},
          {"network", "net"},
          {"images_range", {0, 100}},
          {"calibration", {{"operands", "sign-magnitude8"}, {"activation_range", "max-abs"}}},
          {"variants",
           {{{"label", "decoder"},
             {"control_deviation_from_float", deviation(-0.1, -0.4)},
             {"columns",
              {column("mbm", -1.0, 0.5), column("mbm+affine", 0.2, 0.15),
               column("log2:w4+affine", -0.3, 0.1)}}}}}};
}

// Of operands of 5 bits: exact products lose 2 %.
json narrow_accuracy() {
  json study = accuracy();
  study["calibration"]["operands"] = "sign-magnitude5";
  study["variants"][0]["columns"] = json::array();
  study["variants"][0]["control_deviation_from_float"] = deviation(-2.0, 1.0);
  return study;
}

json design(const std::string& name, const std::string& multiplier, const std::string& operands,
            double area, double energy, double products) {
  return {{"design", name},
          {"multiplier", multiplier},
          {"operand_bits", name.ends_with(":5") ? 5 : 8},
          {"operands", operands},
          {"products", products},
          {"area", area},
          {"period", 5.0},
          {"library_delays", {{"operation", {{"total", energy}}}}}};
}

json costs() {
  json designs = {design("pe/exact", "exact", "uniform", 100, 90, 0),
                  design("pe/exact", "exact", "first", 100, 10, 300),
                  design("pe/exact", "exact", "last", 100, 20, 100),
                  design("pe/exact:5", "exact", "first", 50, 5, 300),
                  design("pe/exact:5", "exact", "last", 50, 5, 100),
                  design("pe/mbm", "mbm", "first", 80, 12, 300),
                  design("pe/mbm", "mbm", "last", 80, 20, 100),
                  design("pe/mbm+inside", "mbm", "first", 90, 13, 300),
                  design("pe/mbm+inside", "mbm", "last", 90, 20, 100),
                  design("pe/log2:w4", "log2:w4", "first", 60, 8, 300),
                  design("pe/log2:w4", "log2:w4", "last", 60, 12, 100),
                  design("pe/other", "other", "first", 1, 1, 300),
                  design("pe/other", "other", "last", 1, 1, 100)};
  return {{"schema", "mbm.cost-energy"},
          {"schema_version", 1},
          {"library", {{"name", "lib"}}},
          {"tools", "tools"},
          {"inputs",
           {{"calibration", {{"operands", "sign-magnitude8"}, {"activation_range", "max-abs"}}}}},
          {"designs", designs}};
}

class Comparison : public testing::Test {
 protected:
  std::filesystem::path put(const std::string& name, const json& value) {
    const std::filesystem::path path = folder_ / name;
    write_file(path, value.dump());
    return path;
  }

  CostComparison compare(const json& accuracy_study, const json& cost_study,
                         double tolerance = 0.1) {
    return compare_costs({read_accuracy_study(put("accuracy.json", accuracy_study)),
                          read_accuracy_study(put("narrow.json", narrow_accuracy()))},
                         {read_cost_study(put("cost.json", cost_study))}, tolerance);
  }

  static const ComparisonRow& row(const CostComparison& comparison, const std::string& name) {
    for (const ComparisonRow& row : comparison.rows) {
      if (row.design.name == name) return row;
    }
    throw std::runtime_error(name);
  }

  test::TemporaryFolder folder_;
};

TEST_F(Comparison, IsThatWorkedOutByHand) {
  const CostComparison comparison = compare(accuracy(), costs());
  ASSERT_EQ(comparison.rows.size(), 6U);
  // By loss; what no study knows is last.
  EXPECT_EQ(comparison.rows.front().design.name, "pe/exact");
  EXPECT_EQ(comparison.rows.back().design.name, "pe/other");
  EXPECT_FALSE(comparison.rows.back().accuracy.has_value());
  const ComparisonRow& exact = row(comparison, "pe/exact");
  EXPECT_DOUBLE_EQ(exact.accuracy->loss, 0.1);
  EXPECT_EQ(exact.accuracy->metric, "a1");
  EXPECT_DOUBLE_EQ(exact.design.mean_energy_fj, (10 * 300 + 20 * 100) / 400.0);
  EXPECT_TRUE(exact.exact);
  EXPECT_FALSE(exact.area_ratio.has_value());
  // The column that loses least is the corrected one, by rms.
  const ComparisonRow& mbm = row(comparison, "pe/mbm");
  EXPECT_EQ(mbm.accuracy->name, "mbm+affine");
  EXPECT_DOUBLE_EQ(mbm.accuracy->loss, 0.15);
  EXPECT_EQ(mbm.accuracy->metric, "rms");
  EXPECT_DOUBLE_EQ(mbm.accuracy->standard_error, 0.02);
  EXPECT_DOUBLE_EQ(*mbm.area_ratio, 0.8);
  EXPECT_DOUBLE_EQ(*mbm.energy_ratio, 14 / 12.5);
  EXPECT_FALSE(mbm.beats_exact());
  EXPECT_TRUE(mbm.pareto);
  EXPECT_FALSE(row(comparison, "pe/mbm+inside").pareto);  // as pe/mbm, and more of both
  EXPECT_TRUE(row(comparison, "pe/log2:w4").beats_exact());
  EXPECT_TRUE(row(comparison, "pe/log2:w4").pareto);
  const ComparisonRow& narrow = row(comparison, "pe/exact:5");
  EXPECT_DOUBLE_EQ(narrow.accuracy->loss, 2.0);
  EXPECT_TRUE(narrow.pareto);
}

TEST_F(Comparison, ExactDesignsWithinTheToleranceCount) {
  const CostComparison comparison = compare(accuracy(), costs(), 1.9);
  // The one of 5 bits loses 1.7 points more than log2:w4.
  EXPECT_DOUBLE_EQ(*row(comparison, "pe/log2:w4").area_ratio, 60.0 / 50);
  EXPECT_FALSE(row(comparison, "pe/log2:w4").beats_exact());
}

// An energy belongs to operands as they were quantised; so does a loss.
TEST_F(Comparison, LossAndEnergyAreOfTheSameRange) {
  json clipped = accuracy();
  clipped["calibration"]["activation_range"] = "mse";
  clipped["variants"][0]["control_deviation_from_float"] = deviation(-0.7, 0.1);
  clipped["variants"][0]["columns"][2] = column("log2:w4+affine", -0.2, 0.1);
  const AccuracyStudy wide = read_accuracy_study(put("wide.json", accuracy()));
  const AccuracyStudy mse = read_accuracy_study(put("mse.json", clipped));
  json elsewhere = costs();
  json& designs = elsewhere["designs"];
  designs.erase(designs.begin() + 3, designs.begin() + 5);  // of 5 bits
  elsewhere["inputs"]["calibration"]["activation_range"] = "mse";
  const CostStudy cost = read_cost_study(put("cost.json", elsewhere));
  EXPECT_DOUBLE_EQ(row(compare_costs({wide, mse}, {cost}, 0.1), "pe/exact").accuracy->loss, 0.7);
  EXPECT_DOUBLE_EQ(row(compare_costs({wide, mse}, {cost}, 0.1), "pe/log2:w4").accuracy->loss, 0.2);
  // Codes of 8 bits that were clipped by their least error are none of 5 bits.
  json narrow = costs();
  narrow["inputs"]["calibration"]["activation_range"] = "mse";
  test::expect_error(ErrorKind::input, {"narrow.json", "designs[3].operand_bits", "mse"},
                     [&] { read_cost_study(put("narrow.json", narrow)); });
}

TEST_F(Comparison, AnExactDesignWhoseLossIsUncertainMayBeAsAccurate) {
  AccuracyStudy narrow = read_accuracy_study(put("narrow.json", narrow_accuracy()));
  const AccuracyStudy wide = read_accuracy_study(put("wide.json", accuracy()));
  const CostStudy cost = read_cost_study(put("cost.json", costs()));
  // 2 % against 0.3 %: 1.7 points, less 0.1, are two of 0.8.
  narrow.columns[0].standard_error = 0.79;
  EXPECT_TRUE(row(compare_costs({wide, narrow}, {cost}, 0.1), "pe/log2:w4").beats_exact());
  narrow.columns[0].standard_error = 0.81;
  EXPECT_FALSE(row(compare_costs({wide, narrow}, {cost}, 0.1), "pe/log2:w4").beats_exact());
}

TEST_F(Comparison, FormsHoldEveryDesignAndItsSources) {
  const CostComparison comparison = compare(accuracy(), costs());
  const json object = comparison_json(comparison);
  EXPECT_EQ(object.at("designs").size(), 6U);
  EXPECT_EQ(object.at("sources").at("cost").at(0).at("library"), "lib");
  EXPECT_THAT(comparison_text(comparison),
              HasSubstr("accuracy.json, net, layers decoder, sign-magnitude8 operands, max-abs "
                        "ranges, images 0:100"));
  EXPECT_THAT(comparison_csv(comparison),
              HasSubstr("pe/"
                        "mbm,mbm+affine,8,max-abs,0.1500,0.0200,rms,80.00,5.0000,"
                        "14.00,12.00,20.00,0.8000,1.1200,yes,no\n"));
  EXPECT_THAT(chart_file(comparison_chart(object, ComparedCost::energy)), HasSubstr("pe/log2:w4"));
  EXPECT_THAT(chart_file(comparison_chart(object, ComparedCost::area)), HasSubstr("um2"));
}

TEST_F(Comparison, WhatIsWrongIsSaidWithFileAndPlace) {
  const auto refused = [&](const json& accuracy_study, const json& cost_study,
                           std::initializer_list<std::string> parts) {
    test::expect_error(ErrorKind::input, parts, [&] { compare(accuracy_study, cost_study); });
  };
  refused(costs(), costs(), {"accuracy.json", "mbm.depth-study"});
  refused(accuracy(), accuracy(), {"cost.json", "mbm.cost-energy"});
  refused(json::array(), costs(), {"accuracy.json"});
  json two = accuracy();
  two["variants"].push_back(two["variants"][0]);
  refused(two, costs(), {"accuracy.json", "variants", "one choice of layers"});
  json text = accuracy();
  text["variants"][0]["columns"][0]["deviation_from_float"]["percent"]["a1"] = "much";
  refused(text, costs(), {"accuracy.json", "percent.a1"});
  json integers = accuracy();
  integers["calibration"]["operands"] = "int8-uint8";
  refused(integers, costs(), {"accuracy.json", "calibration.operands", "int8-uint8"});
  json negative = costs();
  negative["designs"][1]["area"] = -1;
  refused(accuracy(), negative, {"cost.json", "designs[1].area", "positive"});
  json twice = costs();
  twice["designs"].push_back(twice["designs"][1]);
  refused(accuracy(), twice, {"cost.json", "operands", "once"});
  json missing = costs();
  missing["designs"].erase(2);
  refused(accuracy(), missing, {"operands of pe/exact"});
  json uniform = costs();
  for (json& entry : uniform["designs"]) entry["operands"] = "uniform";
  refused(accuracy(), uniform, {"cost.json", "designs", "layer"});
  json unknown = costs();
  for (json& entry : unknown["designs"]) entry["multiplier"] = "unknown";
  refused(accuracy(), unknown, {"'unknown'"});
  test::expect_error(ErrorKind::input, {"nothing.json"},
                     [&] { read_cost_study(folder_ / "nothing.json"); });
}

TEST_F(Comparison, StudiesOfOtherImagesDoNotFit) {
  json other = accuracy();
  other["images_range"] = {0, 50};
  const AccuracyStudy first = read_accuracy_study(put("first.json", accuracy()));
  const AccuracyStudy second = read_accuracy_study(put("second.json", other));
  const CostStudy cost = read_cost_study(put("cost.json", costs()));
  test::expect_error(ErrorKind::input, {"second.json", "images 0:50", "0:100"}, [&] {
    compare_costs({first, second}, {cost}, 0);
  });
  CostStudy elsewhere = cost;
  elsewhere.library = "other";
  test::expect_error(ErrorKind::input, {"library other", "lib"}, [&] {
    compare_costs({first}, {cost, elsewhere}, 0);
  });
}

// --- the multiplier whose accuracy counts is the one that the element computes

// Products of codes that differ between an element and its multiplier, both in units of codes.
int differences(const CostDesign& design, const std::string& multiplier) {
  const ProductTable whole = make_product_table(multiplier);
  const int largest = (1 << design.form.width) - 1;
  int count = 0;
  for (int weight = -largest; weight <= largest; weight += 3) {
    for (int activation = -largest; activation <= largest; ++activation) {
      const std::int64_t product = whole(static_cast<std::size_t>(std::abs(weight)),
                                         static_cast<std::size_t>(std::abs(activation)));
      const std::int64_t expected = (weight < 0) != (activation < 0) ? -product : product;
      const std::int64_t term = design.form.term(*design.table, weight, activation);
      count += term * (std::int64_t{1} << design.form.dropped_bits) != expected ? 1 : 0;
    }
  }
  return count;
}

TEST(ElementAccuracy, IsThatOfTheMultiplierItNames) {
  struct Expected {
    const char* design;
    const char* multiplier;
    int bits;
  };
  for (const auto& [name, multiplier, bits] : {Expected{"pe/exact-dadda", "exact", 8},
                                               {"pe/fused:7", "exact", 7},
                                               {"pe/fused-twos:6", "exact", 6},
                                               {"pe/exact:4+drop2", "exact:drop2", 4},
                                               {"pe/log2:w4+gated+drop4", "log2:w4:drop4", 8},
                                               {"pe/mbm+inside+drop1", "mbm:drop1", 8},
                                               {"pe/mitchell:w7", "mitchell", 8},
                                               {"pe/realm:4:t1", "realm:4:t1", 8},
                                               {"pe/drum:6", "drum:6", 8},
                                               {"pe/exact-dadda:6+broken4", "broken-array:4", 6},
                                               {"exact-dadda:6", "exact", 6}}) {
    const CostDesign design = find_design(name, {});
    EXPECT_EQ(design.accuracy, multiplier) << name;
    EXPECT_EQ(design.form.width, bits) << name;
    EXPECT_EQ(differences(design, multiplier), 0) << name;
  }
  EXPECT_GT(differences(find_design("pe/log2:w4+gated+drop4", {}), "log2:w4"), 0);
  EXPECT_GT(differences(find_design("pe/exact-dadda:6+broken4", {}), "exact:drop4"), 0);
}

TEST(ElementAccuracy, FlagsThatAnElementHasNotAreRefused) {
  for (const char* name :
       {"pe/log2:w4+inside", "pe/drum:6+static", "pe/fused+inside", "pe/exact+inside",
        "pe/drum:6+drop9", "pe/drum:99", "pe/mbm+inside+inside", "pe/exact:6+broken2",
        "pe/exact-dadda:6+broken2+drop2", "pe/exact-dadda+broken9", "pe/fused+broken2",
        "pe/log2:w4+broken2", "pe/drum:6+broken2"}) {
    test::expect_error(ErrorKind::usage, {}, [&] { find_design(name, {}); });
  }
}

}  // namespace
}  // namespace mbm
