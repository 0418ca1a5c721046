// The Grid interface over a Verilated mbm_array. Include it in one source per model: it needs the
// generated header.
#pragma once

#include <verilated.h>

#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <type_traits>

#include "cmodel/common/error.hpp"
#include "testbench/grid.hpp"

namespace mbm {

// Model is a class that Verilator generated from mbm_array with these Rows and Columns.
template <typename Model, int kRows, int kColumns>
class VerilatedGrid final : public Grid {
  static_assert(std::endian::native == std::endian::little, "ports are copied bytewise");
  static_assert(kRows <= 64 && kColumns <= 64);

 public:
  explicit VerilatedGrid(int accumulator_depth)
      : shape_{kRows, kColumns, accumulator_depth}, model_(std::make_unique<Model>(&context_, "")) {
    context_.fatalOnError(false);  // a failed assertion becomes an Error
    model_->rst_ni = 0;
    clock();
    model_->rst_ni = 1;
  }
  ~VerilatedGrid() override {
    Verilated::threadContextp(&context_);  // the model's destructor looks there for its context
    model_->final();
  }

  const GridShape& shape() const override { return shape_; }

  GridOutputs tick(const GridInputs& inputs) override {
    model_->weight_load_i = inputs.weight_load;
    if (inputs.weight_load) {
      std::memcpy(&model_->weight_sign_i, &inputs.weights.signs, kSignBytes<kColumns>);
      std::memcpy(&model_->weight_magnitude_i, inputs.weights.magnitudes.data(), kColumns);
    }
    model_->activation_valid_i = inputs.activation_valid;
    model_->swap_i = inputs.swap;
    if (inputs.activation_valid) {
      model_->sum_first_i = inputs.first;
      model_->sum_last_i = inputs.last;
      using Address = std::remove_reference_t<decltype(model_->sum_address_i)>;
      model_->sum_address_i = static_cast<Address>(inputs.address);
      std::memcpy(&model_->activation_sign_i, &inputs.activations.signs, kSignBytes<kRows>);
      std::memcpy(&model_->activation_magnitude_i, inputs.activations.magnitudes.data(), kRows);
    }
    clock();
    if (context_.gotError()) fail(ErrorKind::device, "grid: an assertion of the Verilog failed");
    GridOutputs outputs;
    std::memcpy(&outputs.valid, &model_->sum_valid_o, kSignBytes<kColumns>);
    if (outputs.valid != 0) {
      std::memcpy(sums_.data(), &model_->sum_o, sizeof sums_);
      outputs.sums = sums_;
    }
    return outputs;
  }

 private:
  template <int kOperands>
  static constexpr std::size_t kSignBytes = (kOperands + 7) / 8;

  // Settles the inputs, then clocks.
  void clock() {
    Verilated::threadContextp(&context_);
    model_->clk_i = 0;
    model_->eval();
    model_->clk_i = 1;
    model_->eval();
  }

  GridShape shape_;
  VerilatedContext context_;
  std::unique_ptr<Model> model_;
  std::array<std::int32_t, kColumns> sums_{};
};

}  // namespace mbm
