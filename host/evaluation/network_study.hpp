// A network on its data in columns: float, the same quantisation with exact products (the control),
// and with each approximate multiplier.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cmodel/multiplier/product_table.hpp"
#include "host/evaluation/evaluation_data.hpp"
#include "host/inference/mixed_network.hpp"

namespace mbm {

struct NetworkColumn {
  std::string name;  // "float", "weights quantised", "exact", "mbm"
  std::vector<Scores> images;
  std::vector<ClassAnswer> answers;  // of networks of classes
  double seconds = 0.0;              // of computing, without loading and scoring

  // Mean over images of each score, and the standard error of that mean.
  Scores mean() const;
  Scores standard_error() const;
};

struct NetworkStudyOptions {
  std::size_t first = 0;
  std::size_t count = 0;
  std::size_t batch = 1;
};

// The prediction for images whose float pass is given, with the products of a table.
using QuantizedPrediction = std::function<at::Tensor(
    const at::Tensor& images, const FloatPass& float_pass, const ProductTable& table)>;

// Evaluates `count` images. `data` is null for a network whose predictions mean nothing: then the
// images are uniform noise of the seed `first` and so on, and the columns have no scores. `advance`
// is called with the number of images done. `quantized_weights`, if not empty, are parameters for a
// column "weights quantised" behind the float one, in float like it.
std::vector<NetworkColumn> run_network_study(
    const Network& network, const std::vector<LayerParameters>& parameters,
    const std::vector<LayerParameters>& quantized_weights, const QuantizedPrediction& predict,
    EvaluationData* data, const std::vector<ProductTable>& tables,
    const NetworkStudyOptions& options, const std::function<void(std::size_t)>& advance);

// Images of uniform noise, float32 (count, channels, height, width) in 0..1.
at::Tensor noise_images(const Network& network, std::size_t count, std::uint64_t seed);

}  // namespace mbm
