// A network of mbm run in integers, and its images, for a board. Knows nothing of commands.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cmodel/network/integer_execution.hpp"
#include "cmodel/network/integer_network.hpp"

namespace mbm {

struct BoardNetworkOptions {
  std::string network;
  std::string weights;
  std::string data;  // empty: images of noise
};

class BoardNetwork {
 public:
  virtual ~BoardNetwork() = default;

  virtual std::string name() const = 0;
  virtual const IntegerNetwork& network() const = 0;
  // What the integer network is given for image `index`. Throws Error(usage) if there is no such
  // image.
  virtual std::vector<Codes> inputs(std::size_t index) = 0;
};

// Loads, calibrates and compiles it, every layer in integers. Errors are those of mbm run.
std::unique_ptr<BoardNetwork> make_board_network(const BoardNetworkOptions& options);

}  // namespace mbm
