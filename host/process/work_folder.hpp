// A temporary folder for other programs' files, removed with its content at the end.
#pragma once

#include <filesystem>
#include <string>

namespace mbm {

class WorkFolder {
 public:
  // Throws Error(input) if it cannot be made.
  WorkFolder();
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace mbm
