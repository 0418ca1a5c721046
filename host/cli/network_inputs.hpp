// A network and its images, whatever it predicts, for the commands that compute in integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/cli/study_options.hpp"
#include "host/evaluation/evaluation_data.hpp"
#include "host/network/integer_quantization.hpp"
#include "host/network/network_source.hpp"

namespace mbm {

struct NetworkInputs {
  LoadedNetwork loaded;
  std::unique_ptr<EvaluationData> data;  // none for random parameters: their images are noise
  std::size_t calibration_images = 1;    // that scales are measured on: the first ones

  const Network& network() const { return *loaded.network; }
  std::size_t size() const { return data ? data->size() : 1; }
  std::string image_name(std::size_t index) const;

  // Image `index` as the network reads it, float32 (1, channels, height, width).
  at::Tensor image(std::size_t index) const;
};

// What the options name. Throws Error(usage) for data with a network of random parameters.
NetworkInputs load_network_inputs(const NetworkSource& source, const StudyOptions& study);

// The quantisation that was published with the network, else one by the ranges of its tensors on
// the calibration images, with progress. Throws Error(usage) for a calibration from a file, which
// is for networks that are float between their layers.
IntegerQuantization integer_quantization(const NetworkInputs& inputs, const StudyOptions& study,
                                         const std::string& rounding);

// For results: weights, data with digests, and how scales were chosen.
nlohmann::json describe_inputs(const NetworkInputs& inputs, const StudyOptions& study,
                               bool is_integer);

}  // namespace mbm
