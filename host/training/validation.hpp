// How well a network in training predicts pictures that it does not train on.
#pragma once

#include "host/dataset/digits.hpp"
#include "host/evaluation/depth_metrics.hpp"
#include "host/training/trainable_network.hpp"
#include "host/training/training_source.hpp"

namespace mbm {

// Means over pictures at the size of the prediction, half the picture's; the evaluation proper
// works at the picture's size.
DepthMetrics validate(const TrainableNetwork& model, DepthTrainingSource& source);

// Share of the digits whose label gets the highest score.
double digit_accuracy(const TrainableNetwork& model, const Network& network, const Digits& digits);

}  // namespace mbm
