// mbm cost compare
#include <memory>
#include <string>
#include <vector>

#include "host/cli/cost_command.hpp"
#include "host/cli/format_option.hpp"
#include "host/cli/result_output.hpp"
#include "host/cost/cost_charts.hpp"
#include "host/cost/cost_comparison.hpp"
#include "host/format/atomic_file.hpp"

namespace mbm {
namespace {

struct CompareOptions {
  std::vector<std::string> accuracy;
  std::vector<std::string> energy;
  double tolerance = 0.1;
  std::string format = "text";
  std::string out;
};

void compare(const CompareOptions& options) {
  std::vector<AccuracyStudy> accuracy;
  for (const std::string& path : options.accuracy) accuracy.push_back(read_accuracy_study(path));
  std::vector<CostStudy> costs;
  for (const std::string& path : options.energy) costs.push_back(read_cost_study(path));
  const CostComparison comparison =
      compare_costs(std::move(accuracy), std::move(costs), options.tolerance);
  nlohmann::json result = comparison_json(comparison);
  result["command"] = result_command();
  put_result({result.dump(2) + "\n", comparison_text(comparison), comparison_csv(comparison)},
             options.format, options.out);
  if (options.out.empty()) return;
  write_file(options.out + "/energy.svg",
             chart_file(comparison_chart(result, ComparedCost::energy)));
  write_file(options.out + "/area.svg", chart_file(comparison_chart(result, ComparedCost::area)));
}

}  // namespace

void add_cost_compare(CLI::App& parent) {
  CLI::App* command = parent.add_subcommand(
      "compare",
      "What designs cost beside how accurate a network is with their products: table, Pareto set,\n"
      "pictures (with --out)\n"
      "Example: mbm cost compare --accuracy run/result.json --energy cost/result.json --out "
      "compared");
  auto options = std::make_shared<CompareOptions>();
  command
      ->add_option("--accuracy", options->accuracy,
                   "result.json of 'mbm run', one or more of the same images and layers")
      ->required()
      ->delimiter(',');
  command
      ->add_option(
          "--energy", options->energy,
          "result.json of 'mbm cost energy' on layers, one or more of the same library and "
          "operands")
      ->required()
      ->delimiter(',');
  command
      ->add_option("--tolerance", options->tolerance,
                   "Loss of accuracy in percent points that counts as equal")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add_format_option(*command, options->format);
  command->add_option("--out", options->out, "Folder that gets all forms and two pictures");
  command->callback([options] { compare(*options); });
}

}  // namespace mbm
