#include "host/format/weights.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>

#include "host/format/npz.hpp"
#include "host/format/safetensors.hpp"
#include "tests/support/data.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/python.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

using namespace std::string_literals;

std::filesystem::path fixture(const std::string& name) {
  return test::source_folder() / "tests/host/format/data" / name;
}

// The values of data/make_state_dicts.py.
void expect_fixture(const NamedTensors& tensors) {
  ASSERT_EQ(tensors.size(), 7U);
  const at::Tensor& weight = tensors.at("0.weight");
  EXPECT_EQ(weight.scalar_type(), at::kFloat);
  EXPECT_TRUE(at::equal(weight, at::arange(18, at::kFloat).reshape({1, 2, 3, 3}) / 4));
  EXPECT_EQ(tensors.at("0.bias").item<float>(), -1.5f);
  EXPECT_EQ(tensors.at("1.running_var").item<float>(), 1.0f);
  EXPECT_EQ(tensors.at("1.num_batches_tracked").scalar_type(), at::kLong);
  EXPECT_EQ(tensors.at("1.num_batches_tracked").dim(), 0);
}

class Weights : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
};

TEST_F(Weights, ReadsStateDict) {
  expect_fixture(read_weights(fixture("state_dict.pt")));
}

TEST_F(Weights, ReadsStateDictFromBeforePyTorch16) {
  expect_fixture(read_weights(fixture("state_dict_before_1.6.pt")));
}

TEST_F(Weights, OneChangedByteIsSeen) {
  std::string bytes = test::read_bytes(fixture("state_dict_before_1.6.pt"));
  bytes[bytes.rfind("\x00\x00\x80\x3f"s) + 1] ^= 1;  // a 1.0 of the batch norm
  test::write_bytes(folder_ / "changed.pt", bytes);
  const NamedTensors whole = read_weights(fixture("state_dict_before_1.6.pt"));
  int differences = 0;
  for (const auto& [name, tensor] : read_weights(folder_ / "changed.pt")) {
    differences += at::equal(tensor, whole.at(name)) ? 0 : 1;
  }
  EXPECT_EQ(differences, 1);

  bytes = test::read_bytes(fixture("state_dict.pt"));
  bytes[bytes.find("\x00\x00\x80\x3f"s) + 1] ^= 1;
  test::write_bytes(folder_ / "changed.pt", bytes);
  test::expect_input_error({"changed.pt", "CRC"}, [&] { read_weights(folder_ / "changed.pt"); });
}

TEST_F(Weights, KnowsTheFormatsByContent) {
  const NamedTensors tensors = {{"a", at::ones({2})}};
  write_safetensors(folder_ / "a.pt", tensors);
  EXPECT_TRUE(at::equal(read_weights(folder_ / "a.pt").at("a"), at::ones({2})));
  write_npz(folder_ / "a.safetensors", tensors);
  EXPECT_TRUE(at::equal(read_weights(folder_ / "a.safetensors").at("a"), at::ones({2})));
}

TEST_F(Weights, OtherFilesAreErrors) {
  test::write_bytes(folder_ / "a", "hello");
  test::expect_input_error({"neither safetensors nor"}, [&] { read_weights(folder_ / "a"); });
  test::write_bytes(folder_ / "a.h5", "\x89HDF\r\n\x1a\n, and so on");
  test::expect_input_error({"a.h5", "HDF5"}, [&] { read_weights(folder_ / "a.h5"); });
  test::write_bytes(folder_ / "empty", "");
  test::expect_input_error({"empty", "0 bytes"}, [&] { read_weights(folder_ / "empty"); });
  test::expect_input_error({"cannot open"}, [&] { read_weights(folder_ / "none"); });
  write_safetensors(folder_ / "none.safetensors", {});
  test::expect_input_error({"no tensor"}, [&] { read_weights(folder_ / "none.safetensors"); });
  std::map<std::string, std::vector<std::uint8_t>> members = {{"a.txt", {1}}};
  const auto zip = make_zip(members, ZipCompression::stored);
  test::write_bytes(folder_ / "a.zip", {zip.begin(), zip.end()});
  test::expect_input_error({"a.zip", "neither a PyTorch checkpoint nor"},
                           [&] { read_weights(folder_ / "a.zip"); });
}

TEST_F(Weights, ValuesThatAreNotFiniteAreNamed) {
  at::Tensor weight = at::zeros({2, 3, 4});
  weight[1][0][3] = std::numeric_limits<float>::quiet_NaN();
  write_safetensors(folder_ / "nan", {{"a", at::ones({2})}, {"up1.convA.weight", weight}});
  test::expect_input_error({"nan", "\"up1.convA.weight\"", "value nan at index [1, 0, 3]"},
                           [&] { read_weights(folder_ / "nan"); });
  weight[1][0][3] = -std::numeric_limits<float>::infinity();
  write_npz(folder_ / "inf", NamedTensors{{"a", weight.to(at::kHalf)}});
  test::expect_input_error({"inf", "\"a\"", "value -inf at index [1, 0, 3]"},
                           [&] { read_weights(folder_ / "inf"); });
}

TEST_F(Weights, ReadsWhatPyTorchSaves) {
  if (!test::have_python_module("torch")) GTEST_SKIP() << "skipped: python3 has no torch";
  ASSERT_TRUE(test::run_python(folder_.path(), R"(
import argparse, collections, torch
model = torch.nn.Sequential(torch.nn.Conv2d(2, 1, 3), torch.nn.BatchNorm2d(1))
with torch.no_grad():
    model[0].weight.copy_(torch.arange(18.0).reshape(1, 2, 3, 3) / 4)
    model[0].bias.fill_(-1.5)
state_dict = model.state_dict()
rest = {'epoch': 3, 'rate': 1e-3, 'best': None, 'big': 1 << 80, 'arguments': argparse.Namespace(a=1),
        'optimizer': torch.optim.Adam(model.parameters()).state_dict(), 'device': torch.device('cpu')}
for legacy in [False, True]:
    def save(value, name, **options):
        torch.save(value, name + ('_legacy' if legacy else ''),
                   _use_new_zipfile_serialization=not legacy, **options)
    save({'state_dict': state_dict, **rest}, 'wrapped')
    save({'model': state_dict, **rest}, 'model')
    save(dict(state_dict), 'plain')
    save(state_dict, 'protocol4', pickle_protocol=4)
    save(model, 'module')
    save([1, 2], 'list')
    save(rest, 'rest')
    base = torch.arange(24.0)
    save({'transposed': base.reshape(4, 6).t(), 'slice': base[3:9:2], 'scalar': torch.tensor(2.5),
          'parameter': torch.nn.Parameter(base[:2]), 'expanded': base[1].expand(3, 2),
          'empty': torch.empty(0, 3), 'half': base[:2].half(), 'bfloat16': base[:2].bfloat16(),
          'bool': torch.tensor([True, False]), 'int8': torch.tensor([-3], dtype=torch.int8),
          'double': base[5:6].double()}, 'views')
)"));
  for (const std::string suffix : {"", "_legacy"}) {
    SCOPED_TRACE(suffix);
    for (const char* name : {"wrapped", "model", "plain", "protocol4"}) {
      SCOPED_TRACE(name);
      expect_fixture(read_weights(folder_ / (name + suffix)));
    }
    const NamedTensors views = read_weights(folder_ / ("views" + suffix));
    const at::Tensor base = at::arange(24, at::kFloat);
    EXPECT_TRUE(at::equal(views.at("transposed"), base.reshape({4, 6}).t()));
    EXPECT_TRUE(views.at("transposed").is_contiguous());
    EXPECT_TRUE(at::equal(views.at("slice"), at::tensor({3.0f, 5.0f, 7.0f})));
    EXPECT_EQ(views.at("scalar").item<float>(), 2.5f);
    EXPECT_TRUE(at::equal(views.at("parameter"), at::tensor({0.0f, 1.0f})));
    EXPECT_TRUE(at::equal(views.at("expanded"), at::ones({3, 2})));
    EXPECT_EQ(views.at("empty").sizes(), at::IntArrayRef({0, 3}));
    EXPECT_EQ(views.at("half").scalar_type(), at::kHalf);
    EXPECT_EQ(views.at("bfloat16")[1].item<float>(), 1.0f);
    EXPECT_TRUE(views.at("bool")[0].item<bool>());
    EXPECT_EQ(views.at("int8").item<int>(), -3);
    EXPECT_EQ(views.at("double").item<double>(), 5.0);
    test::expect_input_error({"module", "Sequential", "model.state_dict()"},
                             [&] { read_weights(folder_ / ("module" + suffix)); });
    test::expect_input_error({"list", "not a dictionary"},
                             [&] { read_weights(folder_ / ("list" + suffix)); });
    test::expect_input_error({"rest", "no tensor", "\"epoch\""},
                             [&] { read_weights(folder_ / ("rest" + suffix)); });
  }
}

TEST_F(Weights, ReadsTheReferenceNetworks) {
  MBM_REQUIRE_DATA(test::data_folder() / "densedepth-mobilenetv2");
  // depth-study.md section 1.2: conv3 has 32 inputs, 1 output, 3 x 3.
  const NamedTensors tensors =
      read_weights(test::data_folder() / "densedepth-mobilenetv2/model.safetensors");
  EXPECT_EQ(tensors.at("decoder.conv3.weight").sizes(), at::IntArrayRef({1, 32, 3, 3}));
}

}  // namespace
}  // namespace mbm
