// mbm multiplier list|show|error|export|import
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <string>

#include "cmodel/common/error.hpp"
#include "cmodel/common/version.hpp"
#include "cmodel/multiplier/error_statistics.hpp"
#include "host/cli/commands.hpp"
#include "host/format/atomic_file.hpp"
#include "host/format/product_table_file.hpp"
#include "host/format/sha256.hpp"
#include "host/multiplier/error_report.hpp"
#include "host/multiplier/picture.hpp"
#include "host/multiplier/resolve.hpp"
#include "host/multiplier/rtl_modules.hpp"

namespace mbm {
namespace {

constexpr const char* kMultiplierHelp =
    "Multiplier, as in 'mbm multiplier list', or a file with its product table";

void print(const std::string& text) {
  fmt::print("{}", text);
}

// Options that read or write a file of a table.
struct FileOptions {
  std::string format;
  std::string outermost;

  TableFileOptions parsed() const {
    TableFileOptions result;
    if (!format.empty()) result.format = parse_product_table_format(format);
    if (!outermost.empty()) {
      result.outermost = outermost == "a" ? OutermostOperand::a : OutermostOperand::b;
    }
    return result;
  }
};

void add_outermost(CLI::App& command, FileOptions& options) {
  command
      .add_option("--outermost", options.outermost,
                  "Operand that varies slowest in the file (default: that of the format)")
      ->check(CLI::IsMember({"a", "b"}));
}

// Where the SHA-256 of a multiplier that is a file goes.
void add_digest(nlohmann::json& inputs, const std::string& name) {
  if (const auto file = table_file_of(name)) inputs[file->string()] = sha256_of_path(*file);
}

// --- list

struct ListedMultiplier {
  const MultiplierFamily* family;
  std::string name;
  ErrorStatistics uniform;
  ErrorStatistics network;
};

std::vector<ListedMultiplier> listed_multipliers() {
  std::vector<ListedMultiplier> list;
  const OperandDistributions uniform = uniform_operands(ProductTable::kOperandBits);
  const OperandDistributions network = network_operands(ProductTable::kOperandBits);
  for (const MultiplierFamily& family : multiplier_families()) {
    for (const std::string& member : family.members) {
      const ProductTable table = make_product_table(member);
      list.push_back(
          {&family, member, error_statistics(table, uniform), error_statistics(table, network)});
    }
  }
  return list;
}

std::string rtl_of(const std::string& name) {
  return rtl_module_of(name) ? "yes" : "no";
}

std::string list_text(const std::vector<ListedMultiplier>& list) {
  std::string text;
  const MultiplierFamily* family = nullptr;
  for (const ListedMultiplier& entry : list) {
    if (entry.family != family) {
      family = entry.family;
      text += fmt::format("{}{}: {}\n  {}; {} bits\n", text.empty() ? "" : "\n", family->name,
                          family->description, family->source, fmt::join(family->widths, " or "));
      text += fmt::format("  parameters: {}\n", family->syntax);
      text += fmt::format("  {:<22} {:>8} {:>10} {:>12} {:>4}\n", "multiplier", "MRED %",
                          "NSRdnn dB", "NSRdnn,g dB", "RTL");
    }
    text += fmt::format("  {:<22} {:>8.3f} {:>10.1f} {:>12.1f} {:>4}\n", entry.name,
                        100 * entry.uniform.mean_relative_error,
                        decibels(entry.network.noise_to_signal),
                        decibels(entry.network.noise_to_signal_scaled), rtl_of(entry.name));
  }
  return text;
}

std::string list_csv(const std::vector<ListedMultiplier>& list) {
  std::string text = "multiplier,family,MRED (%),NSRdnn (dB),NSRdnn with gain (dB),RTL\n";
  for (const ListedMultiplier& entry : list) {
    text += fmt::format("{},{},{},{},{},{}\n", entry.name, entry.family->name,
                        100 * entry.uniform.mean_relative_error,
                        decibels(entry.network.noise_to_signal),
                        decibels(entry.network.noise_to_signal_scaled), rtl_of(entry.name));
  }
  return text;
}

std::string list_json(const std::vector<ListedMultiplier>& list) {
  nlohmann::json families = nlohmann::json::array();
  for (const MultiplierFamily& family : multiplier_families()) {
    families.push_back({{"family", family.name},
                        {"parameters", family.syntax},
                        {"description", family.description},
                        {"source", family.source},
                        {"widths", family.widths}});
  }
  nlohmann::json multipliers = nlohmann::json::array();
  for (const ListedMultiplier& entry : list) {
    multipliers.push_back(
        {{"multiplier", entry.name},
         {"family", entry.family->name},
         {"mean_relative_error", 100 * entry.uniform.mean_relative_error},
         {"noise_to_signal", decibels(entry.network.noise_to_signal)},
         {"noise_to_signal_with_gain", decibels(entry.network.noise_to_signal_scaled)},
         {"rtl", rtl_module_of(entry.name).has_value()}});
  }
  const nlohmann::json document = {{"schema", "mbm.multiplier-list"},
                                   {"schema_version", 1},
                                   {"tool_version", MBM_VERSION},
                                   {"numerics_version", kNumericsVersion},
                                   {"seed", 0},
                                   {"inputs", nlohmann::json::object()},
                                   {"units",
                                    {{"widths", "bits"},
                                     {"mean_relative_error", "%"},
                                     {"noise_to_signal", "dB"},
                                     {"noise_to_signal_with_gain", "dB"}}},
                                   {"families", families},
                                   {"multipliers", multipliers}};
  return document.dump(2) + "\n";
}

void add_list(CLI::App& parent) {
  CLI::App* command =
      parent.add_subcommand("list",
                            "Families, their parameters, errors, and whether there is RTL. MRED is "
                            "over uniform operands, "
                            "NSRdnn over those of a network\nExample: mbm multiplier list");
  auto format = std::make_shared<std::string>("text");
  command->add_option("--format", *format, "What standard output gets")
      ->check(CLI::IsMember({"text", "json", "csv"}))
      ->capture_default_str();
  command->callback([format] {
    const std::vector<ListedMultiplier> list = listed_multipliers();
    print(*format == "json"  ? list_json(list)
          : *format == "csv" ? list_csv(list)
                             : list_text(list));
  });
}

// --- show

struct ShowOptions {
  std::string name;
  std::vector<std::size_t> corner = {0, 0};
  std::string heat_map;
  double scale_percent = 0;
  std::string comparison;
  std::string costs;
};

std::vector<ComparedMultiplier> compared_multipliers(const std::string& shown_name,
                                                     const CostList& costs) {
  const OperandDistributions network = network_operands(ProductTable::kOperandBits);
  std::vector<ComparedMultiplier> list;
  const auto add = [&](const std::string& name, const std::string& family,
                       const ProductTable& table) {
    ComparedMultiplier entry{
        name, family, decibels(error_statistics(table, network).noise_to_signal_scaled), {}};
    for (const auto& [known, cost] : costs.costs) {
      if (known == name) entry.cost = cost;
    }
    list.push_back(entry);
  };
  bool has_shown = false;
  for (const MultiplierFamily& family : multiplier_families()) {
    for (const std::string& member : family.members) {
      add(member, std::string(family.name), make_product_table(member));
      has_shown = has_shown || member == shown_name;
    }
  }
  if (!has_shown) add(shown_name, shown_name, resolve_product_table(shown_name));
  return list;
}

void show(const ShowOptions& options) {
  const ProductTable table = resolve_product_table(options.name);
  const std::string corner = product_corner(table, options.corner.at(0), options.corner.at(1));
  fmt::print("{}: products, with the error where they are not exact\n{}", table.name(), corner);
  if (!options.heat_map.empty()) {
    const double scale =
        options.scale_percent > 0 ? options.scale_percent / 100 : heat_map_scale(table);
    write_rgb_png(options.heat_map, error_heat_map(table, scale, 3));
    fmt::print(stderr, "heat map: {}: white exact, full red +{:.2f} %, full blue -{:.2f} %\n",
               options.heat_map, 100 * scale, 100 * scale);
  }
  if (!options.comparison.empty()) {
    const CostList costs = options.costs.empty() ? CostList{} : read_costs(options.costs);
    write_file(options.comparison,
               comparison_svg(compared_multipliers(options.name, costs), costs.name));
    fmt::print(stderr, "comparison: {}\n", options.comparison);
  }
}

void add_show(CLI::App& parent) {
  CLI::App* command = parent.add_subcommand(
      "show",
      "An 8 x 8 corner of the products, a heat map of the relative error, a comparison with the "
      "families\nExample: mbm multiplier show mbm --heat-map mbm.png --comparison families.svg");
  auto options = std::make_shared<ShowOptions>();
  command->add_option("name", options->name, kMultiplierHelp)->required();
  command->add_option("--corner", options->corner, "First operands A,B of the corner")
      ->delimiter(',')
      ->expected(2)
      ->capture_default_str();
  command->add_option("--heat-map", options->heat_map,
                      "PNG of the signed relative error, a downwards, b to the right");
  command
      ->add_option("--scale", options->scale_percent,
                   "Relative error in % of full colour (default: the peak of operands above 15)")
      ->check(CLI::PositiveNumber);
  command->add_option("--comparison", options->comparison,
                      "SVG of NSRdnn,g against cost for all families");
  command->add_option("--costs", options->costs, "CSV 'multiplier,COST (UNIT)' for the comparison");
  command->callback([options] { show(*options); });
}

// --- error

struct ErrorOptions {
  std::vector<std::string> names;
  int width = 8;
  std::vector<std::string> operands;
  int threads = 0;
  std::string format = "text";
};

OperandDistributions operands_called(const std::string& name, int width) {
  if (name == "uniform") return uniform_operands(width);
  if (name == "dnn") return network_operands(width);
  if (width != 8) {
    fail(ErrorKind::usage, "--operands {}: a histogram has 8-bit operands, --width {} found", name,
         width);
  }
  return read_operand_histograms(name);
}

void show_errors(const ErrorOptions& options) {
  std::vector<std::string> operands = options.operands;
  if (operands.empty()) operands = {"uniform"};
  if (options.operands.empty() && options.width == 8) operands.push_back("dnn");
  nlohmann::json inputs = nlohmann::json::object();
  std::vector<std::pair<std::string, OperandDistributions>> distributions;
  for (const std::string& name : operands) {
    distributions.emplace_back(name, operands_called(name, options.width));
    if (name != "uniform" && name != "dnn") inputs[name] = sha256_of_file(name);
  }
  std::vector<ErrorRow> rows;
  for (const std::string& name : options.names) {
    add_digest(inputs, name);
    if (options.width != 8) {
      const auto multiplier = make_multiplier(name, options.width);
      for (const auto& [label, distribution] : distributions) {
        rows.push_back({multiplier->name(), options.width, label,
                        error_statistics(*multiplier, distribution, options.threads)});
      }
      continue;
    }
    const ProductTable table = resolve_product_table(name);
    for (const auto& [label, distribution] : distributions) {
      rows.push_back({table.name(), 8, label, error_statistics(table, distribution)});
    }
  }
  if (options.format == "json") {
    print(error_json(rows, inputs).dump(2) + "\n");
  } else {
    print(options.format == "csv" ? error_csv(rows) : error_text(rows));
  }
}

void add_error(CLI::App& parent) {
  CLI::App* command =
      parent.add_subcommand("error",
                            "Error statistics over all operands\n"
                            "Example: mbm multiplier error mbm drum:6 --operands dnn\n"
                            "Example: mbm multiplier error mbm:t2 --width 16 --operands uniform");
  auto options = std::make_shared<ErrorOptions>();
  command->add_option("names", options->names, kMultiplierHelp)->required();
  command->add_option("--width", options->width, "Operand width in bits; 16 visits 2^32 products")
      ->check(CLI::IsMember({8, 16}))
      ->capture_default_str();
  command
      ->add_option(
          "--operands", options->operands,
          "uniform, dnn (weights Gaussian, activations half-normal), or a file of operand "
          "histograms: CSV magnitude,weights,activations or .npy (2, 256); default: uniform "
          "and dnn")
      ->delimiter(',');
  command->add_option("--threads", options->threads, "Threads at 16 bits; 0: all cores")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--format", options->format, "What standard output gets")
      ->check(CLI::IsMember({"text", "json", "csv"}))
      ->capture_default_str();
  command->callback([options] { show_errors(*options); });
}

// --- export and import

std::vector<std::string> written_formats() {
  return {"csv", "npy", "u16", "i32", "hex", "adapt", "tfapprox"};
}

void add_export(CLI::App& parent) {
  CLI::App* command = parent.add_subcommand("export",
                                            "Writes a product table\n"
                                            "Example: mbm multiplier export mbm-ref > table.csv\n"
                                            "Example: mbm multiplier export drum:6 --out drum.hex");
  struct Options {
    std::string name;
    FileOptions file;
    std::string out;
  };
  auto options = std::make_shared<Options>();
  command->add_option("name", options->name, kMultiplierHelp)->required();
  command
      ->add_option("--format", options->file.format,
                   "Table format (default: by the ending of --out, else csv)")
      ->check(CLI::IsMember(written_formats()));
  add_outermost(*command, options->file);
  command->add_option("--out", options->out, "File (default: standard output)");
  command->callback([options] {
    const TableFileOptions file = options->file.parsed();
    const ProductTableFormat by_ending = options->out.empty() || file.format
                                             ? ProductTableFormat::csv
                                             : product_table_format_of(options->out);
    const std::string bytes = encode_product_table(resolve_product_table(options->name),
                                                   file.format.value_or(by_ending), file.outermost);
    if (!options->out.empty()) {
      write_file(options->out, bytes);
    } else if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size()) {
      fail(ErrorKind::input, "cannot write to standard output");
    }
  });
}

void print_imported(const ProductTable& table) {
  bool symmetric = true;
  for (std::size_t a = 0; a < ProductTable::kOperands; ++a) {
    for (std::size_t b = 0; b < a; ++b) symmetric = symmetric && table(a, b) == table(b, a);
  }
  fmt::print("{}: {} products, largest {}, {}\n", table.name(), ProductTable::kEntries,
             table.maximum(), symmetric ? "symmetric" : "not symmetric");
  std::vector<ErrorRow> rows;
  rows.push_back({table.name(), 8, "uniform", error_statistics(table, uniform_operands(8))});
  rows.push_back({table.name(), 8, "dnn", error_statistics(table, network_operands(8))});
  print(error_text(rows));
}

void add_import(CLI::App& parent) {
  CLI::App* command = parent.add_subcommand(
      "import",
      "Reads and checks a product table, says what it is, and converts it with --out\n"
      "Example: mbm multiplier import mul8u_17C8.c --out mul8u_17C8.csv");
  struct Options {
    std::string path;
    FileOptions file;
    std::string out;
  };
  auto options = std::make_shared<Options>();
  command
      ->add_option("path", options->path,
                   "Table or EvoApproxLib C model; an array of an archive as FILE.npz:ARRAY")
      ->required();
  command->add_option("--format", options->file.format, "Table format (default: by the ending)")
      ->check(CLI::IsMember(product_table_format_names()));
  add_outermost(*command, options->file);
  command->add_option("--out", options->out, "File to convert to, format by its ending");
  command->callback([options] {
    const ImportedTable imported = read_product_table(options->path, options->file.parsed());
    for (const std::string& warning : imported.warnings) {
      fmt::print(stderr, "mbm: warning: {}\n", warning);
    }
    warn_if_zero_does_not_annihilate(imported.table);
    if (!options->out.empty()) {
      write_file(options->out,
                 encode_product_table(imported.table, product_table_format_of(options->out)));
    }
    print_imported(imported.table);
  });
}

}  // namespace

void add_multiplier_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand("multiplier",
                                                 "Families, tables and their formats\n"
                                                 "Example: mbm multiplier error mbm");
  command->require_subcommand(1);
  add_list(*command);
  add_show(*command);
  add_error(*command);
  add_export(*command);
  add_import(*command);
}

}  // namespace mbm
