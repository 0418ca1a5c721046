// mbm calibrate: scales and corrections from images, into a file that the other commands read.
#include <fmt/format.h>

#include <memory>

#include "cmodel/common/error.hpp"
#include "host/calibration/calibration_report.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/study_options.hpp"
#include "host/format/atomic_file.hpp"
#include "host/progress/progress.hpp"

namespace mbm {
namespace {

struct CalibrateOptions {
  StudyOptions study;
  std::vector<std::string> multipliers;
  std::string out;
  std::string format = "text";
};

void calibrate_network(const CalibrateOptions& options) {
  StudyInputs inputs = load_study_inputs(options.study);
  std::vector<StudyMultiplier> columns = load_multipliers(options.multipliers, inputs.description);
  for (const StudyMultiplier& column : columns) {
    if (column.kind == CorrectionKind::none) {
      fail(ErrorKind::usage, "--multiplier {}: +gain, +offset or +affine expected behind it",
           column.name);
    }
  }
  const StoredCalibration stored = calibrate(inputs, options.study, columns);
  const nlohmann::json document =
      calibration_json(*inputs.network, stored, inputs.description.at("inputs"));
  std::vector<LayerUsage> usage;
  {
    Progress progress("measuring the codes in use", stored.calibration.images);
    usage = measure_usage(*inputs.network, inputs.parameters, stored.calibration,
                          stored.calibration.images, [&](std::size_t index) {
                            progress.advance();
                            return calibration_image(inputs, options.study, index);
                          });
  }
  if (options.format == "json") {
    fmt::print("{}\n", usage_json(usage).dump(2));
  } else {
    fmt::print("{}", usage_table(usage));
  }
  if (options.out.empty()) return;
  write_file(options.out, document.dump(1) + "\n");
  fmt::print(stderr, "calibration: {}\n", options.out);
}

}  // namespace

void add_calibrate_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand(
      "calibrate",
      "Scales per tensor or channel, and corrections of multipliers, from images; reports what is\n"
      "clipped and which codes are used\n"
      "Example: mbm calibrate --activation-range mse --multiplier mbm+affine --out "
      "calibration.json");
  auto options = std::make_shared<CalibrateOptions>();
  add_calibrating_study_options(*command, options->study);
  command
      ->add_option(
          "--multiplier", options->multipliers,
          "Multipliers to fit corrections for, separated by commas: NAME+gain, NAME+offset "
          "or NAME+affine")
      ->delimiter(',');
  command->add_option("--out", options->out, "File for 'mbm run --calibration' and the others");
  command->add_option("--format", options->format, "Of the report on standard output")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->callback([options] { calibrate_network(*options); });
}

}  // namespace mbm
