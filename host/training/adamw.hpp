// AdamW (Loshchilov, Hutter, ICLR 2019), with its state in named tensors so that it can be saved.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "host/format/named_tensors.hpp"

namespace mbm {

class AdamW {
 public:
  // Shares the tensors of `parameters`. Weight decay applies to tensors of more than one dimension:
  // convolution weights, not biases or scales.
  AdamW(const NamedTensors& parameters, double weight_decay);

  // One step with the gradients that backward() left, which are cleared. `step` counts from 1.
  void update(std::int64_t step, double learning_rate);

  // Both moments by name ("first_moment.NAME", "second_moment.NAME"), shared with this object.
  NamedTensors state() const;

 private:
  NamedTensors parameters_;
  NamedTensors first_moments_;
  NamedTensors second_moments_;
  double weight_decay_;
};

}  // namespace mbm
