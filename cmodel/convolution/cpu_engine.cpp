// The vectorised engine: chooses a plan for each job and keeps what plans derive from tables.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "cmodel/common/error.hpp"
#include "cmodel/common/thread_pool.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/convolution/cpu_plan.hpp"
#include "cmodel/convolution/factored_convolution.hpp"
#include "cmodel/convolution/grouped_convolution.hpp"
#include "cmodel/convolution/int8_convolution.hpp"
#include "cmodel/convolution/limited_accumulation.hpp"
#include "cmodel/convolution/lookup_convolution.hpp"

namespace mbm {
namespace {

ProductTable transpose(const ProductTable& table) {
  std::vector<std::uint16_t> products(ProductTable::kEntries);
  for (std::size_t a = 0; a < ProductTable::kOperands; ++a) {
    for (std::size_t b = 0; b < ProductTable::kOperands; ++b) {
      products[b * ProductTable::kOperands + a] = table(a, b);
    }
  }
  return ProductTable(table.name(), products);
}

bool annihilates(const ProductTable& table) {
  for (std::size_t a = 0; a < ProductTable::kOperands; ++a) {
    if (table(a, 0) != 0) return false;
  }
  return true;
}

// True if the products of weights up to `largest` with activations up to 127 suit a paired kernel.
bool has_small_products(const ProductTable& table, int largest) {
  for (std::size_t weight = 0; weight <= static_cast<std::size_t>(largest); ++weight) {
    for (std::size_t activation = 0; activation < 128; ++activation) {
      if (table(weight, activation) >= kPairedProducts) return false;
    }
  }
  return true;
}

// What is derived from a table, once.
struct PreparedTable {
  ProductTable table;  // keeps the products alive, whose address is the key
  std::int64_t id;     // never used again
  std::optional<FactoredTable> factored;
  bool annihilates;  // every weight's product with the activation 0 is 0

  const AlignedVector<std::uint8_t>& image(const LookupKernel& kernel) {
    auto& bytes = images[kernel.make_table];
    if (bytes.empty()) bytes = kernel.make_table(table);
    return bytes;
  }

  const AlignedVector<std::uint8_t>& transposed_image(const LookupKernel& kernel) {
    if (transposed.empty()) transposed = kernel.make_table(transpose(table));
    return transposed;
  }

  AlignedVector<std::uint8_t> transposed;
  // By the function that makes them.
  std::map<AlignedVector<std::uint8_t> (*)(const ProductTable&), AlignedVector<std::uint8_t>>
      images;
};

class PreparedTables {
 public:
  PreparedTable& get(const ProductTable& table) {
    const void* key = table.products().data();
    const auto found = tables_.find(key);
    if (found != tables_.end()) return found->second;
    if (tables_.size() >= kMost) tables_.clear();
    return tables_
        .emplace(
            key,
            PreparedTable{
                table, next_id_++, factor_table(table, kMostTerms), annihilates(table), {}, {}})
        .first->second;
  }

 private:
  static constexpr std::size_t kMost = 64;

  std::map<const void*, PreparedTable> tables_;
  std::int64_t next_id_ = 0;
};

class CpuEngine final : public ConvolutionEngine {
 public:
  explicit CpuEngine(const CpuEngineOptions& options)
      : forced_plan_(options.plan),
        instruction_set_(std::min(options.instruction_set, detected_instruction_set())),
        pool_(options.threads),
        scratch_(static_cast<std::size_t>(pool_.size())) {
    const std::vector<std::string> plans = cpu_plans(instruction_set_);
    if (forced_plan_.empty()) return;
    if (std::find(plans.begin(), plans.end(), forced_plan_) != plans.end()) return;
    fail(ErrorKind::usage, "plan '{}' is unknown or not for this processor; expected one of {}",
         forced_plan_, fmt::join(plans, ", "));
  }

  std::string_view name() const override { return "cpu"; }

  std::string describe(const ConvolutionJob& job) override {
    const std::lock_guard lock(mutex_);
    const JobRanges ranges = job.check(known_range(job));
    const PreparedTable& table = tables_.get(*job.table);
    const CpuPlan& plan = choose_plan(job, ranges, table);
    if (plan.is_factored()) {
      return fmt::format("{}, {} terms", plan.name, table.factored->terms.size());
    }
    const auto* kernel = std::get_if<LookupKernel>(&plan.kernel);
    const bool planes = kernel != nullptr && LookupConvolution::reads_planes(*kernel, job.problem);
    return fmt::format("{}{}{}", plan.name, ranges.activations.smallest < 0 ? ", signed" : "",
                       planes ? ", planes" : "");
  }

  Accumulators run(const ConvolutionJob& job) override {
    const std::lock_guard lock(mutex_);
    const JobRanges ranges = job.validate(known_range(job));
    Accumulators sums(static_cast<std::size_t>(job.problem.output_count()));
    compute<std::int32_t>(job, ranges, sums);
    return sums;
  }

  void run_into(const ConvolutionJob& job, std::span<std::int32_t> sums) override {
    const std::lock_guard lock(mutex_);
    const JobRanges ranges = job.validate(known_range(job));
    job.problem.require_output_count(sums.size());
    compute<std::int32_t>(job, ranges, sums);
  }

  // Exact sums where no limit can be met, or where only the last sum counts.
  Accumulators run_limited(const ConvolutionJob& job, const AccumulatorLimit& limit) override {
    limit.validate();
    if (limits_every_addition(job, limit)) return accumulate_limited(job, limit, pool_);
    Accumulators sums = run(job);
    for (std::int32_t& sum : sums) sum = limited(sum, limit);
    return sums;
  }

  WideAccumulators run_wide(const ConvolutionJob& job) override {
    const std::lock_guard lock(mutex_);
    const JobRanges ranges = job.check(known_range(job));
    WideAccumulators sums(static_cast<std::size_t>(job.problem.output_count()));
    compute<std::int64_t>(job, ranges, sums);
    return sums;
  }

 private:
  // What the weights of a job were found to hold before, or null.
  const OperandRange* known_range(const ConvolutionJob& job) const {
    const auto found = weight_ranges_.find(job.weights_id);
    return found == weight_ranges_.end() ? nullptr : &found->second;
  }

  template <typename Sum>
  void compute(const ConvolutionJob& job, const JobRanges& ranges, std::span<Sum> sums) {
    if (job.weights_id != 0) weight_ranges_.emplace(job.weights_id, ranges.weights);
    PreparedTable& table = tables_.get(*job.table);
    const CpuPlan& plan = choose_plan(job, ranges, table);
    if (const auto* kernel = std::get_if<Int8Kernel>(&plan.kernel)) {
      return Int8Convolution{kernel, &*table.factored, table.id, &pool_, &int8_weights_, scratch_}
          .run(job, ranges, sums);
    }
    if (const auto* kernel = std::get_if<FactoredKernel>(&plan.kernel)) {
      return FactoredConvolution{kernel, &*table.factored,   table.id,
                                 &pool_, &factored_weights_, scratch_}
          .run(job, sums);
    }
    if (plan.is_grouped()) {
      const auto& kernel = std::get<GroupedKernel>(plan.kernel);
      const LookupKernel lookup = vbmi_lookup_kernel(false);
      std::span<const std::uint8_t> transposed;
      if (kernel.split) transposed = table.transposed_image(lookup);
      return GroupedConvolution{&kernel, table.image(lookup), transposed,
                                &pool_,  &grouped_weights_,   scratch_}
          .run(job, ranges, sums);
    }
    const auto& kernel = std::get<LookupKernel>(plan.kernel);
    return LookupConvolution{&kernel, table.image(kernel), &pool_, &packed_weights_, scratch_}.run(
        job, ranges, sums);
  }

  const CpuPlan& choose_plan(const ConvolutionJob& job, const JobRanges& ranges,
                             const PreparedTable& table) {
    for (const CpuPlan& plan : all_cpu_plans()) {
      if (plan.needs > instruction_set_) continue;
      if (!forced_plan_.empty() && plan.name != forced_plan_) continue;
      if (can_run(plan, ranges, table) && (!forced_plan_.empty() || pays(plan, job, table))) {
        return plan;
      }
    }
    fail(
        ErrorKind::usage,
        "plan '{}' cannot compute {} with table '{}': activations up to {}, the table has {} terms",
        forced_plan_, job.problem.description(), table.table.name(), ranges.activations.magnitude(),
        table.factored ? fmt::format("{}", table.factored->terms.size()) : "too many");
  }

  static bool can_run(const CpuPlan& plan, const JobRanges& ranges, const PreparedTable& table) {
    return ranges.activations.magnitude() <= plan.largest_activation &&
           (!plan.is_factored() || table.factored.has_value()) &&
           (!plan.is_int8() || Int8Convolution::maps(*table.factored, ranges)) &&
           (!plan.is_split() || table.annihilates) &&
           (!plan.is_paired() || (ranges.activations.smallest >= 0 &&
                                  has_small_products(table.table, ranges.weights.magnitude())));
  }

  // Matrix products, grouped weights and expanded rows need channels that share them.
  bool pays(const CpuPlan& plan, const ConvolutionJob& job, const PreparedTable& table) {
    const std::int64_t channels = job.problem.output_channels_per_group();
    if (plan.is_factored()) {
      return channels > 16 && table.factored->terms.size() <= plan.most_terms;
    }
    if (plan.is_grouped() && (channels <= 16 || fill(job) < kGroupedFill)) return false;
    if (plan.is_split()) return has_few_large(job.activations);
    return plan.name != "avx2" || channels > kExpandedChannels;
  }

  // From here on groups of equal weights are faster than single ones.
  static constexpr double kGroupedFill = 0.8;

  double fill(const ConvolutionJob& job) {
    if (job.weights_id == 0) return grouped_fill(job.weights, job.problem.output_channels);
    const auto found = fills_.find(job.weights_id);
    if (found != fills_.end()) return found->second;
    const double share = grouped_fill(job.weights, job.problem.output_channels);
    fills_.emplace(job.weights_id, share);
    return share;
  }

  // From here on an expansion of rows is faster than the plain loop.
  static constexpr std::int64_t kExpandedChannels = 40;

  // Of each kind; with its packed form a weight takes 6 bytes, so that this is 400 MB.
  static constexpr std::int64_t kCachedWeights = std::int64_t{1} << 26;

  static bool has_few_large(std::span<const std::int16_t> activations) {
    std::int64_t large = 0;
    for (const std::int16_t code : activations) large += code > 127 || code < -127 ? 1 : 0;
    return large * kLargeShare <= static_cast<std::int64_t>(activations.size());
  }

  // One large activation costs about as much as the eighth bit of this many.
  static constexpr std::int64_t kLargeShare = 128;

  std::string forced_plan_;
  InstructionSet instruction_set_;
  ThreadPool pool_;
  std::vector<Scratch> scratch_;
  PreparedTables tables_;
  WeightCache<PackedWeights> packed_weights_{kCachedWeights};
  WeightCache<GroupedWeights> grouped_weights_{kCachedWeights};
  WeightCache<FactoredWeights> factored_weights_{kCachedWeights};
  WeightCache<Int8Weights> int8_weights_{kCachedWeights};
  std::map<std::uint64_t, OperandRange> weight_ranges_;  // by weights_id
  std::map<std::uint64_t, double> fills_;                // the same
  std::mutex mutex_;  // one run at a time: pool_, scratch_ and tables_ are its own
};

}  // namespace

std::unique_ptr<ConvolutionEngine> make_cpu_engine(const CpuEngineOptions& options) {
  return std::make_unique<CpuEngine>(options);
}

std::unique_ptr<ConvolutionEngine> make_cpu_engine(int threads) {
  CpuEngineOptions options;
  options.threads = threads;
  return make_cpu_engine(options);
}

}  // namespace mbm
