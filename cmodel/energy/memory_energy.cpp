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

double dynamic_ram_byte_fj() {
  return kDynamicRam64 / 8;
}

}  // namespace mbm
