// A reader of Python's pickle format that only builds data and never runs what a pickle asks for.
// Opcodes: Lib/pickletools.py of CPython; binary opcodes of protocols 2 to 5.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "host/format/byte_source.hpp"

namespace mbm {

struct PickleValue {
  enum class Kind {
    none,
    boolean,
    integer,
    real,
    text,
    bytes,
    list,  // lists and sets
    tuple,
    dictionary,  // dict and collections.OrderedDict
    global,      // a class or function: `text` is "module name"
    object,      // what a callable would make: items are the callable and a tuple of arguments
    persistent,  // a reference out of the pickle: the one item is its identifier
  };

  Kind kind = Kind::none;
  std::int64_t integer = 0;  // also 0 and 1 of a boolean
  double real = 0;
  std::string text;                       // also the content of bytes
  std::vector<const PickleValue*> items;  // of list, tuple, object, persistent
  std::vector<std::pair<const PickleValue*, const PickleValue*>> entries;  // of dictionary

  // The value of the entry with this text as its key, or nullptr.
  const PickleValue* find(const std::string& key) const;
};

// A pickle and the values it is made of. Values may refer to each other in any way, circles
// included.
class Pickle {
 public:
  // Reads one pickle from `source` and leaves it behind the pickle's end. Throws Error(input)
  // "WHERE: ..." for a truncated or malformed pickle or an opcode of protocol 0.
  Pickle(ByteSource& source, const std::string& where);

  const PickleValue& root() const { return *root_; }

  // All values the pickle made on its way, whether or not the root leads to them.
  const std::deque<PickleValue>& values() const { return values_; }

 private:
  friend class PickleMachine;
  std::deque<PickleValue> values_;
  const PickleValue* root_ = nullptr;
};

}  // namespace mbm
