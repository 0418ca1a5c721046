#include "testbench/core_bench.hpp"

#include <verilated.h>

#include <bit>
#include <cstdlib>
#include <cstring>
#include <type_traits>

#include "Vcore_16x16_log.h"
#include "Vcore_2x2_log.h"
#include "Vcore_4x4_lut.h"
#include "Vcore_4x8_exact.h"
#include "Vcore_8x4_lut.h"
#include "Vcore_rules.h"
#include "cmodel/common/error.hpp"
#include "sim/rtl_coverage.hpp"

namespace mbm {
namespace {

static_assert(std::endian::native == std::endian::little, "ports are copied bytewise");

constexpr int kElementBits = 9;

// Sets `bits` bits of a port from bit `lsb` on.
template <typename Port>
void set_bits(Port& port, int lsb, int bits, std::uint64_t value) {
  auto* bytes = reinterpret_cast<unsigned char*>(&port);
  for (int i = 0; i < bits; ++i) {
    const int bit = lsb + i;
    const auto mask = static_cast<unsigned char>(1U << (bit % 8));
    if ((value >> i & 1) != 0) {
      bytes[bit / 8] |= mask;
    } else {
      bytes[bit / 8] &= static_cast<unsigned char>(~mask);
    }
  }
}

template <typename Port>
std::uint64_t get_bits(const Port& port, int lsb, int bits) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(&port);
  std::uint64_t value = 0;
  for (int i = 0; i < bits; ++i) {
    const int bit = lsb + i;
    value |= static_cast<std::uint64_t>(bytes[bit / 8] >> (bit % 8) & 1) << i;
  }
  return value;
}

template <typename Port>
void set_elements(Port& port, std::span<const std::int16_t> codes) {
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto element = static_cast<std::uint64_t>(std::abs(codes[i]) | (codes[i] < 0 ? 256 : 0));
    set_bits(port, static_cast<int>(i) * kElementBits, kElementBits, element);
  }
}

template <typename Model>
class VerilatedCore final : public Core {
 public:
  explicit VerilatedCore(const CoreShape& shape)
      : shape_(shape), model_(std::make_unique<Model>(&context_, "")) {
    context_.fatalOnError(false);  // a failed assertion becomes an Error
    model_->rst_ni = 0;
    model_->clk_i = 0;
    model_->eval();
    model_->clk_i = 1;
    model_->eval();
    model_->rst_ni = 1;
  }
  ~VerilatedCore() override {
    Verilated::threadContextp(&context_);  // the model's destructor looks there for its context
    model_->final();
    record_coverage(context_);
  }

  const CoreShape& shape() const override { return shape_; }

  CoreOutputs tick(const CoreInputs& inputs) override {
    Verilated::threadContextp(&context_);
    model_->clear_i = inputs.clear;
    apply_operands(inputs);
    apply_command(inputs);
    model_->clk_i = 0;
    model_->eval();
    const CoreOutputs outputs = read_outputs();
    model_->clk_i = 1;
    model_->eval();
    if (context_.gotError()) fail(ErrorKind::device, "core: an assertion of the Verilog failed");
    return outputs;
  }

  std::vector<std::int16_t> output_data() const override {
    std::vector<std::int16_t> codes;
    for (int i = 0; i < shape_.bus_bytes; ++i) {
      const auto element =
          static_cast<int>(get_bits(model_->output_data_o, i * kElementBits, kElementBits));
      const int magnitude = element & 255;
      codes.push_back(static_cast<std::int16_t>(element > 255 ? -magnitude : magnitude));
    }
    return codes;
  }

 private:
  template <typename Port>
  static void set(Port& port, int value) {
    port = static_cast<std::remove_reference_t<Port>>(value);
  }

  void apply_operands(const CoreInputs& inputs) {
    model_->activation_write_i = !inputs.activations.empty();
    if (!inputs.activations.empty()) {
      set(model_->activation_address_i, inputs.activation_address);
      set(model_->activation_count_i, static_cast<int>(inputs.activations.size()));
      set_elements(model_->activation_data_i, inputs.activations);
    }
    model_->weight_valid_i = !inputs.weights.empty();
    set_elements(model_->weight_row_i, inputs.weights);
    model_->parameter_write_i = inputs.parameter_write;
    if (inputs.parameter_write) {
      set(model_->parameter_address_i, inputs.parameter_channel);
      auto& data = model_->parameter_data_i;
      set_bits(data, 0, 32, static_cast<std::uint32_t>(inputs.parameters.bias));
      set_bits(data, 32, 16, inputs.parameters.multiplier);
      set_bits(data, 48, 16, inputs.parameters.negative_multiplier);
      set_bits(data, 64, 7, inputs.parameters.shift);
    }
    model_->table_write_i = !inputs.table.empty();
    if (!inputs.table.empty()) {
      set(model_->table_address_i, inputs.table_address);
      std::memcpy(&model_->table_data_i, inputs.table.data(), inputs.table.size_bytes());
    }
    model_->table_read_i = inputs.table_read;
    set(model_->table_read_address_i, inputs.table_read_address);
  }

  void apply_command(const CoreInputs& inputs) {
    model_->command_valid_i = inputs.command != nullptr;
    if (inputs.command != nullptr) {
      std::memcpy(&model_->command_i, inputs.command->data(), sizeof(CommandRecord));
    }
    model_->output_read_i = 1;
    set(model_->output_address_i, inputs.output_address);
  }

  CoreOutputs read_outputs() const {
    return {.weight_ready = model_->weight_ready_o != 0,
            .weight_rows = static_cast<int>(model_->weight_rows_o),
            .command_ready = model_->command_ready_o != 0,
            .read_done = model_->read_done_o != 0,
            .drain_done = model_->drain_done_o != 0,
            .command_error = model_->command_error_o != 0,
            .error_code = model_->command_error_code_o,
            .cause = static_cast<registers::Core>(model_->cause_o),
            .busy = model_->busy_o != 0,
            .tile = model_->tile_o != 0,
            .position = model_->position_o != 0,
            .table_data = static_cast<std::uint16_t>(model_->table_read_data_o)};
  }

  CoreShape shape_;
  VerilatedContext context_;
  std::unique_ptr<Model> model_;
};

template <typename Model>
std::function<std::unique_ptr<Core>()> factory(const CoreShape& shape) {
  return [shape] { return std::make_unique<VerilatedCore<Model>>(shape); };
}

}  // namespace

// The parameters are those of CMakeLists.txt.
const std::vector<CoreBench>& core_benches() {
  static const std::vector<CoreBench> benches = {
      {"2x2 log mbm_ref", "mbm-ref", true, false,
       factory<Vcore_2x2_log>({2, 2, 1, 4, 16384, 16, 64, 8192, 64, 16})},
      {"4x8 exact", "exact", false, false,
       factory<Vcore_4x8_exact>({4, 8, 8, 8, 16384, 32, 64, 8192, 256, 16})},
      {"16x16 log mitchell", "mitchell", true, false,
       factory<Vcore_16x16_log>({16, 16, 4, 16, 32768, 128, 256, 16384, 1024, 16})},
      {"8x4 lut", "", false, true,
       factory<Vcore_8x4_lut>({8, 4, 2, 16, 16384, 64, 64, 8192, 64, 16})},
      {"4x4 lut", "", false, true,
       factory<Vcore_4x4_lut>({4, 4, 4, 16, 16384, 16, 32, 8192, 64, 2})},
  };
  return benches;
}

int first_broken_core_rule(std::span<const CoreRuleCycle> cycles) {
  VerilatedContext context;
  context.fatalOnError(false);
  Vcore_rules model(&context, "");
  const auto clock = [&] {
    model.clk_i = 0;
    model.eval();
    model.clk_i = 1;
    model.eval();
  };
  model.rst_ni = 0;
  clock();
  model.rst_ni = 1;
  int broken = -1;
  for (std::size_t i = 0; i < cycles.size() && broken < 0; ++i) {
    const CoreRuleCycle& cycle = cycles[i];
    model.command_valid_i = cycle.accepted;
    model.command_ready_o = cycle.accepted;
    model.command_error_o = cycle.command_error;
    model.read_done_o = cycle.read_done;
    model.drain_done_o = cycle.drain_done;
    model.weight_load = cycle.weight_load;
    model.swap_q = cycle.swap;
    model.fill = cycle.fill;
    model.finish_q = cycle.finish_last;
    model.finish_last_q = cycle.finish_last;
    model.bank_in_use_q = static_cast<unsigned char>(cycle.banks_in_use);
    model.enter = cycle.enter;
    model.tap = cycle.tap;
    model.result_write = cycle.result_write;
    model.busy_o = cycle.busy;
    clock();
    if (context.gotError()) broken = static_cast<int>(i);
  }
  model.final();
  return broken;
}

}  // namespace mbm
