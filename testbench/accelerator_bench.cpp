#include "testbench/accelerator_bench.hpp"

#include "Vaccelerator_2x8_lut.h"
#include "Vaccelerator_4x4_log.h"
#include "Vaccelerator_8x4_exact.h"
#include "sim/verilated_device.hpp"
#include "sim/verilated_pins.hpp"

namespace mbm {
namespace {

template <typename Model, int kBusBytes>
std::unique_ptr<SimulatedDevice> make(const AxiMemoryOptions& options, RegisterPortOptions port) {
  return std::make_unique<VerilatedDevice<Model, kBusBytes>>(options, port);
}

}  // namespace

// The parameters are those of CMakeLists.txt.
const std::vector<AcceleratorBench>& accelerator_benches() {
  static const std::vector<AcceleratorBench> benches = {
      {"4x4_log", {"mbm"}, 8, make<Vaccelerator_4x4_log, 8>},
      {"8x4_exact", {"exact"}, 16, make<Vaccelerator_8x4_exact, 16>},
      {"2x8_lut", {"mbm", "drum:4", "mitchell"}, 4, make<Vaccelerator_2x8_lut, 4>},
  };
  return benches;
}

std::unique_ptr<SimulatedDevice> make_accelerator_bench(const AxiMemoryOptions& options,
                                                        RegisterPortOptions port) {
  return accelerator_benches().front().make(options, port);
}

std::unique_ptr<AcceleratorPins> make_accelerator_pins() {
  return std::make_unique<VerilatedPins<Vaccelerator_4x4_log, 8>>();
}

}  // namespace mbm
