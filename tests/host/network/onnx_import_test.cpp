// ONNX import against PyTorch: the models beside this file are PyTorch's own exports of narrow
// networks of well-known architectures, with what PyTorch computes with them
// (data/make_onnx_models.py).
#include "host/network/onnx_import.hpp"

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <fstream>

#include "host/dataset/digits.hpp"
#include "host/format/npz.hpp"
#include "host/network/layer_parameters.hpp"
#include "tests/support/data.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

namespace fs = std::filesystem;

fs::path models() {
  return test::source_folder() / "tests" / "host" / "network" / "data";
}

at::Tensor predict(const OnnxNetwork& onnx, const at::Tensor& images) {
  const Network& network = *onnx.network;
  const auto parameters = select_layer_parameters(network, onnx.tensors, network.name());
  return network.forward(images, [&](std::size_t index, const at::Tensor& input) {
    return convolve_float(network.layers()[index], parameters[index], input);
  });
}

double largest_deviation(const at::Tensor& found, const at::Tensor& expected) {
  return at::max(at::abs(found.reshape(expected.sizes()) - expected)).item<double>();
}

class ExportedByPyTorch : public testing::TestWithParam<const char*> {};

TEST_P(ExportedByPyTorch, PredictsWhatPyTorchDoes) {
  const std::string name = GetParam();
  OnnxNetwork onnx = read_onnx_network(models() / (name + ".onnx"));
  const NpzFile expected(models() / (name + ".npz"));
  const at::Tensor input = expected.read_tensor("input");
  const at::Tensor output = expected.read_tensor("output");
  EXPECT_LT(largest_deviation(predict(onnx, input), output), 1e-5);
  // The twin: one weight that differs is seen.
  onnx.tensors.at(onnx.network->layers().back().name + ".weight").mul_(1.01);
  EXPECT_GT(largest_deviation(predict(onnx, input), output), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Onnx, ExportedByPyTorch,
                         testing::Values("mobilenetv2", "resnet", "densenet", "vgg", "unet"),
                         [](const auto& instance) { return instance.param; });

TEST(OnnxImport, LeNetReadsDigits) {
  const fs::path data = test::data_folder();
  MBM_REQUIRE_DATA(data / "lenet" / "lenet5.onnx");
  MBM_REQUIRE_DATA(data / "mnist");
  const OnnxNetwork onnx =
      read_onnx_network(data / "lenet" / "lenet5.onnx", {{0.1307F}, {0.3081F}});
  ASSERT_EQ(onnx.network->layers().size(), 5U);
  const Digits digits = read_digits(data / "mnist", DigitsPart::test);
  const at::Tensor images = onnx.network->scale_input(digits.images.unsqueeze(1));
  const at::Tensor answers = predict(onnx, images).flatten(1).argmax(1);
  // 99.13 %: README.md of the reference data.
  EXPECT_EQ(answers.eq(digits.labels).sum().item<std::int64_t>(), 9913);
}

// --- Models of one node, for what must be refused.

onnx::ModelProto one_node_model(const std::string& type) {
  onnx::ModelProto model;
  model.set_ir_version(7);
  model.add_opset_import()->set_version(13);
  onnx::GraphProto& graph = *model.mutable_graph();
  onnx::ValueInfoProto& input = *graph.add_input();
  input.set_name("x");
  auto& tensor = *input.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(onnx::TensorProto::FLOAT);
  for (const int size : {1, 2, 4, 4}) tensor.mutable_shape()->add_dim()->set_dim_value(size);
  onnx::NodeProto& node = *graph.add_node();
  node.set_name("the-node");
  node.set_op_type(type);
  node.add_input("x");
  node.add_output("y");
  graph.add_output()->set_name("y");
  return model;
}

void add_integers(onnx::NodeProto& node, const std::string& name,
                  std::vector<std::int64_t> values) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute.add_ints(value);
}

void add_text(onnx::NodeProto& node, const std::string& name, const std::string& text) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::STRING);
  attribute.set_s(text);
}

void add_tensor(onnx::ModelProto& model, const std::string& name, std::vector<std::int64_t> shape,
                const std::vector<float>& values) {
  onnx::TensorProto& tensor = *model.mutable_graph()->add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t size : shape) tensor.add_dims(size);
  for (const float value : values) tensor.add_float_data(value);
  model.mutable_graph()->mutable_node(0)->add_input(name);
}

void expect_refused(const onnx::ModelProto& model, std::initializer_list<std::string> parts) {
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "model.onnx", model.SerializeAsString());
  test::expect_input_error(parts, [&] { read_onnx_network(folder / "model.onnx"); });
}

TEST(OnnxImport, UnknownOperatorsAreNamedWithTheirNode) {
  expect_refused(one_node_model("LSTM"), {"model.onnx", "the-node", "LSTM", "known are"});
}

TEST(OnnxImport, WhatCannotBeMappedExactlyIsRefused) {
  onnx::ModelProto pool = one_node_model("MaxPool");
  add_integers(*pool.mutable_graph()->mutable_node(0), "kernel_shape", {2, 2});
  add_integers(*pool.mutable_graph()->mutable_node(0), "strides", {2, 1});
  expect_refused(pool, {"the-node", "strides [2, 1]"});

  onnx::ModelProto pad = one_node_model("Pad");
  add_text(*pad.mutable_graph()->mutable_node(0), "mode", "reflect");
  expect_refused(pad, {"the-node", "reflect"});

  onnx::ModelProto reshape = one_node_model("Reshape");
  onnx::TensorProto& shape = *reshape.mutable_graph()->add_initializer();
  shape.set_name("shape");
  shape.set_data_type(onnx::TensorProto::INT64);
  shape.add_dims(3);
  for (const int size : {1, 8, 4}) shape.add_int64_data(size);
  reshape.mutable_graph()->mutable_node(0)->add_input("shape");
  expect_refused(reshape, {"the-node", "2x4x4", "[1, 8, 4]"});

  expect_refused(one_node_model("MatMul"), {"the-node", "input 1 is missing"});
}

TEST(OnnxImport, WeightsThatDoNotFitAreRefused) {
  onnx::ModelProto channels = one_node_model("Conv");
  add_tensor(channels, "w", {1, 3, 1, 1}, {1, 2, 3});
  expect_refused(channels, {"the-node", "[1, 3, 1, 1]", "[1, 2, 1, 1]"});

  onnx::ModelProto missing = one_node_model("Conv");
  add_tensor(missing, "w", {1, 2, 1, 1}, {1});
  expect_refused(missing, {"'w'", "1 elements found, 2 expected"});

  onnx::ModelProto nan = one_node_model("Conv");
  add_tensor(nan, "w", {1, 2, 1, 1}, {1, NAN});
  expect_refused(nan, {"the-node", "not finite"});

  onnx::ModelProto large = one_node_model("Conv");
  add_tensor(large, "w", {1 << 30, 1 << 30, 1, 1}, {});
  expect_refused(large, {"'w'", "at most"});

  onnx::ModelProto kernel = one_node_model("Conv");
  add_tensor(kernel, "w", {1, 2, 5, 5}, std::vector<float>(50, 1.0F));
  expect_refused(kernel, {"the-node", "kernel"});
}

TEST(OnnxImport, InputsWithoutSizesAreRefused) {
  onnx::ModelProto model = one_node_model("Relu");
  auto& shape = *model.mutable_graph()
                     ->mutable_input(0)
                     ->mutable_type()
                     ->mutable_tensor_type()
                     ->mutable_shape();
  shape.mutable_dim(2)->set_dim_param("height");
  expect_refused(model, {"'x'", "fixed size"});
  model.mutable_graph()->clear_input();
  expect_refused(model, {"no input"});
}

TEST(OnnxImport, DamagedFilesAreRefused) {
  const test::TemporaryFolder folder;
  const std::string whole = test::read_bytes(models() / "vgg.onnx");
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, whole.size() / 2}) {
    test::write_bytes(folder / "cut.onnx", whole.substr(0, size));
    test::expect_input_error({"cut.onnx"}, [&] { read_onnx_network(folder / "cut.onnx"); });
  }
}

}  // namespace
}  // namespace mbm
