// One driver for every device: puts a program and its tensors into the device's memory, starts it,
// waits, and says what went wrong.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/array/command.hpp"
#include "cmodel/array/counters.hpp"
#include "cmodel/array/device.hpp"
#include "cmodel/array/lowering.hpp"

namespace mbm {

// What a device does from a start to its interrupt.
struct AcceleratorProgram {
  AcceleratorParameters parameters;
  std::vector<Command> commands;
  std::vector<MemorySegment> segments;  // weights, parameters, tables; not the commands
  std::vector<TensorView> inputs;
  TensorView output;
  std::int64_t command_address = 0;
  std::int64_t memory_bytes = 0;
};

class AcceleratorDriver {
 public:
  // Reads the device's parameters. Throws Error(device) if it is no accelerator, or of another
  // version of registers and commands.
  explicit AcceleratorDriver(Device& device);

  const AcceleratorParameters& parameters() const { return parameters_; }

  // Writes segments and commands. Throws Error(usage) if the program was made for other
  // parameters.
  void load(const AcceleratorProgram& program);

  // Codes of one tensor of the loaded program, layout (channels, height, width). write_tensor
  // throws Error(usage) if their count is wrong or a code does not fit the tensor's format.
  void write_tensor(const TensorView& view, std::span<const std::int16_t> codes);
  std::vector<std::int16_t> read_tensor(const TensorView& view);

  // Runs the loaded program: start() and finish().
  void run(std::uint64_t cycles = kPatience);

  // Starts the loaded program.
  void start();
  // Waits for its end. Throws Error(device) that says which command met which error, Error(timeout)
  // if the device has not ended within `cycles` of its clock.
  void finish(std::uint64_t cycles = kPatience);

  static constexpr std::uint64_t kPatience = 1'000'000'000;

  // Of the last run, or of the one under way as far as it is.
  CounterValues counters();

  // CRC-32 (that of zlib) of the product table that the device holds, 131,072 bytes, little-endian,
  // as the device reads it. It must be idle. Throws Error(timeout) if it does not end.
  std::uint32_t table_crc();

 private:
  Device& device_;
  AcceleratorParameters parameters_;
  std::int64_t command_address_ = 0;
  std::vector<std::string> command_names_;
};

// What the codes of STATUS.ERROR_CODE mean, one line.
std::string describe_device_error(std::uint32_t code, std::uint32_t detail);

}  // namespace mbm
