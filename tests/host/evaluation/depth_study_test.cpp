#include "host/evaluation/depth_study.hpp"

#include <gtest/gtest.h>

#include "cmodel/common/error.hpp"
#include "host/format/safetensors.hpp"
#include "tests/support/data.hpp"
#include "tests/support/tiny_network.hpp"

namespace mbm {
namespace {

constexpr std::size_t kImages = 5;

// The tiny network's study on random images, in batches of the given sizes.
class TinyStudy {
 public:
  explicit TinyStudy(const NamedTensors& tensors)
      : parameters_(select_layer_parameters(*network_, tensors, "test")),
        calibration_(calibrate_max_abs(*network_, parameters_, kImages, [this](std::size_t i) {
          return network_input(*network_, dataset_.load(i), "");
        })) {}
  TinyStudy() : TinyStudy(random_tensors()) {}

  static NamedTensors random_tensors() {
    return test::random_parameters(*test::make_tiny_network(), 1);
  }

  std::vector<ImageResult> evaluate(const std::vector<std::size_t>& batches,
                                    const ProductTable& table = make_product_table("mbm")) {
    const std::vector<StudyVariant> variants{{"all", all_layers()}, {"one", {60}}};
    const DepthStudy study(*network_, parameters_, calibration_, variants, table,
                           OperandFormat::sign_magnitude8);
    ReferenceEngine engine;
    std::vector<ImageResult> images;
    std::size_t first = 0;
    for (const std::size_t count : batches) {
      const StudyPiece piece =
          study.evaluate(load_batch(*network_, dataset_, first, count), engine);
      images.insert(images.end(), piece.images.begin(), piece.images.end());
      first += count;
    }
    return images;
  }

 private:
  std::vector<std::size_t> all_layers() const {
    std::vector<std::size_t> layers(network_->layers().size());
    for (std::size_t i = 0; i < layers.size(); ++i) layers[i] = i;
    return layers;
  }

  std::unique_ptr<const Network> network_ = test::make_tiny_network();
  test::RandomDepthDataset dataset_{kImages, test::kTinyHeight, test::kTinyWidth, 2};
  std::vector<LayerParameters> parameters_;
  Calibration calibration_;
};

double largest_difference(const std::vector<ImageResult>& a, const std::vector<ImageResult>& b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t m = 0; m < kDepthMetricNames.size(); ++m) {
      largest = std::max(largest, std::abs(a[i].exact_float[m] - b[i].exact_float[m]));
      for (std::size_t v = 0; v < a[i].variants.size(); ++v) {
        const VariantMetrics& x = a[i].variants[v];
        const VariantMetrics& y = b[i].variants[v];
        largest = std::max({largest, std::abs(x.control[m] - y.control[m]),
                            std::abs(x.approximate[m] - y.approximate[m])});
      }
    }
  }
  return largest;
}

// Defect 1 of the depth study dropped the images left over from the last batch.
TEST(DepthStudy, ResultsDoNotDependOnBatchSizeOrSplit) {
  TinyStudy study;
  const std::vector<ImageResult> one_by_one = study.evaluate({1, 1, 1, 1, 1});
  ASSERT_EQ(one_by_one.size(), kImages);
  for (const std::vector<std::size_t>& batches :
       {std::vector<std::size_t>{5}, {2, 2, 1}, {4, 1}, {3, 2}}) {
    const std::vector<ImageResult> results = study.evaluate(batches);
    ASSERT_EQ(results.size(), kImages);
    EXPECT_LT(largest_difference(one_by_one, results), 1e-6) << batches.size() << " batches";
  }
}

TEST(DepthStudy, OneFlippedWeightIsSeen) {
  NamedTensors tensors = TinyStudy::random_tensors();
  const std::vector<ImageResult> before = TinyStudy(tensors).evaluate({5});
  at::Tensor& weight = tensors["decoder.up5.convB.weight"];
  weight[0][0][1][1] = -weight[0][0][1][1];
  EXPECT_GT(largest_difference(before, TinyStudy(tensors).evaluate({5})), 1e-6);
}

TEST(DepthStudy, OneFlippedTableEntryIsSeen) {
  const ProductTable table = make_product_table("mbm");
  std::vector<std::uint16_t> products(table.products().begin(), table.products().end());
  for (std::size_t b = 0; b < ProductTable::kOperands; ++b) products[255 * 256 + b] ^= 0x4000;
  TinyStudy study;
  const std::vector<ImageResult> right = study.evaluate({5}, table);
  const std::vector<ImageResult> wrong = study.evaluate({5}, ProductTable("flipped", products));
  EXPECT_GT(largest_difference(right, wrong), 1e-6);
}

// With the exact table the approximate column is the control, bit for bit.
TEST(DepthStudy, ExactProductsEqualTheControl) {
  for (const ImageResult& image : TinyStudy().evaluate({5}, make_product_table("exact"))) {
    for (const VariantMetrics& variant : image.variants) {
      EXPECT_EQ(variant.control, variant.approximate);
    }
  }
}

TEST(DepthStudy, PictureOfAnotherSizeIsRefused) {
  const auto network = test::make_tiny_network();
  test::RandomDepthDataset dataset(1, 16, 16, 3);
  EXPECT_THROW(load_batch(*network, dataset, 0, 1), Error);
}

// README beside the weights: "first five: .5208 .8168 .9960 .2878 .8231 .1079".
TEST(DepthStudy, FloatColumnReproducesTheFiguresBesideTheWeights) {
  const std::filesystem::path data = test::data_folder();
  MBM_REQUIRE_DATA(data / "nyu" / "test");
  const auto network = make_network("densedepth-mobilenetv2");
  const auto parameters = select_layer_parameters(
      *network, read_safetensors(data / "densedepth-mobilenetv2" / "model.safetensors"), "weights");
  const auto dataset = open_depth_dataset(data / "nyu" / "test");
  const Calibration unused{1, std::vector<float>(network->layers().size(), 1.0F)};
  const DepthStudy study(*network, parameters, unused, {}, make_product_table("exact"),
                         OperandFormat::int8);
  ReferenceEngine engine;
  std::vector<DepthMetrics> images;
  for (std::size_t i = 0; i < 5; ++i) {
    images.push_back(
        study.evaluate(load_batch(*network, *dataset, i, 1), engine).images.front().exact_float);
  }
  const MetricsSummary summary = summarize(images);
  const DepthMetrics published{.5208, .8168, .9960, .2878, .8231, .1079};
  for (std::size_t m = 0; m < published.size(); ++m) {
    EXPECT_NEAR(summary.mean[m], published[m], 0.00006) << kDepthMetricNames[m];
  }
}

}  // namespace
}  // namespace mbm
