#include "testbench/systemc/coverage.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cmodel/common/error.hpp"

namespace mbm {

Coverage::Coverage(std::vector<std::string> situations)
    : situations_(std::move(situations)), counts_(situations_.size()) {}

std::size_t Coverage::place(std::string_view situation) const {
  const auto found = std::ranges::find(situations_, situation);
  if (found == situations_.end()) {
    fail(ErrorKind::internal, "coverage: there is no situation '{}'", situation);
  }
  return static_cast<std::size_t>(found - situations_.begin());
}

void Coverage::meet(std::string_view situation) {
  ++counts_[place(situation)];
}

std::uint64_t Coverage::count(std::string_view situation) const {
  return counts_[place(situation)];
}

double Coverage::share() const {
  const auto met = std::ranges::count_if(counts_, [](std::uint64_t count) { return count > 0; });
  return static_cast<double>(met) / static_cast<double>(counts_.size());
}

std::string Coverage::report() const {
  std::string text;
  for (std::size_t i = 0; i < situations_.size(); ++i) {
    text += fmt::format("{:<44}{:>10}\n", situations_[i], counts_[i]);
  }
  return text + fmt::format("{:<44}{:>9.1f} %\n", "met", 100 * share());
}

}  // namespace mbm
