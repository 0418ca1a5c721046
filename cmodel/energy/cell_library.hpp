// Standard cells: what they compute, how large, how fast and what they consume. Units: fF, ns, fJ,
// nW, um2, V.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cmodel/energy/boolean_expression.hpp"
#include "cmodel/energy/lookup_table.hpp"

namespace mbm {

// Internal energy of a transition of a pin (Liberty internal_power), the charge of the load not
// included: fJ.
struct PowerArc {
  std::optional<int> related_pin;  // of an output: the input that caused it
  std::optional<BooleanExpression> when;
  LookupTable rise_fj;
  LookupTable fall_fj;
};

// Delay and slew of an output after an input: ns.
struct TimingArc {
  int related_pin = 0;
  std::optional<BooleanExpression> when;
  bool negative_unate = false;
  bool positive_unate = false;
  bool from_clock = false;  // rising_edge or falling_edge
  LookupTable cell_rise_ns;
  LookupTable cell_fall_ns;
  LookupTable rise_transition_ns;
  LookupTable fall_transition_ns;
};

struct CellPin {
  std::string name;
  bool output = false;
  bool clock = false;
  double capacitance_ff = 0;                  // mean of rise and fall
  std::optional<BooleanExpression> function;  // of an output, over pins and state variables
  std::vector<PowerArc> power;
  std::vector<TimingArc> timing;
};

// Leakage power in a state of the pins.
struct LeakageState {
  BooleanExpression when;
  double power_nw = 0;
};

// Variables pins.size() and pins.size() + 1 of a cell's expressions are its state and the inverse.
struct FlipFlop {
  BooleanExpression clocked_on;
  BooleanExpression next_state;
  std::optional<BooleanExpression> clear;
  std::optional<BooleanExpression> preset;
};

struct LibraryCell {
  std::string name;
  double area_um2 = 0;
  double leakage_nw = 0;  // where no state says otherwise
  std::vector<LeakageState> leakage_states;
  std::vector<CellPin> pins;
  std::optional<FlipFlop> flip_flop;
  bool latch = false;     // or anything else with a state that is not simulated
  bool excluded = false;  // not to be used in synthesis

  // Index of a pin; throws Error(input).
  int pin(const std::string& pin_name) const;
};

// Wires by fanout (Liberty wire_load): fF.
struct WireLoad {
  double ff_per_length = 0;
  double slope = 0;               // length for each sink beyond the table
  std::map<int, double> lengths;  // by fanout
  double capacitance_ff(int fanout) const;
};

struct CellLibrary {
  std::string name;
  double voltage = 0;
  // Thresholds of slew tables, percent of the swing, and the factor the tables were derated by.
  double slew_derate = 1;
  std::optional<WireLoad> wire_load;
  std::map<std::string, LibraryCell> cells;

  // Throws Error(input) that names cell and library.
  const LibraryCell& cell(const std::string& cell_name) const;
  // Area of the smallest two-input NAND, the unit "gate equivalent"; throws Error(input) if there
  // is none.
  double nand2_area_um2() const;
  // The smallest cell that adds three bits, with the names of its pins.
  struct FullAdder {
    std::string cell;
    std::array<std::string, 3> inputs;
    std::string sum;
    std::string carry;
  };
  std::optional<FullAdder> full_adder() const;
};

}  // namespace mbm
