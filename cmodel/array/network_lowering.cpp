#include "cmodel/array/network_lowering.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "cmodel/array/convolution_lowering.hpp"
#include "cmodel/array/vector_lowering.hpp"
#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

registers::Format memory_format(OperandFormat format) {
  switch (format) {
    case OperandFormat::int8:
    case OperandFormat::sign_magnitude6:
    case OperandFormat::sign_magnitude5:
    case OperandFormat::sign_magnitude4:
      return registers::Format::int8;
    case OperandFormat::uint8:
      return registers::Format::unsigned8;
    case OperandFormat::sign_magnitude8:
      return registers::Format::code16;
  }
  fail(ErrorKind::internal, "unknown code format");
}

// Whether all channels have the same parameters and no bias.
bool uniform(const Requantization& requantization) {
  const ChannelRequantization& first = requantization.channels[0];
  return first.bias == 0 &&
         std::all_of(requantization.channels.begin(), requantization.channels.end(),
                     [&](const ChannelRequantization& one) { return one == first; });
}

// The power of two whose products with every operand are exact, as its exponent.
std::optional<int> exact_weight(const ProductTable& table) {
  for (int exponent = 0; exponent < 8; ++exponent) {
    const auto row = table.row(std::size_t{1} << exponent);
    bool exact = true;
    for (std::size_t b = 0; b < row.size(); ++b) exact = exact && row[b] == (b << exponent);
    if (exact) return exponent;
  }
  return std::nullopt;
}

class NetworkLowering {
 public:
  NetworkLowering(const IntegerNetwork& network, const AcceleratorParameters& parameters,
                  const ProductTable& table)
      : network_(network), table_(table), context_(parameters) {}

  LoweredNetwork run() {
    network_.validate();
    context_.parameters.validate();
    place_tensors();
    if (context_.parameters.kind == ElementKind::lut) load_table();
    for (const IntegerNode& node : network_.nodes) {
      node_ = &node;
      LoweredNode lowered{.name = node.name,
                          .first_command = context_.builder.commands().size(),
                          .end_command = 0,
                          .products = 0,
                          .plan = {}};
      lowered_ = &lowered;
      std::visit(*this, node.operation);
      lowered.end_command = context_.builder.commands().size();
      result_.nodes.push_back(std::move(lowered));
    }
    finish();
    return std::move(result_);
  }

  void operator()(const IntegerConvolution& convolution) {
    if (convolution.limit || convolution.requantization.divides()) {
      fail(ErrorKind::usage, "node {}: {} found, which the accelerator's commands do not hold",
           node_->name,
           convolution.limit ? "a limit of its partial sums" : "requantisation by division");
    }
    convolve(convolution.problem, convolution.weights, convolution.requantization);
  }

  void operator()(const IntegerMaxPool& pool) {
    lower_maximum(context_, node_->name,
                  {pool.kernel_height, pool.kernel_width, pool.stride, pool.padding}, input(),
                  output());
  }

  // A window of RESCALE where one multiplier serves all sums, else a convolution.
  void operator()(const IntegerAveragePool& pool) {
    const Requantization& r = pool.requantization;
    if (uniform(r) && r.channels[0].multiplier == r.channels[0].negative_multiplier) {
      lower_rescale(context_, node_->name,
                    {pool.kernel_height, pool.kernel_width, pool.stride, pool.padding},
                    {r.channels[0], r.rounding, r.lowest, r.highest}, input(), output());
      return;
    }
    const auto exponent = exact_weight(table_);
    if (!exponent) {
      fail(ErrorKind::usage,
           "layer '{}': this average pool needs a weight with exact products, table '{}' has none",
           node_->name, table_.name());
    }
    ConvolutionProblem problem;
    problem.input_channels = problem.output_channels = problem.groups = input().channels;
    problem.input_height = input().height;
    problem.input_width = input().width;
    problem.kernel_height = pool.kernel_height;
    problem.kernel_width = pool.kernel_width;
    problem.stride = pool.stride;
    problem.padding = pool.padding;
    Requantization requantization = pool.requantization;
    for (ChannelRequantization& channel : requantization.channels) {
      channel.shift = static_cast<std::uint8_t>(channel.shift + *exponent);
      require_fit(node_->name, "shift", channel.shift, kLargestRequantizationShift);
      require_fit(node_->name, "bias", std::abs(std::int64_t{channel.bias}),
                  std::int64_t{0x7fffffff} >> *exponent);
      channel.bias *= 1 << *exponent;
    }
    convolve(problem,
             std::vector<std::int16_t>(static_cast<std::size_t>(problem.weight_count()),
                                       static_cast<std::int16_t>(1 << *exponent)),
             requantization);
  }

  void operator()(const IntegerNearestUpsample&) { upsample(Interpolation16::nearest); }

  void operator()(const IntegerBilinearUpsample&) { upsample(Interpolation16::bilinear); }

  void operator()(const IntegerAddition& addition) {
    lower_addition(context_, node_->name, addition.requantization, input(0), input(1), output());
  }

  // Parts that do not lie in the concatenation are copied into it.
  void operator()(const IntegerConcatenation&) {
    std::int64_t channel = 0;
    for (std::size_t i = 0; i < node_->inputs.size(); ++i) {
      const TensorView part = output().slice(channel, input(i).channels);
      if (part.address != input(i).address) lower_copy(context_, node_->name, input(i), part);
      channel += input(i).channels;
    }
  }

  void operator()(const IntegerRescale& rescale) {
    const Requantization& r = rescale.requantization;
    if (!uniform(r)) {
      fail(ErrorKind::usage,
           "layer '{}': rescaling with a bias or parameters for each channel found, one multiplier "
           "without bias expected",
           node_->name);
    }
    lower_rescale(context_, node_->name, {}, {r.channels[0], r.rounding, r.lowest, r.highest},
                  input(), output());
  }

 private:
  const TensorView& input(std::size_t index = 0) const {
    return result_.tensors[node_->inputs.at(index)];
  }
  const TensorView& output() const { return result_.tensors[node_->output]; }

  void upsample(Interpolation16 interpolation) {
    if (input().address == output().address) return;
    producer_ = lower_resize(context_, node_->name, interpolation, input(), output(),
                             convolution_follows());
  }

  bool in_place(const IntegerNode& concatenation) const {
    const TensorView& whole = result_.tensors[concatenation.output];
    std::int64_t channel = 0;
    for (const std::size_t part : concatenation.inputs) {
      if (result_.tensors[part].address != whole.slice(channel, 1).address) return false;
      channel += result_.tensors[part].channels;
    }
    return true;
  }

  // Whether the next node with commands is a convolution, which reads what this one writes, alone
  // or in a concatenation.
  bool convolution_follows() const {
    std::size_t tensor = node_->output;
    const IntegerNode* end = network_.nodes.data() + network_.nodes.size();
    for (const IntegerNode* node = node_ + 1; node < end; ++node) {
      const bool reads = std::ranges::find(node->inputs, tensor) != node->inputs.end();
      if (std::holds_alternative<IntegerConvolution>(node->operation)) return reads;
      if (!std::holds_alternative<IntegerConcatenation>(node->operation) || !in_place(*node)) {
        return false;
      }
      if (reads) tensor = node->output;
    }
    return false;
  }

  void convolve(const ConvolutionProblem& problem, std::span<const std::int16_t> weights,
                const Requantization& requantization) {
    lowered_->products = problem.product_count();
    lowered_->plan = lower_convolution(context_,
                                       {.name = node_->name,
                                        .problem = problem,
                                        .weights = weights,
                                        .requantization = &requantization,
                                        .input = input(),
                                        .output = output(),
                                        .producer = producer_.get()},
                                       table_.zero_annihilates());
    producer_.reset();
  }

  // An upsampling to the size that there is: the same codes, since its weights are 0 and 1.
  bool is_identity(const IntegerNode& node) const {
    if (!std::holds_alternative<IntegerBilinearUpsample>(node.operation) &&
        !std::holds_alternative<IntegerNearestUpsample>(node.operation)) {
      return false;
    }
    const IntegerTensor& from = network_.tensors[node.inputs[0]];
    const IntegerTensor& to = network_.tensors[node.output];
    return from.height == to.height && from.width == to.width;
  }

  // A tensor that is concatenated lies in its concatenation, which comes later: outermost first. So
  // does one of which an upsampling only makes the same again.
  void place_tensors() {
    const std::size_t count = network_.tensors.size();
    result_.tensors.resize(count);
    std::vector<bool> placed(count, false);
    for (auto node = network_.nodes.rbegin(); node != network_.nodes.rend(); ++node) {
      if (is_identity(*node)) {
        const std::size_t input = node->inputs[0];
        if (!placed[node->output]) place_dense(node->output);
        placed[node->output] = true;
        if (!placed[input]) result_.tensors[input] = result_.tensors[node->output];
        placed[input] = true;
      }
      if (!std::holds_alternative<IntegerConcatenation>(node->operation)) continue;
      if (!placed[node->output]) place_dense(node->output);
      placed[node->output] = true;
      const TensorView whole = result_.tensors[node->output];
      std::int64_t channel = 0;
      for (const std::size_t part : node->inputs) {
        const std::int64_t channels = network_.tensors[part].channels;
        if (!placed[part]) result_.tensors[part] = whole.slice(channel, channels);
        placed[part] = true;
        channel += channels;
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (!placed[i]) place_dense(i);
    }
  }

  void place_dense(std::size_t index) {
    const IntegerTensor& tensor = network_.tensors[index];
    TensorView view{.address = 0,
                    .height = tensor.height,
                    .width = tensor.width,
                    .channels = tensor.channels,
                    .pixel_pitch = 0,
                    .format = memory_format(tensor.format)};
    view.pixel_pitch = tensor.channels * view.element_bytes();
    view.address = context_.allocate_memory(view.bytes());
    result_.tensors[index] = view;
  }

  void load_table() {
    std::vector<std::uint8_t> bytes;
    for (const std::uint16_t product : table_.products()) {
      bytes.push_back(static_cast<std::uint8_t>(product & 0xffU));
      bytes.push_back(static_cast<std::uint8_t>(product >> 8));
    }
    const auto size = static_cast<std::int64_t>(bytes.size());
    const std::int64_t address = context_.place_bytes(std::move(bytes));
    Touched touched;
    touched.memory_read.push_back({address, address + size});
    context_.builder.emit(LoadTable{.address = address, .entries = size / 2, .first = 0}, touched);
  }

  void finish() {
    AcceleratorProgram& program = result_.program;
    program.parameters = context_.parameters;
    program.commands = context_.builder.take();
    program.command_address = context_.allocate_memory(
        static_cast<std::int64_t>(program.commands.size()) * registers::kCommandBytes);
    program.segments = std::move(context_.segments);
    for (const std::size_t tensor : network_.inputs) {
      program.inputs.push_back(result_.tensors[tensor]);
    }
    program.output = result_.tensors[network_.output];
    program.memory_bytes = context_.memory_bytes;
    require_fit("network", "memory, in bytes", program.memory_bytes, std::int64_t{1} << 32);
    require_fit("network", "number of commands", static_cast<std::int64_t>(program.commands.size()),
                (1 << 24) - 1);
  }

  const IntegerNetwork& network_;
  const ProductTable& table_;
  LoweringContext context_;
  LoweredNetwork result_;
  const IntegerNode* node_ = nullptr;
  LoweredNode* lowered_ = nullptr;
  std::unique_ptr<RowProducer> producer_;  // of a node whose rows the next convolution reads
};

}  // namespace

LoweredNetwork lower_network(const IntegerNetwork& network, const AcceleratorParameters& parameters,
                             const ProductTable& table) {
  return NetworkLowering(network, parameters, table).run();
}

IntegerNetwork convolution_network(const std::string& name, const ConvolutionProblem& problem,
                                   std::vector<std::int16_t> weights, Requantization requantization,
                                   OperandFormat input_format, OperandFormat output_format) {
  IntegerNetwork network;
  network.tensors = {{name + " input", problem.input_channels, problem.input_height,
                      problem.input_width, input_format},
                     {name, problem.output_channels, problem.output_height(),
                      problem.output_width(), output_format}};
  network.nodes.push_back(
      {name, IntegerConvolution{problem, std::move(weights), std::move(requantization)}, {0}, 1});
  network.inputs = {0};
  network.output = 1;
  return network;
}

std::vector<std::int16_t> run_on_device(AcceleratorDriver& driver, const LoweredNetwork& network,
                                        const std::vector<std::vector<std::int16_t>>& inputs,
                                        std::int64_t images) {
  const auto& views = network.program.inputs;
  if (inputs.size() != views.size()) {
    fail(ErrorKind::usage, "device: {} inputs found, {} expected", inputs.size(), views.size());
  }
  std::vector<std::int16_t> result;
  for (std::int64_t image = 0; image < images; ++image) {
    for (std::size_t i = 0; i < views.size(); ++i) {
      const std::size_t count = inputs[i].size() / static_cast<std::size_t>(images);
      const auto codes =
          std::span(inputs[i]).subspan(static_cast<std::size_t>(image) * count, count);
      driver.write_tensor(views[i], codes);
    }
    driver.run();
    const auto codes = driver.read_tensor(network.program.output);
    result.insert(result.end(), codes.begin(), codes.end());
  }
  return result;
}

}  // namespace mbm
