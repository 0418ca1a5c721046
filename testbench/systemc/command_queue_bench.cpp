// The queue of a unit's commands: order, contents, fences, halt and clear. The scoreboard is a
// list.
#include <algorithm>
#include <array>
#include <deque>

#include "Vcommand_queue.h"
#include "cmodel/array/command_record.hpp"
#include "testbench/systemc/block_bench.hpp"

namespace mbm {
namespace {

constexpr std::size_t kCounts = 5;  // activations, others, read, drained, stores
constexpr std::size_t kDepth = 8;   // and one command at the output

namespace header = registers::command_header;
constexpr std::array kWaits{header::kWaitActivations, header::kWaitOthers, header::kWaitRead,
                            header::kWaitDrained, header::kWaitStores};
constexpr std::array kWanted{header::kActivations, header::kOthers, header::kRead, header::kDrained,
                             header::kStores};

class CommandQueueBench final : public BlockBench<Vcommand_queue> {
 public:
  CommandQueueBench(const sc_core::sc_module_name& name, const BenchOptions& options)
      : BlockBench(name, options,
                   Coverage({"full", "empty", "taken and written in one cycle", "halted",
                             "not taken at once", "cleared while full", "cleared", "no fence",
                             "waits for activations", "waits for others", "waits for read",
                             "waits for drained", "waits for stores", "waits for several",
                             "count wraps", "count far ahead"})) {
    block_->rst_ni = 0;
  }

 private:
  struct Entry {
    CommandRecord record{};
    std::uint32_t index = 0;
  };

  Entry draw_entry() {
    Entry entry;
    for (auto& word : entry.record) word = generator_();
    entry.index = static_cast<std::uint32_t>(draw(0, (1 << 24) - 1));
    const bool none = chance(0.2);
    for (std::size_t i = 0; i < kCounts; ++i) {
      set_field(entry.record, kWaits.at(i), !none && chance(0.4) ? 1 : 0);
      // Near the count: a little ahead, or long reached.
      const std::int64_t ahead = chance(0.3) ? draw(-30000, 0) : draw(-5, 5);
      set_field(entry.record, kWanted.at(i), static_cast<std::uint16_t>(finished_.at(i) + ahead));
    }
    return entry;
  }

  // Which fences keep a command waiting.
  std::array<bool, kCounts> missing(const Entry& entry) const {
    std::array<bool, kCounts> result{};
    for (std::size_t i = 0; i < kCounts; ++i) {
      const auto wanted = static_cast<std::uint16_t>(get_field(entry.record, kWanted.at(i)));
      const auto behind = static_cast<std::uint16_t>(wanted - finished_.at(i));
      // Reached, unless at most 2^15 are wanted.
      result.at(i) = get_field(entry.record, kWaits.at(i)) != 0 && behind != 0 && behind <= 0x8000;
    }
    return result;
  }

  void drive() override {
    Vcommand_queue& m = *block_;
    m.rst_ni = cycle_ > 1;
    m.clear_i = cycle_ > 3 && chance(0.002);
    m.halt_i = chance(0.1);
    // Now and then the unit sleeps, so that the queue fills.
    if (chance(0.01)) asleep_ = !asleep_;
    m.command_ready_i = !asleep_ && chance(0.6);
    for (std::size_t i = 0; i < kCounts; ++i) {
      if (!chance(0.3)) continue;
      if (finished_.at(i) == 0xffff) result_.coverage.meet("count wraps");
      ++finished_.at(i);
    }
    if (cycle_ == 2) finished_.fill(0xff00);  // so that they wrap
    for (std::size_t w = 0; w < 3; ++w) m.finished_i[w] = 0;
    for (std::size_t i = 0; i < kCounts; ++i) {
      m.finished_i[i / 2] |= static_cast<std::uint32_t>(finished_.at(i)) << (16 * (i % 2));
    }
    m.write_valid_i = cycle_ > 2 && chance(0.5);
    offered_ = draw_entry();
    for (std::size_t w = 0; w < offered_.record.size(); ++w) {
      m.write_command_i[w] = offered_.record.at(w);
    }
    m.write_index_i = offered_.index;
  }

  void check() override {
    if (cycle_ <= 3) return;
    Vcommand_queue& m = *block_;
    Coverage& coverage = result_.coverage;
    const bool writes = m.write_valid_i != 0 && m.write_ready_o != 0;
    const bool full = m.write_ready_o == 0;
    if (full) coverage.meet("full");
    if (expected_.empty()) coverage.meet("empty");
    compare("a command where none is", m.waiting_o != 0 && expected_.empty(), false);
    // A command is at the output two cycles after it was written at the latest.
    const bool due = !expected_.empty() && front_age_ >= 2;
    if (due) compare("the first command is there", m.waiting_o != 0, true);
    if (full) compare("commands of a full queue", expected_.size() >= kDepth, true);
    bool taken = false;
    if (m.waiting_o != 0 && !expected_.empty()) taken = check_first();
    if (taken && writes) coverage.meet("taken and written in one cycle");
    if (m.halt_i != 0 && m.waiting_o != 0) coverage.meet("halted");
    if (taken) {
      expected_.pop_front();
      front_age_ = 0;
    }
    if (writes) expected_.push_back(offered_);
    ++front_age_;
    if (expected_.size() == 1 && writes) front_age_ = 1;
    if (m.clear_i != 0) {
      coverage.meet(full ? "cleared while full" : "cleared");
      expected_.clear();
      front_age_ = 0;
    }
  }

  // The command at the output; returns whether it is taken.
  bool check_first() {
    Vcommand_queue& m = *block_;
    Coverage& coverage = result_.coverage;
    const Entry& first = expected_.front();
    const auto open = missing(first);
    bool equal = m.index_o == first.index;
    for (std::size_t w = 0; w < first.record.size(); ++w) {
      equal = equal && m.command_o[w] == first.record.at(w);
    }
    compare("the first command", equal, true);
    const auto waits = std::ranges::count(open, true);
    compare("is offered", m.command_valid_o != 0, waits == 0 && m.halt_i == 0);
    compare("waits for activations", m.waits_activations_o != 0, open[0]);
    compare("waits for others", m.waits_others_o != 0, open[1]);
    static constexpr std::array<const char*, kCounts> kNames{
        "waits for activations", "waits for others", "waits for read", "waits for drained",
        "waits for stores"};
    for (std::size_t i = 0; i < kCounts; ++i) {
      if (open.at(i)) coverage.meet(kNames.at(i));
    }
    if (waits > 1) coverage.meet("waits for several");
    if (waits == 0) coverage.meet("no fence");
    if (m.command_valid_o != 0 && m.command_ready_i == 0) coverage.meet("not taken at once");
    const auto ahead = static_cast<std::uint16_t>(
        finished_[1] - static_cast<std::uint16_t>(get_field(first.record, header::kOthers)));
    if (ahead > 1000 && ahead < 0x8000) coverage.meet("count far ahead");
    return m.command_valid_o != 0 && m.command_ready_i != 0;
  }

  std::array<std::uint16_t, kCounts> finished_{};
  std::deque<Entry> expected_;
  std::uint64_t front_age_ = 0;  // cycles since the first command became the first
  Entry offered_;
  bool asleep_ = false;
};

}  // namespace

BenchResult run_command_queue_bench(const BenchOptions& options) {
  return run_bench<CommandQueueBench>(options);
}

}  // namespace mbm
