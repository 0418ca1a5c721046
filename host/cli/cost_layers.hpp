// Layers of a network with their operands, for `mbm cost`.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/energy/array_sample.hpp"
#include "cmodel/energy/layer_energy.hpp"
#include "host/cli/study_options.hpp"

namespace mbm {

struct CostLayer {
  std::string name;
  ConvolutionProblem problem;
  ArraySample sample;
  LayerCounts counts;
};

struct SampleOptions {
  std::size_t image = 0;
  std::int64_t tiles = 6;
  std::int64_t positions = 64;
  bool counts = false;  // predict cycles as well
};

// The layers with the given indices, on image `options.image`: what reaches a layer is that of the
// float network before it, quantised as `mbm run` does; tiles and counts are those of the
// accelerator's program for the layer alone.
std::vector<CostLayer> sample_layers(const StudyInputs& inputs, const StudyOptions& study,
                                     const std::vector<std::size_t>& layers,
                                     const AcceleratorParameters& parameters,
                                     const SampleOptions& options);

}  // namespace mbm
