// Batches of pictures, altered at random so that a network sees none twice.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <span>

#include "host/rooms/random_stream.hpp"
#include "host/training/training_source.hpp"

namespace mbm {

struct Batch {
  at::Tensor images;  // float32 batch x 3 x height x width, 0..1, channels last in memory
  at::Tensor depth;   // float32 batch x 1 x height/2 x width/2, metres; 0 where unmeasured
};

// The pictures as they are.
Batch make_batch(TrainingSource& source, std::span<const std::size_t> indices);

// Mirrored with probability 1/2, brightness, contrast and the colour channels changed a little.
Batch make_augmented_batch(TrainingSource& source, std::span<const std::size_t> indices,
                           rooms::RandomStream& random);

}  // namespace mbm
