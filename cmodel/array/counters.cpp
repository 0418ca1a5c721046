#include "cmodel/array/counters.hpp"

#include <string_view>

namespace mbm {
namespace {

std::string small_letters(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const bool capital = c >= 'A' && c <= 'Z';
    text += c == '_' ? ' ' : capital ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

}  // namespace

const std::array<std::string, kCauses>& cause_names() {
  static const std::array<std::string, kCauses> names = [] {
    std::array<std::string, kCauses> result;
    for (const registers::Counter& counter : registers::kCounters) {
      if (counter.cause < 0) continue;
      result.at(static_cast<std::size_t>(counter.cause)) = small_letters(counter.name);
    }
    return result;
  }();
  return names;
}

CauseCycles causes_of(const CounterValues& counters) {
  CauseCycles causes{};
  for (std::size_t i = 0; i < counters.size(); ++i) {
    const int cause = registers::kCounters.at(i).cause;
    if (cause >= 0) causes.at(static_cast<std::size_t>(cause)) = counters.at(i);
  }
  return causes;
}

}  // namespace mbm
