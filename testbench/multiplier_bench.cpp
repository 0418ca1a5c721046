#include "testbench/multiplier_bench.hpp"

#include <cstring>

#include "Vmultiplier_bench.h"
#include "Vsigned_exact_two_stage.h"
#include "Vsigned_mbm.h"
#include "cmodel/multiplier/product_table.hpp"
#include "sim/rtl_coverage.hpp"

namespace mbm {
namespace {

// Product `index` of the ports, 16 bits each.
template <typename Port>
std::uint16_t product_at(const Port& port, std::size_t index) {
  std::uint16_t product = 0;
  std::memcpy(&product, reinterpret_cast<const char*>(&port) + 2 * index, sizeof product);
  return product;
}

// Signed products leave `latency` cycles after their operands entered.
template <typename Model>
std::vector<std::int32_t> run_signed(int latency) {
  VerilatedContext context;
  Model model(&context, "");
  std::vector<std::int32_t> products;
  const auto clock = [&](int a, int b) {
    model.a_i = static_cast<std::uint16_t>(a & 0x1ff);
    model.b_i = static_cast<std::uint16_t>(b & 0x1ff);
    model.clk_i = 0;
    model.eval();
    const auto product = static_cast<std::int32_t>(model.product_o << 15) >> 15;  // 17 bits
    model.clk_i = 1;
    model.eval();
    return product;
  };
  int to_drop = latency;
  const auto push = [&](std::int32_t product) {
    if (to_drop-- <= 0) products.push_back(product);
  };
  for (int a = -255; a <= 255; ++a) {
    for (int b = -255; b <= 255; ++b) push(clock(a, b));
  }
  for (int i = 0; i < latency; ++i) push(clock(0, 0));
  model.final();
  record_coverage(context);
  return products;
}

}  // namespace

const std::vector<std::string>& verilog_multipliers() {
  static const std::vector<std::string> names = {"exact",
                                                 "mitchell",
                                                 "mitchell:w5",
                                                 "mitchell:w4",
                                                 "mitchell:w3",
                                                 "mitchell:w1",
                                                 "mitchell:w6:set",
                                                 "mitchell:w5:set",
                                                 "mitchell:w4:set",
                                                 "mbm",
                                                 "mbm:t1",
                                                 "mbm:t2",
                                                 "mbm:t3",
                                                 "mbm:t4",
                                                 "mbm:t5",
                                                 "mbm-ref",
                                                 "mbm-folded:6",
                                                 "mbm-folded:7",
                                                 "mbm-folded:8",
                                                 "mbm-folded:16",
                                                 "mbm-folded:4:t2",
                                                 "mbm-folded:4:t3",
                                                 "log2:w7",
                                                 "log2:w6",
                                                 "log2:w5",
                                                 "log2:w4",
                                                 "log2:w3",
                                                 "log2:w1",
                                                 "log2-corrected:w7",
                                                 "log2-corrected:w6",
                                                 "log2-corrected:w5",
                                                 "log2-corrected:w4",
                                                 "log2-corrected:w3",
                                                 "log2-corrected:w2",
                                                 "log2-corrected:w1",
                                                 "realm:2",
                                                 "realm:4",
                                                 "realm:4:t1",
                                                 "realm:4:t2",
                                                 "realm:8",
                                                 "realm:8:t1",
                                                 "realm:8:t2",
                                                 "realm:16",
                                                 "realm:16:t1",
                                                 "drum:3",
                                                 "drum:4",
                                                 "drum:5",
                                                 "drum:6",
                                                 "drum:7",
                                                 "drum:8",
                                                 "tosam:0:3",
                                                 "tosam:1:3",
                                                 "tosam:1:5",
                                                 "tosam:2:4",
                                                 "tosam:2:5",
                                                 "tosam:2:6",
                                                 "tosam:3:6",
                                                 "tosam:3:7",
                                                 "tosam:0:1",
                                                 "tosam:7:7"};
  return names;
}

std::vector<VerilogProducts> verilog_products() {
  VerilatedContext context;
  Vmultiplier_bench model(&context, "");
  const std::size_t count = verilog_multipliers().size();
  std::vector<VerilogProducts> products(count);
  for (std::size_t i = 0; i <= ProductTable::kEntries; ++i) {
    model.a_i = static_cast<std::uint8_t>(i / ProductTable::kOperands);
    model.b_i = static_cast<std::uint8_t>(i % ProductTable::kOperands);
    model.clk_i = 0;
    model.eval();
    for (std::size_t m = 0; m < count; ++m) {
      if (i < ProductTable::kEntries) {
        products[m].combinational.push_back(product_at(model.products_o, m));
      }
      if (i > 0) products[m].two_stage.push_back(product_at(model.staged_products_o, m));
    }
    model.clk_i = 1;
    model.eval();
  }
  model.final();
  record_coverage(context);
  return products;
}

std::vector<std::int32_t> signed_mbm_products() {
  return run_signed<Vsigned_mbm>(0);
}

std::vector<std::int32_t> signed_exact_two_stage_products() {
  return run_signed<Vsigned_exact_two_stage>(1);
}

}  // namespace mbm
