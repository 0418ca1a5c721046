#include <fmt/format.h>
#include <fmt/ranges.h>

#include <type_traits>

#include "cmodel/common/error.hpp"
#include "host/format/npy.hpp"
#include "host/format/npz.hpp"
#include "host/format/product_table_parts.hpp"

namespace mbm {
namespace {

std::string entry_of(const std::string& file, std::size_t index) {
  return fmt::format("{}: entry {} (row {}, column {})", file, index, index / kTableOperands,
                     index % kTableOperands);
}

template <typename T>
Products checked_products(std::span<const T> values, const std::string& where) {
  Products products(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if constexpr (std::is_same_v<T, std::uint64_t>) {
      if (values[i] > 65535) {
        fail(ErrorKind::input, "{}: product {} found, 0..65535 expected", entry_of(where, i),
             values[i]);
      }
      products[i] = static_cast<std::uint16_t>(values[i]);
    } else {
      const auto value = static_cast<std::int64_t>(values[i]);
      if (value < 0 || value > 65535) checked_product(value, entry_of(where, i));
      products[i] = static_cast<std::uint16_t>(value);
    }
  }
  return products;
}

bool has_table_shape(const std::vector<std::int64_t>& shape) {
  return shape == std::vector<std::int64_t>{256, 256} || shape == std::vector<std::int64_t>{65536};
}

Products products_of(const NpyArray& array, const std::string& where) {
  if (!has_table_shape(array.shape)) {
    fail(ErrorKind::input, "{}: shape ({}) found, (256, 256) or (65536) expected", where,
         fmt::join(array.shape, ", "));
  }
  const auto is = [&](NpyType type) { return array.type == type; };
  if (is({'u', 1})) return checked_products(array.values<std::uint8_t>(where), where);
  if (is({'u', 2})) return checked_products(array.values<std::uint16_t>(where), where);
  if (is({'u', 4})) return checked_products(array.values<std::uint32_t>(where), where);
  if (is({'u', 8})) return checked_products(array.values<std::uint64_t>(where), where);
  if (is({'i', 2})) return checked_products(array.values<std::int16_t>(where), where);
  if (is({'i', 4})) return checked_products(array.values<std::int32_t>(where), where);
  if (is({'i', 8})) return checked_products(array.values<std::int64_t>(where), where);
  fail(ErrorKind::input, "{}: type {} found, an integer type of 16 bits or more expected", where,
       to_string(array.type));
}

}  // namespace

Products parse_raw(std::string_view bytes, int bytes_each, const std::string& file) {
  const std::size_t expected = kTableEntries * static_cast<std::size_t>(bytes_each);
  if (bytes.size() != expected) {
    fail(ErrorKind::input, "{}: {} bytes found, {} ({} products of {} bytes) expected", file,
         bytes.size(), expected, kTableEntries, bytes_each);
  }
  Products products(kTableEntries);
  for (std::size_t i = 0; i < kTableEntries; ++i) {
    std::uint32_t value = 0;
    for (int byte = bytes_each - 1; byte >= 0; --byte) {
      const char c =
          bytes[i * static_cast<std::size_t>(bytes_each) + static_cast<std::size_t>(byte)];
      value = (value << 8) | static_cast<unsigned char>(c);
    }
    const std::int64_t number = static_cast<std::int32_t>(value);
    if (number < 0 || number > 65535) checked_product(number, entry_of(file, i));
    products[i] = static_cast<std::uint16_t>(value);
  }
  return products;
}

std::string format_raw(std::span<const std::uint16_t> products, int bytes_each) {
  std::string bytes;
  bytes.reserve(products.size() * static_cast<std::size_t>(bytes_each));
  for (const std::uint16_t product : products) {
    for (int byte = 0; byte < bytes_each; ++byte) {
      bytes += byte < 2 ? static_cast<char>((product >> (8 * byte)) & 0xff) : '\0';
    }
  }
  return bytes;
}

Products read_npy_products(const std::string& path) {
  return products_of(read_npy(path), path);
}

std::string format_npy(std::span<const std::uint16_t> products) {
  const auto bytes = encode_npy(make_npy_array<std::uint16_t>({256, 256}, products));
  return {bytes.begin(), bytes.end()};
}

Products read_npz_products(const std::string& path, std::string& array) {
  const NpzFile archive(path);
  const std::vector<std::string> names = archive.names();
  if (array.empty() && names.size() == 1) array = names.front();
  if (array.empty()) {
    fail(ErrorKind::input, "{}: {} arrays found; name one as {}:ARRAY, for example {}:{}", path,
         names.size(), path, path, names.empty() ? "mul8u_2AC" : names.front());
  }
  if (!archive.contains(array)) {
    fail(ErrorKind::input, "{}: no array '{}'; expected one of: {}", path, array,
         fmt::join(names, ", "));
  }
  return products_of(archive.read(array), path + ":" + array);
}

}  // namespace mbm
