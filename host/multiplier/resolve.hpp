// A multiplier by name or by file: what every option that takes a multiplier accepts.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cmodel/multiplier/product_table.hpp"

namespace mbm {

// The file that the text names (of "FILE.npz:ARRAY" the archive), or nothing if it is the name of a
// multiplier. It is taken as a file if it has an ending or a folder, or is a file and no family.
std::optional<std::filesystem::path> table_file_of(const std::string& name_or_path);

// The table of a family's member ("drum:6") or of a file in any format of product_table_file.hpp
// ("my.csv", "mul8u_lut.npz:mul8u_2AC"). Warns on standard error about what its user should know,
// above all about non-zero products of zero. Throws as make_multiplier and read_product_table do.
ProductTable resolve_product_table(const std::string& name_or_path);

// Warns on standard error, in one line, if a product with a zero operand is not zero.
void warn_if_zero_does_not_annihilate(const ProductTable& table);

}  // namespace mbm
