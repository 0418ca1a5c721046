// mbm decompose: where the deviation of an approximate network comes from.
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "cmodel/common/error.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/result_output.hpp"
#include "host/cli/study_options.hpp"
#include "host/evaluation/decomposition.hpp"
#include "host/evaluation/depth_picture.hpp"
#include "host/evaluation/parallel_images.hpp"
#include "host/progress/progress.hpp"
#include "host/result/decomposition_result.hpp"
#include "host/result/image_journal.hpp"

namespace mbm {

// What a journal keeps of an image: all but its depth maps, which are written at once.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ErrorPowers, signal, added, total)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LayerDecomposition, layer, alone, in_network)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ImageDecomposition, image, metrics, layers)

namespace {

struct DecomposeOptions {
  StudyOptions study;
  std::string multiplier = "mbm";
  std::string layers = "all";
  std::string images;
  std::string format = "text";
  std::string out;
  std::size_t pictures = 4;
};

// The float depth map and what each stage changes of it; white is a tenth of its range.
void save_error_map(const std::filesystem::path& folder, const ImageDecomposition& image,
                    bool corrected) {
  std::vector<at::Tensor> maps(image.depth.begin(), image.depth.end());
  if (!corrected) maps.pop_back();
  const float range = (maps.front().max() - maps.front().min()).item<float>();
  write_rgb_png(folder / (image.image + "-errors.png"), difference_panel(maps, 0.1F * range));
}

DecompositionResult decompose(const DecomposeOptions& options) {
  StudyInputs inputs = load_study_inputs(options.study);
  const std::vector<std::size_t> layers = parse_layers(*inputs.network, options.layers);
  const IndexRange range = parse_range(options.images, inputs.dataset->size(), "--images");
  DecompositionResult result;
  result.configuration = inputs.description;
  std::vector<StudyMultiplier> columns =
      load_multipliers({options.multiplier}, result.configuration);
  result.configuration["verb"] = "decompose";
  result.configuration["layers_chosen"] = options.layers;
  result.configuration["images_range"] = {range.first, range.last};
  const StoredCalibration stored = calibrate(inputs, options.study, columns);
  result.network = inputs.network->name();
  result.multiplier = columns.front().table.name();
  result.corrected = columns.front().correction.has_value();
  for (const std::size_t layer : layers) {
    result.layer_names.push_back(inputs.network->layers()[layer].name);
  }
  const MixedNetwork network(*inputs.network, inputs.parameters, stored.calibration);
  const Decomposition decomposition(network, layers, columns.front());
  ImageJournal<ImageDecomposition> journal(options.out, result.configuration,
                                           "the errors of an image");
  for (const ImageDecomposition& image : journal.done()) result.add(image);
  const std::size_t done = journal.done().size();
  const std::size_t first = range.first + done;
  Progress progress("decomposing images", range.last - range.first, done);
  for_each_image(
      range.last - first, thread_count(options.study),
      [&](std::size_t i) { return load_batch(*inputs.network, *inputs.dataset, first + i, 1); },
      [&](const DepthBatch& batch) { return decomposition.evaluate(batch); },
      [&](const ImageDecomposition& image) {
        if (!options.out.empty() && result.metrics[0].size() < options.pictures) {
          save_error_map(options.out, image, result.corrected);
        }
        journal.append(image);
        result.add(image);
        progress.advance();
      });
  return result;
}

void report(const DecomposeOptions& options) {
  const DecompositionResult result = decompose(options);
  put_result({decomposition_json(result).dump(2) + "\n", decomposition_table(result), {}},
             options.format, options.out);
}

}  // namespace

void add_decompose_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand(
      "decompose",
      "The deviation from float by what causes it: weight rounding, activation rounding, "
      "clipping,\n"
      "multiplier; for the network in metrics, for every layer in noise to signal\n"
      "Example: mbm decompose --layers all --multiplier mbm+affine --out results/decomposition");
  auto options = std::make_shared<DecomposeOptions>();
  add_study_options(*command, options->study);
  command
      ->add_option(
          "--multiplier", options->multiplier,
          "Multiplier, as in 'mbm multiplier list', or a file with its product table; with "
          "+gain, +offset or +affine its correction is a stage of its own")
      ->capture_default_str();
  command->add_option("--layers", options->layers, kLayersHelp)->capture_default_str();
  command->add_option("--images", options->images,
                      "N (the first N) or A:B of the data (default: all)");
  command->add_option("--format", options->format, "What standard output gets")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->add_option(
      "--out", options->out,
      "Folder for result.json, result.txt, error maps and the journal from which an "
      "interrupted run continues");
  command
      ->add_option("--pictures", options->pictures,
                   "Error maps of the first N images as PNG (with --out): float depth, then what "
                   "each stage changes of it")
      ->capture_default_str();
  command->callback([options] { report(*options); });
}

}  // namespace mbm
