#include "cmodel/convolution/cpu_plan.hpp"

#include <array>

namespace mbm {

std::span<const CpuPlan> all_cpu_plans() {
  using enum InstructionSet;
  static const std::array plans = {
      CpuPlan{"factored8", avx512, 255, 5, vnni_int8_kernel()},
      CpuPlan{"factored", avx512, 255, 3, vnni_factored_kernel()},
      CpuPlan{"grouped7", avx512, 127, 0, vbmi_grouped_kernel(true, false)},
      CpuPlan{"paired7", avx512, 127, 0, paired_lookup_kernel()},
      CpuPlan{"vbmi7", avx512, 127, 0, vbmi_lookup_kernel(true)},
      CpuPlan{"split8", avx512, 255, 0, vbmi_grouped_kernel(true, true)},
      CpuPlan{"grouped8", avx512, 255, 0, vbmi_grouped_kernel(false, false)},
      CpuPlan{"vbmi8", avx512, 255, 0, vbmi_lookup_kernel(false)},
      CpuPlan{"factored-avx2", avx2, 255, 5, avx2_factored_kernel()},
      CpuPlan{"avx2", avx2, 255, 0, avx2_lookup_kernel()},
      CpuPlan{"scalar", scalar, 255, 0, scalar_lookup_kernel()},
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
