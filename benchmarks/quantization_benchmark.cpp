// What surrounds the products: the search for the maximum, quantisation and dequantisation, of as
// many numbers as layer B has activations. Counter "bytes_per_second": of the real numbers.
#include <benchmark/benchmark.h>

#include <random>

#include "cmodel/quantization/quantization.hpp"

namespace mbm {
namespace {

constexpr std::int64_t kChannels = 256;
constexpr std::int64_t kPlane = 60 * 80;

std::vector<float> random_values() {
  std::mt19937 random(1);
  std::normal_distribution<float> value(0.0F, 1.0F);
  std::vector<float> values(kChannels * kPlane);
  for (float& v : values) v = value(random);
  return values;
}

void count_bytes(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * kChannels * kPlane *
                          static_cast<std::int64_t>(sizeof(float)));
}

void find_maximum(benchmark::State& state) {
  const std::vector<float> values = random_values();
  for (auto _ : state) benchmark::DoNotOptimize(maximum_magnitude(values, "values"));
  count_bytes(state);
}
BENCHMARK(find_maximum);

void quantise(benchmark::State& state) {
  const std::vector<float> values = random_values();
  for (auto _ : state) {
    benchmark::DoNotOptimize(quantize(values, 0.01F, OperandFormat::sign_magnitude8, "values"));
  }
  count_bytes(state);
}
BENCHMARK(quantise);

void dequantise(benchmark::State& state) {
  const std::vector<std::int32_t> sums(kChannels * kPlane, 12345);
  const std::vector<float> bias(kChannels, 0.5F);
  const std::vector<float> steps(kChannels, 0.01F);
  std::vector<float> out(sums.size());
  for (auto _ : state) {
    dequantize(sums, steps, bias, kChannels, kPlane, out);
    benchmark::DoNotOptimize(out.data());
  }
  count_bytes(state);
}
BENCHMARK(dequantise);

}  // namespace
}  // namespace mbm
