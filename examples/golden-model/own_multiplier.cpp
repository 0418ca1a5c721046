// One's own multiplier in a convolution: its product table, its errors, the same layer on the
// reference loop and on the fast engine, and how far the sums are from exact ones.
//
// The multiplier drops the lowest bit of both operands, so that an array of 7 x 7 bits computes it.
#include <cmodel/common/error.hpp>
#include <cmodel/convolution/convolution_engine.hpp>
#include <cmodel/multiplier/error_statistics.hpp>
#include <cmodel/multiplier/operand_distribution.hpp>
#include <cmodel/multiplier/product_table.hpp>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

namespace {

mbm::ProductTable without_lowest_bits() {
  std::vector<std::uint16_t> products(mbm::ProductTable::kEntries);
  for (std::size_t a = 0; a < mbm::ProductTable::kOperands; ++a) {
    for (std::size_t b = 0; b < mbm::ProductTable::kOperands; ++b) {
      const std::size_t product = (a & ~std::size_t{1}) * (b & ~std::size_t{1});
      products[a * mbm::ProductTable::kOperands + b] = static_cast<std::uint16_t>(product);
    }
  }
  return {"without-lowest-bits", products};
}

// `count` operands, sign and 8-bit magnitude.
std::vector<std::int16_t> random_operands(std::int64_t count, std::mt19937& random) {
  std::uniform_int_distribution<int> any(-255, 255);
  std::vector<std::int16_t> operands(static_cast<std::size_t>(count));
  for (std::int16_t& operand : operands) operand = static_cast<std::int16_t>(any(random));
  return operands;
}

// Mean square of the differences over the mean square of `exact`.
double noise_to_signal(const mbm::Accumulators& sums, const mbm::Accumulators& exact) {
  double noise = 0;
  double signal = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const double difference = static_cast<double>(sums[i]) - exact[i];
    noise += difference * difference;
    signal += static_cast<double>(exact[i]) * exact[i];
  }
  return noise / signal;
}

int compare_layers() {
  const mbm::ProductTable own = without_lowest_bits();
  const mbm::ErrorStatistics errors = mbm::error_statistics(own, mbm::uniform_operands(8));
  std::printf("%s: mean relative error %.4f %%, worst error %llu\n", own.name().c_str(),
              100 * errors.mean_relative_error,
              static_cast<unsigned long long>(errors.worst_case_error));

  mbm::ConvolutionProblem layer;
  layer.input_channels = 16;
  layer.input_height = layer.input_width = 24;
  layer.output_channels = 8;
  layer.kernel_height = layer.kernel_width = 3;
  layer.padding = 1;
  std::mt19937 random(1);
  const auto activations = random_operands(layer.activation_count(), random);
  const auto weights = random_operands(layer.weight_count(), random);

  mbm::ReferenceEngine reference;
  const auto fast = mbm::make_cpu_engine();
  const mbm::ProductTable exact_table = mbm::make_product_table("exact");
  const mbm::ConvolutionJob exact_job{layer, activations, weights, &exact_table};
  const mbm::Accumulators exact = reference.run(exact_job);
  std::printf("layer %s\n", layer.description().c_str());

  const mbm::ProductTable published = mbm::make_product_table("mbm");
  for (const mbm::ProductTable* table : {&own, &published}) {
    const mbm::ConvolutionJob job{layer, activations, weights, table};
    const mbm::Accumulators sums = reference.run(job);
    if (fast->run(job) != sums) {
      std::fprintf(stderr, "%s: the fast engine differs from the definition\n",
                   table->name().c_str());
      return 1;
    }
    std::printf("%s: %zu sums equal on both engines (plan %s), noise to signal %.3e\n",
                table->name().c_str(), sums.size(), fast->describe(job).c_str(),
                noise_to_signal(sums, exact));
  }
  return 0;
}

}  // namespace

int main() {
  try {
    return compare_layers();
  } catch (const mbm::Error& error) {
    std::fprintf(stderr, "own_multiplier: %s\n", error.what());
    return static_cast<int>(error.kind());
  }
}
