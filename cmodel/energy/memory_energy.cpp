#include "cmodel/energy/memory_energy.hpp"

#include <algorithm>
#include <cmath>

namespace mbm {
namespace {

constexpr double kFigureFeature = 45;
constexpr double kFigureVoltage = 0.9;
constexpr double kBitsOf8KiB = 8.0 * 1024 * 8;
constexpr double kAccess64Of8KiB = 10e3;  // fJ
constexpr double kSmallestBits = 1024.0 * 8;
constexpr double kCellOf45 = 0.346;
constexpr double kArrayEfficiency = 0.6;
constexpr double kDynamicRam64 = 1.3e6;  // fJ
constexpr std::int64_t kOperandBits = 9;
constexpr std::int64_t kSumBits = 32;
constexpr std::int64_t kChannelBits = 71;  // bias, scales, shift; docs/accelerator.md, section 4

}  // namespace

double static_ram_access_fj(std::int64_t capacity_bits, std::int64_t word_bits,
                            const Process& process) {
  const double bits = std::max(kSmallestBits, static_cast<double>(capacity_bits));
  const double scale = process.feature_nm / kFigureFeature * process.voltage * process.voltage /
                       (kFigureVoltage * kFigureVoltage);
  return kAccess64Of8KiB * std::sqrt(bits / kBitsOf8KiB) * static_cast<double>(word_bits) / 64 *
         scale;
}

double static_ram_area_um2(std::int64_t capacity_bits, const Process& process) {
  const double scale = process.feature_nm / kFigureFeature;
  return static_cast<double>(capacity_bits) * kCellOf45 * scale * scale / kArrayEfficiency;
}

AcceleratorMemories accelerator_memories(const AcceleratorParameters& p,
                                         std::int64_t landing_beats) {
  const std::int64_t banks = std::max({p.rows, p.bus_bytes, p.lanes});
  return {.activations = {banks, p.activation_depth / banks, kOperandBits},
          .weights = {1, p.weight_rows, p.columns * kOperandBits},
          .sums = {2 * p.columns, p.sum_depth, kSumBits},
          .outputs = {banks, p.output_depth / banks, kOperandBits},
          .channels = {1, p.parameter_depth, kChannelBits},
          .landing = {1, landing_beats, 8 * p.bus_bytes}};
}

double dynamic_ram_byte_fj() {
  return kDynamicRam64 / 8;
}

}  // namespace mbm
