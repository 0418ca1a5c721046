#include "host/multiplier/certificate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>

#include "cmodel/common/error.hpp"
#include "cmodel/multiplier/error_statistics.hpp"
#include "host/format/quote.hpp"
#include "host/multiplier/and_inverter_graph.hpp"
#include "host/multiplier/resolve.hpp"
#include "host/multiplier/rtl_modules.hpp"
#include "host/multiplier/table_circuit.hpp"
#include "host/process/child_process.hpp"
#include "host/process/work_folder.hpp"
#include "sim/project_folder.hpp"

namespace mbm {
namespace {

constexpr int kOperandBits = ProductTable::kOperandBits;
constexpr int kProductBits = 2 * kOperandBits;

// A module with ports a_i, b_i and product_o, and the Verilog that it is made of.
struct Circuit {
  std::string what;
  std::vector<std::string> sources;  // files
  std::string text;                  // Verilog besides
  std::string instance;              // module, parameters, for example "m #(.Width(8))"
  bool has_clock = false;
};

std::string tool(const std::string& name) {
  if (const auto program = find_program(name)) return *program;
  fail(ErrorKind::missing_tool, "{} not found; proofs of multipliers need it", name);
}

// The Verilog that multipliers are made of, in the order of rtl/files.f.
std::vector<std::string> multiplier_sources() {
  const std::filesystem::path root = project_folder();
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

std::string instance_text(const RtlInstance& instance) {
  return fmt::format("{} #({})", instance.module, instance.parameters);
}

Circuit circuit_of(const std::string& name_or_path, const ProductTable& table) {
  if (!table_file_of(name_or_path)) {
    if (const auto rtl = rtl_instance_of(name_or_path)) {
      return {"Verilog " + rtl->module, multiplier_sources(), "", instance_text(*rtl), true};
    }
    if (const auto described = description_instance_of(name_or_path)) {
      const std::filesystem::path root = project_folder();
      return {"description " + described->module,
              {(root / "testbench" / (described->module + ".sv")).string()},
              "",
              instance_text(*described)};
    }
  }
  return {"diagrams of the table", {}, table_circuit(table), "table_multiplier"};
}

// The product beside two verdicts: whether its error exceeds `worst_case`, whether it reaches it.
std::string certificate_module(const Circuit& circuit, std::uint64_t worst_case) {
  return fmt::format(
      "module certificate (\n"
      "  input logic [7:0] a_i, input logic [7:0] b_i, output logic [15:0] product_o,\n"
      "  output logic exceeds_o, output logic reaches_o\n"
      ");\n"
      "  logic [15:0] exact, error;\n"
      "  {} u_multiplier ({}.a_i(a_i), .b_i(b_i), .product_o(product_o));\n"
      "  assign exact = a_i * b_i;\n"
      "  assign error = product_o >= exact ? product_o - exact : exact - product_o;\n"
      "  assign exceeds_o = error > 16'd{};\n"
      "  assign reaches_o = error >= 16'd{};\n"
      "endmodule\n",
      circuit.instance, circuit.has_clock ? ".clk_i(1'b0), " : "", worst_case, worst_case);
}

[[noreturn]] void no_answer(const ProcessResult& result, const std::string& program) {
  const std::string& messages = result.errors.empty() ? result.output : result.errors;
  fail(ErrorKind::internal, "{} gives no answer: {}", program,
       quote(messages.substr(messages.size() - std::min<std::size_t>(messages.size(), 90))));
}

void synthesise(const Circuit& circuit, std::uint64_t worst_case, const WorkFolder& folder,
                int seconds_allowed) {
  std::ofstream(folder / "certificate.sv")
      << circuit.text << certificate_module(circuit, worst_case);
  const std::string script = fmt::format(
      "read_verilog -sv {} {}; hierarchy -check -top certificate; proc; flatten; opt -full; "
      "techmap; opt; setundef -undriven -zero; aigmap; opt_clean; write_aiger -symbols {}",
      fmt::join(circuit.sources, " "), (folder / "certificate.sv").string(),
      (folder / "certificate.aig").string());
  const ProcessResult result = run_process({tool("yosys"), "-q", "-p", script}, seconds_allowed);
  if (result.exit_code != 0) no_answer(result, "yosys");
}

// Which signal of the certificate an input or output is, for example bit 3 of "a_i".
std::size_t position_of(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    fail(ErrorKind::internal, "the and-inverter graph has no signal {}", name);
  }
  return static_cast<std::size_t>(std::distance(names.begin(), found));
}

struct Ports {
  std::vector<std::size_t> a;
  std::vector<std::size_t> b;
  std::vector<std::size_t> product;
};

Ports ports_of(const AndInverterGraph& graph) {
  Ports ports;
  for (int bit = 0; bit < kOperandBits; ++bit) {
    ports.a.push_back(position_of(graph.inputs(), fmt::format("a_i[{}]", bit)));
    ports.b.push_back(position_of(graph.inputs(), fmt::format("b_i[{}]", bit)));
  }
  for (int bit = 0; bit < kProductBits; ++bit) {
    ports.product.push_back(position_of(graph.outputs(), fmt::format("product_o[{}]", bit)));
  }
  return ports;
}

// Compares the products that the solver's graph has with those of the table, 64 at a time.
void check_products(const AndInverterGraph& graph, const Ports& ports, const std::string& what,
                    const ProductTable& table) {
  std::vector<std::uint64_t> inputs(graph.inputs().size());
  for (std::size_t first = 0; first < ProductTable::kEntries; first += 64) {
    for (int bit = 0; bit < kOperandBits; ++bit) {
      std::uint64_t& a = inputs[ports.a[static_cast<std::size_t>(bit)]] = 0;
      std::uint64_t& b = inputs[ports.b[static_cast<std::size_t>(bit)]] = 0;
      for (std::size_t i = 0; i < 64; ++i) {
        a |= ((first + i) / ProductTable::kOperands >> bit & 1) << i;
        b |= ((first + i) % ProductTable::kOperands >> bit & 1) << i;
      }
    }
    const std::vector<std::uint64_t> outputs = graph.evaluate(inputs);
    for (std::size_t i = 0; i < 64; ++i) {
      std::uint64_t product = 0;
      for (std::size_t bit = 0; bit < ports.product.size(); ++bit) {
        product |= (outputs[ports.product[bit]] >> i & 1) << bit;
      }
      if (product == table.products()[first + i]) continue;
      fail(ErrorKind::mismatch, "multiplier '{}', {}: {} * {} = {}, {} expected", table.name(),
           what, (first + i) / ProductTable::kOperands, (first + i) % ProductTable::kOperands,
           product, table.products()[first + i]);
    }
  }
}

// The values of all inputs, '0' and '1' in their order, that make an output true; nothing if the
// solver proves that none do.
std::optional<std::string> satisfying_inputs(const AndInverterGraph& graph,
                                             const std::string& output, const WorkFolder& folder,
                                             int seconds_allowed) {
  const std::filesystem::path values_path = folder / (output + ".txt");
  const std::string script =
      fmt::format("read {}; cone -a -O {}; strash; dc2; fraig; dsat; write_cex {}",
                  (folder / "certificate.aig").string(), position_of(graph.outputs(), output),
                  values_path.string());
  const ProcessResult result = run_process({tool("yosys-abc"), "-c", script}, seconds_allowed);
  if (result.output.find("UNSATISFIABLE") != std::string::npos) return std::nullopt;
  std::string values;
  std::ifstream(values_path) >> values;
  values = values.substr(0, values.find_first_not_of("01"));
  if (result.output.find("SATISFIABLE") == std::string::npos ||
      values.size() != graph.inputs().size()) {
    no_answer(result, "yosys-abc");
  }
  return values;
}

WorstCaseOperands operands_in(const std::string& values, const Ports& ports,
                              const ProductTable& table) {
  WorstCaseOperands result{0, 0, 0};
  for (std::size_t bit = 0; bit < ports.a.size(); ++bit) {
    result.a |= (values[ports.a[bit]] == '1' ? 1U : 0U) << bit;
    result.b |= (values[ports.b[bit]] == '1' ? 1U : 0U) << bit;
  }
  result.product = table(result.a, result.b);
  return result;
}

// "abc dsat (MiniSat 1.14), Yosys 0.23", with the first words of Yosys' version.
std::string solver_name() {
  const ProcessResult result = run_process({tool("yosys"), "-V"}, 30);
  const std::size_t end = result.output.find(' ', result.output.find(' ') + 1);
  return "abc dsat (MiniSat 1.14), " + result.output.substr(0, end);
}

std::uint64_t distance(std::uint64_t x, std::uint64_t y) {
  return x > y ? x - y : y - x;
}

// Fills in what the solver says. Throws Error(timeout).
void decide(const Circuit& circuit, const ProductTable& table, Certificate& certificate) {
  const WorkFolder folder;
  synthesise(circuit, certificate.worst_case, folder, certificate.seconds_allowed);
  const AndInverterGraph graph(folder / "certificate.aig");
  const Ports ports = ports_of(graph);
  check_products(graph, ports, circuit.what, table);
  if (const auto values =
          satisfying_inputs(graph, "exceeds_o", folder, certificate.seconds_allowed)) {
    const WorstCaseOperands found = operands_in(*values, ports, table);
    fail(ErrorKind::mismatch, "multiplier '{}': the solver finds an error above {} at {} * {} = {}",
         table.name(), certificate.worst_case, found.a, found.b, found.product);
  }
  if (certificate.worst_case > 0) {
    const auto values = satisfying_inputs(graph, "reaches_o", folder, certificate.seconds_allowed);
    if (values) certificate.counterexample = operands_in(*values, ports, table);
    const auto& found = certificate.counterexample;
    if (!found ||
        distance(found->product, std::uint64_t{found->a} * found->b) != certificate.worst_case) {
      fail(ErrorKind::mismatch, "multiplier '{}': the solver finds no error of {}", table.name(),
           certificate.worst_case);
    }
  }
  certificate.proved = true;
}

}  // namespace

Certificate prove_worst_case(const std::string& name_or_path, int seconds_allowed) {
  const ProductTable table = resolve_product_table(name_or_path);
  const auto start = std::chrono::steady_clock::now();
  Certificate result;
  result.multiplier = table.name();
  result.solver = solver_name();
  result.seconds_allowed = seconds_allowed;
  result.worst_case = error_statistics(table, uniform_operands(kOperandBits)).worst_case_error;
  const Circuit circuit = circuit_of(name_or_path, table);
  result.circuit = circuit.what;
  try {
    decide(circuit, table, result);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::timeout) throw;
    result.counterexample.reset();
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace mbm
