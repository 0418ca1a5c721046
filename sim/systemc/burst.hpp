// A burst of the bus as a TLM-2.0 transaction: pooled payloads with their data, and an extension
// that says whose they are and how their beats follow each other.
//
// The base protocol holds, with the answer in one step: a target sends BEGIN_RESP when the first
// beat is there (of a write: when it is done), the initiator returns TLM_COMPLETED and takes the
// beats as BurstExtension says.
#pragma once

#include <cstdint>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

namespace mbm {

using Cycle = std::int64_t;

// The platform's clock. Masters act at the end of a cycle, the interconnect half a cycle later, the
// memory three quarters: so what is done in one step is all known to the next, in whatever order
// the kernel runs the processes.
inline sc_core::sc_time cycle_time() {
  return {1, sc_core::SC_NS};
}
inline sc_core::sc_time at_cycle(Cycle cycle) {
  return static_cast<double>(cycle) * cycle_time();
}
// The last cycle that has ended.
inline Cycle present_cycle() {
  return static_cast<Cycle>(sc_core::sc_time_stamp() / cycle_time());
}
// From now to the part `phase` (0..1) of the cycle after `cycle`; if that has passed, to the next
// one.
inline sc_core::sc_time until_phase(Cycle cycle, double phase) {
  const sc_core::sc_time& now = sc_core::sc_time_stamp();
  const sc_core::sc_time wanted = at_cycle(cycle) + phase * cycle_time();
  if (wanted >= now) return wanted - now;
  const sc_core::sc_time present = at_cycle(present_cycle()) + phase * cycle_time();
  return (present >= now ? present : present + cycle_time()) - now;
}
// When the interconnect acts.
inline sc_core::sc_time until_middle(Cycle cycle) {
  return until_phase(cycle, 0.5);
}
// When the memory does.
inline sc_core::sc_time until_late(Cycle cycle) {
  return until_phase(cycle, 0.75);
}
// From now to the end of cycle `cycle`, at least no time.
inline sc_core::sc_time until_edge(Cycle cycle) {
  const sc_core::sc_time wanted = at_cycle(cycle);
  const sc_core::sc_time& now = sc_core::sc_time_stamp();
  return wanted > now ? wanted - now : sc_core::SC_ZERO_TIME;
}

struct BurstExtension : tlm::tlm_extension<BurstExtension> {
  std::size_t port = 0;  // of the interconnect
  std::int64_t beats = 1;
  double cycles_per_beat = 1;  // of the answer
  std::int64_t window = 0;     // what the interconnect has added to the address
  bool flip = false;           // a fault of the interconnect

  tlm::tlm_extension_base* clone() const override { return new BurstExtension(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = dynamic_cast<const BurstExtension&>(other);
  }
};

inline BurstExtension& burst_of(const tlm::tlm_generic_payload& payload) {
  return *payload.get_extension<BurstExtension>();
}

// Payloads that are used again; each lives until the pool does.
class BurstPool final : public tlm::tlm_mm_interface {
 public:
  BurstPool() = default;
  BurstPool(const BurstPool&) = delete;
  BurstPool& operator=(const BurstPool&) = delete;
  ~BurstPool() override;

  // A payload with `bytes` bytes of data and byte enables, acquired once.
  tlm::tlm_generic_payload& take(bool write, std::uint64_t address, std::size_t bytes,
                                 std::int64_t beats);
  void free(tlm::tlm_generic_payload* payload) override;

 private:
  struct Entry {
    tlm::tlm_generic_payload payload;
    BurstExtension extension;
    std::vector<unsigned char> data;
    std::vector<unsigned char> enables;
  };
  std::vector<std::unique_ptr<Entry>> all_;
  std::vector<Entry*> free_;
};

}  // namespace mbm
