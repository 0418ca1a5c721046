#include "sim/accelerator_library.hpp"

#include <dlfcn.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "cmodel/common/error.hpp"
#include "sim/project_folder.hpp"

namespace mbm {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEnding = ".so";
constexpr const char* kFunction = "mbm_make_accelerator";  // of sim/accelerator_module.cpp.in
using Make = SimulatedDevice*(const AxiMemoryOptions*);

fs::path path_of(const std::string& name) {
  return accelerator_folder() / (name + kEnding);
}

}  // namespace

std::vector<std::string> built_accelerators() {
  std::vector<std::string> names;
  std::error_code none;  // no folder: nothing is built
  for (const fs::directory_entry& entry : fs::directory_iterator(accelerator_folder(), none)) {
    if (entry.path().extension() == kEnding) names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::unique_ptr<SimulatedDevice> make_accelerator(const std::string& name,
                                                  const AxiMemoryOptions& memory) {
  const fs::path path = path_of(name);
  if (!fs::exists(path)) {
    fail(ErrorKind::usage,
         "accelerator {} is not built; built: {}; 'scripts/build release accelerator-{}' adds it",
         name, fmt::join(built_accelerators(), ", "), name);
  }
  // Never closed: its devices' code is in it. Loading it again finds the same one.
  void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* symbol = module == nullptr ? nullptr : dlsym(module, kFunction);
  if (symbol == nullptr) fail(ErrorKind::internal, "{}", dlerror());
  return std::unique_ptr<SimulatedDevice>(reinterpret_cast<Make*>(symbol)(&memory));
}

}  // namespace mbm
