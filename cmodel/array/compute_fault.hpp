// What the compute core refuses.
#pragma once

#include <cstdint>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/array/command.hpp"

namespace mbm {

// Codes of the compute core (register ERROR_DETAIL after ERROR_COMPUTE), mbm_pkg::ERROR_*.
enum class ComputeFault : std::uint8_t {
  none = 0,
  opcode = 1,
  size = 2,
  tile = 3,
  ring = 4,
  sum_bits = 5,
  reduction = 6,
  bounds = 7,
  parameters = 8,
  log_codes = 9,
  positions = 10,
};

// Why the compute core refuses `operation`; `open` says that a reduction has begun and not ended.
ComputeFault compute_fault(const CommandOperation& operation,
                           const AcceleratorParameters& parameters, bool open);

}  // namespace mbm
