#include "host/multiplier/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include "cmodel/multiplier/multiplier.hpp"
#include "host/format/product_table_file.hpp"

namespace mbm {
namespace {

bool is_family(const std::string& name) {
  const std::string family = name.substr(0, name.find(':'));
  const auto& families = multiplier_families();
  return std::any_of(families.begin(), families.end(),
                     [&](const MultiplierFamily& entry) { return entry.name == family; });
}

}  // namespace

std::optional<std::filesystem::path> table_file_of(const std::string& name_or_path) {
  std::error_code ignored;
  const bool is_file = name_or_path.find_first_of("./") != std::string::npos ||
                       (!is_family(name_or_path) && std::filesystem::exists(name_or_path, ignored));
  if (!is_file) return std::nullopt;
  const std::size_t archive = name_or_path.rfind(".npz:");
  return archive == std::string::npos ? name_or_path : name_or_path.substr(0, archive + 4);
}

ProductTable resolve_product_table(const std::string& name_or_path) {
  if (!table_file_of(name_or_path)) return make_product_table(name_or_path);
  ImportedTable imported = read_product_table(name_or_path);
  for (const std::string& warning : imported.warnings) {
    fmt::print(stderr, "mbm: warning: {}\n", warning);
  }
  warn_if_zero_does_not_annihilate(imported.table);
  return std::move(imported.table);
}

void warn_if_zero_does_not_annihilate(const ProductTable& table) {
  if (table.zero_annihilates()) return;
  for (std::size_t x = 0; x < ProductTable::kOperands; ++x) {
    const bool row = table(0, x) != 0;
    if (!row && table(x, 0) == 0) continue;
    fmt::print(stderr,
               "mbm: warning: multiplier {}: {} * {} = {}, 0 expected; every zero activation or "
               "padded pixel adds an error\n",
               table.name(), row ? 0 : x, row ? x : 0, row ? table(0, x) : table(x, 0));
    return;
  }
}

}  // namespace mbm
