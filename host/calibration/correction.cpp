#include "host/calibration/correction.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "cmodel/common/error.hpp"
#include "host/evaluation/parallel_images.hpp"
#include "host/inference/quantized_layer.hpp"

namespace mbm {
namespace {

constexpr std::array<std::pair<CorrectionKind, std::string_view>, 4> kKinds{
    {{CorrectionKind::none, "none"},
     {CorrectionKind::gain, "gain"},
     {CorrectionKind::offset, "offset"},
     {CorrectionKind::affine, "affine"}}};

// Sums over the outputs of one channel.
struct ChannelMoments {
  double count = 0.0;
  double exact = 0.0;
  double approximate = 0.0;
  double exact_approximate = 0.0;
  double approximate_squared = 0.0;

  void operator+=(const ChannelMoments& other) {
    count += other.count;
    exact += other.exact;
    approximate += other.approximate;
    exact_approximate += other.exact_approximate;
    approximate_squared += other.approximate_squared;
  }
};

using LayerMoments = std::vector<ChannelMoments>;
using Moments = std::vector<std::vector<LayerMoments>>;  // per request, per layer

LayerMoments measure(const Accumulators& exact, const Accumulators& approximate,
                     std::size_t channels) {
  LayerMoments moments(channels);
  const std::size_t plane = exact.size() / channels;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    ChannelMoments& m = moments[channel];
    for (std::size_t i = channel * plane; i < (channel + 1) * plane; ++i) {
      const auto e = static_cast<double>(exact[i]);
      const auto a = static_cast<double>(approximate[i]);
      m.exact += e;
      m.approximate += a;
      m.exact_approximate += e * a;
      m.approximate_squared += a * a;
    }
    m.count = static_cast<double>(plane);
  }
  return moments;
}

// Gain and offset, the latter in steps of the sums.
std::pair<double, double> fit(const ChannelMoments& m, CorrectionKind kind) {
  const double mean_exact = m.exact / m.count;
  const double mean_approximate = m.approximate / m.count;
  if (kind == CorrectionKind::offset) return {1.0, mean_exact - mean_approximate};
  if (kind == CorrectionKind::gain) {
    return {m.approximate_squared > 0.0 ? m.exact_approximate / m.approximate_squared : 1.0, 0.0};
  }
  const double covariance = m.exact_approximate / m.count - mean_exact * mean_approximate;
  const double variance = m.approximate_squared / m.count - mean_approximate * mean_approximate;
  // Of a channel that hardly varies only the mean is known.
  constexpr double kLeastVariance = 1e-6;
  const bool known = variance > kLeastVariance * m.approximate_squared / m.count;
  const double gain = known ? covariance / variance : 1.0;
  return {gain, mean_exact - gain * mean_approximate};
}

LayerCorrection correct(const LayerMoments& moments, const LayerQuantization& quantization,
                        CorrectionKind kind) {
  LayerCorrection correction;
  for (std::size_t channel = 0; channel < moments.size(); ++channel) {
    const auto [gain, offset] = fit(moments[channel], kind);
    const float step = quantization.weight_steps.size() == 1 ? quantization.weight_steps.front()
                                                             : quantization.weight_steps[channel];
    correction.gain.push_back(static_cast<float>(gain));
    correction.offset.push_back(static_cast<float>(
        offset * static_cast<double>(step) * static_cast<double>(quantization.activation_step)));
  }
  return correction;
}

// What one image says of every layer.
Moments measure_image(const Network& network, const std::vector<LayerParameters>& parameters,
                      const std::vector<QuantizedLayer>& layers, const ProductTable& exact_table,
                      const std::vector<CorrectionRequest>& requests, const at::Tensor& image) {
  const auto engine = make_cpu_engine(1);
  Moments moments(requests.size());
  network.forward(image, [&](std::size_t index, const at::Tensor& input) {
    const QuantizedTensor activations = layers[index].quantize_activations(input);
    const Accumulators exact = layers[index].accumulate(activations, exact_table, *engine);
    const auto channels = static_cast<std::size_t>(network.layers()[index].problem.output_channels);
    for (std::size_t r = 0; r < requests.size(); ++r) {
      moments[r].push_back(measure(
          exact, layers[index].accumulate(activations, *requests[r].table, *engine), channels));
    }
    return convolve_float(network.layers()[index], parameters[index], input);
  });
  return moments;
}

void add(Moments& total, const Moments& image) {
  if (total.empty()) {
    total = image;
    return;
  }
  for (std::size_t r = 0; r < total.size(); ++r) {
    for (std::size_t layer = 0; layer < total[r].size(); ++layer) {
      for (std::size_t channel = 0; channel < total[r][layer].size(); ++channel) {
        total[r][layer][channel] += image[r][layer][channel];
      }
    }
  }
}

}  // namespace

std::string_view name_of(CorrectionKind kind) {
  return std::find_if(kKinds.begin(), kKinds.end(), [kind](auto& k) { return k.first == kind; })
      ->second;
}

CorrectedMultiplier parse_corrected_multiplier(const std::string& text) {
  const std::size_t plus = text.rfind('+');
  if (plus == std::string::npos) return {text, CorrectionKind::none};
  const std::string name = text.substr(plus + 1);
  for (const auto& [kind, known] : kKinds) {
    if (name == known) return {text.substr(0, plus), kind};
  }
  fail(ErrorKind::usage, "multiplier '{}': correction '{}' found, gain, offset or affine expected",
       text, name);
}

std::vector<Correction> fit_corrections(const Network& network,
                                        const std::vector<LayerParameters>& parameters,
                                        const Calibration& calibration,
                                        const std::vector<CorrectionRequest>& requests,
                                        std::size_t count, const ImageSource& image, int threads) {
  const ProductTable exact = make_product_table("exact");
  std::vector<QuantizedLayer> layers;
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    layers.emplace_back(network.layers()[i], parameters[i], calibration.layers[i]);
  }
  Moments total;
  for_each_image(
      count, threads, image,
      [&](const at::Tensor& input) {
        return measure_image(network, parameters, layers, exact, requests, input);
      },
      [&](const Moments& measured) { add(total, measured); });
  std::vector<Correction> corrections;
  for (std::size_t r = 0; r < requests.size(); ++r) {
    Correction correction{requests[r].kind, {}};
    for (std::size_t i = 0; i < layers.size(); ++i) {
      correction.layers.push_back(correct(total[r][i], calibration.layers[i], requests[r].kind));
    }
    corrections.push_back(std::move(correction));
  }
  return corrections;
}

}  // namespace mbm
