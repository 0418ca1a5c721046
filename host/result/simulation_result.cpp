#include "host/result/simulation_result.hpp"

#include <fmt/format.h>

#include "cmodel/common/version.hpp"

namespace mbm {
namespace {

using nlohmann::json;

// 707788800 as "707,788,800".
std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string line(const std::string& name, const std::string& value) {
  return fmt::format("{:<20}{}\n", name, value);
}

json units_json() {
  return {{"cycles", "clock cycles of one array, filling and draining included"},
          {"products", "operations"},
          {"products_per_cycle", "operations per cycle"},
          {"utilization", "products / (processing elements * cycles)"},
          {"seconds", "s, wall clock"},
          {"products_per_second", "simulated operations per s"},
          {"compared", "accumulators"},
          {"mismatches", "accumulators"}};
}

json mismatch_json(const AccumulatorMismatch& mismatch) {
  return {{"channel", mismatch.channel},
          {"y", mismatch.y},
          {"x", mismatch.x},
          {"got", mismatch.got},
          {"want", mismatch.want}};
}

}  // namespace

std::string simulation_text(const SimulationResult& result) {
  const ArraySimulation& s = result.simulation;
  const std::int64_t elements = s.rows * s.columns;
  std::string text;
  text +=
      line("layer", fmt::format("{} of {}, image {}", result.layer, result.network, result.image));
  text += line("convolution", result.tiling.problem().description());
  text += line("array", fmt::format("{} x {} processing elements, {}", s.rows, s.columns,
                                    result.multiplier));
  text += line("weight tiles",
               fmt::format("{}:{} of {} ({} of the reduction, {} of the channels)",
                           result.tiles.first, result.tiles.last, result.tiling.tile_count(),
                           result.tiling.reduction_tiles(), result.tiling.channel_tiles()));
  text += line("passes", grouped(s.passes));
  text += line("products", grouped(s.products));
  text += line("cycles", grouped(s.cycles));
  text += line("products per cycle", fmt::format("{:.2f} of {}", s.products_per_cycle(), elements));
  text += line("utilisation", fmt::format("{:.2f} %", 100.0 * s.utilization()));
  text += line("simulation", fmt::format("{:.2f} s, {} threads, {:.1f} million products per second",
                                         s.seconds, s.threads, s.products_per_second() / 1e6));
  text += line("compared", fmt::format("{} accumulators with the golden model, {} mismatches",
                                       grouped(result.comparison.compared),
                                       grouped(result.comparison.mismatches)));
  if (result.comparison.first) {
    text += line("first mismatch", mismatch_text(result, *result.comparison.first));
  }
  return text;
}

json simulation_json(const SimulationResult& result) {
  const ArraySimulation& s = result.simulation;
  json document = result.configuration;
  document["schema"] = "mbm.array-simulation";
  document["schema_version"] = 1;
  document["tool_version"] = MBM_VERSION;
  document["numerics_version"] = kNumericsVersion;
  document["units"] = units_json();
  document["convolution"] = result.tiling.problem().description();
  document["image"] = result.image;
  document["golden_table"] = result.golden_table;
  document["array"] = {{"rows", s.rows}, {"columns", s.columns}};
  document["tiles"] = {{"first", result.tiles.first},
                       {"last", result.tiles.last},
                       {"count", result.tiling.tile_count()},
                       {"reduction_tiles", result.tiling.reduction_tiles()},
                       {"channel_tiles", result.tiling.channel_tiles()}};
  document["passes"] = s.passes;
  document["products"] = s.products;
  document["cycles"] = s.cycles;
  document["products_per_cycle"] = s.products_per_cycle();
  document["utilization"] = s.utilization();
  document["seconds"] = s.seconds;
  document["threads"] = s.threads;
  document["products_per_second"] = s.products_per_second();
  document["compared"] = result.comparison.compared;
  document["mismatches"] = result.comparison.mismatches;
  document["first_mismatch"] =
      result.comparison.first ? mismatch_json(*result.comparison.first) : json(nullptr);
  return document;
}

std::string mismatch_text(const SimulationResult& result, const AccumulatorMismatch& mismatch) {
  return fmt::format("layer {}, image {}: channel {}, y {}, x {}: got {}, want {}", result.layer,
                     result.image, mismatch.channel, mismatch.y, mismatch.x, mismatch.got,
                     mismatch.want);
}

}  // namespace mbm
