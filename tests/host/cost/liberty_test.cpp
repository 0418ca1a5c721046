// Reading of Liberty files and the energy of cells, against figures worked out by hand.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cmodel/energy/gate_simulation.hpp"
#include "host/cost/liberty_file.hpp"
#include "tests/support/data.hpp"
#include "tests/support/expect_error.hpp"

namespace mbm {
namespace {

using test::expect_error;

// A NAND gate and a flip-flop in units that differ from ours: 10 ps, 0.1 pF, 2 V.
std::string library_text(const std::string& nand_fall = "30, 50") {
  return fmt::format(R"(
library (tiny) {{ /* a comment */
  time_unit : "10ps"; voltage_unit : "1V"; leakage_power_unit : "1uW";
  capacitive_load_unit (0.1, pf);
  nom_voltage : 2.0;
  power_lut_template (by_load) {{
    variable_1 : total_output_net_capacitance; variable_2 : input_transition_time;
    index_1 ("1, 3"); index_2 ("2");
  }}
  power_lut_template (by_slew) {{ variable_1 : input_transition_time; index_1 ("0, 10"); }}
  cell (NAND) {{
    area : 4; cell_leakage_power : 0.5;
    leakage_power () {{ when : "A B"; value : 2; }}
    pin (A) {{ direction : input; capacitance : 0.2; }}
    pin (B) {{ direction : input; rise_capacitance : 0.1; fall_capacitance : 0.3; }}
    pin (Y) {{ direction : output; function : "(A B)'";
      internal_power () {{ related_pin : "A B";
        rise_power (by_load) {{ values ("10", "20"); }}
        fall_power (by_load) {{ values ("{}"); }} }} }}
  }}
  cell (FLOP) {{
    area : 9;
    ff (IQ, IQN) {{ clocked_on : "C"; next_state : "D"; }}
    pin (C) {{ direction : input; clock : true; capacitance : 0.1;
      internal_power () {{ when : "!D"; rise_power (by_slew) {{ values ("1, 3"); }}
                          fall_power (scalar) {{ values ("4"); }} }} }}
    pin (D) {{ direction : input; capacitance : 0.1;
      internal_power () {{ power (scalar) {{ values ("7"); }} }} }}
    pin (Q) {{ direction : output; function : "IQ";
      internal_power () {{ related_pin : "C"; power (scalar) {{ values ("5"); }} }} }}
  }}
}})",
                     nand_fall);
}

TEST(Liberty, UnitsAndTables) {
  const CellLibrary library = parse_liberty(library_text(), "tiny.lib");
  EXPECT_EQ(library.voltage, 2.0);
  const LibraryCell& nand = library.cell("NAND");
  EXPECT_DOUBLE_EQ(nand.pins[0].capacitance_ff, 20);
  EXPECT_DOUBLE_EQ(nand.pins[1].capacitance_ff, 20);
  EXPECT_DOUBLE_EQ(nand.leakage_nw, 500);
  EXPECT_DOUBLE_EQ(library.nand2_area_um2(), 4);
  ASSERT_EQ(nand.pins[2].power.size(), 2U);  // one for each related pin
  // Loads of 1 and 3 are 100 and 300 fF; energies of 0.1 pF V^2 are 100 fJ.
  const LookupTable& rise = nand.pins[2].power[1].rise_fj;
  EXPECT_DOUBLE_EQ(rise.at(0.02, 100), 1000);
  EXPECT_DOUBLE_EQ(rise.at(0.02, 200), 1500);
  EXPECT_DOUBLE_EQ(rise.at(0.02, 400), 2500);  // beyond the table, along its line
}

// A NAND whose inputs are both an input of the netlist, 0 and 1 in turn: each cycle one edge of the
// input (two pins of 20 fF) and one of the output (nothing of our own on it).
GateNetlist inverter(const CellLibrary& library) {
  GateNetlist netlist;
  netlist.name = "inverter";
  netlist.nets = {"0", "1", "a", "y"};
  netlist.instances = {{"u", &library.cell("NAND"), {2, 2, 3}}};
  netlist.ports["a"] = {false, {2}};
  netlist.ports["y"] = {true, {3}};
  return netlist;
}

EnergyBreakdown energy_of(const GateNetlist& netlist, const CellLibrary& library, int cycles,
                          const std::string& input) {
  const GateEnvironment environment{0.02, 200, false};
  const GateTiming timing = gate_timing(netlist, netlist.evaluation_order(), library, environment);
  const GateEnergy energy(netlist, library, timing, environment);
  GateSimulation simulation(netlist, timing, &energy, GateDelay::zero, 10);
  for (int i = 0; i < cycles; ++i) {
    simulation.set(input, static_cast<std::uint64_t>(i + 1) & 1U);
    simulation.cycle();
  }
  return simulation.energy();
}

TEST(GateEnergy, OfAGateByHand) {
  const CellLibrary library = parse_liberty(library_text(), "tiny.lib");
  const EnergyBreakdown energy = energy_of(inverter(library), library, 2, "a");
  // Two edges of 40 fF at 2 V, each C V^2 / 2.
  EXPECT_DOUBLE_EQ(energy.switching, 2 * 40 * 2);
  // At 200 fF: fall (3000 + 5000) / 2, rise (1000 + 2000) / 2; both inputs cause it, the mean of
  // equals.
  EXPECT_DOUBLE_EQ(energy.combinational, 4000 + 1500);
  // 10 ns with both inputs high at 2 uW, 10 ns with both low at 0.5 uW.
  EXPECT_DOUBLE_EQ(energy.leakage, (10 * 2000 + 10 * 500) * 1e-3);
}

TEST(GateEnergy, OneAlteredTableEntryChangesTheFigure) {
  const CellLibrary library = parse_liberty(library_text("30, 51"), "tiny.lib");
  const EnergyBreakdown energy = energy_of(inverter(library), library, 2, "a");
  EXPECT_DOUBLE_EQ(energy.combinational, 4050 + 1500);
}

TEST(GateEnergy, OfAFlipFlopByHand) {
  const CellLibrary library = parse_liberty(library_text(), "tiny.lib");
  GateNetlist netlist;
  netlist.name = "flop";
  netlist.nets = {"0", "1", "c", "d", "q"};
  netlist.instances = {{"u", &library.cell("FLOP"), {2, 3, 4}}};
  netlist.ports["c"] = {false, {2}};
  netlist.ports["d"] = {false, {3}};
  netlist.ports["q"] = {true, {4}};
  // d = 1, 0, 1, 0: q follows a cycle later.
  const EnergyBreakdown energy = energy_of(netlist, library, 4, "d");
  // Clock: 8 edges of 10 fF; a rising edge with d = 0 before it (cycles 1 and 3): 100 + 0.2 * 200
  // fJ at a slew of 0.02 ns, the tables' 2; a falling one with d = 0 after it (cycles 2 and 4): 400
  // fJ.
  EXPECT_DOUBLE_EQ(energy.clock, 8 * 10 * 2 + 2 * 140 + 2 * 400);
  // Four edges of d at 700 fJ, three of q at 500 fJ.
  EXPECT_DOUBLE_EQ(energy.sequential, 4 * 700 + 3 * 500);
  EXPECT_DOUBLE_EQ(energy.switching, 4 * 10 * 2);
}

TEST(Liberty, DamagedFilesAreNamed) {
  const std::string good = library_text();
  for (const std::size_t length : {0UL, 5UL, 40UL, good.size() / 2, good.size() - 3}) {
    expect_error(ErrorKind::input, {"tiny.lib", "expected"},
                 [&] { parse_liberty(good.substr(0, length), "tiny.lib"); });
  }
  expect_error(ErrorKind::input, {"tiny.lib", "NAND", "of 3 values found, 2 expected"},
               [] { parse_liberty(library_text("30, 50, 70"), "tiny.lib"); });
  expect_error(ErrorKind::input, {"tiny.lib", "NAND", "\"nan\" found, a number"},
               [] { parse_liberty(library_text("30, nan"), "tiny.lib"); });
  expect_error(ErrorKind::input, {"no cells"},
               [] { parse_liberty("library (x) { nom_voltage : 1; }", "x.lib"); });
  expect_error(ErrorKind::input, {"cannot open"}, [] { read_liberty("/nonexistent.lib"); });
}

TEST(GateNetlist, LoopsAndMissingDriversAreNamed) {
  const CellLibrary library = parse_liberty(library_text(), "tiny.lib");
  GateNetlist loop = inverter(library);
  loop.instances[0].nets = {3, 2, 3};
  expect_error(ErrorKind::input, {"inverter", "loop", "u"}, [&] { loop.evaluation_order(); });
  GateNetlist open = inverter(library);
  open.nets.emplace_back("nowhere");
  open.instances[0].nets = {2, 4, 3};
  expect_error(ErrorKind::input, {"nothing drives pin B"}, [&] { open.evaluation_order(); });
  GateNetlist twice = inverter(library);
  twice.instances.push_back(twice.instances[0]);
  expect_error(ErrorKind::input, {"net y has two drivers"}, [&] { twice.evaluation_order(); });
}

// Full adders, NANDs and voltages as the libraries' documents name them.
TEST(Liberty, ReadsOpenLibraries) {
  for (const auto& [file, cells, voltage, adder] :
       {std::tuple{"sky130hd_tt.lib.gz", 428U, 1.8, "sky130_fd_sc_hd__fa_1"},
        std::tuple{"nangate45_typ.lib.gz", 134U, 1.1, "FA_X1"}}) {
    const std::filesystem::path path = test::data_folder() / "liberty" / file;
    MBM_REQUIRE_DATA(path);
    const LibertyFile liberty = read_liberty(path);
    EXPECT_EQ(liberty.library.cells.size(), cells);
    EXPECT_EQ(liberty.library.voltage, voltage);
    ASSERT_TRUE(liberty.library.full_adder().has_value());
    EXPECT_EQ(liberty.library.full_adder()->cell, adder);
  }
}

}  // namespace
}  // namespace mbm
