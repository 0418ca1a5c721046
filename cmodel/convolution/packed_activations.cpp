#include "cmodel/convolution/packed_activations.hpp"

#include <algorithm>
#include <array>

namespace mbm {

void PackedActivations::pack(const LookupKernel& kernel, const ActivationWindow& window,
                             bool is_signed, const ConvolutionProblem& problem,
                             std::span<const std::int16_t> activations, ThreadPool& pool) {
  if (magnitudes_.size() < activations.size()) magnitudes_.resize(activations.size());
  if (is_signed && signs_.size() < activations.size()) signs_.resize(activations.size());
  is_signed_ = is_signed;
  zero_ = window.index_of_zero();
  const std::int64_t planes = problem.batch * problem.input_channels;
  const std::int64_t size = problem.input_height * problem.input_width;
  outside_.resize(std::max(outside_.size(), static_cast<std::size_t>(planes)));
  pool.for_each(planes, [&](std::int64_t plane, int) {
    constexpr std::int64_t kPiece = 4096;  // codes
    std::array<std::uint16_t, kPiece> numbers;
    std::vector<Outside>& outside = outside_[static_cast<std::size_t>(plane)];
    outside.clear();
    for (std::int64_t begin = 0; begin < size; begin += kPiece) {
      const std::int64_t offset = plane * size + begin;
      const std::int16_t* source = activations.data() + offset;
      const int found = kernel.convert(
          source, std::min(kPiece, size - begin), window, magnitudes_.data() + offset,
          is_signed ? signs_.data() + offset : nullptr, numbers.data());
      for (int i = 0; i < found; ++i) {
        const std::uint16_t number = numbers[static_cast<std::size_t>(i)];
        outside.push_back({static_cast<std::uint32_t>(begin + number), source[number]});
      }
    }
  });
}

std::span<const PackedActivations::Outside> PackedActivations::outside(std::int64_t plane,
                                                                       std::int64_t begin,
                                                                       std::int64_t end) const {
  const std::vector<Outside>& all = outside_[static_cast<std::size_t>(plane)];
  if (all.empty()) return {};
  const auto at = [&](std::int64_t position) {
    return std::lower_bound(all.begin(), all.end(), position,
                            [](const Outside& o, std::int64_t p) { return o.position < p; });
  };
  const auto first = at(begin);
  auto last = first;
  while (last != all.end() && last->position < end) ++last;
  return {first, last};
}

}  // namespace mbm
