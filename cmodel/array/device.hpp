// What drives an accelerator and what can be driven: the Verilated top, the functional model, a
// platform or a board behind a link.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mbm {

class Device {
 public:
  Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  virtual ~Device() = default;

  virtual std::string_view name() const = 0;

  // Memory that the accelerator reads and writes, in bytes from address 0.
  virtual std::int64_t memory_bytes() const = 0;
  // Throw Error(device) if the bytes do not lie in the memory.
  virtual void write(std::int64_t address, std::span<const std::uint8_t> bytes) = 0;
  virtual void read(std::int64_t address, std::span<std::uint8_t> bytes) = 0;

  // Registers (cmodel/array/registers.hpp). Throw Error(device) if the device refuses the access.
  virtual void write_register(std::uint32_t address, std::uint32_t value) = 0;
  virtual std::uint32_t read_register(std::uint32_t address) = 0;

  // Returns when the device raises its interrupt; throws Error(timeout) if it does not.
  virtual void wait() = 0;
};

}  // namespace mbm
