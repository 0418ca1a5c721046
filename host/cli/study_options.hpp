// What the commands that run a network have in common: a network, its weights, images and how it is
// quantised.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/calibration/calibration_file.hpp"
#include "host/dataset/depth_dataset.hpp"
#include "host/evaluation/depth_study.hpp"
#include "host/network/layer_parameters.hpp"
#include "host/network/network.hpp"
#include "host/network/network_source.hpp"

namespace mbm {

struct CalibrationOptions {
  std::string file;  // a calibration made before; then the others do not count
  std::string operand_format = "sign-magnitude8";
  std::string weight_scales = "channel";
  std::string activation_range = "max-abs";
  double percentile = 99.99;
  std::string step_rounding = "none";
  std::string data;  // empty: the images of the study
  std::size_t images = 32;
};

struct StudyOptions {
  std::string network = "densedepth-mobilenetv2-small";
  std::string weights;  // empty: the embedded ones
  std::string data;     // empty: the embedded ones
  CalibrationOptions calibration;
  int threads = 0;  // 0: all cores, see thread_count()
  std::uint64_t seed = 0;
};

// Threads to use: as the option says, or one a core.
int thread_count(const StudyOptions& options);

// How scales are chosen; throws Error(usage) for an unknown name.
QuantizationScheme parse_scheme(const CalibrationOptions& options);

// Adds the options to a subcommand, those of the calibration among them.
void add_study_options(CLI::App& command, StudyOptions& options);

// The same without --calibration: for the command that makes such a file.
void add_calibrating_study_options(CLI::App& command, StudyOptions& options);

// The options of how operands are formed, without those of what is measured on images.
std::vector<CLI::Option*> add_operand_options(CLI::App& command, CalibrationOptions& options);

// Adds --multiplier, a list of `text` separated by commas.
void add_multipliers_option(CLI::App& command, std::vector<std::string>& multipliers);

// The network that the options name.
NetworkSource network_source(const StudyOptions& options);

// The images that the options name, or the embedded ones; throws Error(usage) if there are none.
std::filesystem::path study_data(const StudyOptions& options);

// What the options name, loaded and checked.
struct StudyInputs {
  std::unique_ptr<const Network> network;
  std::vector<LayerParameters> parameters;
  std::unique_ptr<DepthDataset> dataset;
  std::unique_ptr<DepthDataset> calibration_data;  // none: that of the study
  nlohmann::json description;                      // for results: names, digests, seed
};
StudyInputs load_study_inputs(const StudyOptions& options);

// Tables of the multipliers, each without their corrections yet; their names and, of
// files, digests are added to `description`.
std::vector<StudyMultiplier> load_multipliers(const std::vector<std::string>& multipliers,
                                              nlohmann::json& description);

// Adds --assignment.
void add_assignment_option(CLI::App& command, std::string& file);

// The columns of a study: one for each of `multipliers` and, if `assignment` names a file of `mbm
// search`, one more whose multipliers are added to `multipliers`; file and digest are added to
// `description`. Throws Error(input) if it lacks one of `layers`.
std::vector<StudyColumn> load_study_columns(const Network& network,
                                            const std::vector<std::size_t>& layers,
                                            const std::string& assignment,
                                            std::vector<StudyMultiplier>& multipliers,
                                            nlohmann::json& description);

// The calibration that the options ask for, read or measured, with progress; the corrections that
// the names of `columns` ask for are found or fitted, and put there.
StoredCalibration calibrate(const StudyInputs& inputs, const StudyOptions& options,
                            std::vector<StudyMultiplier>& columns);

// Image `index` of those that scales and corrections are measured on, which are spread evenly over
// their data set, since neighbours are alike: float32 (1, 3, height, width).
at::Tensor calibration_image(const StudyInputs& inputs, const StudyOptions& options,
                             std::size_t index);

// Of an option --layers.
inline constexpr const char* kLayersHelp =
    "all, encoder, decoder, depthwise, dense (all but depthwise), or names separated by commas";

// Indices of the layers that `text` names, a list of groups and layers as kLayersHelp has them;
// ascending, each once. Throws Error(usage) for an unknown layer.
std::vector<std::size_t> parse_layers(const Network& network, const std::string& text);

// Half-open range of indices from "N" (the first N), "A:B", or "" (all), within `size`. Throws
// Error(usage) otherwise.
struct IndexRange {
  std::size_t first;
  std::size_t last;
};
IndexRange parse_range(const std::string& text, std::size_t size, const std::string& what);

}  // namespace mbm
