// mbm report: results of the other commands as one HTML page.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/cli/commands.hpp"
#include "host/format/atomic_file.hpp"
#include "host/report/report.hpp"

namespace mbm {
namespace {

struct ReportOptions {
  std::vector<std::filesystem::path> results;
  std::filesystem::path out = "report.html";
  std::string title = "mbm: results";
  std::size_t pictures = 2;
};

void report(const ReportOptions& options) {
  const std::vector<ResultInput> results = read_results(options.results, options.pictures);
  write_file(options.out, report_html(options.title, results));
  fmt::print(stderr, "report: {} ({} results)\n", options.out.string(), results.size());
}

}  // namespace

void add_report_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand(
      "report",
      "Results of the other commands as one HTML page that needs nothing else\n"
      "Example: mbm report results/decoder results/sweep/result.json --out report.html");
  auto options = std::make_shared<ReportOptions>();
  command
      ->add_option("results", options->results,
                   "JSON results, or folders, which stand for every result.json below them")
      ->required();
  command->add_option("--out", options->out, "The page; /dev/stdout is allowed")
      ->capture_default_str();
  command->add_option("--title", options->title, "Its title")->capture_default_str();
  command->add_option("--pictures", options->pictures, "Depth or error maps of each result")
      ->capture_default_str();
  command->callback([options] { report(*options); });
}

}  // namespace mbm
