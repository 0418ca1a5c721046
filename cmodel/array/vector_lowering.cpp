#include "cmodel/array/vector_lowering.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr std::int64_t kMost8 = 255;
constexpr std::int64_t kMost16 = 65535;
constexpr std::int64_t kOne = 65536;  // of a position with 16 bits of fraction
// Bands of results that the output buffer has room for: one is stored while the next one is
// computed. Among the passes of a convolution, whose results lie there as well, they are smaller.
constexpr std::int64_t kBands = 2;
constexpr std::int64_t kBandsAmongPasses = 6;

struct RowRange {
  std::int64_t first = 0;
  std::int64_t end = 0;
};

// What tells one vector operation from another.
class VectorOperation {
 public:
  VectorOperation() = default;
  VectorOperation(const VectorOperation&) = delete;
  VectorOperation& operator=(const VectorOperation&) = delete;
  virtual ~VectorOperation() = default;

  // Input rows of the output rows first..first+count-1; some may lie outside.
  virtual RowRange input_rows(std::int64_t first, std::int64_t count) const = 0;
  // The command for rows that begin with output row `first`; `geometry` says all but what the ring
  // and the row elements depend on, `channels` lie in a pixel of the ring, `second` is the distance
  // of the second tensor.
  virtual CommandOperation command(const RowRing& ring, ComputeGeometry geometry,
                                   std::int64_t first, std::int64_t channels,
                                   std::int64_t second) const = 0;
};

// The bands of rows of an operation on all channels of its tensors, one after the other.
class VectorBands final : public RowProducer {
 public:
  VectorBands(LoweringContext& context, std::shared_ptr<const VectorOperation> operation,
              std::vector<TensorView> inputs, const TensorView& output, std::int64_t rows,
              std::int64_t span)
      : context_(context),
        operation_(std::move(operation)),
        inputs_(std::move(inputs)),
        output_(output),
        rows_(rows),
        span_(span) {}

  std::int64_t least_elements() const override { return span_ * row_elements(); }

  std::int64_t most_elements() const override {
    const std::int64_t fit =
        std::min(context_.parameters.activation_depth / row_elements(),
                 kMost16 * kRingUnit * static_cast<std::int64_t>(inputs_.size()) / row_elements());
    return std::min(fit, 2 * span_) * row_elements();
  }

  void begin(std::int64_t base, std::int64_t elements) override {
    ring_rows_ = elements / row_elements();
    const std::int64_t ring =
        ring_rows_ * row_elements() / static_cast<std::int64_t>(inputs_.size());
    for (const TensorView& input : inputs_) {
      rings_.emplace_back(context_, RowPart{input, 0, input.width}, base, ring_rows_);
      base += ring;
    }
  }

  std::int64_t rows() const override { return next_row_; }

  void produce(std::int64_t end) override {
    while (next_row_ < std::min(end, output_.height)) {
      const std::int64_t band = std::min(rows_, output_.height - next_row_);
      const RowRange range = operation_->input_rows(next_row_, band);
      load(range, range.end);
      emit(next_row_, band, range);
      next_row_ += band;
      if (next_row_ >= output_.height) break;
      // Rows of the next band, as far as they overwrite none of this one.
      const RowRange next =
          operation_->input_rows(next_row_, std::min(rows_, output_.height - next_row_));
      load(next, std::min(next.end, std::max<std::int64_t>(range.first, 0) + ring_rows_));
    }
  }

 private:
  // Of a row of all inputs.
  std::int64_t row_elements() const {
    return static_cast<std::int64_t>(inputs_.size()) *
           ring_pitch(inputs_[0].width * inputs_[0].channels);
  }

  void load(const RowRange& range, std::int64_t end) {
    for (RowRing& ring : rings_) ring.load(std::max<std::int64_t>(range.first, 0), end);
  }

  void emit(std::int64_t y, std::int64_t rows, const RowRange& range) {
    const std::int64_t row_pitch = output_.width * output_.channels;
    const std::int64_t place = context_.output.allocate(rows * row_pitch);
    ComputeGeometry geometry;
    geometry.rows = rows;
    geometry.columns = output_.width;
    geometry.output_address = place;
    geometry.position_pitch = output_.channels;
    geometry.lowest = -255;
    geometry.highest = 255;
    const std::int64_t depth = context_.parameters.activation_depth;
    const std::int64_t second =
        ((rings_.back().base() - rings_.front().base() + depth) % depth) / kRingUnit;
    Touched touched;
    for (const RowRing& ring : rings_) {
      ring.add_intervals(touched.scratchpad_read, range.first, range.end);
    }
    touched.output_written.push_back({place, place + rows * row_pitch});
    context_.builder.emit(
        operation_->command(rings_.front(), geometry, y, output_.channels, second), touched);
    store_block(context_, output_,
                {.first_row = y,
                 .rows = rows,
                 .first_column = 0,
                 .columns = output_.width,
                 .place = place,
                 .row_pitch = row_pitch});
  }

  LoweringContext& context_;
  std::shared_ptr<const VectorOperation> operation_;
  std::vector<TensorView> inputs_;
  TensorView output_;
  std::int64_t rows_;  // of a band
  std::int64_t span_;  // input rows that a band keeps
  std::int64_t ring_rows_ = 0;
  std::deque<RowRing> rings_;
  std::int64_t next_row_ = 0;
};

// Cuts an operation into slices of channels whose rows fit, and those into bands.
class VectorLowering {
 public:
  VectorLowering(LoweringContext& context, std::string layer,
                 std::shared_ptr<const VectorOperation> operation, std::vector<TensorView> inputs,
                 const TensorView& output, std::int64_t bands = kBands)
      : context_(context),
        layer_(std::move(layer)),
        operation_(std::move(operation)),
        inputs_(std::move(inputs)),
        output_(output),
        bands_(bands) {
    plan();
  }

  std::vector<VectorBands> slices() const {
    std::vector<VectorBands> result;
    for (std::int64_t channel = 0; channel < output_.channels; channel += step_) {
      const std::int64_t channels = std::min(step_, output_.channels - channel);
      std::vector<TensorView> inputs;
      for (const TensorView& input : inputs_) inputs.push_back(input.slice(channel, channels));
      result.emplace_back(context_, operation_, std::move(inputs), output_.slice(channel, channels),
                          rows_, span(rows_));
    }
    return result;
  }

  void run() const {
    for (VectorBands& bands : slices()) {
      // In one piece: two places might lie on each other.
      const std::int64_t elements = bands.most_elements();
      bands.begin(context_.scratchpad.allocate(elements), elements);
      bands.produce(output_.height);
    }
  }

 private:
  void plan() {
    require_fit(layer_, "width", std::max(inputs_[0].width, output_.width), kMost16);
    require_fit(layer_, "height", std::max(inputs_[0].height, output_.height), kMost16 / 2);
    const std::int64_t channels = output_.channels;
    std::int64_t slices = 1;
    while ((rows_ = band_rows((channels + slices - 1) / slices)) == 0) {
      if (slices == channels) {
        fail_to_fit(layer_, "rows of one channel in the scratchpad, in elements", needed(1, 1),
                    context_.parameters.activation_depth);
      }
      ++slices;
    }
    step_ = (channels + slices - 1) / slices;
  }

  std::int64_t pitch(std::int64_t channels) const {
    return ring_pitch(inputs_[0].width * channels);
  }

  // The most input rows that bands of `rows` rows keep.
  std::int64_t span(std::int64_t rows) const {
    std::int64_t most = 1;
    for (std::int64_t y = 0; y < output_.height; y += rows) {
      const RowRange range = operation_->input_rows(y, std::min(rows, output_.height - y));
      most = std::max(most, range.end - range.first);
    }
    return most;
  }

  // Elements of the scratchpad for bands of `rows` rows.
  std::int64_t needed(std::int64_t rows, std::int64_t channels) const {
    return span(rows) * pitch(channels) * static_cast<std::int64_t>(inputs_.size());
  }

  // Rows of a band, 0 if not one fits.
  std::int64_t band_rows(std::int64_t channels) const {
    if (channels > kMost16) return 0;
    const std::int64_t results = output_.width * channels;
    const std::int64_t depth = context_.parameters.output_depth;
    if (results > depth) return 0;
    std::int64_t rows = std::clamp<std::int64_t>(depth / bands_ / results, 1, output_.height);
    // Half of the scratchpad, so that the next rows can come meanwhile.
    while (rows > 1 && needed(rows, channels) > context_.parameters.activation_depth / 2) {
      rows = (rows + 1) / 2;
    }
    return needed(rows, channels) <= context_.parameters.activation_depth &&
                   span(rows) * pitch(channels) <= kMost16 * kRingUnit
               ? rows
               : 0;
  }

  LoweringContext& context_;
  std::string layer_;
  std::shared_ptr<const VectorOperation> operation_;
  std::vector<TensorView> inputs_;
  TensorView output_;
  std::int64_t bands_;     // in the output buffer
  std::int64_t rows_ = 0;  // of a band
  std::int64_t step_ = 0;  // channels of a slice
};

void require_shape(const std::string& layer, const TensorView& output, std::int64_t channels,
                   std::int64_t height, std::int64_t width) {
  if (output.channels == channels && output.height == height && output.width == width) return;
  fail(ErrorKind::usage, "layer '{}': output of {}x{}x{} found, {}x{}x{} expected", layer,
       output.channels, output.height, output.width, channels, height, width);
}

void require_window(const std::string& layer, const PoolingWindow& window, const TensorView& input,
                    const TensorView& output) {
  require_fit(layer, "window height", window.height, kMost8);
  require_fit(layer, "window width", window.width, kMost8);
  require_fit(layer, "stride", window.stride, kMost8);
  require_shape(layer, output, input.channels,
                (input.height + 2 * window.padding - window.height) / window.stride + 1,
                (input.width + 2 * window.padding - window.width) / window.stride + 1);
}

class WindowOperation : public VectorOperation {
 public:
  explicit WindowOperation(const PoolingWindow& window) : window_(window) {}

  RowRange input_rows(std::int64_t first, std::int64_t count) const override {
    const std::int64_t top = first * window_.stride - window_.padding;
    return {top, top + (count - 1) * window_.stride + window_.height};
  }

 protected:
  const PoolingWindow& window() const { return window_; }

  void describe(const RowRing& ring, ComputeGeometry& geometry, std::int64_t first,
                std::int64_t channels) const {
    ring.describe(geometry, first * window_.stride - window_.padding, window_.stride, 1);
    geometry.u_first = -window_.padding * channels;
    geometry.column_step = window_.stride * channels;
    geometry.tap_step = channels;
  }

 private:
  PoolingWindow window_;
};

class MaximumOperation final : public WindowOperation {
 public:
  using WindowOperation::WindowOperation;

  CommandOperation command(const RowRing& ring, ComputeGeometry geometry, std::int64_t first,
                           std::int64_t channels, std::int64_t) const override {
    describe(ring, geometry, first, channels);
    return Maximum{geometry, window().height, window().width, channels};
  }
};

class RescaleOperation final : public WindowOperation {
 public:
  RescaleOperation(const PoolingWindow& window, const UniformScale& scale)
      : WindowOperation(window), scale_(scale) {}

  CommandOperation command(const RowRing& ring, ComputeGeometry geometry, std::int64_t first,
                           std::int64_t channels, std::int64_t) const override {
    describe(ring, geometry, first, channels);
    geometry.lowest = scale_.lowest;
    geometry.highest = scale_.highest;
    return Rescale{.geometry = geometry,
                   .window_rows = window().height,
                   .window_columns = window().width,
                   .channels = channels,
                   .multiplier = scale_.channel.multiplier,
                   .negative_multiplier = scale_.channel.negative_multiplier,
                   .shift = scale_.channel.shift,
                   .floor = scale_.rounding == RequantizationRounding::floor,
                   .log_output = false};
  }

 private:
  UniformScale scale_;
};

class ResizeOperation final : public VectorOperation {
 public:
  ResizeOperation(bool bilinear, std::int64_t y_step, std::int64_t x_step, std::int64_t height)
      : bilinear_(bilinear), y_step_(y_step), x_step_(x_step), height_(height) {}

  RowRange input_rows(std::int64_t first, std::int64_t count) const override {
    const std::int64_t last = ((first + count - 1) * y_step_) / kOne + (bilinear_ ? 1 : 0);
    return {first * y_step_ / kOne, std::min(last, height_ - 1) + 1};
  }

  CommandOperation command(const RowRing& ring, ComputeGeometry geometry, std::int64_t first,
                           std::int64_t channels, std::int64_t) const override {
    const std::int64_t position = first * y_step_;
    ring.describe(geometry, position / kOne, y_step_ / kOne, 1);
    geometry.column_step = x_step_ / kOne * channels;
    geometry.tap_step = channels;
    Resize resize;
    resize.geometry = geometry;
    resize.channels = channels;
    resize.bilinear = bilinear_;
    resize.fraction_y_step = y_step_ % kOne;
    resize.fraction_x_step = x_step_ % kOne;
    resize.fraction_y_first = position % kOne;
    return resize;
  }

 private:
  bool bilinear_;
  std::int64_t y_step_;
  std::int64_t x_step_;
  std::int64_t height_;
};

class AdditionOperation final : public WindowOperation {
 public:
  explicit AdditionOperation(const AdditionRequantization& requantization)
      : WindowOperation(PoolingWindow{}), r_(requantization) {}

  CommandOperation command(const RowRing& ring, ComputeGeometry geometry, std::int64_t first,
                           std::int64_t channels, std::int64_t second) const override {
    describe(ring, geometry, first, channels);
    geometry.lowest = r_.lowest;
    geometry.highest = r_.highest;
    return Add{.geometry = geometry,
               .channels = channels,
               .second = second,
               .multiplier = r_.multiplier_a,
               .second_multiplier = r_.multiplier_b,
               .shift = r_.shift,
               .floor = r_.rounding == RequantizationRounding::floor,
               .log_output = false};
  }

 private:
  AdditionRequantization r_;
};

// Steps of positions of an interpolation (IntegerNearestUpsample, IntegerBilinearUpsample).
std::int64_t position_step(Interpolation16 interpolation, std::int64_t in, std::int64_t out) {
  if (interpolation == Interpolation16::nearest) return (in * kOne + out - 1) / out;
  return out > 1 ? ((in - 1) * kOne + out - 2) / (out - 1) : 0;
}

// Whether the counter of `nearest` reads the pixels of floor(o * in / out).
bool counter_is_exact(std::int64_t in, std::int64_t out) {
  const std::int64_t step = position_step(Interpolation16::nearest, in, out);
  for (std::int64_t o = 0; o < out; ++o) {
    if (o * step / kOne != o * in / out) return false;
  }
  return true;
}

}  // namespace

void lower_maximum(LoweringContext& context, const std::string& layer, const PoolingWindow& window,
                   const TensorView& input, const TensorView& output) {
  require_window(layer, window, input, output);
  VectorLowering(context, layer, std::make_shared<MaximumOperation>(window), {input}, output).run();
}

std::unique_ptr<RowProducer> lower_resize(LoweringContext& context, const std::string& layer,
                                          Interpolation16 interpolation, const TensorView& input,
                                          const TensorView& output, bool in_bands) {
  require_shape(layer, output, input.channels, output.height, output.width);
  if (interpolation == Interpolation16::nearest &&
      !(counter_is_exact(input.height, output.height) &&
        counter_is_exact(input.width, output.width))) {
    fail(ErrorKind::usage,
         "layer '{}': nearest upsampling of {}x{} to {}x{} needs more than 16 bits of fraction",
         layer, input.height, input.width, output.height, output.width);
  }
  const VectorLowering lowering(
      context, layer,
      std::make_shared<ResizeOperation>(interpolation == Interpolation16::bilinear,
                                        position_step(interpolation, input.height, output.height),
                                        position_step(interpolation, input.width, output.width),
                                        input.height),
      {input}, output, in_bands ? kBandsAmongPasses : kBands);
  if (in_bands) {
    std::vector<VectorBands> slices = lowering.slices();
    if (slices.size() == 1) return std::make_unique<VectorBands>(std::move(slices.front()));
  }
  lowering.run();
  return nullptr;
}

void lower_addition(LoweringContext& context, const std::string& layer,
                    const AdditionRequantization& requantization, const TensorView& first,
                    const TensorView& second, const TensorView& output) {
  for (const TensorView& input : {first, second}) {
    require_shape(layer, output, input.channels, input.height, input.width);
  }
  VectorLowering(context, layer, std::make_shared<AdditionOperation>(requantization),
                 {first, second}, output)
      .run();
}

void lower_rescale(LoweringContext& context, const std::string& layer, const PoolingWindow& window,
                   const UniformScale& scale, const TensorView& input, const TensorView& output) {
  require_window(layer, window, input, output);
  VectorLowering(context, layer, std::make_shared<RescaleOperation>(window, scale), {input}, output)
      .run();
}

void lower_copy(LoweringContext& context, const std::string& layer, const TensorView& input,
                const TensorView& output) {
  require_shape(layer, output, input.channels, input.height, input.width);
  VectorLowering(context, layer, std::make_shared<MaximumOperation>(PoolingWindow{}), {input},
                 output)
      .run();
}

}  // namespace mbm
