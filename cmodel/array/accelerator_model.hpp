// What the accelerator computes, without its cycles: executes a command list on a memory image as
// docs/accelerator.md says, and refuses what the hardware refuses, with the same codes.
//
// Beyond the hardware it checks what software has promised. Commands are executed in program order,
// but units of the hardware run ahead of each other; so every access to a memory inside, and to
// memory outside that is written and read, is held against the fences
// (cmodel/array/fence_order.hpp): whatever is read must be known to be written, whatever is
// overwritten must be known to be read. A broken promise throws Error(internal) that names the
// commands; on the hardware it would be a wrong result at some speed of memory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/array/command.hpp"
#include "cmodel/array/device.hpp"
#include "cmodel/multiplier/product_table.hpp"

namespace mbm {

// Sees the bytes that commands move to and from memory, row by row, in program order.
class MemoryTrace {
 public:
  virtual ~MemoryTrace() = default;
  virtual void loaded(Unit unit, std::int64_t command, std::span<const std::uint8_t> bytes) = 0;
  virtual void stored(std::int64_t command, std::span<const std::uint8_t> bytes) = 0;
};

// A tile as it passes through the array: its weights stay while its positions stream.
class ArrayTile {
 public:
  virtual ~ArrayTile() = default;
  virtual std::int64_t positions() const = 0;
  virtual std::int64_t rows() const = 0;     // in use; those below are disabled
  virtual std::int64_t columns() const = 0;  // in use
  // Operands, -255..255, or signed log codes.
  virtual int weight(std::int64_t row, std::int64_t column) const = 0;
  virtual int activation(std::int64_t position, std::int64_t row) const = 0;
};
using TileObserver = std::function<void(const ArrayTile&)>;

class AcceleratorModel final : public Device {
 public:
  // Products are those of `table`; those of a grid of kind `lut` are what LOAD_TABLE has loaded.
  // Throws Error(usage) if the parameters are invalid.
  AcceleratorModel(const AcceleratorParameters& parameters, const ProductTable& table,
                   std::int64_t memory_bytes);
  ~AcceleratorModel() override;

  void write_register(std::uint32_t address, std::uint32_t value) override;
  std::uint32_t read_register(std::uint32_t address) override;
  void write(std::uint64_t address, std::span<const std::uint8_t> bytes) override;
  void read(std::uint64_t address, std::span<std::uint8_t> bytes) override;
  bool wait(std::uint64_t cycles) override;  // a run ends before write_register returns

  // From now on `trace`, which must outlive the model, sees what commands move.
  void set_trace(MemoryTrace* trace);

  // From now on every tile is shown to `observer`, in the array's order, instead of being computed:
  // what a run writes then means nothing. Products take nearly all of a run's time, and who wants
  // to see operands does not need them.
  void observe(TileObserver observer);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace mbm
