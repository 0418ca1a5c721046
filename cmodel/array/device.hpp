// What a driver speaks to: an accelerator's registers, the memory that it sees, and its interrupt.
#pragma once

#include <cstdint>
#include <span>

namespace mbm {

class Device {
 public:
  virtual ~Device() = default;

  // The register at byte address `address`. Both throw Error(device) if the device refuses the
  // access, Error(timeout) if it does not answer.
  virtual void write_register(std::uint32_t address, std::uint32_t value) = 0;
  virtual std::uint32_t read_register(std::uint32_t address) = 0;

  // Bytes of memory from `address` on. Both throw Error(device) if they are not all within it.
  virtual void write(std::uint64_t address, std::span<const std::uint8_t> bytes) = 0;
  virtual void read(std::uint64_t address, std::span<std::uint8_t> bytes) = 0;

  // Returns true once the interrupt is raised, false if it is not within `cycles` of the device's
  // clock.
  virtual bool wait(std::uint64_t cycles) = 0;
};

}  // namespace mbm
