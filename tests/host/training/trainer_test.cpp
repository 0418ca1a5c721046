#include "host/training/trainer.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "host/network/layer_parameters.hpp"
#include "tests/host/training/fixtures.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

constexpr TrainingOptions kOptions{.epochs = 12, .batch_size = 4, .learning_rate = 0.01, .seed = 7};

double mean_loss(Trainer& trainer, int steps) {
  double sum = 0;
  for (int step = 0; step < steps; ++step) sum += trainer.advance();
  return sum / steps;
}

bool same_tensors(const NamedTensors& a, const NamedTensors& b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.begin(), a.end(), [&](const auto& entry) {
    return b.contains(entry.first) && at::equal(entry.second, b.at(entry.first));
  });
}

// Mean loss of the last eight steps over that of the first eight, of 100.
double loss_ratio(double learning_rate) {
  const auto network = test::make_tiny_network();
  test::BrightnessSource source(16);
  TrainingOptions options = kOptions;
  options.epochs = 25;
  options.learning_rate = learning_rate;
  Trainer trainer(*network, source, options);
  const double first = mean_loss(trainer, 8);
  mean_loss(trainer, 84);
  return mean_loss(trainer, 8) / first;
}

TEST(Trainer, LossFalls) {
  EXPECT_LT(loss_ratio(0.01), 0.6);
  EXPECT_GT(loss_ratio(1e-9), 0.8);  // and it is the training that makes it fall
}

// The folded network, run by the inference code, against the network with its normalisation.
TEST(Trainer, FoldingKeepsTheNetwork) {
  const auto network = test::make_tiny_network();
  test::BrightnessSource source(8);
  Trainer trainer(*network, source, kOptions);
  mean_loss(trainer, 6);
  const at::Tensor images = source.samples()[0].rgb.to(at::kFloat).div(255).unsqueeze(0);
  const at::Tensor expected = trainer.model().forward_evaluation(images);

  NamedTensors folded = trainer.model().fold();
  const auto infer = [&] {
    const auto parameters = select_layer_parameters(*network, folded, "folded");
    return network->forward(images, [&](std::size_t index, const at::Tensor& input) {
      return convolve_float(network->layers()[index], parameters[index], input);
    });
  };
  EXPECT_EQ(folded.size(), 2 * network->layers().size());
  EXPECT_LT((infer() - expected).abs().max().item<double>(), 1e-4);

  folded.at("decoder.up5.convA.bias")[0].add_(0.1);  // the comparison must notice one bias
  EXPECT_GT((infer() - expected).abs().max().item<double>(), 1e-4);
}

TEST(Trainer, SameSeedSameWeights) {
  const auto network = test::make_tiny_network();
  test::BrightnessSource source(8);
  Trainer first(*network, source, kOptions);
  Trainer second(*network, source, kOptions);
  TrainingOptions other_options = kOptions;
  other_options.seed = 8;
  Trainer other(*network, source, other_options);
  for (Trainer* trainer : {&first, &second, &other}) mean_loss(*trainer, 3);
  EXPECT_TRUE(same_tensors(first.model().fold(), second.model().fold()));
  EXPECT_FALSE(same_tensors(first.model().fold(), other.model().fold()));
}

TEST(Trainer, ResumedEqualsUninterrupted) {
  const test::TemporaryFolder folder;
  const auto network = test::make_tiny_network();
  test::BrightnessSource source(8);
  Trainer whole(*network, source, kOptions);
  mean_loss(whole, 3);  // within an epoch of two steps: the order must be found again
  whole.save_checkpoint(folder / "checkpoint.safetensors");
  mean_loss(whole, 4);

  Trainer resumed(*network, source, kOptions);
  resumed.resume(folder / "checkpoint.safetensors");
  EXPECT_EQ(resumed.steps_done(), 3);
  EXPECT_FALSE(same_tensors(whole.model().fold(), resumed.model().fold()));
  mean_loss(resumed, 4);
  EXPECT_TRUE(same_tensors(whole.model().fold(), resumed.model().fold()));
}

TEST(Trainer, RefusesTheCheckpointOfAnotherTraining) {
  const test::TemporaryFolder folder;
  const auto network = test::make_tiny_network();
  test::BrightnessSource source(8);
  const auto path = folder / "checkpoint.safetensors";
  Trainer(*network, source, kOptions).save_checkpoint(path);
  TrainingOptions other_options = kOptions;
  other_options.seed = 8;
  Trainer other(*network, source, other_options);
  test::expect_input_error({path.string(), "seed '7'", "expected '8'"},
                           [&] { other.resume(path); });

  std::string bytes = test::read_bytes(path);
  test::write_bytes(path, bytes.substr(0, bytes.size() - 100));
  Trainer same(*network, source, kOptions);
  test::expect_input_error({path.string()}, [&] { same.resume(path); });
}

TEST(Trainer, StopsAtALossThatIsNotFinite) {
  const auto network = test::make_tiny_network();
  test::BrightnessSource source(4);
  source.samples()[2].depth[3][5] = std::numeric_limits<float>::infinity();
  Trainer trainer(*network, source, kOptions);
  test::expect_error(ErrorKind::mismatch, {"step 1", "diverged"}, [&] { trainer.advance(); });
}

TEST(Trainer, RefusesOptionsOutOfRange) {
  const auto network = test::make_tiny_network();
  test::BrightnessSource source(4);
  const auto construct = [&](std::int64_t batch, std::int64_t epochs, double rate) {
    TrainingOptions options = kOptions;
    options.batch_size = batch;
    options.epochs = epochs;
    options.learning_rate = rate;
    return Trainer(*network, source, options);
  };
  test::expect_error(ErrorKind::usage, {"batch size 5", "1 to 4"}, [&] { construct(5, 1, 0.1); });
  test::expect_error(ErrorKind::usage, {"batch size 0"}, [&] { construct(0, 1, 0.1); });
  test::expect_error(ErrorKind::usage, {"0 epochs"}, [&] { construct(4, 0, 0.1); });
  test::expect_error(ErrorKind::usage, {"learning rate 0"}, [&] { construct(4, 1, 0); });
}

TEST(Trainer, ScheduleRisesThenFallsToZero) {
  const auto network = test::make_tiny_network();
  test::BrightnessSource source(16);
  TrainingOptions options = kOptions;
  options.epochs = 25;  // 100 steps, 5 of them warming up
  const Trainer trainer(*network, source, options);
  EXPECT_NEAR(trainer.learning_rate(0), 0.0005, 1e-12);
  EXPECT_NEAR(trainer.learning_rate(5), 0.01, 1e-12);
  EXPECT_NEAR(trainer.learning_rate(52), 0.01 * 0.5 * (1 + std::cos(M_PI * 47 / 95)), 1e-12);
  EXPECT_GT(trainer.learning_rate(99), 0);
  EXPECT_NEAR(trainer.learning_rate(100), 0, 1e-12);
}

}  // namespace
}  // namespace mbm
