#include "cmodel/energy/cell_library.hpp"

#include <algorithm>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

struct PinsByDirection {
  std::vector<int> inputs;
  std::vector<int> outputs;
};

PinsByDirection by_direction(const LibraryCell& cell) {
  PinsByDirection pins;
  for (std::size_t i = 0; i < cell.pins.size(); ++i) {
    (cell.pins[i].output ? pins.outputs : pins.inputs).push_back(static_cast<int>(i));
  }
  return pins;
}

// Truth table of an output over `inputs`, bit i for the i-th assignment.
std::optional<std::uint64_t> truth_table(const LibraryCell& cell, int output,
                                         const std::vector<int>& inputs) {
  const auto& function = cell.pins[static_cast<std::size_t>(output)].function;
  if (!function || inputs.size() > 6) return std::nullopt;
  std::uint64_t table = 0;
  for (std::uint64_t row = 0; row < (std::uint64_t{1} << inputs.size()); ++row) {
    PinValues values = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      values |= (row >> i & 1U) << inputs[i];
    }
    table |= static_cast<std::uint64_t>(function->value(values) ? 1 : 0) << row;
  }
  return table;
}

constexpr std::uint64_t kNand2 = 0b0111;
constexpr std::uint64_t kSum3 = 0b10010110;
constexpr std::uint64_t kMajority3 = 0b11101000;

}  // namespace

int LibraryCell::pin(const std::string& pin_name) const {
  const auto found = std::ranges::find(pins, pin_name, &CellPin::name);
  if (found == pins.end()) fail(ErrorKind::input, "cell {} has no pin {}", name, pin_name);
  return static_cast<int>(found - pins.begin());
}

double WireLoad::capacitance_ff(int fanout) const {
  if (fanout <= 0 || lengths.empty()) return 0;
  const auto above = lengths.lower_bound(fanout);
  if (above != lengths.end() && above->first == fanout) return above->second * ff_per_length;
  if (above == lengths.end()) {
    const auto& [most, length] = *lengths.rbegin();
    return (length + slope * (fanout - most)) * ff_per_length;
  }
  if (above == lengths.begin()) return above->second * ff_per_length;
  const auto below = std::prev(above);
  const double share = static_cast<double>(fanout - below->first) / (above->first - below->first);
  return (below->second + share * (above->second - below->second)) * ff_per_length;
}

const LibraryCell& CellLibrary::cell(const std::string& cell_name) const {
  const auto found = cells.find(cell_name);
  if (found == cells.end()) {
    fail(ErrorKind::input, "library {}: no cell {} found", name, cell_name);
  }
  return found->second;
}

double CellLibrary::nand2_area_um2() const {
  double smallest = 0;
  for (const auto& [cell_name, cell] : cells) {
    const PinsByDirection pins = by_direction(cell);
    if (cell.excluded || cell.flip_flop || cell.latch || pins.inputs.size() != 2 ||
        pins.outputs.size() != 1 || truth_table(cell, pins.outputs[0], pins.inputs) != kNand2) {
      continue;
    }
    if (smallest == 0 || cell.area_um2 < smallest) smallest = cell.area_um2;
  }
  if (smallest == 0) fail(ErrorKind::input, "library {}: no two-input NAND found", name);
  return smallest;
}

std::optional<CellLibrary::FullAdder> CellLibrary::full_adder() const {
  std::optional<FullAdder> best;
  double best_area = 0;
  for (const auto& [cell_name, cell] : cells) {
    const PinsByDirection pins = by_direction(cell);
    if (cell.excluded || cell.flip_flop || cell.latch || pins.inputs.size() != 3 ||
        pins.outputs.size() != 2) {
      continue;
    }
    for (const int sum : pins.outputs) {
      const int carry = pins.outputs[0] + pins.outputs[1] - sum;
      if (truth_table(cell, sum, pins.inputs) != kSum3 ||
          truth_table(cell, carry, pins.inputs) != kMajority3 ||
          (best && cell.area_um2 >= best_area)) {
        continue;
      }
      const auto pin_name = [&names = cell.pins](int index) {
        return names[static_cast<std::size_t>(index)].name;
      };
      best =
          FullAdder{cell_name,
                    {pin_name(pins.inputs[0]), pin_name(pins.inputs[1]), pin_name(pins.inputs[2])},
                    pin_name(sum),
                    pin_name(carry)};
      best_area = cell.area_um2;
    }
  }
  return best;
}

}  // namespace mbm
