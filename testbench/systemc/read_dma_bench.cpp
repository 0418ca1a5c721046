// The reading DMA on a memory that stalls at random: every byte of every segment comes to its
// client, in order and once.
#include <array>
#include <deque>

#include "Vaxi_read_dma.h"
#include "sim/axi_memory.hpp"
#include "testbench/systemc/block_bench.hpp"

namespace mbm {
namespace {

constexpr std::size_t kClients = 3;
constexpr std::size_t kBusBytes = 8;
constexpr std::int64_t kMemory = 1 << 16;
constexpr int kOutstanding = 8;

class ReadDmaBench final : public BlockBench<Vaxi_read_dma> {
 public:
  ReadDmaBench(const sc_core::sc_module_name& name, const BenchOptions& options)
      : BlockBench(
            name, options,
            Coverage({"client 0", "client 1", "client 2", "all clients ask",
                      "segment within a word", "segment of whole words", "begins within a word",
                      "ends within a word", "crosses 4 KiB", "one burst", "several bursts",
                      "most bursts under way", "client does not take", "address waits",
                      "data wait for the bus", "halted", "words of two clients in turn"})),
        memory_(kBusBytes, memory_options(options.seed)) {
    std::mt19937 content(options.seed);
    for (auto& byte : memory_.bytes()) byte = static_cast<std::uint8_t>(content());
  }

 private:
  struct Segment {
    std::int64_t address = 0;
    std::int64_t bytes = 0;
    std::int64_t done = 0;
  };

  static AxiMemoryOptions memory_options(std::uint32_t seed) {
    return {.bytes = kMemory,
            .latency = 9,
            .stalls = {.ar = 0.3, .r = 0.2, .aw = 0, .w = 0, .b = 0},
            .seed = seed};
  }

  // Short and long, and near the boundaries that matter.
  Segment draw_segment() {
    const std::int64_t bytes = chance(0.3) ? draw(1, 8) : chance(0.5) ? draw(1, 128) : draw(1, 600);
    std::int64_t address = draw(0, kMemory - 1024);
    if (chance(0.3)) address &= ~std::int64_t{7};
    if (chance(0.2)) address = 4096 * draw(1, 14) - draw(1, 64);
    return {address, bytes, 0};
  }

  void drive() override {
    Vaxi_read_dma& m = *block_;
    m.rst_ni = cycle_ > 1;
    m.clear_i = 0;
    m.halt_i = chance(0.05);
    if (cycle_ <= 2) return;
    m.segment_valid_i &= static_cast<std::uint8_t>(~accepted_);
    accepted_ = 0;
    if (chance(0.01)) asleep_ = !asleep_;
    for (std::size_t c = 0; c < kClients; ++c) {
      if ((m.segment_valid_i >> c & 1U) != 0) continue;  // an offer stays
      if (!chance(0.2)) continue;
      offered_.at(c) = draw_segment();
      m.segment_valid_i |= static_cast<std::uint8_t>(1U << c);
      m.segment_address_i[c] = static_cast<std::uint32_t>(offered_.at(c).address);
      m.segment_bytes_i[c] = static_cast<std::uint32_t>(offered_.at(c).bytes);
    }
    m.data_ready_i = static_cast<std::uint8_t>(asleep_ ? 0 : draw(0, 7) | draw(0, 7));
    const AxiSlave& slave = memory_.slave();
    m.arready_i = slave.arready;
    m.rvalid_i = slave.rvalid;
    m.rresp_i = slave.rresp;
    m.rlast_i = slave.rlast;
    std::memcpy(&m.rdata_i, slave.rdata.data(), kBusBytes);
  }

  void check() override {
    if (cycle_ <= 3) return;
    Vaxi_read_dma& m = *block_;
    for (std::size_t c = 0; c < kClients; ++c) {
      const auto bit = static_cast<unsigned>(c);
      if ((m.data_valid_o >> bit & 1U) != 0 && (m.data_ready_i >> bit & 1U) != 0) take(c);
      if ((m.data_valid_o >> bit & 1U) != 0 && (m.data_ready_i >> bit & 1U) == 0) {
        result_.coverage.meet("client does not take");
      }
      if ((m.segment_valid_i >> bit & 1U) == 0 || (m.segment_ready_o >> bit & 1U) == 0) continue;
      expected_.at(c).push_back(offered_.at(c));
      cover(c, offered_.at(c));
      accepted_ |= 1U << bit;
    }
    compare("no error", static_cast<int>(m.error_o), 0);
    Coverage& coverage = result_.coverage;
    if (m.requesting_o == 7) coverage.meet("all clients ask");
    if (m.halt_i != 0 && m.requesting_o != 0) coverage.meet("halted");
    if (m.arvalid_o != 0 && m.arready_i == 0) coverage.meet("address waits");
    if (m.rready_o != 0 && m.rvalid_i == 0) coverage.meet("data wait for the bus");
    AxiMaster master;
    master.arvalid = m.arvalid_o != 0;
    master.araddr = m.araddr_o;
    master.arlen = m.arlen_o;
    master.arsize = 3;
    master.arburst = 1;
    master.rready = m.rready_o != 0;
    memory_.clock(master);
    if (memory_.statistics().most_reads >= kOutstanding) coverage.meet("most bursts under way");
  }

  // A word that client `c` takes: its bytes are the next ones of its first segment.
  void take(std::size_t c) {
    Vaxi_read_dma& m = *block_;
    constexpr std::size_t kCountBits = 4;
    const auto count = static_cast<std::int64_t>(m.count_o >> (kCountBits * c) & 15U);
    std::array<std::uint8_t, kBusBytes> data{};
    std::memcpy(data.data(), &m.data_o[2 * c], kBusBytes);
    compare("a word that was asked for", expected_.at(c).empty(), false);
    if (expected_.at(c).empty()) return;
    Segment& segment = expected_.at(c).front();
    const std::int64_t at = segment.address + segment.done;
    const std::int64_t wanted = std::min<std::int64_t>(
        segment.bytes - segment.done, static_cast<std::int64_t>(kBusBytes) - at % 8);
    compare("bytes of a word", count, wanted);
    for (std::int64_t i = 0; i < std::min<std::int64_t>(count, 8); ++i) {
      compare("a byte", static_cast<int>(data.at(static_cast<std::size_t>(i))),
              static_cast<int>(memory_.bytes()[static_cast<std::size_t>(at + i)]));
    }
    segment.done += wanted;
    const bool ends = segment.done == segment.bytes;
    compare("the end of a segment", (m.last_o >> c & 1U) != 0, ends);
    if (ends) expected_.at(c).pop_front();
    if (last_client_ != c) result_.coverage.meet("words of two clients in turn");
    last_client_ = c;
  }

  void cover(std::size_t c, const Segment& segment) {
    Coverage& coverage = result_.coverage;
    coverage.meet(fmt::format("client {}", c));
    const std::int64_t end = segment.address + segment.bytes;
    const bool aligned = segment.address % 8 == 0;
    if (segment.address / 8 == (end - 1) / 8) coverage.meet("segment within a word");
    if (aligned && end % 8 == 0) coverage.meet("segment of whole words");
    if (!aligned) coverage.meet("begins within a word");
    if (end % 8 != 0) coverage.meet("ends within a word");
    if (segment.address / 4096 != (end - 1) / 4096) coverage.meet("crosses 4 KiB");
    coverage.meet(segment.address / 128 == (end - 1) / 128 ? "one burst" : "several bursts");
  }

  AxiMemory memory_;
  std::array<Segment, kClients> offered_;
  std::array<std::deque<Segment>, kClients> expected_;
  unsigned accepted_ = 0;  // segments, in the cycle that ends
  std::size_t last_client_ = 0;
  bool asleep_ = false;
};

}  // namespace

BenchResult run_read_dma_bench(const BenchOptions& options) {
  return run_bench<ReadDmaBench>(options);
}

}  // namespace mbm
