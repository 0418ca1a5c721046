#include "cmodel/convolution/accumulator_limit.hpp"

#include <bit>

#include "cmodel/common/error.hpp"
#include "cmodel/quantization/requantization.hpp"

namespace mbm {
namespace {

constexpr int kMostArrayRows = 1024;

}  // namespace

void AccumulatorLimit::validate() const {
  if (bits < kFewestAccumulatorBits || bits > kMostAccumulatorBits) {
    fail(ErrorKind::usage, "accumulators of {} bits found, {} to {} expected", bits,
         kFewestAccumulatorBits, kMostAccumulatorBits);
  }
  if (array_rows < 1 || array_rows > kMostArrayRows) {
    fail(ErrorKind::usage, "an array of {} rows found, 1 to {} expected", array_rows,
         kMostArrayRows);
  }
}

std::int32_t limited(std::int64_t sum, const AccumulatorLimit& limit) {
  if (limit.overflow == AccumulatorOverflow::saturate) {
    return static_cast<std::int32_t>(saturate_to_bits(sum, limit.bits));
  }
  const int unused = 64 - limit.bits;
  const auto shifted = static_cast<std::uint64_t>(sum) << unused;
  return static_cast<std::int32_t>(static_cast<std::int64_t>(shifted) >> unused);
}

int bits_needed(std::int64_t sum) {
  return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(sum < 0 ? ~sum : sum))) + 1;
}

AccumulatorOverflow parse_accumulator_overflow(std::string_view name) {
  if (name == "saturate") return AccumulatorOverflow::saturate;
  if (name == "wrap") return AccumulatorOverflow::wrap;
  fail(ErrorKind::usage, "unknown overflow '{}'; expected saturate or wrap", name);
}

LimitedAdditions parse_limited_additions(std::string_view name) {
  if (name == "every") return LimitedAdditions::every;
  if (name == "last") return LimitedAdditions::last;
  fail(ErrorKind::usage, "unknown additions '{}'; expected every or last", name);
}

AdditionOrder parse_addition_order(std::string_view name) {
  if (name == "loop") return AdditionOrder::loop;
  if (name == "array") return AdditionOrder::array;
  fail(ErrorKind::usage, "unknown order of addition '{}'; expected loop or array", name);
}

}  // namespace mbm
