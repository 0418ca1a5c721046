#include "host/multiplier/table_circuit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace mbm {
namespace {

constexpr int kLevels = 2 * ProductTable::kOperandBits;
constexpr int kProductBits = 16;

// Level l decides bit 7 - l / 2 of a (l even) or b (l odd).
std::string decided_bit(int level) {
  return fmt::format("{}_i[{}]", level % 2 == 0 ? 'a' : 'b',
                     ProductTable::kOperandBits - 1 - level / 2);
}

// The operands' index in a table when their bits are decided in the order of the levels.
std::size_t table_index(std::size_t decisions) {
  std::size_t a = 0;
  std::size_t b = 0;
  for (int level = 0; level < kLevels; ++level) {
    const std::size_t bit = (decisions >> (kLevels - 1 - level)) & 1;
    (level % 2 == 0 ? a : b) |= bit << (ProductTable::kOperandBits - 1 - level / 2);
  }
  return a * ProductTable::kOperands + b;
}

class DecisionDiagram {
 public:
  // The node for a column of '0' and '1', one for each value of the bits from `level` on.
  int node(std::string_view column, int level) {
    if (column.find('1') == std::string_view::npos) return 0;
    if (column.find('0') == std::string_view::npos) return 1;
    auto& known = known_[static_cast<std::size_t>(level)];
    std::string key(column);
    if (const auto found = known.find(key); found != known.end()) return found->second;
    const int low = node(column.substr(0, column.size() / 2), level + 1);
    const int high = node(column.substr(column.size() / 2), level + 1);
    const int result = low == high ? low : multiplexer(level, low, high);
    known.emplace(std::move(key), result);
    return result;
  }

  std::string verilog() const {
    std::string text =
        fmt::format("  logic [{}:0] node;\n  assign node[1:0] = 2'b10;\n", nodes_.size() + 1);
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const auto& [level, low, high] = nodes_[i];
      text += fmt::format("  assign node[{}] = {} ? node[{}] : node[{}];\n", i + 2,
                          decided_bit(level), high, low);
    }
    return text;
  }

 private:
  using Node = std::tuple<int, int, int>;  // level, node if the bit is 0, node if it is 1

  int multiplexer(int level, int low, int high) {
    const Node node{level, low, high};
    const auto [found, is_new] = numbers_.try_emplace(node, static_cast<int>(nodes_.size()) + 2);
    if (is_new) nodes_.push_back(node);
    return found->second;
  }

  std::vector<Node> nodes_;  // number 2 and on; 0 and 1 are the constants
  std::map<Node, int> numbers_;
  std::array<std::unordered_map<std::string, int>, kLevels> known_;
};

}  // namespace

std::string table_circuit(const ProductTable& table) {
  DecisionDiagram diagram;
  std::string products;
  for (int bit = 0; bit < kProductBits; ++bit) {
    std::string column;
    for (std::size_t i = 0; i < ProductTable::kEntries; ++i) {
      column += ((table.products()[table_index(i)] >> bit) & 1) != 0 ? '1' : '0';
    }
    products += fmt::format("  assign product_o[{}] = node[{}];\n", bit, diagram.node(column, 0));
  }
  return "module table_multiplier (\n"
         "  input logic [7:0] a_i, input logic [7:0] b_i, output logic [15:0] product_o\n"
         ");\n" +
         diagram.verilog() + products + "endmodule\n";
}

}  // namespace mbm
