// A combinational circuit as an and-inverter graph, read from the file that a solver is given: so
// that what was proved can be compared with what was meant.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace mbm {

class AndInverterGraph {
 public:
  // Reads binary AIGER 1.9 (Biere, Heljanko, Wieringa, FMV report 11/2, 2011) with a symbol for
  // every input and output and no latches. Throws Error(input) on anything else.
  explicit AndInverterGraph(const std::filesystem::path& path);

  // Names as the circuit's description has them, for example "a_i[0]".
  const std::vector<std::string>& inputs() const { return inputs_; }
  const std::vector<std::string>& outputs() const { return outputs_; }

  // Values of all outputs under 64 assignments at a time: bit i of every word belongs to
  // assignment i. One word an input, in the order of inputs().
  std::vector<std::uint64_t> evaluate(std::span<const std::uint64_t> inputs) const;

 private:
  // A literal is twice a variable's number, plus one if it is inverted; variable 0 is false, then
  // come the inputs, then the gates.
  struct Gate {
    std::uint32_t left;
    std::uint32_t right;
  };

  std::vector<std::string> inputs_;
  std::vector<std::string> outputs_;
  std::vector<std::uint32_t> output_literals_;
  std::vector<Gate> gates_;
};

}  // namespace mbm
