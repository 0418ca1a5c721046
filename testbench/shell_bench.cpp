#include "testbench/shell_bench.hpp"

#include <array>

#include "Vshell_16.h"
#include "Vshell_4.h"
#include "Vshell_8.h"
#include "sim/verilated_device.hpp"

namespace mbm {
namespace {

template <typename Model, int kBusBytes>
std::unique_ptr<SimulatedDevice> make(const AxiMemoryOptions& options, RegisterPortOptions port) {
  return std::make_unique<VerilatedDevice<Model, kBusBytes>>(options, port);
}

}  // namespace

std::span<const ShellBench> shell_benches() {
  static const std::array<ShellBench, 3> benches{
      {{4, 8, make<Vshell_4, 4>}, {8, 4, make<Vshell_8, 8>}, {16, 8, make<Vshell_16, 16>}}};
  return benches;
}

}  // namespace mbm
