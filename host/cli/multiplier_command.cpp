// mbm multiplier list|export
#include <fmt/format.h>

#include <memory>
#include <string>

#include "cmodel/common/error.hpp"
#include "cmodel/multiplier/product_table.hpp"
#include "host/cli/commands.hpp"

namespace mbm {
namespace {

void list_families() {
  for (const MultiplierFamily& family : multiplier_families()) {
    fmt::print("{:10} {} ({})\n", family.name, family.description, family.source);
  }
}

void export_csv(const std::string& name) {
  const ProductTable table = make_product_table(name);
  fmt::print("A,B,P\n");
  for (std::size_t a = 0; a < ProductTable::kOperands; ++a) {
    for (std::size_t b = 0; b < ProductTable::kOperands; ++b) {
      fmt::print("{},{},{}\n", a, b, table(a, b));
    }
  }
}

}  // namespace

void add_multiplier_command(CLI::App& application) {
  CLI::App* command =
      application.add_subcommand("multiplier", "Families, tables and their formats");
  command->require_subcommand(1);
  command->add_subcommand("list", "Lists the multiplier families")->callback(list_families);

  CLI::App* export_command = command->add_subcommand(
      "export",
      "Writes a product table to standard output\nExample: mbm multiplier export mbm-ref");
  auto name = std::make_shared<std::string>();
  auto format = std::make_shared<std::string>("csv");
  export_command->add_option("name", *name, "Multiplier, as in 'mbm multiplier list'")->required();
  export_command->add_option("--format", *format, "Table format")
      ->check(CLI::IsMember({"csv"}))
      ->capture_default_str();
  export_command->callback([name, format] { export_csv(*name); });
}

}  // namespace mbm
