#include <cstring>

#include "Vmbm16.h"
#include "Vmitchell16.h"
#include "Vmultiplier16_bench.h"
#include "testbench/multiplier_bench.hpp"

namespace mbm {
namespace {

template <typename Model>
class VerilatedMultiplier16 final : public Multiplier16 {
 public:
  VerilatedMultiplier16() : model_(&context_, "") { model_.clk_i = 0; }

  void multiply_row(std::uint16_t a, std::span<std::uint32_t, 65536> products) override {
    model_.a_i = a;
    for (std::size_t b = 0; b < products.size(); ++b) {
      model_.b_i = static_cast<std::uint16_t>(b);
      model_.eval();
      products[b] = model_.product_o;
    }
  }

 private:
  VerilatedContext context_;
  Model model_;
};

}  // namespace

const std::vector<std::string>& verilog_multipliers16() {
  static const std::vector<std::string> names = {"mitchell", "mbm",    "mbm:t1", "mbm:t2",
                                                 "mbm:t3",   "mbm:t4", "mbm:t5", "mbm:t6",
                                                 "mbm:t7",   "mbm:t8"};
  return names;
}

std::vector<std::vector<std::uint32_t>> verilog_products16(std::span<const std::uint16_t> a,
                                                           std::span<const std::uint16_t> b) {
  VerilatedContext context;
  Vmultiplier16_bench model(&context, "");
  std::vector<std::vector<std::uint32_t>> products(verilog_multipliers16().size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    model.a_i = a[i];
    model.b_i = b[i];
    model.eval();
    for (std::size_t m = 0; m < products.size(); ++m) products[m].push_back(model.products_o[m]);
  }
  model.final();
  return products;
}

std::unique_ptr<Multiplier16> make_mitchell16() {
  return std::make_unique<VerilatedMultiplier16<Vmitchell16>>();
}

std::unique_ptr<Multiplier16> make_mbm16() {
  return std::make_unique<VerilatedMultiplier16<Vmbm16>>();
}

}  // namespace mbm
