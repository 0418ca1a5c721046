// Batches of pictures with depth, altered at random so that a network sees none twice.
#pragma once

#include <cstddef>
#include <span>

#include "host/rooms/random_stream.hpp"
#include "host/training/training_source.hpp"

namespace mbm {

// The pictures as they are, in 0..1, channels last in memory.
Batch make_batch(DepthTrainingSource& source, std::span<const std::size_t> indices);

// Mirrored with probability 1/2, brightness, contrast and the colour channels changed a little.
Batch make_augmented_batch(DepthTrainingSource& source, std::span<const std::size_t> indices,
                           rooms::RandomStream& random);

}  // namespace mbm
