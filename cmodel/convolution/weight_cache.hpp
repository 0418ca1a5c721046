// What plans derive from the weights of a layer, kept while the same weights come again: an
// evaluation runs each layer on hundreds of images.
#pragma once

#include <algorithm>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <vector>

namespace mbm {

// Entries are found by their weights' values, not their address, and by a key that holds whatever
// else the derived value depends on. The least recently used ones are dropped beyond the budget.
template <typename Value>
class WeightCache {
 public:
  using Key = std::vector<std::int64_t>;

  explicit WeightCache(std::int64_t budget) : budget_(budget) {}  // weights

  // The value of (key, weights); `make()` derives it if it is not here.
  template <typename Make>
  std::shared_ptr<const Value> get(const Key& key, std::span<const std::int16_t> weights,
                                   const Make& make) {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.key == key && std::ranges::equal(entry.weights, weights);
    });
    if (found != entries_.end()) {
      entries_.splice(entries_.begin(), entries_, found);
      return found->value;
    }
    auto value = std::make_shared<const Value>(make());
    entries_.push_front({key, {weights.begin(), weights.end()}, value});
    held_ += static_cast<std::int64_t>(weights.size());
    while (held_ > budget_ && !entries_.empty()) {
      held_ -= static_cast<std::int64_t>(entries_.back().weights.size());
      entries_.pop_back();
    }
    return value;
  }

 private:
  struct Entry {
    Key key;
    std::vector<std::int16_t> weights;
    std::shared_ptr<const Value> value;
  };

  std::int64_t budget_;
  std::int64_t held_ = 0;
  std::list<Entry> entries_;  // most recently used first
};

}  // namespace mbm
