// What a long run has finished, kept on disk so that a run that stops can be taken up again.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace mbm {

// One JSON object a line: first the configuration, then whatever the run appends.
class JsonJournal {
 public:
  // Opens `path`, or makes it, and calls `read` with each line of an earlier run with the same
  // `configuration`; an incomplete last line (the run was killed while it wrote) is dropped. Throws
  // Error(usage) if the journal belongs to another configuration, Error(input) that names the line
  // and `what` it should be if it is malformed or `read` throws a JSON exception.
  JsonJournal(std::filesystem::path path, const nlohmann::json& configuration,
              const std::string& what, const std::function<void(const nlohmann::json&)>& read);

  // Appends a line and flushes it to disk.
  void append(const nlohmann::json& line);

 private:
  std::filesystem::path path_;
};

}  // namespace mbm
