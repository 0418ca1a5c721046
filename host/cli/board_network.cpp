#include "host/board/board_network.hpp"

#include <algorithm>
#include <optional>

#include "cmodel/common/error.hpp"
#include "host/cli/study_options.hpp"
#include "host/evaluation/evaluation_data.hpp"
#include "host/evaluation/network_study.hpp"
#include "host/inference/integer_inference.hpp"

namespace mbm {
namespace {

StudyOptions study_of(const BoardNetworkOptions& options) {
  StudyOptions study;
  study.network = options.network;
  study.weights = options.weights;
  study.data = options.data;
  return study;
}

class StudyNetwork final : public BoardNetwork {
 public:
  explicit StudyNetwork(const BoardNetworkOptions& options)
      : study_(study_of(options)), loaded_(load_network(network_source(study_))) {
    const Network& network = *loaded_.network;
    if (!options.data.empty()) data_ = open_evaluation_data(network, options.data);
    inference_.emplace(network, loaded_.parameters, quantization(), parse_layers(network, "all"));
  }

  std::string name() const override { return loaded_.network->name(); }
  const IntegerNetwork& network() const override { return inference_->compiled().network; }
  std::vector<Codes> inputs(std::size_t index) override {
    return inference_->input_codes(image(index));
  }

 private:
  at::Tensor image(std::size_t index) {
    if (!data_) return noise_images(*loaded_.network, 1, index);
    if (index >= data_->size()) {
      fail(ErrorKind::usage, "--image: {} found, 0..{} expected", index, data_->size() - 1);
    }
    return data_->inputs(index, 1);
  }

  IntegerQuantization quantization() {
    if (loaded_.quantization) return *loaded_.quantization;
    const std::size_t images =
        data_ ? std::min(study_.calibration.images, data_->size()) : std::size_t{1};
    const std::vector<TensorRange> ranges =
        measure_tensor_ranges(*loaded_.network, loaded_.parameters, images,
                              [this](std::size_t index) { return image(index); });
    return choose_integer_quantization(*loaded_.network, loaded_.parameters, ranges,
                                       parse_scheme(study_.calibration),
                                       RequantizationRounding::nearest);
  }

  StudyOptions study_;
  LoadedNetwork loaded_;
  std::unique_ptr<EvaluationData> data_;
  std::optional<IntegerInference> inference_;
};

}  // namespace

std::unique_ptr<BoardNetwork> make_board_network(const BoardNetworkOptions& options) {
  return std::make_unique<StudyNetwork>(options);
}

}  // namespace mbm
