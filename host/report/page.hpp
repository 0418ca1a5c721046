// One self-contained HTML page: no network, no script; light and dark, readable in print, and by
// keyboard, since it is nothing but headings, links, tables and pictures.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/plot/chart.hpp"

namespace mbm {

struct PageTable {
  std::vector<std::string> head;  // with units
  std::vector<std::vector<std::string>> rows;
  std::size_t text_columns = 1;  // from the left; the others are numbers, set to the right
};

class Page {
 public:
  explicit Page(std::string title) : title_(std::move(title)) {}

  // What follows stands under this heading; `sub` headings are not in the contents.
  void heading(const std::string& text);
  void subheading(const std::string& text);

  // Text is escaped.
  void paragraph(const std::string& text);
  void command(const std::string& text);
  // `folded`: shown when the reader opens it.
  void table(const PageTable& table, const std::string& caption, bool folded = false);
  void chart(const Chart& chart, const std::string& caption);
  // A PNG; `description` is what somebody who cannot see it is told.
  void picture(const std::vector<std::uint8_t>& png, const std::string& description,
               const std::string& caption);
  // From a colour to another, as CSS gradient `gradient`, with a label at either end.
  void color_scale(const std::string& gradient, const std::string& first, const std::string& last);

  std::string html() const;

 private:
  std::string title_;
  std::string contents_;
  std::string body_;
  std::size_t headings_ = 0;
};

}  // namespace mbm
