#include "host/platform/platform_study.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "cmodel/common/error.hpp"
#include "host/format/atomic_file.hpp"
#include "host/platform/platform_charts.hpp"
#include "host/platform/platform_report.hpp"
#include "host/process/interruption.hpp"

namespace mbm {
namespace {

namespace fs = std::filesystem;

std::string title_of(const PlatformStudy& command) {
  return command.layers == "all" ? command.network
                                 : fmt::format("{}, {}", command.network, command.layers);
}

// "accelerator.rows=8,16": an axis whose values are read as TOML reads them.
PlatformAxis parse_axis(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) {
    fail(ErrorKind::usage, "--vary: '{}' found, KEY=VALUE,VALUE,... expected", text);
  }
  PlatformAxis axis{text.substr(0, equals), {}};
  std::istringstream values(text.substr(equals + 1));
  for (std::string value; std::getline(values, value, ',');) {
    axis.values.push_back(parse_platform_value(value));
    PlatformConfiguration tried;
    set_platform_key(tried, axis.key, axis.values.back(), "--vary");
  }
  if (axis.values.empty()) fail(ErrorKind::usage, "--vary: {} has no values", axis.key);
  return axis;
}

std::optional<ComponentCosts> costs_of(const PlatformStudy& study) {
  if (study.cost.empty()) return {};
  return read_component_costs(study.cost);
}

class PlatformSweep {
 public:
  PlatformSweep(const PlatformStudy& command, const std::vector<std::string>& vary)
      : command_(command), file_(read_platform_file(command.file)), costs_(costs_of(command)) {
    for (const std::string& one : vary) file_.sweep.push_back(parse_axis(one));
    if (file_.sweep.empty()) {
      fail(ErrorKind::usage, "{}: nothing to vary: a table [sweep] or --vary expected",
           command.file);
    }
    for (const PlatformAxis& axis : file_.sweep) table_.axes.push_back(axis.key);
    if (command.out.empty()) return;
    table_file_ = fs::path(command.out) / "points.csv";
    say_what_is_kept(table_file_.string());
    check_description();
    read_done();
  }

  std::string run() {
    std::size_t count = 1;
    for (const PlatformAxis& axis : file_.sweep) count *= axis.values.size();
    std::optional<IntegerNetwork> network;
    for (std::size_t point = 0; point < count; ++point) {
      command_.show(point, count);
      const auto values = values_of(point);
      std::vector<std::string> texts;
      for (const PlatformValue& value : values) texts.push_back(to_string(value));
      if (const auto done = done_.find(texts); done != done_.end()) {
        table_.rows.push_back(done->second);
        continue;
      }
      if (!network) network = command_.make_network();
      table_.rows.push_back(run_point(*network, values, std::move(texts)));
      if (!table_file_.empty()) write_file(table_file_, sweep_csv(table_));
    }
    put();
    return sweep_csv(table_);
  }

 private:
  // The last axis changes fastest.
  std::vector<PlatformValue> values_of(std::size_t point) const {
    std::vector<PlatformValue> values(file_.sweep.size());
    for (std::size_t i = values.size(); i-- > 0;) {
      const auto& axis = file_.sweep[i].values;
      values[i] = axis[point % axis.size()];
      point /= axis.size();
    }
    return values;
  }

  SweepRow run_point(const IntegerNetwork& network, const std::vector<PlatformValue>& values,
                     std::vector<std::string> texts) const {
    PlatformConfiguration configuration = file_.base;
    for (std::size_t i = 0; i < values.size(); ++i) {
      set_platform_key(configuration, table_.axes[i], values[i], command_.file);
    }
    SweepRow row{std::move(texts), {}, {}};
    try {
      row.cells = platform_row(
          run_platform(network, configuration, command_.multiplier, command_.seed, costs_));
    } catch (const Error& error) {
      // A platform that cannot be, or on which the network does not fit, is a result.
      if (error.kind() != ErrorKind::usage) throw;
      row.error = error.what();
    }
    return row;
  }

  // What a folder's points belong to.
  void check_description() const {
    std::ifstream configuration(command_.file, std::ios::binary);
    std::ostringstream text;
    text << configuration.rdbuf();
    const nlohmann::json description{{"schema", "mbm.platform-sweep-inputs"},
                                     {"schema_version", 1},
                                     {"tool_version", MBM_VERSION},
                                     {"network", command_.network},
                                     {"layers", command_.layers},
                                     {"multiplier", command_.multiplier},
                                     {"seed", command_.seed},
                                     {"configuration", text.str()},
                                     {"costs", costs_ ? costs_->digest : ""}};
    const std::string wanted = description.dump(2) + "\n";
    const fs::path path = fs::path(command_.out) / "sweep.json";
    if (fs::exists(path)) {
      std::ifstream present(path, std::ios::binary);
      std::ostringstream found;
      found << present.rdbuf();
      if (found.str() != wanted) {
        fail(ErrorKind::input, "{}: is of another sweep; remove its folder or choose another one",
             path.string());
      }
    }
    write_file(path, wanted);
  }

  void read_done() {
    if (!fs::exists(table_file_)) return;
    std::ifstream file(table_file_, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    for (SweepRow& row : parse_sweep_csv(text.str(), table_.axes, table_file_.string()).rows) {
      done_.emplace(row.values, row);
    }
  }

  void put() const {
    if (table_file_.empty()) return;
    const fs::path folder = command_.out;
    write_file(table_file_, sweep_csv(table_));
    nlohmann::json result = sweep_json(table_, title_of(command_));
    result["command"] = command_.command;
    write_file(folder / "result.json", result.dump(2) + "\n");
    write_file(folder / "roofline.svg", chart_file(sweep_roofline(result)));
    write_file(folder / "pareto.svg", chart_file(sweep_pareto(result)));
    if (costs_) write_file(folder / "energy.svg", chart_file(sweep_energy(result)));
  }

  const PlatformStudy& command_;
  PlatformFile file_;
  std::optional<ComponentCosts> costs_;
  SweepTable table_;
  fs::path table_file_;
  std::map<std::vector<std::string>, SweepRow> done_;
};

}  // namespace

PlatformForms study_platform(const PlatformStudy& study) {
  PlatformFile file = read_platform_file(study.file);
  if (study.device == "rtl") file.base.rtl_arrays = file.base.arrays;
  if (study.device == "model") file.base.rtl_arrays = 0;
  const std::optional<ComponentCosts> costs = costs_of(study);
  const PlatformResult result =
      run_platform(study.make_network(), file.base, study.multiplier, study.seed, costs);
  const std::string title = title_of(study);
  nlohmann::json document = platform_json(result, title);
  document["command"] = study.command;
  return {document.dump(2) + "\n", platform_text(result, title), platform_csv(result),
          chart_file(platform_roofline(document))};
}

std::string sweep_platforms(const PlatformStudy& study, const std::vector<std::string>& vary) {
  return PlatformSweep(study, vary).run();
}

}  // namespace mbm
