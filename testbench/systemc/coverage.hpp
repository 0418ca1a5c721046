// Functional coverage: situations with names, and how often each was met.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mbm {

class Coverage {
 public:
  // The situations that there are; one that is not among them cannot be met.
  explicit Coverage(std::vector<std::string> situations);

  // Throws Error(internal) if there is no such situation.
  void meet(std::string_view situation);

  std::uint64_t count(std::string_view situation) const;
  double share() const;        // met at least once, 0..1
  std::string report() const;  // a line for each, then the share

 private:
  std::size_t place(std::string_view situation) const;

  std::vector<std::string> situations_;
  std::vector<std::uint64_t> counts_;
};

}  // namespace mbm
