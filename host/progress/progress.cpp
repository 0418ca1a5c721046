#include "host/progress/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace mbm {
namespace {

constexpr std::size_t kBarWidth = 30;
constexpr auto kBetweenLines = std::chrono::seconds(20);
bool quiet_output = false;

std::string duration_text(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02} min", whole / 60, whole % 60);
  return fmt::format("{}:{:02} h", whole / 3600, whole / 60 % 60);
}

}  // namespace

Progress::Progress(std::string what, std::size_t total, std::size_t done)
    : what_(std::move(what)),
      total_(total),
      done_(done),
      first_(done),
      terminal_(isatty(STDERR_FILENO) == 1) {
  show();
}

Progress::~Progress() {
  if (terminal_ && !quiet_output) std::fputc('\n', stderr);
}

void Progress::advance(std::size_t steps) {
  done_ = std::min(total_, done_ + steps);
  show();
}

void Progress::set_quiet(bool quiet) {
  quiet_output = quiet;
}

std::string Progress::remaining() const {
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  if (done_ == total_) return "took " + duration_text(seconds);
  if (done_ == first_) return "";
  const double per_step = seconds / static_cast<double>(done_ - first_);
  return duration_text(per_step * static_cast<double>(total_ - done_)) + " left";
}

void Progress::show() {
  if (quiet_output || total_ == 0) return;
  if (terminal_) {
    const std::size_t filled = kBarWidth * done_ / total_;
    fmt::print(stderr, "\r{} [{:=<{}}{: <{}}] {}/{} {}\033[K", what_, "", filled, "",
               kBarWidth - filled, done_, total_, remaining());
    std::fflush(stderr);
    return;
  }
  const std::size_t tenth = 10 * done_ / total_;
  const auto now = std::chrono::steady_clock::now();
  const bool taken_up = done_ == first_ && first_ > 0;
  const bool due = tenth != shown_tenth_ && now - shown_ >= kBetweenLines;
  if (done_ != total_ && !taken_up && !due) return;
  shown_tenth_ = tenth;
  shown_ = now;
  const std::string time = remaining();
  fmt::print(stderr, "{}: {}/{}{}{}\n", what_, done_, total_, time.empty() ? "" : ", ", time);
}

}  // namespace mbm
