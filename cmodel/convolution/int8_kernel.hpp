// Integer matrix products of 8-bit factors for factored tables: unsigned activations by signed
// weights, summed in 32 bits modulo 2^32. Output channels are the lanes of a vector and the
// activations of a pixel lie side by side (channels last), so that the taps of a kernel are offsets
// within one tile of activations and nothing is copied per tap.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace mbm {

inline constexpr int kInt8Lanes = 16;  // output channels of one vector
inline constexpr int kInt8Panel = 64;  // most output channels of one panel of weights
inline constexpr int kInt8Chunk = 16;  // input channels packed at once

// `quads` times four activations of every pixel, from `offset` bytes behind the pixel's first.
struct Int8Segment {
  std::int32_t offset = 0;
  std::int32_t quads = 0;
};

// sums[pixel][lane] (+)= sum over the quads of all segments of activation * weight.
struct Int8Product {
  const std::uint8_t* activations = nullptr;
  std::span<const std::int32_t> pixels;  // offset of each; a multiple of int8_tile_pixels(vectors)
  std::span<const Int8Segment> segments;
  const std::int8_t* weights = nullptr;  // (quads, 16 * vectors lanes, 4)
  int vectors = 0;                       // 1..4
  bool overwrite = false;                // else the sums are added to
  std::int32_t* sums = nullptr;          // (pixels, 16 * vectors)
  std::span<const std::int8_t> next;     // weights of the next call, to be fetched meanwhile
};

// Pixels that the kernel computes at once.
constexpr int int8_tile_pixels(int vectors) {
  return vectors == 4 ? 6 : 8;
}

// The factors of one term: factor(code) = factors[|code|] with the code's sign, less `smallest`,
// lies in 0..255.
struct Int8Map {
  bool identity = false;                  // factors[i] = i
  std::array<std::uint8_t, 256> factors;  // modulo 256
  std::int16_t smallest = 0;
};

struct Int8Kernel {
  void (*accumulate)(const Int8Product& product);

  // out[pixel * pixel_stride + channel] = factor of rows[channel][pixel], for `pixels` neighbouring
  // pixels of kInt8Chunk rows; only the first `bytes` channels (a multiple of 4) are written.
  void (*pack)(const std::array<const std::int16_t*, kInt8Chunk>& rows, std::int64_t pixels,
               const Int8Map& map, int bytes, std::uint8_t* out, std::int64_t pixel_stride);

  // out[channel * channel_stride + pixel] = sums[pixel * sums_stride + channel] +
  // corrections[channel], modulo 2^32, for up to kInt8Lanes channels.
  void (*store)(const std::int32_t* sums, std::int64_t sums_stride, std::int64_t pixels,
                int channels, const std::int32_t* corrections, std::int32_t* out,
                std::int64_t channel_stride);
};

// AVX-512 with VNNI and VBMI.
Int8Kernel vnni_int8_kernel();

}  // namespace mbm
