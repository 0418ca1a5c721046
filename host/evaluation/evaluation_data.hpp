// Images with what a network should say about them, whatever that is: depth or digits.
#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/network/network.hpp"

namespace mbm {

// Figures of one image; their mean over images is the result.
using Scores = std::vector<double>;

// What a network of classes says about an image.
struct ClassAnswer {
  int label = 0;            // the truth
  int predicted = 0;        // the class of the largest score, the first of equal ones
  double confidence = 0.0;  // its softmax
};

class EvaluationData {
 public:
  virtual ~EvaluationData() = default;

  virtual std::size_t size() const = 0;
  virtual std::string image_name(std::size_t index) const = 0;

  // "a1", ... or "accuracy".
  virtual const std::vector<std::string>& score_names() const = 0;

  // Images first ... first + count - 1 as the network reads them, float32 (count, channels, height,
  // width). Throws Error(input) that names the image for one of another size.
  virtual at::Tensor inputs(std::size_t first, std::size_t count) = 0;

  // Scores of the predictions for those images, which inputs() loaded last.
  virtual std::vector<Scores> scores(std::size_t first, const at::Tensor& predictions) = 0;

  // The same as answers; empty where there are no classes.
  virtual std::vector<ClassAnswer> answers(std::size_t first, const at::Tensor& predictions) const;

  // Image `index` as it is stored, uint8 (height, width), where there are classes. Throws
  // Error(internal) elsewhere.
  virtual at::Tensor gray_picture(std::size_t index) const;
};

// Opens what suits the network: MNIST's files for scores of classes, else depth images; those of
// FastDepth as its authors prepare them.
std::unique_ptr<EvaluationData> open_evaluation_data(const Network& network,
                                                     const std::filesystem::path& path);

}  // namespace mbm
