// The operations a network is made of. Tensors have the layout (batch, channels, height, width); a
// vector of features is a tensor of height and width 1.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace mbm {

// Size of a tensor without its batch.
struct FeatureShape {
  std::int64_t channels = 1;
  std::int64_t height = 1;
  std::int64_t width = 1;

  bool operator==(const FeatureShape&) const = default;

  std::int64_t count() const { return channels * height * width; }

  // For messages: "32x15x20".
  std::string description() const;
};

struct InputOperation {};

// The convolution of a layer of the graph's table, bias included.
struct ConvolutionOperation {
  std::size_t layer = 0;
};

// clamp(x, lower, upper): ReLU is 0 to infinity, ReLU6 is 0 to 6.
struct ClipOperation {
  double lower = 0.0;
  double upper = 0.0;
};

// x for x >= 0, slope * x below.
struct LeakyReluOperation {
  double slope = 0.0;
};

struct SigmoidOperation {};

// Over the channels of a pixel.
struct SoftmaxOperation {};

// A window that slides over each channel; the padding, on all four sides, is never the maximum.
struct MaxPoolOperation {
  std::int64_t kernel_height = 1;
  std::int64_t kernel_width = 1;
  std::int64_t stride = 1;
  std::int64_t padding = 0;
};

struct AveragePoolOperation {
  std::int64_t kernel_height = 1;
  std::int64_t kernel_width = 1;
  std::int64_t stride = 1;
  std::int64_t padding = 0;
  bool counts_padding = false;  // whether the divisor counts the zeros of the padding
};

enum class Interpolation {
  nearest,              // source pixel floor(o * input size / output size)
  bilinear_aligned,     // the corner pixels of both images coincide (align_corners)
  bilinear_half_pixel,  // the edges of both images coincide
};

// To height x width, or to the size of a second input, which at the network's input size is the
// same.
struct ResizeOperation {
  Interpolation interpolation = Interpolation::nearest;
  std::int64_t height = 1;
  std::int64_t width = 1;
};

// Rows and columns of zeros; negative counts cut off.
struct PadOperation {
  std::int64_t top = 0;
  std::int64_t left = 0;
  std::int64_t bottom = 0;
  std::int64_t right = 0;
};

// stride - 1 zeros between neighbouring pixels and `last` more rows and columns of them at the
// bottom and at the right: what makes a transposed convolution an ordinary one.
struct InsertZerosOperation {
  std::int64_t stride = 1;
  std::int64_t last = 0;
};

struct AddOperation {};

// One behind the other, along the channels.
struct ConcatenationOperation {};

// (channels, height, width) to (channels * height * width, 1, 1), in the order of memory.
struct FlattenOperation {};

using Operation =
    std::variant<InputOperation, ConvolutionOperation, ClipOperation, LeakyReluOperation,
                 SigmoidOperation, SoftmaxOperation, MaxPoolOperation, AveragePoolOperation,
                 ResizeOperation, PadOperation, InsertZerosOperation, AddOperation,
                 ConcatenationOperation, FlattenOperation>;

// What an operation is called in messages: "max-pool".
std::string operation_name(const Operation& operation);

}  // namespace mbm
