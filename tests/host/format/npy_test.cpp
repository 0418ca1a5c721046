#include "host/format/npy.hpp"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/format/atomic_file.hpp"
#include "host/format/npz.hpp"
#include "host/format/zip_archive.hpp"
#include "tests/support/data.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/python.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

using testing::ElementsAre;
using namespace std::string_literals;

// A file put together by hand from the format's description, version 1.0.
std::string file_of(const std::string& header, const std::string& data) {
  return "\x93NUMPY\x01\x00"s + static_cast<char>(header.size() & 0xff) +
         static_cast<char>(header.size() >> 8) + header + data;
}

std::string header_of(const std::string& type, const std::string& shape,
                      const std::string& fortran = "False") {
  return "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

class Npy : public testing::Test {
 protected:
  NpyArray read(const std::string& bytes) {
    test::write_bytes(path_, bytes);
    return read_npy(path_);
  }

  void expect_refused(const std::string& bytes, std::initializer_list<std::string> parts) {
    SCOPED_TRACE(bytes.substr(std::min<std::size_t>(10, bytes.size())));
    test::expect_input_error({path_.string()}, [&] { read(bytes); });
    test::expect_input_error(parts, [&] { read(bytes); });
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "a.npy";
};

TEST_F(Npy, ReadsBothByteOrders) {
  const NpyArray little = read(file_of(header_of("<u2", "(2,)"), "\x34\x12\xff\x00"s));
  EXPECT_THAT(little.values<std::uint16_t>("a"), ElementsAre(0x1234, 0x00ff));
  const NpyArray big = read(file_of(header_of(">i4", "(1, 2)"), "\xff\xff\xff\xfe\0\0\1\0"s));
  EXPECT_THAT(big.values<std::int32_t>("a"), ElementsAre(-2, 256));
  EXPECT_THAT(big.shape, ElementsAre(1, 2));
  // 1 + 2i as two binary32 numbers; each part is swapped by itself.
  const NpyArray complex = read(file_of(header_of(">c8", "()"), "\x3f\x80\0\0\x40\0\0\0"s));
  EXPECT_EQ(to_tensor(complex, "a").item<c10::complex<float>>(), c10::complex<float>(1, 2));
}

// 0.5, -2 and 65504 are 3800, c000 and 7bff in IEEE 754 binary16.
TEST_F(Npy, ReadsHalfPrecision) {
  const NpyArray array = read(file_of(header_of("<f2", "(3,)"), "\x00\x38\x00\xc0\xff\x7b"s));
  const at::Tensor tensor = to_tensor(array, "a");
  EXPECT_EQ(tensor.scalar_type(), at::kHalf);
  EXPECT_TRUE(at::equal(tensor.to(at::kFloat), at::tensor({0.5f, -2.0f, 65504.0f})));
}

// Fortran order keeps columns together: the array [[1, 3, 5], [2, 4, 6]].
TEST_F(Npy, FortranOrderBecomesCOrder) {
  const NpyArray array = read(file_of(header_of("|u1", "(2, 3)", "True"), "\1\2\3\4\5\6"));
  EXPECT_THAT(array.values<std::uint8_t>("a"), ElementsAre(1, 3, 5, 2, 4, 6));
}

TEST_F(Npy, ReadsOtherSpellingsOfTheHeader) {
  EXPECT_THAT(read(file_of(R"({"shape":(1L,),"fortran_order":False,"descr":"|b1"})", "\1")).shape,
              ElementsAre(1));
  const std::string header = header_of("|i1", "(1,)");
  const std::string version_3 =
      "\x93NUMPY\x03\x00"s + static_cast<char>(header.size()) + "\0\0\0"s + header + "\xfe";
  const NpyArray array = read(version_3);
  EXPECT_THAT(array.values<std::int8_t>("a"), ElementsAre(-2));
}

TEST_F(Npy, WidensUnsignedIntegers) {
  const NpyArray u2 = read(file_of(header_of("<u2", "(1,)"), "\xff\xff"));
  EXPECT_EQ(to_tensor(u2, "a").scalar_type(), at::kInt);
  EXPECT_EQ(to_tensor(u2, "a").item<int>(), 65535);
  const NpyArray u8 = read(file_of(header_of("<u8", "(1,)"), std::string(8, '\xff')));
  test::expect_input_error({"a.npy", "element 0", "18446744073709551615"},
                           [&] { to_tensor(u8, "a.npy"); });
}

TEST_F(Npy, WrongElementTypeIsAnError) {
  const NpyArray array = read(file_of(header_of("<u2", "(1,)"), "\1\0"s));
  test::expect_input_error({"table", "uint16", "int16"},
                           [&] { array.values<std::int16_t>("table"); });
}

TEST_F(Npy, RefusesMalformedFiles) {
  expect_refused("", {"ends inside the header"});
  expect_refused("hello, world", {"not a .npy array"});
  expect_refused("\x93NUMPY\x04\x00\x10\x00"s, {"version 4.0"});
  expect_refused(file_of(header_of("<f4", "(2,)"), "1234"), {"ends inside the data", "4", "8"});
  expect_refused(file_of(header_of("<f4", "(1,)"), "12345"), {"more data than the 4 bytes"});
  expect_refused(file_of(header_of("<U4", "(1,)"), ""), {"<U4", "not a number"});
  expect_refused(file_of(header_of("<f3", "(1,)"), ""), {"<f3"});
  expect_refused(file_of(header_of("|O", "(1,)"), ""), {"|O"});
  expect_refused(file_of("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}", ""),
                 {"structured"});
  expect_refused(file_of(header_of("<f4", "(-1,)"), ""), {"whole number"});
  expect_refused(file_of(header_of("<f4", "(4294967296, 4294967296)"), ""), {"too large"});
  expect_refused(file_of("{'descr': '<f4', 'shape': (1,)}", "1234"), {"no fortran_order"});
  expect_refused(file_of("{'descr': '<f4'", ""), {"header, character 15"});
  expect_refused(file_of("{'colour': '<f4'}", ""), {"unknown key", "colour"});
  expect_refused(file_of(header_of("<f4", "(1000000000000,)"), "1234"), {"ends inside the data"});
}

TEST_F(Npy, WritesWhatNumpyReads) {
  if (!test::have_python_module("numpy")) GTEST_SKIP() << "skipped: python3 has no numpy";
  const std::vector<std::uint16_t> values = {1, 2, 3, 4, 5, 65535};
  write_npy(folder_ / "u2.npy", make_npy_array<std::uint16_t>({2, 3}, values));
  write_npy(folder_ / "scalar.npy", at::scalar_tensor(2.5));
  write_npz(folder_ / "all.npz", NamedTensors{{"half", at::tensor({1.5f, -2.0f}).to(at::kHalf)},
                                              {"empty", at::empty({0, 3})},
                                              {"brain", at::tensor({1.5f}).to(at::kBFloat16)}});
  EXPECT_TRUE(test::run_python(folder_.path(), R"(
import numpy
u2 = numpy.load('u2.npy')
assert u2.dtype == numpy.uint16 and u2.tolist() == [[1, 2, 3], [4, 5, 65535]], u2
scalar = numpy.load('scalar.npy')
assert scalar.shape == () and scalar == 2.5, scalar
archive = numpy.load('all.npz')
assert archive['half'].dtype == numpy.float16 and archive['half'].tolist() == [1.5, -2.0]
assert archive['empty'].shape == (0, 3)
assert archive['brain'].dtype == numpy.float32 and archive['brain'].tolist() == [1.5]
)"));
}

TEST_F(Npy, ReadsWhatNumpyWrites) {
  if (!test::have_python_module("numpy")) GTEST_SKIP() << "skipped: python3 has no numpy";
  ASSERT_TRUE(test::run_python(folder_.path(), R"(
import numpy
base = numpy.arange(24).reshape(2, 3, 4)
arrays = {}
for name in ['b1', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'f2', 'f4', 'f8', 'c8', 'c16']:
    for order in '<>':
        key = name + ('l' if order == '<' else 'b')
        arrays[key] = base.astype(order + name)
        arrays[key + 'f'] = numpy.asfortranarray(arrays[key])
numpy.savez('stored.npz', **arrays)
numpy.savez_compressed('deflated.npz', **arrays)
)"));
  const at::Tensor expected = at::arange(24).reshape({2, 3, 4});
  for (const char* file : {"stored.npz", "deflated.npz"}) {
    const NpzFile archive(folder_ / file);
    EXPECT_EQ(archive.names().size(), 56U);
    for (const std::string& name : archive.names()) {
      const at::Tensor tensor = archive.read_tensor(name);
      EXPECT_TRUE(at::equal(tensor, expected.to(tensor.scalar_type()))) << file << " " << name;
    }
  }
}

TEST_F(Npy, OneChangedByteOfAnArchiveIsSeen) {
  const auto path = folder_ / "a.npz";
  std::map<std::string, std::vector<std::uint8_t>> members;
  members["a.npy"] = encode_npy(to_npy_array(at::ones({4})));
  std::vector<std::uint8_t> bytes = make_zip(members, ZipCompression::stored);
  const auto one = std::find(bytes.begin(), bytes.end(), 0x3f);  // of the first 1.0
  *one ^= 1;
  write_file(path, bytes);
  test::expect_input_error({path.string(), "member a.npy", "CRC"},
                           [&] { NpzFile(path).read("a"); });
}

TEST_F(Npy, ArchiveErrorsNameArchiveAndMember) {
  write_npz(folder_ / "a.npz", NamedTensors{{"a", at::ones({1})}});
  test::expect_input_error({"a.npz", "no array \"b\"", "it has a"},
                           [&] { NpzFile(folder_ / "a.npz").read("b"); });
  test::write_bytes(folder_ / "text.npz", "hello");
  test::expect_input_error({"text.npz", "not a readable zip archive"},
                           [&] { NpzFile(folder_ / "text.npz"); });
  test::expect_input_error({"cannot open", "none.npz"}, [&] { NpzFile(folder_ / "none.npz"); });
}

TEST_F(Npy, EqualArraysMakeEqualArchives) {
  const NamedTensors tensors = {{"a", at::arange(1000)}, {"b", at::ones({2, 2})}};
  write_npz(folder_ / "1.npz", tensors);
  write_npz(folder_ / "2.npz", tensors);
  EXPECT_EQ(test::read_bytes(folder_ / "1.npz"), test::read_bytes(folder_ / "2.npz"));
}

// The reference data's README: 36 multipliers of 8 x 8 bits as full product tables, index [A,B].
TEST_F(Npy, ReadsReferenceArchives) {
  const auto data = test::data_folder() / "evoapprox";
  MBM_REQUIRE_DATA(data);
  const NpzFile archive(data / "mul8u_lut.npz");
  std::size_t tables = 0;
  for (const std::string& name : archive.names()) {
    const NpyArray array = archive.read(name);
    tables += array.shape == std::vector<std::int64_t>{256, 256} ? 1 : 0;
  }
  EXPECT_EQ(tables, 36U);
}

}  // namespace
}  // namespace mbm
