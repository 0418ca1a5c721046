// Small Verilated compute cores (rtl/top/accelerator_core.sv) with their assertions, in sizes and
// kinds that differ, and their ports as C++.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cmodel/array/command_record.hpp"

namespace mbm {

struct CoreShape {
  int rows = 16;
  int columns = 16;
  int lanes = 4;
  int bus_bytes = 16;
  int activation_depth = 262144;
  int weight_rows = 128;
  int sum_depth = 1024;
  int output_depth = 131072;
  int parameter_depth = 4096;
  int table_entries = 16;
};

struct CoreParameters {
  std::int32_t bias = 0;
  std::uint16_t multiplier = 0;
  std::uint16_t negative_multiplier = 0;
  std::uint8_t shift = 0;
};

// What enters in one cycle. Operands are codes, -255..255; a span that is empty is nothing.
struct CoreInputs {
  bool clear = false;
  std::span<const std::int16_t> activations;  // up to bus_bytes
  int activation_address = 0;
  std::span<const std::int16_t> weights;  // a row of the array
  bool parameter_write = false;
  int parameter_channel = 0;
  CoreParameters parameters;
  std::span<const std::uint16_t> table;  // bus_bytes / 2 products
  int table_address = 0;
  bool table_read = false;
  int table_read_address = 0;
  const CommandRecord* command = nullptr;
  int output_address = 0;
};

// The ports in the same cycle; data of reads belong to the addresses of the cycle before.
struct CoreOutputs {
  bool weight_ready = false;
  int weight_rows = 0;
  bool command_ready = false;
  bool read_done = false;
  bool drain_done = false;
  bool command_error = false;
  int error_code = 0;
  registers::Core cause = registers::Core::none;
  bool busy = false;
  bool tile = false;
  bool position = false;
  std::uint16_t table_data = 0;
};

class Core {
 public:
  virtual ~Core() = default;

  virtual const CoreShape& shape() const = 0;

  // One clock cycle. Throws Error(device) if an assertion of the Verilog fails.
  virtual CoreOutputs tick(const CoreInputs& inputs) = 0;

  // The bus_bytes codes that the output buffer gave in the last cycle.
  virtual std::vector<std::int16_t> output_data() const = 0;
};

struct CoreBench {
  std::string name;        // "4x8 log mitchell"
  std::string multiplier;  // name of the product table that it computes with; of `lut` any
  bool log = false;        // kind log: operands may be log codes
  bool lut = false;
  std::function<std::unique_ptr<Core>()> factory;
};

const std::vector<CoreBench>& core_benches();

// A cycle of what testbench/accelerator_core_sva.sv watches, in a core of 2 x 2.
struct CoreRuleCycle {
  bool accepted = false;
  bool command_error = false;
  bool read_done = false;
  bool drain_done = false;
  bool weight_load = false;
  bool swap = false;
  bool fill = false;
  bool finish_last = false;
  int banks_in_use = 0;
  bool enter = false;
  bool tap = false;
  bool result_write = false;
  bool busy = false;
};

// The cycle, from 0 on, in which the rules of the core find these cycles wrong; -1 if they do not.
int first_broken_core_rule(std::span<const CoreRuleCycle> cycles);

}  // namespace mbm
