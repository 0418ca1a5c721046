#include "sim/systemc/simulation_context.hpp"

#include <systemc>

#include "cmodel/common/error.hpp"

// What the library's own main() calls; ours does not.
int sc_main(int, char**) {
  return 0;
}

namespace mbm {
namespace {

bool in_use = false;

void set_context(sc_core::sc_simcontext* context) {
  sc_core::sc_curr_simcontext = context;
  sc_core::sc_default_global_context = context;
}

}  // namespace

SimulationContext::SimulationContext() {
  if (in_use) fail(ErrorKind::internal, "a process has one SystemC simulation at a time");
  in_use = true;
  set_context(new sc_core::sc_simcontext());
}

SimulationContext::~SimulationContext() {
  delete sc_core::sc_curr_simcontext;
  set_context(nullptr);
  in_use = false;
}

}  // namespace mbm
