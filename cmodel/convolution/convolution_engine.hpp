// One interface for everything that computes a quantised convolution: the same job gives the same
// bits on every engine.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cmodel/convolution/accumulator_limit.hpp"
#include "cmodel/convolution/convolution_problem.hpp"
#include "cmodel/multiplier/product_table.hpp"

namespace mbm {

// The smallest and largest of some operands and 0.
struct OperandRange {
  int smallest = 0;
  int largest = 0;

  int magnitude() const { return largest > -smallest ? largest : -smallest; }
};

OperandRange range_of(std::span<const std::int16_t> operands);

// What a valid job really holds.
struct JobRanges {
  OperandRange activations;
  OperandRange weights;
};

// A problem, its quantised operands and a product table. Operands are sign and 8-bit magnitude,
// -255..255, which holds int8 (-127..127) as well; layouts as in ConvolutionProblem. The spans and
// the table must outlive the run.
struct ConvolutionJob {
  ConvolutionProblem problem;
  std::span<const std::int16_t> activations;
  std::span<const std::int16_t> weights;
  const ProductTable* table = nullptr;

  // 0, or a number from new_weights_id() that stands for these very weights: an engine recognises
  // them by it without reading them again. Otherwise it compares them with those that it knows.
  std::uint64_t weights_id = 0;

  // Throws Error(usage) if a count or an operand is out of range. `weight_range`, if not null, is
  // what an earlier check of the same weights found.
  JobRanges check(const OperandRange* weight_range = nullptr) const;

  // The same, and throws Error(usage) if a sum could pass int32: reduction_length times the largest
  // product of the magnitudes present must stay below 2^31.
  JobRanges validate(const OperandRange* weight_range = nullptr) const;
};

// A number that no weights have yet, never 0.
std::uint64_t new_weights_id();

// Exact sums of products, layout (batch, output_channels, output_height, output_width). int32 holds
// the sums of every usual layer (reduction lengths up to 32,768 whatever the table); where it might
// not, `run` refuses and `run_wide` computes in int64. Only `run_limited` wraps or saturates.
using Accumulators = std::vector<std::int32_t>;
using WideAccumulators = std::vector<std::int64_t>;

class ConvolutionEngine {
 public:
  virtual ~ConvolutionEngine() = default;

  virtual std::string_view name() const = 0;

  // Computes `job`. Throws Error(usage) if the job is invalid or a sum could pass int32.
  virtual Accumulators run(const ConvolutionJob& job) = 0;

  // The same into `sums`, of output_count() elements. Throws Error(usage) for another size.
  virtual void run_into(const ConvolutionJob& job, std::span<std::int32_t> sums);

  // The same sums in 64 bits. An engine whose accumulators have 32 refuses what `run` refuses.
  virtual WideAccumulators run_wide(const ConvolutionJob& job);

  // The sums that accumulators of limited width keep (cmodel/convolution/accumulator_limit.hpp).
  // Throws Error(usage) as `run`, for a limit out of range, and if the engine has no such
  // accumulators.
  virtual Accumulators run_limited(const ConvolutionJob& job, const AccumulatorLimit& limit);

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
  WideAccumulators run_wide(const ConvolutionJob& job) override;
  Accumulators run_limited(const ConvolutionJob& job, const AccumulatorLimit& limit) override;
};

// Instruction sets that the CPU engine has kernels for, each with all before it.
enum class InstructionSet {
  scalar,  // plain C++
  avx2,
  avx512,  // F, BW, VL, DQ, VBMI and VNNI
};

// The best one of this processor.
InstructionSet detected_instruction_set();

struct CpuEngineOptions {
  int threads = 0;   // 0: all cores
  std::string plan;  // one of cpu_plans(); empty: the best one for each job
  InstructionSet instruction_set = InstructionSet::avx512;  // at most this one and the processor's
};

// The plans of an instruction set, most special first; "scalar" is always the last.
std::vector<std::string> cpu_plans(InstructionSet instruction_set = detected_instruction_set());

// The vectorised engine. A plan is chosen for each job, by the operands present, the table and the
// shape. Throws Error(usage) for a plan that is unknown or not for this processor; a run throws it
// if a forced plan cannot compute the job.
std::unique_ptr<ConvolutionEngine> make_cpu_engine(const CpuEngineOptions& options);

// The same on `threads` threads, the plan chosen for each job.
std::unique_ptr<ConvolutionEngine> make_cpu_engine(int threads = 0);

}  // namespace mbm
