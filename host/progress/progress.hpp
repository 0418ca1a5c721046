// Progress of long work, on standard error: a bar with the remaining time on a terminal, else a
// line at the end, at the beginning of what is taken up again, and for what takes longer one at a
// tenth now and then.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace mbm {

class Progress {
 public:
  // `done` of `total` steps of `what` are behind us already (a run that is taken up again).
  Progress(std::string what, std::size_t total, std::size_t done = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(std::size_t steps = 1);

  // Silences all progress output of the process.
  static void set_quiet(bool quiet);

 private:
  void show();
  std::string remaining() const;

  std::string what_;
  std::size_t total_;
  std::size_t done_;
  std::size_t first_;  // steps that were done before we began
  std::size_t shown_tenth_ = 0;
  bool terminal_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point shown_ = start_;  // the last line
};

}  // namespace mbm
