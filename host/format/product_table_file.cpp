#include "host/format/product_table_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include <algorithm>

#include "cmodel/common/error.hpp"
#include "host/format/input_file.hpp"
#include "host/format/product_table_parts.hpp"

namespace mbm {
namespace {

struct FormatDescription {
  ProductTableFormat format;
  std::string name;
  std::vector<std::string> endings;
  OutermostOperand outermost;
};

const std::vector<FormatDescription>& descriptions() {
  using enum ProductTableFormat;
  static const std::vector<FormatDescription> list = {
      {csv, "csv", {".csv"}, OutermostOperand::a},
      {npy, "npy", {".npy"}, OutermostOperand::a},
      {npz, "npz", {".npz"}, OutermostOperand::a},
      {u16, "u16", {".u16"}, OutermostOperand::a},
      {i32, "i32", {".i32"}, OutermostOperand::a},
      {hex, "hex", {".hex", ".mem"}, OutermostOperand::a},
      {adapt, "adapt", {".h"}, OutermostOperand::a},
      {tfapprox, "tfapprox", {".bin"}, OutermostOperand::b},
      {c_model, "c-model", {".c"}, OutermostOperand::a},
  };
  return list;
}

const FormatDescription& description_of(ProductTableFormat format) {
  return *std::find_if(descriptions().begin(), descriptions().end(),
                       [format](const auto& entry) { return entry.format == format; });
}

// Far above every format of a table, far below what could exhaust memory.
constexpr std::size_t kLargestFile = std::size_t{64} << 20;

struct GzipCloser {
  void operator()(gzFile file) const { gzclose(file); }
};

// The content of a file, inflated if it is gzipped.
std::string read_content(const std::filesystem::path& path) {
  {
    const InputFile file(path);  // says what is wrong with a folder or a missing file
    if (file.size() > kLargestFile) {
      fail(ErrorKind::input, "{}: {} bytes found, a product table has at most {}", path.string(),
           file.size(), kLargestFile);
    }
  }
  const std::unique_ptr<gzFile_s, GzipCloser> file(gzopen(path.c_str(), "rb"));
  if (!file) fail(ErrorKind::input, "cannot open {}", path.string());
  std::string content;
  std::vector<char> buffer(std::size_t{1} << 16);
  int count = 0;
  while ((count = gzread(file.get(), buffer.data(), static_cast<unsigned>(buffer.size()))) > 0) {
    content.append(buffer.data(), static_cast<std::size_t>(count));
    if (content.size() > kLargestFile) {
      fail(ErrorKind::input, "{}: more than {} bytes after inflating", path.string(), kLargestFile);
    }
  }
  int status = Z_OK;
  const char* reason = gzerror(file.get(), &status);
  if (count < 0 || status != Z_OK) {
    fail(ErrorKind::input, "{}: damaged gzip data: {}", path.string(), reason);
  }
  return content;
}

// "FILE.npz:ARRAY" in its two parts.
struct Location {
  std::string file;
  std::string array;
};

Location locate(const std::string& path) {
  const std::size_t archive = path.rfind(".npz:");
  if (archive == std::string::npos) return {path, ""};
  return {path.substr(0, archive + 4), path.substr(archive + 5)};
}

std::string without_gzip_ending(const std::filesystem::path& path) {
  return path.extension() == ".gz" ? path.stem().string() : path.filename().string();
}

Products read_products(Location& location, ProductTableFormat format, OutermostOperand outermost) {
  const std::string& file = location.file;
  switch (format) {
    case ProductTableFormat::csv:
      return parse_csv(read_content(file), file, outermost);
    case ProductTableFormat::npy:
      return read_npy_products(file);
    case ProductTableFormat::npz:
      return read_npz_products(file, location.array);
    case ProductTableFormat::u16:
    case ProductTableFormat::tfapprox:
      return parse_raw(read_content(file), 2, file);
    case ProductTableFormat::i32:
      return parse_raw(read_content(file), 4, file);
    case ProductTableFormat::hex:
      return parse_verilog_hex(read_content(file), file);
    case ProductTableFormat::adapt:
      return parse_adapt_header(read_content(file), file);
    case ProductTableFormat::c_model:
      return tabulate_c_model(file, outermost == OutermostOperand::b);
  }
  fail(ErrorKind::internal, "unknown product table format");
}

}  // namespace

const std::vector<std::string>& product_table_format_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const FormatDescription& entry : descriptions()) list.push_back(entry.name);
    return list;
  }();
  return names;
}

std::string to_string(ProductTableFormat format) {
  return description_of(format).name;
}

ProductTableFormat parse_product_table_format(std::string_view name) {
  for (const FormatDescription& entry : descriptions()) {
    if (entry.name == name) return entry.format;
  }
  fail(ErrorKind::usage, "product table format '{}' is unknown; expected one of: {}", name,
       fmt::join(product_table_format_names(), ", "));
}

ProductTableFormat product_table_format_of(const std::filesystem::path& path) {
  const std::string name = without_gzip_ending(locate(path.string()).file);
  std::vector<std::string> known;
  for (const FormatDescription& entry : descriptions()) {
    for (const std::string& ending : entry.endings) {
      if (std::string_view(name).ends_with(ending)) return entry.format;
      known.push_back(ending);
    }
  }
  fail(ErrorKind::usage, "{}: the ending names no product table format; expected one of: {}",
       path.string(), fmt::join(known, " "));
}

OutermostOperand outermost_operand_of(ProductTableFormat format) {
  return description_of(format).outermost;
}

ImportedTable read_product_table(const std::string& path, const TableFileOptions& options) {
  const ProductTableFormat format =
      options.format ? *options.format : product_table_format_of(path);
  const OutermostOperand outermost = options.outermost.value_or(outermost_operand_of(format));
  Location location = locate(path);
  Products products = read_products(location, format, outermost);
  const bool ordered = format == ProductTableFormat::c_model || outermost == OutermostOperand::a;
  if (!ordered) products = transposed(products);

  std::string name = std::filesystem::path(without_gzip_ending(location.file)).stem().string();
  if (!location.array.empty()) name = location.array;
  ImportedTable imported{ProductTable(name, products), {}};
  if (format == ProductTableFormat::adapt) {
    imported.warnings.push_back(fmt::format(
        "{}: products of operands above 128 are not in this format; exact ones stand for them",
        location.file));
  }
  return imported;
}

std::string encode_product_table(const ProductTable& table, ProductTableFormat format,
                                 std::optional<OutermostOperand> outermost) {
  const OutermostOperand order = outermost.value_or(outermost_operand_of(format));
  Products products(table.products().begin(), table.products().end());
  if (order == OutermostOperand::b) products = transposed(products);
  switch (format) {
    case ProductTableFormat::csv:
      return format_csv(products, order);
    case ProductTableFormat::npy:
      return format_npy(products);
    case ProductTableFormat::u16:
    case ProductTableFormat::tfapprox:
      return format_raw(products, 2);
    case ProductTableFormat::i32:
      return format_raw(products, 4);
    case ProductTableFormat::hex:
      return format_verilog_hex(products, table.name(), order);
    case ProductTableFormat::adapt:
      return format_adapt_header(products, table.name());
    case ProductTableFormat::npz:
    case ProductTableFormat::c_model:
      break;
  }
  fail(ErrorKind::usage, "format {}: tables are read from it, not written to it",
       to_string(format));
}

}  // namespace mbm
