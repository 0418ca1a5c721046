#include "host/format/safetensors.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <bit>

#include "tests/support/data.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

// A file put together by hand from the format's description.
std::string file_of(const std::string& header, const std::string& data) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) {
    bytes[static_cast<std::size_t>(i)] =
        static_cast<char>((static_cast<std::uint64_t>(header.size()) >> (8 * i)) & 0xff);
  }
  return bytes + header + data;
}

class Safetensors : public testing::Test {
 protected:
  NamedTensors read(const std::string& bytes) {
    test::write_bytes(path_, bytes);
    return read_safetensors(path_);
  }

  void expect_refused(const std::string& bytes, std::initializer_list<std::string> parts) {
    SCOPED_TRACE(bytes.substr(std::min<std::size_t>(8, bytes.size())));
    test::expect_input_error({path_.string()}, [&] { read(bytes); });
    test::expect_input_error(parts, [&] { read(bytes); });
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "weights.safetensors";
};

// 1.0 and -2.5 are 3f800000 and c0200000 in IEEE 754 binary32; 0.5 is 3800 in binary16.
TEST_F(Safetensors, ReadsFileWrittenByHand) {
  const NamedTensors tensors =
      read(file_of(R"({"a.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
                   R"("h":{"dtype":"F16","shape":[1],"data_offsets":[8,10]},)"
                   R"("s":{"dtype":"I16","shape":[],"data_offsets":[10,12]},)"
                   R"("__metadata__":{"format":"pt"}}   )",
                   std::string("\x00\x00\x80\x3f\x00\x00\x20\xc0\x00\x38\xfe\xff", 12)));
  ASSERT_EQ(tensors.size(), 3U);
  EXPECT_EQ(tensors.at("a.weight").sizes(), at::IntArrayRef({2, 1}));
  EXPECT_EQ(tensors.at("a.weight").data_ptr<float>()[0], 1.0f);
  EXPECT_EQ(tensors.at("a.weight").data_ptr<float>()[1], -2.5f);
  EXPECT_EQ(tensors.at("h").item<float>(), 0.5f);
  EXPECT_EQ(tensors.at("s").dim(), 0);
  EXPECT_EQ(tensors.at("s").item<int>(), -2);
  EXPECT_EQ(read_safetensors_metadata(path_).at("format"), "pt");
}

TEST_F(Safetensors, EmptyFileOfTensorsIsValid) {
  EXPECT_TRUE(read(file_of("{}", "")).empty());
}

TEST_F(Safetensors, WritesWhatItReads) {
  NamedTensors tensors;
  for (const at::ScalarType type : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong,
                                    at::kInt, at::kShort, at::kChar, at::kByte, at::kBool}) {
    tensors[c10::toString(type)] = at::arange(0, 6).reshape({2, 3}).to(type).t();
  }
  tensors["empty"] = at::empty({0, 3}, at::kFloat);
  write_safetensors(path_, tensors, {{"source", "test"}});
  const NamedTensors read = read_safetensors(path_);
  ASSERT_EQ(read.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    EXPECT_EQ(read.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(at::equal(read.at(name), tensor)) << name;
  }
  EXPECT_EQ(read_safetensors_metadata(path_).at("source"), "test");
}

TEST_F(Safetensors, OneChangedByteIsSeen) {
  write_safetensors(path_, {{"a", at::ones({4})}});
  std::string bytes = test::read_bytes(path_);
  bytes.back() ^= 1;
  EXPECT_FALSE(at::equal(read(bytes).at("a"), at::ones({4})));
}

TEST_F(Safetensors, RefusesMalformedFiles) {
  const std::string eight(8, '\1');
  const auto entry = [](const std::string& text) { return "{\"t\":{" + text + "}}"; };
  expect_refused("short", {"ends inside the header length"});
  expect_refused(file_of("{}", "").replace(0, 2, "\xff\xff"), {"65535 bytes", "the file has 10"});
  expect_refused(std::string(20, '\xff'), {"not a safetensors file"});
  expect_refused(file_of("{\"a\":", ""), {"header is not JSON"});
  expect_refused(file_of("[]", ""), {"not a JSON object"});
  expect_refused(file_of(entry(R"("dtype":"F32","shape":[2])"), eight), {"\"t\"", "data_offsets"});
  expect_refused(file_of(entry(R"("dtype":"F31","shape":[2],"data_offsets":[0,8])"), eight),
                 {"\"t\"", "F31"});
  expect_refused(file_of(entry(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])"), eight),
                 {"\"t\"", "needs 12 bytes", "span 8"});
  expect_refused(file_of(entry(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])"), "1234567"),
                 {"\"t\"", "7 bytes of data"});
  expect_refused(file_of(entry(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])"), eight),
                 {"[8,0]"});
  expect_refused(file_of(entry(R"("dtype":"F32","shape":[-2],"data_offsets":[0,8])"), eight),
                 {"-2", "whole number"});
  expect_refused(file_of(entry(R"("dtype":"F32","shape":[4294967296,4294967296],)"
                               R"("data_offsets":[0,8])"),
                         eight),
                 {"too large"});
  expect_refused(file_of(entry(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])"), eight),
                 {"4 bytes after the last tensor"});
  expect_refused(file_of(entry(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])"), eight),
                 {"a hole after byte 0"});
  expect_refused(file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                         R"("b":{"dtype":"F16","shape":[3],"data_offsets":[2,8]}})",
                         eight),
                 {"\"b\"", "inside the one that ends at byte 4"});
  expect_refused(file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                         R"("a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                         eight),
                 {"\"a\" occurs twice"});
  expect_refused(file_of(R"({"__metadata__":{"a":1}})", ""), {"__metadata__", "\"a\""});
}

TEST_F(Safetensors, MissingFileAndFolderAreErrors) {
  test::expect_input_error({"cannot open", "none", "No such file"},
                           [&] { read_safetensors(folder_ / "none"); });
  test::expect_input_error({"is a folder"}, [&] { read_safetensors(folder_.path()); });
}

// The shapes of depth-study.md section 1.2: up5.convB has 32 input and output channels, 3 x 3.
TEST_F(Safetensors, ReadsTheDepthNetwork) {
  const auto data = test::data_folder() / "densedepth-mobilenetv2";
  MBM_REQUIRE_DATA(data);
  bool found = false;
  for (const auto& file : std::filesystem::directory_iterator(data)) {
    if (file.path().extension() != ".safetensors") continue;
    found = true;
    for (const auto& [name, tensor] : read_safetensors(file.path())) {
      EXPECT_TRUE(at::isfinite(tensor).all().item<bool>()) << name;
      if (name.ends_with("up5.convB.weight")) {
        EXPECT_EQ(tensor.sizes(), at::IntArrayRef({32, 32, 3, 3}));
      }
    }
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace mbm
