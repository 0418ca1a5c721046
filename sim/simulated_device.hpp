// A Device that is simulated cycle by cycle, with its memory.
#pragma once

#include <algorithm>
#include <string>

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

// Signals of the cycles first..last since the reset, into an FST file whose time is 10 ns for each
// cycle from `origin` on, the clock's edge in the middle.
struct WaveWindow {
  std::string path;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t origin = 0;  // at most `first`
};

// Where the time of a simulation goes, in seconds of wall clock.
struct SimulationTimes {
  double evaluation = 0;  // of the Verilog
  double memory = 0;      // of the memory's model
};

class SimulatedDevice : public Device {
 public:
  // Records the signals of a window that has not begun; the file is there once the window has
  // ended or the device is destroyed. Throws Error(usage) if the device was built without waves,
  // Error(input) if the file cannot be written.
  virtual void record(const WaveWindow& window) {
    fail(ErrorKind::usage, "{}: this device is built without waves", window.path);
  }
  // Measures from now on; a few hundredths slower.
  virtual void measure_times() = 0;
  virtual const SimulationTimes& times() const = 0;

  virtual int bus_bytes() const = 0;
  virtual AxiMemory& memory() = 0;
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

  void write(std::uint64_t address, std::span<const std::uint8_t> bytes) override {
    require(address, bytes.size());
    std::ranges::copy(bytes, memory().bytes().begin() + static_cast<std::ptrdiff_t>(address));
  }

  void read(std::uint64_t address, std::span<std::uint8_t> bytes) override {
    require(address, bytes.size());
    std::ranges::copy(memory().bytes().subspan(address, bytes.size()), bytes.begin());
  }

  bool wait(std::uint64_t cycles) override {
    for (; !interrupt() && cycles > 0; --cycles) tick();
    return interrupt();
  }

 private:
  void require(std::uint64_t address, std::size_t count) {
    const std::size_t size = memory().bytes().size();
    if (address > size || count > size - address) {
      fail(ErrorKind::device, "memory: {} bytes from {} are not within its {}", count, address,
           size);
    }
  }
};

}  // namespace mbm
