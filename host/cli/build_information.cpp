#include "host/cli/build_information.hpp"

#include <ATen/Version.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/version.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "cmodel/common/thread_count.hpp"
#include "cmodel/common/version.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "mbm_revision.hpp"
#include "sim/accelerator_library.hpp"
#include "sim/project_folder.hpp"

namespace mbm {
namespace {

std::string compiler() {
#ifdef __clang__
  return "clang " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::vector<std::string> instruction_sets() {
  std::vector<std::string> found;
  const auto add = [&](const char* name, bool supported) {
    if (supported) found.emplace_back(name);
  };
  add("avx2", __builtin_cpu_supports("avx2") != 0);
  add("fma", __builtin_cpu_supports("fma") != 0);
  add("avx512f", __builtin_cpu_supports("avx512f") != 0);
  add("avx512bw", __builtin_cpu_supports("avx512bw") != 0);
  add("avx512vl", __builtin_cpu_supports("avx512vl") != 0);
  add("avx512dq", __builtin_cpu_supports("avx512dq") != 0);
  add("avx512vbmi", __builtin_cpu_supports("avx512vbmi") != 0);
  add("avx512vnni", __builtin_cpu_supports("avx512vnni") != 0);
  return found;
}

std::string list(const std::vector<std::string>& names) {
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

BuildInformation build_information() {
  return {MBM_VERSION,
          kNumericsVersion,
          MBM_REVISION,
          compiler(),
          MBM_BUILD_TYPE,
          TORCH_VERSION,
          at::get_mkldnn_version(),
          processor_name(),
          instruction_sets(),
          thread_count_or_cores(0),
          cpu_plans(),
          built_accelerators(),
          project_folder().string()};
}

std::string describe(const BuildInformation& information) {
  return fmt::format(
      "mbm {} (numerics {})\n"
      "revision: {}\n"
      "compiler: {}, {}\n"
      "libtorch: {}\n"
      "oneDNN: {}\n"
      "processor: {}, {} cores\n"
      "instruction sets: {}\n"
      "plans of the CPU engine: {}\n"
      "accelerators: {}\n"
      "data and Verilog: {}",
      information.version, information.numerics_version, information.revision, information.compiler,
      information.build_type, information.libtorch, information.onednn, information.processor,
      information.cores, list(information.instruction_sets), list(information.plans),
      list(information.accelerators), information.project_folder);
}

void to_json(nlohmann::json& document, const BuildInformation& information) {
  document = {{"tool_version", information.version},
              {"numerics_version", information.numerics_version},
              {"revision", information.revision},
              {"compiler", information.compiler},
              {"build_type", information.build_type},
              {"libtorch", information.libtorch},
              {"onednn", information.onednn},
              {"processor", information.processor},
              {"instruction_sets", information.instruction_sets},
              {"cores", information.cores},
              {"plans", information.plans},
              {"accelerators", information.accelerators},
              {"project_folder", information.project_folder}};
}

}  // namespace mbm
