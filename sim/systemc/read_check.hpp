// Whether the bytes that come over the bus are those that the functional model was given: a digest
// for each load command.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>

namespace mbm {

class ReadCheck {
 public:
  void forget();
  // The functional model's bytes, a command's in one or several pieces.
  void expect(std::int64_t command, std::span<const std::uint8_t> bytes);
  // Those of the bus, `client` for messages. Throws Error(mismatch) that names the command whose
  // bytes differ.
  void arrive(const std::string& client, std::span<const std::uint8_t> bytes);

 private:
  struct Load {
    std::int64_t command = 0;
    std::uint64_t bytes = 0;
    std::uint64_t digest = 0;
  };
  std::deque<Load> expected_;
  std::uint64_t bytes_ = 0;
  std::uint64_t digest_ = 0;
};

}  // namespace mbm
