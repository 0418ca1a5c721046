#include "host/network/densedepth_mobilenetv2.hpp"

#include <gtest/gtest.h>

#include "cmodel/common/error.hpp"
#include "tests/support/data.hpp"
#include "tests/support/published_layers.hpp"

namespace mbm {
namespace {

TEST(DenseDepthMobileNetV2, LayersAreThoseOfTheStudy) {
  const auto study = test::data_folder().parent_path() / "depth-study.md";
  MBM_REQUIRE_DATA(study);
  const auto expected = test::published_layers(study, {"1.2", "1.3"});
  const auto network = make_network("densedepth-mobilenetv2");
  ASSERT_EQ(expected.size(), 66U);
  ASSERT_EQ(network->layers().size(), 66U);
  for (const ConvolutionLayer& layer : network->layers()) {
    ASSERT_TRUE(expected.contains(layer.name)) << layer.name;
    const test::PublishedLayer& row = expected.at(layer.name);
    const ConvolutionProblem& problem = layer.problem;
    EXPECT_EQ(problem.input_channels, row.input_channels) << layer.name;
    EXPECT_EQ(problem.output_channels, row.output_channels) << layer.name;
    EXPECT_EQ(problem.kernel_height, row.kernel.front() - '0') << layer.name;
    EXPECT_EQ(problem.groups > 1, row.kernel.ends_with("dw")) << layer.name;
    EXPECT_EQ(
        std::to_string(problem.output_height()) + "x" + std::to_string(problem.output_width()),
        row.output_size)
        << layer.name;
    EXPECT_EQ(problem.product_count(), row.products) << layer.name;
    EXPECT_EQ(problem.weight_count(), row.weights) << layer.name;
  }
}

TEST(DenseDepthMobileNetV2, SmallNetworkHasTheSameLayerNames) {
  const auto full = make_network("densedepth-mobilenetv2");
  const auto narrow = make_network("densedepth-mobilenetv2-small");
  ASSERT_EQ(full->layers().size(), narrow->layers().size());
  for (std::size_t i = 0; i < full->layers().size(); ++i) {
    EXPECT_EQ(full->layers()[i].name, narrow->layers()[i].name);
  }
}

TEST(DenseDepthMobileNetV2, ForwardCallsEveryLayerOnceInOrderWithItsShape) {
  const auto network = make_network("densedepth-mobilenetv2-small");
  std::size_t next = 0;
  const auto convolve = [&](std::size_t index, const at::Tensor& input) {
    const ConvolutionProblem& problem = network->layers()[index].problem;
    EXPECT_EQ(index, next++);
    EXPECT_EQ(input.sizes().vec(),
              (std::vector<std::int64_t>{2, problem.input_channels, problem.input_height,
                                         problem.input_width}));
    return at::zeros({2, problem.output_channels, problem.output_height(), problem.output_width()});
  };
  const at::Tensor output = network->forward(at::zeros({2, 3, 240, 320}), convolve);
  EXPECT_EQ(next, network->layers().size());
  EXPECT_EQ(output.sizes().vec(), (std::vector<std::int64_t>{2, 1, 120, 160}));
}

TEST(DenseDepthMobileNetV2, UnknownLayerNamesTheNearest) {
  const auto network = make_network("densedepth-mobilenetv2");
  try {
    network->layer_index("up5.convC");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("up5.convA"), std::string::npos) << error.what();
  }
}

TEST(DenseDepthMobileNetV2, WrongInputSizeIsRefused) {
  const auto network = make_network("densedepth-mobilenetv2-small");
  EXPECT_THROW(network->forward(at::zeros({1, 3, 240, 300}), {}), Error);
}

}  // namespace
}  // namespace mbm
