// The requantiser's lane: results of one to four taps, summed or their largest, as codes and as log
// codes, and interpolations between columns of two taps. The scoreboard's arithmetic is that of
// cmodel/quantization, that of interpolations the four products of docs/accelerator.md, section 4.
#include <algorithm>
#include <array>
#include <deque>

#include "Vpost_lane.h"
#include "cmodel/quantization/log_code.hpp"
#include "cmodel/quantization/requantization.hpp"
#include "testbench/systemc/block_bench.hpp"

namespace mbm {
namespace {

struct Tap {
  std::int32_t operand = 0;
  bool inside = true;
  std::uint16_t factor = 0;  // of a column
};

// A result and what it is made of.
struct Item {
  std::vector<Tap> taps;
  ChannelRequantization channel;
  Requantization layer;
  bool maximum = false;
  bool log = false;
  bool interpolated = false;       // taps: upper and lower of each new column
  bool column_read_ahead = false;  // no new column; the tap is the upper one of the next
  int weight = 0;                  // of the second column, in 256ths
  int expected = 0;                // of an interpolated result
};

class PostLaneBench final : public BlockBench<Vpost_lane> {
 public:
  PostLaneBench(const sc_core::sc_module_name& name, const BenchOptions& options)
      : BlockBench(name, options,
                   Coverage({"interpolation",
                             "interpolation with the columns before",
                             "interpolation with one new column",
                             "sum of a window",
                             "maximum of a window",
                             "one sum to a code",
                             "one sum to a log code",
                             "tap outside",
                             "all taps outside",
                             "rounded down",
                             "rounded to nearest",
                             "shift 0",
                             "shift 1..15",
                             "shift 16..31",
                             "shift 32..47",
                             "clamped below",
                             "clamped above",
                             "within bounds",
                             "result 0",
                             "result below 0",
                             "sum below 0",
                             "bias saturates 32 bits"})) {}

 private:
  static constexpr std::size_t kStages = 5;

  // What enters in a cycle: a tap of an item, and whether it is the first and the last.
  struct Slot {
    Item item;
    std::size_t tap = 0;
    bool valid = false;
  };

  // A row of results as vector_address walks along it: two columns, then none or one more for each
  // result. A column without a new one before it has been read half.
  void draw_row() {
    struct Column {
      std::array<std::int32_t, 2> codes{};
    };
    const auto draw_column = [&] {
      return Column{{static_cast<std::int32_t>(draw(-255, 255)),
                     static_cast<std::int32_t>(chance(0.1) ? 255 : draw(-255, 255))}};
    };
    const int lower = static_cast<int>(draw(0, 255));
    const auto tap = [&](const Column& column, std::size_t row) {
      return Tap{column.codes.at(row), true,
                 static_cast<std::uint16_t>(row == 0 ? 256 - lower : lower)};
    };
    Column left = draw_column();
    Column right = draw_column();
    std::vector<Tap> taps{tap(left, 0), tap(left, 1), tap(right, 0), tap(right, 1)};
    Column next = draw_column();
    bool upper_read = false;
    for (std::int64_t results = draw(1, 9); results > 0; --results) {
      Item item;
      item.interpolated = true;
      item.column_read_ahead = taps.size() == 1;
      item.taps = item.column_read_ahead || !upper_read
                      ? taps
                      : std::vector<Tap>(taps.begin() + 1, taps.end());
      upper_read = item.column_read_ahead;
      item.weight = static_cast<int>(draw(0, 255));
      item.channel.shift = 16;
      item.layer.lowest = static_cast<std::int16_t>(draw(-255, 0));
      item.layer.highest = static_cast<std::int16_t>(draw(0, 255));
      int sum = 32768;
      for (std::size_t row = 0; row < 2; ++row) {
        const int weight = row == 0 ? 256 - lower : lower;
        sum += left.codes.at(row) * weight * (256 - item.weight) +
               right.codes.at(row) * weight * item.weight;
      }
      item.expected = std::clamp<int>(sum >> 16, item.layer.lowest, item.layer.highest);
      for (std::size_t i = 0; i < item.taps.size(); ++i) pending_.push_back({item, i, true});
      if (chance(0.5)) {
        taps = {tap(next, 0)};
      } else {
        taps = {tap(next, 0), tap(next, 1)};
        left = right;
        right = next;
        next = draw_column();
      }
    }
  }

  Item draw_item() {
    Item item;
    const auto kind = draw(0, 3);
    item.log = kind == 1;
    item.maximum = kind == 2;
    item.channel = {.bias = static_cast<std::int32_t>(draw_operand()),
                    .multiplier = static_cast<std::uint16_t>(draw(0, 65535)),
                    .negative_multiplier = static_cast<std::uint16_t>(draw(0, 65535)),
                    .shift = static_cast<std::uint8_t>(chance(0.1) ? 0 : draw(0, 47))};
    if (item.maximum) item.channel = {.bias = 0, .multiplier = 1, .negative_multiplier = 1};
    if (kind == 3) item.channel.bias = 0;
    item.layer.rounding =
        chance(0.5) ? RequantizationRounding::nearest : RequantizationRounding::floor;
    const std::int64_t most = item.log ? 127 : 255;
    item.layer.lowest = static_cast<std::int16_t>(draw(-most, 0));
    item.layer.highest = static_cast<std::int16_t>(draw(0, most));
    const std::int64_t taps = kind < 2 ? 1 : draw(1, 4);
    for (std::int64_t i = 0; i < taps; ++i) {
      const bool window = kind >= 2;
      item.taps.push_back({static_cast<std::int32_t>(window ? draw(-255, 255) : draw_operand()),
                           !window || chance(0.8)});
    }
    return item;
  }

  // Small, of any size, and at the ends of the range.
  std::int64_t draw_operand() {
    if (chance(0.1)) return chance(0.5) ? INT32_MAX : INT32_MIN;
    const std::int64_t range = std::int64_t{1} << draw(1, 31);
    return draw(-range, range - 1);
  }

  static int expected(const Item& item) {
    if (item.interpolated) return item.expected;
    if (item.log) return requantize_to_log_code(item.taps[0].operand, item.channel, item.layer);
    const auto is_inside = [](const Tap& tap) { return tap.inside; };
    if (item.maximum) {
      int most = -256;  // below every code
      for (const Tap& tap : item.taps) {
        if (tap.inside) most = std::max(most, static_cast<int>(tap.operand));
      }
      return std::clamp<int>(most, item.layer.lowest, item.layer.highest);
    }
    if (item.taps.size() == 1 && item.taps[0].inside) {
      return requantize(item.taps[0].operand, item.channel, item.layer);
    }
    // A window: every code scaled, then summed, rounded and clamped (docs/accelerator.md).
    if (std::ranges::none_of(item.taps, is_inside)) {
      return std::clamp<int>(0, item.layer.lowest, item.layer.highest);
    }
    std::int64_t sum = 0;
    for (const Tap& tap : item.taps) {
      if (!tap.inside) continue;
      sum += std::int64_t{tap.operand} *
             (tap.operand < 0 ? item.channel.negative_multiplier : item.channel.multiplier);
    }
    const int shift = item.channel.shift;
    const bool nearest = item.layer.rounding == RequantizationRounding::nearest;
    if (nearest && shift > 0) sum += std::int64_t{1} << (shift - 1);
    return static_cast<int>(
        std::clamp<std::int64_t>(sum >> shift, item.layer.lowest, item.layer.highest));
  }

  void drive() override {
    if (pending_.empty() && chance(0.2)) draw_row();
    if (pending_.empty()) {
      const Item item = draw_item();
      for (std::size_t i = 0; i < item.taps.size(); ++i) pending_.push_back({item, i, true});
    }
    std::rotate(stages_.begin(), stages_.end() - 1, stages_.end());
    stages_[0] = pending_.front();
    pending_.pop_front();
    const Slot& in = stages_[0];
    Vpost_lane& m = *block_;
    const Tap& tap = in.item.taps[in.tap];
    m.operand_i = static_cast<std::uint32_t>(tap.operand);
    m.bias_i = static_cast<std::uint32_t>(in.item.channel.bias);
    m.factor_i = in.item.interpolated ? tap.factor : in.item.channel.multiplier;
    m.negative_factor_i = in.item.interpolated ? tap.factor : in.item.channel.negative_multiplier;
    m.shift_i = in.item.channel.shift;
    const Slot& third = stages_[2];
    m.first3_i = third.item.interpolated ? !is_lower(third) : third.tap == 0;
    m.inside3_i = third.valid && third.item.taps[third.tap].inside;
    m.maximum3_i = third.item.maximum;
    const Slot& fourth = stages_[3];
    m.floor4_i = fourth.item.layer.rounding == RequantizationRounding::floor;
    m.column4_i = fourth.valid && fourth.item.interpolated && is_lower(fourth);
    m.interpolate4_i = fourth.item.interpolated;
    m.weight4_i = static_cast<std::uint8_t>(fourth.item.weight);
    const Requantization& bounds = stages_[4].item.layer;
    m.log5_i = stages_[4].item.log;
    constexpr unsigned kNineBits = 0x1ff;  // two's complement, other than the result
    m.lowest5_i = static_cast<std::uint16_t>(static_cast<unsigned>(bounds.lowest) & kNineBits);
    m.highest5_i = static_cast<std::uint16_t>(static_cast<unsigned>(bounds.highest) & kNineBits);
  }

  // The last tap of a column.
  static bool is_lower(const Slot& slot) {
    return !slot.item.column_read_ahead && (slot.item.taps.size() - slot.tap) % 2 == 1;
  }

  static std::uint16_t sign_magnitude(int code) {
    return static_cast<std::uint16_t>(code < 0 ? 256 + -code : code);
  }

  void check() override {
    // What left stage 5 with the last edge.
    const Slot& slot = stages_[kStages];
    if (!slot.valid || slot.tap + 1 != slot.item.taps.size()) return;
    const int want = expected(slot.item);
    compare("result", static_cast<int>(block_->result_o), static_cast<int>(sign_magnitude(want)));
    cover(slot.item, want);
  }

  void cover(const Item& item, int want) {
    Coverage& coverage = result_.coverage;
    if (item.interpolated) {
      coverage.meet("interpolation");
      if (item.column_read_ahead) coverage.meet("interpolation with the columns before");
      if (!item.column_read_ahead && item.taps.size() < 3) {
        coverage.meet("interpolation with one new column");
      }
      return;
    }
    if (item.maximum) coverage.meet("maximum of a window");
    if (item.taps.size() > 1 && !item.maximum) coverage.meet("sum of a window");
    if (item.taps.size() == 1 && !item.maximum) {
      coverage.meet(item.log ? "one sum to a log code" : "one sum to a code");
      const std::int64_t sum = std::int64_t{item.taps[0].operand} + item.channel.bias;
      if (sum < 0) coverage.meet("sum below 0");
      if (sum > INT32_MAX || sum < INT32_MIN) coverage.meet("bias saturates 32 bits");
    }
    const auto outside =
        std::ranges::count_if(item.taps, [](const Tap& tap) { return !tap.inside; });
    if (outside > 0) coverage.meet("tap outside");
    if (outside == static_cast<std::ptrdiff_t>(item.taps.size())) coverage.meet("all taps outside");
    const bool floor = item.layer.rounding == RequantizationRounding::floor;
    coverage.meet(floor ? "rounded down" : "rounded to nearest");
    const int shift = item.channel.shift;
    coverage.meet(shift == 0    ? "shift 0"
                  : shift <= 15 ? "shift 1..15"
                  : shift <= 31 ? "shift 16..31"
                                : "shift 32..47");
    coverage.meet(want == item.layer.lowest    ? "clamped below"
                  : want == item.layer.highest ? "clamped above"
                                               : "within bounds");
    if (want == 0) coverage.meet("result 0");
    if (want < 0) coverage.meet("result below 0");
  }

  std::deque<Slot> pending_;
  std::array<Slot, kStages + 1> stages_;
};

}  // namespace

BenchResult run_post_lane_bench(const BenchOptions& options) {
  return run_bench<PostLaneBench>(options);
}

}  // namespace mbm
