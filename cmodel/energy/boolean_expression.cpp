#include "cmodel/energy/boolean_expression.hpp"

#include <algorithm>
#include <cctype>

#include "cmodel/common/error.hpp"

namespace mbm {

// Recursive descent; binds from loose to tight: | and +, ^, & and * and juxtaposition, ! and '.
class BooleanParser {
 public:
  BooleanParser(std::string_view text, std::span<const std::string> names,
                BooleanExpression& result)
      : text_(text), names_(names), result_(result) {}

  void parse() {
    disjunction();
    if (next() != '\0') wrong("the end");
  }

 private:
  using Operation = BooleanExpression::Operation;

  char next() {
    while (place_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[place_])) != 0) {
      ++place_;
    }
    return place_ < text_.size() ? text_[place_] : '\0';
  }

  bool take(char wanted) {
    if (next() != wanted) return false;
    ++place_;
    return true;
  }

  void emit(Operation operation, std::uint8_t variable = 0) {
    result_.steps_.push_back({operation, variable});
  }

  [[noreturn]] void wrong(std::string_view expected) {
    fail(ErrorKind::input, "boolean expression \"{}\", character {}: {} expected", text_,
         place_ + 1, expected);
  }

  void disjunction() {
    exclusive();
    while (take('|') || take('+')) {
      exclusive();
      emit(Operation::disjunction);
    }
  }

  void exclusive() {
    conjunction();
    while (take('^')) {
      conjunction();
      emit(Operation::exclusive);
    }
  }

  static bool starts_operand(char c) {
    return c == '!' || c == '(' || c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
  }

  void conjunction() {
    unary();
    while (true) {
      const bool sign = take('&') || take('*');
      if (!sign && !starts_operand(next())) return;
      unary();
      emit(Operation::conjunction);
    }
  }

  void unary() {
    if (take('!')) {
      unary();
      emit(Operation::negate);
      return;
    }
    if (take('(')) {
      disjunction();
      if (!take(')')) wrong("')'");
    } else {
      name();
    }
    while (take('\'')) emit(Operation::negate);
  }

  void name() {
    next();
    const std::size_t first = place_;
    while (place_ < text_.size() &&
           (text_[place_] == '_' || text_[place_] == '[' || text_[place_] == ']' ||
            std::isalnum(static_cast<unsigned char>(text_[place_])) != 0)) {
      ++place_;
    }
    const std::string_view word = text_.substr(first, place_ - first);
    if (word == "0") return emit(Operation::zero);
    if (word == "1") return emit(Operation::one);
    const auto found = std::ranges::find(names_, word);
    if (word.empty() || found == names_.end()) {
      place_ = first;
      wrong("the name of a pin");
    }
    const auto index = static_cast<std::uint8_t>(found - names_.begin());
    result_.variables_ |= PinValues{1} << index;
    emit(Operation::variable, index);
  }

  std::string_view text_;
  std::span<const std::string> names_;
  BooleanExpression& result_;
  std::size_t place_ = 0;
};

BooleanExpression::BooleanExpression(std::string_view text, std::span<const std::string> names) {
  if (names.size() > 64) {
    fail(ErrorKind::input, "a cell has {} pins, at most 64 expected", names.size());
  }
  BooleanParser(text, names, *this).parse();
}

bool BooleanExpression::value(PinValues pins) const {
  std::uint64_t stack = 0;  // top in bit 0
  for (const Step& step : steps_) {
    switch (step.operation) {
      case Operation::variable:
        stack = stack << 1 | (pins >> step.variable & 1U);
        break;
      case Operation::zero:
        stack <<= 1;
        break;
      case Operation::one:
        stack = stack << 1 | 1U;
        break;
      case Operation::negate:
        stack ^= 1U;
        break;
      case Operation::conjunction:
        stack = (stack >> 1 & ~std::uint64_t{1}) | (stack & stack >> 1 & 1U);
        break;
      case Operation::exclusive:
        stack = (stack >> 1) ^ (stack & 1U);
        break;
      case Operation::disjunction:
        stack = (stack >> 1) | (stack & 1U);
        break;
    }
  }
  return (stack & 1U) != 0;
}

}  // namespace mbm
