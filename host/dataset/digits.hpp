// Handwritten digits in MNIST's IDX format.
// Format: http://yann.lecun.com/exdb/mnist/
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace mbm {

struct Digits {
  at::Tensor images;  // uint8, count x height x width; 0 is background
  at::Tensor labels;  // int64, count; 0..9
};

enum class DigitsPart { training, test };

// Reads `train-*` or `t10k-*` `images-idx3-ubyte` and `labels-idx1-ubyte` of a folder, each gzipped
// (.gz) or not. Throws Error(input) for a missing, truncated or malformed file, for a label beyond
// 9 and for unequal numbers of images and labels.
Digits read_digits(const std::filesystem::path& folder, DigitsPart part);

// `count` digits that the project draws itself, of the seeds first_seed, first_seed + 1, ...
Digits drawn_digits(std::size_t count, std::uint64_t first_seed);

// Writes digits as read_digits() reads them, gzipped; whole files or none.
void write_digits(const std::filesystem::path& folder, DigitsPart part, const Digits& digits);

// Reads one IDX file of unsigned bytes with `dimensions` dimensions, gzipped or not.
at::Tensor read_idx(const std::filesystem::path& path, int dimensions);

}  // namespace mbm
