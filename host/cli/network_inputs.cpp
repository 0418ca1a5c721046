#include "host/cli/network_inputs.hpp"

#include <algorithm>
#include <utility>

#include "cmodel/common/error.hpp"
#include "host/evaluation/network_study.hpp"
#include "host/format/sha256.hpp"
#include "host/progress/progress.hpp"

namespace mbm {

std::string NetworkInputs::image_name(std::size_t index) const {
  return data ? data->image_name(index) : "noise";
}

at::Tensor NetworkInputs::image(std::size_t index) const {
  return data ? data->inputs(index, 1) : noise_images(network(), 1, index);
}

NetworkInputs load_network_inputs(const NetworkSource& source, const StudyOptions& study) {
  NetworkInputs inputs{load_network(source), nullptr, 1};
  if (!inputs.loaded.is_seeded) {
    inputs.data = open_evaluation_data(inputs.network(), study_data(study));
    inputs.calibration_images = std::min(study.calibration.images, inputs.data->size());
  } else if (!study.data.empty()) {
    fail(ErrorKind::usage,
         "network {}: without --weights its parameters are random and --data means nothing",
         study.network);
  }
  return inputs;
}

IntegerQuantization integer_quantization(const NetworkInputs& inputs, const StudyOptions& study,
                                         const std::string& rounding) {
  if (!study.calibration.file.empty()) {
    fail(ErrorKind::usage, "--calibration: a file of scales is for --arithmetic float-between");
  }
  if (inputs.loaded.quantization) return *inputs.loaded.quantization;
  Progress progress("calibrating", inputs.calibration_images);
  const std::vector<TensorRange> ranges =
      measure_tensor_ranges(inputs.network(), inputs.loaded.parameters, inputs.calibration_images,
                            [&](std::size_t index) {
                              progress.advance();
                              return inputs.image(index);
                            });
  return choose_integer_quantization(inputs.network(), inputs.loaded.parameters, ranges,
                                     parse_scheme(study.calibration),
                                     parse_requantization_rounding(rounding));
}

nlohmann::json describe_inputs(const NetworkInputs& inputs, const StudyOptions& study,
                               bool is_integer) {
  const CalibrationOptions& calibration = study.calibration;
  nlohmann::json description = {{"network", inputs.network().name()},
                                {"calibration",
                                 {{"operands", calibration.operand_format},
                                  {"weight_scales", calibration.weight_scales},
                                  {"activation_range", calibration.activation_range},
                                  {"step_rounding", calibration.step_rounding},
                                  {"images", inputs.calibration_images}}},
                                {"seed", study.seed},
                                {"inputs", {{"weights", inputs.loaded.weights}}}};
  if (!calibration.file.empty()) {
    description["calibration"] = {
        {"file", std::filesystem::path(calibration.file).filename().string()},
        {"sha256", sha256_of_file(calibration.file)}};
  }
  if (inputs.loaded.quantization && is_integer) {
    description["calibration"] = "as published with the weights";
  }
  if (inputs.data) {
    const std::filesystem::path data = study_data(study);
    description["inputs"]["data"] = {{"folder", data.filename().string()},
                                     {"sha256", sha256_of_path(data)}};
  }
  return description;
}

}  // namespace mbm
