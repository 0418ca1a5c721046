#include "host/format/pickle.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>

#include "cmodel/common/error.hpp"
#include "host/format/quote.hpp"

namespace mbm {

const PickleValue* PickleValue::find(const std::string& key) const {
  for (const auto& [name, value] : entries) {
    if (name->kind == Kind::text && name->text == key) return value;
  }
  return nullptr;
}

// The stack machine that a pickle is a program for.
class PickleMachine {
  using Kind = PickleValue::Kind;

 public:
  PickleMachine(Pickle& pickle, ByteSource& source, const std::string& where)
      : pickle_(pickle), source_(source), where_(where) {}

  void run() {
    for (int opcode = read_byte(); opcode != '.'; opcode = read_byte()) {
      const bool known = run_framing(opcode) || run_scalar(opcode) || run_text(opcode) ||
                         run_container(opcode) || run_memo(opcode) || run_object(opcode);
      if (!known) fail(ErrorKind::input, "{}: unknown pickle opcode {:#04x}", where_, opcode);
    }
    pickle_.root_ = pop();
  }

 private:
  bool run_framing(int opcode) {
    switch (opcode) {
      case 0x80:  // PROTO
        if (const int version = read_byte(); version > 5) {
          fail(ErrorKind::input, "{}: pickle protocol {}, at most 5 is known", where_, version);
        }
        return true;
      case 0x95:  // FRAME
        read_natural(8);
        return true;
      case '(':  // MARK
        marks_.push_back(stack_.size());
        return true;
      case '0':  // POP
        if (!marks_.empty() && marks_.back() == stack_.size()) {
          marks_.pop_back();
        } else {
          pop();
        }
        return true;
      case '1':  // POP_MARK
        pop_to_mark();
        return true;
      case '2':  // DUP
        stack_.push_back(top());
        return true;
      default:
        return false;
    }
  }

  bool run_scalar(int opcode) {
    switch (opcode) {
      case 'N':
        push(Kind::none);
        return true;
      case 0x88:  // NEWTRUE
      case 0x89:  // NEWFALSE
        push(Kind::boolean)->integer = opcode == 0x88 ? 1 : 0;
        return true;
      case 'J':  // BININT
        push(Kind::integer)->integer = static_cast<std::int32_t>(read_natural(4));
        return true;
      case 'K':  // BININT1
        push(Kind::integer)->integer = read_byte();
        return true;
      case 'M':  // BININT2
        push(Kind::integer)->integer = static_cast<std::int64_t>(read_natural(2));
        return true;
      case 0x8a:  // LONG1
        push_long(read_natural(1));
        return true;
      case 0x8b:  // LONG4
        push_long(read_natural(4));
        return true;
      case 'G':  // BINFLOAT, big endian
        push(Kind::real)->real = read_real();
        return true;
      default:
        return false;
    }
  }

  bool run_text(int opcode) {
    switch (opcode) {
      case 0x8c:  // SHORT_BINUNICODE
      case 'U':   // SHORT_BINSTRING
        push_text(Kind::text, 1);
        return true;
      case 'X':  // BINUNICODE
      case 'T':  // BINSTRING
        push_text(Kind::text, 4);
        return true;
      case 0x8d:  // BINUNICODE8
        push_text(Kind::text, 8);
        return true;
      case 'C':  // SHORT_BINBYTES
        push_text(Kind::bytes, 1);
        return true;
      case 'B':  // BINBYTES
        push_text(Kind::bytes, 4);
        return true;
      case 0x8e:  // BINBYTES8
      case 0x96:  // BYTEARRAY8
        push_text(Kind::bytes, 8);
        return true;
      default:
        return false;
    }
  }

  bool run_container(int opcode) {
    switch (opcode) {
      case ']':   // EMPTY_LIST
      case 0x8f:  // EMPTY_SET
        push(Kind::list);
        return true;
      case ')':
        push(Kind::tuple);
        return true;
      case '}':
        push(Kind::dictionary);
        return true;
      case 'l':   // LIST
      case 0x91:  // FROZENSET
        push_items(Kind::list, pop_to_mark());
        return true;
      case 't':
        push_items(Kind::tuple, pop_to_mark());
        return true;
      case 0x85:  // TUPLE1
      case 0x86:
      case 0x87:
        push_items(Kind::tuple, pop_many(static_cast<std::size_t>(opcode - 0x84)));
        return true;
      case 'd': {  // DICT
        const Values items = pop_to_mark();
        push(Kind::dictionary);
        add_entries(items);
        return true;
      }
      default:
        return run_addition(opcode);
    }
  }

  bool run_addition(int opcode) {
    switch (opcode) {
      case 'a':  // APPEND
        add_items(pop_many(1));
        return true;
      case 'e':   // APPENDS
      case 0x90:  // ADDITEMS
        add_items(pop_to_mark());
        return true;
      case 's':  // SETITEM
        add_entries(pop_many(2));
        return true;
      case 'u':  // SETITEMS
        add_entries(pop_to_mark());
        return true;
      default:
        return false;
    }
  }

  bool run_memo(int opcode) {
    switch (opcode) {
      case 'q':  // BINPUT
        memo_[read_natural(1)] = top();
        return true;
      case 'r':  // LONG_BINPUT
        memo_[read_natural(4)] = top();
        return true;
      case 0x94:  // MEMOIZE
        memo_[memo_.size()] = top();
        return true;
      case 'h':  // BINGET
        push_memo(read_natural(1));
        return true;
      case 'j':  // LONG_BINGET
        push_memo(read_natural(4));
        return true;
      default:
        return false;
    }
  }

  bool run_object(int opcode) {
    switch (opcode) {
      case 'c': {  // GLOBAL
        const std::string module = read_line();
        push(Kind::global)->text = module + " " + read_line();
        return true;
      }
      case 0x93: {  // STACK_GLOBAL
        const Values names = pop_many(2);
        push(Kind::global)->text = names[0]->text + " " + names[1]->text;
        return true;
      }
      case 'R':   // REDUCE
      case 0x81:  // NEWOBJ
        make_object(pop_many(2));
        return true;
      case 0x92:  // NEWOBJ_EX, with a dictionary of named arguments on top
        pop();
        make_object(pop_many(2));
        return true;
      case 'b':  // BUILD: state of an object; an OrderedDict's attribute _metadata comes this way
        pop();
        top();
        return true;
      case 'Q':  // BINPERSID
        push_items(Kind::persistent, pop_many(1));
        return true;
      default:
        return false;
    }
  }

  using Values = std::vector<PickleValue*>;

  PickleValue* push(Kind kind) {
    PickleValue& value = pickle_.values_.emplace_back();
    value.kind = kind;
    stack_.push_back(&value);
    return &value;
  }

  void push_items(Kind kind, const Values& items) {
    push(kind)->items.assign(items.begin(), items.end());
  }

  void push_text(Kind kind, std::size_t length_bytes) {
    const std::uint64_t length = read_natural(length_bytes);
    const std::vector<std::uint8_t> bytes = read_bytes(source_, length, where_, "a text");
    push(kind)->text.assign(bytes.begin(), bytes.end());
  }

  // Little endian, two's complement. Integers of more than 8 bytes are kept as their bytes.
  void push_long(std::uint64_t length) {
    const std::vector<std::uint8_t> bytes = read_bytes(source_, length, where_, "a number");
    if (length > 8) {
      push(Kind::bytes)->text.assign(bytes.begin(), bytes.end());
      return;
    }
    const bool negative = length > 0 && bytes.back() >= 0x80;
    std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
    for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | bytes[i];
    push(Kind::integer)->integer = static_cast<std::int64_t>(value);
  }

  void push_memo(std::uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) {
      fail(ErrorKind::input, "{}: the pickle asks for its value {} before it is there", where_,
           index);
    }
    stack_.push_back(found->second);
  }

  // items: the callable and its arguments. An OrderedDict becomes a dictionary.
  void make_object(const Values& items) {
    const bool is_ordered_dictionary =
        items[0]->kind == Kind::global && items[0]->text == "collections OrderedDict";
    if (!is_ordered_dictionary) {
      push_items(Kind::object, items);
      return;
    }
    PickleValue* dictionary = push(Kind::dictionary);
    if (items[1]->items.empty()) return;
    for (const PickleValue* entry : items[1]->items[0]->items) {  // Python 2: a list of pairs
      if (entry->items.size() != 2) fail_malformed("an OrderedDict of other than pairs");
      dictionary->entries.emplace_back(entry->items[0], entry->items[1]);
    }
  }

  // Items of an object (a class derived from list) are of no interest.
  void add_items(const Values& items) {
    if (top()->kind != Kind::list && top()->kind != Kind::object) {
      fail_malformed("items appended to what is no list");
    }
    top()->items.insert(top()->items.end(), items.begin(), items.end());
  }

  void add_entries(const Values& items) {
    if (top()->kind != Kind::dictionary && top()->kind != Kind::object) {
      fail_malformed("entries set in what is no dictionary");
    }
    if (items.size() % 2 != 0) fail_malformed("a key without a value");
    for (std::size_t i = 0; i < items.size(); i += 2) {
      top()->entries.emplace_back(items[i], items[i + 1]);
    }
  }

  PickleValue* top() const {
    if (stack_.size() <= floor()) fail_malformed("the stack is empty");
    return stack_.back();
  }

  PickleValue* pop() {
    PickleValue* value = top();
    stack_.pop_back();
    return value;
  }

  Values pop_many(std::size_t count) {
    if (stack_.size() < floor() + count) fail_malformed("the stack is empty");
    const auto begin = stack_.end() - static_cast<std::ptrdiff_t>(count);
    Values values(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    return values;
  }

  Values pop_to_mark() {
    if (marks_.empty()) fail_malformed("a mark is missing");
    Values values = pop_many(stack_.size() - marks_.back());
    marks_.pop_back();
    return values;
  }

  // Values below the last mark cannot be reached.
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  int read_byte() { return static_cast<int>(read_natural(1)); }

  std::uint64_t read_natural(std::size_t count) {
    std::array<std::uint8_t, 8> bytes = {};
    read_exactly(source_, std::span(bytes).first(count), where_, "the pickle");
    return std::bit_cast<std::uint64_t>(bytes);
  }

  double read_real() {
    std::array<std::uint8_t, 8> bytes = {};
    read_exactly(source_, bytes, where_, "the pickle");
    std::reverse(bytes.begin(), bytes.end());
    return std::bit_cast<double>(bytes);
  }

  std::string read_line() {
    std::string line;
    for (int c = read_byte(); c != '\n'; c = read_byte()) line += static_cast<char>(c);
    return line;
  }

  [[noreturn]] void fail_malformed(const char* reason) const {
    fail(ErrorKind::input, "{}: malformed pickle: {}", where_, reason);
  }

  Pickle& pickle_;
  ByteSource& source_;
  const std::string& where_;
  Values stack_;
  std::vector<std::size_t> marks_;
  std::map<std::uint64_t, PickleValue*> memo_;
};

Pickle::Pickle(ByteSource& source, const std::string& where) {
  PickleMachine(*this, source, where).run();
}

}  // namespace mbm
