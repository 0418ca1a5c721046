// SystemC simulations one after the other in one process.
#pragma once

#include <systemc>

#include "cmodel/common/error.hpp"

namespace mbm {

// SystemC's kernel keeps its state in one context, which lasts a process; each simulation gets one
// of its own, so that time begins at 0 and modules can be made again.
class SimulationContext {
 public:
  SimulationContext() {
    if (in_use_) fail(ErrorKind::internal, "a process has one SystemC simulation at a time");
    in_use_ = true;
    sc_core::sc_curr_simcontext = new sc_core::sc_simcontext();
    sc_core::sc_default_global_context = sc_core::sc_curr_simcontext;
  }
  SimulationContext(const SimulationContext&) = delete;
  SimulationContext& operator=(const SimulationContext&) = delete;
  ~SimulationContext() {
    delete sc_core::sc_curr_simcontext;
    sc_core::sc_curr_simcontext = nullptr;
    sc_core::sc_default_global_context = nullptr;
    in_use_ = false;
  }

 private:
  static inline bool in_use_ = false;
};

}  // namespace mbm
