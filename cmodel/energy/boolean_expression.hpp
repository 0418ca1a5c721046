// Boolean expressions over the pins of a cell, as Liberty writes them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mbm {

// Values of the pins of a cell: bit i is pin i.
using PinValues = std::uint64_t;

class BooleanExpression {
 public:
  // Parses `text`: names, 0, 1, (), ! and postfix ', & * and juxtaposition, ^, | and +. `names[i]`
  // is variable i. Throws Error(input) that says what was found where.
  BooleanExpression(std::string_view text, std::span<const std::string> names);

  bool value(PinValues pins) const;

  // Variables that the expression names.
  PinValues variables() const { return variables_; }

 private:
  friend class BooleanParser;

  enum class Operation : std::uint8_t {
    variable,
    zero,
    one,
    negate,
    conjunction,
    exclusive,
    disjunction
  };
  struct Step {
    Operation operation;
    std::uint8_t variable;
  };

  std::vector<Step> steps_;  // postfix
  PinValues variables_ = 0;
};

}  // namespace mbm
