#include "sim/virtual_board.hpp"

#include <Vhx8k.h>
#include <Vicebreaker.h>
#include <fmt/ranges.h>

#include <array>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr std::array<std::string_view, 2> kNames{"icebreaker", "hx8k"};
constexpr int kBitsOfAByte = 10;  // start, eight of data, stop

// Model is a class that Verilator generated from a board top.
template <typename Model>
class VerilatedBoard final : public VirtualBoard {
 public:
  VerilatedBoard() : model_(std::make_unique<Model>(&context_, "")) {
    model_->rx_i = 1;
    if constexpr (requires { model_->button_ni; }) model_->button_ni = 1;
  }
  ~VerilatedBoard() override {
    Verilated::threadContextp(&context_);  // the model's destructor looks there for its context
    model_->final();
  }

  std::uint64_t cycles() const override { return cycles_; }

  void tick(std::uint64_t count) override {
    Verilated::threadContextp(&context_);
    for (; count > 0; --count) {
      drive();
      model_->clk_12mhz_i = 1;
      model_->eval();
      model_->clk_12mhz_i = 0;
      model_->eval();
      sample();
      ++cycles_;
    }
  }

 private:
  // The receiving pin: `sending_` holds the bits that are left of the present byte, lowest first.
  void drive() {
    if (send_wait_ > 0) {
      --send_wait_;
      return;
    }
    if (send_bits_ == 0 && !to_board_.empty()) {
      sending_ = static_cast<unsigned>(to_board_.front()) << 1 | 0x200U;
      send_bits_ = kBitsOfAByte;
      to_board_.pop_front();
    }
    if (send_bits_ == 0) return;
    model_->rx_i = sending_ & 1U;
    sending_ >>= 1;
    --send_bits_;
    send_wait_ = MBM_VIRTUAL_CLOCKS_PER_BIT - 1;
  }

  // The sending pin, in the middle of its bits.
  void sample() {
    if (receive_bits_ == 0) {
      if (model_->tx_o != 0) return;
      receive_bits_ = kBitsOfAByte;
      receive_wait_ = MBM_VIRTUAL_CLOCKS_PER_BIT / 2;
      receiving_ = 0;
      return;
    }
    if (--receive_wait_ > 0) return;
    receive_wait_ = MBM_VIRTUAL_CLOCKS_PER_BIT;
    receiving_ |= static_cast<unsigned>(model_->tx_o) << (kBitsOfAByte - receive_bits_);
    if (--receive_bits_ == 0) from_board_.push_back(static_cast<std::uint8_t>(receiving_ >> 1));
  }

  VerilatedContext context_;
  std::unique_ptr<Model> model_;
  std::uint64_t cycles_ = 0;
  unsigned sending_ = 0;
  int send_bits_ = 0;
  int send_wait_ = 0;
  unsigned receiving_ = 0;
  int receive_bits_ = 0;
  int receive_wait_ = 0;
};

}  // namespace

std::optional<std::uint8_t> VirtualBoard::receive() {
  if (from_board_.empty()) return std::nullopt;
  const std::uint8_t byte = from_board_.front();
  from_board_.pop_front();
  return byte;
}

std::span<const std::string_view> virtual_board_names() {
  return kNames;
}

std::unique_ptr<VirtualBoard> make_virtual_board(std::string_view name) {
  if (name == "icebreaker") return std::make_unique<VerilatedBoard<Vicebreaker>>();
  if (name == "hx8k") return std::make_unique<VerilatedBoard<Vhx8k>>();
  fail(ErrorKind::usage, "board '{}' found, one of {} expected", name, fmt::join(kNames, ", "));
}

}  // namespace mbm
