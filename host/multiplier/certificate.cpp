#include "host/multiplier/certificate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <fstream>
#include <regex>

#include "cmodel/common/error.hpp"
#include "cmodel/common/version.hpp"
#include "cmodel/multiplier/error_statistics.hpp"
#include "host/format/quote.hpp"
#include "host/multiplier/rtl_modules.hpp"
#include "host/process/child_process.hpp"
#include "host/process/work_folder.hpp"

namespace mbm {
namespace {

std::string yosys() {
  if (const auto program = find_program("yosys")) return *program;
  fail(ErrorKind::missing_tool, "yosys not found; proofs of multipliers need it");
}

// The Verilog that multipliers are made of, in the order of rtl/files.f.
std::vector<std::string> multiplier_sources() {
  const std::filesystem::path root = MBM_SOURCE_DIR;
  std::ifstream list(root / "rtl" / "files.f");
  if (!list) fail(ErrorKind::input, "cannot open {}", (root / "rtl" / "files.f").string());
  std::vector<std::string> sources;
  for (std::string line; std::getline(list, line);) {
    for (const char* folder : {"rtl/common/", "rtl/log/", "rtl/multiplier/"}) {
      if (line.starts_with(folder)) sources.push_back((root / line).string());
    }
  }
  return sources;
}

// A module whose output says whether the product is within `limit` of the exact one.
std::string certificate_module(const RtlInstance& instance, std::uint64_t limit) {
  return fmt::format(
      "module certificate (input logic [7:0] a_i, input logic [7:0] b_i, output logic within_o);\n"
      "  logic [15:0] product, exact;\n"
      "  assign exact = a_i * b_i;\n"
      "  {} #({}) u_multiplier (\n"
      "    .clk_i(1'b0), .a_i(a_i), .b_i(b_i), .product_o(product)\n"
      "  );\n"
      "  assign within_o = (product >= exact ? product - exact : exact - product) <= 16'd{};\n"
      "endmodule\n",
      instance.module, instance.parameters, limit);
}

// What the solver says of the module; `a` and `b` are set if the bound does not hold.
struct Answer {
  bool holds;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
};

std::uint32_t shown_value(const std::string& output, const std::string& signal) {
  const std::regex pattern("\\\\" + signal + "\\s+(\\d+)\\s");
  std::smatch match;
  if (!std::regex_search(output, match, pattern)) {
    fail(ErrorKind::internal, "yosys shows no value of {} in its counterexample", signal);
  }
  return static_cast<std::uint32_t>(std::stoul(match[1]));
}

Answer ask_solver(const RtlInstance& instance, std::uint64_t limit, int timeout_seconds) {
  const WorkFolder folder;
  const std::string module = (folder / "certificate.sv").string();
  std::ofstream(module) << certificate_module(instance, limit);
  const std::string script = fmt::format(
      "read_verilog -sv {} {}; hierarchy -check -top certificate; proc; flatten; opt -full; "
      "sat -prove within_o 1 -show-inputs -show within_o certificate",
      fmt::join(multiplier_sources(), " "), module);
  const ProcessResult result = run_process({yosys(), "-p", script}, timeout_seconds);
  if (result.output.find("no model found: SUCCESS") != std::string::npos) return {true};
  if (result.output.find("model found: FAIL") == std::string::npos) {
    const std::string& messages = result.errors.empty() ? result.output : result.errors;
    fail(ErrorKind::internal, "yosys gives no answer: {}",
         quote(messages.substr(messages.size() - std::min<std::size_t>(messages.size(), 90))));
  }
  return {false, shown_value(result.output, "a_i"), shown_value(result.output, "b_i")};
}

// "Yosys 0.23 SAT", from the first words of its version.
std::string solver_name() {
  const ProcessResult result = run_process({yosys(), "-V"}, 30);
  const std::size_t end = result.output.find(' ', result.output.find(' ') + 1);
  return result.output.substr(0, end) + " SAT";
}

std::uint64_t distance(std::uint64_t x, std::uint64_t y) {
  return x > y ? x - y : y - x;
}

}  // namespace

Certificate prove_worst_case(const std::string& name, int timeout_seconds) {
  const std::optional<RtlInstance> instance = rtl_instance_of(name);
  if (!instance) {
    fail(ErrorKind::usage, "multiplier '{}' has no RTL to prove; 'mbm multiplier list' shows which",
         name);
  }
  const auto start = std::chrono::steady_clock::now();
  const auto multiplier = make_multiplier(name);
  Certificate result;
  result.multiplier = multiplier->name();
  result.solver = solver_name();
  result.worst_case = error_statistics(*multiplier, uniform_operands(8)).worst_case_error;
  const Answer bound = ask_solver(*instance, result.worst_case, timeout_seconds);
  if (!bound.holds) {
    fail(ErrorKind::mismatch,
         "multiplier '{}': its Verilog errs by more than {} at a = {}, b = {}; the definition does "
         "not",
         name, result.worst_case, bound.a, bound.b);
  }
  if (result.worst_case > 0) {
    const Answer below = ask_solver(*instance, result.worst_case - 1, timeout_seconds);
    const std::uint64_t exact = std::uint64_t{below.a} * below.b;
    const std::uint64_t product = multiplier->multiply(below.a, below.b);
    if (below.holds || distance(product, exact) != result.worst_case) {
      fail(ErrorKind::mismatch,
           "multiplier '{}': its Verilog does not err by {} where the definition does", name,
           result.worst_case);
    }
    result.counterexample_a = below.a;
    result.counterexample_b = below.b;
    result.counterexample_product = product;
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

std::string certificate_text(const std::vector<Certificate>& certificates) {
  std::string text;
  for (const Certificate& entry : certificates) {
    text += fmt::format("{}: |product - a b| <= {} proved; ", entry.multiplier, entry.worst_case);
    if (entry.worst_case > 0) {
      text += fmt::format("not <= {}: {} * {} = {}; ", entry.worst_case - 1, entry.counterexample_a,
                          entry.counterexample_b, entry.counterexample_product);
    }
    text += fmt::format("{}, {:.1f} s\n", entry.solver, entry.seconds);
  }
  return text;
}

std::string certificate_markdown(const std::vector<Certificate>& certificates) {
  std::string text =
      "| multiplier | proved bound | counterexample to one less | solver | time s |\n"
      "|---|---|---|---|---|\n";
  for (const Certificate& entry : certificates) {
    text += fmt::format("| `{}` | {} | {} * {} = {} | {} | {:.1f} |\n", entry.multiplier,
                        entry.worst_case, entry.counterexample_a, entry.counterexample_b,
                        entry.counterexample_product, entry.solver, entry.seconds);
  }
  return text;
}

std::string certificate_csv(const std::vector<Certificate>& certificates) {
  std::string text =
      "multiplier,worst case (product units),counterexample a,counterexample b,"
      "counterexample product,solver,time (s)\n";
  for (const Certificate& entry : certificates) {
    text += fmt::format("{},{},{},{},{},{},{}\n", entry.multiplier, entry.worst_case,
                        entry.counterexample_a, entry.counterexample_b,
                        entry.counterexample_product, entry.solver, entry.seconds);
  }
  return text;
}

nlohmann::json certificate_json(const std::vector<Certificate>& certificates) {
  nlohmann::json list = nlohmann::json::array();
  for (const Certificate& entry : certificates) {
    list.push_back({{"multiplier", entry.multiplier},
                    {"worst_case", entry.worst_case},
                    {"counterexample",
                     {{"a", entry.counterexample_a},
                      {"b", entry.counterexample_b},
                      {"product", entry.counterexample_product}}},
                    {"solver", entry.solver},
                    {"time", entry.seconds}});
  }
  return {{"schema", "mbm.multiplier-proof"},
          {"schema_version", 1},
          {"tool_version", MBM_VERSION},
          {"numerics_version", kNumericsVersion},
          {"seed", 0},
          {"inputs", nlohmann::json::object()},
          {"units", {{"worst_case", "product units"}, {"time", "s"}}},
          {"proofs", list}};
}

}  // namespace mbm
