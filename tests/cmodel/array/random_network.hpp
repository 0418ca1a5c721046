// Random accelerators and small integer networks for the tests of lowering, models and RTL.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/array/network_lowering.hpp"
#include "cmodel/common/error.hpp"
#include "cmodel/network/integer_network.hpp"
#include "tests/rtl/random_job.hpp"

namespace mbm::test {

class Draw {
 public:
  explicit Draw(unsigned seed) : generator_(seed) {}

  int operator()(int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(generator_);
  }
  std::mt19937& generator() { return generator_; }

 private:
  std::mt19937 generator_;
};

// Grids of 2x2 to 32x32 with memories so small that rings wrap and reductions are cut.
inline AcceleratorParameters random_accelerator(Draw& draw) {
  AcceleratorParameters a = AcceleratorParameters::of_size(1 << draw(1, 5), 1 << draw(1, 5));
  a.lanes = std::min<std::int64_t>(1 << draw(0, 3), a.columns);
  a.bus_bytes = 4 << draw(0, 2);
  a.activation_depth = 1 << draw(7, 14);
  a.output_depth = 1 << draw(6, 12);
  a.sum_depth = 1 << draw(3, 10);
  a.parameter_depth = std::max<std::int64_t>(1 << draw(2, 8), a.columns);
  return a;
}

inline Requantization random_requantization(std::int64_t channels, OperandFormat format,
                                            Draw& draw) {
  Requantization result;
  for (std::int64_t o = 0; o < channels; ++o) {
    result.channels.push_back({draw(-5000, 5000), static_cast<std::uint16_t>(draw(1, 65535)),
                               static_cast<std::uint16_t>(draw(0, 65535)),
                               static_cast<std::uint8_t>(draw(20, 30))});
  }
  result.rounding =
      draw(0, 1) == 0 ? RequantizationRounding::nearest : RequantizationRounding::floor;
  result.lowest = static_cast<std::int16_t>(smallest_code(format));
  result.highest = static_cast<std::int16_t>(draw(50, largest_code(format)));
  return result;
}

inline std::vector<std::int16_t> random_codes(std::int64_t count, OperandFormat format,
                                              Draw& draw) {
  std::vector<std::int16_t> codes(static_cast<std::size_t>(count));
  for (std::int16_t& code : codes) {
    code = static_cast<std::int16_t>(draw(smallest_code(format), largest_code(format)));
  }
  return codes;
}

inline OperandFormat random_format(Draw& draw) {
  return static_cast<OperandFormat>(draw(0, 2));
}

// The lowering of a network, or nothing if it says that a layer is too large for these memories.
inline std::optional<LoweredNetwork> lower_if_it_fits(const IntegerNetwork& network,
                                                      const AcceleratorParameters& parameters,
                                                      const ProductTable& table) {
  try {
    return lower_network(network, parameters, table);
  } catch (const Error& error) {
    const std::string message = error.what();
    if (message.find("in the scratchpad, in elements is") == std::string::npos) throw;
    return std::nullopt;
  }
}

// Appends nodes of every kind to tensors that exist already. Layers have up to 12 channels times
// `width`, so that they fill larger grids.
class RandomNetwork {
 public:
  RandomNetwork(unsigned seed, int nodes, int width = 1) : draw_(seed), width_(width) {
    network_.tensors.push_back(
        {"input", draw_(1, 9 * width_), draw_(3, 9), draw_(3, 9), random_format(draw_)});
    network_.inputs = {0};
    for (int i = 0; i < nodes; ++i) append();
    network_.output = network_.tensors.size() - 1;
  }

  const IntegerNetwork& network() const { return network_; }
  Draw& draw() { return draw_; }

 private:
  void append() {
    switch (draw_(0, 8)) {
      case 0:
        return append_pool();
      case 1:
        return append_upsample(true);
      case 2:
        return append_upsample(false);
      case 3:
        return append_addition();
      case 4:
        return append_concatenation();
      case 5:
        return append_rescale();
      default:
        return append_convolution();
    }
  }

  // A tensor, mostly the last one.
  std::size_t pick() {
    const auto last = static_cast<int>(network_.tensors.size()) - 1;
    return static_cast<std::size_t>(draw_(0, 2) == 0 ? draw_(0, last) : last);
  }

  void add(IntegerOperation operation, std::vector<std::size_t> inputs, IntegerTensor output) {
    const std::size_t index = network_.tensors.size();
    output.name = "t" + std::to_string(index);
    network_.tensors.push_back(output);
    network_.nodes.push_back({output.name, std::move(operation), std::move(inputs), index});
  }

  void append_convolution() {
    const std::size_t from = pick();
    const IntegerTensor& in = network_.tensors[from];
    ConvolutionProblem p;
    p.input_channels = in.channels;
    p.input_height = in.height;
    p.input_width = in.width;
    p.groups = draw_(0, 2) == 0 ? in.channels : 1;
    p.output_channels = p.groups * draw_(1, p.groups == 1 ? 12 * width_ : 2);
    p.padding = draw_(0, 2);
    p.kernel_height = std::min<std::int64_t>(draw_(1, 3), in.height + 2 * p.padding);
    p.kernel_width = std::min<std::int64_t>(draw_(1, 3), in.width + 2 * p.padding);
    p.stride = draw_(1, 2);
    const IntegerTensor out{"", p.output_channels, p.output_height(), p.output_width(),
                            random_format(draw_)};
    add(IntegerConvolution{p, random_operands(p.weight_count(), draw_.generator()),
                           random_requantization(p.output_channels, out.format, draw_)},
        {from}, out);
  }

  void append_pool() {
    const std::size_t from = pick();
    const IntegerTensor& in = network_.tensors[from];
    IntegerMaxPool pool;
    pool.kernel_height = std::min<std::int64_t>(draw_(1, 3), in.height);
    pool.kernel_width = std::min<std::int64_t>(draw_(1, 3), in.width);
    pool.padding = std::min(pool.kernel_height, pool.kernel_width) / 2;
    pool.stride = draw_(1, 2);
    IntegerTensor out = in;
    out.height = (in.height + 2 * pool.padding - pool.kernel_height) / pool.stride + 1;
    out.width = (in.width + 2 * pool.padding - pool.kernel_width) / pool.stride + 1;
    add(pool, {from}, out);
  }

  void append_upsample(bool bilinear) {
    const std::size_t from = pick();
    IntegerTensor out = network_.tensors[from];
    if (out.height > 20 || out.width > 20) return;
    if (bilinear) {
      out.height += draw_(0, out.height > 1 ? 9 : 0);
      out.width += draw_(0, 9);
      add(IntegerBilinearUpsample{}, {from}, out);
    } else {
      out.height *= draw_(1, 3);
      out.width *= draw_(1, 3);
      add(IntegerNearestUpsample{}, {from}, out);
    }
  }

  void append_addition() {
    const std::size_t from = pick();
    IntegerTensor out = network_.tensors[from];
    std::size_t other = from;
    for (std::size_t i = 0; i < network_.tensors.size(); ++i) {
      const IntegerTensor& one = network_.tensors[i];
      if (one.channels == out.channels && one.height == out.height && one.width == out.width) {
        other = i;
        break;
      }
    }
    out.format = OperandFormat::sign_magnitude8;
    add(IntegerAddition{{.multiplier_a = static_cast<std::uint16_t>(draw_(1, 65535)),
                         .multiplier_b = static_cast<std::uint16_t>(draw_(1, 65535)),
                         .shift = static_cast<std::uint8_t>(draw_(14, 18))}},
        {from, other}, out);
  }

  void append_concatenation() {
    const std::size_t from = pick();
    IntegerTensor out = network_.tensors[from];
    std::vector<std::size_t> parts;
    for (std::size_t i = 0; i < network_.tensors.size() && parts.size() < 3; ++i) {
      const IntegerTensor& one = network_.tensors[i];
      if (one.height == out.height && one.width == out.width) parts.push_back(i);
    }
    out.channels = 0;
    out.format = OperandFormat::sign_magnitude8;
    for (const std::size_t part : parts) {
      // An int8 tensor cannot become codes of nine bits without arithmetic.
      if (network_.tensors[part].format == OperandFormat::int8) return;
      out.channels += network_.tensors[part].channels;
    }
    add(IntegerConcatenation{}, parts, out);
  }

  void append_rescale() {
    const std::size_t from = pick();
    IntegerTensor out = network_.tensors[from];
    out.format = random_format(draw_);
    Requantization requantization = random_requantization(1, out.format, draw_);
    requantization.channels[0].bias = 0;
    requantization.channels[0].shift = static_cast<std::uint8_t>(draw_(14, 18));
    requantization.channels.resize(static_cast<std::size_t>(out.channels),
                                   requantization.channels[0]);
    add(IntegerRescale{requantization}, {from}, out);
  }

  Draw draw_;
  int width_;
  IntegerNetwork network_;
};

}  // namespace mbm::test
