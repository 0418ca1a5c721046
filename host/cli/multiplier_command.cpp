// mbm multiplier list|show|error|export|import|prove
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "cmodel/common/error.hpp"
#include "cmodel/multiplier/error_statistics.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/format_option.hpp"
#include "host/format/atomic_file.hpp"
#include "host/format/product_table_file.hpp"
#include "host/format/sha256.hpp"
#include "host/multiplier/certificate.hpp"
#include "host/multiplier/error_report.hpp"
#include "host/multiplier/multiplier_list.hpp"
#include "host/multiplier/picture.hpp"
#include "host/multiplier/resolve.hpp"
#include "host/progress/progress.hpp"

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

void add_list(CLI::App& parent) {
  CLI::App* command =
      parent.add_subcommand("list",
                            "Families, their parameters, errors, and whether there is RTL. MRED is "
                            "over uniform operands, "
                            "NSRdnn over those of a network\nExample: mbm multiplier list");
  auto format = std::make_shared<std::string>("text");
  command->add_option("--format", *format, "What standard output gets")
      ->check(CLI::IsMember({"text", "json", "csv", "markdown"}))
      ->capture_default_str();
  command->callback([format] {
    const std::vector<ListedMultiplier> list = listed_multipliers();
    if (*format == "json") return print(list_json(list).dump(2) + "\n");
    if (*format == "csv") return print(list_csv(list));
    print(*format == "markdown" ? list_markdown(list) : list_text(list));
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

// All listed multipliers, and the shown one if it is not among them.
std::vector<ComparedMultiplier> compared_multipliers(const ProductTable& shown,
                                                     const CostList& costs) {
  std::vector<ComparedMultiplier> list;
  const auto add = [&](const std::string& name, std::string_view family,
                       const ErrorStatistics& network) {
    ComparedMultiplier entry{
        name, std::string(family), decibels(network.noise_to_signal_scaled), {}};
    for (const auto& [known, cost] : costs.costs) {
      if (known == name) entry.cost = cost;
    }
    list.push_back(entry);
  };
  bool listed = false;
  for (const ListedMultiplier& entry : listed_multipliers()) {
    add(entry.name, entry.family->name, entry.network);
    listed = listed || entry.name == shown.name();
  }
  if (!listed) {
    add(shown.name(), shown.name(),
        error_statistics(shown, network_operands(ProductTable::kOperandBits)));
  }
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
    write_file(options.comparison, comparison_svg(compared_multipliers(table, costs), costs.name));
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
    if (options.width != 8) {
      const auto multiplier = make_multiplier(name, options.width);
      Progress progress("all products of " + multiplier->name(), distributions.size());
      for (const auto& [label, distribution] : distributions) {
        rows.push_back({multiplier->name(), options.width, label,
                        error_statistics(*multiplier, distribution, options.threads)});
        progress.advance();
      }
      continue;
    }
    const ProductTable table = resolve_product_table(name);
    add_digest(inputs, name);
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
  add_format_option(*command, options->format);
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

// --- prove

struct ProveOptions {
  std::vector<std::string> names;
  int timeout = 600;
  std::string format = "text";
};

// All listed multipliers.
std::vector<std::string> listed_names() {
  std::vector<std::string> names;
  for (const MultiplierFamily& family : multiplier_families()) {
    names.insert(names.end(), family.members.begin(), family.members.end());
  }
  return names;
}

void prove(const ProveOptions& options) {
  const std::vector<std::string> names = options.names.empty() ? listed_names() : options.names;
  nlohmann::json inputs = nlohmann::json::object();
  std::vector<Certificate> certificates;
  std::optional<Progress> progress;
  if (names.size() > 1) progress.emplace("proving", names.size());
  for (const std::string& name : names) {
    certificates.push_back(prove_worst_case(name, options.timeout));
    add_digest(inputs, name);
    if (progress) progress->advance();
  }
  progress.reset();
  if (options.format == "json") {
    print(certificate_json(certificates, inputs).dump(2) + "\n");
  } else if (options.format == "csv") {
    print(certificate_csv(certificates));
  } else {
    print(options.format == "markdown" ? certificate_markdown(certificates)
                                       : certificate_text(certificates));
  }
  const auto unproved =
      std::ranges::count_if(certificates, [](const Certificate& entry) { return !entry.proved; });
  if (unproved > 0) {
    fail(ErrorKind::timeout, "{} of {} worst cases not proved: no answer after {} s", unproved,
         certificates.size(), options.timeout);
  }
}

void add_prove(CLI::App& parent) {
  CLI::App* command = parent.add_subcommand(
      "prove",
      "Lets a solver prove the worst-case error of a multiplier's circuit, and find operands that "
      "meet it\n"
      "Example: mbm multiplier prove mbm drum:6 my.csv");
  auto options = std::make_shared<ProveOptions>();
  command->add_option("names", options->names,
                      std::string(kMultiplierHelp) + " (default: all listed)");
  command
      ->add_option(
          "--timeout", options->timeout,
          "Seconds for each step; what is not proved by then is listed as such, exit code 6")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--format", options->format, "What standard output gets")
      ->check(CLI::IsMember({"text", "json", "csv", "markdown"}))
      ->capture_default_str();
  command->callback([options] { prove(*options); });
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
  add_prove(*command);
}

}  // namespace mbm
