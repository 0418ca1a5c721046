// A Device with more memory than the board behind it has: the host holds the memory, and a run goes
// to the board in pieces, each with the bytes that its commands read, and what they store comes
// back.
//
// For devices that do their commands one after the other (board_features::kInOrder): commands keep
// their order and lose their fences. Loads are cut where they do not fit; the weights of each
// convolution are loaded right before it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/array/command.hpp"
#include "cmodel/array/device.hpp"
#include "cmodel/array/driver.hpp"

namespace mbm {

class WindowedDevice final : public Device {
 public:
  // `inner` must outlive this object; `window_bytes` of its memory from 0 on are used. The host's
  // memory grows up to `memory_bytes`.
  WindowedDevice(Device& inner, const AcceleratorParameters& parameters, std::int64_t window_bytes,
                 std::int64_t memory_bytes = std::int64_t{1} << 30);

  // START runs the whole program, piece by piece. ERROR_COMMAND and the counters are those of the
  // whole run.
  void write_register(std::uint32_t address, std::uint32_t value) override;
  std::uint32_t read_register(std::uint32_t address) override;
  void write(std::uint64_t address, std::span<const std::uint8_t> bytes) override;
  void read(std::uint64_t address, std::span<std::uint8_t> bytes) override;
  bool wait(std::uint64_t cycles) override;

  std::uint64_t pieces() const { return pieces_; }  // of all runs

 private:
  // What a piece stores: rows that lie one behind the other in the window.
  struct Result {
    std::int64_t window = 0;
    std::int64_t address = 0;
    std::int64_t pitch = 0;
    std::int64_t rows = 0;
    std::int64_t row_bytes = 0;
  };
  struct PendingWeights {
    std::int64_t address = 0;
    std::int64_t rows = 0;
    std::int64_t format = 0;
  };

  void run();
  void add(const Command& command);
  void add_operation(const LoadActivations& load);
  void add_operation(const LoadWeights& load);
  void add_operation(const LoadParameters& load);
  void add_operation(const LoadTable& load);
  void add_operation(const Store& store);
  void add_operation(const ConvolutionPass& convolve);
  template <typename Other>
  void add_operation(const Other& operation);

  std::int64_t room(std::int64_t commands) const;
  std::int64_t take(std::int64_t bytes, std::int64_t commands);
  bool stores_within(std::int64_t first, std::int64_t end) const;
  void require(std::int64_t address, std::int64_t bytes) const;
  void emit(const CommandOperation& operation);
  void run_piece();

  Device& inner_;
  AcceleratorParameters parameters_;
  std::int64_t window_bytes_;
  std::int64_t memory_bytes_;
  std::vector<std::uint8_t> memory_;
  std::uint32_t command_base_ = 0;
  std::uint32_t command_count_ = 0;
  std::uint32_t enable_ = 0;

  // The piece under construction.
  std::vector<Command> commands_;
  std::vector<std::uint32_t> command_indices_;  // in the whole run
  std::vector<std::uint8_t> data_;              // of the window
  std::int64_t data_begin_ = 0;                 // data lie from here to the window's end
  std::vector<Result> results_;
  std::vector<PendingWeights> weights_;

  std::uint32_t index_ = 0;  // of the command that is being added
  bool failed_ = false;
  bool timed_out_ = false;
  std::optional<std::uint32_t> error_command_;
  CounterValues counters_{};
  std::uint64_t pieces_ = 0;
};

}  // namespace mbm
