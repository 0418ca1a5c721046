#include "host/process/interruption.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <deque>

namespace mbm {
namespace {

constexpr const char* kNothingKept = "\nmbm: interrupted\n";

// A handler may read it at any time, so no text that it can see is ever changed or freed.
std::atomic<const std::string*> announced{nullptr};

void write_text(const char* text, std::size_t length) {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text, length);
}

// Only functions that are safe in a signal handler.
void announce(int signal_number) {
  if (const std::string* text = announced.load()) {
    write_text(text->data(), text->size());
  } else {
    write_text(kNothingKept, std::char_traits<char>::length(kNothingKept));
  }
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

}  // namespace

void announce_interruptions() {
  for (const int signal_number : {SIGINT, SIGTERM}) {
    // Whoever started us may want it ignored, as a shell does for what runs in the background.
    if (std::signal(signal_number, announce) == SIG_IGN) std::signal(signal_number, SIG_IGN);
  }
}

void say_when_interrupted(const std::string& text) {
  static std::deque<std::string> texts;
  texts.push_back("\nmbm: interrupted; " + text + "\n");
  announced.store(&texts.back());
}

void say_what_is_kept(const std::string& file) {
  say_when_interrupted(file + " holds what is done; the same command goes on from there");
}

}  // namespace mbm
