// Disjoint intervals of addresses, each with the number that was assigned last.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>

namespace mbm {

class IntervalMap {
 public:
  // What `most` and `for_each` find where nothing was assigned.
  static constexpr std::int64_t kNone = -1;

  void assign(std::int64_t begin, std::int64_t end, std::int64_t value) {
    if (begin >= end) return;
    split(begin);
    split(end);
    intervals_.erase(intervals_.lower_bound(begin), intervals_.lower_bound(end));
    const auto place = intervals_.emplace(begin, Interval{end, value}).first;
    if (place == intervals_.begin()) return;
    const auto before = std::prev(place);
    if (before->second.end != begin || before->second.value != value) return;
    before->second.end = end;
    intervals_.erase(place);
  }

  // The largest number in begin..end-1.
  std::int64_t most(std::int64_t begin, std::int64_t end) const {
    std::int64_t result = kNone;
    auto place = intervals_.upper_bound(begin);
    if (place != intervals_.begin()) --place;
    for (; place != intervals_.end() && place->first < end; ++place) {
      if (place->second.end > begin) result = std::max(result, place->second.value);
    }
    return result;
  }

 private:
  struct Interval {
    std::int64_t end;
    std::int64_t value;
  };

  void split(std::int64_t at) {
    auto place = intervals_.upper_bound(at);
    if (place == intervals_.begin()) return;
    --place;
    if (place->first >= at || place->second.end <= at) return;
    intervals_.emplace(at, place->second);
    place->second.end = at;
  }

  std::map<std::int64_t, Interval> intervals_;  // by begin
};

}  // namespace mbm
