// Synthesised netlists, their activity and energy, held against other tools: Icarus with the
// library's own models of its cells, OpenSTA. A tool or library that is absent skips its tests.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <sstream>

#include "cmodel/common/error.hpp"
#include "host/cost/component_table.hpp"
#include "host/cost/energy_measurement.hpp"
#include "host/process/child_process.hpp"
#include "tests/support/data.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

constexpr const char* kLiberty = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

bool flow_installed() {
  return find_program("yosys") && find_program("sta") && std::filesystem::exists(kLiberty);
}

#define MBM_REQUIRE_FLOW()                                                             \
  do {                                                                                 \
    if (!flow_installed()) {                                                           \
      GTEST_SKIP() << "skipped: yosys, opensta or qflow-tech-osu018 is not installed"; \
    }                                                                                  \
  } while (false)

// Netlists that several tests look at are made once.
class Flow {
 public:
  static Flow& shared() {
    static Flow flow;
    return flow;
  }

  Synthesiser& synthesiser() { return synthesiser_; }

  const MappedModule& mapped(const std::string& design) {
    const auto found = mapped_.find(design);
    if (found != mapped_.end()) return found->second;
    return mapped_
        .emplace(design, synthesiser_.map(find_design(design, {}).module, {true, true, {}}))
        .first->second;
  }

 private:
  test::TemporaryFolder folder_;
  Synthesiser synthesiser_{std::make_shared<const CostLibrary>(load_cost_library("osu018")),
                           (folder_ / "cache")};
  std::map<std::string, MappedModule> mapped_;
};

TEST(Synthesis, AreaIsThatOfTheCellsAndPeriodThatOfOurOwnTables) {
  MBM_REQUIRE_FLOW();
  const MappedModule& mapped = Flow::shared().mapped("exact-dadda:5");
  // Yosys counts for itself.
  const std::string netlist = test::read_bytes(mapped.folder / "netlist.v");
  const ProcessResult stat =
      run_process({*find_program("yosys"), "-p",
                   fmt::format("read_verilog {}; stat -liberty {}",
                               (mapped.folder / "netlist.v").string(), kLiberty)},
                  60);
  const std::string key = "Chip area for module '\\exact_multiplier': ";
  const std::size_t place = stat.output.find(key);
  ASSERT_NE(place, std::string::npos) << stat.output;
  EXPECT_NEAR(mapped.netlist.area_um2(), std::stod(stat.output.substr(place + key.size())), 0.01);
  EXPECT_NE(netlist.find("FAX1"), std::string::npos);
  // OpenSTA's longest path against that of our tables.
  const CostLibrary& library = Flow::shared().synthesiser().library();
  const GateTiming timing = gate_timing(mapped.netlist, mapped.netlist.evaluation_order(),
                                        library.file.library, library.environment);
  EXPECT_NEAR(timing.longest_path_ns, mapped.period_ns, 0.1 * mapped.period_ns);
}

TEST(Synthesis, ResultsAreKept) {
  MBM_REQUIRE_FLOW();
  const MappedModule& mapped = Flow::shared().mapped("exact-dadda:5");
  const auto time = std::filesystem::last_write_time(mapped.folder / "netlist.v");
  const MappedModule again = Flow::shared().synthesiser().map(mapped.module, mapped.recipe);
  EXPECT_EQ(again.folder, mapped.folder);
  EXPECT_EQ(std::filesystem::last_write_time(again.folder / "netlist.v"), time);
  SynthesisRecipe other = mapped.recipe;
  other.delay_ps = 1500;
  EXPECT_NE(Flow::shared().synthesiser().map(mapped.module, other).folder, mapped.folder);
}

TEST(Synthesis, WhatDoesNotExistIsSaid) {
  MBM_REQUIRE_FLOW();
  test::expect_error(ErrorKind::usage, {"no_such_module"}, [] {
    Flow::shared().synthesiser().map({"no_such_module", {}, ""}, {});
  });
  test::expect_error(ErrorKind::usage, {"pe/nothing"}, [] { find_design("pe/nothing", {}); });
  test::expect_error(ErrorKind::usage, {"exact-dadda:9"}, [] { find_design("exact-dadda:9", {}); });
}

// Yosys' extract_fa maps this module wrongly in one recipe; whatever is chosen must be right.
TEST(Synthesis, AMappingThatAnswersOtherwiseIsLeftOut) {
  MBM_REQUIRE_FLOW();
  Synthesiser& synthesiser = Flow::shared().synthesiser();
  const CostModule module{"saturated_sum", {}, ""};
  const MappedModule plain = synthesiser.map(module, {});
  EXPECT_TRUE(answer_alike(synthesiser.smallest(module), plain, 1000));
  MappedModule swapped = plain;
  for (GateInstance& instance : swapped.netlist.instances) {
    if (instance.cell->name != "NAND2X1") continue;
    instance.cell = &swapped.library->file.library.cell("NOR2X1");
    break;
  }
  EXPECT_FALSE(answer_alike(swapped, plain, 1000));
}

// --- energy and function

const char* const kElements[] = {"pe/fused:6", "pe/log2:w3+static+gated"};

TEST(NetlistEnergy, EveryResultIsTheDefinitionsAndOneSwappedGateIsFound) {
  MBM_REQUIRE_FLOW();
  const ArraySample sample = uniform_sample(16, 3, 40, 7);
  for (const char* name : kElements) {
    const CostDesign design = find_design(name, {});
    MappedModule mapped = Flow::shared().mapped(name);
    const EnergyMeasurement energy = measure_energy(mapped, design, sample, {});
    EXPECT_GT(energy.settled.stream.total(), 0) << name;
    // Glitches add transitions; they never take any away.
    EXPECT_GT(energy.timed.toggles, energy.settled.toggles) << name;
    EXPECT_LT(energy.settled.idle.dynamic(), energy.settled.stream.dynamic()) << name;
    EXPECT_NEAR(energy.settled.stream.clock, energy.timed.stream.clock,
                0.02 * energy.settled.stream.clock)
        << name;
    // A NAND becomes a NOR, which has the same pins.
    int swapped = 0;
    for (GateInstance& instance : mapped.netlist.instances) {
      if (instance.cell->name == "NAND2X1" && ++swapped == 5) {
        instance.cell = &mapped.library->file.library.cell("NOR2X1");
        break;
      }
    }
    ASSERT_EQ(swapped, 5);
    test::expect_error(ErrorKind::mismatch, {name, "found", "expected"},
                       [&] { measure_energy(mapped, design, sample, {}); });
  }
}

// --- Icarus

// Toggles of each instance's pins, "instance/pin", in a VCD of a bench whose netlist is `u_dut`.
std::map<std::string, std::uint64_t> vcd_toggles(const std::string& vcd) {
  std::map<std::string, std::vector<std::string>> names;  // by the VCD's codes
  std::map<std::string, char> values;
  std::map<std::string, std::uint64_t> toggles;
  std::vector<std::string> scopes;
  std::istringstream lines(vcd);
  bool counting = false;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first;
    std::string second;
    std::string third;
    std::string code;
    std::string name;
    words >> first >> second >> third >> code >> name;
    if (first == "$scope") scopes.push_back(third);
    if (first == "$upscope") scopes.pop_back();
    if (first == "$var" && scopes.size() == 3) names[code].push_back(scopes.back() + "/" + name);
    if (line.starts_with("#")) counting = std::stoll(line.substr(1)) > 10;
    if (line.size() < 2 || (line[0] != '0' && line[0] != '1')) continue;
    const std::string changed = line.substr(1);
    // A pulse without width leaves a line with the value from before.
    const auto before = values.find(changed);
    if (counting && before != values.end() && before->second != line[0]) {
      for (const std::string& pin : names[changed]) ++toggles[pin];
    }
    values[changed] = line[0];
  }
  return toggles;
}

// The netlist in Icarus with the library's models, without delays: operands in, products out.
struct IcarusRun {
  std::vector<std::uint64_t> products;
  std::map<std::string, std::uint64_t> toggles;
};

IcarusRun run_icarus(const MappedModule& mapped, const std::vector<std::pair<int, int>>& operands,
                     int width) {
  const test::TemporaryFolder folder;
  std::ofstream bench(folder / "bench.v");
  bench << fmt::format(
      "`timescale 1ns/1ps\nmodule bench;\n  reg [{0}:0] a, b;\n  wire [{1}:0] p;\n"
      "  exact_multiplier u_dut (.clk_i(1'b0), .a_i(a), .b_i(b), .product_o(p));\n"
      "  initial begin\n    $dumpfile(\"{2}\");\n    $dumpvars(0, bench);\n    a = 0; b = 0; "
      "#20;\n",
      width - 1, 2 * width - 1, (folder / "bench.vcd").string());
  for (const auto& [a, b] : operands) {
    bench << fmt::format("    a = {}; b = {}; #9 $display(\"%0d\", p); #1;\n", a, b);
  }
  bench << "    $finish;\n  end\nendmodule\n";
  bench.close();
  const std::string program = (folder / "bench.vvp").string();
  const ProcessResult compiled =
      run_process({*find_program("iverilog"), "-o", program, (folder / "bench.v").string(),
                   (mapped.folder / "netlist.v").string(), mapped.library->cell_models.string()},
                  60);
  if (compiled.exit_code != 0) ADD_FAILURE() << compiled.errors;
  const ProcessResult run = run_process({*find_program("vvp"), program}, 60);
  IcarusRun result;
  std::istringstream lines(run.output);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && std::isdigit(static_cast<unsigned char>(line[0])) != 0) {
      result.products.push_back(std::stoull(line));
    }
  }
  result.toggles = vcd_toggles(test::read_bytes(folder / "bench.vcd"));
  return result;
}

// Pins whose toggles differ between the two simulators.
std::size_t different_pins(const MappedModule& mapped, const GateSimulation& simulation,
                           const std::map<std::string, std::uint64_t>& icarus) {
  std::size_t differences = 0;
  for (const GateInstance& instance : mapped.netlist.instances) {
    for (std::size_t p = 0; p < instance.nets.size(); ++p) {
      if (instance.nets[p] < 0) continue;
      const auto found = icarus.find(instance.name + "/" + instance.cell->pins[p].name);
      const std::uint64_t other = found == icarus.end() ? 0 : found->second;
      differences += other != simulation.toggles()[static_cast<std::size_t>(instance.nets[p])];
    }
  }
  return differences;
}

TEST(NetlistActivity, TogglesOfEveryPinAreThoseOfIcarus) {
  MBM_REQUIRE_FLOW();
  if (!find_program("iverilog")) GTEST_SKIP() << "skipped: iverilog is not installed";
  constexpr int kWidth = 5;
  const MappedModule& mapped = Flow::shared().mapped("exact-dadda:5");
  std::mt19937 random(11);
  std::vector<std::pair<int, int>> operands;
  for (int i = 0; i < 300; ++i) {
    operands.emplace_back(static_cast<int>(random() % 32), static_cast<int>(random() % 32));
  }
  const GateTiming timing = gate_timing(mapped.netlist, mapped.netlist.evaluation_order(),
                                        mapped.library->file.library, mapped.library->environment);
  GateSimulation simulation(mapped.netlist, timing, nullptr, GateDelay::zero, 10);
  simulation.cycle();
  simulation.clear();
  std::vector<std::uint64_t> products;
  for (const auto& [a, b] : operands) {
    simulation.set("a_i", static_cast<std::uint64_t>(a));
    simulation.set("b_i", static_cast<std::uint64_t>(b));
    simulation.cycle();
    products.push_back(simulation.get("product_o"));
    EXPECT_EQ(products.back(), static_cast<std::uint64_t>(a * b));
  }
  const IcarusRun icarus = run_icarus(mapped, operands, kWidth);
  EXPECT_EQ(icarus.products, products);
  ASSERT_GT(icarus.toggles.size(), 100U);
  EXPECT_EQ(different_pins(mapped, simulation, icarus.toggles), 0U);
  // One operand more than Icarus saw.
  simulation.set("a_i", static_cast<std::uint64_t>(operands.back().first ^ 1));
  simulation.cycle();
  EXPECT_NE(different_pins(mapped, simulation, icarus.toggles), 0U);
}

// What an element's inputs are in a cycle.
struct ElementCycle {
  std::map<std::string, std::uint64_t> inputs;
  std::optional<std::int64_t> sum;  // of the definition, at the output in this cycle
};

// Weights one after the other, each with activations of which a fifth is zero; an activation's
// partial sum comes one cycle after it, the sum of both is there one cycle later.
std::vector<ElementCycle> element_cycles(const CostDesign& design, unsigned seed) {
  std::mt19937 random(seed);
  const ElementForm& form = design.form;
  std::vector<ElementCycle> cycles;
  const auto code = [&] {
    return random() % 5 == 0 ? 0 : form.reduced(static_cast<int>(random() % 511) - 255, 8);
  };
  std::int64_t above = 0;  // for the activation of the cycle before
  std::optional<std::int64_t> term;
  std::optional<std::int64_t> sum;
  const auto add = [&](int weight, bool load, bool swap, std::optional<int> activation) {
    above = static_cast<std::int64_t>(random() % 2000) - 1000;
    const std::uint64_t mask = (std::uint64_t{1} << form.sum_bits) - 1;
    cycles.push_back({{{"weight_i", form.bits(weight)},
                       {"weight_load_i", load ? 1U : 0U},
                       {"swap_i", swap ? 1U : 0U},
                       {"activation_i", form.bits(activation.value_or(0))},
                       {"sum_i", static_cast<std::uint64_t>(above) & mask}},
                      sum});
    sum = term ? std::optional((*term + above) & static_cast<std::int64_t>(mask)) : std::nullopt;
    term = activation ? std::optional(form.term(*design.table, weight, *activation)) : std::nullopt;
  };
  for (int tile = 0; tile < 12; ++tile) {
    const int weight = code();
    add(weight, true, false, {});
    for (int position = 0; position < 20; ++position) add(weight, false, position == 0, code());
    add(weight, false, false, {});
    add(weight, false, false, {});
  }
  return cycles;
}

// sum_o of an element's netlist in Icarus with the library's models of its cells, in each cycle.
std::vector<std::string> icarus_sums(const MappedModule& mapped,
                                     const std::vector<ElementCycle>& cycles) {
  const test::TemporaryFolder folder;
  std::string bench = "`timescale 1ns/1ps\nmodule bench;\n  reg clk_i = 0;\n";
  std::string ports = ".clk_i(clk_i)";
  for (const auto& [name, port] : mapped.netlist.ports) {
    if (name == "clk_i") continue;
    bench += fmt::format("  {} [{}:0] {}{};\n", port.output ? "wire" : "reg", port.nets.size() - 1,
                         name, port.output ? "" : " = 0");
    ports += fmt::format(", .{0}({0})", name);
  }
  bench += fmt::format("  {} u_dut ({});\n  initial begin\n", mapped.module.module, ports);
  for (const ElementCycle& cycle : cycles) {
    for (const auto& [name, value] : cycle.inputs)
      bench += fmt::format("    {} = {};\n", name, value);
    bench += "    #4 $display(\"sum %0d\", sum_o); #1 clk_i = 1; #5 clk_i = 0;\n";
  }
  bench += "    $finish;\n  end\nendmodule\n";
  std::ofstream(folder / "bench.v") << bench;
  const std::string program = (folder / "bench.vvp").string();
  const ProcessResult compiled =
      run_process({*find_program("iverilog"), "-o", program, (folder / "bench.v").string(),
                   (mapped.folder / "netlist.v").string(), mapped.library->cell_models.string()},
                  60);
  if (compiled.exit_code != 0) ADD_FAILURE() << compiled.errors;
  std::vector<std::string> sums;
  std::istringstream lines(run_process({*find_program("vvp"), program}, 60).output);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("sum ")) sums.push_back(line.substr(4));
  }
  return sums;
}

std::size_t wrong_sums(const std::vector<ElementCycle>& cycles,
                       const std::vector<std::string>& sums) {
  std::size_t wrong = sums.size() == cycles.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(sums.size(), cycles.size()); ++i) {
    wrong += cycles[i].sum && sums[i] != fmt::format("{}", *cycles[i].sum) ? 1 : 0;
  }
  return wrong;
}

TEST(NetlistFunction, AnElementInIcarusAddsTheProductsOfTheDefinition) {
  MBM_REQUIRE_FLOW();
  if (!find_program("iverilog")) GTEST_SKIP() << "skipped: iverilog is not installed";
  for (const char* name : kElements) {
    const CostDesign design = find_design(name, {});
    const std::vector<ElementCycle> cycles = element_cycles(design, 21);
    const MappedModule& mapped = Flow::shared().mapped(name);
    const std::vector<std::string> sums = icarus_sums(mapped, cycles);
    EXPECT_EQ(std::ranges::count_if(cycles, [](const auto& cycle) { return bool{cycle.sum}; }), 240)
        << name;
    EXPECT_EQ(wrong_sums(cycles, sums), 0U) << name;
    // One wrong bit at one input in one cycle is found.
    std::vector<ElementCycle> altered = cycles;
    altered[30].inputs["sum_i"] ^= 4;
    EXPECT_EQ(wrong_sums(cycles, icarus_sums(mapped, altered)), 1U) << name;
  }
}

// --- OpenSTA

struct GatePower {
  double internal = 0;
  double switching = 0;
  double leakage = 0;
};

// Of one gate at the library's surroundings, its inputs with half a transition a cycle of 10 ns and
// half of the time high.
GatePower opensta_power(const std::string& cell, const std::string& connections) {
  const test::TemporaryFolder folder;
  const CostLibrary& library = Flow::shared().synthesiser().library();
  std::ofstream(folder / "gate.v") << fmt::format(
      "module gate (input a, input b, output y);\n  {} u (.A(a), {}.Y(y));\nendmodule\n", cell,
      connections);
  std::ofstream(folder / "gate.tcl") << fmt::format(
      "read_liberty {}\nread_verilog {}\nlink_design gate\ncreate_clock -name clock -period 10\n"
      "set_input_delay 0 -clock clock [all_inputs]\nset_input_transition {} [all_inputs]\n"
      "set_load {} [all_outputs]\nset_power_activity -input -activity 0.5 -duty 0.5\n"
      "report_power -instances [get_cells u] -digits 8\n",
      kLiberty, (folder / "gate.v").string(), library.environment.input_slew_ns,
      library.environment.output_load_ff * 1e-3);
  const ProcessResult run = run_process(
      {*find_program("sta"), "-no_splash", "-exit", (folder / "gate.tcl").string()}, 60);
  const std::size_t last = run.output.find("---\n");
  GatePower power;
  std::istringstream(run.output.substr(last + 4)) >> power.internal >> power.switching >>
      power.leakage;
  return power;
}

// The same by our simulation: the inputs take turns, so that each has half a transition a cycle,
// both ways round.
GatePower our_power(const std::string& cell_name, int inputs) {
  const CostLibrary& library = Flow::shared().synthesiser().library();
  const LibraryCell& cell = library.file.library.cell(cell_name);
  GateNetlist netlist;
  netlist.name = cell_name;
  netlist.nets = {"0", "1", "a", "b", "y"};
  netlist.instances = {{"u", &cell, std::vector<std::int32_t>(cell.pins.size(), -1)}};
  auto& nets = netlist.instances[0].nets;
  nets[static_cast<std::size_t>(cell.pin("A"))] = 2;
  if (inputs == 2) nets[static_cast<std::size_t>(cell.pin("B"))] = 3;
  nets[static_cast<std::size_t>(cell.pin("Y"))] = 4;
  netlist.ports = {{"a", {false, {2}}}, {"b", {false, {3}}}, {"y", {true, {4}}}};
  const GateTiming timing =
      gate_timing(netlist, netlist.evaluation_order(), library.file.library, library.environment);
  const GateEnergy energy(netlist, library.file.library, timing, library.environment);
  GateSimulation simulation(netlist, timing, &energy, GateDelay::zero, 10);
  const std::vector<unsigned> gray = {1, 3, 2, 0, 2, 3, 1, 0};
  for (const unsigned state : gray) {
    simulation.set("a", state & 1U);
    simulation.set("b", state >> 1U);
    simulation.cycle();
  }
  double edges = 0;
  for (const std::size_t net : {std::size_t{4}})
    edges += static_cast<double>(simulation.toggles()[net]);
  const double time = 10e-9 * static_cast<double>(gray.size());
  // What hangs on an output counts elsewhere for us.
  const double load = library.environment.output_load_ff * 1e-15 * library.file.library.voltage *
                      library.file.library.voltage / 2;
  return {simulation.energy().combinational * 1e-15 / time, edges * load / time,
          simulation.energy().leakage * 1e-15 / time};
}

TEST(NetlistEnergy, PowerOfSingleGatesIsThatOfOpenSta) {
  MBM_REQUIRE_FLOW();
  for (const auto& [cell, inputs] : {std::pair{"INVX1", 1},
                                     {"NAND2X1", 2},
                                     {"NOR2X1", 2},
                                     {"AND2X2", 2},
                                     {"OR2X1", 2},
                                     {"BUFX4", 1}}) {
    const GatePower sta = opensta_power(cell, inputs == 2 ? ".B(b), " : "");
    const GatePower ours = our_power(cell, inputs);
    ASSERT_GT(sta.internal, 0) << cell;
    // OpenSTA 2.0.17 books the energies of a rise and of a fall at every transition; Liberty's
    // rise_power belongs to a rise and fall_power to a fall. Hence exactly twice ours.
    EXPECT_NEAR(2 * ours.internal / sta.internal, 1, 1e-6) << cell;
    EXPECT_NEAR(ours.switching / sta.switching, 1, 1e-6) << cell;
    EXPECT_NEAR(ours.leakage / sta.leakage, 1, 1e-6) << cell;
  }
}

// --- other libraries

TEST(Synthesis, OtherLibrariesOfTheUser) {
  MBM_REQUIRE_FLOW();
  for (const auto& [file, name] :
       {std::pair{"sky130hd_tt.lib.gz", "sky130"}, {"nangate45_typ.lib.gz", "nangate45"}}) {
    const std::filesystem::path path = test::data_folder() / "liberty" / file;
    MBM_REQUIRE_DATA(path);
    const test::TemporaryFolder cache;
    Synthesiser synthesiser(std::make_shared<const CostLibrary>(load_cost_library(path.string())),
                            cache / "cache");
    EXPECT_EQ(synthesiser.library().name, name);
    const CostDesign design = find_design("exact-dadda:5", {});
    const MappedModule mapped = synthesiser.map(design.module, {true, true, {}});
    EXPECT_GT(mapped.period_ns, 0);
    const EnergyMeasurement energy =
        measure_energy(mapped, design, uniform_sample(16, 2, 30, 5), {});
    EXPECT_GT(energy.timed.stream.total(), energy.settled.stream.total());
  }
}

}  // namespace
}  // namespace mbm
