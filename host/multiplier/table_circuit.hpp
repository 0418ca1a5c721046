// A circuit for any product table.
#pragma once

#include <string>

#include "cmodel/multiplier/product_table.hpp"

namespace mbm {

// Verilog of a module `table_multiplier` (a_i, b_i, product_o) that computes `table`: for each bit
// of the product a reduced ordered decision diagram of the operands' bits, a high to low in turn
// with b, every node a multiplexer; equal nodes are shared (Bryant, IEEE Trans. Computers C-35(8),
// 1986).
std::string table_circuit(const ProductTable& table);

}  // namespace mbm
