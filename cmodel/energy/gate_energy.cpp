#include "cmodel/energy/gate_energy.hpp"

namespace mbm {
namespace {

std::size_t at(std::int32_t index) {
  return static_cast<std::size_t>(index);
}

}  // namespace

EnergyBreakdown& EnergyBreakdown::operator+=(const EnergyBreakdown& other) {
  switching += other.switching;
  combinational += other.combinational;
  sequential += other.sequential;
  clock += other.clock;
  leakage += other.leakage;
  return *this;
}

EnergyBreakdown EnergyBreakdown::operator+(const EnergyBreakdown& other) const {
  EnergyBreakdown sum = *this;
  return sum += other;
}

EnergyBreakdown EnergyBreakdown::operator-(const EnergyBreakdown& other) const {
  return {switching - other.switching, combinational - other.combinational,
          sequential - other.sequential, clock - other.clock, leakage - other.leakage};
}

EnergyBreakdown EnergyBreakdown::operator*(double factor) const {
  return {switching * factor, combinational * factor, sequential * factor, clock * factor,
          leakage * factor};
}

GateEnergy::GateEnergy(const GateNetlist& netlist, const CellLibrary& library,
                       const GateTiming& timing, const GateEnvironment& environment)
    : netlist_(netlist) {
  const double half_square = library.voltage * library.voltage / 2;
  std::vector<double> charged = timing.load_ff;
  for (const auto& [name, port] : netlist.ports) {
    if (!port.output) continue;
    for (const std::int32_t net : port.nets) charged[at(net)] -= environment.output_load_ff;
  }
  for (const double load : charged) net_fj_.push_back(load * half_square);
  for (const GateInstance& instance : netlist.instances) {
    auto& pins = arcs_.emplace_back();
    for (std::size_t p = 0; p < instance.cell->pins.size(); ++p) {
      auto& arcs = pins.emplace_back();
      const CellPin& pin = instance.cell->pins[p];
      if (instance.nets[p] < 0) continue;
      const double load = timing.load_ff[at(instance.nets[p])];
      for (const PowerArc& arc : pin.power) {
        const int related = arc.related_pin.value_or(-1);
        const std::int32_t from = related >= 0 ? instance.nets[at(related)] : instance.nets[p];
        const double slew = from < 0 ? environment.input_slew_ns : timing.mean_slew(from);
        arcs.push_back({arc.when ? &*arc.when : nullptr, related, arc.rise_fj.at(slew, load),
                        arc.fall_fj.at(slew, load)});
      }
    }
  }
}

double GateEnergy::input_fj(std::int32_t instance, int pin, bool rises, PinValues pins) const {
  double energy = 0;
  for (const Arc& arc : arcs_[at(instance)][at(pin)]) {
    if (arc.when != nullptr && !arc.when->value(pins)) continue;
    energy += rises ? arc.rise : arc.fall;
  }
  return energy;
}

double GateEnergy::output_fj(std::int32_t instance, int pin, bool rises, PinValues pins,
                             PinValues causes) const {
  double sum = 0;
  double sum_of_all = 0;
  int count = 0;
  const std::vector<Arc>& arcs = arcs_[at(instance)][at(pin)];
  for (const Arc& arc : arcs) {
    const double energy = rises ? arc.rise : arc.fall;
    sum_of_all += energy;
    if (arc.related < 0 || (causes >> arc.related & 1U) == 0) continue;
    if (arc.when != nullptr && !arc.when->value(pins)) continue;
    sum += energy;
    ++count;
  }
  if (count > 0) return sum / count;
  return arcs.empty() ? 0 : sum_of_all / static_cast<double>(arcs.size());
}

double GateEnergy::leakage_nw(std::int32_t instance, PinValues pins) const {
  const LibraryCell& cell = *netlist_.instances[at(instance)].cell;
  for (const LeakageState& state : cell.leakage_states) {
    if (state.when.value(pins)) return state.power_nw;
  }
  return cell.leakage_nw;
}

}  // namespace mbm
