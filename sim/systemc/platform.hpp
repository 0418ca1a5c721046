// The accelerator as a platform: arrays, an interconnect, a memory and the software that drives
// them, in SystemC. docs/platform.md describes its parts and what their timing is.
//
// This header needs no SystemC. A process has one platform at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "cmodel/array/cycle_model.hpp"
#include "cmodel/array/device.hpp"
#include "cmodel/multiplier/product_table.hpp"
#include "sim/accelerator_pins.hpp"
#include "sim/systemc/dram_timing.hpp"
#include "sim/systemc/platform_options.hpp"

namespace mbm {

struct PlatformStatistics {
  std::uint64_t cycles = 0;  // until the software of all arrays was done
  DramStatistics dram;
  std::uint64_t requests = 0;         // that the interconnect took
  std::uint64_t waited_cycles = 0;    // of requests behind those of other arrays
  std::uint64_t queued_requests = 0;  // behind one of the same array: a read and a write at once
};

class Platform {
 public:
  // Makes the Verilated accelerator of an array whose cell is `rtl`.
  using PinsFactory = std::function<std::unique_ptr<AcceleratorPins>()>;

  // Products of the models are those of `table`. Throws Error(usage) for options out of range, or
  // if there is a cell `rtl` and no `rtl`, or one with other parameters.
  Platform(const PlatformOptions& options, const ProductTable& table, const PinsFactory& rtl = {});
  ~Platform();

  // Software: called once for each array, all at the same time.
  using Software = std::function<void(std::size_t array, Device& device)>;

  // Runs until the software of all arrays has returned; once for each platform. Throws what it
  // throws, and Error(timeout) with the state of every part if nothing goes on any more.
  void run(const Software& software);

  PlatformStatistics statistics() const;
  // Of the last run of an array; without commands if its cell is `rtl`.
  CycleReport report(std::size_t array) const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace mbm
