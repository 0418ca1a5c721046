#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>

#include "cmodel/common/error.hpp"
#include "host/format/product_table_parts.hpp"
#include "host/format/quote.hpp"

namespace mbm {
namespace {

constexpr std::size_t kHalf = kTableOperands / 2;  // smallest magnitude that int8 has only negative

// The integer that is the whole of `text`.
template <typename Integer>
std::optional<Integer> parse_integer(std::string_view text, int base = 10) {
  Integer value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (error == std::errc() && stop == end && !text.empty()) return value;
  return std::nullopt;
}

// Whether the text is digits only: a number, but one of too many digits.
bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Lines of a text, with their numbers from 1; accepts "\r\n".
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    ++number_;
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  std::size_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

std::array<std::string_view, 3> split_row(std::string_view line, const std::string& where) {
  const std::size_t first = line.find(',');
  const std::size_t second = first == std::string_view::npos ? first : line.find(',', first + 1);
  if (second == std::string_view::npos || line.find(',', second + 1) != std::string_view::npos) {
    fail(ErrorKind::input, "{}: {} found, three cells A,B,P expected", where, quote(line));
  }
  return {line.substr(0, first), line.substr(first + 1, second - first - 1),
          line.substr(second + 1)};
}

std::uint16_t parse_product(std::string_view cell, const std::string& where) {
  if (const auto value = parse_integer<std::int64_t>(cell)) return checked_product(*value, where);
  if (is_number(cell)) {
    fail(ErrorKind::input, "{}: product {} found, 0..65535 expected", where, quote(cell));
  }
  fail(ErrorKind::input, "{}: {} found in the column of the product, a number expected", where,
       quote(cell));
}

void check_operand(std::string_view cell, std::string_view column, std::size_t expected,
                   const std::string& where) {
  const auto value = parse_integer<std::int64_t>(cell);
  if (!value) {
    fail(ErrorKind::input, "{}: {} found in column {}, {} expected", where, quote(cell), column,
         expected);
  }
  if (*value != static_cast<std::int64_t>(expected)) {
    fail(ErrorKind::input, "{}: {} = {} found, {} = {} expected: the operands are not in order",
         where, column, *value, column, expected);
  }
}

// Words of a $readmemh file: what stands between white space and comments.
class HexWords {
 public:
  HexWords(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  std::optional<std::string_view> next() {
    skip_blanks();
    if (position_ == text_.size()) return std::nullopt;
    const std::size_t begin = position_;
    while (position_ < text_.size() && !is_space(text_[position_]) && text_[position_] != '/') {
      ++position_;
    }
    if (position_ == begin) ++position_;  // a lone slash
    return text_.substr(begin, position_ - begin);
  }

  std::string where() const { return fmt::format("{}:{}", file_, line_); }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

  void skip_blanks() {
    while (position_ < text_.size()) {
      const std::string_view rest = text_.substr(position_);
      if (is_space(rest.front())) {
        line_ += rest.front() == '\n' ? 1 : 0;
        ++position_;
      } else if (rest.starts_with("//")) {
        position_ = std::min(text_.size(), text_.find('\n', position_));
      } else if (rest.starts_with("/*")) {
        skip_block();
      } else {
        return;
      }
    }
  }

  void skip_block() {
    const std::size_t end = text_.find("*/", position_ + 2);
    if (end == std::string_view::npos) {
      fail(ErrorKind::input, "{}: comment /* without end, */ expected", where());
    }
    line_ += static_cast<std::size_t>(
        std::count(text_.begin() + static_cast<std::ptrdiff_t>(position_),
                   text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
    position_ = end + 2;
  }

  std::string_view text_;
  std::string file_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
};

// One number of a header's initialiser, with the line it is in.
struct Entry {
  std::int64_t value;
  std::size_t line;
};

// The numbers between the outer braces of "lut [256][256] = {{...}, ...};".
std::vector<Entry> parse_initialiser(std::string_view text, const std::string& file) {
  const std::size_t name = text.find("lut");
  const std::size_t equals = name == std::string_view::npos ? name : text.find('=', name);
  if (equals == std::string_view::npos) {
    fail(ErrorKind::input, "{}: no initialiser found, 'lut [256][256] = {{{{' expected", file);
  }
  std::size_t line =
      1 + static_cast<std::size_t>(
              std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(equals), '\n'));
  std::vector<Entry> entries;
  std::size_t row_begin = 0;
  int depth = 0;
  for (std::size_t i = equals + 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',') continue;
    if (c == '{') {
      if (++depth > 2) fail(ErrorKind::input, "{}:{}: third '{{' found", file, line);
      row_begin = entries.size();
    } else if (c == '}') {
      if (depth == 2 && entries.size() - row_begin != kTableOperands) {
        fail(ErrorKind::input, "{}:{}: row {} has {} products, {} expected", file, line,
             row_begin / kTableOperands, entries.size() - row_begin, kTableOperands);
      }
      if (--depth == 0) return entries;
    } else {
      const std::size_t end = std::min(text.size(), text.find_first_of(",} \t\r\n", i));
      const auto value = parse_integer<std::int64_t>(text.substr(i, end - i));
      if (!value || depth != 2) {
        fail(ErrorKind::input, "{}:{}: {} found, a product expected", file, line,
             quote(text.substr(i, end - i)));
      }
      entries.push_back({*value, line});
      i = end - 1;
    }
  }
  fail(ErrorKind::input,
       "{}:{}: the file ends inside the table after {} products, '}}}};' expected", file, line,
       entries.size());
}

std::size_t magnitude(std::size_t index) {
  return index < kHalf ? index : kTableOperands - index;
}

}  // namespace

std::uint16_t checked_product(std::int64_t value, const std::string& where) {
  if (value < 0 || value > 65535) {
    fail(ErrorKind::input, "{}: product {} found, 0..65535 expected", where, value);
  }
  return static_cast<std::uint16_t>(value);
}

Products transposed(std::span<const std::uint16_t> products) {
  Products result(kTableEntries);
  for (std::size_t outer = 0; outer < kTableOperands; ++outer) {
    for (std::size_t inner = 0; inner < kTableOperands; ++inner) {
      result[inner * kTableOperands + outer] = products[outer * kTableOperands + inner];
    }
  }
  return result;
}

Products parse_csv(std::string_view text, const std::string& file, OutermostOperand outermost) {
  Lines lines(text);
  const auto header = lines.next();
  if (!header || !header->starts_with("A,B,")) {
    fail(ErrorKind::input, "{}:1: {} found, header A,B,P expected", file,
         header ? quote(*header) : "an empty file");
  }
  Products products;
  products.reserve(kTableEntries);
  while (const auto line = lines.next()) {
    const std::string where = fmt::format("{}:{}", file, lines.number());
    if (products.size() == kTableEntries) {
      fail(ErrorKind::input, "{}: {} found after the {} products, the end expected", where,
           quote(*line), kTableEntries);
    }
    const auto cells = split_row(*line, where);
    const std::size_t outer = products.size() / kTableOperands;
    const std::size_t inner = products.size() % kTableOperands;
    const bool a_outermost = outermost == OutermostOperand::a;
    check_operand(cells[0], "A", a_outermost ? outer : inner, where);
    check_operand(cells[1], "B", a_outermost ? inner : outer, where);
    products.push_back(parse_product(cells[2], where));
  }
  if (products.size() != kTableEntries) {
    fail(ErrorKind::input, "{}:{}: the file ends after {} products, {} expected", file,
         lines.number(), products.size(), kTableEntries);
  }
  return products;
}

std::string format_csv(std::span<const std::uint16_t> products, OutermostOperand outermost) {
  std::string text = "A,B,P\n";
  for (std::size_t i = 0; i < kTableEntries; ++i) {
    const std::size_t outer = i / kTableOperands;
    const std::size_t inner = i % kTableOperands;
    const bool a_outermost = outermost == OutermostOperand::a;
    fmt::format_to(std::back_inserter(text), "{},{},{}\n", a_outermost ? outer : inner,
                   a_outermost ? inner : outer, products[i]);
  }
  return text;
}

Products parse_verilog_hex(std::string_view text, const std::string& file) {
  Products products;
  products.reserve(kTableEntries);
  HexWords words(text, file);
  while (const auto word = words.next()) {
    const bool address = word->starts_with('@');
    std::string digits(address ? word->substr(1) : *word);
    std::erase(digits, '_');
    const auto value = parse_integer<std::int64_t>(digits, 16);
    if (!value) {
      fail(ErrorKind::input, "{}: {} found, a hexadecimal number expected", words.where(),
           quote(*word));
    }
    if (address) {
      if (*value != static_cast<std::int64_t>(products.size())) {
        fail(ErrorKind::input, "{}: address @{:x} found, @{:x} expected", words.where(), *value,
             products.size());
      }
      continue;
    }
    if (products.size() == kTableEntries) {
      fail(ErrorKind::input, "{}: {} found after the {} products, the end expected", words.where(),
           quote(*word), kTableEntries);
    }
    products.push_back(checked_product(*value, words.where()));
  }
  if (products.size() != kTableEntries) {
    fail(ErrorKind::input, "{}: the file ends after {} products, {} expected", words.where(),
         products.size(), kTableEntries);
  }
  return products;
}

std::string format_verilog_hex(std::span<const std::uint16_t> products, const std::string& name,
                               OutermostOperand outermost) {
  std::string text = fmt::format("// products of {}, address {}\n", name,
                                 outermost == OutermostOperand::a ? "a * 256 + b" : "b * 256 + a");
  for (const std::uint16_t product : products) {
    fmt::format_to(std::back_inserter(text), "{:04x}\n", product);
  }
  return text;
}

Products parse_adapt_header(std::string_view text, const std::string& file) {
  const std::vector<Entry> entries = parse_initialiser(text, file);
  if (entries.size() != kTableEntries) {
    fail(ErrorKind::input, "{}: {} products found, {} expected", file, entries.size(),
         kTableEntries);
  }
  Products products(kTableEntries);
  for (std::size_t i = 0; i < kTableEntries; ++i) {  // what the format does not hold
    products[i] = static_cast<std::uint16_t>((i / kTableOperands) * (i % kTableOperands));
  }
  // Positive operands, and -128, define the magnitudes; every sign must agree with them.
  const auto product_at = [&](std::size_t a, std::size_t b) -> std::uint16_t& {
    return products[a * kTableOperands + b];
  };
  for (std::size_t a = 0; a <= kHalf; ++a) {
    for (std::size_t b = 0; b <= kHalf; ++b) {
      const Entry& entry = entries[a * kTableOperands + b];
      const bool negative = (a == kHalf) != (b == kHalf);
      product_at(a, b) = checked_product(negative ? -entry.value : entry.value,
                                         fmt::format("{}:{}: lut[{}][{}]", file, entry.line, a, b));
    }
  }
  for (std::size_t i = 0; i < kTableEntries; ++i) {
    const std::size_t row = i / kTableOperands;
    const std::size_t column = i % kTableOperands;
    const std::int64_t value = product_at(magnitude(row), magnitude(column));
    const std::int64_t expected = (row < kHalf) == (column < kHalf) ? value : -value;
    if (entries[i].value != expected) {
      fail(ErrorKind::input,
           "{}:{}: lut[{}][{}] = {} found, {} expected: only products by sign and magnitude can be "
           "taken over",
           file, entries[i].line, row, column, entries[i].value, expected);
    }
  }
  return products;
}

std::string format_adapt_header(std::span<const std::uint16_t> products, const std::string& name) {
  std::string text = fmt::format(
      "// {}: products of int8 operands by sign and magnitude, lut[(uint8_t)a][(uint8_t)b]\n"
      "#include <stdint.h>\n\nconst int16_t lut [256][256] = {{",
      name);
  for (std::size_t row = 0; row < kTableOperands; ++row) {
    text += row == 0 ? "{" : ",\n{";
    for (std::size_t column = 0; column < kTableOperands; ++column) {
      const int product = products[magnitude(row) * kTableOperands + magnitude(column)];
      if (product > 32767) {
        fail(ErrorKind::input, "format adapt: {}: {} * {} = {} does not fit in int16_t", name,
             magnitude(row), magnitude(column), product);
      }
      const bool negative = (row < kHalf) != (column < kHalf);
      fmt::format_to(std::back_inserter(text), "{}{}", column == 0 ? "" : ", ",
                     negative ? -product : product);
    }
    text += '}';
  }
  return text + "};\n";
}

}  // namespace mbm
