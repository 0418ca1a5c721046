// mbm multiplier as a user meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cmodel/multiplier/product_table.hpp"
#include "tests/support/command.hpp"
#include "tests/support/data.hpp"
#include "tests/support/files.hpp"

namespace mbm {
namespace {

using testing::HasSubstr;

class MultiplierCommand : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  static std::string output_of(const std::string& arguments) {
    const test::CommandResult result = test::run_mbm("multiplier " + arguments);
    EXPECT_EQ(result.exit_code, 0) << arguments << ": " << result.error;
    return result.output;
  }

  // One line on standard error, nothing on standard output.
  static void expect_failure(const std::string& arguments, int exit_code,
                             const std::vector<std::string>& parts) {
    const test::CommandResult result = test::run_mbm("multiplier " + arguments);
    EXPECT_EQ(result.exit_code, exit_code) << arguments << ": " << result.error;
    EXPECT_EQ(result.output, "") << arguments;
    EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1) << result.error;
    for (const std::string& part : parts) EXPECT_THAT(result.error, HasSubstr(part));
  }

  test::TemporaryFolder folder_;
};

TEST_F(MultiplierCommand, ExportWritesTheTableAOutermost) {
  std::istringstream text(output_of("export mbm-ref --format csv"));
  std::string line;
  std::getline(text, line);
  EXPECT_EQ(line, "A,B,P");
  const ProductTable table = make_product_table("mbm-ref");
  for (std::size_t a = 0; a < 256; ++a) {
    for (std::size_t b = 0; b < 256; ++b) {
      std::getline(text, line);
      ASSERT_EQ(line,
                std::to_string(a) + "," + std::to_string(b) + "," + std::to_string(table(a, b)));
    }
  }
  EXPECT_FALSE(std::getline(text, line));
}

TEST_F(MultiplierCommand, ExportedFilesImportUnchanged) {
  const std::string csv = output_of("export drum:5");
  for (const char* file : {"t.npy", "t.hex", "t.bin"}) {
    output_of("export drum:5 --out " + path(file));
    EXPECT_THAT(output_of("import " + path(file) + " --out " + path("back.csv")),
                HasSubstr("65536 products"));
    EXPECT_EQ(test::read_bytes(folder_ / "back.csv"), csv) << file;
  }
  // One digit changed in the CSV is another table.
  std::string changed = csv;
  changed[changed.rfind("1,1,1") + 4] = '2';
  test::write_bytes(folder_ / "t.csv", changed);
  EXPECT_NE(output_of("export " + path("t.csv")), csv);
}

TEST_F(MultiplierCommand, OutermostOperandCanBeChosen) {
  const std::string text = output_of("export exact --format csv --outermost b");
  EXPECT_EQ(text.substr(0, 18), "A,B,P\n0,0,0\n1,0,0\n");
  test::write_bytes(folder_ / "b.csv", text);
  expect_failure("import " + path("b.csv"), 3, {path("b.csv") + ":3", "not in order"});
  EXPECT_THAT(output_of("import --outermost b " + path("b.csv")), HasSubstr("symmetric"));
}

TEST_F(MultiplierCommand, ListShowsEveryFamily) {
  const std::string text = output_of("list");
  const auto document = nlohmann::json::parse(output_of("list --format json"));
  EXPECT_EQ(document["schema"], "mbm.multiplier-list");
  for (const char* key :
       {"schema_version", "tool_version", "numerics_version", "seed", "inputs", "units"}) {
    EXPECT_TRUE(document.contains(key)) << key;
  }
  for (const MultiplierFamily& family : multiplier_families()) {
    EXPECT_THAT(text, HasSubstr(std::string(family.syntax)));
  }
  EXPECT_EQ(document["families"].size(), multiplier_families().size());
  for (const auto& entry : document["multipliers"]) {
    if (entry["multiplier"] != "drum:6") continue;
    EXPECT_NEAR(entry["mean_relative_error"], 1.291, 0.0005);  // multipliers.md, section 3
    EXPECT_NEAR(entry["noise_to_signal"], -35.9, 0.05);
    EXPECT_NEAR(entry["noise_to_signal_with_gain"], -36.6, 0.05);
  }
  const std::string csv = output_of("list --format csv");
  EXPECT_EQ(csv.substr(0, csv.find('\n')),
            "multiplier,family,MRED (%),NSRdnn (dB),NSRdnn with gain (dB),RTL");
  EXPECT_THAT(csv, HasSubstr("\nmbm,mbm,"));
}

// multipliers.md, section 3, row "MBM paper".
TEST_F(MultiplierCommand, ErrorPrintsThePublishedFigures) {
  const std::string text = output_of("error mbm");
  for (const char* figure :
       {"98.70", "2.689", "7.8125", "3.308", "0.605", "2816", "-31.1", "-29.2"}) {
    EXPECT_THAT(text, HasSubstr(figure));
  }
  const auto document =
      nlohmann::json::parse(output_of("error mbm drum:5 --operands uniform --format json"));
  ASSERT_EQ(document["errors"].size(), 2U);
  EXPECT_NEAR(document["errors"][1]["bias"], 0.929, 0.0005);
  EXPECT_EQ(document["units"]["bias"], "%");
  const std::string csv = output_of("error mbm --format csv");
  EXPECT_THAT(csv, HasSubstr("bias (%)"));
  EXPECT_THAT(csv, HasSubstr("\nmbm,8,dnn,"));
}

TEST_F(MultiplierCommand, ErrorTakesHistogramsAndFiles) {
  std::string histogram = "magnitude,weights,activations\n";
  for (int i = 0; i < 256; ++i) histogram += std::to_string(i) + (i == 3 ? ",1,1\n" : ",0,0\n");
  test::write_bytes(folder_ / "h.csv", histogram);
  output_of("export mitchell --out " + path("m.csv"));
  const auto document = nlohmann::json::parse(
      output_of("error " + path("m.csv") + " --operands " + path("h.csv") + " --format json"));
  EXPECT_NEAR(document["errors"][0]["bias"], -100.0 / 9, 1e-9);  // 3 * 3 = 8
  EXPECT_EQ(document["inputs"].size(), 2U);
  EXPECT_EQ(document["inputs"][path("h.csv")].get<std::string>().size(), 64U);
  expect_failure("error mbm --width 16 --operands " + path("h.csv"), 2, {"8-bit operands"});
}

TEST_F(MultiplierCommand, ShowWritesPictures) {
  const test::CommandResult result =
      test::run_mbm("multiplier show mitchell --corner 3,3 --heat-map " + path("h.png") +
                    " --comparison " + path("c.svg"));
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_THAT(result.output, HasSubstr("8(-1)"));
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  ASSERT_NE(png_image_begin_read_from_file(&image, path("h.png").c_str()), 0);
  EXPECT_EQ(image.width, 768U);
  EXPECT_EQ(image.height, 768U);
  png_image_free(&image);
  const std::string svg = test::read_bytes(folder_ / "c.svg");
  EXPECT_TRUE(svg.starts_with("<svg "));
  EXPECT_THAT(svg, HasSubstr("<title>drum:6: -36.6 dB</title>"));
  test::write_bytes(folder_ / "costs.csv", "multiplier,area (um2)\nmbm,288.4\nexact,445.0\n");
  output_of("show mbm --comparison " + path("c.svg") + " --costs " + path("costs.csv"));
  const std::string priced = test::read_bytes(folder_ / "c.svg");
  EXPECT_THAT(priced, HasSubstr("area (um2)"));
  EXPECT_THAT(priced, testing::Not(HasSubstr("<title>drum:6")));
}

TEST_F(MultiplierCommand, NonZeroProductsOfZeroAreFlaggedWhereverTheyAreUsed) {
  std::string csv = output_of("export exact");
  csv.replace(csv.find("0,9,0"), 5, "0,9,4");
  test::write_bytes(folder_ / "flawed.csv", csv);
  for (const std::string verb : {"error", "show", "export", "import"}) {
    const test::CommandResult result =
        test::run_mbm("multiplier " + verb + " " + path("flawed.csv"));
    EXPECT_EQ(result.exit_code, 0) << verb;
    EXPECT_THAT(result.error, HasSubstr("warning: multiplier flawed: 0 * 9 = 4, 0 expected"))
        << verb;
  }
  EXPECT_THAT(output_of("error " + path("flawed.csv")), HasSubstr("0*x != 0"));
  EXPECT_THAT(test::run_mbm("multiplier error exact").error, testing::IsEmpty());
}

TEST_F(MultiplierCommand, MistakesAreOneLineWithTheirExitCode) {
  expect_failure("error mbn", 2, {"unknown multiplier 'mbn'", "mbm-ref"});
  expect_failure("error drum:2", 2, {"3..8 expected"});
  expect_failure("export mbm --format xlsx", 2, {"xlsx"});
  expect_failure("export mbm --out " + path("t.xlsx"), 2, {"t.xlsx"});
  expect_failure("export mbm --out " + path("t.c"), 2, {"c-model"});
  expect_failure("export exact --out /dev/null/t.csv", 3, {"cannot write"});
  expect_failure("import " + path("absent.csv"), 3, {"absent.csv"});
  std::filesystem::create_directory(folder_ / "d.csv");
  expect_failure("error " + path("d.csv"), 3, {"is a folder"});
  test::write_bytes(folder_ / "empty.csv", "");
  expect_failure("show " + path("empty.csv"), 3, {"empty.csv:1", "header A,B,P expected"});
  expect_failure("show mbm --corner 250,0", 2, {"0..248"});
  expect_failure("error mbm-ref --width 16", 2, {"width 16 found, 8 expected"});
  expect_failure("error", 2, {"required"});
  expect_failure("list --format xml", 2, {"xml"});
}

TEST_F(MultiplierCommand, MissingCompilerIsExitCodeFour) {
  test::write_bytes(folder_ / "m.c",
                    "unsigned mul8u_X(unsigned A, unsigned B) { return A * B; }\n");
  EXPECT_THAT(output_of("import " + path("m.c")), HasSubstr("m: 65536 products, largest 65025"));
  setenv("CC", "no-such-compiler", 1);
  expect_failure("import " + path("m.c"), 4, {"no-such-compiler"});
  unsetenv("CC");
}

// Programs in front of $PATH, or nothing else in it.
class ProveCommand : public MultiplierCommand {
 protected:
  ~ProveCommand() override { setenv("PATH", path_before_.c_str(), 1); }

  static bool has_yosys() { return std::system("command -v yosys >/dev/null") == 0; }

  void put_in_front(const std::string& program, const std::string& script) {
    test::write_bytes(folder_ / "bin" / program, "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(folder_ / "bin" / program, std::filesystem::perms::owner_all);
    setenv("PATH", (path("bin") + ":" + path_before_).c_str(), 1);
  }

 private:
  std::string path_before_ = std::getenv("PATH");
};

TEST_F(ProveCommand, NeedsYosys) {
  setenv("PATH", path("bin").c_str(), 1);
  expect_failure("prove mitchell", 4, {"yosys not found"});
}

// 3 * 3 is 7 in every block of udm: 255 * 255 is 7 * 85^2.
TEST_F(ProveCommand, NamesBoundAndCounterexample) {
  if (!has_yosys()) GTEST_SKIP() << "skipped: no yosys";
  EXPECT_THAT(output_of("prove mbm"),
              HasSubstr("|product - a b| <= 2816 proved; not <= 2815: 192 * 192 = 34048; Verilog"));
  EXPECT_THAT(output_of("prove udm"),
              HasSubstr("<= 14450 proved; not <= 14449: 255 * 255 = 50575; description"));
  EXPECT_THAT(output_of("prove exact"), HasSubstr("<= 0 proved; Verilog exact_multiplier"));
}

TEST_F(ProveCommand, TakesAnyTable) {
  if (!has_yosys()) GTEST_SKIP() << "skipped: no yosys";
  std::string csv = output_of("export exact-truncated:4");
  csv.replace(csv.find("255,255,57600"), 13, "255,255,57000");
  test::write_bytes(folder_ / "t.csv", csv);
  const auto document = nlohmann::json::parse(output_of("prove --format json " + path("t.csv")));
  const auto& proof = document["proofs"][0];
  EXPECT_EQ(proof["proved"], true);
  EXPECT_EQ(proof["circuit"], "diagrams of the table");
  EXPECT_EQ(proof["worst_case"], 65025 - 57000);
  EXPECT_EQ(proof["counterexample"]["product"], 57000);
  EXPECT_EQ(document["inputs"].size(), 1U);
}

TEST_F(ProveCommand, GoesOnWithoutAnAnswer) {
  put_in_front("yosys", "[ \"$1\" = -V ] && echo 'Yosys 0.0 (none)' || exec sleep 60");
  const test::CommandResult result =
      test::run_mbm("multiplier prove mbm udm --timeout 1 --format csv");
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_THAT(result.error, HasSubstr("2 of 2 worst cases not proved: no answer after 1 s"));
  EXPECT_THAT(result.output,
              HasSubstr("\nmbm,Verilog mbm_multiplier,2816,no answer after 1 s,,,,"));
  EXPECT_THAT(result.output, HasSubstr("\nudm,description underdesigned_fv,14450,no answer"));
}

TEST_F(ProveCommand, SeesAWrongSolverAndAWrongCircuit) {
  if (!has_yosys()) GTEST_SKIP() << "skipped: no yosys";
  put_in_front("yosys-abc", "echo UNSATISFIABLE");
  expect_failure("prove mbm", 1, {"'mbm': the solver finds no error of 2816"});
  put_in_front("yosys-abc", "echo nothing");
  expect_failure("prove mbm", 7, {"yosys-abc gives no answer"});
  put_in_front("yosys",
               "file=$(printf '%s' \"$3\" | sed 's/.* //')\n"
               "[ \"$1\" = -V ] && exec echo 'Yosys 0.0 (none)'\n"
               "{ echo 'aig 16 16 0 18 0'; yes 0 | head -18\n"
               "for i in 0 1 2 3 4 5 6 7; do echo \"i$i a_i[$i]\"; echo \"i$((i + 8)) b_i[$i]\"\n"
               "echo \"o$i product_o[$i]\"; echo \"o$((i + 8)) product_o[$((i + 8))]\"; done\n"
               "echo o16 exceeds_o; echo o17 reaches_o; } >\"$file\"");
  expect_failure("prove mbm", 1, {"'mbm', Verilog mbm_multiplier: 1 * 1 = 0, 1 expected"});
}

// Every 2^32 products; the row t = 8 of multipliers.md, section 1.
TEST(MultiplierCommandSlow, SixteenBitMbm) {
  const auto result =
      test::run_mbm("multiplier error mbm:t8 --width 16 --operands uniform --format json");
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const auto row = nlohmann::json::parse(result.output)["errors"][0];
  EXPECT_NEAR(row["bias"], -0.0835, 0.00005);
  EXPECT_NEAR(row["mean_relative_error"], 2.604, 0.0005);
  EXPECT_NEAR(row["peak_relative_error"], 9.3750, 0.00005);
}

}  // namespace
}  // namespace mbm
