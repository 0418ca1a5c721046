// mbm simulate: one layer of one image on the Verilog array, compared with the golden model.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "cmodel/common/error.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/study_options.hpp"
#include "host/evaluation/depth_study.hpp"
#include "host/inference/quantized_layer.hpp"
#include "host/multiplier/resolve.hpp"
#include "host/progress/progress.hpp"
#include "host/result/simulation_result.hpp"
#include "sim/array_simulation.hpp"

namespace mbm {
namespace {

struct SimulateOptions {
  StudyOptions study;
  std::string multiplier = "mbm";
  std::string layer;
  std::size_t image = 0;
  std::string tiles;
  std::string golden;
  std::string format = "text";
};

// What reaches layer `index` when the network before it computes in float.
at::Tensor layer_input(const StudyInputs& inputs, std::size_t index, const at::Tensor& image) {
  at::Tensor reached;
  inputs.network->forward(image, [&](std::size_t layer, const at::Tensor& input) {
    if (layer == index) reached = input;
    return convolve_float(inputs.network->layers()[layer], inputs.parameters[layer], input);
  });
  return reached;
}

// Sums of exactly the tiles of `range`, by the golden model.
Accumulators golden_sums(const ConvolutionJob& job, const WeightTiling& tiling, TileRange range,
                         int threads) {
  const std::vector<std::int16_t> weights = tiling.restrict_weights(job.weights, range);
  ConvolutionJob restricted = job;
  restricted.weights = weights;
  return make_cpu_engine(threads)->run(restricted);
}

ArraySimulation run_array(const ConvolutionJob& job, TileRange range, const GridFactory& factory,
                          int threads) {
  std::unique_ptr<Progress> progress;
  const auto show = [&](std::int64_t, std::int64_t all) {
    if (!progress) {
      progress = std::make_unique<Progress>("simulating passes", static_cast<std::size_t>(all));
    }
    progress->advance();
  };
  return simulate_array(job, range, factory, {.threads = threads, .progress = show});
}

void require_image(const StudyInputs& inputs, std::size_t image) {
  if (image < inputs.dataset->size()) return;
  fail(ErrorKind::usage, "--image: {} found, 0..{} expected", image, inputs.dataset->size() - 1);
}

SimulationResult simulate(const SimulateOptions& options) {
  const GridFactory factory = grid_factory(options.multiplier);
  const StudyInputs inputs = load_study_inputs(options.study);
  const std::size_t index = inputs.network->layer_index(options.layer);
  require_image(inputs, options.image);
  const GridShape shape = factory()->shape();
  const ConvolutionProblem& problem = inputs.network->layers()[index].problem;
  const WeightTiling tiling(problem, shape.rows, shape.columns);
  const IndexRange range =
      parse_range(options.tiles, static_cast<std::size_t>(tiling.tile_count()), "--tiles");
  const TileRange tiles{static_cast<std::int64_t>(range.first),
                        static_cast<std::int64_t>(range.last)};
  const ProductTable golden =
      resolve_product_table(options.golden.empty() ? options.multiplier : options.golden);

  std::vector<StudyMultiplier> columns;
  const StoredCalibration stored = calibrate(inputs, options.study, columns);
  const QuantizedLayer layer(inputs.network->layers()[index], inputs.parameters[index],
                             stored.calibration.layers[index]);
  const std::string image = inputs.dataset->image_name(options.image);
  const QuantizedTensor activations = layer.quantize_activations(layer_input(
      inputs, index, network_input(*inputs.network, inputs.dataset->load(options.image), image)));
  const ConvolutionJob job{problem, activations.codes, layer.weights().codes, &golden};

  ArraySimulation simulation = run_array(job, tiles, factory, options.study.threads);
  const AccumulatorComparison comparison = compare_accumulators(
      problem, simulation.accumulators, golden_sums(job, tiling, tiles, options.study.threads));
  nlohmann::json configuration = inputs.description;
  configuration["verb"] = "simulate";
  configuration["layer"] = options.layer;
  configuration["multiplier"] = options.multiplier;
  return {std::move(configuration),
          inputs.network->name(),
          options.layer,
          image,
          options.multiplier,
          golden.name(),
          tiling,
          tiles,
          std::move(simulation),
          comparison};
}

void report(const SimulateOptions& options) {
  const SimulationResult result = simulate(options);
  if (options.format == "json") {
    fmt::print("{}\n", simulation_json(result).dump(2));
  } else {
    fmt::print("{}", simulation_text(result));
  }
  if (result.comparison.first) {
    fail(ErrorKind::mismatch, "{} ({} of {} accumulators differ)",
         mismatch_text(result, *result.comparison.first), result.comparison.mismatches,
         result.comparison.compared);
  }
}

}  // namespace

void add_simulate_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand(
      "simulate",
      "A layer of an image on the Verilog array, every accumulator compared with the golden model\n"
      "Example: mbm simulate --layer up5.convB --image 0 --tiles 0:4");
  auto options = std::make_shared<SimulateOptions>();
  add_study_options(*command, options->study);
  command
      ->add_option("--multiplier", options->multiplier, "Multiplier, as in 'mbm multiplier list'")
      ->capture_default_str();
  command->add_option("--layer", options->layer, "Layer of the network")->required();
  command->add_option("--image", options->image, "Image of the data, from 0")
      ->capture_default_str();
  command->add_option("--tiles", options->tiles,
                      "N (the first N) or A:B of the layer's weight tiles (default: all)");
  command->add_option("--golden", options->golden,
                      "Multiplier or table file to compare with (default: --multiplier)");
  command->add_option("--format", options->format, "What standard output gets")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->callback([options] { report(*options); });
}

}  // namespace mbm
