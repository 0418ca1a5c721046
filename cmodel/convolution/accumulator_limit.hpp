// Accumulators of limited width: how many bits they have, what happens beyond them, and after which
// additions. This is the one definition of both; ReferenceEngine::run_limited() is it as a loop.
//
// A sum is made of addends a_1, a_2, ... in an order. With limit(s) the number that b bits keep of
// s,
//
//     every addition:  s_0 = 0, s_n = limit(s_{n-1} + a_n), result s_N     hardware
//     the end:         result limit(a_1 + a_2 + ... + a_N)                 the LeNet-5 study
//
// limit(s) is saturate_to_bits(s, b), or s wrapped to two's complement of b bits. Wrapping is
// arithmetic modulo 2^b, so that there both are the same and no order counts; saturation depends on
// the order. There are two:
//
//     loop   the reference loop's: channels of the group, then kernel rows, then kernel columns;
//            each product is an addend
//     array  the accelerator's (docs/accelerator.md, section 3): for each kernel row the operands
//     as
//            they lie in memory, kernel columns and then channels, in chunks of as many as the
//            array has rows; a column adds a chunk's products exactly and the chunk's sum is an
//            addend. A layer with groups or dilation has its runs cut after each tap. This is the
//            order without the packings along x and over groups, which move the cuts.
#pragma once

#include <cstdint>
#include <string_view>

namespace mbm {

enum class AccumulatorOverflow { saturate, wrap };
enum class LimitedAdditions { every, last };
enum class AdditionOrder { loop, array };

struct AccumulatorLimit {
  int bits = 32;  // kFewestAccumulatorBits..kMostAccumulatorBits
  AccumulatorOverflow overflow = AccumulatorOverflow::saturate;
  LimitedAdditions additions = LimitedAdditions::every;
  AdditionOrder order = AdditionOrder::loop;
  int array_rows = 16;  // of AdditionOrder::array, 1..1024

  bool operator==(const AccumulatorLimit&) const = default;

  // Throws Error(usage) that names what is out of range.
  void validate() const;
};

inline constexpr int kFewestAccumulatorBits = 8;
inline constexpr int kMostAccumulatorBits = 32;

// What an accumulator of the limit's width keeps of `sum`.
std::int32_t limited(std::int64_t sum, const AccumulatorLimit& limit);

// Bits of two's complement that hold `sum`, at least 1.
int bits_needed(std::int64_t sum);

// Names as options have them: "saturate", "wrap"; "every", "last"; "loop", "array". Throw
// Error(usage) for another one.
AccumulatorOverflow parse_accumulator_overflow(std::string_view name);
LimitedAdditions parse_limited_additions(std::string_view name);
AdditionOrder parse_addition_order(std::string_view name);

}  // namespace mbm
