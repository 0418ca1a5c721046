#include "host/process/work_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cmodel/common/error.hpp"

namespace mbm {

WorkFolder::WorkFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "mbm-work-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    fail(ErrorKind::input, "cannot make the folder {}: {}", name, std::strerror(errno));
  }
  path_ = name;
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace mbm
