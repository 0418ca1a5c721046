#include "sim/accelerator_library.hpp"

#include <dlfcn.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "cmodel/array/grid_names.hpp"
#include "cmodel/common/error.hpp"
#include "sim/project_folder.hpp"

namespace mbm {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEnding = ".so";
// Functions of sim/accelerator_module.cpp.in.
constexpr const char* kMakeDevice = "mbm_make_accelerator";
constexpr const char* kMakePins = "mbm_make_accelerator_pins";

fs::path path_of(const std::string& name) {
  return accelerator_folder() / (name + kEnding);
}

// The function `function` of the module `name`.
void* find(const std::string& name, const char* function) {
  const fs::path path = path_of(name);
  if (!fs::exists(path)) {
    fail(ErrorKind::usage,
         "accelerator {} is not built; built: {}; 'scripts/build release accelerator-{}' adds it",
         name, fmt::join(built_accelerators(), ", "), name);
  }
  // Never closed: its devices' code is in it. Loading it again finds the same one.
  void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* symbol = module == nullptr ? nullptr : dlsym(module, function);
  if (symbol == nullptr) fail(ErrorKind::internal, "{}", dlerror());
  return symbol;
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

std::string accelerator_name(const AcceleratorParameters& parameters) {
  const auto kind = static_cast<std::size_t>(parameters.kind);
  std::string name =
      fmt::format("{}x{}-{}", parameters.rows, parameters.columns, kElementKindNames.at(kind));
  if (parameters.kind != ElementKind::log) return name;
  const auto product = static_cast<std::size_t>(parameters.log_kind);
  return fmt::format("{}-{}", name, kLogProductNames.at(product));
}

std::unique_ptr<SimulatedDevice> make_accelerator(const std::string& name,
                                                  const AxiMemoryOptions& memory) {
  using Make = SimulatedDevice*(const AxiMemoryOptions*);
  return std::unique_ptr<SimulatedDevice>(
      reinterpret_cast<Make*>(find(name, kMakeDevice))(&memory));
}

std::unique_ptr<AcceleratorPins> make_accelerator_pins(const std::string& name) {
  using Make = AcceleratorPins*();
  return std::unique_ptr<AcceleratorPins>(reinterpret_cast<Make*>(find(name, kMakePins))());
}

}  // namespace mbm
