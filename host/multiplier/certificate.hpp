// Certificates of worst-case errors: a solver's proof about the Verilog, not an enumeration.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace mbm {

// For all operands, |product - a b| <= worst_case holds of the Verilog of a multiplier, and the
// counterexample shows that it does not hold of worst_case - 1.
struct Certificate {
  std::string multiplier;
  std::uint64_t worst_case = 0;
  std::uint32_t counterexample_a = 0;  // both 0 if worst_case is 0
  std::uint32_t counterexample_b = 0;
  std::uint64_t counterexample_product = 0;
  std::string solver;
  double seconds = 0;  // of the proof and the search for the counterexample
};

// Takes the worst case from the C++ definition and lets Yosys' SAT solver prove it of the 8-bit
// Verilog. Throws Error(usage) if the multiplier has no RTL, Error(missing_tool) without yosys,
// Error(mismatch) if the bound does not hold or is not met where the definition says so, and
// Error(timeout).
Certificate prove_worst_case(const std::string& name, int timeout_seconds);

std::string certificate_text(const std::vector<Certificate>& certificates);
std::string certificate_markdown(const std::vector<Certificate>& certificates);
std::string certificate_csv(const std::vector<Certificate>& certificates);

// Schema "mbm.multiplier-proof", with a unit for every field.
nlohmann::json certificate_json(const std::vector<Certificate>& certificates);

}  // namespace mbm
