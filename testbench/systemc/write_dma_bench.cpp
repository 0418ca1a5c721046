// The writing DMA on a memory that stalls at random: after each segment's answer the memory holds
// its operands, and nothing else has changed.
#include <algorithm>
#include <array>
#include <deque>
#include <vector>

#include "Vaxi_write_dma.h"
#include "cmodel/array/registers.hpp"
#include "sim/axi_memory.hpp"
#include "testbench/systemc/block_bench.hpp"

namespace mbm {
namespace {

constexpr std::size_t kBusBytes = 8;
constexpr std::int64_t kMemory = 1 << 14;
constexpr std::int64_t kOperands = 1 << 12;
constexpr int kOutstanding = 8;

// What lies in the buffer: byte `byte` of operand `source`.
std::uint8_t operand_byte(std::int64_t source, std::int64_t byte) {
  const auto place = static_cast<std::uint32_t>(source & (kOperands - 1));
  return static_cast<std::uint8_t>((place * 2654435761U) >> (8 + 8 * byte));
}

class WriteDmaBench final : public BlockBench<Vaxi_write_dma> {
 public:
  WriteDmaBench(const sc_core::sc_module_name& name, const BenchOptions& options)
      : BlockBench(
            name, options,
            Coverage({"operands of one byte", "operands of two bytes", "segment within a word",
                      "begins within a word", "ends within a word", "crosses 4 KiB", "one burst",
                      "several bursts", "most bursts under way", "address waits", "data wait",
                      "data before the address", "answer waits for nobody",
                      "several segments of a command", "halted"})),
        memory_(kBusBytes, memory_options(options.seed)),
        expected_(static_cast<std::size_t>(kMemory)) {}

 private:
  struct Segment {
    std::int64_t address = 0;
    std::int64_t bytes = 0;
    std::int64_t source = 0;
    bool wide = false;
    bool last = true;
  };

  static AxiMemoryOptions memory_options(std::uint32_t seed) {
    return {.bytes = kMemory,
            .latency = 25,
            .stalls = {.ar = 0, .r = 0, .aw = 0.4, .w = 0.2, .b = 0.1},
            .seed = seed};
  }

  Segment draw_segment() {
    Segment segment;
    segment.wide = chance(0.4);
    const std::int64_t unit = segment.wide ? 2 : 1;
    segment.bytes = unit * (chance(0.4) ? draw(1, 8) : draw(1, 150));
    segment.address = unit * draw(0, (kMemory - 512) / unit);
    if (chance(0.2)) segment.address = 4096 * draw(1, 3) - unit * draw(1, 16);
    segment.source = draw(0, kOperands - 1);
    segment.last = chance(0.6);
    return segment;
  }

  void drive() override {
    Vaxi_write_dma& m = *block_;
    m.rst_ni = cycle_ > 1;
    m.clear_i = 0;
    m.halt_i = chance(0.05);
    if (cycle_ <= 2) return;
    if (accepted_) m.segment_valid_i = 0;
    accepted_ = false;
    if (m.segment_valid_i == 0 && chance(0.5)) {
      offered_ = draw_segment();
      m.segment_valid_i = 1;
      m.segment_address_i = static_cast<std::uint32_t>(offered_.address);
      m.segment_bytes_i = static_cast<std::uint32_t>(offered_.bytes);
      m.segment_source_i = static_cast<std::uint32_t>(offered_.source);
      m.segment_format_i = static_cast<std::uint8_t>(offered_.wide ? registers::Format::code16
                                                                   : registers::Format::int8);
      m.segment_last_i = offered_.last;
    }
    m.data_i = fetched_;  // the cycle after it was fetched
    const AxiSlave& slave = memory_.slave();
    m.awready_i = slave.awready;
    m.wready_i = slave.wready;
    m.bvalid_i = slave.bvalid;
    m.bresp_i = slave.bresp;
  }

  // The beat whose first operand is `source`.
  static std::uint64_t beat(std::int64_t source, bool wide) {
    std::uint64_t word = 0;
    for (std::int64_t lane = 0; lane < static_cast<std::int64_t>(kBusBytes); ++lane) {
      const std::int64_t operand = wide ? source + lane / 2 : source + lane;
      word |= std::uint64_t{operand_byte(operand, wide ? lane % 2 : 0)} << (8 * lane);
    }
    return word;
  }

  void check() override {
    if (cycle_ <= 3) return;
    Vaxi_write_dma& m = *block_;
    fetched_ = beat(m.fetch_source_o,
                    m.fetch_format_o == static_cast<std::uint8_t>(registers::Format::code16));
    if (m.segment_valid_i != 0 && m.segment_ready_o != 0) {
      begun_.push_back(offered_);
      cover(offered_);
      accepted_ = true;
    }
    compare("no error", static_cast<int>(m.error_o), 0);
    if (m.done_o != 0) finish();
    Coverage& coverage = result_.coverage;
    if (m.awvalid_o != 0 && m.awready_i == 0) coverage.meet("address waits");
    if (m.wvalid_o != 0 && m.wready_i == 0) coverage.meet("data wait");
    if (m.awvalid_o != 0 && m.wvalid_o != 0 && m.wready_i != 0 && m.awready_i == 0) {
      coverage.meet("data before the address");
    }
    if (m.bvalid_i != 0 && m.bready_o != 0) coverage.meet("answer waits for nobody");
    if (m.halt_i != 0 && m.busy_o != 0) coverage.meet("halted");
    AxiMaster master;
    master.awvalid = m.awvalid_o != 0;
    master.awaddr = m.awaddr_o;
    master.awlen = m.awlen_o;
    master.awsize = 3;
    master.awburst = 1;
    master.wvalid = m.wvalid_o != 0;
    std::memcpy(master.wdata.data(), &m.wdata_o, kBusBytes);
    master.wstrb = m.wstrb_o;
    master.wlast = m.wlast_o != 0;
    master.bready = m.bready_o != 0;
    memory_.clock(master);
    if (memory_.statistics().most_writes >= kOutstanding) coverage.meet("most bursts under way");
  }

  // All segments up to the first that ends a command are in memory. Later ones may be as well, so
  // bytes that they touch are looked at when they end.
  void finish() {
    compare("a command that ends", begun_.empty(), false);
    std::size_t segments = 0;
    while (!begun_.empty()) {
      const Segment segment = begun_.front();
      begun_.pop_front();
      ++segments;
      for (std::int64_t i = 0; i < segment.bytes; ++i) {
        const std::int64_t byte = segment.wide ? i % 2 : 0;
        expected_[static_cast<std::size_t>(segment.address + i)] =
            operand_byte(segment.source + (segment.wide ? i / 2 : i), byte);
      }
      if (segment.last) break;
    }
    if (segments > 1) result_.coverage.meet("several segments of a command");
    std::vector<bool> touched(expected_.size());
    for (const Segment& later : begun_) {
      std::fill_n(touched.begin() + later.address, later.bytes, true);
    }
    std::int64_t different = 0;
    for (std::size_t i = 0; i < expected_.size(); ++i) {
      if (!touched[i] && expected_[i] != memory_.bytes()[i]) ++different;
    }
    compare("bytes that differ in memory", different, std::int64_t{0});
  }

  void cover(const Segment& segment) {
    Coverage& coverage = result_.coverage;
    coverage.meet(segment.wide ? "operands of two bytes" : "operands of one byte");
    const std::int64_t end = segment.address + segment.bytes;
    if (segment.address / 8 == (end - 1) / 8) coverage.meet("segment within a word");
    if (segment.address % 8 != 0) coverage.meet("begins within a word");
    if (end % 8 != 0) coverage.meet("ends within a word");
    if (segment.address / 4096 != (end - 1) / 4096) coverage.meet("crosses 4 KiB");
    coverage.meet(segment.address / 128 == (end - 1) / 128 ? "one burst" : "several bursts");
  }

  AxiMemory memory_;
  std::vector<std::uint8_t> expected_;
  Segment offered_;
  std::deque<Segment> begun_;
  std::uint64_t fetched_ = 0;
  bool accepted_ = false;  // the segment, in the cycle that ends
};

}  // namespace

BenchResult run_write_dma_bench(const BenchOptions& options) {
  return run_bench<WriteDmaBench>(options);
}

}  // namespace mbm
