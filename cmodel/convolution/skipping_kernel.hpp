// Look-ups that skip activations of 0: output channels are the lanes, an activation chooses a row
// of the table, and the magnitudes of the weights, of 7 bits, are looked up in it. Half of the work
// falls away where half of the activations are 0, as after a ReLU; a plan whose lanes are pixels
// cannot leave any out.
#pragma once

#include <cstdint>
#include <span>

#include "cmodel/common/aligned_vector.hpp"
#include "cmodel/multiplier/product_table.hpp"

namespace mbm {

inline constexpr int kSkippingLanes = 64;        // output channels of a vector
inline constexpr int kSkippingVectors = 4;       // most of a call
inline constexpr int kSkippingWeights = 128;     // magnitudes 0..127
inline constexpr int kSkippingProducts = 32640;  // products of those are below this

// Input channels whose activations are listed together: their weights and the table's rows that are
// used most lie in the first-level cache, their sums in 16 bits.
inline constexpr int kSkippingBlock = 128;

// Most activations other than 0 of a pixel: 65,535 * 32,639 < 2^31.
inline constexpr std::int64_t kSkippingEntries = 65535;

// An activation other than 0: its channel within the block, and its code.
using ActivationEntry = std::uint32_t;
constexpr ActivationEntry make_activation_entry(std::uint32_t channel, int code) {
  return channel << 9 | static_cast<std::uint32_t>(code + 255);
}

// One call: adds the products of activations that one pixel reads, at most kSkippingBlock, to its
// sums. For each channel of the block there is a row of `vectors` * kSkippingLanes weights, in the
// order of lane_of_channel.
struct SkippingProduct {
  std::span<const ActivationEntry> activations;
  const std::uint8_t* weights = nullptr;
  const std::uint8_t* table = nullptr;
  int vectors = 0;
  std::int32_t* sums = nullptr;
};

struct SkippingKernel {
  // The byte of a weight -127..127.
  static constexpr std::uint8_t weight_byte(int code) {
    return static_cast<std::uint8_t>(code < 0 ? 128 - code : code);
  }

  // Where a vector of weights holds output channel 0..63, so that sums come out in order: bytes are
  // summed as the even and the odd ones of 16-bit words, whose sums of both planes are interleaved.
  static constexpr int lane_of_channel(int channel) {
    return channel % 16 / 4 * 16 + (channel / 16 % 2 * 4 + channel % 4) * 2 + channel / 32;
  }

  // The form of a table that `add` reads: a row for each activation -255..255. Entries of products
  // from kSkippingProducts on hold anything.
  AlignedVector<std::uint8_t> (*make_table)(const ProductTable& table);

  // Sums are exact for at most kSkippingEntries products.
  void (*add)(const SkippingProduct& product);
};

// AVX-512 with VBMI.
SkippingKernel vbmi_skipping_kernel();

}  // namespace mbm
