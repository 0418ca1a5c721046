// Synthesis and timing of modules by external tools: scripts/synthesise (Yosys, abc) and OpenSTA.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cmodel/energy/gate_netlist.hpp"
#include "host/cost/cost_library.hpp"
#include "host/cost/netlist_file.hpp"

namespace mbm {

// A module with its parameters, or one of `verilog` (a text besides the design's).
struct CostModule {
  std::string module;
  std::map<std::string, std::int64_t> parameters;
  std::string verilog;

  std::string description() const;  // "processing_element FractionBits=4 PeKind=1"
};

// How a module is mapped.
struct SynthesisRecipe {
  bool ripple = false;          // additions begin as chains of full adders, else with look-ahead
  bool full_adders = false;     // full adders become the library's cell
  std::optional<int> delay_ps;  // abc maps for this delay, else for the smallest area

  std::string description() const;  // "ripple, full-adder cells, 3200 ps"
};

struct MappedModule {
  CostModule module;
  SynthesisRecipe recipe;
  std::filesystem::path folder;  // in the cache: netlist.v, netlist.json
  std::shared_ptr<const CostLibrary> library;
  GateNetlist netlist;
  // Of OpenSTA: the shortest period at which no path is late; for a module without registers the
  // longest path from inputs to outputs. And where that path begins and ends.
  double period_ns = 0;
  std::string from;
  std::string to;
};

class Synthesiser {
 public:
  // Results are kept in `cache` under a digest of the sources, the parameters, the library, the
  // recipe and the versions of the tools; default_cost_cache() if empty.
  explicit Synthesiser(std::shared_ptr<const CostLibrary> library,
                       std::filesystem::path cache = {});

  const CostLibrary& library() const { return *library_; }

  // Throws Error(missing_tool) for an absent tool, Error(usage) that quotes Yosys if the module
  // does not exist or its parameters are wrong.
  MappedModule map(const CostModule& module, const SynthesisRecipe& recipe);

  // The smallest of the mappings for area: additions either way, with and without full-adder cells.
  // A mapping with full-adder cells that answers random inputs otherwise than the plain one is left
  // out: extract_fa of Yosys 0.23 gets some modules wrong (rtl/array/saturated_sum.sv, ripple).
  MappedModule smallest(const CostModule& module);

  // The smallest mapping that meets `period_ns`: mapped again for shorter and shorter delays until
  // it does, or none gets faster. What comes back may miss it: see period_ns.
  MappedModule smallest_within(const CostModule& module, double period_ns);

  // Mapped for tighter and tighter delays in every recipe until nothing gets faster: those that are
  // smaller than every faster one, the smallest first.
  std::vector<MappedModule> tradeoff(const CostModule& module);

  // Areas of the module's parts when they are mapped apart.
  std::vector<HierarchyArea> hierarchy(const CostModule& module);

  std::string tool_versions();

 private:
  std::filesystem::path run(const CostModule& module, const SynthesisRecipe& recipe,
                            bool keep_hierarchy);
  void analyse(MappedModule& mapped);
  std::string sources_digest(const std::string& module);
  std::vector<MappedModule> area_mappings(const CostModule& module);

  std::shared_ptr<const CostLibrary> library_;
  std::filesystem::path cache_;
  std::filesystem::path liberty_;  // usable text, in the cache
  std::string versions_;
  std::map<bool, std::string> sources_;  // digests of the leaves' sources, of all
};

// $XDG_CACHE_HOME/mbm/cost or ~/.cache/mbm/cost.
std::filesystem::path default_cost_cache();

// Whether two netlists of a module give the same outputs in `cycles` cycles of random inputs, from
// the same state on. Throws Error(input) if one of them cannot be simulated.
bool answer_alike(const MappedModule& a, const MappedModule& b, int cycles);

}  // namespace mbm
