// Pooling, upsampling, addition and rescaling as vector commands on tensors in the scratchpad.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cmodel/array/lowering.hpp"
#include "cmodel/quantization/requantization.hpp"

namespace mbm {

struct PoolingWindow {
  std::int64_t height = 1;
  std::int64_t width = 1;
  std::int64_t stride = 1;
  std::int64_t padding = 0;  // what lies outside is left out
};

// One multiplier and shift for all channels, without bias.
struct UniformScale {
  ChannelRequantization channel;
  RequantizationRounding rounding = RequantizationRounding::nearest;
  std::int64_t lowest = -255;
  std::int64_t highest = 255;
};

enum class Interpolation16 { nearest, bilinear };  // positions with 16 bits of fraction

// Each appends the commands of one image. All throw Error(usage) that names the layer if shapes
// do not belong together or something does not fit.
void lower_maximum(LoweringContext& context, const std::string& layer, const PoolingWindow& window,
                   const TensorView& input, const TensorView& output);
// `in_bands`: appends nothing and returns what does, if the rows of all channels fit together.
std::unique_ptr<RowProducer> lower_resize(LoweringContext& context, const std::string& layer,
                                          Interpolation16 interpolation, const TensorView& input,
                                          const TensorView& output, bool in_bands = false);
void lower_addition(LoweringContext& context, const std::string& layer,
                    const AdditionRequantization& requantization, const TensorView& first,
                    const TensorView& second, const TensorView& output);
// The codes of a window, each scaled, summed and rounded: a window of 1 rescales, a larger one
// averages.
void lower_rescale(LoweringContext& context, const std::string& layer, const PoolingWindow& window,
                   const UniformScale& scale, const TensorView& input, const TensorView& output);
// The same codes at another place, or in another format.
void lower_copy(LoweringContext& context, const std::string& layer, const TensorView& input,
                const TensorView& output);

}  // namespace mbm
