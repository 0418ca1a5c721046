// Simulation of a mapped netlist clock by clock, with toggles of every net and, if wanted, energy.
#pragma once

#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "cmodel/energy/gate_energy.hpp"

namespace mbm {

// When gates answer: `zero`: at once, each net changes at most once a cycle; `unit`: after one unit
// each; `library`: after the delay of the library's tables. With delays glitches are seen; a pulse
// shorter than the delay of a gate does not pass it (inertial delay).
enum class GateDelay : std::uint8_t { zero, unit, library };

class GateSimulation {
 public:
  // All nets and states begin at 0. `energy` may be null; then nothing is measured. Throws
  // Error(input) as evaluation_order() does, or if the flip-flops do not share one clock that is an
  // input. The clock's period (ns) is for leakage and for what happens in its second half.
  GateSimulation(const GateNetlist& netlist, const GateTiming& timing, const GateEnergy* energy,
                 GateDelay delay, double period_ns);

  // The bits of an input port for the coming cycle, from bit 0 of `value` on; a port of more than
  // 64 bits gets its bits 64 w.. from set(port, value, w).
  void set(const std::string& port, std::uint64_t value, std::size_t word = 0);

  // One cycle: flip-flops take what they were offered, inputs change with them, all settles.
  void cycle();

  // The bits of a port, as settled.
  std::uint64_t get(const std::string& port, std::size_t word = 0) const;

  // Of the nets, since the last clear(); a cycle's clock edges are not counted.
  const std::vector<std::uint64_t>& toggles() const { return toggles_; }
  std::uint64_t cycles() const { return cycles_; }
  const EnergyBreakdown& energy() const { return energy_; }
  void clear();

  // The latest change after a clock edge since the beginning: ns, or units.
  double latest_change() const { return static_cast<double>(latest_) / (unit_ ? 1.0 : 1e3); }

 private:
  // An output of a cell, as a table over its inputs or as an expression.
  struct Output {
    int pin = 0;
    std::vector<int> inputs;
    std::uint64_t table = 0;
    bool tabulated = false;
  };
  struct Sink {
    std::int32_t instance;
    int pin;
  };
  struct Event {
    std::int64_t time;  // ps, or units
    std::int64_t number;
    std::int32_t instance;
    int pin;
    bool value;
    PinValues causes;
    bool operator>(const Event& other) const {
      return time != other.time ? time > other.time : number > other.number;
    }
  };
  struct Pending {
    std::int64_t number = -1;
    bool value = false;
  };

  void describe_cells();
  void find_clock();
  bool output_value(std::int32_t instance, const Output& output) const;
  std::vector<std::uint8_t> next_states() const;
  void clock_edge(bool rises);
  void settle_at_once();
  void account_settled();
  void change_inputs_and_states(const std::vector<std::uint8_t>& states);
  void settle_in_time();
  void set_net(std::int32_t net, bool value, std::int64_t time);
  void evaluate_later(std::int32_t instance, PinValues causes, std::int64_t time);
  std::int64_t delay_of(std::int32_t instance, int from, int to, bool rises) const;
  void account_output(std::int32_t instance, int pin, bool rises, PinValues causes);
  void account_leakage();
  std::size_t place(const std::string& port, std::size_t bit) const;

  const GateNetlist& netlist_;
  const GateTiming& timing_;
  const GateEnergy* meter_;
  GateDelay delay_;
  double period_ns_;
  bool unit_;
  std::vector<std::int32_t> order_;
  std::vector<std::vector<Output>> outputs_;  // of an instance
  std::vector<std::vector<Sink>> sinks_;      // of a net
  std::vector<std::int32_t> flip_flops_;
  std::int32_t clock_net_ = -1;
  std::vector<int> clock_pins_;  // of flip_flops_

  std::vector<std::uint8_t> offered_;  // values of input nets for the coming cycle
  std::vector<std::uint8_t> values_;   // of nets
  std::vector<PinValues> pins_;        // of instances; the state behind the pins
  std::vector<PinValues> settled_;     // of instances, as of the last cycle
  std::vector<std::vector<Pending>> pending_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::int64_t event_number_ = 0;
  std::int64_t clock_to_output_ = 0;
  std::int64_t latest_ = 0;
  bool clock_high_ = true;

  std::vector<std::uint64_t> toggles_;
  std::uint64_t cycles_ = 0;
  EnergyBreakdown energy_;
  double leakage_nw_ = 0;
};

}  // namespace mbm
