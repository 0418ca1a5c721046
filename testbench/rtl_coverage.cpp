#include "sim/rtl_coverage.hpp"

#ifdef MBM_RTL_COVERAGE

#include <fmt/format.h>
#include <unistd.h>
#include <verilated_cov.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <string>

namespace mbm {
namespace {

constexpr char kHierarchy[] = "\1h\2";  // before the path of an instance in a point's name

// Counts of points, instances of a module added up, in Verilator's format.
class Record {
 public:
  Record() {
    const char* folder = std::getenv("MBM_RTL_COVERAGE_FOLDER");
    if (folder != nullptr) path_ = std::filesystem::path(folder) / fmt::format("{}.dat", getpid());
  }
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;
  ~Record() {
    if (path_.empty() || counts_.empty()) return;
    std::ofstream file(path_);
    file << "# SystemC::Coverage-3\n";
    for (const auto& [point, count] : counts_) file << "C '" << point << "' " << count << '\n';
  }

  void add(VerilatedContext& context) {
    const std::scoped_lock lock(mutex_);
    if (path_.empty()) return;
    const std::string part = path_.string() + ".part";
    context.coveragep()->write(part.c_str());
    std::ifstream file(part);
    for (std::string line; std::getline(file, line);) {
      const auto end = line.rfind("' ");
      if (!line.starts_with("C '") || end == std::string::npos) continue;
      const std::string point = line.substr(3, std::min(line.find(kHierarchy), end) - 3);
      counts_[point] += std::strtoull(line.c_str() + end + 2, nullptr, 10);
    }
    file.close();
    std::filesystem::remove(part);
  }

 private:
  std::mutex mutex_;
  std::filesystem::path path_;
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace

void record_coverage(VerilatedContext& context) {
  static Record record;
  record.add(context);
}

}  // namespace mbm

#endif
