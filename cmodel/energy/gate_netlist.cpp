#include "cmodel/energy/gate_netlist.hpp"

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr std::int32_t kUndriven = -1;
constexpr std::int32_t kOutside = -2;  // an input of the netlist, or a constant

}  // namespace

const NetlistPort& GateNetlist::port(const std::string& port_name) const {
  const auto found = ports.find(port_name);
  if (found == ports.end()) {
    fail(ErrorKind::input, "netlist {}: no port {} found", name, port_name);
  }
  return found->second;
}

double GateNetlist::area_um2() const {
  double area = 0;
  for (const GateInstance& instance : instances) area += instance.cell->area_um2;
  return area;
}

double GateNetlist::sequential_area_um2() const {
  double area = 0;
  for (const GateInstance& instance : instances) {
    if (instance.cell->flip_flop || instance.cell->latch) area += instance.cell->area_um2;
  }
  return area;
}

std::vector<std::int32_t> GateNetlist::evaluation_order() const {
  std::vector<std::int32_t> driver(nets.size(), kUndriven);
  driver[kNetZero] = driver[kNetOne] = kOutside;
  for (const auto& [port_name, port] : ports) {
    if (port.output) continue;
    for (const std::int32_t net : port.nets) driver[static_cast<std::size_t>(net)] = kOutside;
  }
  const auto check_cell = [&](const GateInstance& instance) {
    if (!instance.cell->latch) return;
    fail(ErrorKind::input, "netlist {}: instance {} is a {}, which cannot be simulated", name,
         instance.name, instance.cell->name);
  };
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const GateInstance& instance = instances[i];
    check_cell(instance);
    for (std::size_t p = 0; p < instance.nets.size(); ++p) {
      const std::int32_t net = instance.nets[p];
      if (!instance.cell->pins[p].output || net < 0) continue;
      if (!instance.cell->pins[p].function) {
        fail(ErrorKind::input, "netlist {}: instance {}: output {} of cell {} has no function",
             name, instance.name, instance.cell->pins[p].name, instance.cell->name);
      }
      auto& place = driver[static_cast<std::size_t>(net)];
      if (place != kUndriven) {
        fail(ErrorKind::input, "netlist {}: net {} has two drivers, {} is one of them", name,
             nets[static_cast<std::size_t>(net)], instance.name);
      }
      place = static_cast<std::int32_t>(i);
    }
  }
  // Depth first; 1 under way, 2 done.
  std::vector<std::uint8_t> mark(instances.size(), 0);
  std::vector<std::int32_t> order;
  struct Visit {
    std::int32_t instance;
    std::size_t pin;
  };
  std::vector<Visit> stack;
  for (std::size_t start = 0; start < instances.size(); ++start) {
    if (mark[start] != 0 || instances[start].cell->flip_flop) continue;
    stack.push_back({static_cast<std::int32_t>(start), 0});
    mark[start] = 1;
    while (!stack.empty()) {
      auto& [index, pin] = stack.back();
      const GateInstance& instance = instances[static_cast<std::size_t>(index)];
      if (pin == instance.nets.size()) {
        mark[static_cast<std::size_t>(index)] = 2;
        order.push_back(index);
        stack.pop_back();
        continue;
      }
      const std::size_t p = pin++;
      if (instance.cell->pins[p].output) continue;
      const std::int32_t net = instance.nets[p];
      const std::int32_t from = net < 0 ? kUndriven : driver[static_cast<std::size_t>(net)];
      if (from == kUndriven) {
        fail(ErrorKind::input, "netlist {}: instance {}: nothing drives pin {}", name,
             instance.name, instance.cell->pins[p].name);
      }
      if (from == kOutside || instances[static_cast<std::size_t>(from)].cell->flip_flop) continue;
      if (mark[static_cast<std::size_t>(from)] == 1) {
        fail(ErrorKind::input, "netlist {}: a loop of gates through {}", name, instance.name);
      }
      if (mark[static_cast<std::size_t>(from)] == 0) {
        mark[static_cast<std::size_t>(from)] = 1;
        stack.push_back({from, 0});
      }
    }
  }
  return order;
}

}  // namespace mbm
