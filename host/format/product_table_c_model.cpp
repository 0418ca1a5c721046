// EvoApproxLib publishes its multipliers as C functions of two operands; this compiles one together
// with a loop that prints its 65,536 products, and runs it.
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>

#include "cmodel/common/error.hpp"
#include "host/format/input_file.hpp"
#include "host/format/product_table_parts.hpp"
#include "host/format/quote.hpp"
#include "host/process/child_process.hpp"
#include "host/process/work_folder.hpp"

namespace mbm {
namespace {

constexpr int kTimeoutSeconds = 60;

struct ModelFunction {
  std::string name;
  bool b_first;  // the first parameter is called B
};

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// The function of two operands: the one whose name begins with "mul8u", else the last one of the
// file (EvoApproxLib puts helpers first).
ModelFunction find_function(const std::string& source, const std::string& path) {
  static const std::regex pattern(
      R"((?:u?int(?:8|16|32|64)_t|unsigned(?: int)?|int)\s+(\w+)\s*\()"
      R"(\s*(?:const\s+)?(?:u?int(?:8|16|32|64)_t|unsigned(?: int)?|int)\s+(?:const\s+)?(\w+)\s*,)"
      R"(\s*(?:const\s+)?(?:u?int(?:8|16|32|64)_t|unsigned(?: int)?|int)\s+(?:const\s+)?(\w+)\s*\)\s*\{)");
  ModelFunction chosen{"", false};
  for (std::sregex_iterator match(source.begin(), source.end(), pattern), end; match != end;
       ++match) {
    const ModelFunction function{(*match)[1],
                                 upper((*match)[2]) == "B" && upper((*match)[3]) == "A"};
    if (function.name.starts_with("mul8s")) {
      fail(ErrorKind::input, "{}: signed multiplier '{}' found, an unsigned 8-bit one expected",
           path, function.name);
    }
    if (function.name.starts_with("mul8u")) return function;
    chosen = function;
  }
  if (chosen.name.empty()) {
    fail(ErrorKind::input,
         "{}: no function of two integers found, for example 'uint64_t mul8u_X(const uint64_t A, "
         "const uint64_t B)' expected",
         path);
  }
  return chosen;
}

std::string find_compiler() {
  if (const char* chosen = std::getenv("CC"); chosen != nullptr && *chosen != '\0') {
    if (const auto compiler = find_program(chosen)) return *compiler;
    fail(ErrorKind::missing_tool, "C compiler '{}' of $CC not found; a C model needs it", chosen);
  }
  for (const char* name : {"cc", "gcc", "clang"}) {
    if (const auto compiler = find_program(name)) return *compiler;
  }
  fail(ErrorKind::missing_tool,
       "no C compiler found (cc, gcc, clang, or $CC); a C model of a multiplier needs one");
}

// A program that includes the model and prints its products, a outermost.
std::string harness(const std::string& model, const std::string& call) {
  return fmt::format(
      "#include \"{}\"\n"
      "#include <stdio.h>\n"
      "int main(void) {{\n"
      "  for (int a = 0; a < 256; ++a)\n"
      "    for (int b = 0; b < 256; ++b) printf(\"%lld\\n\", (long long){});\n"
      "  return fflush(stdout) != 0;\n"
      "}}\n",
      model, call);
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

// The first message of the compiler that is an error.
std::string first_error(const std::string& messages) {
  const std::size_t error = messages.find("error:");
  if (error == std::string::npos) return quote(first_line(messages));
  return first_line(messages.substr(error));
}

void compile(const std::string& path, const std::filesystem::path& source,
             const std::filesystem::path& program) {
  const ProcessResult result = run_process(
      {find_compiler(), "-O1", "-w", "-o", program.string(), source.string()}, kTimeoutSeconds);
  if (result.exit_code != 0) {
    fail(ErrorKind::input, "{}: does not compile: {}", path, first_error(result.errors));
  }
}

Products parse_output(const std::string& text, const std::string& path,
                      const std::string& function) {
  Products products;
  products.reserve(kTableEntries);
  const char* position = text.c_str();
  for (std::size_t i = 0; i < kTableEntries; ++i) {
    char* end = nullptr;
    const std::int64_t value = std::strtoll(position, &end, 10);
    if (end == position) {
      fail(ErrorKind::input, "{}: {} gives {} products, {} expected", path, function, i,
           kTableEntries);
    }
    products.push_back(checked_product(value, fmt::format("{}: {}, a = {}, b = {}", path, function,
                                                          i / kTableOperands, i % kTableOperands)));
    position = end;
  }
  return products;
}

}  // namespace

Products tabulate_c_model(const std::string& path, bool swap_operands) {
  const std::vector<std::uint8_t> bytes = read_whole_file(path);
  const std::string source(bytes.begin(), bytes.end());
  const ModelFunction function = find_function(source, path);
  const WorkFolder folder;
  // The model is copied, so that a path with a quotation mark does not reach the compiler as text.
  std::ofstream(folder / "model.c", std::ios::binary) << source;
  const bool b_first = function.b_first != swap_operands;
  std::ofstream(folder / "tabulate.c")
      << harness("model.c", fmt::format("{}({})", function.name, b_first ? "b, a" : "a, b"));
  compile(path, folder / "tabulate.c", folder / "tabulate");
  const ProcessResult result = run_process({(folder / "tabulate").string()}, kTimeoutSeconds);
  if (result.exit_code != 0) {
    fail(ErrorKind::input, "{}: {} ended with exit code {}", path, function.name, result.exit_code);
  }
  return parse_output(result.output, path, function.name);
}

}  // namespace mbm
