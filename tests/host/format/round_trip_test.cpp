// Properties: what was written is read back, bit for bit, for arrays of any type, shape and values.
#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "host/format/npy.hpp"
#include "host/format/npz.hpp"
#include "host/format/safetensors.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

std::vector<std::int64_t> any_shape() {
  const auto rank = *rc::gen::inRange<std::size_t>(0, 5);
  return *rc::gen::container<std::vector<std::int64_t>>(rank, rc::gen::inRange<std::int64_t>(0, 5));
}

std::size_t count_of(const std::vector<std::int64_t>& shape) {
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  return count;
}

// Any bits, among them infinities and NaN of every kind.
NpyArray any_array() {
  static const std::vector<NpyType> kTypes = {{'b', 1}, {'i', 1}, {'i', 2}, {'i', 4}, {'i', 8},
                                              {'u', 1}, {'u', 2}, {'u', 4}, {'u', 8}, {'f', 2},
                                              {'f', 4}, {'f', 8}, {'c', 8}, {'c', 16}};
  const NpyType type = kTypes[*rc::gen::inRange<std::size_t>(0, kTypes.size())];
  NpyArray array{type, any_shape(), {}};
  const std::size_t count = count_of(array.shape) * type.bytes;
  array.bytes = *rc::gen::container<std::vector<std::uint8_t>>(
      count,
      type.kind == 'b' ? rc::gen::inRange<std::uint8_t>(0, 2) : rc::gen::arbitrary<std::uint8_t>());
  return array;
}

void assert_equal(const NpyArray& read, const NpyArray& written) {
  RC_ASSERT(read.type == written.type);
  RC_ASSERT(read.shape == written.shape);
  RC_ASSERT(read.bytes == written.bytes);
}

at::Tensor any_tensor() {
  NpyArray array = any_array();
  while (array.type.kind == 'c' || (array.type.kind == 'u' && array.type.bytes > 1)) {
    array = any_array();
  }
  return to_tensor(array, "array");
}

bool equal_bits(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes() &&
         to_npy_array(a).bytes == to_npy_array(b).bytes;
}

RC_GTEST_PROP(RoundTrip, Npy, ()) {
  const test::TemporaryFolder folder;
  const NpyArray array = any_array();
  write_npy(folder / "a.npy", array);
  assert_equal(read_npy(folder / "a.npy"), array);
}

// The same array in Fortran order and in the other byte order, made from its definition: the first
// index runs fastest, and the bytes of an element stand in reverse.
RC_GTEST_PROP(RoundTrip, NpyInFortranOrderAndBigEndian, ()) {
  const auto rows = *rc::gen::inRange<std::int64_t>(1, 6);
  const auto columns = *rc::gen::inRange<std::int64_t>(1, 6);
  const auto values = *rc::gen::container<std::vector<std::uint16_t>>(
      static_cast<std::size_t>(rows * columns), rc::gen::arbitrary<std::uint16_t>());
  const std::string header =
      fmt::format("{{'descr': '>u2', 'fortran_order': True, 'shape': ({}, {}), }}", rows, columns);
  std::vector<std::uint8_t> bytes = {
      0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, static_cast<std::uint8_t>(header.size()), 0};
  bytes.insert(bytes.end(), header.begin(), header.end());
  for (std::int64_t x = 0; x < columns; ++x) {
    for (std::int64_t y = 0; y < rows; ++y) {
      const std::uint16_t value = values[static_cast<std::size_t>(y * columns + x)];
      bytes.push_back(static_cast<std::uint8_t>(value >> 8));
      bytes.push_back(static_cast<std::uint8_t>(value & 0xff));
    }
  }
  MemorySource source(bytes);
  const NpyArray array = read_npy(source, "array");
  const auto read = array.values<std::uint16_t>("array");
  RC_ASSERT(std::equal(read.begin(), read.end(), values.begin(), values.end()));
}

RC_GTEST_PROP(RoundTrip, Npz, ()) {
  const test::TemporaryFolder folder;
  std::map<std::string, NpyArray> arrays;
  const auto count = *rc::gen::inRange(1, 4);
  for (int i = 0; i < count; ++i) arrays[fmt::format("array.{}", i)] = any_array();
  write_npz(folder / "a.npz", arrays);
  const NpzFile file(folder / "a.npz");
  RC_ASSERT(file.names().size() == arrays.size());
  for (const auto& [name, array] : arrays) assert_equal(file.read(name), array);
}

RC_GTEST_PROP(RoundTrip, Safetensors, ()) {
  const test::TemporaryFolder folder;
  NamedTensors tensors;
  const auto names = *rc::gen::container<std::set<std::string>>(
      rc::gen::container<std::string>(rc::gen::inRange(' ', '~')));
  for (const std::string& name : names) {
    if (name != "__metadata__") tensors[name] = any_tensor();
  }
  const auto text = *rc::gen::container<std::string>(rc::gen::inRange('\x01', '\x7f'));
  write_safetensors(folder / "a", tensors, {{"note", text}});
  const NamedTensors read = read_safetensors(folder / "a");
  RC_ASSERT(read.size() == tensors.size());
  for (const auto& [name, tensor] : tensors) RC_ASSERT(equal_bits(read.at(name), tensor));
  RC_ASSERT(read_safetensors_metadata(folder / "a").at("note") == text);
}

}  // namespace
}  // namespace mbm
