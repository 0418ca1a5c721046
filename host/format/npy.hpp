// NumPy's .npy format, versions 1 to 3.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "host/format/byte_source.hpp"

namespace mbm {

// Element type as in a dtype text: kind b (bool), i (signed), u (unsigned), f (IEEE 754) or c
// (complex), and bytes of an element.
struct NpyType {
  char kind = 'f';
  std::size_t bytes = 4;

  friend bool operator==(const NpyType&, const NpyType&) = default;
};

// "float32", "uint16", ...
std::string to_string(NpyType type);

template <typename T>
constexpr NpyType npy_type_of() {
  static_assert(std::is_arithmetic_v<T>);
  if constexpr (std::is_same_v<T, bool>) return {'b', 1};
  if constexpr (std::is_floating_point_v<T>) return {'f', sizeof(T)};
  return {std::is_signed_v<T> ? 'i' : 'u', sizeof(T)};
}

// An array in C order and the machine's byte order, whatever its file had.
struct NpyArray {
  NpyType type;
  std::vector<std::int64_t> shape;
  std::vector<std::uint8_t> bytes;

  std::uint64_t element_count() const { return bytes.size() / type.bytes; }

  // The elements; throws Error(input) "WHERE: ..." unless T is the array's own type.
  template <typename T>
  std::span<const T> values(const std::string& where) const& {
    check_type(npy_type_of<T>(), where);
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }

  // The elements of a temporary would be gone.
  template <typename T>
  std::span<const T> values(const std::string& where) const&& = delete;

 private:
  void check_type(NpyType wanted, const std::string& where) const;
};

template <typename T>
NpyArray make_npy_array(std::vector<std::int64_t> shape, std::span<const T> values) {
  const auto* begin = reinterpret_cast<const std::uint8_t*>(values.data());
  return {npy_type_of<T>(), std::move(shape), {begin, begin + values.size_bytes()}};
}

// uint16 and uint32 have no torch type and widen to int32 and int64; uint64 becomes int64 if every
// element fits, else Error(input) "WHERE: ...". Other types keep theirs.
at::Tensor to_tensor(const NpyArray& array, const std::string& where);

// bfloat16 has no NumPy type and becomes float32, which holds it exactly.
NpyArray to_npy_array(const at::Tensor& tensor);

// Reads an array of any numeric type and byte order, C or Fortran order. Error(input) names file,
// place, what was found and expected; data after the array is an error too.
NpyArray read_npy(const std::filesystem::path& path);

// Both write the file whole or not at all (AtomicFile).
void write_npy(const std::filesystem::path& path, const NpyArray& array);
void write_npy(const std::filesystem::path& path, const at::Tensor& tensor);

// --- Parts for readers of arrays inside other files.

struct NpyHeader {
  NpyType type;
  bool swapped = false;  // the file has the other byte order
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
  std::uint64_t data_bytes = 0;
};

// Reads the header, leaving `source` at the first element. `where` begins every message.
NpyHeader read_npy_header(ByteSource& source, const std::string& where);

// Reads a whole array from `source`.
NpyArray read_npy(ByteSource& source, const std::string& where);

// Reverses the bytes of each element in place, for data of the other byte order.
void swap_byte_order(std::span<std::uint8_t> bytes, NpyType type);

// The bytes of a .npy file.
std::vector<std::uint8_t> encode_npy(const NpyArray& array);

}  // namespace mbm
