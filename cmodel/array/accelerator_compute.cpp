// Compute commands of the accelerator's functional model.
#include "cmodel/array/accelerator_implementation.hpp"
#include "cmodel/array/log_operand.hpp"
#include "cmodel/array/resize_walk.hpp"
#include "cmodel/quantization/log_code.hpp"

namespace mbm {
namespace {

// The log code of value * 2^-shift with its sign, within the bounds of the command.
std::int64_t clamped_log_code(std::int64_t value, std::int64_t shift, const ComputeGeometry& g) {
  const auto magnitude = static_cast<std::uint64_t>(value < 0 ? -value : value);
  const std::int64_t code = log_code(magnitude, static_cast<int>(shift));
  return std::clamp(value < 0 ? -code : code, g.lowest, g.highest);
}

// Rounding and bounds of a command's results, without channels.
template <typename Compute>
Requantization rounding_and_bounds(const Compute& one) {
  return {{},
          one.floor ? RequantizationRounding::floor : RequantizationRounding::nearest,
          static_cast<std::int16_t>(one.geometry.lowest),
          static_cast<std::int16_t>(one.geometry.highest)};
}

}  // namespace

std::int16_t AcceleratorModel::Implementation::read_activation(std::int64_t element) {
  const auto place = static_cast<std::size_t>(element % parameters_.activation_depth);
  const std::int32_t writer = scratchpad_.writer[place];
  if (writer < 0) {
    fail(ErrorKind::internal, "command {} ({}): reads element {} of the scratchpad, never loaded",
         command_, command_name_, place);
  }
  require_known(CommandCounter::activations, writer, "reads element",
                static_cast<std::int64_t>(place));
  scratchpad_.reader[place] = static_cast<std::int32_t>(index());
  return scratchpad_.elements[place];
}

void AcceleratorModel::Implementation::write_result(std::int64_t element, std::int64_t value) {
  const auto place = static_cast<std::size_t>(element % parameters_.output_depth);
  require_known(CommandCounter::stores, output_.reader[place], "overwrites output element",
                static_cast<std::int64_t>(place));
  output_.elements[place] = static_cast<std::int16_t>(value);
  output_.writer[place] = static_cast<std::int32_t>(index());
}

// --- convolution

// Place in the ring `steps` steps after `place`.
std::int64_t AcceleratorModel::Implementation::row_place(const ComputeGeometry& g,
                                                         std::int64_t place, std::int64_t steps,
                                                         std::int64_t step) const {
  return (place + steps * step) % g.ring_size;
}

std::int32_t AcceleratorModel::Implementation::product(const ConvolutionPass& convolve, int weight,
                                                       int activation) const {
  const auto magnitude = [](int operand) {
    return static_cast<std::size_t>(operand < 0 ? -operand : operand);
  };
  std::int32_t result = 0;
  if (convolve.log_activations || convolve.log_weights) {
    result = log_domain_product(
        {static_cast<int>(parameters_.log_kind), static_cast<int>(parameters_.fraction_bits)},
        static_cast<int>(magnitude(weight)), convolve.log_weights,
        static_cast<int>(magnitude(activation)), convolve.log_activations);
  } else {
    result = products_[magnitude(weight) * ProductTable::kOperands + magnitude(activation)];
  }
  return (weight < 0) != (activation < 0) ? -result : result;
}

// One tile: every position gets the sum of its products, and saturates.
void AcceleratorModel::Implementation::add_tile(const ConvolutionPass& convolve,
                                                std::int64_t tap_row, std::int64_t first_element,
                                                std::int64_t used_rows) {
  const ComputeGeometry& g = convolve.geometry;
  const Tile tile(*this, convolve, tap_row, first_element, used_rows);
  if (observer_) {
    observer_(tile);
    weights_.erase(weights_.begin(), weights_.begin() + parameters_.rows);
    return;
  }
  std::vector<std::int64_t> column(static_cast<std::size_t>(convolve.channels));
  const bool plain = zero_annihilates_ && !convolve.log_activations && !convolve.log_weights;
  for (std::int64_t oy = 0; oy < g.rows; ++oy) {
    for (std::int64_t ox = 0; ox < g.columns; ++ox) {
      std::fill(column.begin(), column.end(), 0);
      for (std::int64_t r = 0; r < used_rows; ++r) {
        const int activation = tile.activation(oy, ox, r);
        if (plain && activation == 0) continue;
        // The bottom row of a tile is the first one.
        const auto& weights = weights_[static_cast<std::size_t>(parameters_.rows - 1 - r)];
        for (std::size_t c = 0; c < column.size(); ++c) {
          column[c] += product(convolve, weights[c], activation);
        }
      }
      std::int32_t* sums = sums_.data() + (oy * g.columns + ox) * parameters_.columns;
      for (std::size_t c = 0; c < column.size(); ++c) {
        sums[c] = static_cast<std::int32_t>(
            saturate_to_bits(sums[c] + column[c], static_cast<int>(sum_bits_)));
      }
    }
  }
  weights_.erase(weights_.begin(), weights_.begin() + parameters_.rows);
}

void AcceleratorModel::Implementation::drain(const ConvolutionPass& convolve) {
  const ComputeGeometry& g = convolve.geometry;
  const Requantization layer = rounding_and_bounds(convolve);
  for (std::int64_t c = 0; c < convolve.channels; ++c) {
    const auto place = static_cast<std::size_t>(convolve.parameter_first + c);
    if (channels_.writer[place] < 0) {
      fail(ErrorKind::internal, "command {} ({}): reads parameters of channel {}, never loaded",
           command_, command_name_, place);
    }
    require_known(CommandCounter::others, channels_.writer[place], "reads parameters of channel",
                  static_cast<std::int64_t>(place));
    channels_.reader[place] = static_cast<std::int32_t>(index());
    const ChannelRequantization& channel = channels_.elements[place];
    for (std::int64_t position = 0; position < convolve.positions(); ++position) {
      const std::int32_t sum = sums_[static_cast<std::size_t>(position * parameters_.columns + c)];
      const std::int16_t code = convolve.log_output ? requantize_to_log_code(sum, channel, layer)
                                                    : requantize(sum, channel, layer);
      write_result(g.output_address + position * g.position_pitch + c, code);
    }
  }
}

void AcceleratorModel::Implementation::execute(const ConvolutionPass& convolve) {
  const std::int64_t rows = convolve.tiles() * parameters_.rows;
  if (static_cast<std::int64_t>(weights_.size()) < rows) {
    fail(ErrorKind::internal, "command {} ({}): {} rows of weights found, {} expected", command_,
         command_name_, weights_.size(), rows);
  }
  if (convolve.first) {
    sum_bits_ = convolve.sum_bits;
    std::fill(sums_.begin(), sums_.end(), 0);
  }
  for (std::int64_t i = 0; i < convolve.kernel_rows; ++i) {
    for (std::int64_t j = 0; j < convolve.runs; ++j) {
      for (std::int64_t k = 0; k < convolve.chunks; ++k) {
        const bool last = k == convolve.chunks - 1;
        add_tile(convolve, i,
                 convolve.geometry.u_first + j * convolve.geometry.tap_step + k * parameters_.rows,
                 last ? convolve.last_rows : parameters_.rows);
      }
    }
  }
  if (convolve.last) drain(convolve);
  open_ = !convolve.last;
  counters_[1] += static_cast<std::uint64_t>(convolve.tiles());
  counters_[2] += static_cast<std::uint64_t>(convolve.tiles() * convolve.positions());
}

// --- vector commands

// Calls result(oy, ox, channel) -> value for every element of the output, and writes the value.
template <typename Result>
void AcceleratorModel::Implementation::for_each_result(const ComputeGeometry& g,
                                                       std::int64_t channels,
                                                       const Result& result) {
  for (std::int64_t oy = 0; oy < g.rows; ++oy) {
    for (std::int64_t ox = 0; ox < g.columns; ++ox) {
      for (std::int64_t c = 0; c < channels; ++c) {
        write_result(g.output_address + (oy * g.columns + ox) * g.position_pitch + c,
                     result(oy, ox, c));
      }
    }
  }
  const std::int64_t groups = (channels + parameters_.lanes - 1) / parameters_.lanes;
  counters_[2] += static_cast<std::uint64_t>(g.rows * g.columns * groups);
}

void AcceleratorModel::Implementation::execute(const Maximum& maximum) {
  const ComputeGeometry& g = maximum.geometry;
  const auto result = [&](std::int64_t oy, std::int64_t ox, std::int64_t c) {
    std::int64_t largest = -256;
    const std::int64_t first = row_place(g, g.ring_first, oy, g.ring_row_step);
    for (std::int64_t i = 0; i < maximum.window_rows; ++i) {
      const std::int64_t y = g.y_first + oy * g.y_step + i;
      const std::int64_t place = row_place(g, first, i, g.ring_tap_step);
      for (std::int64_t j = 0; j < maximum.window_columns; ++j) {
        const std::int64_t u = g.u_first + ox * g.column_step + j * g.tap_step;
        if (y < 0 || y >= g.height || u < 0 || u >= g.row_elements) continue;
        largest = std::max<std::int64_t>(
            largest, read_activation((g.ring_base + place) * kRingUnit + u + c));
      }
    }
    return std::clamp(largest, g.lowest, g.highest);
  };
  for_each_result(g, maximum.channels, result);
  counters_[2] += static_cast<std::uint64_t>(
      g.rows * g.columns * ((maximum.channels + parameters_.lanes - 1) / parameters_.lanes) *
      (maximum.window_rows * maximum.window_columns - 1));
}

void AcceleratorModel::Implementation::execute(const Resize& resize) {
  const ComputeGeometry& g = resize.geometry;
  constexpr std::int64_t kOne = 65536;
  const std::vector<ResizeOutput> outputs = resize_row(resize);
  const auto code = [&](std::int64_t place, std::int64_t y, std::int64_t u, std::int64_t c) {
    if (y < 0 || y >= g.height || u < 0 || u >= g.row_elements) return std::int64_t{0};
    return std::int64_t{read_activation((g.ring_base + place) * kRingUnit + u + c)};
  };
  const auto result = [&](std::int64_t oy, std::int64_t ox, std::int64_t c) {
    const ResizeOutput& output = outputs[static_cast<std::size_t>(ox)];
    const std::int64_t y_position = resize.fraction_y_first + oy * resize.fraction_y_step;
    const std::int64_t carried_rows = y_position / kOne;
    const std::int64_t y = g.y_first + oy * g.y_step + carried_rows;
    const std::int64_t place = row_place(g, row_place(g, g.ring_first, oy, g.ring_row_step),
                                         carried_rows, g.ring_tap_step);
    if (!resize.bilinear) return std::clamp(code(place, y, output.left, c), g.lowest, g.highest);
    const bool last_row = y + 1 == g.height;
    const std::int64_t next_place = last_row ? place : row_place(g, place, 1, g.ring_tap_step);
    const std::int64_t next_y = last_row ? y : y + 1;
    const std::int64_t y_weight = (y_position >> 8) & 255;
    const auto column = [&](std::int64_t u) {
      return code(place, y, u, c) * (256 - y_weight) + code(next_place, next_y, u, c) * y_weight;
    };
    const std::int64_t sum =
        column(output.left) * (256 - output.weight) + column(output.right) * output.weight;
    return std::clamp((sum + kOne / 2) >> 16, g.lowest, g.highest);
  };
  for_each_result(g, resize.channels, result);
  const std::int64_t groups = (resize.channels + parameters_.lanes - 1) / parameters_.lanes;
  counters_[2] +=
      static_cast<std::uint64_t>(g.rows * groups * (resize_row_taps(resize) - g.columns));
}

void AcceleratorModel::Implementation::execute(const Add& add) {
  const ComputeGeometry& g = add.geometry;
  const Requantization layer = rounding_and_bounds(add);
  const AdditionRequantization addition{
      .multiplier_a = static_cast<std::uint16_t>(add.multiplier),
      .multiplier_b = static_cast<std::uint16_t>(add.second_multiplier),
      .shift = static_cast<std::uint8_t>(add.shift),
      .rounding = layer.rounding,
      .lowest = layer.lowest,
      .highest = layer.highest};
  for_each_result(g, add.channels, [&](std::int64_t oy, std::int64_t ox, std::int64_t c) {
    const std::int64_t y = g.y_first + oy * g.y_step;
    const std::int64_t u = g.u_first + ox * g.column_step;
    const bool inside = y >= 0 && y < g.height && u >= 0 && u < g.row_elements;
    const std::int64_t element =
        (g.ring_base + row_place(g, g.ring_first, oy, g.ring_row_step)) * kRingUnit + u + c;
    const int first = inside ? read_activation(element) : 0;
    const int second = inside ? read_activation(element + add.second * kRingUnit) : 0;
    if (!add.log_output) return std::int64_t{requantize_addition(first, second, addition)};
    const std::int64_t scaled =
        std::int64_t{first} * add.multiplier + std::int64_t{second} * add.second_multiplier;
    return clamped_log_code(scaled, add.shift, g);
  });
  counters_[2] += static_cast<std::uint64_t>(
      g.rows * g.columns * ((add.channels + parameters_.lanes - 1) / parameters_.lanes));
}

void AcceleratorModel::Implementation::execute(const Rescale& rescale) {
  const ComputeGeometry& g = rescale.geometry;
  // Each code is scaled, then they are summed, rounded and clamped.
  const auto result = [&](std::int64_t oy, std::int64_t ox, std::int64_t c) {
    std::int64_t scaled = 0;
    const std::int64_t first = row_place(g, g.ring_first, oy, g.ring_row_step);
    for (std::int64_t i = 0; i < rescale.window_rows; ++i) {
      const std::int64_t y = g.y_first + oy * g.y_step + i;
      const std::int64_t place = row_place(g, first, i, g.ring_tap_step);
      for (std::int64_t j = 0; j < rescale.window_columns; ++j) {
        const std::int64_t u = g.u_first + ox * g.column_step + j * g.tap_step;
        if (y < 0 || y >= g.height || u < 0 || u >= g.row_elements) continue;
        const std::int64_t code = read_activation((g.ring_base + place) * kRingUnit + u + c);
        scaled += code * (code < 0 ? rescale.negative_multiplier : rescale.multiplier);
      }
    }
    if (rescale.log_output) return clamped_log_code(scaled, rescale.shift, g);
    const std::int64_t offset =
        rescale.floor || rescale.shift == 0 ? 0 : std::int64_t{1} << (rescale.shift - 1);
    return std::clamp((scaled + offset) >> rescale.shift, g.lowest, g.highest);
  };
  for_each_result(g, rescale.channels, result);
  counters_[2] += static_cast<std::uint64_t>(
      g.rows * g.columns * ((rescale.channels + parameters_.lanes - 1) / parameters_.lanes) *
      (rescale.window_rows * rescale.window_columns - 1));
}

}  // namespace mbm
