#include "host/report/page.hpp"

#include <fmt/format.h>

namespace mbm {
namespace {

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --faint: #57606a; --edge: #d0d7de; --band: #f4f6f8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --paper: #14171a; --faint: #9aa4ae; --edge: #3a424a; --band: #1e2328; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 74rem; padding: 1rem 1.2rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 1rem 0 .2rem; }
h2 { font-size: 1.3rem; margin: 3rem 0 .4rem; padding-top: .6rem; border-top: 1px solid var(--edge); }
h3 { font-size: 1.05rem; margin: 1.8rem 0 .3rem; }
a { color: inherit; }
a:focus-visible, summary:focus-visible, .wide:focus-visible { outline: 3px solid #0072b2; outline-offset: 2px; }
nav ol { columns: 20rem; column-gap: 3rem; padding-left: 2rem; } nav li { overflow-wrap: anywhere; break-inside: avoid; }
code { font: .85rem/1.4 ui-monospace, monospace; }
pre { background: var(--band); padding: .6rem .8rem; overflow-x: auto; border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere; }
figure { margin: 1.2rem 0; }
figure > svg { width: 100%; height: auto; display: block; }
figcaption, caption { color: var(--faint); font-size: .88rem; text-align: left; padding: .3rem 0; }
.wide { overflow-x: auto; }
.wide img { display: block; min-width: 48rem; width: 100%; image-rendering: auto; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid var(--edge); white-space: nowrap; }
th { background: var(--band); }
.text { text-align: left; }
.scale { display: flex; gap: .6rem; align-items: center; font-size: .85rem; color: var(--faint); }
.scale span { flex: 0 0 14rem; height: .8rem; border: 1px solid var(--edge); }
@media print {
  :root { --ink: #000; --paper: #fff; --faint: #333; --edge: #999; --band: #eee; }
  body { max-width: none; font-size: 11px; }
  h2 { break-before: page; } figure, table { break-inside: avoid; } nav { display: none; }
}
)";

std::string base64(const std::vector<std::uint8_t>& bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < bytes.size() ? bytes[i + k] : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += i + k <= bytes.size() ? kDigits[group >> (18 - 6 * k) & 63U] : '=';
    }
  }
  return text;
}

}  // namespace

void Page::heading(const std::string& text) {
  ++headings_;
  contents_ += fmt::format("<li><a href=\"#s{}\">{}</a></li>\n", headings_, xml_escaped(text));
  body_ += fmt::format("<h2 id=\"s{}\">{}</h2>\n", headings_, xml_escaped(text));
}

void Page::subheading(const std::string& text) {
  body_ += fmt::format("<h3>{}</h3>\n", xml_escaped(text));
}

void Page::paragraph(const std::string& text) {
  body_ += fmt::format("<p>{}</p>\n", xml_escaped(text));
}

void Page::command(const std::string& text) {
  body_ += fmt::format("<pre><code>{}</code></pre>\n", xml_escaped(text));
}

void Page::table(const PageTable& table, const std::string& caption, bool folded) {
  std::string text = fmt::format("<div class=\"wide\" tabindex=\"0\"><table>{}<thead><tr>",
                                 folded ? "" : "<caption>" + xml_escaped(caption) + "</caption>");
  const auto cell = [&](const std::string& content, std::size_t column, const char* tag) {
    const char* kind = column < table.text_columns ? " class=\"text\"" : "";
    return fmt::format("<{0}{1}>{2}</{0}>", tag, kind, xml_escaped(content));
  };
  for (std::size_t i = 0; i < table.head.size(); ++i) text += cell(table.head[i], i, "th");
  text += "</tr></thead>\n<tbody>";
  for (const std::vector<std::string>& row : table.rows) {
    text += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) text += cell(row[i], i, "td");
    text += "</tr>\n";
  }
  text += "</tbody></table></div>\n";
  body_ += folded ? fmt::format("<details><summary>{}</summary>\n{}</details>\n",
                                xml_escaped(caption), text)
                  : text;
}

void Page::chart(const Chart& chart, const std::string& caption) {
  body_ += fmt::format("<figure>{}<figcaption>{}</figcaption></figure>\n", chart_element(chart),
                       xml_escaped(caption));
}

void Page::picture(const std::vector<std::uint8_t>& png, const std::string& description,
                   const std::string& caption) {
  body_ += fmt::format(
      "<figure><div class=\"wide\" tabindex=\"0\"><img alt=\"{}\" "
      "src=\"data:image/png;base64,{}\"></div><figcaption>{}</figcaption></figure>\n",
      xml_escaped(description), base64(png), xml_escaped(caption));
}

void Page::color_scale(const std::string& gradient, const std::string& first,
                       const std::string& last) {
  body_ += fmt::format(
      "<p class=\"scale\">{}<span style=\"background: linear-gradient(to right, "
      "{})\"></span>{}</p>\n",
      xml_escaped(first), gradient, xml_escaped(last));
}

std::string Page::html() const {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<h1>{0}</h1>\n"
      "<nav aria-label=\"Contents\"><ol>\n{2}</ol></nav>\n<main>\n{3}</main>\n</body>\n</html>\n",
      xml_escaped(title_), kStyle, contents_, body_);
}

}  // namespace mbm
