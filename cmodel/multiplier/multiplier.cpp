#include "cmodel/multiplier/multiplier.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "cmodel/common/error.hpp"
#include "cmodel/multiplier/families.hpp"
#include "cmodel/multiplier/parameters.hpp"

namespace mbm {
namespace {

std::vector<MultiplierFamily> all_families() {
  std::vector<MultiplierFamily> families;
  for (auto* group :
       {exact_families, mitchell_families, minimally_biased_families, true_logarithm_families,
        realm_families, approximate_adder_families, segment_families, rounding_families,
        iterative_families, truncated_sum_families, partial_product_families}) {
    for (MultiplierFamily& family : group()) families.push_back(std::move(family));
  }
  return families;
}

const MultiplierFamily& find_family(std::string_view name) {
  const auto& families = multiplier_families();
  const auto found = std::find_if(families.begin(), families.end(), [name](const auto& family) {
    return family.name == ParameterReader::family(name);
  });
  if (found != families.end()) return *found;
  std::vector<std::string_view> known;
  known.reserve(families.size());
  for (const MultiplierFamily& family : families) known.push_back(family.name);
  fail(ErrorKind::usage, "unknown multiplier '{}'; expected one of: {}", name,
       fmt::join(known, ", "));
}

// Any product without its low bits: what an element adds that leaves them out.
class LowBitsDropped final : public Multiplier {
 public:
  LowBitsDropped(std::unique_ptr<const Multiplier> whole, int bits)
      : whole_(std::move(whole)), bits_(bits) {}

  std::string name() const override { return fmt::format("{}:drop{}", whole_->name(), bits_); }
  int width() const override { return whole_->width(); }
  std::uint64_t multiply(std::uint32_t a, std::uint32_t b) const override {
    return whole_->multiply(a, b) >> bits_ << bits_;
  }
  void multiply_row(std::uint32_t a, std::span<std::uint32_t> products) const override {
    whole_->multiply_row(a, products);
    for (std::uint32_t& product : products) product = product >> bits_ << bits_;
  }

 private:
  std::unique_ptr<const Multiplier> whole_;
  int bits_;
};

}  // namespace

const std::vector<MultiplierFamily>& multiplier_families() {
  static const std::vector<MultiplierFamily> families = all_families();
  return families;
}

std::unique_ptr<const Multiplier> make_multiplier(std::string_view name, int width) {
  const MultiplierFamily& family = find_family(name);
  if (std::find(family.widths.begin(), family.widths.end(), width) == family.widths.end()) {
    fail(ErrorKind::usage, "multiplier '{}': width {} found, {} expected", name, width,
         fmt::join(family.widths, " or "));
  }
  ParameterReader parameters(name, family.syntax, width);
  const int dropped = dropped_product_bits(parameters);
  auto multiplier = family.make(parameters);
  parameters.finish();
  if (dropped > 0) return std::make_unique<LowBitsDropped>(std::move(multiplier), dropped);
  return multiplier;
}

}  // namespace mbm
