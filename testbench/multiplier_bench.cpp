#include "testbench/multiplier_bench.hpp"

#include "Vmultiplier_mbm_one.h"
#include "Vmultiplier_mbm_ref_one.h"
#include "Vmultiplier_mbm_ref_two.h"
#include "Vmultiplier_mbm_two.h"
#include "Vmultiplier_mitchell_one.h"
#include "Vmultiplier_mitchell_two.h"
#include "cmodel/common/error.hpp"
#include "cmodel/multiplier/product_table.hpp"

namespace mbm {
namespace {

// Products leave `latency` cycles after their operands entered, in a full pipeline.
template <typename Model>
std::vector<std::uint16_t> run(std::size_t latency) {
  VerilatedContext context;
  Model model(&context, "");
  std::vector<std::uint16_t> products;
  products.reserve(ProductTable::kEntries);
  for (std::size_t i = 0; i < ProductTable::kEntries + latency; ++i) {
    model.a_i = static_cast<std::uint8_t>(i / ProductTable::kOperands);
    model.b_i = static_cast<std::uint8_t>(i % ProductTable::kOperands);
    model.clk_i = 0;
    model.eval();
    if (i >= latency) products.push_back(model.product_o);
    model.clk_i = 1;
    model.eval();
  }
  model.final();
  return products;
}

}  // namespace

std::vector<std::uint16_t> verilog_products(std::string_view multiplier, bool two_stage) {
  if (multiplier == "mitchell") {
    return two_stage ? run<Vmultiplier_mitchell_two>(1) : run<Vmultiplier_mitchell_one>(0);
  }
  if (multiplier == "mbm") {
    return two_stage ? run<Vmultiplier_mbm_two>(1) : run<Vmultiplier_mbm_one>(0);
  }
  if (multiplier == "mbm-ref") {
    return two_stage ? run<Vmultiplier_mbm_ref_two>(1) : run<Vmultiplier_mbm_ref_one>(0);
  }
  fail(ErrorKind::usage, "no Verilog module for multiplier '{}'", multiplier);
}

}  // namespace mbm
