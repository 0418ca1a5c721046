// What plans derive from the weights of a layer, kept while the same weights come again: an
// evaluation runs each layer on hundreds of images.
#pragma once

#include <algorithm>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <vector>

#include "cmodel/convolution/convolution_engine.hpp"

namespace mbm {

// Entries are found by their weights' id or else their values, not their address, and by a key that
// holds whatever else the derived value depends on. The least recently used ones are dropped beyond
// the budget.
template <typename Value>
class WeightCache {
 public:
  using Key = std::vector<std::int64_t>;

  explicit WeightCache(std::int64_t budget) : budget_(budget) {}  // weights

  // The value of (key, weights); `make()` derives it if it is not here.
  template <typename Make>
  std::shared_ptr<const Value> get(const Key& key, const ConvolutionJob& job, const Make& make) {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.id == job.weights_id && entry.key == key &&
             (entry.id != 0 || std::ranges::equal(entry.weights, job.weights));
    });
    if (found != entries_.end()) {
      entries_.splice(entries_.begin(), entries_, found);
      return found->value;
    }
    auto value = std::make_shared<const Value>(make());
    const auto size = static_cast<std::int64_t>(job.weights.size());
    entries_.push_front({key, job.weights_id, {}, size, value});
    if (job.weights_id == 0) {
      entries_.front().weights.assign(job.weights.begin(), job.weights.end());
    }
    held_ += size;
    while (held_ > budget_ && !entries_.empty()) {
      held_ -= entries_.back().size;
      entries_.pop_back();
    }
    return value;
  }

 private:
  struct Entry {
    Key key;
    std::uint64_t id;                   // of the weights, or 0
    std::vector<std::int16_t> weights;  // if they have no id
    std::int64_t size;                  // weights
    std::shared_ptr<const Value> value;
  };

  std::int64_t budget_;
  std::int64_t held_ = 0;
  std::list<Entry> entries_;  // most recently used first
};

}  // namespace mbm
