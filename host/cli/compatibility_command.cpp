// mbm compatibility: the depth study's table with its defects, taken apart.
#include <fmt/format.h>

#include <algorithm>

#include <filesystem>
#include <memory>

#include "cmodel/common/error.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/result_output.hpp"
#include "host/cli/study_options.hpp"
#include "host/evaluation/compatibility.hpp"
#include "host/evaluation/parallel_images.hpp"
#include "host/multiplier/resolve.hpp"
#include "host/progress/progress.hpp"
#include "host/result/compatibility_result.hpp"
#include "host/result/image_journal.hpp"

namespace mbm {
namespace {

struct CompatibilityOptions {
  StudyOptions study;
  std::string multiplier = "mbm-ref";
  std::string layers = "all";
  std::string images = "5";
  std::vector<std::string> defects{"all"};
  std::string format = "text";
  std::string out;
};

// The effects to switch on; the multiplier always is.
EffectSet parse_defects(const std::vector<std::string>& names) {
  EffectSet effects;
  effects.set(static_cast<std::size_t>(StudyEffect::multiplier));
  for (const std::string& name : names) {
    if (name == "none") continue;
    if (name == "all") {
      effects.set();
      continue;
    }
    effects.set(static_cast<std::size_t>(
        std::find(kStudyEffectNames.begin(), kStudyEffectNames.end(), name) -
        kStudyEffectNames.begin()));
  }
  return effects;
}

// Of one image: the float network, and every subset of every layer's effects.
struct ImageSubsets {
  DepthMetrics exact_float{};
  std::vector<SubsetMetrics> layers;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ImageSubsets, exact_float, layers)

ImageSubsets evaluate_image(const CompatibilityStudy& study, const MixedNetwork& network,
                            const DepthBatch& image, const std::vector<std::size_t>& layers,
                            const EffectSet& enabled) {
  const auto engine = make_cpu_engine(1);
  const FloatPass float_pass =
      run_float(network.network(), network.parameters(), network_inputs(network.network(), image));
  ImageSubsets result;
  result.exact_float = batch_metrics(image, depth_maps(float_pass.prediction, image)).front();
  EffectSet evaluated = enabled;
  evaluated.reset(static_cast<std::size_t>(StudyEffect::leftover_images));
  for (const std::size_t layer : layers) {
    const auto effects = static_cast<std::size_t>(
        effects_of(network.network().layers()[layer], evaluated).to_ulong());
    SubsetMetrics subsets(std::size_t{1} << kStudyEffects);
    for (std::size_t set = 0; set <= effects; ++set) {
      if ((set & ~effects) != 0) continue;
      subsets[set] = study.evaluate(image, float_pass, layer, EffectSet(set), *engine);
    }
    result.layers.push_back(std::move(subsets));
  }
  return result;
}

void add(std::vector<SubsetMetrics>& sums, const std::vector<SubsetMetrics>& image, double share) {
  if (sums.empty()) sums.assign(image.size(), SubsetMetrics(image.front().size()));
  for (std::size_t layer = 0; layer < image.size(); ++layer) {
    for (std::size_t set = 0; set < image[layer].size(); ++set) {
      for (std::size_t m = 0; m < kDepthMetricNames.size(); ++m) {
        sums[layer][set][m] += share * image[layer][set][m];
      }
    }
  }
}

CompatibilityResult take_apart(const CompatibilityOptions& options) {
  StudyInputs inputs = load_study_inputs(options.study);
  const std::vector<std::size_t> layers = parse_layers(*inputs.network, options.layers);
  const IndexRange range = parse_range(options.images, inputs.dataset->size(), "--images");
  const std::size_t count = range.last - range.first;
  if (count < kStudyBatch) {
    fail(ErrorKind::usage, "--images: {} found, at least {} expected", count, kStudyBatch);
  }
  const ProductTable table = resolve_product_table(options.multiplier);
  std::vector<StudyMultiplier> columns;
  const StoredCalibration stored = calibrate(inputs, options.study, columns);
  const MixedNetwork network(*inputs.network, inputs.parameters, stored.calibration);
  const CompatibilityStudy study(network, stored.calibration, table);
  CompatibilityResult result;
  result.configuration = inputs.description;
  result.configuration["verb"] = "compatibility";
  result.configuration["multiplier"] = table.name();
  result.configuration["defects"] = options.defects;
  result.network = inputs.network->name();
  result.multiplier = table.name();
  result.enabled = parse_defects(options.defects);
  std::vector<SubsetMetrics> means;
  const auto take = [&](const ImageSubsets& image) {
    result.float_images.push_back(image.exact_float);
    add(means, image.layers, 1.0 / static_cast<double>(count));
  };
  nlohmann::json journaled = result.configuration;
  journaled["layers_chosen"] = options.layers;
  journaled["images_range"] = {range.first, range.last};
  ImageJournal<ImageSubsets> journal(options.out, journaled, "the metrics of an image");
  for (const ImageSubsets& image : journal.done()) take(image);
  const std::size_t done = journal.done().size();
  Progress progress("evaluating images", count, done);
  for_each_image(
      count - done, thread_count(options.study),
      [&](std::size_t i) {
        return load_batch(*inputs.network, *inputs.dataset, range.first + done + i, 1);
      },
      [&](const DepthBatch& image) {
        return evaluate_image(study, network, image, layers, result.enabled);
      },
      [&](const ImageSubsets& image) {
        journal.append(image);
        take(image);
        progress.advance();
      });
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const ConvolutionLayer& layer = inputs.network->layers()[layers[i]];
    result.layers.push_back(effect_shares(layer.name, effects_of(layer, result.enabled), means[i],
                                          result.float_images));
  }
  return result;
}

void report(const CompatibilityOptions& options) {
  const CompatibilityResult result = take_apart(options);
  put_result({compatibility_json(result).dump(2) + "\n", compatibility_table(result), {}},
             options.format, options.out);
}

}  // namespace

void add_compatibility_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand(
      "compatibility",
      "The depth study's table, one layer at a time, with its defects: what share of each "
      "deviation\n"
      "comes from which of them\n"
      "Example: mbm compatibility --layers decoder --defects scrambled-patches,powers-of-ten");
  auto options = std::make_shared<CompatibilityOptions>();
  add_study_options(*command, options->study);
  command->add_option("--multiplier", options->multiplier, "Multiplier; mbm-ref is the study's")
      ->capture_default_str();
  command->add_option("--layers", options->layers, kLayersHelp)->capture_default_str();
  command->add_option("--images", options->images, "N (the first N) or A:B of the data")
      ->capture_default_str();
  std::vector<std::string> names(kStudyEffectNames.begin() + 1, kStudyEffectNames.end());
  names.insert(names.begin(), {"all", "none"});
  command
      ->add_option("--defects", options->defects,
                   "Switched on, separated by commas: all, none, powers-of-ten, scrambled-patches, "
                   "ignored-stride, truncated-division, leftover-images")
      ->delimiter(',')
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  command->add_option("--format", options->format, "What standard output gets")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->add_option(
      "--out", options->out,
      "Folder for result.json, result.txt and the journal from which an interrupted run "
      "continues");
  command->callback([options] { report(*options); });
}

}  // namespace mbm
