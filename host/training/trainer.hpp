// The training loop, apart from where its pictures come from and what is printed about it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/training/adamw.hpp"
#include "host/training/trainable_network.hpp"
#include "host/training/training_source.hpp"

namespace mbm {

struct TrainingOptions {
  std::int64_t epochs = 6;
  std::int64_t batch_size = 8;
  double learning_rate = 3e-3;  // at its highest
  double weight_decay = 1e-2;
  std::uint64_t seed = 1;  // of initial weights, order of the pictures and their alterations
  std::string start = "";  // digest of the weights that training began from; empty: random ones
};

// Trains step by step. The same options, source, number of threads and version of libtorch give the
// same weights, whether or not the training was interrupted and resumed.
class Trainer {
 public:
  // From scratch. `network` and `source` must outlive the trainer. Throws Error(usage) for an
  // option out of range.
  Trainer(const Network& network, TrainingSource& source, const TrainingOptions& options);

  // What `model` already knows is trained further.
  Trainer(const Network& network, TrainingSource& source, const TrainingOptions& options,
          std::unique_ptr<TrainableNetwork> model);

  std::int64_t steps_done() const { return steps_done_; }
  std::int64_t total_steps() const { return options_.epochs * steps_per_epoch_; }

  // One step. Returns its loss; throws Error(mismatch) naming the step if it is not finite.
  double advance();

  // The one-cycle schedule of step `step`, from 0: up over the first twentieth, down along a cosine
  // to 0.
  double learning_rate(std::int64_t step) const;

  // Everything that resuming needs, in one safetensors file.
  void save_checkpoint(const std::filesystem::path& path) const;

  // Throws Error(input) if the file is of another training (network, options or source).
  void resume(const std::filesystem::path& path);

  const TrainableNetwork& model() const { return *model_; }

  // How the weights came to be, for their file.
  std::map<std::string, std::string> provenance() const;

 private:
  std::vector<std::size_t> batch_indices(std::int64_t step);
  NamedTensors state() const;

  const Network& network_;
  TrainingSource& source_;
  TrainingOptions options_;
  std::unique_ptr<TrainableNetwork> model_;
  AdamW optimizer_;
  std::int64_t steps_per_epoch_;
  std::int64_t steps_done_ = 0;
  std::int64_t shuffled_epoch_ = -1;
  std::vector<std::size_t> order_;  // of the pictures in shuffled_epoch_
};

}  // namespace mbm
