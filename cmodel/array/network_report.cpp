#include "cmodel/array/network_report.hpp"

#include <algorithm>

#include "cmodel/array/operand_format.hpp"
#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

void count_bytes(const CommandOperation& operation, const AcceleratorParameters& parameters,
                 LayerCost& cost) {
  const auto size = [](std::int64_t format) {
    return operand_bytes(static_cast<registers::Format>(format));
  };
  if (const auto* load = std::get_if<LoadActivations>(&operation)) {
    cost.bytes_read += load->rows * load->elements * size(load->format);
  } else if (const auto* weights = std::get_if<LoadWeights>(&operation)) {
    cost.bytes_read += weights->rows * parameters.columns * size(weights->format);
  } else if (const auto* records = std::get_if<LoadParameters>(&operation)) {
    cost.bytes_read += records->channels * 16;
  } else if (const auto* table = std::get_if<LoadTable>(&operation)) {
    cost.bytes_read += table->entries * 2;
  } else if (const auto* store = std::get_if<Store>(&operation)) {
    cost.bytes_written += store->rows * store->elements * size(store->format);
  }
}

}  // namespace

double LayerCost::utilisation(const AcceleratorParameters& parameters) const {
  if (cycles == 0) return 0.0;
  return static_cast<double>(products) /
         (static_cast<double>(cycles) * static_cast<double>(parameters.rows * parameters.columns));
}

double LayerCost::arithmetic_intensity() const {
  const std::int64_t bytes = bytes_read + bytes_written;
  return bytes == 0 ? 0.0 : static_cast<double>(products) / static_cast<double>(bytes);
}

double LayerCost::attainable_products(const AcceleratorParameters& parameters,
                                      double bytes_per_cycle) const {
  return std::min(static_cast<double>(parameters.rows * parameters.columns),
                  arithmetic_intensity() * bytes_per_cycle);
}

std::vector<LayerCost> layer_costs(const LoweredNetwork& network, const CycleReport& report) {
  const std::vector<Command>& commands = network.program.commands;
  std::vector<LayerCost> costs;
  std::size_t compute = 0;
  std::size_t next = 0;  // the table of a `lut` grid, which no node loads, is the first one's
  for (const LoweredNode& node : network.nodes) {
    LayerCost cost;
    cost.name = node.name;
    cost.products = node.products;
    for (; next < node.end_command; ++next) {
      const CommandOperation& operation = commands[next].operation;
      count_bytes(operation, network.program.parameters, cost);
      if (unit_of(operation) != Unit::compute) continue;
      if (compute == report.commands.size()) {
        fail(ErrorKind::usage, "report of {} compute commands, more expected", compute);
      }
      const CauseCycles& causes = report.commands[compute++];
      for (std::size_t i = 0; i < kCauses; ++i) {
        cost.causes[i] += causes[i];
        cost.cycles += causes[i];
      }
    }
    costs.push_back(cost);
  }
  return costs;
}

}  // namespace mbm
