#include "host/training/trainer.hpp"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "cmodel/common/error.hpp"
#include "host/format/safetensors.hpp"
#include "host/rooms/random_stream.hpp"

namespace mbm {
namespace {

constexpr double kWarmUpShare = 0.05;

// Independent streams of one seed: initial weights, order of an epoch, alterations of a step.
enum class Purpose : std::uint64_t { weights = 1, order = 2, augmentation = 3 };

std::uint64_t derived_seed(std::uint64_t seed, Purpose purpose, std::int64_t counter) {
  const std::uint64_t word = rooms::mix_bits(seed) + static_cast<std::uint64_t>(counter);
  return rooms::mix_bits(word ^ (static_cast<std::uint64_t>(purpose) << 56));
}

std::int64_t checked_steps_per_epoch(const TrainingSource& source, const TrainingOptions& options) {
  const auto pictures = static_cast<std::int64_t>(source.size());
  if (options.batch_size < 1 || options.batch_size > pictures) {
    fail(ErrorKind::usage, "batch size {} found, 1 to {} (the number of pictures) expected",
         options.batch_size, pictures);
  }
  if (options.epochs < 1)
    fail(ErrorKind::usage, "{} epochs found, 1 or more expected", options.epochs);
  if (!(options.learning_rate > 0)) {
    fail(ErrorKind::usage, "learning rate {} found, a positive one expected",
         options.learning_rate);
  }
  return pictures / options.batch_size;
}

}  // namespace

Trainer::Trainer(const Network& network, TrainingSource& source, const TrainingOptions& options)
    : Trainer(network, source, options,
              make_normalized_network(network, derived_seed(options.seed, Purpose::weights, 0))) {}

Trainer::Trainer(const Network& network, TrainingSource& source, const TrainingOptions& options,
                 std::unique_ptr<TrainableNetwork> model)
    : network_(network),
      source_(source),
      options_(options),
      model_(std::move(model)),
      optimizer_(model_->parameters(), options.weight_decay),
      steps_per_epoch_(checked_steps_per_epoch(source, options)) {}

double Trainer::learning_rate(std::int64_t step) const {
  const double progress = static_cast<double>(step) / static_cast<double>(total_steps());
  if (progress < kWarmUpShare)
    return options_.learning_rate * (0.05 + 0.95 * progress / kWarmUpShare);
  const double share = (progress - kWarmUpShare) / (1 - kWarmUpShare);
  return options_.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * share));
}

// The pictures left over at the end of an epoch's order wait for the next epoch's.
std::vector<std::size_t> Trainer::batch_indices(std::int64_t step) {
  const std::int64_t epoch = step / steps_per_epoch_;
  if (epoch != shuffled_epoch_) {
    order_.resize(source_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    rooms::RandomStream random(derived_seed(options_.seed, Purpose::order, epoch));
    for (std::size_t last = order_.size() - 1; last > 0; --last) {
      const auto other = static_cast<std::size_t>(random.below(static_cast<int>(last) + 1));
      std::swap(order_[last], order_[other]);
    }
    shuffled_epoch_ = epoch;
  }
  const auto begin = order_.begin() + (step % steps_per_epoch_) * options_.batch_size;
  return {begin, begin + options_.batch_size};
}

double Trainer::advance() {
  rooms::RandomStream random(derived_seed(options_.seed, Purpose::augmentation, steps_done_));
  const Batch batch = source_.make_batch(batch_indices(steps_done_), random);
  const at::Tensor loss = source_.loss(model_->forward_training(batch.images), batch.targets);
  const auto value = loss.item<double>();
  if (!std::isfinite(value)) {
    fail(ErrorKind::mismatch, "training diverged: the loss of step {} is {}; lower --learning-rate",
         steps_done_ + 1, value);
  }
  loss.backward();
  optimizer_.update(steps_done_ + 1, learning_rate(steps_done_));
  ++steps_done_;
  return value;
}

NamedTensors Trainer::state() const {
  NamedTensors all = model_->state();
  all.merge(optimizer_.state());
  return all;
}

std::map<std::string, std::string> Trainer::provenance() const {
  std::map<std::string, std::string> all = model_->provenance();
  all.merge(std::map<std::string, std::string>{
      {"network", network_.name()},
      {"pictures", source_.description()},
      {"epochs", fmt::format("{}", options_.epochs)},
      {"batch_size", fmt::format("{}", options_.batch_size)},
      {"learning_rate", fmt::format("{}", options_.learning_rate)},
      {"weight_decay", fmt::format("{}", options_.weight_decay)},
      {"seed", fmt::format("{}", options_.seed)},
      {"steps", fmt::format("{}", steps_done_)}});
  if (!options_.start.empty()) all["weights_sha256"] = options_.start;
  return all;
}

void Trainer::save_checkpoint(const std::filesystem::path& path) const {
  NamedTensors tensors;
  for (const auto& [name, tensor] : state()) {
    tensors[name] = tensor.detach().contiguous();
    if (!at::isfinite(tensors[name]).all().item<bool>()) {
      fail(ErrorKind::mismatch, "training diverged: {} is not finite at step {}", name,
           steps_done_);
    }
  }
  write_safetensors(path, tensors, provenance());
}

void Trainer::resume(const std::filesystem::path& path) {
  auto found = read_safetensors_metadata(path);
  for (const auto& [key, expected] : provenance()) {
    if (key != "steps" && found[key] != expected) {
      fail(ErrorKind::input, "{}: a training with {} '{}', expected '{}'", path.string(), key,
           found[key], expected);
    }
  }
  const NamedTensors saved = read_safetensors(path);
  const at::NoGradGuard no_gradients;
  for (auto& [name, tensor] : state()) {
    const auto entry = saved.find(name);
    if (entry == saved.end() || entry->second.sizes() != tensor.sizes()) {
      fail(ErrorKind::input, "{}: tensor {} is missing or of another shape", path.string(), name);
    }
    at::Tensor target = tensor;
    target.copy_(entry->second);
  }
  steps_done_ = std::stoll(found["steps"]);
}

}  // namespace mbm
