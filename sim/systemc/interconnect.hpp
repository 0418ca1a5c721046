// The interconnect between the arrays and the memory: takes one request a cycle, shares the paths
// of data, and shifts each array's addresses to its window of the memory.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <string>
#include <systemc>
#include <vector>

#include "sim/systemc/burst.hpp"
#include "sim/systemc/platform_options.hpp"
#include "tlm_utils/multi_passthrough_target_socket.h"
#include "tlm_utils/simple_initiator_socket.h"

namespace mbm {

struct InterconnectStatistics {
  std::uint64_t requests = 0;
  std::uint64_t waited_cycles = 0;  // of requests that another array's request delayed
};

class Interconnect : public sc_core::sc_module {
 public:
  // Array i, the i-th bound to `ports`, sees `window` bytes of memory from i * window on.
  Interconnect(const sc_core::sc_module_name& name, const InterconnectOptions& options,
               std::size_t arrays, std::int64_t window, std::int64_t bus_bytes);

  tlm_utils::multi_passthrough_target_socket<Interconnect> ports;
  tlm_utils::simple_initiator_socket<Interconnect> memory;

  const InterconnectStatistics& statistics() const { return statistics_; }
  std::string state() const;

 private:
  struct Waiting {
    tlm::tlm_generic_payload* payload = nullptr;
    Cycle since = 0;
  };
  // A path of data: one direction. Its bursts stay in order.
  struct Path {
    std::deque<std::pair<Cycle, tlm::tlm_generic_payload*>> requests;  // and when they arrive
    double free = 0;                                                   // cycle
  };

  tlm::tlm_sync_enum forward(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay);
  unsigned debug(int port, tlm::tlm_generic_payload& payload);
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
  void act();
  void deliver();
  void pass_on();
  void arbitrate();
  void wake(Cycle cycle);
  std::size_t choose() const;
  void grant(std::size_t port);
  void answer_later(tlm::tlm_generic_payload& payload, Cycle cycle);
  bool in_window(const tlm::tlm_generic_payload& payload) const;
  Path& path(const tlm::tlm_generic_payload& payload) { return paths_[payload.is_write() ? 1 : 0]; }
  double rate(const BurstExtension& burst) const;

  InterconnectOptions options_;
  std::int64_t window_;
  std::int64_t bus_bytes_;
  std::vector<Waiting> waiting_;
  std::size_t turn_ = 0;  // the port that came last
  std::array<Path, 2> paths_;
  double read_free_ = 0;      // path of the data that come back
  bool memory_busy_ = false;  // has not taken the last request
  std::multimap<Cycle, tlm::tlm_generic_payload*> answers_;
  std::int64_t reads_ = 0;
  InterconnectStatistics statistics_;
  std::uint64_t delivered_ = 0;
  sc_core::sc_event act_event_;
};

}  // namespace mbm
