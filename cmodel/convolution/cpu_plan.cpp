#include "cmodel/convolution/cpu_plan.hpp"

#include <array>

namespace mbm {

std::span<const CpuPlan> all_cpu_plans() {
  using enum InstructionSet;
  static const std::array plans = {
      CpuPlan{"factored8", avx512, 5, 0.0, vnni_int8_kernel()},
      CpuPlan{"factored", avx512, 3, 0.0, vnni_factored_kernel()},
      CpuPlan{"grouped7", avx512, 0, 2.4, vbmi_grouped_kernel(128)},
      CpuPlan{"skipping7", avx512, 0, 4.4, vbmi_skipping_kernel()},
      CpuPlan{"paired7", avx512, 0, 2.7, paired_lookup_kernel()},
      CpuPlan{"vbmi7", avx512, 0, 3.15, vbmi_lookup_kernel(128)},
      CpuPlan{"grouped8", avx512, 0, 4.6, vbmi_grouped_kernel(256)},
      CpuPlan{"vbmi8", avx512, 0, 6.2, vbmi_lookup_kernel(256)},
      CpuPlan{"vbmi9", avx512, 0, 8.1, vbmi_signed_lookup_kernel()},
      CpuPlan{"factored-avx2", avx2, 5, 0.0, avx2_factored_kernel()},
      CpuPlan{"avx2", avx2, 0, 0.0, avx2_lookup_kernel()},
      CpuPlan{"scalar", scalar, 0, 66.0, scalar_lookup_kernel()},
  };
  return plans;
}

InstructionSet detected_instruction_set() {
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vnni");
  if (avx512) return InstructionSet::avx512;
  return __builtin_cpu_supports("avx2") ? InstructionSet::avx2 : InstructionSet::scalar;
}

std::vector<std::string> cpu_plans(InstructionSet instruction_set) {
  std::vector<std::string> names;
  for (const CpuPlan& plan : all_cpu_plans()) {
    if (plan.needs <= instruction_set) names.emplace_back(plan.name);
  }
  return names;
}

}  // namespace mbm
