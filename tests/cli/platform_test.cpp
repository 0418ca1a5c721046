// Platforms as a user meets them: configurations, results, sweeps that are taken up again, a hang.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/command.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

using testing::Test;

class PlatformCommand : public Test {
 protected:
  // Writes a configuration and runs LeNet-5 on it.
  test::CommandResult simulate(const std::string& toml, const std::string& arguments = "") {
    test::write_bytes(folder_ / "platform.toml", toml);
    return test::run_mbm("simulate --network lenet5 --platform " + file() + " " + arguments);
  }
  test::CommandResult sweep(const std::string& arguments) {
    return test::run_mbm("-q sweep platform --network lenet5 --platform " + file() + " " +
                         arguments);
  }
  std::string file() const { return (folder_ / "platform.toml").string(); }

  test::TemporaryFolder folder_;
};

TEST_F(PlatformCommand, AllLayersWithTheResultsOfTheEngine) {
  const auto result = simulate("[platform]\narrays = 2\n", "--format json");
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const auto document = nlohmann::json::parse(result.output);
  EXPECT_EQ(document.at("schema"), "mbm.platform");
  EXPECT_TRUE(document.at("results_checked"));
  // LeCun et al., 1998, with 5x5 kernels on 32x32: products of C1, C3, C5, F6 and the output.
  std::int64_t products = 0;
  for (const auto& layer : document.at("layers")) {
    products += layer.at("products").get<std::int64_t>();
  }
  EXPECT_EQ(products, document.at("platform").at("Products per Image"));
  EXPECT_EQ(document.at("platform").at("Arrays"), 2);
  EXPECT_TRUE(document.at("platform").at("Energy per Image (pJ)").is_null());
  EXPECT_EQ(document.at("platform").at("Arrays in Verilog"), 0);
  // Without data it takes the same time, and the same twice.
  const auto timed = simulate("[platform]\narrays = 2\ndata = false\n", "--format csv");
  ASSERT_EQ(timed.exit_code, 0) << timed.error;
  EXPECT_EQ(timed.output, simulate("[platform]\narrays = 2\n", "--format csv").output);
}

TEST_F(PlatformCommand, MistakesOfTheFileAreNamedWithTheirLine) {
  const auto expect = [&](const std::string& toml, const std::string& message) {
    const auto result = simulate(toml);
    EXPECT_EQ(result.exit_code, 3) << toml;
    EXPECT_NE(result.error.find(file() + message), std::string::npos) << result.error;
    EXPECT_EQ(result.output, "");
  };
  expect("[memory]\n\nbytes_per_cycel = 4\n",
         ":3: there is no key memory.bytes_per_cycel; did you mean memory.bytes_per_cycle?");
  expect("[memory]\nbanks = 2.5\n", ":2: memory.banks: 2.5 found, a whole number expected");
  expect("[memory]\npolicy = \"best\"\n", ":2: memory.policy: best found, one of \"first-come\"");
  expect("[platform]\ndata = 1\n", ":2: platform.data: 1 found, true or false expected");
  expect("[sweep]\nmemory.banks = 4\n", ":2: memory.banks: an array of values expected");
  expect("[sweep]\nmemory.bank = [4]\n", ":2: there is no key memory.bank");
  expect("[memory\n", ":1: ");
  EXPECT_EQ(test::run_mbm("simulate --network lenet5 --platform /nowhere.toml").exit_code, 3);
  const auto range = simulate("[memory]\nbytes_per_cycle = -1\n");
  EXPECT_EQ(range.exit_code, 2);
  EXPECT_NE(range.error.find("memory bytes_per_cycle is -1"), std::string::npos) << range.error;
}

TEST_F(PlatformCommand, AHangEndsWithItsReport) {
  const auto result = simulate("[platform]\npatience = 10000\n[interconnect]\ndrop_request = 40\n");
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_NE(result.error.find("deadlock: nothing has gone on since cycle"), std::string::npos);
  EXPECT_NE(result.error.find("interconnect: "), std::string::npos);
  // And a bit that is flipped, with another code.
  const auto flipped = simulate("[interconnect]\nflip_request = 20\n");
  EXPECT_EQ(flipped.exit_code, 1);
  EXPECT_NE(flipped.error.find("are not those"), std::string::npos) << flipped.error;
}

TEST_F(PlatformCommand, ASweepIsTheSameWhereverItStopped) {
  test::write_bytes(folder_ / "platform.toml",
                    "[platform]\ndata = false\n"
                    "[sweep]\naccelerator.size = [4, 5, 8]\nmemory.bytes_per_cycle = [1, 16]\n");
  const std::string out = (folder_ / "out").string();
  ASSERT_EQ(sweep("--out " + out).exit_code, 0);
  const std::string table = test::read_bytes(folder_ / "out" / "points.csv");
  EXPECT_EQ(sweep("").output, table);
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 7);
  EXPECT_NE(table.find("5,1,,"), std::string::npos);  // no such grid: a line with its error
  EXPECT_NE(table.find("rows is 5"), std::string::npos);
  const std::string pareto = test::read_bytes(folder_ / "out" / "pareto.svg");
  EXPECT_NE(pareto.find("<svg"), std::string::npos);
  // Three lines are there: the others are made again, and the lines are not.
  std::size_t end = 0;
  for (int line = 0; line < 3; ++line) end = table.find('\n', end) + 1;
  std::string begun = table.substr(0, end);
  const std::size_t digit = begun.find(",0,0,");  // a mark in a line that is there
  ASSERT_NE(digit, std::string::npos);
  begun[digit + 1] = '7';
  test::write_bytes(folder_ / "out" / "points.csv", begun);
  ASSERT_EQ(sweep("--out " + out).exit_code, 0);
  std::string again = test::read_bytes(folder_ / "out" / "points.csv");
  EXPECT_EQ(again[digit + 1], '7');
  again[digit + 1] = '0';
  EXPECT_EQ(again, table);
  // Another sweep does not go into this folder.
  const auto other = sweep("--vary memory.banks=1,2 --out " + out);
  EXPECT_EQ(other.exit_code, 3);
  EXPECT_NE(other.error.find("of another sweep"), std::string::npos) << other.error;
  EXPECT_EQ(sweep("--vary memory.bank=1").exit_code, 3);
  EXPECT_EQ(sweep("--vary memory.banks").exit_code, 2);
}

// What double buffering is for: without it nothing is loaded while the array computes.
TEST_F(PlatformCommand, WithoutDoubleBufferingItTakesLonger) {
  test::write_bytes(folder_ / "platform.toml", "[memory]\nbytes_per_cycle = 16\n");
  const auto result = sweep("--vary platform.double_buffering=true,false --vary platform.arrays=1");
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const auto cycles = [&](const std::string& begin) {
    std::size_t at = result.output.find(begin);
    for (int comma = 0; comma < 6; ++comma) at = result.output.find(',', at) + 1;
    return std::stoll(result.output.substr(at));
  };
  EXPECT_GT(cycles("\nfalse,"), cycles("\ntrue,"));
}

// The lines of a table without their first cell, which a sweep varies.
std::vector<std::string> lines_of(const std::string& table) {
  std::vector<std::string> lines;
  std::istringstream text(table);
  std::string line;
  std::getline(text, line);
  while (std::getline(text, line)) lines.push_back(line.substr(line.find(',')));
  return lines;
}

// What sets the model of an array and its Verilog apart is looked for in all columns.
TEST_F(PlatformCommand, TheVerilogTakesTheCyclesOfTheModel) {
  // A memory of its own, then one that two arrays wait for.
  for (const std::string memory : {"[memory]\nbytes_per_cycle = 16\n",
                                   "[memory]\nbytes_per_cycle = 2\npolicy = \"first-come\"\n"}) {
    test::write_bytes(folder_ / "platform.toml", "[platform]\narrays = 2\n" + memory);
    const auto result = sweep("--layers C3,C5 --vary platform.rtl_arrays=0,1,2");
    ASSERT_EQ(result.exit_code, 0) << result.error;
    const auto lines = lines_of(result.output);
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_GT(lines[0].size(), 50U);
    EXPECT_EQ(lines[1], lines[0]);
    EXPECT_EQ(lines[2], lines[0]);
  }
}

// Twin: a memory that answers one cycle later shows in the Verilog's cycles.
TEST_F(PlatformCommand, AnotherMemoryIsFoundByTheVerilog) {
  test::write_bytes(folder_ / "platform.toml", "[platform]\nrtl_arrays = 1\n");
  const auto result = sweep("--layers C3 --vary memory.access=3,4");
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const auto lines = lines_of(result.output);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0], lines[1]);
}

TEST_F(PlatformCommand, EveryArrayInVerilogByTheCommandLine) {
  const std::string toml = "[platform]\narrays = 2\n[accelerator]\ncell = \"exact\"\n";
  const auto verilog = simulate(toml, "--layers F6 --device rtl --format json");
  ASSERT_EQ(verilog.exit_code, 0) << verilog.error;
  const auto document = nlohmann::json::parse(verilog.output);
  EXPECT_EQ(document.at("platform").at("Arrays in Verilog"), 2);
  EXPECT_TRUE(document.at("results_checked"));
  EXPECT_TRUE(document.at("layers").empty());  // whose cycles only the model tells apart
  // The same seed, the same bytes.
  EXPECT_EQ(simulate(toml, "--layers F6 --device rtl --format json").output, verilog.output);
  const auto model = simulate(toml, "--layers F6 --device model --format json");
  EXPECT_EQ(model.exit_code, 0) << model.error;
  EXPECT_EQ(nlohmann::json::parse(model.output).at("platform").at("Total Cycles"),
            document.at("platform").at("Total Cycles"));
}

TEST_F(PlatformCommand, VerilogThatIsNotBuiltIsRefused) {
  const auto expect = [&](const std::string& toml, const std::string& arguments,
                          const std::string& message) {
    const auto result = simulate(toml, arguments);
    EXPECT_EQ(result.exit_code, 2) << toml;
    EXPECT_NE(result.error.find(message), std::string::npos) << result.error;
    EXPECT_EQ(result.output, "");
  };
  expect("[accelerator]\nsize = 2\n", "--device rtl", "accelerator 2x2-log-mbm is not built");
  expect("[accelerator]\noutstanding = 4\n", "--device rtl", "platform.rtl_arrays: ");
  expect("[accelerator]\nactivation_depth = 65536\n", "--device rtl", "platform.rtl_arrays: ");
  expect("[platform]\nrtl_arrays = 2\n", "", "rtl_arrays is 2, 0..1 expected");
  expect("[accelerator]\ncell = \"exact\"\n", "--multiplier mbm", "products of exact only");
  expect("", "--multiplier drum:4", "cell log has mitchell, mbm, mbm-ref");
}

class PlatformEnergy : public PlatformCommand {
 protected:
  // Components whose energies are all 0 but those given; memories hardly need any.
  static nlohmann::json costs(double product, double idle) {
    const nlohmann::json none{
        {"switching", 0}, {"combinational", 0}, {"sequential", 0}, {"clock", 0}, {"leakage", 0}};
    nlohmann::json document{{"schema", "mbm.cost-components"},
                            {"schema_version", 1},
                            {"element", "pe/none"},
                            {"library", {{"name", "none"}}},
                            {"period", 5},
                            {"grid", {{"rows", 16}, {"columns", 16}, {"bus_bytes", 16}}},
                            {"process", {{"feature", 45}, {"voltage", 1e-9}}},
                            {"events",
                             {{"product", none},
                              {"idle_element", none},
                              {"loaded_element", none},
                              {"activation_edge", 0},
                              {"weight_edge", 0},
                              {"column_sum", 0},
                              {"result", 0},
                              {"bus_beat", 0},
                              {"clock_tree_cycle", 0}}}};
    document["events"]["product"]["combinational"] = product;
    document["events"]["idle_element"]["clock"] = idle;
    return document;
  }
  std::string cost_option(const nlohmann::json& document) {
    test::write_bytes(folder_ / "costs.json", document.dump());
    return " --cost " + (folder_ / "costs.json").string();
  }
};

// Worked out by hand from the platform's own counts: 7 fJ a product, 2 fJ for an element that has
// none in a cycle, and 1.3 nJ for 8 bytes of DRAM (Horowitz, ISSCC 2014).
TEST_F(PlatformEnergy, IsThatOfCountsAndEvents) {
  const auto result = simulate("[platform]\narrays = 2\n",
                               "--layers C3,C5 --format json" + cost_option(costs(7, 2)));
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const auto document = nlohmann::json::parse(result.output);
  const auto& platform = document.at("platform");
  const auto of = [&](const char* name) { return platform.at(name).get<double>(); };
  const double products = of("Products per Image");
  const double idle = of("Total Cycles") * 256 - products;
  const double bytes = (of("Read Bytes") + of("Written Bytes")) / 2;
  const double dram = bytes * 1300.0 / 8;
  // The array counts the bytes that it asked for, the memory whole beats.
  EXPECT_NEAR(of("DRAM Energy per Image (pJ)"), dram, 1e-3 * dram);
  const double chip = of("Energy per Image (pJ)") - of("DRAM Energy per Image (pJ)");
  EXPECT_NEAR(chip, 1e-3 * (7 * products + 2 * idle), 2);
  EXPECT_EQ(document.at("costed"), "pe/none in none, 5.000 ns");
  // Layers: their own cycles and bytes, so no more than the whole.
  double layers = 0;
  for (const auto& layer : document.at("layers")) layers += 1e-3 * layer.at("energy").get<double>();
  EXPECT_GT(layers, 0.8 * of("Energy per Image (pJ)"));
  EXPECT_LT(layers, of("Energy per Image (pJ)"));
}

// A new weight costs what it takes beyond an idle cycle, part by part: that may be less.
TEST_F(PlatformEnergy, ANewWeightMayTakeLessThanAnIdleCycle) {
  const auto energy_of = [&](const nlohmann::json& document) {
    const auto result = simulate("", "--layers C3 --format json" + cost_option(document));
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return nlohmann::json::parse(result.output).at("energy").at("elements: new weights");
  };
  nlohmann::json document = costs(7, 2);
  EXPECT_EQ(energy_of(document), 0);
  document["events"]["loaded_element"]["clock"] = -1;
  EXPECT_LT(energy_of(document), 0);
}

TEST_F(PlatformEnergy, OfASweepIsAColumnAndAPicture) {
  test::write_bytes(folder_ / "platform.toml", "[platform]\ndata = false\n");
  const std::string out = (folder_ / "out").string();
  const std::string vary = "--layers C3 --vary accelerator.size=8,16 --out " + out;
  ASSERT_EQ(sweep(vary + cost_option(costs(7, 2))).exit_code, 0);
  EXPECT_NE(test::read_bytes(folder_ / "out" / "energy.svg").find("energy of an image (pJ)"),
            std::string::npos);
  const std::string table = test::read_bytes(folder_ / "out" / "points.csv");
  EXPECT_NE(table.find(",Energy per Image (pJ),DRAM Energy per Image (pJ),"), std::string::npos);
  for (const std::string& line : lines_of(table)) EXPECT_EQ(line.find(",,"), std::string::npos);
  // Other costs are another sweep.
  const auto other = sweep(vary + cost_option(costs(8, 2)));
  EXPECT_EQ(other.exit_code, 3);
  EXPECT_NE(other.error.find("of another sweep"), std::string::npos) << other.error;
}

TEST_F(PlatformEnergy, WhatIsNoTableOfComponentsIsRefused) {
  const auto expect = [&](const std::string& message, auto&& change) {
    nlohmann::json document = costs(7, 2);
    change(document);
    const auto result = simulate("", "--layers C3" + cost_option(document));
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_NE(result.error.find("costs.json: " + message), std::string::npos) << result.error;
    EXPECT_EQ(result.output, "");
  };
  using Json = nlohmann::json;
  expect("schema", [](Json& d) { d["schema"] = "mbm.cost-network"; });
  expect("events.column_sum: not there", [](Json& d) { d["events"].erase("column_sum"); });
  expect("events.product.clock", [](Json& d) { d["events"]["product"]["clock"] = -1; });
  expect("events.result", [](Json& d) { d["events"]["result"] = nullptr; });
  expect("grid.rows", [](Json& d) { d["grid"]["rows"] = 0; });
  expect("process.voltage", [](Json& d) { d["process"]["voltage"] = "1.8"; });
  test::write_bytes(folder_ / "costs.json", costs(7, 2).dump().substr(0, 100));
  const std::string file = " --cost " + (folder_ / "costs.json").string();
  EXPECT_EQ(simulate("", file).exit_code, 3);
  EXPECT_EQ(simulate("", " --cost /nowhere.json").exit_code, 3);
  EXPECT_EQ(test::run_mbm("simulate --network lenet5" + file).exit_code, 2);  // of no platform
}

// Layers of the decoder whole, alone and with two arrays on a narrow memory.
class PlatformCommandSlow : public PlatformCommand,
                            public testing::WithParamInterface<const char*> {};

TEST_P(PlatformCommandSlow, TheVerilogTakesTheCyclesOfTheModel) {
  const auto cells = [&](const std::string& toml, const std::string& vary) {
    test::write_bytes(folder_ / "platform.toml", toml);
    const auto result =
        test::run_mbm("-q sweep platform --network densedepth-mobilenetv2 --platform " + file() +
                      " --layers " + GetParam() + " --vary platform.rtl_arrays=" + vary);
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return lines_of(result.output);
  };
  const auto alone = cells("", "0,1");
  ASSERT_EQ(alone.size(), 2U);
  EXPECT_EQ(alone[1], alone[0]);
  const auto shared = cells("[platform]\narrays = 2\n[memory]\nbytes_per_cycle = 4\n", "0,1");
  ASSERT_EQ(shared.size(), 2U);
  EXPECT_EQ(shared[1], shared[0]);
}

INSTANTIATE_TEST_SUITE_P(Decoder, PlatformCommandSlow, testing::Values("conv2", "up1.convB"));

}  // namespace
}  // namespace mbm
