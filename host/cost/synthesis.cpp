#include "host/cost/synthesis.hpp"

#include <fmt/format.h>

#include <unistd.h>
#include <algorithm>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <utility>

#include "cmodel/common/error.hpp"
#include "cmodel/energy/gate_simulation.hpp"
#include "host/format/atomic_file.hpp"
#include "host/format/quote.hpp"
#include "host/format/sha256.hpp"
#include "host/process/child_process.hpp"
#include "sim/project_folder.hpp"

namespace mbm {
namespace {

constexpr int kSynthesisSeconds = 1800;
constexpr int kTimingSeconds = 600;
constexpr double kTighter = 0.88;   // from one delay to the next
constexpr int kDelays = 12;         // at most
constexpr int kRandomCycles = 400;  // in which netlists are compared
// Of rtl/, whose modules need no others: as scripts/synthesise has them.
constexpr const char* kLeafFolders[] = {"common", "multiplier", "log", "pe"};

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// "Yosys 0.23 (git sha1 7ce5011c24b)" -> "Yosys 0.23"
std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

// What OpenSTA says after a key such as "worst slack".
double number_after(const std::string& text, const std::string& key, const std::string& what) {
  const std::size_t place = text.find(key);
  double value = 0;
  if (place == std::string::npos ||
      !(std::istringstream(text.substr(place + key.size())) >> value)) {
    fail(ErrorKind::internal, "OpenSTA gives no {}: {}", what, quote(last_line(text)));
  }
  return value;
}

std::string word_after(const std::string& text, const std::string& key) {
  const std::size_t place = text.find(key);
  if (place == std::string::npos) return "";
  std::string word;
  std::istringstream(text.substr(place + key.size())) >> word;
  return word;
}

// The port that clocks the flip-flops; empty if there are none.
std::string clock_port(const GateNetlist& netlist) {
  for (const GateInstance& instance : netlist.instances) {
    if (!instance.cell->flip_flop) continue;
    for (std::size_t p = 0; p < instance.nets.size(); ++p) {
      if (!instance.cell->pins[p].clock) continue;
      for (const auto& [name, port] : netlist.ports) {
        if (!port.output && port.nets.size() == 1 && port.nets[0] == instance.nets[p]) return name;
      }
    }
  }
  return "";
}

// Uniform bits alone hide much (a sum that always saturates): also none, all, few, all but few.
std::uint64_t telling_bits(std::mt19937_64& random) {
  const std::uint64_t few = random() & random() & random();
  const std::uint64_t choices[] = {random(), 0, ~std::uint64_t{0}, few, ~few};
  return choices[random() % std::size(choices)];
}

}  // namespace

std::string CostModule::description() const {
  std::string text = module;
  for (const auto& [name, value] : parameters) text += fmt::format(" {}={}", name, value);
  return text;
}

std::string SynthesisRecipe::description() const {
  return fmt::format("{}{}, {}", ripple ? "ripple" : "look-ahead",
                     full_adders ? ", full-adder cells" : "",
                     delay_ps ? fmt::format("{} ps", *delay_ps) : "smallest area");
}

std::filesystem::path default_cost_cache() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
    return std::filesystem::path(cache) / "mbm/cost";
  }
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') {
    fail(ErrorKind::usage, "neither XDG_CACHE_HOME nor HOME is set; --cache DIR expected");
  }
  return std::filesystem::path(home) / ".cache/mbm/cost";
}

Synthesiser::Synthesiser(std::shared_ptr<const CostLibrary> library, std::filesystem::path cache)
    : library_(std::move(library)),
      cache_(cache.empty() ? default_cost_cache() : std::move(cache)) {
  liberty_ = std::filesystem::absolute(cache_) / (library_->file.sha256.substr(0, 16) + ".lib");
  if (!std::filesystem::exists(liberty_)) write_file(liberty_, library_->file.text);
}

std::string Synthesiser::tool_versions() {
  if (versions_.empty()) {
    const ProcessResult yosys = run_process({required_program("yosys", "yosys"), "-V"}, 60);
    const ProcessResult sta = run_process({required_program("sta", "opensta"), "-version"}, 60);
    versions_ = fmt::format("{}, OpenSTA {}", first_line(yosys.output), first_line(sta.output));
  }
  return versions_;
}

// Of the files that scripts/synthesise reads for a module: so a change of the accelerator around
// them leaves the netlists of multipliers and elements in place.
std::string Synthesiser::sources_digest(const std::string& module) {
  const std::filesystem::path root = project_folder();
  std::vector<std::string> files;
  std::ifstream list(root / "rtl/files.f");
  for (std::string file; std::getline(list, file);) files.push_back(file);
  const auto is_leaf = [](const std::string& file) {
    return std::ranges::any_of(kLeafFolders, [&](const char* folder) {
      return file.starts_with(std::string("rtl/") + folder + "/");
    });
  };
  const bool all = std::ranges::any_of(files, [&](const std::string& file) {
    return file.ends_with("/" + module + ".sv") && !is_leaf(file);
  });
  std::string& digest = sources_[all];
  if (digest.empty()) {
    std::string digests = sha256_of_file(root / "scripts/synthesise");
    for (const std::string& file : files) {
      if (all || is_leaf(file)) digests += sha256_of_file(root / file);
    }
    digest = sha256_of_text(digests);
  }
  return digest;
}

std::filesystem::path Synthesiser::run(const CostModule& module, const SynthesisRecipe& recipe,
                                       bool keep_hierarchy) {
  const std::string key =
      sha256_of_text(fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", sources_digest(module.module),
                                 module.description(), module.verilog, library_->file.sha256,
                                 recipe.description(), keep_hierarchy, tool_versions()));
  const std::filesystem::path folder = std::filesystem::absolute(cache_) / key.substr(0, 32);
  if (std::filesystem::exists(folder / "netlist.v")) return folder;
  // Made elsewhere and put in place whole, so that a run that stops leaves nothing behind that
  // looks done.
  const std::filesystem::path made = folder.string() + fmt::format(".{}", getpid());
  std::filesystem::create_directories(made);
  std::vector<std::string> command = {(project_folder() / "scripts/synthesise").string(),
                                      "--top",
                                      module.module,
                                      "--liberty",
                                      liberty_.string(),
                                      "--out",
                                      made.string(),
                                      "--adders",
                                      recipe.ripple ? "ripple" : "lookahead"};
  for (const auto& [name, value] : module.parameters) {
    command.insert(command.end(), {"--parameter", fmt::format("{}={}", name, value)});
  }
  if (const auto adder = library_->file.library.full_adder(); adder && recipe.full_adders) {
    command.insert(command.end(),
                   {"--full-adder",
                    fmt::format("{},{},{},{},{},{}", adder->cell, adder->inputs[0],
                                adder->inputs[1], adder->inputs[2], adder->sum, adder->carry)});
  }
  if (recipe.delay_ps) {
    command.insert(command.end(), {"--delay-ps", fmt::format("{}", *recipe.delay_ps)});
  }
  if (keep_hierarchy) command.emplace_back("--keep-hierarchy");
  if (!module.verilog.empty()) {
    write_file(made / "source.v", module.verilog);
    command.insert(command.end(), {"--source", (made / "source.v").string()});
  }
  const ProcessResult result = run_process(command, kSynthesisSeconds);
  if (result.exit_code != 0) {
    std::filesystem::remove_all(made);
    fail(result.exit_code == 4 ? ErrorKind::missing_tool : ErrorKind::usage, "{}: {}",
         module.description(), last_line(result.errors));
  }
  std::error_code ignored;
  std::filesystem::rename(made, folder, ignored);
  if (ignored) std::filesystem::remove_all(made);  // another process was faster
  return folder;
}

// The longest path at a period that it misses: period - slack.
void Synthesiser::analyse(MappedModule& mapped) {
  const std::filesystem::path report = mapped.folder / "timing.txt";
  if (!std::filesystem::exists(report)) {
    const std::filesystem::path script = mapped.folder / "timing.tcl";
    write_file(script,
               fmt::format("set ::env(MBM_PERIOD_NS) 1000\nset ::env(MBM_CLOCK_PORT) \"{}\"\n"
                           "read_liberty {}\nread_verilog {}\nlink_design {}\ncd {}\n"
                           "source {}\nreport_worst_slack\nreport_checks -digits 4\n",
                           clock_port(mapped.netlist), liberty_.string(),
                           (mapped.folder / "netlist.v").string(), mapped.module.module,
                           project_folder().string(), library_->constraints.string()));
    const ProcessResult result =
        run_process({required_program("sta", "opensta"), "-no_splash", "-exit", script.string()},
                    kTimingSeconds);
    number_after(result.output + result.errors, "worst slack", "slack");
    write_file(report, result.output);
  }
  const std::string text = text_of(report);
  mapped.period_ns = 1000 - number_after(text, "worst slack", "slack");
  mapped.from = word_after(text, "Startpoint: ");
  mapped.to = word_after(text, "Endpoint: ");
}

MappedModule Synthesiser::map(const CostModule& module, const SynthesisRecipe& recipe) {
  MappedModule mapped;
  mapped.module = module;
  mapped.recipe = recipe;
  mapped.library = library_;
  mapped.folder = run(module, recipe, false);
  mapped.netlist =
      read_netlist(mapped.folder / "netlist.json", module.module, library_->file.library);
  analyse(mapped);
  return mapped;
}

bool answer_alike(const MappedModule& a, const MappedModule& b, int cycles) {
  const GateEnvironment& environment = a.library->environment;
  const CellLibrary& library = a.library->file.library;
  const GateTiming timing_a =
      gate_timing(a.netlist, a.netlist.evaluation_order(), library, environment);
  const GateTiming timing_b =
      gate_timing(b.netlist, b.netlist.evaluation_order(), library, environment);
  GateSimulation simulation_a(a.netlist, timing_a, nullptr, GateDelay::zero, 1);
  GateSimulation simulation_b(b.netlist, timing_b, nullptr, GateDelay::zero, 1);
  std::mt19937_64 random(1);
  for (int cycle = 0; cycle < cycles; ++cycle) {
    for (const auto& [name, port] : a.netlist.ports) {
      if (port.output) continue;
      for (std::size_t word = 0; 64 * word < port.nets.size(); ++word) {
        const std::uint64_t value = telling_bits(random);
        simulation_a.set(name, value, word);
        simulation_b.set(name, value, word);
      }
    }
    simulation_a.cycle();
    simulation_b.cycle();
    for (const auto& [name, port] : a.netlist.ports) {
      for (std::size_t word = 0; port.output && 64 * word < port.nets.size(); ++word) {
        if (simulation_a.get(name, word) != simulation_b.get(name, word)) return false;
      }
    }
  }
  return true;
}

// The plain mapping is the first.
std::vector<MappedModule> Synthesiser::area_mappings(const CostModule& module) {
  std::vector<MappedModule> mappings = {map(module, {false, false, {}}),
                                        map(module, {true, false, {}})};
  if (!library_->file.library.full_adder()) return mappings;
  for (const bool ripple : {false, true}) {
    MappedModule mapped = map(module, {ripple, true, {}});
    if (answer_alike(mapped, mappings.front(), kRandomCycles))
      mappings.push_back(std::move(mapped));
  }
  return mappings;
}

MappedModule Synthesiser::smallest(const CostModule& module) {
  std::vector<MappedModule> mappings = area_mappings(module);
  return std::move(*std::ranges::min_element(
      mappings, {}, [](const MappedModule& mapped) { return mapped.netlist.area_um2(); }));
}

std::vector<MappedModule> Synthesiser::tradeoff(const CostModule& module) {
  std::vector<MappedModule> all = area_mappings(module);
  double fastest = all.front().period_ns;
  for (const MappedModule& mapped : all) fastest = std::min(fastest, mapped.period_ns);
  for (const bool ripple : {false, true}) {
    double delay = fastest * 1e3;
    double best = fastest;
    int without_gain = 0;
    for (int i = 0; i < kDelays && without_gain < 2; ++i) {
      delay *= kTighter;
      all.push_back(map(module, {ripple, false, static_cast<int>(std::lround(delay))}));
      without_gain = all.back().period_ns < 0.995 * best ? 0 : without_gain + 1;
      best = std::min(best, all.back().period_ns);
    }
  }
  std::ranges::stable_sort(all, {}, [](const MappedModule& mapped) {
    return std::pair(mapped.netlist.area_um2(), mapped.period_ns);
  });
  std::vector<MappedModule> kept;
  for (MappedModule& mapped : all) {
    if (kept.empty() || mapped.period_ns < kept.back().period_ns) kept.push_back(std::move(mapped));
  }
  return kept;
}

MappedModule Synthesiser::smallest_within(const CostModule& module, double period_ns) {
  MappedModule first = smallest(module);
  if (first.period_ns <= period_ns) return first;
  std::optional<MappedModule> best;
  MappedModule fastest = std::move(first);
  for (MappedModule& mapped : area_mappings(module)) {
    if (mapped.period_ns <= period_ns &&
        (!best || mapped.netlist.area_um2() < best->netlist.area_um2())) {
      best = std::move(mapped);
    }
  }
  for (const bool ripple : {false, true}) {
    double delay = period_ns * 1e3;
    for (int i = 0; i < 5; ++i, delay *= kTighter) {
      MappedModule mapped = map(module, {ripple, false, static_cast<int>(std::lround(delay))});
      const bool meets = mapped.period_ns <= period_ns;
      if (meets && (!best || mapped.netlist.area_um2() < best->netlist.area_um2())) {
        best = mapped;
      }
      if (mapped.period_ns < fastest.period_ns) fastest = std::move(mapped);
      if (meets) break;
    }
  }
  return best ? std::move(*best) : std::move(fastest);
}

std::vector<HierarchyArea> Synthesiser::hierarchy(const CostModule& module) {
  const std::filesystem::path folder = run(module, {}, true);
  return read_hierarchy(folder / "netlist.json", module.module, library_->file.library);
}

}  // namespace mbm
