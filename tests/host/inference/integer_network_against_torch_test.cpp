// Integer networks against a second implementation: libtorch's operations on tensors of doubles and
// int64, which hold all these integers exactly.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "cmodel/network/integer_execution.hpp"
#include "host/inference/integer_inference.hpp"
#include "host/network/integer_compiler.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/tiny_network.hpp"

namespace mbm {
namespace {

// The same arithmetic written with whole tensors.
class TorchNetwork {
 public:
  explicit TorchNetwork(const IntegerNetwork& network)
      : network_(network), tensors_(network.tensors.size()) {}

  at::Tensor run(const std::vector<Codes>& inputs, std::int64_t batch) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const IntegerTensor& t = network_.tensors[network_.inputs[i]];
      tensors_[network_.inputs[i]] = at::tensor(at::ArrayRef<std::int16_t>(inputs[i]))
                                         .to(at::kLong)
                                         .reshape({batch, t.channels, t.height, t.width});
    }
    for (const IntegerNode& node : network_.nodes) {
      node_ = &node;
      tensors_[node.output] = std::visit(*this, node.operation);
    }
    return tensors_[network_.output];
  }

  at::Tensor operator()(const IntegerConvolution& c) const {
    const ConvolutionProblem& p = c.problem;
    const at::Tensor weight = at::tensor(at::ArrayRef<std::int16_t>(c.weights))
                                  .to(at::kDouble)
                                  .reshape({p.output_channels, p.input_channels_per_group(),
                                            p.kernel_height, p.kernel_width});
    const at::Tensor sums =
        at::conv2d(in().to(at::kDouble), weight, {}, p.stride, p.padding, p.dilation, p.groups);
    return requantized(sums.to(at::kLong), c.requantization);
  }

  at::Tensor operator()(const IntegerMaxPool& p) const {
    return at::max_pool2d(in().to(at::kDouble), {p.kernel_height, p.kernel_width}, p.stride,
                          p.padding)
        .to(at::kLong);
  }

  at::Tensor operator()(const IntegerAveragePool& p) const {
    const at::Tensor means = at::avg_pool2d(in().to(at::kDouble), {p.kernel_height, p.kernel_width},
                                            p.stride, p.padding, false, true, /*divisor=*/1);
    return requantized(means.to(at::kLong), p.requantization);
  }

  at::Tensor operator()(const IntegerNearestUpsample&) const {
    const IntegerTensor& out = network_.tensors[node_->output];
    return at::repeat_interleave(at::repeat_interleave(in(), out.height / in().size(2), 2),
                                 out.width / in().size(3), 3);
  }

  at::Tensor operator()(const IntegerBilinearUpsample&) const {
    const IntegerTensor& out = network_.tensors[node_->output];
    const at::Tensor rows = interpolation_matrix(in().size(2), out.height);
    const at::Tensor columns = interpolation_matrix(in().size(3), out.width);
    const at::Tensor sums = at::matmul(at::matmul(rows, in().to(at::kDouble)), columns.t());
    return at::floor((sums + 32768) / 65536).to(at::kLong);
  }

  at::Tensor operator()(const IntegerAddition& a) const {
    const AdditionRequantization& r = a.requantization;
    const at::Tensor sums = in(0) * static_cast<std::int64_t>(r.multiplier_a) +
                            in(1) * static_cast<std::int64_t>(r.multiplier_b);
    return shifted(sums, r.shift, r.rounding).clamp(r.lowest, r.highest);
  }

  at::Tensor operator()(const IntegerConcatenation&) const {
    std::vector<at::Tensor> parts;
    for (const std::size_t input : node_->inputs) parts.push_back(tensors_[input]);
    return at::cat(parts, 1);
  }

  at::Tensor operator()(const IntegerRescale& r) const {
    return requantized(in(), r.requantization);
  }

 private:
  const at::Tensor& in(std::size_t index = 0) const { return tensors_[node_->inputs[index]]; }

  // Rows of weights in 256ths: two at the most in each.
  static at::Tensor interpolation_matrix(std::int64_t in, std::int64_t out) {
    at::Tensor matrix = at::zeros({out, in}, at::kDouble);
    const double step =
        out > 1 ? std::ceil(65536.0 * static_cast<double>(in - 1) / static_cast<double>(out - 1))
                : 0.0;
    for (std::int64_t o = 0; o < out; ++o) {
      const double position = static_cast<double>(o) * step;
      const auto first = static_cast<std::int64_t>(std::floor(position / 65536));
      const double weight = std::floor(std::fmod(position, 65536.0) / 256);
      matrix[o][first] += 256 - weight;
      matrix[o][std::min(first + 1, in - 1)] += weight;
    }
    return matrix;
  }

  static at::Tensor shifted(const at::Tensor& products, int shift,
                            RequantizationRounding rounding) {
    const std::int64_t divisor = std::int64_t{1} << shift;
    const std::int64_t offset =
        rounding == RequantizationRounding::nearest && shift > 0 ? divisor / 2 : 0;
    return at::div(products + offset, at::scalar_tensor(divisor, at::kLong), "floor");
  }

  static at::Tensor requantized(const at::Tensor& sums, const Requantization& layer) {
    std::vector<at::Tensor> channels;
    for (std::int64_t o = 0; o < sums.size(1); ++o) {
      const ChannelRequantization& c = layer.channels[static_cast<std::size_t>(o)];
      const at::Tensor v = sums.select(1, o) + static_cast<std::int64_t>(c.bias);
      const at::Tensor factor = at::where(
          v < 0, at::scalar_tensor(static_cast<std::int64_t>(c.negative_multiplier), at::kLong),
          at::scalar_tensor(static_cast<std::int64_t>(c.multiplier), at::kLong));
      channels.push_back(shifted(v * factor, c.shift, layer.rounding));
    }
    return at::stack(channels, 1).clamp(layer.lowest, layer.highest);
  }

  const IntegerNetwork& network_;
  std::vector<at::Tensor> tensors_;
  const IntegerNode* node_ = nullptr;
};

// Networks that have every operation, with random parameters of a seed.
class RandomNetwork {
 public:
  explicit RandomNetwork(unsigned seed) : random_(seed) {}

  IntegerNetwork build() {
    const std::int64_t channels = draw(1, 5);
    network_.inputs = {add_tensor(channels, draw(7, 13), draw(7, 13))};
    std::size_t a = convolve(network_.inputs[0], 2 * draw(1, 4), draw(1, 3), 1);
    const std::size_t skip = a;
    a = convolve(a, network_.tensors[a].channels, 3, network_.tensors[a].channels);
    a = add({"addition", IntegerAddition{random_addition()}, {a, skip}}, shape(a));
    a = pool(a, IntegerMaxPool{3, 3, 2, 1});
    a = upsample(a, IntegerBilinearUpsample{}, network_.tensors[skip].height,
                 network_.tensors[skip].width);
    std::size_t b =
        pool(skip, IntegerAveragePool{2, 2, 2, 0, random_requantization(channels_of(skip))});
    b = upsample(b, IntegerNearestUpsample{}, 2 * network_.tensors[b].height,
                 2 * network_.tensors[b].width);
    b = upsample(b, IntegerBilinearUpsample{}, network_.tensors[a].height,
                 network_.tensors[a].width);
    b = add({"rescale", IntegerRescale{random_requantization(channels_of(b))}, {b}}, shape(b));
    IntegerTensor whole = shape(a);
    whole.channels += channels_of(b);
    a = add({"concatenation", IntegerConcatenation{}, {a, b}}, whole);
    network_.output = convolve(a, 3, 3, 1);
    return network_;
  }

 private:
  std::int64_t draw(std::int64_t first, std::int64_t last) {
    return std::uniform_int_distribution<std::int64_t>(first, last)(random_);
  }
  std::int64_t channels_of(std::size_t tensor) const { return network_.tensors[tensor].channels; }
  IntegerTensor shape(std::size_t tensor) const { return network_.tensors[tensor]; }

  std::size_t add_tensor(std::int64_t channels, std::int64_t height, std::int64_t width) {
    network_.tensors.push_back({std::to_string(network_.tensors.size()), channels, height, width,
                                OperandFormat::sign_magnitude8, 1.0F});
    return network_.tensors.size() - 1;
  }

  std::size_t add(IntegerNode node, const IntegerTensor& size) {
    node.output = add_tensor(size.channels, size.height, size.width);
    network_.nodes.push_back(std::move(node));
    return network_.tensors.size() - 1;
  }

  Requantization random_requantization(std::int64_t channels) {
    Requantization layer;
    layer.rounding =
        draw(0, 1) == 0 ? RequantizationRounding::nearest : RequantizationRounding::floor;
    layer.lowest = draw(0, 1) == 0 ? 0 : -255;
    for (std::int64_t o = 0; o < channels; ++o) {
      const double factor =
          std::ldexp(static_cast<double>(draw(32768, 65535)), -static_cast<int>(draw(15, 26)));
      layer.channels.push_back(channel_requantization(
          factor, draw(0, 1) == 0 ? 1.0 : 0.2, static_cast<std::int32_t>(draw(-20000, 20000))));
    }
    return layer;
  }

  AdditionRequantization random_addition() {
    AdditionRequantization addition = addition_requantization(
        static_cast<double>(draw(1, 300)) / 200, static_cast<double>(draw(1, 300)) / 200);
    if (draw(0, 1) == 0) addition.lowest = 0;
    return addition;
  }

  std::size_t convolve(std::size_t input, std::int64_t outputs, std::int64_t kernel,
                       std::int64_t groups) {
    const IntegerTensor in = shape(input);
    IntegerConvolution c;
    c.problem.input_channels = in.channels;
    c.problem.input_height = in.height;
    c.problem.input_width = in.width;
    c.problem.output_channels = outputs;
    c.problem.kernel_height = c.problem.kernel_width = kernel;
    c.problem.padding = kernel / 2;
    c.problem.groups = groups;
    for (std::int64_t i = 0; i < c.problem.weight_count(); ++i) {
      c.weights.push_back(static_cast<std::int16_t>(draw(-255, 255)));
    }
    c.requantization = random_requantization(outputs);
    IntegerTensor out = in;
    out.channels = outputs;
    out.height = c.problem.output_height();
    out.width = c.problem.output_width();
    return add({"convolution", std::move(c), {input}}, out);
  }

  template <typename Pool>
  std::size_t pool(std::size_t input, Pool pool) {
    IntegerTensor out = shape(input);
    out.height = (out.height + 2 * pool.padding - pool.kernel_height) / pool.stride + 1;
    out.width = (out.width + 2 * pool.padding - pool.kernel_width) / pool.stride + 1;
    return add({"pool", std::move(pool), {input}}, out);
  }

  template <typename Upsample>
  std::size_t upsample(std::size_t input, Upsample operation, std::int64_t height,
                       std::int64_t width) {
    IntegerTensor out = shape(input);
    out.height = height;
    out.width = width;
    return add({"upsample", operation, {input}}, out);
  }

  std::mt19937 random_;
  IntegerNetwork network_;
};

Codes random_codes(const IntegerTensor& tensor, std::int64_t batch) {
  const at::Tensor codes =
      at::randint(smallest_code(tensor.format), largest_code(tensor.format) + 1,
                  {batch * tensor.count()}, at::kShort);
  return {codes.data_ptr<std::int16_t>(), codes.data_ptr<std::int16_t>() + codes.numel()};
}

bool equal(const Codes& codes, const at::Tensor& expected) {
  return at::tensor(at::ArrayRef<std::int16_t>(codes)).to(at::kLong).equal(expected.flatten());
}

TEST(IntegerNetworkAgainstTorch, RandomNetworksOfAllOperationsAreEqual) {
  const ProductTable exact = make_product_table("exact");
  ReferenceEngine reference;
  const auto cpu = make_cpu_engine(1);
  for (unsigned seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    at::manual_seed(seed);
    IntegerNetwork network = RandomNetwork(seed).build();
    const std::vector<Codes> inputs{random_codes(network.tensors[network.inputs[0]], 2)};
    const at::Tensor expected = TorchNetwork(network).run(inputs, 2);
    EXPECT_TRUE(equal(run_integer_network(network, inputs, 2, exact, reference), expected));
    EXPECT_TRUE(equal(run_integer_network(network, inputs, 2, exact, *cpu), expected));
  }
}

TEST(IntegerNetworkAgainstTorch, OneChangedMultiplierIsSeen) {
  int seen = 0;
  ReferenceEngine engine;
  for (unsigned seed = 1; seed <= 10; ++seed) {
    at::manual_seed(seed);
    IntegerNetwork network = RandomNetwork(seed).build();
    const std::vector<Codes> inputs{random_codes(network.tensors[network.inputs[0]], 2)};
    const at::Tensor expected = TorchNetwork(network).run(inputs, 2);
    auto& last = std::get<IntegerConvolution>(network.nodes.back().operation);
    last.requantization.channels[0].multiplier ^= 0x4000;
    last.requantization.channels[0].bias += 1000;
    seen += equal(run_integer_network(network, inputs, 2, make_product_table("exact"), engine),
                  expected)
                ? 0
                : 1;
  }
  EXPECT_GT(seen, 0);
}

// --- Compiled networks.

struct Compiled {
  std::unique_ptr<const Network> network = test::make_tiny_network();
  std::vector<LayerParameters> parameters =
      select_layer_parameters(*network, test::random_parameters(*network, 11), "random parameters");
  at::Tensor images = at::rand({2, 3, test::kTinyHeight, test::kTinyWidth});

  std::vector<std::size_t> layers_from(const std::string& first) const {
    std::vector<std::size_t> layers;
    for (std::size_t i = network->layer_index(first); i < network->layers().size(); ++i) {
      layers.push_back(i);
    }
    return layers;
  }

  IntegerInference inference(const std::vector<std::size_t>& layers, OperandScheme operands) const {
    const auto ranges = measure_tensor_ranges(*network, parameters, 2, [&](std::size_t i) {
      return images.slice(0, static_cast<std::int64_t>(i), static_cast<std::int64_t>(i) + 1);
    });
    const IntegerQuantization quantization = choose_integer_quantization(
        *network, parameters, ranges, {.operands = operands}, RequantizationRounding::nearest);
    return {*network, parameters, quantization, layers};
  }

  at::Tensor float_prediction() const {
    return network->forward(images, [&](std::size_t index, const at::Tensor& input) {
      return convolve_float(network->layers()[index], parameters[index], input);
    });
  }
};

double relative_error(const at::Tensor& found, const at::Tensor& expected) {
  return (at::norm(found - expected) / at::norm(expected)).item<double>();
}

TEST(IntegerCompiler, PredictsNearTheFloatNetwork) {
  at::manual_seed(3);
  const Compiled c;
  const ProductTable exact = make_product_table("exact");
  ReferenceEngine engine;
  const at::Tensor expected = c.float_prediction();
  const auto error_of = [&](const std::string& first, OperandScheme operands) {
    const IntegerInference inference = c.inference(c.layers_from(first), operands);
    const std::vector<Codes> codes = inference.input_codes(c.images);
    const at::Tensor prediction = inference.predict(codes, 2, exact, engine);
    EXPECT_TRUE(equal(run_integer_network(inference.compiled().network, codes, 2, exact, engine),
                      TorchNetwork(inference.compiled().network).run(codes, 2)));
    return relative_error(prediction, expected);
  };
  EXPECT_LT(error_of("conv2", OperandScheme::sign_magnitude8), 0.05);
  EXPECT_LT(error_of("0.0", OperandScheme::sign_magnitude8), 0.2);
  EXPECT_LT(error_of("conv2", OperandScheme::int8), 0.1);
  EXPECT_LT(error_of("conv2", OperandScheme::int8_uint8), 0.1);
}

TEST(IntegerCompiler, KeepsWhatFollowsTogether) {
  const Compiled c;
  const CompiledNetwork all =
      c.inference(c.layers_from("0.0"), OperandScheme::sign_magnitude8).compiled();
  EXPECT_EQ(all.inputs, std::vector<NodeIndex>{0});
  EXPECT_EQ(all.network.tensors[all.network.inputs[0]].format, OperandFormat::uint8);
  const CompiledNetwork decoder =
      c.inference(c.layers_from("conv2"), OperandScheme::sign_magnitude8).compiled();
  EXPECT_EQ(decoder.inputs.size(), 7U);  // the bottom and six skips
  std::vector<std::size_t> with_hole = c.layers_from("conv2");
  with_hole.erase(with_hole.begin() + 3);
  test::expect_error(ErrorKind::usage, {"up1.convA", "must be chosen too"},
                     [&] { c.inference(with_hole, OperandScheme::sign_magnitude8); });
}

TEST(IntegerCompiler, OperationsWithoutIntegerFormAreNamed) {
  Graph graph({1, 4, 4});
  graph.convolve({.name = "layer", .parameter_name = "layer", .problem = {}}, 0);
  graph.apply(SigmoidOperation{}, {1}, "the-sigmoid");
  graph.convolve({.name = "last", .parameter_name = "last", .problem = {}}, 2);
  const Network network("sigmoid", std::move(graph), Prediction::inverse_depth);
  const auto parameters = seeded_parameters(network, 1);
  const std::vector<TensorRange> ranges(4, {0.0F, 1.0F});
  const IntegerQuantization quantization =
      choose_integer_quantization(network, parameters, ranges, {}, RequantizationRounding::nearest);
  test::expect_error(ErrorKind::usage, {"the-sigmoid", "sigmoid", "no integer form"}, [&] {
    compile_integer_network(network, parameters, quantization, {0, 1});
  });
}

}  // namespace
}  // namespace mbm
