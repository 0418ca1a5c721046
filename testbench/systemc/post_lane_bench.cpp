// The requantiser's lane: results of one to four taps, summed or their largest, as codes and as log
// codes. The scoreboard's arithmetic is that of cmodel/quantization.
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
};

// A result and what it is made of.
struct Item {
  std::vector<Tap> taps;
  ChannelRequantization channel;
  Requantization layer;
  bool maximum = false;
  bool log = false;
};

class PostLaneBench final : public BlockBench<Vpost_lane> {
 public:
  PostLaneBench(const sc_core::sc_module_name& name, const BenchOptions& options)
      : BlockBench(
            name, options,
            Coverage({"sum of a window", "maximum of a window", "one sum to a code",
                      "one sum to a log code", "tap outside", "all taps outside", "rounded down",
                      "rounded to nearest", "shift 0", "shift 1..15", "shift 16..31",
                      "shift 32..47", "clamped below", "clamped above", "within bounds", "result 0",
                      "result below 0", "sum below 0", "bias saturates 32 bits"})) {}

 private:
  static constexpr std::size_t kStages = 5;

  // What enters in a cycle: a tap of an item, and whether it is the first and the last.
  struct Slot {
    Item item;
    std::size_t tap = 0;
    bool valid = false;
  };

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
    m.factor_i = in.item.channel.multiplier;
    m.negative_factor_i = in.item.channel.negative_multiplier;
    m.shift_i = in.item.channel.shift;
    const Slot& third = stages_[2];
    m.first3_i = third.tap == 0;
    m.inside3_i = third.valid && third.item.taps[third.tap].inside;
    m.maximum3_i = third.item.maximum;
    m.floor4_i = stages_[3].item.layer.rounding == RequantizationRounding::floor;
    const Requantization& bounds = stages_[4].item.layer;
    m.log5_i = stages_[4].item.log;
    constexpr unsigned kNineBits = 0x1ff;  // two's complement, other than the result
    m.lowest5_i = static_cast<std::uint16_t>(static_cast<unsigned>(bounds.lowest) & kNineBits);
    m.highest5_i = static_cast<std::uint16_t>(static_cast<unsigned>(bounds.highest) & kNineBits);
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
