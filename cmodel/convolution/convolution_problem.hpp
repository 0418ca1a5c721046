// Geometry of a two-dimensional convolution, and nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace mbm {

// Tensors are row-major: activations (batch, input_channels, input_height, input_width), weights
// (output_channels, input_channels / groups, kernel_height, kernel_width), results (batch,
// output_channels, output_height, output_width).
struct ConvolutionProblem {
  std::int64_t batch = 1;
  std::int64_t input_channels = 1;
  std::int64_t input_height = 1;
  std::int64_t input_width = 1;
  std::int64_t output_channels = 1;
  std::int64_t kernel_height = 1;
  std::int64_t kernel_width = 1;
  std::int64_t stride = 1;    // both directions, at least 1
  std::int64_t padding = 0;   // zeros on all four sides
  std::int64_t dilation = 1;  // both directions, at least 1
  std::int64_t groups = 1;    // divides input and output channels; depthwise if equal to both

  bool operator==(const ConvolutionProblem&) const = default;

  std::int64_t output_height() const {
    return (input_height + 2 * padding - dilation * (kernel_height - 1) - 1) / stride + 1;
  }
  std::int64_t output_width() const {
    return (input_width + 2 * padding - dilation * (kernel_width - 1) - 1) / stride + 1;
  }
  std::int64_t input_channels_per_group() const { return input_channels / groups; }
  std::int64_t output_channels_per_group() const { return output_channels / groups; }

  // Products that are summed into one output: the reduction length K.
  std::int64_t reduction_length() const {
    return input_channels_per_group() * kernel_height * kernel_width;
  }
  std::int64_t activation_count() const {
    return batch * input_channels * input_height * input_width;
  }
  std::int64_t weight_count() const { return output_channels * reduction_length(); }
  std::int64_t output_count() const {
    return batch * output_channels * output_height() * output_width();
  }
  // Products of the whole problem, those with padding zeros included (the usual MAC count).
  std::int64_t product_count() const { return output_count() * reduction_length(); }

  // Throws Error(usage) that names the first field that is out of range.
  void validate() const;

  // Throws Error(usage) unless `found` is output_count().
  void require_output_count(std::size_t found) const;

  // For messages: "1x256x60x80 * 128x256x3x3 s1 p1 d1 g1".
  std::string description() const;
};

}  // namespace mbm
