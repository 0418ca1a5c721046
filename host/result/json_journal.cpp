#include "host/result/json_journal.hpp"

#include <fstream>
#include <sstream>
#include <utility>

#include "cmodel/common/error.hpp"
#include "host/format/atomic_file.hpp"
#include "host/process/interruption.hpp"

namespace mbm {
namespace {

using nlohmann::json;

// The whole lines of a file.
std::string whole_lines(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  std::string text = content.str();
  text.erase(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
  return text;
}

}  // namespace

JsonJournal::JsonJournal(std::filesystem::path path, const json& configuration,
                         const std::string& what, const std::function<void(const json&)>& read)
    : path_(std::move(path)) {
  say_what_is_kept(path_.string());
  if (!std::filesystem::exists(path_)) {
    write_file(path_, configuration.dump() + "\n");
    return;
  }
  std::string text = whole_lines(path_);
  std::istringstream lines(text);
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    try {
      const json parsed = json::parse(line);
      if (number == 1 && parsed != configuration) {
        fail(ErrorKind::usage,
             "{}: belongs to a run with other options; choose another --out or remove it",
             path_.string());
      }
      if (number > 1) read(parsed);
    } catch (const json::exception& error) {
      fail(ErrorKind::input, "{}:{}: not {} ({})", path_.string(), number, what, error.what());
    }
  }
  if (number == 0) text = configuration.dump() + "\n";
  write_file(path_, text);
}

void JsonJournal::append(const json& line) {
  std::ofstream file(path_, std::ios::binary | std::ios::app);
  file << line.dump() << '\n' << std::flush;
  if (!file) fail(ErrorKind::input, "cannot write {}", path_.string());
}

}  // namespace mbm
