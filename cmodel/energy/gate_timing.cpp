#include "cmodel/energy/gate_timing.hpp"

#include <algorithm>

namespace mbm {
namespace {

std::size_t at(std::int32_t net) {
  return static_cast<std::size_t>(net);
}

std::vector<double> loads_of(const GateNetlist& netlist, const CellLibrary& library,
                             const GateEnvironment& environment) {
  std::vector<double> loads(netlist.nets.size(), 0);
  std::vector<int> fanout(netlist.nets.size(), 0);
  for (const GateInstance& instance : netlist.instances) {
    for (std::size_t p = 0; p < instance.nets.size(); ++p) {
      if (instance.nets[p] < 0 || instance.cell->pins[p].output) continue;
      loads[at(instance.nets[p])] += instance.cell->pins[p].capacitance_ff;
      ++fanout[at(instance.nets[p])];
    }
  }
  for (const auto& [name, port] : netlist.ports) {
    if (!port.output) continue;
    for (const std::int32_t net : port.nets) {
      loads[at(net)] += environment.output_load_ff;
      ++fanout[at(net)];
    }
  }
  if (environment.wire_load && library.wire_load) {
    for (std::size_t net = 0; net < loads.size(); ++net) {
      loads[net] += library.wire_load->capacitance_ff(fanout[net]);
    }
  }
  return loads;
}

class Propagation {
 public:
  Propagation(const GateNetlist& netlist, GateTiming& timing)
      : netlist_(netlist), timing_(timing), arrival_(netlist.nets.size()) {}

  void instance(std::size_t index) {
    const GateInstance& instance = netlist_.instances[index];
    for (std::size_t q = 0; q < instance.nets.size(); ++q) {
      if (!instance.cell->pins[q].output || instance.nets[q] < 0) continue;
      output(index, static_cast<int>(q));
    }
  }

 private:
  // An input edge that makes the output rise, as the slew table wants it.
  static double cause_slew(const TimingArc& arc, const Edges& slew, bool output_rises) {
    if (arc.from_clock) return slew.rise;
    if (arc.positive_unate) return output_rises ? slew.rise : slew.fall;
    if (arc.negative_unate) return output_rises ? slew.fall : slew.rise;
    return std::max(slew.rise, slew.fall);
  }

  void output(std::size_t index, int q) {
    const GateInstance& instance = netlist_.instances[index];
    const std::int32_t net = instance.nets[static_cast<std::size_t>(q)];
    const double load = timing_.load_ff[at(net)];
    Edges slew;
    double latest = 0;
    std::map<int, int> arcs;
    for (const TimingArc& arc : instance.cell->pins[static_cast<std::size_t>(q)].timing) {
      if (arc.related_pin < 0) continue;
      const std::int32_t from = instance.nets[static_cast<std::size_t>(arc.related_pin)];
      if (from < 0) continue;
      const Edges& input = timing_.slew_ns[at(from)];
      const Edges delay{arc.cell_rise_ns.at(cause_slew(arc, input, true), load),
                        arc.cell_fall_ns.at(cause_slew(arc, input, false), load)};
      slew.rise =
          std::max(slew.rise, arc.rise_transition_ns.at(cause_slew(arc, input, true), load));
      slew.fall =
          std::max(slew.fall, arc.fall_transition_ns.at(cause_slew(arc, input, false), load));
      Edges& sum = timing_.delay_ns[index][{arc.related_pin, q}];
      const double count = ++arcs[arc.related_pin];
      sum.rise += (delay.rise - sum.rise) / count;
      sum.fall += (delay.fall - sum.fall) / count;
      const double start = instance.cell->flip_flop ? 0 : arrival_[at(from)];
      latest = std::max(latest, start + std::max(delay.rise, delay.fall));
    }
    timing_.slew_ns[at(net)] = slew;
    arrival_[at(net)] = latest;
    timing_.longest_path_ns = std::max(timing_.longest_path_ns, latest);
  }

  const GateNetlist& netlist_;
  GateTiming& timing_;
  std::vector<double> arrival_;
};

}  // namespace

GateTiming gate_timing(const GateNetlist& netlist, const std::vector<std::int32_t>& order,
                       const CellLibrary& library, const GateEnvironment& environment) {
  GateTiming timing;
  timing.load_ff = loads_of(netlist, library, environment);
  timing.slew_ns.assign(netlist.nets.size(),
                        {environment.input_slew_ns, environment.input_slew_ns});
  timing.delay_ns.resize(netlist.instances.size());
  Propagation propagation(netlist, timing);
  for (std::size_t i = 0; i < netlist.instances.size(); ++i) {
    if (netlist.instances[i].cell->flip_flop) propagation.instance(i);
  }
  for (const std::int32_t i : order) propagation.instance(at(i));
  return timing;
}

}  // namespace mbm
