// The memory as a TLM-2.0 target: a queue of requests, the order in which they are served, and the
// bytes. Bursts of one port and direction stay in order.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <systemc>
#include <vector>

#include "sim/systemc/burst.hpp"
#include "sim/systemc/dram_timing.hpp"
#include "tlm_utils/simple_target_socket.h"

namespace mbm {

class Dram : public sc_core::sc_module {
 public:
  Dram(const sc_core::sc_module_name& name, const DramOptions& options);

  tlm_utils::simple_target_socket<Dram> socket;

  const DramStatistics& statistics() const { return timing_.statistics(); }
  std::string state() const;

 private:
  struct Request {
    tlm::tlm_generic_payload* payload;
    Cycle since;
  };

  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay);
  unsigned debug(tlm::tlm_generic_payload& payload);
  void act();
  void answer();
  void serve();
  std::size_t choose(Cycle now) const;
  void move(tlm::tlm_generic_payload& payload);

  // Longer than this, in cycles, nobody waits for others with open rows.
  static constexpr Cycle kMostPatient = 200;

  DramOptions options_;
  DramTiming timing_;
  std::vector<unsigned char> bytes_;
  std::deque<Request> queue_;
  tlm::tlm_generic_payload* blocked_ = nullptr;  // for which the queue has no place
  std::multimap<Cycle, tlm::tlm_generic_payload*> answers_;
  sc_core::sc_event act_event_;
};

}  // namespace mbm
