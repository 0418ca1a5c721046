// SystemC simulations one after the other in one process.
#pragma once

namespace mbm {

// SystemC's kernel keeps its state in one context, which lasts a process; each simulation gets one
// of its own, so that time begins at 0 and modules can be made again. Throws Error(internal) if
// there is one already. It must be made before all modules and outlive them.
class SimulationContext {
 public:
  SimulationContext();
  ~SimulationContext();
  SimulationContext(const SimulationContext&) = delete;
  SimulationContext& operator=(const SimulationContext&) = delete;
};

}  // namespace mbm
