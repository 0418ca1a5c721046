// What the widths of a network's accumulators cost: its accuracy by width, its recorded sums, and
// the smallest widths that keep the accuracy.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cmodel/network/integer_execution.hpp"

namespace mbm {

// Bits of the accumulators of every convolution of an integer network, in its order.
using AccumulatorWidths = std::vector<int>;

// Counts of whole numbers in bins of equal width, a power of two that doubles when a number lies
// beyond them. Bin i holds [lowest() + i width, lowest() + (i + 1) width).
class SumHistogram {
 public:
  static constexpr std::size_t kBins = 128;

  void add(std::int64_t value);

  std::int64_t bin_width() const { return bin_width_; }
  std::int64_t lowest() const { return -bin_width_ * static_cast<std::int64_t>(kBins / 2); }
  const std::array<std::int64_t, kBins>& counts() const { return counts_; }

 private:
  void widen();

  std::int64_t bin_width_ = 1;
  std::array<std::int64_t, kBins> counts_{};
};

// The sums of one layer over all images, without a limit.
struct LayerSums {
  std::string layer;
  std::int64_t reduction_length = 0;
  std::int64_t count = 0;
  // Of the finished sums.
  std::int64_t smallest = 0;
  std::int64_t largest = 0;
  double mean = 0.0;
  double deviation = 0.0;  // standard deviation
  SumHistogram histogram;
  // Of all sums on the way, in the limit's order, 0 among them.
  std::int64_t smallest_partial = 0;
  std::int64_t largest_partial = 0;

  int bits_of_sums() const;
  int bits_of_partial_sums() const;
  int worst_case_bits() const;  // all operands at 255
};

class WidthStudy {
 public:
  // A batch of images: the codes of the network's inputs.
  struct Images {
    std::vector<Codes> inputs;
    std::int64_t count = 0;
  };

  // How many images of batch `batch` these output codes answer rightly.
  using CountRight = std::function<std::int64_t(std::size_t batch, const Codes& outputs)>;

  // `limit` says everything but the bits. `table` and `engine` must outlive this.
  WidthStudy(IntegerNetwork network, std::vector<Images> batches, CountRight count_right,
             const ProductTable& table, ConvolutionEngine& engine, const AccumulatorLimit& limit);

  // Names of the network's convolutions.
  const std::vector<std::string>& layers() const { return layers_; }
  std::vector<ConvolutionProblem> problems() const;
  std::int64_t image_count() const;

  // Right answers with accumulators of these widths.
  std::int64_t right_answers(const AccumulatorWidths& widths);

  // The sums of every layer. `threads` compute the partial ones.
  std::vector<LayerSums> record_sums(int threads);

 private:
  IntegerNetwork network_;
  std::vector<Images> batches_;
  CountRight count_right_;
  const ProductTable& table_;
  ConvolutionEngine& engine_;
  AccumulatorLimit limit_;
  std::vector<std::string> layers_;
};

// Right answers with some widths, from a journal or computed.
using RightAnswers = std::function<std::int64_t(const AccumulatorWidths&)>;

struct WidthSearch {
  AccumulatorWidths alone;  // the smallest width of each layer, the others unlimited
  AccumulatorWidths together;
  std::int64_t right = 0;  // with the widths together
};

// The smallest widths with at least `enough` right answers. `alone`: a layer's smallest width from
// which on every wider one of fewest..most has enough. `together`: beginning there, as long as the
// answers are not enough, the layer that gains most by one more bit gets it (the first of equal
// ones); then every layer that can spare a bit gives it back. No layer can then spare one more.
WidthSearch search_widths(std::size_t layers, int fewest, int most, std::int64_t enough,
                          const RightAnswers& right_answers);

}  // namespace mbm
