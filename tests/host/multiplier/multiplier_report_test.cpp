#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "host/format/npy.hpp"
#include "host/format/product_table_file.hpp"
#include "host/multiplier/certificate.hpp"
#include "host/multiplier/error_report.hpp"
#include "host/multiplier/picture.hpp"
#include "host/multiplier/resolve.hpp"
#include "host/multiplier/rtl_modules.hpp"
#include "host/process/child_process.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ResolveMultiplier, NamesAndFilesGiveTheSameTable) {
  const test::TemporaryFolder folder;
  const ProductTable named = resolve_product_table("drum:6");
  for (const char* ending : {"csv", "npy", "hex", "bin"}) {
    const std::string path = (folder / "my").string() + "." + ending;
    test::write_bytes(path, encode_product_table(named, product_table_format_of(path)));
    const ProductTable read = resolve_product_table(path);
    EXPECT_EQ(read.name(), "my");
    EXPECT_TRUE(
        std::equal(read.products().begin(), read.products().end(), named.products().begin()))
        << ending;
    EXPECT_EQ(table_file_of(path), path);
  }
  EXPECT_EQ(table_file_of("drum:6"), std::nullopt);
  EXPECT_EQ(table_file_of("t.npz:mul8u_2AC"), "t.npz");
  test::expect_error(ErrorKind::usage, {"unknown multiplier 'drumm:6'", "drum"},
                     [] { resolve_product_table("drumm:6"); });
  test::expect_input_error({"./absent.csv"}, [] { resolve_product_table("./absent.csv"); });
}

TEST(ResolveMultiplier, NonZeroProductsOfZeroAreWarnedOf) {
  const auto warning = [](const ProductTable& table) {
    testing::internal::CaptureStderr();
    warn_if_zero_does_not_annihilate(table);
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(warning(make_product_table("mbm")), "");
  std::vector<std::uint16_t> products(ProductTable::kEntries);
  products[17 * 256] = 3;
  EXPECT_THAT(warning(ProductTable("flawed", products)),
              HasSubstr("flawed: 17 * 0 = 3, 0 expected"));
}

TEST(MultiplierPicture, CornerShowsProductsAndErrors) {
  const std::string corner = product_corner(make_product_table("mitchell"), 3, 0);
  EXPECT_THAT(corner, HasSubstr("8(-1)"));  // 3 * 3
  EXPECT_EQ(std::count(corner.begin(), corner.end(), '\n'), 9);
  test::expect_error(ErrorKind::usage, {"0..248"},
                     [] { product_corner(make_product_table("exact"), 0, 249); });
}

TEST(MultiplierPicture, HeatMapColoursTheSignOfTheError) {
  std::vector<std::uint16_t> products(ProductTable::kEntries);
  for (std::size_t i = 0; i < products.size(); ++i) {
    products[i] = static_cast<std::uint16_t>((i / 256) * (i % 256));
  }
  products[100 * 256 + 200] = 22000;  // + 10 %
  products[200 * 256 + 100] = 19000;  // - 5 %
  products[0 * 256 + 7] = 1;
  const RgbImage image = error_heat_map(ProductTable("t", products), 0.1, 2);
  ASSERT_EQ(image.width, 512U);
  ASSERT_EQ(image.height, 512U);
  const auto pixel = [&](std::size_t a, std::size_t b) {
    const auto* at = &image.values[(2 * a * 512 + 2 * b) * 3];
    return std::vector<int>{at[0], at[1], at[2]};
  };
  EXPECT_EQ(pixel(100, 200), (std::vector<int>{255, 0, 0}));
  EXPECT_EQ(pixel(200, 100), (std::vector<int>{128, 128, 255}));
  EXPECT_EQ(pixel(50, 60), (std::vector<int>{255, 255, 255}));
  EXPECT_EQ(pixel(0, 7), (std::vector<int>{0, 0, 0}));
  // 3 * 3 of Mitchell's is below 16 and does not set the scale.
  EXPECT_NEAR(heat_map_scale(make_product_table("mitchell")), 1.0 / 9, 1e-3);
  EXPECT_NEAR(heat_map_scale(ProductTable("t", products)), 0.1, 1e-9);
}

TEST(MultiplierPicture, ComparisonPlacesMultipliersByCost) {
  const std::vector<ComparedMultiplier> plain = {{"exact", "exact", -120, {}},
                                                 {"a<b", "mbm", -30, {}}};
  const std::string without = comparison_svg(plain, "");
  EXPECT_THAT(without, HasSubstr("no costs given"));
  EXPECT_THAT(without, HasSubstr("a&lt;b: -30.0 dB"));
  EXPECT_THAT(without, HasSubstr("exact: -120.0 dB"));
  const std::vector<ComparedMultiplier> priced = {{"exact", "exact", -120, 376.0},
                                                  {"mbm", "mbm", -30, {}}};
  const std::string with = comparison_svg(priced, "area (um2)");
  EXPECT_THAT(with, HasSubstr("area (um2)"));
  EXPECT_THAT(with, HasSubstr("<title>exact"));
  EXPECT_THAT(with, Not(HasSubstr("<title>mbm")));  // no cost, no point
  EXPECT_THAT(with, Not(HasSubstr(">mbm<")));       // nor in the legend
}

TEST(MultiplierPicture, NoTwoFamiliesOfAComparisonLookAlike) {
  std::vector<ComparedMultiplier> plain;
  std::set<std::string> marks;
  for (const MultiplierFamily& family : multiplier_families()) {
    const std::string name(family.name);
    plain.push_back({name, name, -30, {}});
  }
  const std::string svg = comparison_svg(plain, "");
  const std::regex pattern(R"re(<(circle|rect|path) [^>]*fill="(#\w+)"><title>)re");
  std::smatch match;
  for (std::string rest = svg; std::regex_search(rest, match, pattern); rest = match.suffix()) {
    marks.insert(match.str(1) + match.str(2));
  }
  EXPECT_EQ(marks.size(), multiplier_families().size());
}

TEST(MultiplierPicture, CostsAreRead) {
  const test::TemporaryFolder folder;
  const auto path = (folder / "costs.csv").string();
  test::write_bytes(path, "multiplier,area (um2)\nmbm,288.4\nmbm-folded:7,200\n");
  const CostList costs = read_costs(path);
  EXPECT_EQ(costs.name, "area (um2)");
  ASSERT_EQ(costs.costs.size(), 2U);
  EXPECT_EQ(costs.costs[1], (std::pair<std::string, double>{"mbm-folded:7", 200}));
  test::write_bytes(path, "multiplier,area (um2)\nmbm,much\n");
  test::expect_input_error({path + ":2", "'much'"}, [&] { read_costs(path); });
  test::write_bytes(path, "");
  test::expect_input_error({path + ":1", "empty"}, [&] { read_costs(path); });
  test::write_bytes(path, "name\n");
  test::expect_input_error({path + ":1", "header"}, [&] { read_costs(path); });
}

TEST(OperandHistograms, AreReadFromCsvAndNpy) {
  const test::TemporaryFolder folder;
  std::string text = "magnitude,weights,activations\n";
  std::vector<std::int64_t> counts(512);
  for (int i = 0; i < 256; ++i) {
    const int weights = i == 3 ? 5 : 0;
    const int activations = i == 4 ? 3 : i == 3 ? 1 : 0;
    counts[static_cast<std::size_t>(i)] = weights;
    counts[static_cast<std::size_t>(256 + i)] = activations;
    text += std::to_string(i) + "," + std::to_string(weights) + "," + std::to_string(activations) +
            "\n";
  }
  const auto csv = (folder / "h.csv").string();
  const auto npy = (folder / "h.npy").string();
  test::write_bytes(csv, text);
  write_npy(npy, make_npy_array<std::int64_t>({2, 256}, counts));
  for (const std::string& path : {csv, npy}) {
    const OperandDistributions operands = read_operand_histograms(path);
    EXPECT_DOUBLE_EQ(operands.a.probabilities[3], 1);
    EXPECT_DOUBLE_EQ(operands.b.probabilities[4], 0.75);
  }
  const auto refused = [&](const std::string& content, const std::string& place) {
    test::write_bytes(csv, content);
    test::expect_input_error({csv + place}, [&] { read_operand_histograms(csv); });
  };
  refused("", ":1");
  refused("magnitude,weights\n", ":1");
  refused(text + "256,0,0\n", "");
  refused("magnitude,weights,activations\n0,1\n", ":2");
  refused("magnitude,weights,activations\n1,1,1\n", ":2");
  refused("magnitude,weights,activations\n0,1,-1\n", ":2");
  refused("magnitude,weights,activations\n0,1,1x\n", ":2");
  refused("magnitude,weights,activations\n0,1,1\n", "");
  counts[0] = -1;
  write_npy(npy, make_npy_array<std::int64_t>({2, 256}, counts));
  test::expect_input_error({npy, "count -1"}, [&] { read_operand_histograms(npy); });
}

// The list of RTL says only what exists.
TEST(RtlModules, EveryListedModuleIsAFile) {
  const auto folder = test::source_folder() / "rtl" / "multiplier";
  int listed = 0;
  for (const MultiplierFamily& family : multiplier_families()) {
    const auto instance = rtl_instance_of(family.members.front());
    if (!instance) continue;
    EXPECT_TRUE(std::filesystem::exists(folder / (instance->module + ".sv"))) << family.name;
    ++listed;
  }
  EXPECT_EQ(listed, 10);
  EXPECT_EQ(rtl_instance_of("mbm:t2")->parameters, ".Width(8), .DroppedBits(2)");
  EXPECT_FALSE(rtl_instance_of("udm").has_value());
}

TEST(Certificate, MitchellsWorstCaseIsProvedAndMet) {
  if (!find_program("yosys")) GTEST_SKIP() << "skipped: no yosys";
  const Certificate certificate = prove_worst_case("mitchell", 300);
  EXPECT_EQ(certificate.worst_case, 4096U);  // multipliers.md, section 3
  ASSERT_TRUE(certificate.counterexample);
  const auto& [a, b, product] = *certificate.counterexample;
  EXPECT_EQ(std::uint64_t{a} * b - product, 4096U);
  EXPECT_THAT(certificate.solver, HasSubstr("Yosys"));
  EXPECT_THAT(certificate_text({certificate}), HasSubstr("<= 4096 proved; not <= 4095: "));
  EXPECT_EQ(certificate_json({certificate}, {})["proofs"][0]["worst_case"], 4096);
}

TEST(Certificate, EveryFamilyHasACircuit) {
  const std::filesystem::path folder = test::source_folder() / "testbench";
  for (const MultiplierFamily& family : multiplier_families()) {
    for (const std::string& member : family.members) {
      const auto description = description_instance_of(member);
      EXPECT_NE(description.has_value(), rtl_instance_of(member).has_value()) << member;
      if (!description) continue;
      EXPECT_TRUE(std::filesystem::exists(folder / (description->module + ".sv"))) << member;
    }
  }
}

TEST(Certificate, UnknownMultipliersAreRefused) {
  test::expect_error(ErrorKind::usage, {"unknown multiplier"},
                     [] { prove_worst_case("nobody", 10); });
}

}  // namespace
}  // namespace mbm
