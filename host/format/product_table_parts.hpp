// What the readers and writers of product tables share.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/format/product_table_file.hpp"

namespace mbm {

// 65,536 products in the order of a file or of a table (index a * 256 + b).
using Products = std::vector<std::uint16_t>;

inline constexpr std::size_t kTableOperands = ProductTable::kOperands;
inline constexpr std::size_t kTableEntries = ProductTable::kEntries;

// The same products with the other operand outermost.
Products transposed(std::span<const std::uint16_t> products);

// `value` as a product; throws Error(input) "WHERE: ..." if it is negative or needs more than 16
// bits.
std::uint16_t checked_product(std::int64_t value, const std::string& where);

// --- Text: product_table_text.cpp. `file` begins every message.

// Lines "a,b,p" after a header whose first two columns are A and B; the operands must come in
// order, the one of `outermost` slowest.
Products parse_csv(std::string_view text, const std::string& file, OutermostOperand outermost);
std::string format_csv(std::span<const std::uint16_t> products, OutermostOperand outermost);

// $readmemh: hexadecimal words, comments, addresses that only confirm the order.
Products parse_verilog_hex(std::string_view text, const std::string& file);
std::string format_verilog_hex(std::span<const std::uint16_t> products, const std::string& name,
                               OutermostOperand outermost);

// AdaPT's header; signed entries, index of a negative operand = 256 - magnitude. The result holds
// magnitudes, products of magnitudes above 128 are absent from the file and come out exact.
Products parse_adapt_header(std::string_view text, const std::string& file);
std::string format_adapt_header(std::span<const std::uint16_t> products, const std::string& name);

// --- Binary: product_table_binary.cpp.

// 65,536 integers of `bytes_each` (2: unsigned, 4: signed) bytes, little-endian.
Products parse_raw(std::string_view bytes, int bytes_each, const std::string& file);
std::string format_raw(std::span<const std::uint16_t> products, int bytes_each);

Products read_npy_products(const std::string& path);
std::string format_npy(std::span<const std::uint16_t> products);

// The array `array` of an archive, or its only one; `array` becomes its name.
Products read_npz_products(const std::string& path, std::string& array);

// --- C models: product_table_c_model.cpp.

// Compiles the model with the system's C compiler ($CC, else cc, gcc or clang) and tabulates its
// function. Products with index a * 256 + b; parameters named A and B decide which is which, else
// the first one is A. `swap_operands` exchanges them.
Products tabulate_c_model(const std::string& path, bool swap_operands);

}  // namespace mbm
