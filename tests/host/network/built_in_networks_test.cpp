// The built-in networks beside DenseDepth with MobileNetV2: their layers against the studies, their
// weights' forms, and what they predict where weights are public.
#include <gtest/gtest.h>

#include "host/dataset/digits.hpp"
#include "host/format/npy.hpp"
#include "host/format/weights.hpp"
#include "host/inference/integer_inference.hpp"
#include "host/network/densedepth_densenet161.hpp"
#include "host/network/fastdepth_weights.hpp"
#include "host/network/layer_parameters.hpp"
#include "host/network/network.hpp"
#include "tests/support/data.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/published_layers.hpp"

namespace mbm {
namespace {

TEST(DenseDepthDenseNet161, LayersAreThoseOfTheStudy) {
  const auto study = test::data_folder().parent_path() / "depth-study.md";
  MBM_REQUIRE_DATA(study);
  const auto expected = test::published_layers(study, {"1.1"});
  ASSERT_EQ(expected.size(), 10U);
  const auto network = make_network("densedepth-densenet161");
  std::size_t encoder_layers = 0;
  std::int64_t encoder_products = 0;
  std::int64_t decoder_products = 0;
  for (const ConvolutionLayer& layer : network->layers()) {
    if (layer.is_normalization) continue;
    if (!expected.contains(layer.name)) {
      ++encoder_layers;
      encoder_products += layer.problem.product_count();
      continue;
    }
    const test::PublishedLayer& row = expected.at(layer.name);
    EXPECT_EQ(layer.problem.input_channels, row.input_channels) << layer.name;
    EXPECT_EQ(layer.problem.output_channels, row.output_channels) << layer.name;
    EXPECT_EQ(layer.problem.product_count(), row.products) << layer.name;
    EXPECT_EQ(layer.problem.weight_count(), row.weights) << layer.name;
    decoder_products += row.products;
  }
  EXPECT_EQ(encoder_layers, 160U);
  EXPECT_EQ(encoder_products, 47'300'198'400);  // section 1.1 of the study
  EXPECT_EQ(decoder_products, 51'714'892'800);
}

// A small one of the same topology: a checkpoint with its normalisations apart gives what PyTorch's
// formula gives.
TEST(DenseDepthDenseNet161, CheckpointsWithNormalisationsApartAreFolded) {
  constexpr DenseDepthDenseNetWidths kWidths{16, 8, {1, 1, 1, 1}, 2, 1.0};
  const auto network = make_densedepth_densenet161("tiny", kWidths, 32, 32);
  at::manual_seed(5);
  NamedTensors tensors;
  for (const ConvolutionLayer& layer : network->layers()) {
    const ConvolutionProblem& p = layer.problem;
    if (!layer.is_normalization) {
      tensors[layer.parameter_name + ".weight"] = at::randn(
          {p.output_channels, p.input_channels_per_group(), p.kernel_height, p.kernel_width});
    }
    if (!layer.normalization_name.empty()) {
      for (const char* name : {".weight", ".bias", ".running_mean"}) {
        tensors[layer.normalization_name + name] = at::randn({p.output_channels});
      }
      tensors[layer.normalization_name + ".running_var"] = at::rand({p.output_channels}) + 0.5;
    } else if (layer.has_bias) {
      tensors[layer.parameter_name + ".bias"] = at::randn({p.output_channels});
    }
  }
  const auto parameters = select_layer_parameters(*network, tensors, "checkpoint");
  for (std::size_t i = 0; i < network->layers().size(); ++i) {
    const ConvolutionLayer& layer = network->layers()[i];
    const ConvolutionProblem& p = layer.problem;
    const at::Tensor input = at::randn({1, p.input_channels, p.input_height, p.input_width});
    at::Tensor expected = input;
    if (!layer.is_normalization) {
      const at::Tensor bias = layer.has_bias && layer.normalization_name.empty()
                                  ? tensors.at(layer.parameter_name + ".bias")
                                  : at::Tensor();
      expected = at::conv2d(input, tensors.at(layer.parameter_name + ".weight"), bias, p.stride,
                            p.padding, p.dilation, p.groups);
    }
    if (!layer.normalization_name.empty()) {
      const std::string& n = layer.normalization_name;
      expected = at::batch_norm(expected, tensors.at(n + ".weight"), tensors.at(n + ".bias"),
                                tensors.at(n + ".running_mean"), tensors.at(n + ".running_var"),
                                false, 0.1, 1e-5, false);
    }
    EXPECT_TRUE(at::allclose(convolve_float(layer, parameters[i], input), expected, 1e-4, 1e-4))
        << layer.name;
  }
  tensors.erase("encoder.original_model.features.norm0.running_mean");
  test::expect_input_error({"checkpoint", "norm0.running_mean"},
                           [&] { select_layer_parameters(*network, tensors, "checkpoint"); });
}

TEST(SeededParameters, AreTheSameForASeed) {
  const auto network = make_network("lenet5");
  const auto weight = [&](std::uint64_t seed) {
    return seeded_parameters(*network, seed).back().weight;
  };
  EXPECT_TRUE(weight(1).equal(weight(1)));
  EXPECT_FALSE(weight(1).equal(weight(2)));
}

std::int64_t right_digits(const at::Tensor& scores, const Digits& digits) {
  return scores.flatten(1).argmax(1).eq(digits.labels).sum().item<std::int64_t>();
}

// The float network's 9913 of 10,000 are README.md's of the data; within 10 of it in integers.
TEST(LeNet5, ReadsDigitsInIntegers) {
  const auto data = test::data_folder();
  MBM_REQUIRE_DATA(data / "lenet" / "lenet5.npz");
  MBM_REQUIRE_DATA(data / "mnist");
  const auto network = make_network("lenet5");
  const auto parameters =
      select_layer_parameters(*network, read_weights(data / "lenet" / "lenet5.npz"), "lenet5.npz");
  const Digits digits = read_digits(data / "mnist", DigitsPart::test);
  const at::Tensor images = network->scale_input(digits.images.unsqueeze(1));
  const at::Tensor scores = network->forward(images, [&](std::size_t index, const at::Tensor& x) {
    return convolve_float(network->layers()[index], parameters[index], x);
  });
  EXPECT_EQ(right_digits(scores, digits), 9913);
  const auto ranges = measure_tensor_ranges(*network, parameters, 1,
                                            [&](std::size_t) { return images.slice(0, 0, 100); });
  const IntegerInference inference(*network, parameters,
                                   choose_integer_quantization(*network, parameters, ranges, {},
                                                               RequantizationRounding::nearest),
                                   {0, 1, 2, 3, 4});
  const auto engine = make_cpu_engine(1);
  const at::Tensor integer_scores =
      inference.predict(inference.input_codes(images), 10000, make_product_table("exact"), *engine);
  EXPECT_NEAR(static_cast<double>(right_digits(integer_scores, digits)), 9913.0, 10.0);
}

// The authors' own float prediction for their sample image.
TEST(FastDepth, PredictsItsSampleInIntegers) {
  const auto folder = test::data_folder() / "fastdepth";
  MBM_REQUIRE_DATA(folder);
  const auto network = make_network("fastdepth");
  const FastDepthWeights weights = read_fastdepth_weights(folder / "fastdepth_int8.npz", *network);
  auto parameters = select_layer_parameters(*network, weights.tensors, "fastdepth");
  std::vector<std::size_t> layers(network->layers().size());
  for (std::size_t i = 0; i < layers.size(); ++i) layers[i] = i;
  const at::Tensor image = to_tensor(read_npy(folder / "sample" / "rgb.npy"), "rgb")
                               .to(at::kFloat)
                               .permute({2, 0, 1})
                               .unsqueeze(0);
  const at::Tensor published =
      to_tensor(read_npy(folder / "sample" / "pred.npy"), "pred").to(at::kFloat);
  const auto engine = make_cpu_engine(1);
  const auto mean_deviation = [&] {
    const IntegerInference inference(*network, parameters, weights.quantization, layers);
    const at::Tensor prediction =
        inference.predict(inference.input_codes(image), 1, make_product_table("exact"), *engine);
    return at::mean(at::abs(prediction - published)).item<double>();
  };
  // Less than the step of the output, 0.0717 m; half of it is lost by rounding to it alone.
  EXPECT_LT(mean_deviation(), 0.0717);
  parameters.back().weight.mul_(1.2);  // one wrong layer is seen
  EXPECT_GT(mean_deviation(), 0.0717);
}

}  // namespace
}  // namespace mbm
