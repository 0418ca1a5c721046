#include "host/multiplier/and_inverter_graph.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path)
      : path_(path), stream_(path, std::ios::binary) {
    if (!stream_) fail(ErrorKind::input, "cannot open {}", path.string());
  }

  std::string line() {
    std::string text;
    if (!std::getline(stream_, text)) refuse("the file ends early");
    return text;
  }

  // A difference of literals: seven bits a byte, lowest first, the top bit set on all but the last.
  std::uint32_t difference() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 32; shift += 7) {
      const int byte = stream_.get();
      if (byte == std::char_traits<char>::eof()) refuse("the file ends early");
      value |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    refuse("a difference of more than 32 bits");
  }

  // Lines "i0 NAME" and "o0 NAME" up to the comment or the end.
  void symbols(std::vector<std::string>& inputs, std::vector<std::string>& outputs) {
    for (std::string text; std::getline(stream_, text) && text != "c";) {
      std::istringstream fields(text);
      char kind = 0;
      std::size_t index = 0;
      std::string name;
      std::vector<std::string>& names = text.starts_with('i') ? inputs : outputs;
      if (!(fields >> kind >> index >> name) || (kind != 'i' && kind != 'o') ||
          index >= names.size()) {
        refuse("a symbol of an input or output expected");
      }
      names[index] = name;
    }
    for (const auto* names : {&inputs, &outputs}) {
      if (std::ranges::find(*names, "") != names->end()) {
        refuse("an input or output has no symbol");
      }
    }
  }

  [[noreturn]] void refuse(std::string_view reason) const {
    fail(ErrorKind::input, "{}: no combinational AIGER file: {}", path_.string(), reason);
  }

 private:
  std::filesystem::path path_;
  std::ifstream stream_;
};

}  // namespace

AndInverterGraph::AndInverterGraph(const std::filesystem::path& path) {
  Reader reader(path);
  std::istringstream header(reader.line());
  std::string format;
  std::uint32_t variables = 0;
  std::uint32_t inputs = 0;
  std::uint32_t latches = 0;
  std::uint32_t outputs = 0;
  std::uint32_t gates = 0;
  header >> format >> variables >> inputs >> latches >> outputs >> gates;
  constexpr std::uint32_t kLargest = 1U << 24;  // far above any multiplier
  if (!header || format != "aig" || latches != 0 || outputs > kLargest || inputs > kLargest ||
      gates > kLargest || variables != inputs + gates) {
    reader.refuse("header 'aig M I 0 O A' with M = I + A expected");
  }
  for (std::uint32_t i = 0; i < outputs; ++i) {
    std::istringstream literal(reader.line());
    std::uint32_t value = 0;
    if (!(literal >> value) || value > 2 * variables + 1) reader.refuse("a literal expected");
    output_literals_.push_back(value);
  }
  for (std::uint32_t literal = 2 * (inputs + 1); literal <= 2 * variables; literal += 2) {
    const std::uint32_t first = reader.difference();
    if (first == 0 || first > literal) reader.refuse("a gate before its inputs");
    const std::uint32_t second = reader.difference();
    if (second > literal - first) reader.refuse("a gate before its inputs");
    gates_.push_back({literal - first, literal - first - second});
  }
  inputs_.resize(inputs);
  outputs_.resize(outputs);
  reader.symbols(inputs_, outputs_);
}

std::vector<std::uint64_t> AndInverterGraph::evaluate(std::span<const std::uint64_t> inputs) const {
  if (inputs.size() != inputs_.size()) {
    fail(ErrorKind::internal, "and-inverter graph: {} input words found, {} expected",
         inputs.size(), inputs_.size());
  }
  std::vector<std::uint64_t> values{0};
  values.reserve(1 + inputs.size() + gates_.size());
  values.insert(values.end(), inputs.begin(), inputs.end());
  const auto value_of = [&](std::uint32_t literal) {
    return values[literal / 2] ^ (std::uint64_t{0} - (literal & 1));
  };
  for (const Gate& gate : gates_) values.push_back(value_of(gate.left) & value_of(gate.right));
  std::vector<std::uint64_t> outputs;
  for (const std::uint32_t literal : output_literals_) outputs.push_back(value_of(literal));
  return outputs;
}

}  // namespace mbm
