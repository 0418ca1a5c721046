#include "host/training/adamw.hpp"

#include <ATen/ATen.h>

#include <cmath>

namespace mbm {
namespace {

constexpr double kFirstDecay = 0.9;
constexpr double kSecondDecay = 0.999;
constexpr double kEpsilon = 1e-8;

}  // namespace

AdamW::AdamW(const NamedTensors& parameters, double weight_decay)
    : parameters_(parameters), weight_decay_(weight_decay) {
  for (const auto& [name, parameter] : parameters_) {
    first_moments_[name] = at::zeros(parameter.sizes());
    second_moments_[name] = at::zeros(parameter.sizes());
  }
}

void AdamW::update(std::int64_t step, double learning_rate) {
  const at::NoGradGuard no_gradients;
  const double first_bias = 1 - std::pow(kFirstDecay, static_cast<double>(step));
  const double second_bias = 1 - std::pow(kSecondDecay, static_cast<double>(step));
  for (auto& [name, parameter] : parameters_) {
    const at::Tensor gradient = parameter.grad().contiguous();
    if (parameter.dim() > 1) parameter.mul_(1 - learning_rate * weight_decay_);
    at::Tensor& first = first_moments_[name];
    at::Tensor& second = second_moments_[name];
    first.mul_(kFirstDecay).add_(gradient, 1 - kFirstDecay);
    second.mul_(kSecondDecay).addcmul_(gradient, gradient, 1 - kSecondDecay);
    const at::Tensor width = (second / second_bias).sqrt_().add_(kEpsilon);
    parameter.addcdiv_(first, width, -learning_rate / first_bias);
    parameter.mutable_grad().reset();
  }
}

NamedTensors AdamW::state() const {
  NamedTensors all;
  for (const auto& [name, moment] : first_moments_) all["first_moment." + name] = moment;
  for (const auto& [name, moment] : second_moments_) all["second_moment." + name] = moment;
  return all;
}

}  // namespace mbm
