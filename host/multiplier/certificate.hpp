// Certificates of worst-case errors: a solver's proof about a circuit, not an enumeration.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace mbm {

// Operands at which |product - a b| is the worst case.
struct WorstCaseOperands {
  std::uint32_t a;
  std::uint32_t b;
  std::uint64_t product;
};

// For all operands |product - a b| <= worst_case holds of the circuit of an 8-bit multiplier, and
// the counterexample shows that it does not hold of worst_case - 1.
struct Certificate {
  std::string multiplier;
  std::string circuit;  // what the proof is about, for example "Verilog mbm_multiplier"
  std::uint64_t worst_case = 0;
  bool proved = false;                              // else the solver did not answer
  int seconds_allowed = 0;                          // for each step
  std::optional<WorstCaseOperands> counterexample;  // nothing if not proved or worst_case is 0
  std::string solver;
  double seconds = 0;  // synthesis, proof and the search for the counterexample
};

// The certificate of `name_or_path` (see resolve_product_table). The circuit is the multiplier's
// Verilog; a family without RTL has a description of its own in testbench/; a file's circuit, and
// that of a member with neither, are decision diagrams made from its table. Yosys makes an
// and-inverter graph of it, which must have the product table's products on all operands; the worst
// case is that of the table, and abc's SAT solver decides.
//
// `proved` is false if a step takes longer than `seconds_allowed`. Throws Error(missing_tool)
// without yosys and its abc, and Error(mismatch) if the circuit is another multiplier or the bound
// does not hold or is not met.
Certificate prove_worst_case(const std::string& name_or_path, int seconds_allowed);

std::string certificate_text(const std::vector<Certificate>& certificates);
std::string certificate_markdown(const std::vector<Certificate>& certificates);
std::string certificate_csv(const std::vector<Certificate>& certificates);

// Schema "mbm.multiplier-proof", with a unit for every field; `inputs` are the SHA-256 of the
// files.
nlohmann::json certificate_json(const std::vector<Certificate>& certificates,
                                const nlohmann::json& inputs);

}  // namespace mbm
