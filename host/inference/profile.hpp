// Where the time of an evaluation goes.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/network/network.hpp"

namespace mbm {

enum class Stage {
  float_pass,      // the float network
  control,         // the quantised network with exact products
  quantisation,    // of activations, in the approximate pass, as all that follow
  products,        // sums of products, by the engine
  dequantisation,  // and bias
  float_layers,    // convolutions that are not replaced
  between_layers,  // activations, interpolation, concatenation
  metrics,         // metrics and pictures
};
inline constexpr std::array<std::string_view, 8> kStageNames = {
    "float pass",
    "control pass (exact products)",
    "approximate: quantisation",
    "approximate: sums of products",
    "approximate: dequantisation, bias",
    "approximate: convolutions left in float",
    "approximate: activations, resizing, concatenation",
    "metrics, pictures"};

// Seconds by stage and by layer, added up over threads; members may be called from several at once.
class Profile {
 public:
  explicit Profile(const Network& network) : network_(network), layers_(network.layers().size()) {}

  void add(Stage stage, double seconds);

  // The sums of products of a layer for some images.
  void add_layer(std::size_t index, const std::string& plan, std::int64_t products, double seconds);

  // A table of stages and one of layers, for `images` images evaluated in `elapsed` seconds.
  std::string table(std::size_t images, double elapsed) const;

 private:
  struct Layer {
    double seconds = 0.0;
    std::int64_t products = 0;
    std::map<std::string, std::int64_t> plans;  // and how often each ran
  };

  const Network& network_;
  mutable std::mutex mutex_;
  std::array<double, kStageNames.size()> seconds_{};
  std::vector<Layer> layers_;
};

// Seconds since it was made or last read.
class Stopwatch {
 public:
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - start_).count();
    start_ = now;
    return seconds;
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// "vbmi8 12, grouped8 3": plans and how often each ran.
std::string plan_list(const std::map<std::string, std::int64_t>& plans);

}  // namespace mbm
