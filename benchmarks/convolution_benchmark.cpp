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

std::vector<std::int16_t> random_codes(std::int64_t count, int smallest, int largest) {
  std::mt19937 random(1);
  std::normal_distribution<double> code(0.0, largest / 3.0);
  std::vector<std::int16_t> codes(static_cast<std::size_t>(count));
  for (std::int16_t& value : codes) {
    value = static_cast<std::int16_t>(
        std::clamp(code(random), static_cast<double>(smallest), static_cast<double>(largest)));
  }
  return codes;
}

void report(benchmark::State& state, const ConvolutionProblem& problem) {
  state.counters["G/s"] = benchmark::Counter(static_cast<double>(problem.product_count()) * 1e-9,
                                             benchmark::Counter::kIsIterationInvariantRate);
}

void run_engine(benchmark::State& state, const ConvolutionProblem& problem, const std::string& plan,
                int threads, int largest, bool negative) {
  const auto engine = make_cpu_engine(CpuEngineOptions{threads, plan});
  const ProductTable table = make_product_table("mbm");
  const auto activations =
      random_codes(problem.activation_count(), negative ? -largest : 0, largest);
  const auto weights = random_codes(problem.weight_count(), -largest, largest);
  const ConvolutionJob job{problem, activations, weights, &table};
  for (auto _ : state) benchmark::DoNotOptimize(engine->run(job));
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

void add(const std::string& name, auto body) {
  benchmark::RegisterBenchmark(name.c_str(), body)
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond)
      ->MinTime(0.3);
}

void register_benchmarks() {
  for (const Layer& layer : kLayers) {
    for (const int threads : {1, 2}) {
      const std::string suffix = fmt::format("{}/threads:{}", layer.name, threads);
#ifdef MBM_WITH_ONEDNN
      for (const bool integer : {false, true}) {
        add((integer ? "onednn_u8s8s32/" : "onednn_fp32/") + suffix,
            [=](benchmark::State& state) { run_onednn(state, layer.problem, threads, integer); });
      }
#endif
      for (const std::string& plan : cpu_plans()) {
        for (const bool negative : {false, true}) {
          const int largest = plan.find('7') != std::string::npos ? 127 : 255;
          add(plan + (negative ? "_signed/" : "/") + suffix, [=](benchmark::State& state) {
            run_engine(state, layer.problem, plan, threads, largest, negative);
          });
        }
      }
    }
  }
}

[[maybe_unused]] const bool kRegistered = (register_benchmarks(), true);

}  // namespace
}  // namespace mbm
