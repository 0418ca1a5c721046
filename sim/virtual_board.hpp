// A board that is simulated whole, its top module with its pins: a Verilated design and a serial
// line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace mbm {

class VirtualBoard {
 public:
  virtual ~VirtualBoard() = default;

  // `count` cycles of the board's clock. Bytes on their way to the board go bit by bit over its
  // receiving pin, one after the other; what its other pin sends is collected.
  virtual void tick(std::uint64_t count) = 0;
  virtual std::uint64_t cycles() const = 0;

  void send(std::span<const std::uint8_t> bytes) {
    to_board_.insert(to_board_.end(), bytes.begin(), bytes.end());
  }
  // The next byte that came, if one has.
  std::optional<std::uint8_t> receive();

  std::size_t unsent() const { return to_board_.size(); }
  std::size_t received() const { return from_board_.size(); }

 protected:
  std::deque<std::uint8_t> to_board_;
  std::deque<std::uint8_t> from_board_;
};

// The boards there are: "icebreaker", "hx8k".
std::span<const std::string_view> virtual_board_names();

// Throws Error(usage) that lists the boards if there is none called `name`.
std::unique_ptr<VirtualBoard> make_virtual_board(std::string_view name);

}  // namespace mbm
