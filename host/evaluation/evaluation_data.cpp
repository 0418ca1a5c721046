#include "host/evaluation/evaluation_data.hpp"

#include <utility>

#include "cmodel/common/error.hpp"
#include "host/dataset/depth_dataset.hpp"
#include "host/dataset/digits.hpp"
#include "host/dataset/fastdepth_view.hpp"
#include "host/evaluation/depth_metrics.hpp"

namespace mbm {
namespace {

void require_size(const Network& network, const std::string& image, std::int64_t height,
                  std::int64_t width) {
  if (height == network.input_height() && width == network.input_width()) return;
  fail(ErrorKind::input, "image {}: {}x{} pixels found, {}x{} expected by network {}", image,
       height, width, network.input_height(), network.input_width(), network.name());
}

class DigitData final : public EvaluationData {
 public:
  DigitData(const Network& network, const std::filesystem::path& folder)
      : network_(network), digits_(read_digits(folder, DigitsPart::test)) {
    if (network.input_channels() != 1) {
      fail(ErrorKind::usage, "network {}: {} channels of input, 1 expected for digits",
           network.name(), network.input_channels());
    }
    require_size(network, "of " + folder.string(), digits_.images.size(1), digits_.images.size(2));
  }

  std::size_t size() const override { return static_cast<std::size_t>(digits_.images.size(0)); }
  std::string image_name(std::size_t index) const override { return std::to_string(index); }

  const std::vector<std::string>& score_names() const override {
    static const std::vector<std::string> kNames{"accuracy"};
    return kNames;
  }

  at::Tensor inputs(std::size_t first, std::size_t count) override {
    return network_.scale_input(slice(digits_.images, first, count).unsqueeze(1));
  }

  std::vector<Scores> scores(std::size_t first, const at::Tensor& predictions) override {
    std::vector<Scores> result;
    for (const ClassAnswer& answer : answers(first, predictions)) {
      result.push_back({answer.predicted == answer.label ? 1.0 : 0.0});
    }
    return result;
  }

  std::vector<ClassAnswer> answers(std::size_t first,
                                   const at::Tensor& predictions) const override {
    const at::Tensor shares = at::softmax(predictions.flatten(1), 1);
    const at::Tensor chosen = predictions.flatten(1).argmax(1);
    const at::Tensor confidence = shares.gather(1, chosen.unsqueeze(1));
    std::vector<ClassAnswer> result;
    for (std::int64_t i = 0; i < predictions.size(0); ++i) {
      const std::int64_t index = static_cast<std::int64_t>(first) + i;
      result.push_back({static_cast<int>(digits_.labels[index].item<std::int64_t>()),
                        static_cast<int>(chosen[i].item<std::int64_t>()),
                        confidence[i][0].item<double>()});
    }
    return result;
  }

  at::Tensor gray_picture(std::size_t index) const override {
    return digits_.images[static_cast<std::int64_t>(index)];
  }

 private:
  static at::Tensor slice(const at::Tensor& tensor, std::size_t first, std::size_t count) {
    return tensor.slice(0, static_cast<std::int64_t>(first),
                        static_cast<std::int64_t>(first + count));
  }

  const Network& network_;
  Digits digits_;
};

class DepthData final : public EvaluationData {
 public:
  DepthData(const Network& network, std::unique_ptr<DepthDataset> dataset)
      : network_(network), dataset_(std::move(dataset)) {}

  std::size_t size() const override { return dataset_->size(); }
  std::string image_name(std::size_t index) const override { return dataset_->image_name(index); }

  const std::vector<std::string>& score_names() const override {
    static const std::vector<std::string> kNames(kDepthMetricNames.begin(),
                                                 kDepthMetricNames.end());
    return kNames;
  }

  at::Tensor inputs(std::size_t first, std::size_t count) override {
    depths_.clear();
    std::vector<at::Tensor> images;
    for (std::size_t i = first; i < first + count; ++i) {
      const DepthSample sample = dataset_->load(i);
      require_size(network_, image_name(i), sample.rgb.size(1), sample.rgb.size(2));
      images.push_back(sample.rgb);
      depths_.push_back(sample.depth);
    }
    return network_.scale_input(at::stack(images));
  }

  std::vector<Scores> scores(std::size_t, const at::Tensor& predictions) override {
    std::vector<Scores> result;
    for (std::size_t i = 0; i < depths_.size(); ++i) {
      const at::Tensor& truth = depths_[i];
      const at::Tensor prediction = predictions[static_cast<std::int64_t>(i)];
      // DepthNorm is 10 / depth, so that one reading of the protocol serves both.
      const at::Tensor inverse =
          network_.prediction() == Prediction::depth ? 10.0F / prediction : prediction;
      const DepthMetrics metrics =
          depth_metrics(depth_from_prediction(inverse, truth.size(0), truth.size(1)), truth,
                        dataset_->crop(truth.size(0), truth.size(1)));
      result.emplace_back(metrics.begin(), metrics.end());
    }
    return result;
  }

 private:
  const Network& network_;
  std::unique_ptr<DepthDataset> dataset_;
  std::vector<at::Tensor> depths_;
};

}  // namespace

std::vector<ClassAnswer> EvaluationData::answers(std::size_t, const at::Tensor&) const {
  return {};
}

at::Tensor EvaluationData::gray_picture(std::size_t index) const {
  fail(ErrorKind::internal, "image {} is no digit", image_name(index));
}

std::unique_ptr<EvaluationData> open_evaluation_data(const Network& network,
                                                     const std::filesystem::path& path) {
  if (network.prediction() == Prediction::class_scores) {
    return std::make_unique<DigitData>(network, path);
  }
  std::unique_ptr<DepthDataset> dataset = open_depth_dataset(path);
  if (network.prediction() == Prediction::depth) dataset = make_fastdepth_view(std::move(dataset));
  return std::make_unique<DepthData>(network, std::move(dataset));
}

}  // namespace mbm
