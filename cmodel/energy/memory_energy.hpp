// Energy and area of memories that no netlist here holds: documented models of published figures.
#pragma once

#include <cstdint>

#include "cmodel/array/accelerator_parameters.hpp"

namespace mbm {

// Of a process: what published figures are scaled to.
struct Process {
  double feature_nm = 45;
  double voltage = 1.1;
};

// Energy of a read or write of `word_bits` bits in a static RAM of `capacity_bits`, fJ.
//
// Horowitz, ISSCC 2014 (figure 1.1.9), gives for 45 nm and 0.9 V 10, 20 and 100 pJ for 64 bits of
// caches of 8 KB, 32 KB and 1 MB: the square root of the capacity, within 12 %. So 10 pJ
// sqrt(capacity / 8 KB) word / 64, and for other processes C V^2: in proportion to the feature size
// and the square of the voltage. Below 1 KB the root is no longer trusted and the energy of 1 KB
// stands.
double static_ram_access_fj(std::int64_t capacity_bits, std::int64_t word_bits,
                            const Process& process);

// Area of a static RAM, um2: a cell of 0.346 um2 at 45 nm (Mistry et al., IEDM 2007), in proportion
// to the square of the feature size, over an array efficiency of 0.6 (assumed).
double static_ram_area_um2(std::int64_t capacity_bits, const Process& process);

// Static RAMs of one kind.
struct MemoryShape {
  std::int64_t banks = 1;
  std::int64_t words = 1;  // of a bank
  std::int64_t bits = 1;   // of a word

  std::int64_t bank_bits() const { return words * bits; }
  // Of an access to one bank, fJ.
  double access_fj(const Process& process) const {
    return static_ram_access_fj(bank_bits(), bits, process);
  }
};

// The memories of an accelerator (docs/accelerator.md, section 1).
struct AcceleratorMemories {
  MemoryShape activations;
  MemoryShape weights;  // a word is a row of the grid
  MemoryShape sums;     // two banks a column
  MemoryShape outputs;
  MemoryShape channels;  // their parameters
  MemoryShape landing;   // of the DMA
};

// landing_beats is that of ShellTiming.
AcceleratorMemories accelerator_memories(const AcceleratorParameters& parameters,
                                         std::int64_t landing_beats);

// Energy of a byte moved to or from DRAM, fJ: 1.3 nJ for 64 bits, the lower of the two figures of
// the same source (the upper one is 2.6 nJ). Not scaled: another chip.
double dynamic_ram_byte_fj();

}  // namespace mbm
