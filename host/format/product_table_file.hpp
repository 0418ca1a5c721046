// Product tables in the formats of the field, in and out.
//
// Inside the project a table has the index a * 256 + b, where `a` is the weight and `b` the
// activation. A file has one operand outermost (slowest); which one is part of its format, and may
// be overridden for files that were written the other way round.
//
// | format     | endings         | content                                              | outermost
// |
// |------------|-----------------|------------------------------------------------------|-----------|
// | csv        | .csv            | text, header A,B,P, one product a line               | a | | npy
// | .npy            | NumPy array (256, 256) or (65536), any integer type  | a         | | npz |
// .npz            | such an array of an archive: FILE.npz:ARRAY          | a         | | u16 | .u16
// | 65,536 unsigned 16-bit integers, little-endian       | a         | | i32        | .i32 | 65,536
// signed 32-bit integers, little-endian         | a         | | hex        | .hex .mem       | text
// for $readmemh, four digits a product            | a         | | adapt      | .h              | C
// header of AdaPT: const int16_t lut [256][256], the | a         | |            |                 |
// index an int8 operand in two's complement            |           | | tfapprox   | .bin |
// TFApprox: 65,536 unsigned 16-bit integers,           | b         | |            | |
// little-endian, index activation * 256 + weight       |           | | c-model    | .c |
// EvoApproxLib's C function, compiled and tabulated;   | by the    | |            | | input only |
// names     |
//
// A text or binary file may be gzipped.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cmodel/multiplier/product_table.hpp"

namespace mbm {

enum class ProductTableFormat { csv, npy, npz, u16, i32, hex, adapt, tfapprox, c_model };

// The operand that varies slowest in a file.
enum class OutermostOperand { a, b };

// "csv", "npy", ...: the names in the order of the table above, and back. Throws Error(usage).
const std::vector<std::string>& product_table_format_names();
std::string to_string(ProductTableFormat format);
ProductTableFormat parse_product_table_format(std::string_view name);

// The format that the ending of a file's name stands for, ".gz" apart. Throws Error(usage) that
// names the endings.
ProductTableFormat product_table_format_of(const std::filesystem::path& path);

// The order a format has by itself.
OutermostOperand outermost_operand_of(ProductTableFormat format);

struct TableFileOptions {
  std::optional<ProductTableFormat> format;   // else by the ending
  std::optional<OutermostOperand> outermost;  // else that of the format
};

// A table read from a file, and what its user should know about it (one line each).
struct ImportedTable {
  ProductTable table;
  std::vector<std::string> warnings;
};

// Reads the table `path`, for .npz "FILE.npz:ARRAY" (the array may be left out if there is only
// one). The table is named after the file, or the array. Throws Error(input) that names file, line
// or index, what was found and what was expected; Error(missing_tool) for a C model without a C
// compiler.
ImportedTable read_product_table(const std::string& path, const TableFileOptions& options = {});

// The bytes of the file that holds `table` in a format. Throws Error(input) if a product does not
// fit the format, Error(usage) for c-model and npz.
std::string encode_product_table(const ProductTable& table, ProductTableFormat format,
                                 std::optional<OutermostOperand> outermost = {});

}  // namespace mbm
