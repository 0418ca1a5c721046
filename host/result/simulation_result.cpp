#include "host/result/simulation_result.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "cmodel/common/version.hpp"
#include "host/plot/roofline.hpp"

namespace mbm {
namespace {

using nlohmann::json;

// In the order of registers::kCounters.
// 707788800 as "707,788,800".
std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string line(const std::string& name, const std::string& value) {
  return fmt::format("{:<20}{}\n", name, value);
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

// What the device counted, or where it was not asked, what was predicted.
const LayerCost& cost_of(const SimulationResult::Node& node) {
  return node.measured ? *node.measured : node.cost;
}

double products_per_cycle(const LayerCost& cost) {
  return cost.cycles == 0 ? 0.0
                          : static_cast<double>(cost.products) / static_cast<double>(cost.cycles);
}

// Of the whole network, as a row of its own.
SimulationResult::Node total(const SimulationResult& result) {
  SimulationResult::Node sum;
  sum.name = "total";
  LayerCost counted;
  for (const SimulationResult::Node& node : result.nodes) {
    counted.products += node.cost.products;
    counted.bytes_read += node.cost.bytes_read;
    counted.bytes_written += node.cost.bytes_written;
  }
  counted.name = sum.name;
  sum.cost = counted;
  sum.cost.cycles = result.predicted[0];
  sum.measured = counted;
  sum.measured->cycles = result.counters[0];
  sum.cost.causes = causes_of(result.predicted);
  sum.measured->causes = causes_of(result.counters);
  sum.comparison = result.comparison;
  return sum;
}

std::string difference_text(const SimulationResult& result, const SimulationResult::Node& node) {
  if (!result.is_predicted || !node.measured) return "-";
  return fmt::format("{}", static_cast<std::int64_t>(node.measured->cycles) -
                               static_cast<std::int64_t>(node.cost.cycles));
}

std::string layer_row(const SimulationResult& result, const SimulationResult::Node& node) {
  const LayerCost& cost = cost_of(node);
  std::string row = fmt::format(
      "{:<28} {:>14} {:>12} {:>6} {:>6.1f}", node.name, grouped(cost.products),
      cost.cycles == 0 && !result.is_predicted ? "-"
                                               : grouped(static_cast<std::int64_t>(cost.cycles)),
      difference_text(result, node), 100.0 * cost.utilisation(result.parameters));
  for (const std::uint64_t cycles : cost.causes) {
    row += fmt::format(" {:>6.1f}", 100.0 * share(cycles, cost.cycles));
  }
  return row + fmt::format(" {:>12} {:>12} {:>8.1f} {:>8.1f} {:>10} {:>6}\n",
                           grouped(cost.bytes_read), grouped(cost.bytes_written),
                           cost.arithmetic_intensity(),
                           cost.attainable_products(result.parameters, result.bytes_per_cycle()),
                           grouped(node.comparison.compared), grouped(node.comparison.mismatches));
}

std::string layer_table(const SimulationResult& result) {
  std::string text = fmt::format("{:<28} {:>14} {:>12} {:>6} {:>6}", "layer", "products", "cycles",
                                 "- pred", "util%");
  for (const char* name :
       {"comp%", "wght%", "tabl%", "sums%", "act%", "breq%", "bdat%", "drain%", "idle%"}) {
    text += fmt::format(" {:>6}", name);
  }
  text += fmt::format(" {:>12} {:>12} {:>8} {:>8} {:>10} {:>6}\n", "bytes read", "written",
                      "prod/B", "roof", "compared", "differ");
  for (const SimulationResult::Node& node : result.nodes) text += layer_row(result, node);
  return text + layer_row(result, total(result)) + "\n";
}

std::string device_name(SimulatedAs device) {
  return device == SimulatedAs::rtl ? "Verilated accelerator" : "functional model, cycle model";
}

std::string memory_text(const SimulationResult& result) {
  const AxiMemoryOptions& memory = result.memory;
  std::string text = fmt::format("latency {} cycles, ", memory.latency);
  text += memory.bytes_per_cycle >= result.bytes_per_cycle() + 1
              ? "a word a cycle in each direction"
              : fmt::format("{} bytes a cycle", memory.bytes_per_cycle);
  if (!result.is_predicted) text += fmt::format(", stalls {}", memory.stalls.r);
  return text + fmt::format("; {} bytes in use", grouped(result.memory_bytes));
}

// Counters of the device that are not the predicted ones.
std::string differing_counters(const SimulationResult& result) {
  std::vector<std::string> differing;
  for (std::size_t i = 0; i < result.counters.size(); ++i) {
    if (result.counters[i] == result.predicted[i]) continue;
    differing.push_back(fmt::format("{} {} (predicted {})", registers::kCounters[i].name,
                                    result.counters[i], result.predicted[i]));
  }
  return fmt::format("{}", fmt::join(differing, ", "));
}

std::string prediction_text(const SimulationResult& result) {
  if (!result.is_predicted) return "none for a memory that stalls at random";
  if (result.simulated_as == SimulatedAs::model) return "the cycles are the cycle model's";
  if (result.agrees()) {
    return fmt::format("all {} counters are the cycle model's", result.counters.size());
  }
  return "differs: " + differing_counters(result);
}

std::string profile_text(const SimulationResult& result) {
  const double all = result.run_seconds + result.compare_seconds;
  const double products =
      static_cast<double>(result.products()) * static_cast<double>(result.images.size());
  const auto row = [&](const char* name, double seconds) {
    return fmt::format("{:<28} {:>9.2f} s {:>6.1f} % {:>12}\n", name, seconds,
                       100.0 * seconds / all,
                       seconds > 0 ? fmt::format("{:.1f}", products / seconds / 1e6) : "-");
  };
  std::string text =
      fmt::format("\n{:<28} {:>11} {:>8} {:>12}\n", "time of all threads", "", "", "Mproducts/s");
  if (result.simulated_as == SimulatedAs::rtl) {
    text += row("evaluation of the Verilog", result.evaluation_seconds);
    text += row("model of the memory", result.memory_seconds);
    text += row("registers, clock, the rest",
                result.run_seconds - result.evaluation_seconds - result.memory_seconds);
  } else {
    text += row("functional model", result.run_seconds);
  }
  text += row("reading and comparing", result.compare_seconds);
  text += fmt::format("{:<28} {:>9.2f} s\n", "integer network on the CPU", result.executor_seconds);
  text += fmt::format("{:<28} {:>9.2f} s\n", "lowering and prediction", result.prepare_seconds);
  return text;
}

json units_json() {
  return {{"cycles", "clock cycles of an image"},
          {"causes", "clock cycles of an image, by what they were spent on"},
          {"products", "operations of an image"},
          {"products_per_cycle", "operations per cycle"},
          {"utilization", "products / (processing elements * cycles)"},
          {"bytes_read", "bytes of an image: operands, weights, parameters, tables"},
          {"bytes_written", "bytes of an image"},
          {"arithmetic_intensity", "products per byte read or written"},
          {"attainable_products_per_cycle", "operations per cycle that array and memory allow"},
          {"memory_bytes", "bytes"},
          {"latency", "cycles"},
          {"bytes_per_cycle", "bytes per cycle"},
          {"seconds", "s, wall clock"},
          {"processor_seconds", "s, of all processors, of the simulation and comparison"},
          {"products_per_second", "simulated operations per s"},
          {"compared", "codes of all images"},
          {"mismatches", "codes of all images"}};
}

json causes_json(const CauseCycles& causes) {
  json object;
  for (std::size_t i = 0; i < kCauses; ++i) object[cause_names().at(i)] = causes.at(i);
  return object;
}

json counters_json(const CounterValues& counters) {
  json object;
  for (std::size_t i = 0; i < counters.size(); ++i) {
    object[std::string(registers::kCounters[i].name)] = counters[i];
  }
  return object;
}

json node_json(const SimulationResult& result, const SimulationResult::Node& node) {
  const LayerCost& cost = cost_of(node);
  json object = {{"layer", node.name},
                 {"operation", node.operation},
                 {"products", cost.products},
                 {"cycles", cost.cycles},
                 {"causes", causes_json(cost.causes)},
                 {"products_per_cycle", products_per_cycle(cost)},
                 {"utilization", cost.utilisation(result.parameters)},
                 {"bytes_read", cost.bytes_read},
                 {"bytes_written", cost.bytes_written},
                 {"arithmetic_intensity", cost.arithmetic_intensity()},
                 {"attainable_products_per_cycle",
                  cost.attainable_products(result.parameters, result.bytes_per_cycle())},
                 {"compared", node.comparison.compared},
                 {"mismatches", node.comparison.mismatches}};
  object["predicted_cycles"] = result.is_predicted ? json(node.cost.cycles) : json(nullptr);
  object["measured_cycles"] = node.measured ? json(node.measured->cycles) : json(nullptr);
  return object;
}

json first_mismatch_json(const SimulationResult& result) {
  if (!result.comparison.first) return nullptr;
  const CodeMismatch& first = *result.comparison.first;
  json object = {{"layer", result.nodes[first.node].name},
                 {"image", result.images[result.mismatch_image]},
                 {"channel", first.channel},
                 {"y", first.y},
                 {"x", first.x},
                 {"got", first.got},
                 {"want", first.want}};
  object["first_wrong_write_in_cycle"] =
      result.first_wrong_cycle ? json(*result.first_wrong_cycle) : json(nullptr);
  return object;
}

}  // namespace

std::int64_t SimulationResult::products() const {
  return std::accumulate(
      nodes.begin(), nodes.end(), std::int64_t{0},
      [](std::int64_t sum, const Node& node) { return sum + node.cost.products; });
}

double SimulationResult::bytes_per_cycle() const {
  return std::min(memory.bytes_per_cycle, 2.0 * static_cast<double>(parameters.bus_bytes));
}

std::string simulation_text(const SimulationResult& result) {
  const double all = static_cast<double>(result.products() * std::ssize(result.images));
  std::string text = layer_table(result);
  text +=
      line("network", fmt::format("{}, images {}", result.network, fmt::join(result.images, ", ")));
  text += line("accelerator", fmt::format("{}, {}, products of {}", result.parameters.description(),
                                          device_name(result.simulated_as), result.multiplier));
  text += line("memory", memory_text(result));
  text += line("program", fmt::format("{} commands in {} {}",
                                      grouped(static_cast<std::int64_t>(result.commands)),
                                      result.parts, result.parts == 1 ? "run" : "runs"));
  text += line("cycle model", prediction_text(result));
  if (result.table_crc) {
    text += line("product table", fmt::format("CRC-32 {:08x} read back, {:08x} written",
                                              *result.table_crc, result.expected_crc));
  }
  text += line("simulation",
               fmt::format("{:.2f} s, {} threads, {:.1f} million products per second; {:.2f} s of "
                           "processors",
                           result.elapsed_seconds, result.threads,
                           all / result.elapsed_seconds / 1e6, result.processor_seconds));
  text += line("compared", fmt::format("{} codes with the CPU's, products of {}: {} mismatches",
                                       grouped(result.comparison.compared), result.golden_table,
                                       grouped(result.comparison.mismatches)));
  std::vector<std::string> scores;
  for (std::size_t i = 0; i < result.scores.size(); ++i) {
    scores.push_back(fmt::format("{} {:.4f}", result.score_names[i], result.scores[i]));
  }
  if (!scores.empty()) {
    text += line("prediction", fmt::format("{} (the CPU's codes)", fmt::join(scores, ", ")));
  }
  if (result.comparison.first) text += line("first mismatch", mismatch_text(result));
  if (result.first_wrong_cycle) {
    text += line("first wrong write", fmt::format("in cycle {}", *result.first_wrong_cycle));
  }
  if (!result.wave.empty()) text += line("wave", result.wave);
  if (result.is_profiled) text += profile_text(result);
  return text;
}

json simulation_json(const SimulationResult& result) {
  json document = result.configuration;
  document["schema"] = "mbm.simulation";
  document["schema_version"] = 1;
  document["tool_version"] = MBM_VERSION;
  document["numerics_version"] = kNumericsVersion;
  document["units"] = units_json();
  document["images"] = result.images;
  document["device"] = result.simulated_as == SimulatedAs::rtl ? "rtl" : "model";
  document["golden_table"] = result.golden_table;
  document["array"] = {{"rows", result.parameters.rows},
                       {"columns", result.parameters.columns},
                       {"description", result.parameters.description()}};
  document["memory"] = {{"latency", result.memory.latency},
                        {"bytes_per_cycle", result.bytes_per_cycle()},
                        {"stalls", result.memory.stalls.r},
                        {"memory_bytes", result.memory_bytes}};
  document["commands"] = result.commands;
  document["parts"] = result.parts;
  document["layers"] = json::array();
  for (const SimulationResult::Node& node : result.nodes) {
    document["layers"].push_back(node_json(result, node));
  }
  document["total"] = node_json(result, total(result));
  document["counters"] = counters_json(result.counters);
  document["predicted_counters"] =
      result.is_predicted ? counters_json(result.predicted) : json(nullptr);
  if (result.table_crc) {
    document["table_crc32"] = {{"read_back", fmt::format("{:08x}", *result.table_crc)},
                               {"written", fmt::format("{:08x}", result.expected_crc)}};
  }
  document["seconds"] = result.elapsed_seconds;
  document["processor_seconds"] = result.processor_seconds;
  document["threads"] = result.threads;
  document["products_per_second"] =
      static_cast<double>(result.products() * std::ssize(result.images)) / result.elapsed_seconds;
  document["compared"] = result.comparison.compared;
  document["mismatches"] = result.comparison.mismatches;
  document["scores"] = json::object();
  for (std::size_t i = 0; i < result.scores.size(); ++i) {
    document["scores"][result.score_names[i]] = result.scores[i];
  }
  document["first_mismatch"] = first_mismatch_json(result);
  return document;
}

std::string simulation_csv(const SimulationResult& result) {
  std::string text =
      "Layer,Operation,Products,Total Cycles,Predicted Cycles,Stall Cycles,Overall Util %";
  for (const std::string& name : cause_names()) text += fmt::format(",{} (cycles)", name);
  text +=
      ",read (bytes),written (bytes),intensity (products/byte),products/cycle,attainable "
      "products/cycle,compared (codes),mismatches (codes)\n";
  std::vector<SimulationResult::Node> rows = result.nodes;
  rows.push_back(total(result));
  for (const SimulationResult::Node& node : rows) {
    const LayerCost& cost = cost_of(node);
    text += fmt::format("{},{},{},{},{},{},{:.2f}", node.name, node.operation, cost.products,
                        cost.cycles,
                        result.is_predicted ? std::to_string(node.cost.cycles) : std::string(),
                        cost.cycles - cost.causes[0], 100.0 * cost.utilisation(result.parameters));
    for (const std::uint64_t cycles : cost.causes) text += fmt::format(",{}", cycles);
    text += fmt::format(",{},{},{:.3f},{:.3f},{:.3f},{},{}\n", cost.bytes_read, cost.bytes_written,
                        cost.arithmetic_intensity(), products_per_cycle(cost),
                        cost.attainable_products(result.parameters, result.bytes_per_cycle()),
                        node.comparison.compared, node.comparison.mismatches);
  }
  return text;
}

Chart simulation_roofline(const json& result) {
  const json& array = result.at("array");
  Roofline roofline{.title = fmt::format("{} on {}", result.at("network").get<std::string>(),
                                         array.at("description").get<std::string>()),
                    .what = "convolutions",
                    .peak = array.at("rows").get<double>() * array.at("columns").get<double>(),
                    .bytes_per_cycle = {result.at("memory").at("bytes_per_cycle").get<double>()}};
  for (const json& layer : result.at("layers")) {
    roofline.points.push_back({layer.at("layer").get<std::string>(),
                               layer.at("arithmetic_intensity").get<double>(),
                               layer.at("products_per_cycle").get<double>()});
  }
  return roofline_chart(roofline);
}

std::string mismatch_text(const SimulationResult& result) {
  const CodeMismatch& first = result.comparison.first.value();
  return fmt::format("layer {}, image {}: channel {}, y {}, x {}: got {}, want {}",
                     result.nodes[first.node].name, result.images[result.mismatch_image],
                     first.channel, first.y, first.x, first.got, first.want);
}

}  // namespace mbm
