// A network on a platform: lowered for its accelerator, run by the driver, and what it took.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cmodel/array/network_lowering.hpp"
#include "cmodel/array/network_report.hpp"
#include "cmodel/energy/layer_energy.hpp"
#include "cmodel/network/integer_network.hpp"
#include "host/platform/platform_energy.hpp"
#include "host/platform/platform_file.hpp"
#include "sim/systemc/platform.hpp"

namespace mbm {

// The numbers of one platform for one network, every array with an image of its own.
struct PlatformResult {
  PlatformOptions options;
  PlatformStatistics statistics;
  std::int64_t products = 0;  // of one image
  std::int64_t arrays = 1;
  CounterValues counters{};       // of array 0
  std::uint64_t run_cycles = 0;   // of the array that took longest
  std::vector<LayerCost> layers;  // of array 0; none if it is Verilog
  bool has_data = false;          // and they equal those of the engine
  // Of an image, and of each of `layers`, fJ; none without costs.
  ComponentEnergies energy;
  std::string costed;  // element, library, clock
  std::vector<ComponentEnergies> layer_energies;

  double utilisation() const;       // of all arrays' products, 0..1
  double cycles_per_image() const;  // of the platform
  double products_per_cycle() const;
  double bytes_per_image() const;  // of one array
  double intensity() const;        // products a byte
};

// Bits of all memories of an accelerator: scratchpad, weights, sums, output buffer, parameters.
std::int64_t on_chip_bits(const AcceleratorParameters& parameters);

// Products are those of `multiplier`, as set_products() has it. With data, random codes are given
// and the results compared with the CPU engine's. Throws Error(mismatch) if they differ,
// Error(usage) if a Verilated accelerator is not built, and as Platform, set_products and
// lower_network do. `costs` give energies: convolutions, the bytes of everything, elements in all
// cycles.
PlatformResult run_platform(const IntegerNetwork& network,
                            const PlatformConfiguration& configuration,
                            const std::string& multiplier, std::uint64_t seed,
                            const std::optional<ComponentCosts>& costs = {});

// The commands of `program`, with loads of activations that wait until all commands before them
// have finished: nothing is loaded while the array computes.
std::vector<Command> without_double_buffering(const std::vector<Command>& commands);

}  // namespace mbm
