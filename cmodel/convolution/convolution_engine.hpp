// One interface for everything that computes a quantised convolution: the same job gives the same
// bits on every engine.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cmodel/convolution/convolution_problem.hpp"
#include "cmodel/multiplier/product_table.hpp"

namespace mbm {

// A problem, its quantised operands and a product table. Operands are sign and 8-bit magnitude,
// -255..255, which holds int8 (-127..127) as well; layouts as in ConvolutionProblem. The spans and
// the table must outlive the run.
struct ConvolutionJob {
  ConvolutionProblem problem;
  std::span<const std::int16_t> activations;
  std::span<const std::int16_t> weights;
  const ProductTable* table = nullptr;

  // Throws Error(usage) if a count or an operand is out of range, or if a sum could pass int32:
  // reduction_length * table maximum must stay below 2^31.
  void validate() const;
};

// Exact sums of products, layout (batch, output_channels, output_height, output_width).
using Accumulators = std::vector<std::int32_t>;

class ConvolutionEngine {
 public:
  virtual ~ConvolutionEngine() = default;

  virtual std::string_view name() const = 0;

  // Computes `job`. Throws Error(usage) if the job is invalid.
  virtual Accumulators run(const ConvolutionJob& job) = 0;

  // How `job` would be computed, for reports: the plan by name.
  virtual std::string describe(const ConvolutionJob&) { return std::string(name()); }
};

// The definition as one plain loop nest: normative, slow. out[n,o,y,x] is the sum over input
// channel c of the group and tap (i,j) of table.signed_product(weight[o,c,i,j],
// activation[n, c, y * stride - padding + i * dilation, x * stride - padding + j * dilation]),
// where an activation outside the input is the operand 0.
class ReferenceEngine final : public ConvolutionEngine {
 public:
  std::string_view name() const override { return "reference"; }
  Accumulators run(const ConvolutionJob& job) override;
};

struct CpuEngineOptions {
  int threads = 0;   // 0: all cores
  std::string plan;  // one of cpu_plans(); empty: the best one for each job
};

// The plans that this processor can run, best first; "scalar" is always the last.
std::vector<std::string> cpu_plans();

// The vectorised engine. Throws Error(usage) for a plan that this processor cannot run.
std::unique_ptr<ConvolutionEngine> make_cpu_engine(const CpuEngineOptions& options);

// The same on `threads` threads, the plan chosen for each job.
std::unique_ptr<ConvolutionEngine> make_cpu_engine(int threads = 0);

}  // namespace mbm
