#include "sim/project_folder.hpp"

#include <system_error>

namespace mbm {
namespace {

namespace fs = std::filesystem;

// `beside_program` seen from the folder of the running program, if it is there, else `built`. Not
// an absolute path, so that an installed tree can be moved and packaged.
fs::path installed_or(const char* beside_program, const char* built) {
  std::error_code unknown;
  const fs::path program = fs::read_symlink("/proc/self/exe", unknown);
  if (unknown) return built;
  const fs::path installed = (program.parent_path() / beside_program).lexically_normal();
  return fs::exists(installed, unknown) ? installed : fs::path(built);
}

}  // namespace

fs::path project_folder() {
  static const fs::path folder = installed_or(MBM_INSTALLED_PROJECT_FOLDER, MBM_SOURCE_DIR);
  return folder;
}

fs::path accelerator_folder() {
  static const fs::path folder =
      installed_or(MBM_INSTALLED_ACCELERATOR_FOLDER, MBM_ACCELERATOR_FOLDER);
  return folder;
}

}  // namespace mbm
