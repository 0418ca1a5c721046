#include "host/evaluation/network_study.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "host/rooms/random_stream.hpp"

namespace mbm {
namespace {

// Adds the time that `compute` takes to the column, and its scores.
template <typename Compute>
void measure(NetworkColumn& column, EvaluationData* data, std::size_t first,
             const Compute& compute) {
  const auto begin = std::chrono::steady_clock::now();
  const at::Tensor predictions = compute();
  column.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (data == nullptr) return;
  for (Scores& scores : data->scores(first, predictions))
    column.images.push_back(std::move(scores));
  for (const ClassAnswer& answer : data->answers(first, predictions))
    column.answers.push_back(answer);
}

}  // namespace

Scores NetworkColumn::mean() const {
  Scores mean;
  for (const Scores& scores : images) {
    mean.resize(scores.size(), 0.0);
    for (std::size_t i = 0; i < scores.size(); ++i) mean[i] += scores[i];
  }
  for (double& value : mean) value /= static_cast<double>(images.size());
  return mean;
}

Scores NetworkColumn::standard_error() const {
  const Scores means = mean();
  Scores errors(means.size(), 0.0);
  for (const Scores& scores : images) {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      errors[i] += (scores[i] - means[i]) * (scores[i] - means[i]);
    }
  }
  const auto count = static_cast<double>(images.size());
  for (double& error : errors) error = count > 1 ? std::sqrt(error / (count - 1) / count) : 0.0;
  return errors;
}

at::Tensor noise_images(const Network& network, std::size_t count, std::uint64_t seed) {
  at::Tensor images = at::empty({static_cast<std::int64_t>(count), network.input_channels(),
                                 network.input_height(), network.input_width()},
                                at::kFloat);
  rooms::RandomStream random(seed);
  float* values = images.data_ptr<float>();
  for (std::int64_t i = 0; i < images.numel(); ++i) {
    values[i] = static_cast<float>(random.uniform(0.0, 1.0));
  }
  return images;
}

std::vector<NetworkColumn> run_network_study(
    const Network& network, const std::vector<LayerParameters>& parameters,
    const std::vector<LayerParameters>& quantized_weights, const QuantizedPrediction& predict,
    EvaluationData* data, const std::vector<ProductTable>& tables,
    const NetworkStudyOptions& options, const std::function<void(std::size_t)>& advance) {
  const ProductTable exact = make_product_table("exact");
  std::vector<NetworkColumn> columns{{"float", {}, {}, 0.0}};
  if (!quantized_weights.empty()) columns.push_back({"weights quantised", {}, {}, 0.0});
  const std::size_t control = columns.size();
  columns.push_back({"exact", {}, {}, 0.0});
  for (const ProductTable& table : tables) columns.push_back({table.name(), {}, {}, 0.0});
  for (std::size_t done = 0; done < options.count;) {
    const std::size_t first = options.first + done;
    const std::size_t count = std::min(options.batch, options.count - done);
    const at::Tensor images =
        data != nullptr ? data->inputs(first, count) : noise_images(network, count, first);
    FloatPass float_pass;
    measure(columns[0], data, first, [&] {
      float_pass = run_float(network, parameters, images);
      return float_pass.prediction;
    });
    if (!quantized_weights.empty()) {
      measure(columns[1], data, first,
              [&] { return run_float(network, quantized_weights, images).prediction; });
    }
    measure(columns[control], data, first, [&] { return predict(images, float_pass, exact); });
    for (std::size_t i = 0; i < tables.size(); ++i) {
      measure(columns[control + 1 + i], data, first,
              [&] { return predict(images, float_pass, tables[i]); });
    }
    done += count;
    advance(count);
  }
  return columns;
}

}  // namespace mbm
