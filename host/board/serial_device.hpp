// The accelerator of a board behind its serial bridge, as a Device.
#pragma once

#include <chrono>
#include <string>

#include "cmodel/array/device.hpp"
#include "host/board/board_link.hpp"

namespace mbm {

// Registers of the bridge (docs/serial-protocol.md).
namespace board_registers {
inline constexpr std::uint32_t kBoard = 0x800;
inline constexpr std::uint32_t kVersion = 0x804;
inline constexpr std::uint32_t kMemoryBytes = 0x808;
inline constexpr std::uint32_t kClockHertz = 0x80c;
inline constexpr std::uint32_t kFeatures = 0x810;
inline constexpr std::uint32_t kCycles = 0x814;
inline constexpr std::uint32_t kClocksPerBit = 0x818;
inline constexpr std::uint32_t kLinkErrors = 0x81c;
}  // namespace board_registers

// Bits of the register FEATURES.
namespace board_features {
inline constexpr std::uint32_t kInOrder = 1U << 0;  // no fences; counts cycles, commands, tiles,
                                                    // positions only
inline constexpr std::uint32_t kMaximum = 1U << 1;
inline constexpr std::uint32_t kOtherVectors = 1U << 2;  // RESIZE, ADD, RESCALE, log outputs
}  // namespace board_features

inline constexpr std::uint32_t kBridgeVersion = 0x00010000;

struct BoardIdentity {
  std::string board;  // "ICEB"
  std::uint32_t version = 0;
  std::uint32_t memory_bytes = 0;
  std::uint32_t clock_hertz = 0;
  std::uint32_t features = 0;
  std::uint32_t clocks_per_bit = 0;
};

class SerialDevice : public Device {
 public:
  // The link must outlive the device. `silence` bounds how long wait() goes on by the clock on the
  // wall, whatever the board's clock says.
  explicit SerialDevice(BoardLink& link, std::chrono::seconds silence = std::chrono::seconds(300))
      : link_(link), silence_(silence) {}

  // Throws Error(device) with both values if the bridge is of another version.
  BoardIdentity identify();

  void write_register(std::uint32_t address, std::uint32_t value) override;
  std::uint32_t read_register(std::uint32_t address) override;
  void write(std::uint64_t address, std::span<const std::uint8_t> bytes) override;
  void read(std::uint64_t address, std::span<std::uint8_t> bytes) override;
  bool wait(std::uint64_t cycles) override;

  // Sends `words` and returns what came back.
  virtual std::vector<std::uint32_t> echo(std::span<const std::uint32_t> words);
  // As write_register and read_register, but a refusal is a result.
  bool try_write_register(std::uint32_t address, std::uint32_t value);
  std::optional<std::uint32_t> try_read_register(std::uint32_t address);

  BoardLink& link() { return link_; }

 private:
  std::vector<std::uint32_t> read_words(std::uint32_t address, std::size_t count);

  BoardLink& link_;
  std::chrono::seconds silence_;
};

}  // namespace mbm
