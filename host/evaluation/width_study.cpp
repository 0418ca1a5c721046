#include "host/evaluation/width_study.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cmodel/common/error.hpp"
#include "cmodel/convolution/limited_accumulation.hpp"

namespace mbm {
namespace {

constexpr std::int64_t kLargestProduct = 255 * 255;

IntegerConvolution* convolution_of(IntegerNode& node) {
  return std::get_if<IntegerConvolution>(&node.operation);
}

// Mean and deviation of a stream (Welford, Technometrics 1962).
class Moments {
 public:
  void add(double value) {
    ++count_;
    const double difference = value - mean_;
    mean_ += difference / static_cast<double>(count_);
    squares_ += difference * (value - mean_);
  }

  double mean() const { return mean_; }
  double deviation() const {
    return count_ > 0 ? std::sqrt(squares_ / static_cast<double>(count_)) : 0.0;
  }

 private:
  std::int64_t count_ = 0;
  double mean_ = 0.0;
  double squares_ = 0.0;
};

// Shows the sums of every job to somebody, one after the other.
class RecordingEngine final : public ConvolutionEngine {
 public:
  using Show = std::function<void(const ConvolutionJob&, const Accumulators&)>;

  RecordingEngine(ConvolutionEngine& engine, Show show) : engine_(engine), show_(std::move(show)) {}

  std::string_view name() const override { return engine_.name(); }
  Accumulators run(const ConvolutionJob& job) override {
    Accumulators sums = engine_.run(job);
    show_(job, sums);
    return sums;
  }

 private:
  ConvolutionEngine& engine_;
  Show show_;
};

}  // namespace

void SumHistogram::add(std::int64_t value) {
  while (value < lowest() || value >= -lowest()) widen();
  ++counts_[static_cast<std::size_t>((value - lowest()) / bin_width_)];
}

// Neighbours become one, and stand in the middle half.
void SumHistogram::widen() {
  std::array<std::int64_t, kBins> merged{};
  for (std::size_t i = 0; i < kBins; ++i) merged[kBins / 4 + i / 2] += counts_[i];
  counts_ = merged;
  bin_width_ *= 2;
}

int LayerSums::bits_of_sums() const {
  return std::max(bits_needed(smallest), bits_needed(largest));
}

int LayerSums::bits_of_partial_sums() const {
  return std::max(bits_needed(smallest_partial), bits_needed(largest_partial));
}

int LayerSums::worst_case_bits() const {
  return bits_needed(-reduction_length * kLargestProduct);
}

WidthStudy::WidthStudy(IntegerNetwork network, std::vector<Images> batches, CountRight count_right,
                       const ProductTable& table, ConvolutionEngine& engine,
                       const AccumulatorLimit& limit)
    : network_(std::move(network)),
      batches_(std::move(batches)),
      count_right_(std::move(count_right)),
      table_(table),
      engine_(engine),
      limit_(limit) {
  limit_.validate();
  for (IntegerNode& node : network_.nodes) {
    if (convolution_of(node) != nullptr) layers_.push_back(node.name);
  }
}

std::vector<ConvolutionProblem> WidthStudy::problems() const {
  std::vector<ConvolutionProblem> problems;
  for (const IntegerNode& node : network_.nodes) {
    const auto* convolution = std::get_if<IntegerConvolution>(&node.operation);
    if (convolution != nullptr) problems.push_back(convolution->problem);
  }
  return problems;
}

std::int64_t WidthStudy::image_count() const {
  std::int64_t count = 0;
  for (const Images& images : batches_) count += images.count;
  return count;
}

std::int64_t WidthStudy::right_answers(const AccumulatorWidths& widths) {
  if (widths.size() != layers_.size()) {
    fail(ErrorKind::usage, "{} widths found, {} expected", widths.size(), layers_.size());
  }
  std::size_t layer = 0;
  for (IntegerNode& node : network_.nodes) {
    IntegerConvolution* convolution = convolution_of(node);
    if (convolution == nullptr) continue;
    convolution->limit = limit_;
    convolution->limit->bits = widths[layer++];
  }
  std::int64_t right = 0;
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    right += count_right_(
        i, run_integer_network(network_, batches_[i].inputs, batches_[i].count, table_, engine_));
  }
  return right;
}

std::vector<LayerSums> WidthStudy::record_sums(int threads) {
  for (IntegerNode& node : network_.nodes) {
    if (convolution_of(node) != nullptr) convolution_of(node)->limit.reset();
  }
  std::vector<LayerSums> records(layers_.size());
  std::vector<Moments> moments(layers_.size());
  ThreadPool pool(threads);
  std::size_t layer = 0;
  RecordingEngine engine(engine_, [&](const ConvolutionJob& job, const Accumulators& sums) {
    LayerSums& record = records[layer];
    record.layer = layers_[layer];
    record.reduction_length = job.problem.reduction_length();
    const auto [smallest, largest] = std::minmax_element(sums.begin(), sums.end());
    record.smallest =
        record.count == 0 ? *smallest : std::min<std::int64_t>(record.smallest, *smallest);
    record.largest =
        record.count == 0 ? *largest : std::max<std::int64_t>(record.largest, *largest);
    record.count += static_cast<std::int64_t>(sums.size());
    for (const std::int32_t sum : sums) {
      record.histogram.add(sum);
      moments[layer].add(sum);
    }
    const PartialSumRange range = partial_sum_range(job, limit_, pool);
    record.smallest_partial = std::min<std::int64_t>(record.smallest_partial, range.smallest);
    record.largest_partial = std::max<std::int64_t>(record.largest_partial, range.largest);
    layer = (layer + 1) % layers_.size();
  });
  for (const Images& images : batches_) {
    run_integer_network(network_, images.inputs, images.count, table_, engine);
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i].mean = moments[i].mean();
    records[i].deviation = moments[i].deviation();
  }
  return records;
}

WidthSearch search_widths(std::size_t layers, int fewest, int most, std::int64_t enough,
                          const RightAnswers& right_answers) {
  WidthSearch search;
  const AccumulatorWidths unlimited(layers, kMostAccumulatorBits);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    AccumulatorWidths widths = unlimited;
    int smallest = most;
    for (int bits = most; bits >= fewest; --bits) {
      widths[layer] = bits;
      if (right_answers(widths) < enough) break;
      smallest = bits;
    }
    search.alone.push_back(smallest);
  }
  search.together = search.alone;
  search.right = right_answers(search.together);
  const auto changed = [&](std::size_t layer, int by) {
    AccumulatorWidths widths = search.together;
    widths[layer] += by;
    return widths;
  };
  while (search.right < enough) {
    std::int64_t best = -1;
    std::size_t chosen = layers;
    for (std::size_t layer = 0; layer < layers; ++layer) {
      if (search.together[layer] == most) continue;
      const std::int64_t right = right_answers(changed(layer, 1));
      if (right > best) {
        best = right;
        chosen = layer;
      }
    }
    if (chosen == layers) return search;  // all as wide as may be
    search.together = changed(chosen, 1);
    search.right = best;
  }
  for (bool spared = true; spared;) {
    spared = false;
    for (std::size_t layer = 0; layer < layers; ++layer) {
      if (search.together[layer] == fewest) continue;
      const std::int64_t right = right_answers(changed(layer, -1));
      if (right < enough) continue;
      search.together = changed(layer, -1);
      search.right = right;
      spared = true;
    }
  }
  return search;
}

}  // namespace mbm
