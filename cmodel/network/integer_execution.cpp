#include "cmodel/network/integer_execution.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

// Calls visit(output index, row, column) for the window of every output pixel: row and column of
// its upper left corner, which may lie outside.
template <typename Pool, typename Visit>
void for_each_window(std::int64_t maps, MapSize in, const Pool& pool, const Visit& visit) {
  const std::int64_t height = (in.height + 2 * pool.padding - pool.kernel_height) / pool.stride + 1;
  const std::int64_t width = (in.width + 2 * pool.padding - pool.kernel_width) / pool.stride + 1;
  std::size_t index = 0;
  for (std::int64_t map = 0; map < maps; ++map) {
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        visit(index++, map, y * pool.stride - pool.padding, x * pool.stride - pool.padding);
      }
    }
  }
}

template <typename Pool>
std::size_t pooled_count(std::int64_t maps, MapSize in, const Pool& pool) {
  std::size_t count = 0;
  for_each_window(maps, in, pool,
                  [&](std::size_t, std::int64_t, std::int64_t, std::int64_t) { ++count; });
  return count;
}

// Calls read(code) for the codes of a window that lie inside the map.
template <typename Pool, typename Read>
void read_window(const Codes& input, std::int64_t map, MapSize in, const Pool& pool,
                 std::int64_t top, std::int64_t left, const Read& read) {
  const std::int64_t last_row = std::min(top + pool.kernel_height, in.height);
  const std::int64_t last_column = std::min(left + pool.kernel_width, in.width);
  for (std::int64_t y = std::max<std::int64_t>(top, 0); y < last_row; ++y) {
    for (std::int64_t x = std::max<std::int64_t>(left, 0); x < last_column; ++x) {
      read(input[static_cast<std::size_t>((map * in.height + y) * in.width + x)]);
    }
  }
}

// Where an output row or column of a bilinear interpolation reads.
struct Tap {
  std::int64_t first;
  std::int64_t second;
  std::int32_t first_weight;  // in 256ths
  std::int32_t second_weight;
};

std::vector<Tap> bilinear_taps(std::int64_t in, std::int64_t out) {
  const std::int64_t step = out > 1 ? (((in - 1) << 16) + out - 2) / (out - 1) : 0;
  std::vector<Tap> taps;
  for (std::int64_t o = 0; o < out; ++o) {
    const std::int64_t position = o * step;
    const std::int64_t first = position >> 16;
    const auto weight = static_cast<std::int32_t>((position >> 8) & 255);
    taps.push_back({first, std::min(first + 1, in - 1), 256 - weight, weight});
  }
  return taps;
}

MapSize size_of(const IntegerTensor& tensor) {
  return {tensor.height, tensor.width};
}

// Tensors of a run, by index.
class Execution {
 public:
  Execution(const IntegerNetwork& network, std::int64_t batch, const ProductTable& table,
            ConvolutionEngine& engine)
      : network_(network),
        batch_(batch),
        table_(table),
        engine_(engine),
        codes_(network.tensors.size()),
        uses_(network.tensors.size(), 0) {
    for (const IntegerNode& node : network.nodes) {
      for (const std::size_t input : node.inputs) ++uses_[input];
    }
    ++uses_[network.output];
  }

  void give(std::size_t tensor, Codes codes) {
    const IntegerTensor& description = network_.tensors[tensor];
    const std::int64_t expected = batch_ * description.count();
    if (static_cast<std::int64_t>(codes.size()) != expected) {
      fail(ErrorKind::usage, "integer network: input '{}' of {} codes, {} expected",
           description.name, codes.size(), expected);
    }
    const auto bad = std::find_if(codes.begin(), codes.end(), [&](int code) {
      return code < smallest_code(description.format) || code > largest_code(description.format);
    });
    if (bad != codes.end()) {
      fail(ErrorKind::usage, "integer network: input '{}' has code {}, {} expected",
           description.name, *bad, operand_format_name(description.format));
    }
    codes_[tensor] = std::move(codes);
  }

  const Codes& run(const IntegerNode& node) {
    node_ = &node;
    codes_[node.output] = std::visit(*this, node.operation);
    for (const std::size_t input : node.inputs) {
      if (--uses_[input] == 0) Codes().swap(codes_[input]);
    }
    return codes_[node.output];
  }

  Codes take(std::size_t tensor) { return std::move(codes_[tensor]); }

  Codes operator()(const IntegerConvolution& convolution) const {
    ConvolutionProblem problem = convolution.problem;
    problem.batch = batch_;
    const ConvolutionJob job{problem, input(), convolution.weights, &table_};
    const Accumulators sums =
        convolution.limit ? engine_.run_limited(job, *convolution.limit) : engine_.run(job);
    return requantized(sums, convolution.requantization);
  }

  Codes operator()(const IntegerMaxPool& pool) const {
    return max_pool(input(), maps(), size_of(input_tensor()), pool);
  }

  Codes operator()(const IntegerAveragePool& pool) const {
    return average_pool(input(), maps(), size_of(input_tensor()), pool);
  }

  Codes operator()(const IntegerNearestUpsample&) const {
    return upsample_nearest(input(), maps(), size_of(input_tensor()), size_of(output_tensor()));
  }

  Codes operator()(const IntegerBilinearUpsample&) const {
    return upsample_bilinear(input(), maps(), size_of(input_tensor()), size_of(output_tensor()));
  }

  Codes operator()(const IntegerAddition& addition) const {
    const Codes& a = input(0);
    const Codes& b = input(1);
    Codes result(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      result[i] = requantize_addition(a[i], b[i], addition.requantization);
    }
    return result;
  }

  Codes operator()(const IntegerConcatenation&) const {
    Codes result;
    result.reserve(static_cast<std::size_t>(batch_ * output_tensor().count()));
    for (std::int64_t image = 0; image < batch_; ++image) {
      for (const std::size_t tensor : node_->inputs) {
        const std::int64_t count = network_.tensors[tensor].count();
        const auto begin = codes_[tensor].begin() + image * count;
        result.insert(result.end(), begin, begin + count);
      }
    }
    return result;
  }

  Codes operator()(const IntegerRescale& rescale) const {
    const std::vector<std::int32_t> sums(input().begin(), input().end());
    return requantized(sums, rescale.requantization);
  }

 private:
  const Codes& input(std::size_t index = 0) const { return codes_[node_->inputs[index]]; }
  const IntegerTensor& input_tensor() const { return network_.tensors[node_->inputs[0]]; }
  const IntegerTensor& output_tensor() const { return network_.tensors[node_->output]; }
  std::int64_t maps() const { return batch_ * input_tensor().channels; }

  Codes requantized(const std::vector<std::int32_t>& sums, const Requantization& layer) const {
    Codes result(sums.size());
    requantize(sums, layer, output_tensor().plane(), result);
    return result;
  }

  const IntegerNetwork& network_;
  std::int64_t batch_;
  const ProductTable& table_;
  ConvolutionEngine& engine_;
  std::vector<Codes> codes_;
  std::vector<std::size_t> uses_;
  const IntegerNode* node_ = nullptr;
};

}  // namespace

Codes max_pool(const Codes& input, std::int64_t maps, MapSize in, const IntegerMaxPool& pool) {
  Codes result(pooled_count(maps, in, pool));
  for_each_window(maps, in, pool,
                  [&](std::size_t index, std::int64_t map, std::int64_t top, std::int64_t left) {
                    std::int16_t largest = std::numeric_limits<std::int16_t>::min();
                    read_window(input, map, in, pool, top, left,
                                [&](std::int16_t code) { largest = std::max(largest, code); });
                    result[index] = largest;
                  });
  return result;
}

Codes average_pool(const Codes& input, std::int64_t maps, MapSize in,
                   const IntegerAveragePool& pool) {
  std::vector<std::int32_t> sums(pooled_count(maps, in, pool), 0);
  for_each_window(maps, in, pool,
                  [&](std::size_t index, std::int64_t map, std::int64_t top, std::int64_t left) {
                    read_window(input, map, in, pool, top, left,
                                [&](std::int16_t code) { sums[index] += code; });
                  });
  Codes result(sums.size());
  requantize(sums, pool.requantization, static_cast<std::int64_t>(sums.size()) / maps, result);
  return result;
}

Codes upsample_nearest(const Codes& input, std::int64_t maps, MapSize in, MapSize out) {
  Codes result;
  result.reserve(static_cast<std::size_t>(maps * out.height * out.width));
  for (std::int64_t map = 0; map < maps; ++map) {
    for (std::int64_t y = 0; y < out.height; ++y) {
      const std::int64_t row = (map * in.height + y * in.height / out.height) * in.width;
      for (std::int64_t x = 0; x < out.width; ++x) {
        result.push_back(input[static_cast<std::size_t>(row + x * in.width / out.width)]);
      }
    }
  }
  return result;
}

Codes upsample_bilinear(const Codes& input, std::int64_t maps, MapSize in, MapSize out) {
  const std::vector<Tap> rows = bilinear_taps(in.height, out.height);
  const std::vector<Tap> columns = bilinear_taps(in.width, out.width);
  Codes result;
  result.reserve(static_cast<std::size_t>(maps * out.height * out.width));
  for (std::int64_t map = 0; map < maps; ++map) {
    for (const Tap& row : rows) {
      const std::int16_t* upper = input.data() + (map * in.height + row.first) * in.width;
      const std::int16_t* lower = input.data() + (map * in.height + row.second) * in.width;
      for (const Tap& column : columns) {
        const std::int32_t top =
            upper[column.first] * column.first_weight + upper[column.second] * column.second_weight;
        const std::int32_t bottom =
            lower[column.first] * column.first_weight + lower[column.second] * column.second_weight;
        const std::int32_t sum = top * row.first_weight + bottom * row.second_weight;
        result.push_back(static_cast<std::int16_t>((sum + 32768) >> 16));
      }
    }
  }
  return result;
}

Codes run_integer_network(const IntegerNetwork& network, const std::vector<Codes>& inputs,
                          std::int64_t batch, const ProductTable& table, ConvolutionEngine& engine,
                          const std::function<void(std::size_t node, const Codes&)>& show) {
  network.validate();
  if (batch < 1 || inputs.size() != network.inputs.size()) {
    fail(ErrorKind::usage, "integer network: {} inputs of {} images found, {} inputs expected",
         inputs.size(), batch, network.inputs.size());
  }
  Execution execution(network, batch, table, engine);
  for (std::size_t i = 0; i < inputs.size(); ++i) execution.give(network.inputs[i], inputs[i]);
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const Codes& codes = execution.run(network.nodes[i]);
    if (show) show(i, codes);
  }
  return execution.take(network.output);
}

}  // namespace mbm
