// From the signals of an AXI4 master, cycle by cycle, to TLM-2.0 bursts, and back.
//
// Requests wait in a queue until the interconnect takes them; beats of a write are collected until
// the burst is whole. An answer that comes during a cycle is offered from the cycle after the next
// on. One master with one ID: answers come in order, reads and writes apart.
#pragma once

#include <deque>
#include <string>
#include <systemc>

#include "sim/axi_memory.hpp"
#include "sim/systemc/burst.hpp"
#include "tlm_utils/simple_initiator_socket.h"

namespace mbm {

class BusTransactor : public sc_core::sc_module {
 public:
  BusTransactor(const sc_core::sc_module_name& name, std::int64_t bus_bytes);
  ~BusTransactor() override;

  tlm_utils::simple_initiator_socket<BusTransactor> socket;

  // What the master is offered in cycle `cycle`, which comes after the last one asked for.
  const AxiSlave& slave(Cycle cycle);
  // The end of the cycle that was asked for last, in which the master offered `master`.
  void clock(const AxiMaster& master);

  // The next cycle after the present one in which slave() is another one by itself; kNever if none
  // is known. `activity` says that one has become known.
  static constexpr Cycle kNever = INT64_MAX;
  Cycle next_change() const;
  const sc_core::sc_event& activity() const { return activity_; }

  std::uint64_t transfers() const { return transfers_; }  // beats and bursts, for who watches
  // Requests that found another one of this master waiting.
  std::uint64_t queued_requests() const { return queued_requests_; }
  std::string state() const;

 private:
  struct Read {
    tlm::tlm_generic_payload* payload;
    Cycle first = kNever;  // cycle of the first beat
    std::int64_t beat = 0;
  };
  // What the other side has done, and the cycle from which on it counts.
  struct Arrival {
    Cycle cycle;
    tlm::tlm_generic_payload* payload;
    bool answer;  // else the request was taken
  };
  struct WriteBeat {
    std::array<std::uint8_t, kLargestBusBytes> data;
    std::uint32_t strobe;
    bool last;
  };

  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
  void arrive(tlm::tlm_generic_payload& payload, bool answer);
  void request(tlm::tlm_generic_payload& payload);
  void send();
  void send_requests();
  void collect_writes();
  Cycle beat_cycle(const Read& read) const;

  static constexpr std::size_t kRequests = 4;        // that wait
  static constexpr std::size_t kWriteAddresses = 8;  // whose beats have not all come
  static constexpr std::size_t kWriteBeats = 32;

  std::size_t bus_bytes_;
  BurstPool pool_;
  Cycle cycle_ = 0;
  AxiSlave slave_;
  std::deque<Read> reads_;
  struct WriteAddress {
    std::uint64_t address;
    std::int64_t beats;
  };
  std::deque<WriteAddress> write_addresses_;
  std::deque<WriteBeat> write_beats_;
  std::deque<tlm::tlm_generic_payload*> answers_;  // of writes
  std::deque<tlm::tlm_generic_payload*> requests_;
  bool request_pending_ = false;   // the first one was sent and not taken
  std::size_t requests_held_ = 0;  // as the master sees it
  std::size_t beats_held_ = 0;
  std::deque<Arrival> arrivals_;
  std::uint64_t transfers_ = 0;
  std::uint64_t queued_requests_ = 0;
  sc_core::sc_event activity_;
  sc_core::sc_event send_event_;
};

}  // namespace mbm
