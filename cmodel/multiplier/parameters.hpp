// Reads the parameters of a multiplier's name: "family:parameter:parameter...".
//
// A parameter is an integer after its key ("t2": key "t"), a bare integer ("drum:6": empty key) or
// a word ("set"). The order of parameters does not matter; each may be given once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mbm {

class ParameterReader {
 public:
  // `name` is the whole name, `syntax` what an error says is expected, `width` the operand width.
  ParameterReader(std::string_view name, std::string_view syntax, int width);

  // The part of a name before its first colon.
  static std::string_view family(std::string_view name);

  int width() const { return width_; }

  // The integer of `key`, in lowest..highest; Error(usage) if it is absent or out of range.
  int number(std::string_view key, int lowest, int highest);

  // The same with a default for an absent parameter.
  int number_or(std::string_view key, int lowest, int highest, int otherwise);

  // True if the word is given.
  bool word(std::string_view word);

  // Error(usage) if a parameter was given that nobody asked for.
  void finish() const;

  // Throws Error(usage) with `reason` and the expected syntax.
  [[noreturn]] void refuse(std::string_view reason) const;

 private:
  std::string name_;
  std::string syntax_;
  int width_;
  std::vector<std::string> unread_;
};

// The parameter "dropD" that every family takes, D = 1..width + 4: the D low bits of each product
// are 0. 0 if it is not given.
int dropped_product_bits(ParameterReader& parameters);

}  // namespace mbm
