// Integer networks on a simulated accelerator, every code compared with the executor on the CPU.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cmodel/array/layer_cost.hpp"
#include "cmodel/multiplier/product_table.hpp"
#include "cmodel/network/integer_execution.hpp"
#include "sim/axi_memory.hpp"

namespace mbm {

enum class SimulatedAs {
  rtl,    // the Verilated accelerator
  model,  // the functional model, its cycles from the cycle model
};

// Signals of cycles of the run, counted as its counter CYCLES counts them, into an FST file.
struct WaveRequest {
  std::string path;         // empty: none
  std::uint64_t first = 0;  // cycles first..last
  std::uint64_t last = 0;
  std::uint64_t before_mismatch = 0;  // not 0: so many cycles up to the first wrong write
};

struct DeviceSetup {
  SimulatedAs simulated_as = SimulatedAs::rtl;
  std::string build;  // name in sim/accelerator_library.hpp
  AcceleratorParameters parameters;
  const ProductTable* table = nullptr;  // what the device computes with
  AxiMemoryOptions memory;              // 0 bytes: as many as the program needs
  bool measure_times = false;
  WaveRequest wave;
};

// A code of a tensor that is another one than it should be.
struct CodeMismatch {
  std::size_t node = 0;  // of the whole network
  std::int64_t channel = 0;
  std::int64_t y = 0;
  std::int64_t x = 0;
  std::int16_t got = 0;
  std::int16_t want = 0;
};

struct CodeComparison {
  std::int64_t compared = 0;
  std::int64_t mismatches = 0;
  std::optional<CodeMismatch> first;

  void add(const CodeComparison& later);
};

// Compares the codes of a node's tensor, layout (channels, height, width).
CodeComparison compare_codes(std::size_t node, const IntegerTensor& tensor, const Codes& got,
                             const Codes& want);

// A part of a network as a program for the device.
struct DevicePart {
  std::vector<std::size_t> nodes;          // of the whole network
  std::optional<CounterValues> predicted;  // none where memory stalls at random
  struct Program;
  std::shared_ptr<const Program> program;
};

// Lowers the nodes `nodes` of `whole` and predicts their cycles. Throws as lower_network().
DevicePart prepare_part(const IntegerNetwork& whole, const std::vector<std::size_t>& nodes,
                        const DeviceSetup& setup);

// The nodes of `all` in `count` (at least 1) parts of about the same cycles; fewer if there are
// fewer nodes.
std::vector<std::vector<std::size_t>> cut_nodes(const DevicePart& all, std::size_t count);

struct NodeRun {
  std::size_t node = 0;               // of the whole network
  LayerCost cost;                     // products and bytes of the program, cycles as predicted
  std::optional<LayerCost> measured;  // by the counters of the device while the node computes
  CodeComparison comparison;
};

struct PartRun {
  std::vector<NodeRun> nodes;
  CounterValues counters{};  // of the device; of the model the predicted ones
  CodeComparison comparison;
  std::int64_t memory_bytes = 0;
  std::size_t commands = 0;
  std::optional<std::uint32_t> table_crc;          // of a `lut` grid, read back after the run
  std::optional<std::uint64_t> first_wrong_cycle;  // of the run: the first wrong write
  std::optional<std::pair<std::uint64_t, std::uint64_t>> wave;  // first and last cycle recorded
  double run_seconds = 0;                                       // wall clock of the simulation
  double compare_seconds = 0;                                   // of reading and comparing
  // Of run_seconds, if they are measured: of the Verilog, and of the memory's model.
  double evaluation_seconds = 0;
  double memory_seconds = 0;
};

// Runs a part on a device of its own. `tensors` are the codes of all tensors of the whole network
// as they should be; the part is given those of its inputs. `advance` is called with the number of
// nodes that are computed since the last call. Throws Error(usage) if the memory is too small or
// the device is not as the setup says, Error(device), Error(timeout).
PartRun run_part(const IntegerNetwork& whole, const DevicePart& part, const DeviceSetup& setup,
                 const std::vector<Codes>& tensors,
                 const std::function<void(std::size_t)>& advance);

}  // namespace mbm
