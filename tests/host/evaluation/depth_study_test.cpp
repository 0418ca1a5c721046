#include "host/evaluation/depth_study.hpp"

#include <gtest/gtest.h>

#include "cmodel/common/error.hpp"
#include "host/evaluation/study_runner.hpp"
#include "host/format/safetensors.hpp"
#include "host/result/study_result.hpp"
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
        calibration_(calibrate(*network_, parameters_, {}, kImages, images())) {}
  TinyStudy() : TinyStudy(random_tensors()) {}

  static NamedTensors random_tensors() {
    return test::random_parameters(*test::make_tiny_network(), 1);
  }

  std::vector<StudyPiece> evaluate(const std::vector<std::size_t>& batches,
                                   const std::vector<StudyMultiplier>& multipliers,
                                   const std::vector<StudyColumn>& columns = {}) {
    const DepthStudy study(*network_, parameters_, calibration_, variants(), multipliers,
                           columns.empty() ? uniform_columns(*network_, multipliers) : columns);
    ReferenceEngine engine;
    std::vector<StudyPiece> pieces;
    std::size_t first = 0;
    for (const std::size_t count : batches) {
      study.evaluate(load_batch(*network_, dataset_, first, count), first, {0, 1}, engine,
                     [&](StudyPiece piece) { pieces.push_back(std::move(piece)); });
      first += count;
    }
    return pieces;
  }

  std::vector<ImageResult> evaluate(const std::vector<std::size_t>& batches,
                                    const ProductTable& table = make_product_table("mbm")) {
    return make_study_result({}, *network_, variants(),
                             evaluate(batches, {{table.name(), table, {}, {}}}), {table.name()}, {})
        .images;
  }

  Correction fit(const ProductTable& table, CorrectionKind kind, int threads = 1) {
    return fit_corrections(*network_, parameters_, calibration_, {{kind, &table}}, kImages,
                           images(), threads)
        .front();
  }

 private:
  ImageSource images() {
    return [this](std::size_t i) { return network_input(*network_, dataset_.load(i), ""); };
  }

  std::vector<StudyVariant> variants() const { return {{"all", all_layers()}, {"one", {60}}}; }

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

double largest_difference(const DepthMetrics& a, const DepthMetrics& b) {
  double largest = 0.0;
  for (std::size_t m = 0; m < a.size(); ++m) largest = std::max(largest, std::abs(a[m] - b[m]));
  return largest;
}

double largest_difference(const std::vector<ImageResult>& a, const std::vector<ImageResult>& b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, largest_difference(a[i].exact_float, b[i].exact_float));
    for (std::size_t v = 0; v < a[i].variants.size(); ++v) {
      const VariantMetrics& x = a[i].variants[v];
      const VariantMetrics& y = b[i].variants[v];
      largest = std::max({largest, largest_difference(x.control, y.control),
                          largest_difference(x.columns[0], y.columns[0])});
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
      EXPECT_EQ(variant.control, variant.columns.at(0));
    }
  }
}

// Of three pieces in any order, the two that are missing are what is left to do.
// Variant 0 has all layers, variant 1 the layer 60 alone. A column that uses `other` there and
// `first` elsewhere is `other` in variant 1; twin: in variant 0 it is neither.
TEST(DepthStudy, AColumnMayUseAMultiplierForEachLayer) {
  const ProductTable first = make_product_table("mbm");
  const ProductTable other = make_product_table("mitchell");
  TinyStudy study;
  const std::vector<StudyMultiplier> multipliers{{"mbm", first, {}, {}},
                                                 {"mitchell", other, {}, {}}};
  const std::size_t layers = test::make_tiny_network()->layers().size();
  StudyColumn mixed{"assignment", std::vector<std::size_t>(layers, 0)};
  mixed.multipliers[60] = 1;
  const std::vector<StudyColumn> columns{{"mbm", std::vector<std::size_t>(layers, 0)},
                                         {"mitchell", std::vector<std::size_t>(layers, 1)},
                                         mixed};
  for (const StudyPiece& piece : study.evaluate({kImages}, multipliers, columns)) {
    for (const VariantMetrics& metrics : piece.metrics) {
      EXPECT_EQ(metrics.columns[2] == metrics.columns[1], piece.variant == 1);
      EXPECT_NE(metrics.columns[2], metrics.columns[0]);
    }
  }
}

TEST(DepthStudy, OnlyWhatIsMissingIsLeftToDo) {
  const BatchPlan plan{0, kImages, 3};
  std::vector<StudyPiece> pieces =
      TinyStudy().evaluate({3, 2}, {{"mbm", make_product_table("mbm"), {}, {}}});
  ASSERT_EQ(pieces.size(), 4U);
  EXPECT_TRUE(remaining_tasks(plan, 2, pieces).empty());
  pieces.erase(pieces.begin() + 1);
  const std::vector<StudyTask> tasks = remaining_tasks(plan, 2, pieces);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].first, 0U);
  EXPECT_EQ(tasks[0].count, 3U);
  EXPECT_EQ(tasks[0].variants, std::vector<std::size_t>{1});
  EXPECT_EQ(remaining_tasks(plan, 2, {}).size(), 2U);
}

// A table whose every product is 3/4 of the exact one differs from it by a gain of 4/3 only.
TEST(DepthStudy, ACorrectionUndoesACommonGain) {
  const ProductTable exact = make_product_table("exact");
  std::vector<std::uint16_t> products;
  for (const std::uint16_t product : exact.products()) {
    products.push_back(static_cast<std::uint16_t>(product / 4 * 3));
  }
  const ProductTable table("three quarters", products);
  TinyStudy study;
  const Correction gain = study.fit(table, CorrectionKind::gain);
  std::size_t found = 0;
  std::size_t channels = 0;
  for (const LayerCorrection& layer : gain.layers) {
    for (const float g : layer.gain) {  // a channel without activity keeps 1
      EXPECT_TRUE(std::abs(g - 4.0 / 3.0) < 0.05 || g == 1.0F) << g;
      found += g != 1.0F ? 1 : 0;
      ++channels;
    }
    for (const float d : layer.offset) EXPECT_EQ(d, 0.0F);
  }
  EXPECT_GT(found, channels / 2);
  for (const CorrectionKind kind : {CorrectionKind::gain, CorrectionKind::affine}) {
    const auto pieces = study.evaluate(
        {5}, {{"raw", table, {}, {}}, {"corrected", table, kind, study.fit(table, kind)}});
    for (const VariantMetrics& image : pieces.front().metrics) {
      const double before = largest_difference(image.columns[0], image.control);
      const double after = largest_difference(image.columns[1], image.control);
      EXPECT_LT(after, 0.2 * before);
    }
  }
}

TEST(DepthStudy, CorrectionsDoNotDependOnThreads) {
  TinyStudy study;
  const ProductTable table = make_product_table("mitchell");
  EXPECT_EQ(study.fit(table, CorrectionKind::affine, 1).layers,
            study.fit(table, CorrectionKind::affine, 3).layers);
}

TEST(DepthStudy, ExactProductsNeedNoCorrection) {
  TinyStudy study;
  for (const CorrectionKind kind :
       {CorrectionKind::gain, CorrectionKind::offset, CorrectionKind::affine}) {
    for (const LayerCorrection& layer : study.fit(make_product_table("exact"), kind).layers) {
      for (const float g : layer.gain) EXPECT_NEAR(g, 1.0, 1e-6);
      for (const float d : layer.offset) EXPECT_NEAR(d, 0.0, 1e-4);
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
  std::vector<DepthMetrics> images;
  for (std::size_t i = 0; i < 5; ++i) {
    const DepthBatch batch = load_batch(*network, *dataset, i, 1);
    const FloatPass pass = run_float(*network, parameters, network_inputs(*network, batch));
    images.push_back(batch_metrics(batch, depth_maps(pass.prediction, batch)).front());
  }
  const MetricsSummary summary = summarize(images);
  const DepthMetrics published{.5208, .8168, .9960, .2878, .8231, .1079};
  for (std::size_t m = 0; m < published.size(); ++m) {
    EXPECT_NEAR(summary.mean[m], published[m], 0.00006) << kDepthMetricNames[m];
  }
}

}  // namespace
}  // namespace mbm
