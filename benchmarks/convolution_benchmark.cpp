// Whole convolutions on the CPU engine, one plan after another, beside oneDNN's exact ones of the
// same layer in the same process. Counter "G/s": 10^9 products a second.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "cmodel/convolution/convolution_engine.hpp"
#ifdef MBM_WITH_ONEDNN
#include <omp.h>

#include <oneapi/dnnl/dnnl.hpp>
#endif

namespace mbm {
namespace {

struct Layer {
  const char* name;
  ConvolutionProblem problem;
};

const Layer kLayers[] = {
    {"A", {.input_channels = 2208, .input_height = 15, .input_width = 20, .output_channels = 1104}},
    {"B",
     {.input_channels = 256,
      .input_height = 60,
      .input_width = 80,
      .output_channels = 128,
      .kernel_height = 3,
      .kernel_width = 3,
      .padding = 1}},
    {"depthwise",
     {.input_channels = 128,
      .input_height = 60,
      .input_width = 80,
      .output_channels = 128,
      .kernel_height = 3,
      .kernel_width = 3,
      .padding = 1,
      .groups = 128}},
};

// Normally distributed codes with a deviation of a fifth of the largest, cut off at both ends:
// weights, and activations after ReLU if `smallest` is 0 (half of them are 0 then).
std::vector<std::int16_t> random_codes(std::int64_t count, int smallest, int largest) {
  std::mt19937 random(1);
  std::normal_distribution<double> code(0.0, largest / 5.0);
  std::vector<std::int16_t> codes(static_cast<std::size_t>(count));
  for (std::int16_t& value : codes) {
    value = static_cast<std::int16_t>(
        std::clamp(code(random), static_cast<double>(smallest), static_cast<double>(largest)));
  }
  return codes;
}

// Products a second: of CPU time with one thread, which other work on the machine disturbs least,
// and of real time with more.
void report(benchmark::State& state, const ConvolutionProblem& problem) {
  state.counters["G/s"] = benchmark::Counter(static_cast<double>(problem.product_count()) * 1e-9,
                                             benchmark::Counter::kIsIterationInvariantRate);
}

struct EngineCase {
  std::string plan;
  const char* table;
  int largest;
  bool negative;  // activations
};

void run_engine(benchmark::State& state, const ConvolutionProblem& problem, int threads,
                const EngineCase& test) {
  CpuEngineOptions options;
  options.threads = threads;
  options.plan = test.plan;
  const auto engine = make_cpu_engine(options);
  const ProductTable table = make_product_table(test.table);
  const auto activations =
      random_codes(problem.activation_count(), test.negative ? -test.largest : 0, test.largest);
  const auto weights = random_codes(problem.weight_count(), -test.largest, test.largest);
  const ConvolutionJob job{problem, activations, weights, &table, new_weights_id()};
  Accumulators sums(static_cast<std::size_t>(problem.output_count()));
  engine->run_into(job, sums);  // packs the weights
  for (auto _ : state) {
    engine->run_into(job, sums);
    benchmark::DoNotOptimize(sums.data());
  }
  state.SetLabel(engine->describe(job));
  report(state, problem);
}

#ifdef MBM_WITH_ONEDNN
using dnnl::memory;

memory::dims dims(std::initializer_list<std::int64_t> values) {
  return values;
}

void run_onednn(benchmark::State& state, const ConvolutionProblem& p, int threads, bool integer) {
  omp_set_num_threads(threads);
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  const auto any = memory::format_tag::any;
  const auto source_type = integer ? memory::data_type::u8 : memory::data_type::f32;
  const auto weight_type = integer ? memory::data_type::s8 : memory::data_type::f32;
  const auto result_type = integer ? memory::data_type::s32 : memory::data_type::f32;
  const memory::dims source_dims = dims({p.batch, p.input_channels, p.input_height, p.input_width});
  const memory::dims weight_dims =
      p.groups == 1 ? dims({p.output_channels, p.input_channels, p.kernel_height, p.kernel_width})
                    : dims({p.groups, p.output_channels_per_group(), p.input_channels_per_group(),
                            p.kernel_height, p.kernel_width});
  const memory::dims result_dims =
      dims({p.batch, p.output_channels, p.output_height(), p.output_width()});
  const dnnl::convolution_forward::desc description(
      dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
      memory::desc(source_dims, source_type, any), memory::desc(weight_dims, weight_type, any),
      memory::desc(result_dims, result_type, any), dims({p.stride, p.stride}),
      dims({p.dilation - 1, p.dilation - 1}), dims({p.padding, p.padding}),
      dims({p.padding, p.padding}));
  const dnnl::convolution_forward::primitive_desc primitive(description, engine);
  memory source(primitive.src_desc(), engine);
  memory weights(primitive.weights_desc(), engine);
  memory result(primitive.dst_desc(), engine);
  std::memset(source.get_data_handle(), 0, primitive.src_desc().get_size());
  std::memset(weights.get_data_handle(), 0, primitive.weights_desc().get_size());
  const dnnl::convolution_forward convolution(primitive);
  for (auto _ : state) {
    convolution.execute(
        stream, {{DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DST, result}});
    stream.wait();
  }
  state.SetLabel(primitive.impl_info_str());
  report(state, p);
}
#endif

double smallest(const std::vector<double>& values) {
  return *std::min_element(values.begin(), values.end());
}

double largest(const std::vector<double>& values) {
  return *std::max_element(values.begin(), values.end());
}

// The processor's clock, from rotations that wait for one another: one each cycle.
void run_clock(benchmark::State& state) {
  constexpr int kRotations = 4096;
  std::uint64_t sum = 0;
  for (auto _ : state) {
    for (int i = 0; i < kRotations / 16; ++i) {
      asm volatile(
          "ror $1, %0\n ror $1, %0\n ror $1, %0\n ror $1, %0\n ror $1, %0\n ror $1, %0\n"
          "ror $1, %0\n ror $1, %0\n ror $1, %0\n ror $1, %0\n ror $1, %0\n ror $1, %0\n"
          "ror $1, %0\n ror $1, %0\n ror $1, %0\n ror $1, %0\n"
          : "+r"(sum));
    }
  }
  state.counters["GHz"] =
      benchmark::Counter(kRotations * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

void add(const std::string& name, int threads, auto body) {
  auto* added = benchmark::RegisterBenchmark(name.c_str(), body)
                    ->Unit(benchmark::kMillisecond)
                    ->MinTime(0.1)
                    ->ComputeStatistics("min", smallest)
                    ->ComputeStatistics("max", largest);
  if (threads > 1) added->UseRealTime();
}

// The plans that could be chosen for a dense layer or for a depthwise one.
std::vector<EngineCase> engine_cases(const ConvolutionProblem& problem) {
  std::vector<EngineCase> cases;
  for (const std::string& plan : cpu_plans()) {
    const bool factored = plan.rfind("factored", 0) == 0;
    const bool dense_only =
        factored || plan == "avx2" || plan == "skipping7" || plan.rfind("grouped", 0) == 0;
    if (problem.groups > 1 && dense_only) continue;
    for (const bool negative : {false, true}) {
      if (negative && plan == "paired7") continue;  // activations without sign only
      cases.push_back({plan, factored ? "exact" : "mbm",
                       plan.back() == '7' || plan == "factored8" ? 127 : 255, negative});
    }
  }
  return cases;
}

void register_benchmarks() {
  add("clock", 1, run_clock);
  for (const Layer& layer : kLayers) {
    for (const int threads : {1, 2}) {
      const std::string suffix = fmt::format("{}/threads:{}", layer.name, threads);
#ifdef MBM_WITH_ONEDNN
      for (const bool integer : {false, true}) {
        add((integer ? "onednn_u8s8s32/" : "onednn_fp32/") + suffix, threads,
            [=](benchmark::State& state) { run_onednn(state, layer.problem, threads, integer); });
      }
#endif
      for (const EngineCase& test : engine_cases(layer.problem)) {
        add(test.plan + (test.negative ? "_signed/" : "/") + suffix, threads,
            [=](benchmark::State& state) { run_engine(state, layer.problem, threads, test); });
      }
    }
  }
}

[[maybe_unused]] const bool kRegistered = (register_benchmarks(), true);

}  // namespace
}  // namespace mbm
