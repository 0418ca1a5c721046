// The plans of the CPU engine: which kernel for which processor, operands and table.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/convolution/factored_kernel.hpp"
#include "cmodel/convolution/grouped_kernel.hpp"
#include "cmodel/convolution/int8_kernel.hpp"
#include "cmodel/convolution/lookup_kernel.hpp"
#include "cmodel/convolution/skipping_kernel.hpp"

namespace mbm {

struct CpuPlan {
  std::string_view name;
  InstructionSet needs;
  // A plan of factors pays up to this many terms, against a plan of look-ups whose cost is the same
  // whatever the table.
  std::size_t most_terms;
  // Of a plan of look-ups, for 64 products of a large layer on one core of an AMD Zen 5, as
  // benchmarks/convolution_benchmark measures them, those with activations of 0 left out where they
  // are skipped: what the choice between plans goes by.
  double cycles;
  std::variant<LookupKernel, GroupedKernel, SkippingKernel, FactoredKernel, Int8Kernel> kernel;

  bool is_grouped() const { return std::holds_alternative<GroupedKernel>(kernel); }
  // Codes that an activation's byte can stand for, 0 if its sign lies apart.
  int window_size() const {
    if (const auto* grouped = std::get_if<GroupedKernel>(&kernel)) return grouped->window_size;
    const auto* lookup = std::get_if<LookupKernel>(&kernel);
    return lookup == nullptr ? 0 : lookup->window_size;
  }
  bool is_paired() const { return name == "paired7"; }
  bool is_skipping() const { return std::holds_alternative<SkippingKernel>(kernel); }
  bool is_int8() const { return std::holds_alternative<Int8Kernel>(kernel); }
  // With factors of 8 or 16 bits.
  bool is_factored() const { return is_int8() || std::holds_alternative<FactoredKernel>(kernel); }
};

// All plans, most special first.
std::span<const CpuPlan> all_cpu_plans();

// Most terms of a factored table that any plan can use.
inline constexpr std::size_t kMostTerms = 8;

}  // namespace mbm
