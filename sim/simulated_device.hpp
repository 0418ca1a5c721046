// A Device that is simulated cycle by cycle, with its memory.
#pragma once

#include <algorithm>

#include "cmodel/array/device.hpp"
#include "cmodel/common/error.hpp"
#include "sim/axi_memory.hpp"

namespace mbm {

// The master of the register port waits at random, with probability `pause`, before each step.
struct RegisterPortOptions {
  double pause = 0;
  std::uint32_t seed = 1;
};

struct RegisterAnswer {
  std::uint32_t value;
  std::uint8_t response;  // RRESP
};

class SimulatedDevice : public Device {
 public:
  virtual int bus_bytes() const = 0;
  virtual AxiMemory& memory() = 0;
  virtual const AxiMemory& memory() const = 0;
  virtual std::uint64_t cycles() const = 0;  // since the reset
  virtual bool interrupt() const = 0;
  virtual void tick(std::uint64_t count = 1) = 0;

  // As write_register and read_register, but a refusal is a result. `strobe` has a bit for each
  // byte.
  virtual std::uint8_t try_write_register(std::uint32_t address, std::uint32_t value,
                                          std::uint8_t strobe = 0xf) = 0;
  virtual RegisterAnswer try_read_register(std::uint32_t address) = 0;

  void write_register(std::uint32_t address, std::uint32_t value) override {
    const std::uint8_t response = try_write_register(address, value);
    if (response != 0) {
      fail(ErrorKind::device, "register 0x{:03x}: writing 0x{:08x} is answered with {}, expected 0",
           address, value, response);
    }
  }

  std::uint32_t read_register(std::uint32_t address) override {
    const RegisterAnswer answer = try_read_register(address);
    if (answer.response != 0) {
      fail(ErrorKind::device, "register 0x{:03x}: reading is answered with {}, expected 0", address,
           answer.response);
    }
    return answer.value;
  }

  std::string_view name() const override { return "simulated accelerator"; }

  std::int64_t memory_bytes() const override {
    return static_cast<std::int64_t>(memory().bytes().size());
  }

  void write(std::int64_t address, std::span<const std::uint8_t> bytes) override {
    require(address, bytes.size());
    std::ranges::copy(bytes, memory().bytes().begin() + address);
  }

  void read(std::int64_t address, std::span<std::uint8_t> bytes) override {
    require(address, bytes.size());
    std::ranges::copy(memory().bytes().subspan(static_cast<std::size_t>(address), bytes.size()),
                      bytes.begin());
  }

  // Ticks until the interrupt is raised, at most `limit` cycles; whether it is.
  bool run_until_interrupt(std::uint64_t limit) {
    for (; !interrupt() && limit > 0; --limit) tick();
    return interrupt();
  }

  void wait() override {
    if (!run_until_interrupt(kWaitCycles)) {
      fail(ErrorKind::timeout, "{}: no interrupt within {} cycles", name(), kWaitCycles);
    }
  }

 private:
  static constexpr std::uint64_t kWaitCycles = 1'000'000'000'000;

  void require(std::int64_t address, std::size_t count) {
    const std::size_t size = memory().bytes().size();
    const auto first = static_cast<std::size_t>(address);
    if (address < 0 || first > size || count > size - first) {
      fail(ErrorKind::device, "memory: {} bytes from {} are not within its {}", count, address,
           size);
    }
  }
};

}  // namespace mbm
