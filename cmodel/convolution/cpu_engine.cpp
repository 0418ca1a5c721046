// The vectorised engine: chooses a plan for each job and keeps what plans derive from tables.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
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
#include "cmodel/convolution/skipping_convolution.hpp"

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

// The smallest magnitude of weights whose products with activations up to 127 do not suit a paired
// kernel.
int first_large_weight(const ProductTable& table) {
  for (std::size_t weight = 0; weight < ProductTable::kOperands; ++weight) {
    const auto products = table.row(weight).first(128);
    if (*std::max_element(products.begin(), products.end()) >= kPairedProducts) {
      return static_cast<int>(weight);
    }
  }
  return ProductTable::kOperands;
}

// The magnitudes of activations from which on a skipping kernel cannot hold the products.
int first_large_activation(const ProductTable& table) {
  const auto largest = largest_products(table, kSkippingWeights);
  return static_cast<int>(
      std::find_if(largest.begin(), largest.end(),
                   [](std::uint16_t product) { return product >= kSkippingProducts; }) -
      largest.begin());
}

// What is derived from a table, once.
struct PreparedTable {
  ProductTable table;  // keeps the products alive, whose address is the key
  std::int64_t id;     // never used again
  std::optional<FactoredTable> factored;
  bool annihilates;  // every weight's product with the activation 0 is 0
  std::array<std::uint16_t, ProductTable::kOperands> largest_products;
  int first_large_weight;
  int first_large_activation;

  explicit PreparedTable(const ProductTable& of, std::int64_t new_id)
      : table(of),
        id(new_id),
        factored(factor_table(of, kMostTerms)),
        annihilates(mbm::annihilates(of)),
        largest_products(mbm::largest_products(of)),
        first_large_weight(mbm::first_large_weight(of)),
        first_large_activation(mbm::first_large_activation(of)) {}

  const AlignedVector<std::uint8_t>& image(const LookupKernel& kernel,
                                           const ActivationWindow& window) {
    auto& bytes = images_[{kernel.make_table, window.first}];
    if (bytes.empty()) bytes = kernel.make_table(table, window);
    return bytes;
  }

  const AlignedVector<std::uint8_t>& transposed_image(const LookupKernel& kernel) {
    if (transposed_.empty()) transposed_ = kernel.make_table(transpose(table), {});
    return transposed_;
  }

  const AlignedVector<std::uint8_t>& image(const SkippingKernel& kernel) {
    if (skipping_.empty()) skipping_ = kernel.make_table(table);
    return skipping_;
  }

 private:
  AlignedVector<std::uint8_t> transposed_;
  AlignedVector<std::uint8_t> skipping_;
  // By the function that makes them and the first code of the window.
  std::map<std::pair<decltype(LookupKernel::make_table), int>, AlignedVector<std::uint8_t>> images_;
};

class PreparedTables {
 public:
  PreparedTable& get(const ProductTable& table) {
    const void* key = table.products().data();
    const auto found = tables_.find(key);
    if (found != tables_.end()) return found->second;
    if (tables_.size() >= kMost) tables_.clear();
    return tables_.emplace(key, PreparedTable(table, next_id_++)).first->second;
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
    const Choice choice = choose_plan(job, ranges, table);
    const CpuPlan& plan = *choice.plan;
    if (plan.is_factored()) {
      return fmt::format("{}, {} terms", plan.name, table.factored->terms.size());
    }
    const bool has_outliers = plan.window_size() != 0 && !choice.window.holds(ranges.activations);
    return fmt::format("{}{}{}", plan.name, ranges.activations.smallest < 0 ? ", signed" : "",
                       has_outliers                      ? ", outliers"
                       : reads_planes(plan, job.problem) ? ", planes"
                                                         : "");
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
    const Choice choice = choose_plan(job, ranges, table);
    const CpuPlan& plan = *choice.plan;
    if (const auto* kernel = std::get_if<Int8Kernel>(&plan.kernel)) {
      return Int8Convolution{kernel, &*table.factored, table.id, &pool_, &int8_weights_, scratch_}
          .run(job, ranges, sums);
    }
    if (const auto* kernel = std::get_if<FactoredKernel>(&plan.kernel)) {
      return FactoredConvolution{kernel, &*table.factored,   table.id,
                                 &pool_, &factored_weights_, scratch_}
          .run(job, sums);
    }
    if (const auto* kernel = std::get_if<SkippingKernel>(&plan.kernel)) {
      return SkippingConvolution{kernel,  table.image(*kernel), &pool_, &laned_weights_, &sparse_,
                                 scratch_}
          .run(job, sums);
    }
    std::shared_ptr<const WeightLanes> lanes;
    std::optional<OutlierProducts> outliers;
    if (plan.window_size() != 0 && !choice.window.holds(ranges.activations)) {
      const LookupKernel kernel = vbmi_signed_lookup_kernel();
      const ConvolutionProblem& p = job.problem;
      lanes = weight_lanes_.get({p.output_channels, p.groups}, job, [&] {
        return WeightLanes(job.weights, p.groups, p.output_channels_per_group(),
                           p.reduction_length());
      });
      outliers = {kernel, table.transposed_image(kernel), lanes.get()};
    }
    const OutlierProducts* outside = outliers ? &*outliers : nullptr;
    if (plan.is_grouped()) {
      const auto& kernel = std::get<GroupedKernel>(plan.kernel);
      const auto& image = table.image(vbmi_lookup_kernel(kernel.window_size), choice.window);
      return GroupedConvolution{&kernel, choice.window,     image,         outside,
                                &pool_,  &grouped_weights_, &activations_, scratch_}
          .run(job, sums);
    }
    const auto& kernel = std::get<LookupKernel>(plan.kernel);
    const auto& image = table.image(kernel, choice.window);
    return LookupConvolution{&kernel, choice.window,    image,         outside,
                             &pool_,  &packed_weights_, &activations_, scratch_}
        .run(job, ranges, sums);
  }

  struct Choice {
    const CpuPlan* plan = nullptr;
    ActivationWindow window;
    double cycles = 0.0;  // for 64 products
  };

  Choice choose_plan(const ConvolutionJob& job, const JobRanges& ranges,
                     const PreparedTable& table) {
    std::optional<ActivationSample> sample;
    Choice best;
    for (const CpuPlan& plan : all_cpu_plans()) {
      if (plan.needs > instruction_set_) continue;
      if (!forced_plan_.empty() && plan.name != forced_plan_) continue;
      if (!can_run(plan, job, ranges, table)) continue;
      if (plan.is_factored()) {
        if (!forced_plan_.empty() || factors_pay(plan, job, table)) return {&plan, {}, 0.0};
        continue;
      }
      const Choice choice = best_window(plan, job, ranges, table, sample);
      if (choice.plan == nullptr) continue;
      if (best.plan == nullptr || choice.cycles < best.cycles) best = choice;
    }
    if (best.plan != nullptr) return best;
    fail(ErrorKind::usage,
         "plan '{}' cannot compute {} with table '{}': activations {}..{}, weights {}..{}, the "
         "table has {} terms and products {} with 0",
         forced_plan_, job.problem.description(), table.table.name(), ranges.activations.smallest,
         ranges.activations.largest, ranges.weights.smallest, ranges.weights.largest,
         table.factored ? fmt::format("{}", table.factored->terms.size()) : "too many",
         table.annihilates ? "of 0" : "other than 0");
  }

  static bool can_run(const CpuPlan& plan, const ConvolutionJob& job, const JobRanges& ranges,
                      const PreparedTable& table) {
    return (!plan.is_factored() || table.factored.has_value()) &&
           (!plan.is_skipping() ||
            (table.annihilates && ranges.weights.magnitude() < kSkippingWeights &&
             ranges.activations.magnitude() < table.first_large_activation &&
             job.problem.reduction_length() <= kSkippingEntries)) &&
           (!plan.is_int8() || Int8Convolution::maps(*table.factored, ranges)) &&
           (!plan.is_paired() || (ranges.activations.smallest >= 0 &&
                                  ranges.weights.magnitude() < table.first_large_weight));
  }

  // Matrix products need channels that share their operands.
  static bool factors_pay(const CpuPlan& plan, const ConvolutionJob& job,
                          const PreparedTable& table) {
    return job.problem.output_channels_per_group() > 16 &&
           table.factored->terms.size() <= plan.most_terms;
  }

  static bool reads_planes(const CpuPlan& plan, const ConvolutionProblem& problem) {
    const auto* kernel = std::get_if<LookupKernel>(&plan.kernel);
    return kernel != nullptr && LookupConvolution::reads_planes(*kernel, problem);
  }

  // A plan of look-ups with the window that makes it fastest; no plan if none will do.
  Choice best_window(const CpuPlan& plan, const ConvolutionJob& job, const JobRanges& ranges,
                     const PreparedTable& table, std::optional<ActivationSample>& sample) {
    const std::int64_t channels = job.problem.output_channels_per_group();
    double cycles = plan.cycles;
    if (plan.is_grouped()) cycles /= channels <= 16 ? kFewChannelsFill : fill(job);
    if (plan.is_skipping()) {
      if (!sample) sample.emplace(job.activations);
      cycles = skipping_cycles(plan.cycles, job.problem, sample->share_of_zeros());
    }
    if (plan.name == "avx2") cycles = channels > kExpandedChannels ? 20.0 : 80.0;
    const int size = plan.window_size();
    if (size == 0) return {&plan, {}, cycles};
    // Copies of activations never pay where planes could be read instead.
    const bool may_have_outliers =
        table.annihilates && (!forced_plan_.empty() || !reads_planes(plan, job.problem));
    Choice best;
    const int lowest = ranges.activations.smallest < 0 && !plan.is_paired() ? 8 - size : 0;
    for (int first = 0; first >= lowest; first -= kWindowStep) {
      const ActivationWindow window = make_window(table.largest_products, first, size);
      if (window.last < 0) continue;
      if (window.holds(ranges.activations)) return {&plan, window, cycles};
      if (!may_have_outliers) continue;
      if (!sample) sample.emplace(job.activations);
      const double with_outliers =
          cycles + outlier_cycles(job.problem, sample->share_outside(window));
      if (best.plan == nullptr || with_outliers < best.cycles) {
        best = {&plan, window, with_outliers};
      }
    }
    return best;
  }

  // First codes of windows are multiples of this, so that few images of a table are needed.
  static constexpr int kWindowStep = 8;

  // What outliers add to the cycles for 64 products, if `share` of the activations are outliers:
  // each is multiplied with all channels, and each pixel that has any takes time of its own. Fitted
  // to the layers of a network (docs/performance.md).
  static double outlier_cycles(const ConvolutionProblem& problem, double share) {
    const auto channels = static_cast<double>(problem.output_channels_per_group());
    const auto length = static_cast<double>(problem.reduction_length());
    const double vectors = std::ceil(channels / 64.0);
    const double outlier = 20.0 + 30.0 * vectors;
    const double pixel = 100.0 + 90.0 * vectors;
    const double affected = 1.0 - std::exp(-share * length);
    return (share * outlier + affected * pixel / length) * 64.0 / channels;
  }

  // Products with 0 take nothing; each activation is listed, and each output moved, beside the
  // products: fitted as outlier_cycles.
  static double skipping_cycles(double cycles, const ConvolutionProblem& problem, double zeros) {
    const double padding = SkippingConvolution::padding(problem);
    const auto products = static_cast<double>(problem.product_count());
    const double around = 4.0 * static_cast<double>(problem.activation_count()) +
                          3.0 * padding * static_cast<double>(problem.output_count());
    return cycles * padding * (1.0 - zeros) + 64.0 * around / products;
  }

  // Groups of equal weights never pay where there are few channels.
  static constexpr double kFewChannelsFill = 0.1;

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

  std::string forced_plan_;
  InstructionSet instruction_set_;
  ThreadPool pool_;
  std::vector<Scratch> scratch_;
  PackedActivations activations_;
  SparseActivations sparse_;
  PreparedTables tables_;
  WeightCache<PackedWeights> packed_weights_{kCachedWeights};
  WeightCache<GroupedWeights> grouped_weights_{kCachedWeights};
  WeightCache<WeightLanes> weight_lanes_{kCachedWeights};
  WeightCache<LanedWeights> laned_weights_{kCachedWeights};
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
