// How often each operand value of a multiplier occurs: what its error statistics are weighted with.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mbm {

struct OperandDistribution {
  std::vector<double> probabilities;  // index: operand magnitude; 2^width entries, sum 1
};

// Every value of `width` bits alike.
OperandDistribution uniform_distribution(int width);

// The positive half of a normal distribution of standard deviation `sigma` (in units of the
// operand), sampled at the integers 0..highest; values above `highest` have probability zero.
OperandDistribution half_normal_distribution(int width, double sigma, std::uint32_t highest);

// From how often each magnitude was counted. Throws Error(input) if the number of counts is not
// 2^width or if all are zero.
OperandDistribution distribution_of_counts(std::span<const std::uint64_t> counts, int width);

// The two operands of a multiplier: `a` is the weight, `b` the activation, as in ProductTable.
struct OperandDistributions {
  OperandDistribution a;
  OperandDistribution b;
};

OperandDistributions uniform_operands(int width);

// Operands of a convolution after quantisation to int8, in units of the operand: weights Gaussian
// in sign and magnitude (sigma 32), activations half-normal (sigma 64); both sigmas scaled by
// 2^(width - 8). With weights of zero mean, the noise-to-signal ratio of the product is that of the
// dot product.
OperandDistributions network_operands(int width);

}  // namespace mbm
