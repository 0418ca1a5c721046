// What run, sweep and simulate have in common: a network, its weights, images and the choice of a
// multiplier.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cmodel/multiplier/product_table.hpp"
#include "cmodel/quantization/quantization.hpp"
#include "host/calibration/calibration.hpp"
#include "host/dataset/depth_dataset.hpp"
#include "host/network/layer_parameters.hpp"
#include "host/network/network.hpp"
#include "host/network/network_source.hpp"

namespace mbm {

struct StudyOptions {
  std::string network = "densedepth-mobilenetv2-small";
  std::string weights;  // empty: the embedded ones
  std::string data;     // empty: the embedded ones
  std::string multiplier = "mbm";
  std::string operand_format = "sign-magnitude8";
  std::size_t calibration_images = 32;
  int threads = 0;  // 0: all cores, see thread_count()
  std::uint64_t seed = 0;
};

// Threads to use: as the option says, or one a core.
int thread_count(const StudyOptions& options);

// Adds the options to a subcommand.
void add_study_options(CLI::App& command, StudyOptions& options);

// The network that the options name.
NetworkSource network_source(const StudyOptions& options);

// The images that the options name, or the embedded ones; throws Error(usage) if there are none.
std::filesystem::path study_data(const StudyOptions& options);

// What the options name, loaded and checked.
struct StudyInputs {
  std::unique_ptr<const Network> network;
  std::vector<LayerParameters> parameters;
  std::unique_ptr<DepthDataset> dataset;
  ProductTable table;
  OperandFormat format;
  nlohmann::json description;  // for results: names, digests, seed
};
StudyInputs load_study_inputs(const StudyOptions& options);

// Max-abs calibration on the first images of the data set, with progress.
Calibration calibrate(const StudyInputs& inputs, const StudyOptions& options);

// Indices of the layers that `text` names: "all", "encoder", "decoder", or a list separated by
// commas; ascending, each once. Throws Error(usage) for an unknown layer.
std::vector<std::size_t> parse_layers(const Network& network, const std::string& text);

// Half-open range of indices from "N" (the first N), "A:B", or "" (all), within `size`. Throws
// Error(usage) otherwise.
struct IndexRange {
  std::size_t first;
  std::size_t last;
};
IndexRange parse_range(const std::string& text, std::size_t size, const std::string& what);

}  // namespace mbm
