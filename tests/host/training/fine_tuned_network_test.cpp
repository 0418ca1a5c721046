// Training further with approximate products: the forward pass is inference, the backward pass that
// of the exact convolution.
#include "host/training/fine_tuned_network.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>

#include "host/inference/mixed_network.hpp"
#include "host/network/lenet5.hpp"
#include "host/training/trainer.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

FineTuningOptions options_of(const Network& network, const char* multiplier) {
  FineTuningOptions options;
  for (std::size_t i = 0; i < network.layers().size(); ++i) options.layers.push_back(i);
  if (multiplier != nullptr) options.table = make_product_table(multiplier);
  return options;
}

at::Tensor images_of(const Network& network, std::size_t count) {
  return network.scale_input(drawn_digits(count, 3).images.unsqueeze(1));
}

// What mbm run computes with the training's scales.
at::Tensor inferred(const Network& network, const FineTunedNetwork& model, const char* multiplier,
                    const at::Tensor& images) {
  const auto parameters = select_layer_parameters(network, model.fold(), "fold");
  const MixedNetwork mixed(network, parameters, model.calibration());
  const auto engine = make_cpu_engine(1);
  const ProductTable table = make_product_table(multiplier);
  std::vector<std::size_t> layers(network.layers().size());
  for (std::size_t i = 0; i < layers.size(); ++i) layers[i] = i;
  const FloatPass pass = run_float(network, parameters, images);
  return mixed.run(images, pass, products_of(network, layers, table), *engine).prediction;
}

TEST(FineTunedNetwork, ForwardIsWhatInferenceComputes) {
  const auto network = make_lenet5();
  FineTunedNetwork model(*network, seeded_parameters(*network, 1), options_of(*network, "drum:4"));
  const at::Tensor images = images_of(*network, 4);
  const at::Tensor trained = model.forward_training(images).detach();
  EXPECT_TRUE(at::equal(trained, inferred(*network, model, "drum:4", images)));
  EXPECT_TRUE(at::equal(trained, model.forward_evaluation(images)));
  EXPECT_FALSE(at::equal(trained, inferred(*network, model, "exact", images)));
}

// With exact products and operands that are codes already, the gradients are those of the float
// network, whatever the products of the forward pass are.
TEST(FineTunedNetwork, GradientsAreThoseOfTheExactConvolution) {
  Graph graph({2, 4, 4});
  ConvolutionProblem problem;
  problem.input_channels = 2;
  problem.output_channels = 3;
  problem.kernel_height = problem.kernel_width = 3;
  graph.convolve({"only", "only", problem}, 0);
  const Network network("single", std::move(graph), Prediction::class_scores);
  at::Tensor weight = at::remainder(at::arange(3 * 2 * 9, at::kFloat), 100).reshape({3, 2, 3, 3});
  weight[0][0][0][0] = weight[1][0][0][0] = weight[2][0][0][0] = 255;
  at::Tensor images = at::remainder(at::arange(2 * 16, at::kFloat) * 7, 200).reshape({1, 2, 4, 4});
  images[0][0][0][0] = 255;
  const auto gradient = [&](const char* multiplier) {
    FineTuningOptions options;
    options.layers = {0};
    if (multiplier != nullptr) options.table = make_product_table(multiplier);
    FineTunedNetwork model(network, {{weight, at::zeros({3})}}, options);
    const at::Tensor output = model.forward_training(images);
    (output * output.detach().sign() *
     at::arange(output.numel(), at::kFloat).reshape(output.sizes()))
        .sum()
        .backward();
    return model.parameters().at("only.weight").grad().clone();
  };
  EXPECT_TRUE(at::allclose(gradient("exact"), gradient(nullptr)));
  EXPECT_TRUE(at::allclose(gradient("mbm"), gradient(nullptr)));
}

TEST(FineTunedNetwork, OnlyChosenLayersLearn) {
  const auto network = make_lenet5();
  const auto parameters = seeded_parameters(*network, 1);
  FineTuningOptions options;
  options.layers = {network->layer_index("F6")};
  options.table = make_product_table("mbm");
  auto model = std::make_unique<FineTunedNetwork>(*network, parameters, options);
  EXPECT_EQ(model->parameters().size(), 2U);
  const auto source = make_digits_source(*network, drawn_digits(8, 1), "digits");
  Trainer trainer(*network, *source, {.epochs = 1, .batch_size = 4}, std::move(model));
  trainer.advance();
  trainer.advance();
  const NamedTensors after = trainer.model().fold();
  EXPECT_TRUE(at::equal(after.at("body.conv1.weight"), parameters[0].weight));
  EXPECT_FALSE(at::equal(after.at("head.fc2.weight"), parameters[options.layers[0]].weight));
}

double last_loss(double learning_rate) {
  const auto network = make_lenet5();
  const auto source = make_digits_source(*network, drawn_digits(64, 1), "digits");
  Trainer trainer(*network, *source,
                  {.epochs = 8, .batch_size = 16, .learning_rate = learning_rate, .seed = 5},
                  std::make_unique<FineTunedNetwork>(*network, seeded_parameters(*network, 1),
                                                     options_of(*network, "drum:3")));
  double loss = 0;
  while (trainer.steps_done() < trainer.total_steps()) loss = trainer.advance();
  return loss;
}

TEST(FineTunedNetwork, LearnsThroughABadMultiplier) {
  EXPECT_LT(last_loss(2e-3), 0.7 * last_loss(1e-9));
}

TEST(FineTunedNetwork, ResumedEqualsUninterrupted) {
  const test::TemporaryFolder folder;
  const auto network = make_lenet5();
  const auto source = make_digits_source(*network, drawn_digits(16, 1), "digits");
  const auto trainer_of = [&](const char* multiplier) {
    return Trainer(*network, *source, {.epochs = 2, .batch_size = 4, .seed = 5},
                   std::make_unique<FineTunedNetwork>(*network, seeded_parameters(*network, 1),
                                                      options_of(*network, multiplier)));
  };
  Trainer whole = trainer_of("mbm");
  for (int step = 0; step < 3; ++step) whole.advance();
  whole.save_checkpoint(folder / "checkpoint");
  for (int step = 0; step < 3; ++step) whole.advance();
  Trainer resumed = trainer_of("mbm");
  resumed.resume(folder / "checkpoint");
  for (int step = 0; step < 3; ++step) resumed.advance();
  const NamedTensors expected = whole.model().fold();
  const NamedTensors found = resumed.model().fold();
  for (const auto& [name, tensor] : expected)
    EXPECT_TRUE(at::equal(tensor, found.at(name))) << name;
  Trainer other = trainer_of("mitchell");
  test::expect_input_error({"multiplier 'mbm'", "expected 'mitchell'"},
                           [&] { other.resume(folder / "checkpoint"); });
}

TEST(FineTunedNetwork, RefusesWhatItCannotLearnFrom) {
  const auto network = make_lenet5();
  auto parameters = seeded_parameters(*network, 1);
  FineTuningOptions options = options_of(*network, "mbm");
  options.scheme.activation_range = RangeMethod::percentile;
  test::expect_error(ErrorKind::usage, {"max-abs", "percentile"},
                     [&] { FineTunedNetwork(*network, parameters, options); });
  parameters[2].weight[0][0][0][0] = std::numeric_limits<float>::quiet_NaN();
  test::expect_input_error({"layer C5", "not finite"}, [&] {
    FineTunedNetwork(*network, parameters, options_of(*network, "mbm"));
  });
}

}  // namespace
}  // namespace mbm
