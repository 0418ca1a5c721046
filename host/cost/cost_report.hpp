// What `mbm cost` prints: text, JSON with a unit for every field, CSV.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/cost/component_table.hpp"
#include "host/cost/energy_measurement.hpp"
#include "host/cost/synthesis.hpp"

namespace mbm {

// How a figure came about.
struct CostContext {
  std::string command;  // that makes it
  std::string library;
  std::string library_sha256;
  std::string tools;
  std::string operands;  // "" for none
  nlohmann::json inputs = nlohmann::json::object();
  std::uint64_t seed = 0;
  double nand2_um2 = 1;
};

nlohmann::json cost_header(const std::string& schema, const CostContext& context);

// Areas and periods, a row for each mapping; cells and parts of the first.
struct AreaReport {
  CostContext context;
  std::string design;  // its name, as find_design takes it
  std::vector<MappedModule> mappings;
  std::vector<HierarchyArea> parts;
};
std::string area_text(const AreaReport& report);
nlohmann::json area_json(const AreaReport& report);
std::string area_csv(const AreaReport& report);

struct EnergyRow {
  std::string design;
  std::string multiplier;  // as `mbm run` knows it; "" of a module
  int operand_bits = 8;    // magnitude bits of its operands
  std::string operands;
  std::int64_t products = 0;  // of the operands' layer, for an image; 0: of none
  double area_um2 = 0;
  double period_ns = 0;  // of the netlist
  double clock_ns = 0;   // that leakage is counted over
  EnergyMeasurement energy;
};
struct EnergyReport {
  CostContext context;
  std::vector<EnergyRow> rows;
};
std::string energy_text(const EnergyReport& report);
nlohmann::json energy_json(const EnergyReport& report);
std::string energy_csv(const EnergyReport& report);

std::string components_text(const CostContext& context, const CostedAccelerator& accelerator);
nlohmann::json components_json(const CostContext& context, const CostedAccelerator& accelerator);
std::string components_csv(const CostedAccelerator& accelerator);

struct NetworkCostLayer {
  std::string name;
  LayerCounts counts;
  ComponentEnergies energy;
  std::int64_t bit_energy = 0;  // E_w: N_mul B_mul^2 + N_add B_acc
};
struct NetworkCostReport {
  CostContext context;
  std::string network;
  CostedAccelerator accelerator;
  std::vector<NetworkCostLayer> layers;
};
std::string network_cost_text(const NetworkCostReport& report);
nlohmann::json network_cost_json(const NetworkCostReport& report);
std::string network_cost_csv(const NetworkCostReport& report);

}  // namespace mbm
