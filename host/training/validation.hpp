// A quick look at how well a network in training predicts.
#pragma once

#include <string>

#include "host/training/trainable_network.hpp"
#include "host/training/training_source.hpp"

namespace mbm {

// Means over pictures, at the size of the prediction; the evaluation proper works at the picture's
// size.
struct ValidationScores {
  double a1 = 0;   // share of pixels with max(t / p, p / t) < 1.25
  double rel = 0;  // mean of |t - p| / t
};

ValidationScores validate(const TrainableNetwork& model, TrainingSource& source);

std::string describe(const ValidationScores& scores);

}  // namespace mbm
