// mbm run and sweep as a user meets them: results, taking up again, and every kind of bad input.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "host/format/image.hpp"
#include "host/format/safetensors.hpp"
#include "tests/support/command.hpp"
#include "tests/support/tiny_network.hpp"

namespace mbm {
namespace {

namespace fs = std::filesystem;

// Random weights for the embedded network's topology and three rooms, made once.
class RunCommand : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TemporaryFolder>();
    write_safetensors(weights(),
                      test::random_parameters(*make_network("densedepth-mobilenetv2-small"), 5));
    ASSERT_EQ(test::run_mbm("rooms --count 3 --seed 77 --out " + data().string()).exit_code, 0);
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static fs::path weights() { return *folder_ / "weights.safetensors"; }
  static fs::path data() { return *folder_ / "rooms"; }
  static fs::path fresh(const std::string& name) { return *folder_ / name; }

  static std::string inputs() {
    return " --weights " + weights().string() + " --data " + data().string() + " ";
  }

  // A command that must fail: its exit code, one line of error with `parts`, no output.
  static void expect_failure(const std::string& arguments, int exit_code,
                             const std::vector<std::string>& parts) {
    const test::CommandResult result = test::run_mbm(arguments);
    EXPECT_EQ(result.exit_code, exit_code) << result.error;
    EXPECT_EQ(result.output, "");
    const std::size_t last = result.error.rfind("mbm: ");
    ASSERT_NE(last, std::string::npos) << result.error;
    const std::string line = result.error.substr(last);
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    for (const std::string& part : parts) EXPECT_NE(line.find(part), std::string::npos) << line;
  }

 private:
  static std::unique_ptr<test::TemporaryFolder> folder_;
};
std::unique_ptr<test::TemporaryFolder> RunCommand::folder_;

// MobileNetV2 has 17 blocks with a depthwise convolution each; every other of its 66 layers is
// dense.
TEST_F(RunCommand, GroupsOfLayersAreNamed) {
  const auto chosen = [](const std::string& group) {
    const test::CommandResult result = test::run_mbm(
        "run --images 1 --calibration-images 1 --format json --layers " + group + inputs());
    EXPECT_EQ(result.exit_code, 0) << result.error;
    std::set<std::string> names;
    const auto document = nlohmann::json::parse(result.output);
    for (const auto& layer : document["variants"][0]["layers"]) {
      names.insert(layer.value("name", ""));
    }
    return names;
  };
  const std::set<std::string> depthwise = chosen("depthwise");
  EXPECT_EQ(depthwise.size(), 17U);
  EXPECT_TRUE(depthwise.contains("1.conv.0.0") && depthwise.contains("17.conv.1.0"));
  EXPECT_EQ(chosen("dense").size(), 49U);
  EXPECT_EQ(chosen("depthwise,conv3").size(), 18U);
}

// A forced plan is the one that ran, and gives the figures of the plan that is chosen freely.
TEST_F(RunCommand, PlanIsForcedAndNamed) {
  const std::string command = "run --layers conv3 --images 2 --format json" + inputs();
  const test::CommandResult forced = test::run_mbm(command + "--plan scalar --profile");
  ASSERT_EQ(forced.exit_code, 0) << forced.error;
  auto document = nlohmann::json::parse(forced.output);
  EXPECT_EQ(document["plan"], "scalar");
  const nlohmann::json layer = document["variants"][0]["layers"][0];
  ASSERT_EQ(layer["plans"].size(), 1U);
  EXPECT_EQ(layer["plans"].items().begin().key().rfind("scalar", 0), 0U) << layer;
  EXPECT_EQ(layer["plans"].items().begin().value(), 2) << layer;
  for (const char* part : {"profile: 2 images", "approximate: sums of products", "conv3"}) {
    EXPECT_NE(forced.error.find(part), std::string::npos) << part;
  }
  const test::CommandResult free = test::run_mbm(command);
  ASSERT_EQ(free.exit_code, 0) << free.error;
  EXPECT_EQ(free.error.find("profile:"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(free.output)["images"], document["images"]);
}

TEST_F(RunCommand, APlanThatDoesNotExistIsRefused) {
  expect_failure("run --plan vbmi99" + inputs(), 2, {"vbmi99", "scalar"});
  expect_failure("run --engine reference --plan scalar" + inputs(), 2, {"--plan", "reference"});
}

TEST_F(RunCommand, WritesTableJsonCsvAndPictures) {
  const fs::path out = fresh("out");
  const test::CommandResult result = test::run_mbm("run --layers conv3,up5.convB" + inputs() +
                                                   "--pictures 1 --out " + out.string());
  ASSERT_EQ(result.exit_code, 0) << result.error;
  for (const char* row :
       {"float", "exact products (control)", "change against the control", "up5.convB"}) {
    EXPECT_NE(result.output.find(row), std::string::npos) << row;
  }
  const nlohmann::json document = nlohmann::json::parse(test::read_bytes(out / "result.json"));
  EXPECT_EQ(document.at("schema"), "mbm.depth-study");
  for (const char* key : {"schema_version", "tool_version", "numerics_version", "seed", "units"}) {
    EXPECT_TRUE(document.contains(key)) << key;
  }
  EXPECT_EQ(document.at("inputs").at("weights").at("sha256").get<std::string>().size(), 64U);
  EXPECT_EQ(document.at("images").size(), 3U);
  EXPECT_EQ(document.at("variants").at(0).at("layers").size(), 2U);
  const std::string csv = test::read_bytes(out / "result.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 4);  // header, float, exact, mbm
  const RgbImage panel = read_rgb_image(out / "depth" / "00000-panel.png");
  EXPECT_EQ(panel.width, 6U * 320U);
  EXPECT_EQ(read_depth_image(out / "depth" / "00000-depth.png").height, 240U);
  EXPECT_FALSE(fs::exists(out / "depth" / "00001-panel.png"));
}

TEST_F(RunCommand, IsTakenUpAgainWithTheSameBytes) {
  const std::string command = "sweep --layers conv3,up5.convB --pictures 0" + inputs() + "--out ";
  const fs::path whole = fresh("whole");
  ASSERT_EQ(test::run_mbm(command + whole.string()).exit_code, 0);
  // What a killed run leaves: the journal of the first image and half a line.
  std::string journal = test::read_bytes(whole / "journal.jsonl");
  const std::size_t second_line = journal.find('\n', journal.find('\n') + 1) + 1;
  journal.resize(second_line + 20);
  const fs::path resumed = fresh("resumed");
  test::write_bytes(resumed / "journal.jsonl", journal);
  const test::CommandResult result = test::run_mbm(command + resumed.string());
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_NE(result.error.find("evaluating batches x layers: 1/6"), std::string::npos)
      << result.error;
  for (const char* name : {"result.json", "result.csv", "result.txt"}) {
    EXPECT_EQ(test::read_bytes(whole / name), test::read_bytes(resumed / name)) << name;
  }
  const test::CommandResult complete = test::run_mbm(command + resumed.string());
  EXPECT_EQ(complete.exit_code, 0);
  EXPECT_EQ(complete.error.find("calibrating"), std::string::npos) << complete.error;
  EXPECT_EQ(complete.output, result.output);
}

// Killed after the first line of its journal and half of the second one, a run ends as if it had
// never stopped; with another choice the journal is refused.
void expect_taken_up_again(const std::string& command, const fs::path& whole,
                           const fs::path& resumed) {
  ASSERT_EQ(test::run_mbm(command + " --out " + whole.string()).exit_code, 0);
  std::string journal = test::read_bytes(whole / "journal.jsonl");
  const std::size_t second_line = journal.find('\n', journal.find('\n') + 1) + 1;
  ASSERT_LT(second_line + 20, journal.size());
  test::write_bytes(resumed / "journal.jsonl", journal.substr(0, second_line + 20));
  const test::CommandResult result = test::run_mbm(command + " --out " + resumed.string());
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_EQ(test::read_bytes(whole / "journal.jsonl"), test::read_bytes(resumed / "journal.jsonl"));
  for (const char* name : {"result.json", "result.txt"}) {
    EXPECT_EQ(test::read_bytes(whole / name), test::read_bytes(resumed / name)) << name;
  }
  const test::CommandResult other =
      test::run_mbm(command + " --activation-range mse --out " + resumed.string());
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_NE(other.error.find("belongs to a run with other options"), std::string::npos);
  // Twin: what the journal says is taken, not found out again.
  const std::size_t digit = journal.find_first_of("123456789", journal.find("loss\":") + 7);
  if (journal.find("\"loss\":") == std::string::npos) return;
  journal[digit] = journal[digit] == '9' ? '8' : '9';
  test::write_bytes(resumed / "journal.jsonl", journal);
  ASSERT_EQ(test::run_mbm(command + " --out " + resumed.string()).exit_code, 0);
  EXPECT_NE(test::read_bytes(whole / "result.json"), test::read_bytes(resumed / "result.json"));
}

TEST_F(RunCommand, ASearchIsTakenUpAgain) {
  expect_taken_up_again(
      "search --budget 50 --refinements 2 --images 2 --layers conv3,up5.convB" + inputs(),
      fresh("whole-search"), fresh("half-search"));
}

TEST_F(RunCommand, ADecompositionIsTakenUpAgain) {
  expect_taken_up_again("decompose --layers conv3,up5.convB --pictures 0" + inputs(),
                        fresh("whole-decomposition"), fresh("half-decomposition"));
}

TEST_F(RunCommand, TheStudyTakenApartIsTakenUpAgain) {
  expect_taken_up_again("compatibility --layers conv3 --images 4 --weights " + weights().string(),
                        fresh("whole-compatibility"), fresh("half-compatibility"));
}

// Ctrl-C: the status of the signal, and a line that says what is kept and how to go on.
TEST_F(RunCommand, AnInterruptionSaysHowToGoOn) {
  const fs::path out = fresh("interrupted");
  const std::string journal = (out / "journal.jsonl").string();
  const std::string errors = (fresh("errors")).string();
  // A shell's background jobs ignore SIGINT, so the process gets SIGTERM.
  const test::ShellResult result = test::run_shell(
      test::mbm_binary().string() + " sweep --pictures 0 --layers decoder" + inputs() + "--out " +
      out.string() + " >" + errors + " 2>&1 & MBM=$!; for i in $(seq 600); do [ -s " + journal +
      " ] && break; sleep 0.05; done; kill -TERM $MBM; wait $MBM");
  EXPECT_EQ(result.exit_code, 128 + 15) << result.output;
  EXPECT_NE(test::read_bytes(errors).find("\nmbm: interrupted; " + journal +
                                          " holds what is done; the same command goes on from "
                                          "there\n"),
            std::string::npos)
      << test::read_bytes(errors);
}

TEST_F(RunCommand, ResultsDoNotDependOnThreads) {
  const std::string command = "run --layers decoder --format json" + inputs();
  const test::CommandResult one = test::run_mbm(command + "--threads 1");
  const test::CommandResult two = test::run_mbm(command + "--threads 2");
  ASSERT_EQ(one.exit_code, 0) << one.error;
  EXPECT_EQ(one.output, two.output);
}

// A table in a file stands wherever the name of a multiplier does, and gives the same bits.
TEST_F(RunCommand, MultiplierMayBeAFile) {
  const fs::path table = fresh("my.csv");
  ASSERT_EQ(test::run_mbm("multiplier export mitchell --out " + table.string()).exit_code, 0);
  const std::string command = "run --layers conv3 --images 1 --format json" + inputs();
  const auto metrics = [&](const std::string& multiplier) {
    const test::CommandResult result = test::run_mbm(command + "--multiplier " + multiplier);
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return nlohmann::json::parse(result.output);
  };
  const nlohmann::json by_file = metrics(table.string());
  EXPECT_EQ(by_file.at("images"), metrics("mitchell").at("images"));
  EXPECT_NE(by_file.at("images"), metrics("exact-truncated:3").at("images"));
  EXPECT_EQ(by_file.at("multipliers").at(0).at("name"), "my");
  EXPECT_EQ(by_file.at("multipliers").at(0).at("sha256").get<std::string>().size(), 64U);
  test::write_bytes(table, "A,B,P\n0,0,x\n");
  expect_failure(command + "--multiplier " + table.string(), 3, {"my.csv:2", "\"x\""});
}

// What a calibration file holds gives the bits of measuring the same in place.
TEST_F(RunCommand, ReadsWhatCalibrateWrote) {
  const std::string scheme = "--weight-scales tensor --activation-range mse --operand-format int8 ";
  const std::string file = fresh("calibration.json").string();
  const test::CommandResult made =
      test::run_mbm("calibrate --multiplier mitchell+gain --out " + file + inputs() + scheme);
  ASSERT_EQ(made.exit_code, 0) << made.error;
  EXPECT_NE(made.output.find("up5.convB"), std::string::npos);
  const std::string command =
      "run --layers conv3 --images 1 --format json" + inputs() + "--multiplier mitchell+gain";
  const auto images = [&](const std::string& options) {
    const test::CommandResult result = test::run_mbm(command + ",mitchell " + options);
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return nlohmann::json::parse(result.output).at("images");
  };
  const nlohmann::json by_file = images("--calibration " + file);
  EXPECT_EQ(by_file, images(scheme));
  EXPECT_NE(by_file, images(""));
  const nlohmann::json columns = by_file.at(0).at("variants").at(0).at("columns");
  EXPECT_NE(columns.at(0), columns.at(1));
  expect_failure(command + ",mbm+affine --calibration " + file, 2, {"affine", "mbm calibrate"});
  expect_failure(command + " --operand-format int8 --calibration " + file, 2, {"--calibration"});
  expect_failure(command + ",mbm+magic", 2, {"magic", "affine"});
  test::write_bytes(file, "{}");
  expect_failure(command + " --calibration " + file, 3, {"calibration.json", "schema"});
}

TEST_F(RunCommand, DecomposesAndWritesErrorMaps) {
  const fs::path out = fresh("decomposition");
  const test::CommandResult result =
      test::run_mbm("decompose --layers conv3,up5.convB --multiplier mbm+gain --pictures 1" +
                    inputs() + "--out " + out.string());
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_NE(result.output.find("+ clipping (control)"), std::string::npos);
  EXPECT_EQ(read_rgb_image(out / "00000-errors.png").width, 6U * 320U);
  const nlohmann::json document = nlohmann::json::parse(test::read_bytes(out / "result.json"));
  EXPECT_EQ(document.at("layers").size(), 2U);
  // The control's stage is the control of a run.
  const nlohmann::json run = nlohmann::json::parse(
      test::run_mbm("run --layers conv3,up5.convB --format json" + inputs()).output);
  EXPECT_EQ(document.at("stages").at(3).at("mean").at(0),
            run.at("variants").at(0).at("control").at("mean").at("a1"));
}

TEST_F(RunCommand, TakesTheStudyApartAndSearches) {
  const std::string few = inputs() + "--layers conv3,up5.convB ";
  expect_failure("compatibility" + few + "--images 3", 2, {"3 found", "at least 4"});
  expect_failure("compatibility" + few + "--defects typo", 2, {"typo"});
  const test::CommandResult found =
      test::run_mbm("search --budget 50 --refinements 2 --images 2" + few);
  EXPECT_EQ(found.exit_code, 0) << found.error;
  EXPECT_NE(found.output.find("<- chosen"), std::string::npos) << found.output;
  expect_failure("search --candidates exact=99" + few, 2, {"exact=99", "1..32"});
}

// With one candidate the search has no choice, so its column equals that multiplier's.
TEST_F(RunCommand, RunsWhatTheSearchChose) {
  const std::string few = " --layers up5.convB,conv3 --images 2 --calibration-images 1" + inputs();
  const fs::path found = fresh("search") / "result.json";
  const test::CommandResult searched =
      test::run_mbm("search --candidates mbm --budget 1000 --refinements 0 --out " +
                    fresh("search").string() + few);
  ASSERT_EQ(searched.exit_code, 0) << searched.error;
  const test::CommandResult result =
      test::run_mbm("run --multiplier mbm --format csv --assignment " + found.string() + few);
  ASSERT_EQ(result.exit_code, 0) << result.error;
  std::map<std::string, std::string> rows;  // by column: what follows its name
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) {
    for (const std::string name : {",mbm,", ",assignment,"}) {
      const std::size_t at = line.find(name);
      if (at != std::string::npos) rows[name] = line.substr(at + name.size());
    }
  }
  ASSERT_EQ(rows.size(), 2U) << result.output;
  EXPECT_EQ(rows[",mbm,"], rows[",assignment,"]);

  expect_failure("run --layers up5.convA --images 1 --assignment " + found.string() + inputs(), 3,
                 {found.string(), "up5.convA", "no multiplier"});
  nlohmann::json document = nlohmann::json::parse(std::ifstream(found));
  document["chosen"]["layers"]["conv3"] = 7;
  std::ofstream(fresh("number.json")) << document;
  expect_failure("run --assignment " + fresh("number.json").string() + few, 3,
                 {"number.json: chosen.layers.conv3: 7 found, a text expected"});
  document.erase("chosen");
  std::ofstream(fresh("none.json")) << document;
  expect_failure("run --assignment " + fresh("none.json").string() + few, 3,
                 {"none.json: chosen", "within its budget"});
  std::ofstream(fresh("empty.json"));
  expect_failure("run --assignment " + fresh("empty.json").string() + few, 3,
                 {"empty.json", "not JSON"});
}

TEST_F(RunCommand, RefusesAJournalOfOtherOptions) {
  const fs::path out = fresh("other");
  const std::string command =
      "run --layers conv3 --pictures 0" + inputs() + "--out " + out.string();
  ASSERT_EQ(test::run_mbm(command).exit_code, 0);
  expect_failure(command + " --multiplier mitchell", 2, {"journal.jsonl", "other options"});
}

TEST_F(RunCommand, MissingFilesAreNamed) {
  expect_failure("run --weights nowhere.safetensors", 3, {"nowhere.safetensors"});
  expect_failure("run --weights " + weights().string() + " --data nowhere", 3, {"nowhere"});
}

TEST_F(RunCommand, TruncatedWeightsAreRefused) {
  const std::string bytes = test::read_bytes(weights());
  const fs::path truncated = fresh("truncated.safetensors");
  test::write_bytes(truncated, bytes.substr(0, bytes.size() - 100));
  expect_failure("run --weights " + truncated.string(), 3, {"truncated.safetensors"});
}

TEST_F(RunCommand, WrongShapeAndMissingTensorAreNamedWithWhatWasExpected) {
  NamedTensors tensors = read_safetensors(weights());
  tensors["decoder.conv3.weight"] = at::zeros({2, 8, 3, 3});
  write_safetensors(fresh("shape.safetensors"), tensors);
  expect_failure("run --weights " + fresh("shape.safetensors").string(), 3,
                 {"decoder.conv3.weight", "[2, 8, 3, 3]", "[1, 8, 3, 3]"});
  tensors.erase("decoder.conv3.weight");
  write_safetensors(fresh("missing.safetensors"), tensors);
  expect_failure("run --weights " + fresh("missing.safetensors").string(), 3,
                 {"decoder.conv3.weight", "[1, 8, 3, 3]"});
}

TEST_F(RunCommand, NotANumberInTheWeightsIsNamed) {
  NamedTensors tensors = read_safetensors(weights());
  tensors["decoder.up3.convA.weight"][0][0][0][0] = std::numeric_limits<float>::quiet_NaN();
  write_safetensors(fresh("nan.safetensors"), tensors);
  expect_failure(
      "run --data " + data().string() + " --weights " + fresh("nan.safetensors").string(), 3,
      {"nan.safetensors", "decoder.up3.convA.weight"});
}

TEST_F(RunCommand, UnknownNamesSuggestTheNearest) {
  expect_failure("run --layers up5.convX" + inputs(), 2, {"up5.convX", "up5.convA"});
  expect_failure("run --multiplier mbn" + inputs(), 2, {"mbn"});
  expect_failure("run --network alexnet", 2, {"alexnet", "densedepth-mobilenetv2"});
  expect_failure("run --images 2:9" + inputs(), 2, {"2:9", "0:3"});
  expect_failure("run --images -1" + inputs(), 2, {"-1"});
  expect_failure("run --layer conv3", 2, {"--layer"});
}

TEST_F(RunCommand, PictureOfAnotherSizeIsNamed) {
  const fs::path folder = fresh("small");
  fs::create_directories(folder / "rgb");
  fs::create_directories(folder / "depth");
  write_rgb_png(folder / "rgb" / "tiny.png", {8, 8, std::vector<std::uint8_t>(8 * 8 * 3, 9)});
  write_gray16_png(folder / "depth" / "tiny.png", {8, 8, std::vector<std::uint16_t>(8 * 8, 2000)});
  expect_failure("run --weights " + weights().string() + " --data " + folder.string(), 3,
                 {"tiny", "8x8", "240x320"});
}

TEST_F(RunCommand, DepthMapOfZerosIsNamed) {
  const fs::path folder = fresh("zeros");
  fs::create_directories(folder / "rgb");
  fs::create_directories(folder / "depth");
  fs::copy(data() / "rgb" / "00000.png", folder / "rgb" / "00000.png");
  write_gray16_png(folder / "depth" / "00000.png",
                   {240, 320, std::vector<std::uint16_t>(240 * 320, 0)});
  expect_failure("run --weights " + weights().string() + " --data " + folder.string(), 3,
                 {"00000.png", "zero"});
}

TEST_F(RunCommand, FullStandardOutputIsAnError) {
  for (const std::string command : {"multiplier export mbm", "multiplier list"}) {
    const test::CommandResult result = test::run_mbm(command + " >/dev/full");
    EXPECT_EQ(result.exit_code, 3) << command;
    EXPECT_NE(result.error.find("standard output"), std::string::npos) << result.error;
  }
}

TEST_F(RunCommand, QuietLeavesStandardErrorEmpty) {
  const test::CommandResult result = test::run_mbm("run -q --layers conv3 --images 1" + inputs());
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.error, "");
}

TEST_F(RunCommand, FullDiskIsAnErrorAndLeavesNoResult) {
  const fs::path mount = fresh("disk");
  fs::create_directories(mount);
  if (std::system(
          ("mount -t tmpfs -o size=16k tmpfs " + mount.string() + " 2>/dev/null").c_str()) != 0) {
    GTEST_SKIP() << "skipped: no permission to mount a small file system";
  }
  const test::CommandResult result =
      test::run_mbm("run --layers conv3 --format csv" + inputs() + "--out " + mount.string());
  const bool left_behind = fs::exists(mount / "result.json");
  EXPECT_EQ(std::system(("umount " + mount.string()).c_str()), 0);
  EXPECT_EQ(result.exit_code, 3) << result.error;
  EXPECT_NE(result.error.find("No space left on device"), std::string::npos) << result.error;
  EXPECT_FALSE(left_behind);
}

}  // namespace
}  // namespace mbm
