#include "host/network/onnx_import.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "cmodel/common/error.hpp"
#include "host/network/onnx_constant.hpp"
#include "host/network/onnx_model.hpp"

namespace mbm {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// What an ONNX name stands for: a constant, or the tensor of a node of our graph.
struct Value {
  at::Tensor constant;  // undefined for a tensor of the graph
  NodeIndex node = 0;
  int rank = 4;  // 2 for (batch, features), which the graph keeps as (batch, features, 1, 1)

  bool is_constant() const { return constant.defined(); }
};

// Rows and columns to add at the four sides.
struct Padding {
  std::int64_t top = 0;
  std::int64_t left = 0;
  std::int64_t bottom = 0;
  std::int64_t right = 0;

  bool is_even() const { return top == left && top == bottom && top == right && top >= 0; }
  bool is_zero() const { return top == 0 && left == 0 && bottom == 0 && right == 0; }
};

struct Window {
  std::int64_t kernel_height;
  std::int64_t kernel_width;
  std::int64_t stride;
  std::int64_t dilation;
  Padding padding;
};

std::vector<std::int64_t> integers_of(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.to(at::kLong).flatten().contiguous();
  return {flat.data_ptr<std::int64_t>(), flat.data_ptr<std::int64_t>() + flat.numel()};
}

class OnnxImporter {
 public:
  OnnxImporter(const onnx::ModelProto& model, std::string file)
      : model_(model), file_(std::move(file)), graph_(input_shape()) {
    for (const onnx::TensorProto& tensor : model.graph().initializer()) {
      values_[tensor.name()] = {
          tensor_of(tensor, fmt::format("{}: tensor '{}'", file_, tensor.name()))};
    }
    count_uses();
  }

  OnnxNetwork run(std::string name, InputScaling scaling) {
    for (const onnx::NodeProto& proto : model_.graph().node()) import(OnnxNode(proto, file_));
    if (model_.graph().output_size() != 1) {
      fail(ErrorKind::input, "{}: {} outputs found, 1 expected", file_,
           model_.graph().output_size());
    }
    const std::string& output = model_.graph().output(0).name();
    const auto found = values_.find(output);
    if (found == values_.end() || found->second.is_constant()) {
      fail(ErrorKind::input, "{}: output '{}' does not come from the input", file_, output);
    }
    graph_.set_output(found->second.node);
    graph_.remove_unused();
    const FeatureShape shape = graph_.nodes()[graph_.output()].shape;
    const Prediction prediction =
        shape.height * shape.width == 1 ? Prediction::class_scores : Prediction::inverse_depth;
    return {std::make_unique<Network>(std::move(name), std::move(graph_), prediction,
                                      std::move(scaling)),
            std::move(tensors_)};
  }

 private:
  // --- The graph's frame.

  FeatureShape input_shape() {
    std::set<std::string> initializers;
    for (const auto& tensor : model_.graph().initializer()) initializers.insert(tensor.name());
    const onnx::ValueInfoProto* input = nullptr;
    for (const onnx::ValueInfoProto& candidate : model_.graph().input()) {
      if (initializers.contains(candidate.name())) continue;
      if (input != nullptr) {
        fail(ErrorKind::input, "{}: inputs '{}' and '{}' found, 1 expected", file_, input->name(),
             candidate.name());
      }
      input = &candidate;
    }
    if (input == nullptr) fail(ErrorKind::input, "{}: no input", file_);
    const onnx::TypeProto::Tensor& type = input->type().tensor_type();
    std::vector<std::int64_t> sizes;
    for (const auto& dimension : type.shape().dim()) sizes.push_back(dimension.dim_value());
    if (type.elem_type() != onnx::TensorProto::FLOAT || sizes.size() != 4 ||
        std::any_of(sizes.begin() + 1, sizes.end(), [](auto size) { return size < 1; })) {
      fail(ErrorKind::input,
           "{}: input '{}' of shape [{}], float [batch, channels, height, width] with fixed sizes "
           "expected (export it with a fixed size)",
           file_, input->name(), fmt::join(sizes, ", "));
    }
    batch_ = std::max<std::int64_t>(sizes[0], 1);
    values_[input->name()] = {at::Tensor(), 0, 4};
    return {sizes[1], sizes[2], sizes[3]};
  }

  void count_uses() {
    for (const onnx::NodeProto& node : model_.graph().node()) {
      for (const std::string& input : node.input()) ++uses_[input];
    }
    for (const onnx::ValueInfoProto& output : model_.graph().output()) ++uses_[output.name()];
  }

  void import(const OnnxNode& node) {
    if (node.proto().output_size() < 1) node.refuse("a node without output");
    std::vector<at::Tensor> constants;
    bool all_constant = true;
    for (const std::string& input : node.proto().input()) {
      constants.push_back(input.empty() ? at::Tensor() : value(node, input).constant);
      all_constant = all_constant && (input.empty() || constants.back().defined());
    }
    if (node.type() == "Constant") {
      set_constant(node, constant_of(node));
    } else if (node.type() == "Shape") {
      set_constant(node, shape_of(node));
    } else if (all_constant) {
      const auto result = evaluate_constant(node, constants);
      if (!result) node.refuse("an operator of constants that is not known");
      set_constant(node, *result);
    } else {
      import_operator(node);
    }
  }

  void import_operator(const OnnxNode& node) {
    using Handler = void (OnnxImporter::*)(const OnnxNode&);
    static const std::map<std::string, Handler> kHandlers{
        {"Add", &OnnxImporter::add},
        {"AveragePool", &OnnxImporter::average_pool},
        {"BatchNormalization", &OnnxImporter::batch_normalization},
        {"Cast", &OnnxImporter::identity},
        {"Clip", &OnnxImporter::clip},
        {"Concat", &OnnxImporter::concat},
        {"Conv", &OnnxImporter::conv},
        {"ConvTranspose", &OnnxImporter::conv_transpose},
        {"Div", &OnnxImporter::scale_by_constant},
        {"Dropout", &OnnxImporter::identity},
        {"Flatten", &OnnxImporter::flatten},
        {"Gemm", &OnnxImporter::gemm},
        {"GlobalAveragePool", &OnnxImporter::global_average_pool},
        {"Identity", &OnnxImporter::identity},
        {"LeakyRelu", &OnnxImporter::leaky_relu},
        {"MatMul", &OnnxImporter::matmul},
        {"MaxPool", &OnnxImporter::max_pool},
        {"Mul", &OnnxImporter::scale_by_constant},
        {"Pad", &OnnxImporter::pad},
        {"ReduceMean", &OnnxImporter::reduce_mean},
        {"Relu", &OnnxImporter::relu},
        {"Reshape", &OnnxImporter::reshape},
        {"Resize", &OnnxImporter::resize},
        {"Sigmoid", &OnnxImporter::sigmoid},
        {"Softmax", &OnnxImporter::softmax},
        {"Squeeze", &OnnxImporter::squeeze},
        {"Sub", &OnnxImporter::subtract_constant},
        {"Upsample", &OnnxImporter::resize},
    };
    const auto handler = kHandlers.find(node.type());
    if (handler == kHandlers.end()) {
      std::vector<std::string> known;
      for (const auto& entry : kHandlers) known.push_back(entry.first);
      node.refuse(
          fmt::format("an operator that is not known; known are {}", fmt::join(known, ", ")));
    }
    try {
      (this->*handler->second)(node);
    } catch (const Error& error) {  // of the graph, which does not know the file
      if (error.kind() == ErrorKind::usage) node.refuse(error.what());
      throw;
    } catch (const c10::Error& error) {
      const std::string reason = error.what_without_backtrace();
      node.refuse("tensors that do not fit: " + reason.substr(0, reason.find('\n')));
    }
  }

  // --- Values.

  const Value& value(const OnnxNode& node, const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) node.refuse(fmt::format("input '{}' comes from nowhere", name));
    return found->second;
  }

  const Value& input(const OnnxNode& node, int index) const {
    if (index >= node.proto().input_size()) node.refuse(fmt::format("input {} is missing", index));
    return value(node, node.proto().input(index));
  }

  // Input `index`, which must be a tensor of the graph.
  const Value& feature(const OnnxNode& node, int index = 0) const {
    const Value& found = input(node, index);
    if (found.is_constant()) node.refuse(fmt::format("input {} is a constant", index));
    return found;
  }

  bool has_input(const OnnxNode& node, int index) const {
    return index < node.proto().input_size() && !node.proto().input(index).empty();
  }

  at::Tensor constant(const OnnxNode& node, int index) const {
    const Value& found = input(node, index);
    if (!found.is_constant()) node.refuse(fmt::format("input {} is not a constant", index));
    return found.constant;
  }

  at::Tensor constant_of(const OnnxNode& node) const {
    for (const onnx::AttributeProto& attribute : node.proto().attribute()) {
      if (attribute.name() == "value") return node.tensor("value");
      if (attribute.name() == "value_int") return at::scalar_tensor(attribute.i(), at::kLong);
      if (attribute.name() == "value_float") return at::scalar_tensor(attribute.f(), at::kFloat);
      if (attribute.name() == "value_ints") {
        return at::tensor(node.integers("value_ints", {}), at::kLong);
      }
    }
    node.refuse("a constant without value");
  }

  at::Tensor shape_of(const OnnxNode& node) const {
    const Value& x = input(node, 0);
    if (x.is_constant()) return at::tensor(x.constant.sizes(), at::kLong);
    const FeatureShape& shape = shape_of(x);
    std::vector<std::int64_t> sizes{batch_, shape.channels, shape.height, shape.width};
    sizes.resize(static_cast<std::size_t>(x.rank));
    return at::tensor(sizes, at::kLong);
  }

  const FeatureShape& shape_of(const Value& x) const { return graph_.nodes()[x.node].shape; }

  void set(const OnnxNode& node, Value result) {
    values_[node.proto().output(0)] = std::move(result);
  }
  void set_constant(const OnnxNode& node, at::Tensor tensor) { set(node, {std::move(tensor)}); }

  void apply(const OnnxNode& node, Operation operation, const Value& x) {
    set(node, {at::Tensor(), graph_.apply(std::move(operation), {x.node}, node.name()), x.rank});
  }

  // --- Layers.

  std::string layer_name(const OnnxNode& node, int weight_input) {
    std::string name = node.name();
    if (has_input(node, weight_input)) {
      const std::string& weight = node.proto().input(weight_input);
      constexpr std::string_view kEnd = ".weight";
      if (weight.ends_with(kEnd)) name = weight.substr(0, weight.size() - kEnd.size());
    }
    std::replace(name.begin(), name.end(), ',', '_');  // separates names on the command line
    std::string unique = name;
    for (int i = 2; tensors_.contains(unique + ".weight"); ++i)
      unique = fmt::format("{}#{}", name, i);
    return unique;
  }

  void require_shape(const OnnxNode& node, const at::Tensor& tensor, const char* what,
                     const std::vector<std::int64_t>& expected) const {
    if (tensor.sizes() == at::IntArrayRef(expected)) return;
    node.refuse(fmt::format("{} of shape [{}], [{}] expected", what,
                            fmt::join(tensor.sizes().begin(), tensor.sizes().end(), ", "),
                            fmt::join(expected, ", ")));
  }

  NodeIndex add_layer(const OnnxNode& node, const std::string& name, ConvolutionProblem problem,
                      const at::Tensor& weight, at::Tensor bias, NodeIndex x,
                      bool is_normalization = false) {
    require_shape(node, weight, "weights",
                  {problem.output_channels, problem.input_channels_per_group(),
                   problem.kernel_height, problem.kernel_width});
    if (!bias.defined()) bias = at::zeros({problem.output_channels});
    require_shape(node, bias, "a bias", {problem.output_channels});
    require_finite(node, weight);
    require_finite(node, bias);
    const NodeIndex result = graph_.convolve({.name = name,
                                              .parameter_name = name,
                                              .problem = problem,
                                              .is_normalization = is_normalization},
                                             x);
    tensors_[name + ".weight"] = weight.to(at::kFloat).contiguous();
    tensors_[name + ".bias"] = bias.to(at::kFloat).contiguous();
    return result;
  }

  void require_finite(const OnnxNode& node, const at::Tensor& tensor) const {
    if (!at::isfinite(tensor).all().item<bool>()) node.refuse("weights that are not finite");
  }

  // The layer that computes `x` if nothing else reads its sums, so that a scale and a shift may be
  // folded into it.
  const ConvolutionLayer* only_reader(const OnnxNode& node) const {
    if (uses_.at(node.proto().input(feature_index(node))) != 1) return nullptr;
    const Operation& operation = graph_.nodes()[feature(node, feature_index(node)).node].operation;
    const auto* convolution = std::get_if<ConvolutionOperation>(&operation);
    return convolution == nullptr ? nullptr : &graph_.layers()[convolution->layer];
  }

  int feature_index(const OnnxNode& node) const { return input(node, 0).is_constant() ? 1 : 0; }

  // x * scale + shift, one value a channel: within the convolution before, or a layer of its own.
  void scale_and_shift(const OnnxNode& node, const at::Tensor& scale, const at::Tensor& shift) {
    const Value x = feature(node, feature_index(node));
    const std::int64_t channels = shape_of(x).channels;
    require_shape(node, scale, "scales", {channels});
    require_shape(node, shift, "shifts", {channels});
    if (const ConvolutionLayer* layer = only_reader(node)) {
      at::Tensor& weight = tensors_.at(layer->parameter_name + ".weight");
      at::Tensor& bias = tensors_.at(layer->parameter_name + ".bias");
      weight = (weight.to(at::kDouble) * scale.view({-1, 1, 1, 1})).to(at::kFloat).contiguous();
      bias = (bias.to(at::kDouble) * scale + shift).to(at::kFloat).contiguous();
      require_finite(node, weight);
      set(node, x);
      return;
    }
    ConvolutionProblem problem;
    problem.input_channels = problem.output_channels = problem.groups = channels;
    const NodeIndex result = add_layer(node, layer_name(node, 1), problem,
                                       scale.view({channels, 1, 1, 1}), shift, x.node, true);
    set(node, {at::Tensor(), result, x.rank});
  }

  // A constant operand of Add, Mul, ... as one double a channel.
  at::Tensor per_channel(const OnnxNode& node, int index) const {
    const Value& x = feature(node, 1 - index);
    const std::int64_t channels = shape_of(x).channels;
    at::Tensor values = constant(node, index).to(at::kDouble);
    if (values.numel() == 1) return values.reshape({1}).expand({channels}).contiguous();
    // Broadcasting aligns the last axes: (batch, channels) or (batch, channels, height, width).
    const std::int64_t axis = values.dim() - (x.rank == 2 ? 1 : 3);
    if (axis < 0 || values.size(axis) != channels || values.numel() != channels) {
      node.refuse(
          fmt::format("a constant of shape [{}], one value or one for each of {} channels "
                      "expected",
                      fmt::join(values.sizes().begin(), values.sizes().end(), ", "), channels));
    }
    return values.reshape({channels});
  }

  // --- Windows.

  Padding paddings(const OnnxNode& node, const FeatureShape& x, const Window& window) const {
    const std::string mode = node.text("auto_pad", "NOTSET");
    if (mode == "NOTSET") {
      const auto pads = node.integers("pads", {0, 0, 0, 0});
      if (pads.size() != 4) node.refuse(fmt::format("{} pads, 4 expected", pads.size()));
      return {pads[0], pads[1], pads[2], pads[3]};
    }
    if (mode == "VALID") return {};
    if (mode != "SAME_UPPER" && mode != "SAME_LOWER") node.refuse("auto_pad " + mode);
    const auto total = [&](std::int64_t size, std::int64_t kernel) {
      const std::int64_t outputs = (size + window.stride - 1) / window.stride;
      return std::max<std::int64_t>(
          0, (outputs - 1) * window.stride + (kernel - 1) * window.dilation + 1 - size);
    };
    const std::int64_t rows = total(x.height, window.kernel_height);
    const std::int64_t columns = total(x.width, window.kernel_width);
    const std::int64_t odd = mode == "SAME_LOWER" ? 1 : 0;
    const std::int64_t top = (rows + odd) / 2;
    const std::int64_t left = (columns + odd) / 2;
    return {top, left, rows - top, columns - left};
  }

  std::int64_t one_value(const OnnxNode& node, const char* attribute) const {
    const std::vector<std::int64_t> values = node.integers(attribute, {1, 1});
    if (values.size() != 2 || values[0] != values[1] || values[0] < 1) {
      node.refuse(
          fmt::format("{} [{}], the same twice expected", attribute, fmt::join(values, ", ")));
    }
    return values[0];
  }

  Window window_of(const OnnxNode& node, const FeatureShape& x,
                   const std::vector<std::int64_t>& kernel) const {
    if (kernel.size() != 2 || kernel[0] < 1 || kernel[1] < 1) {
      node.refuse(fmt::format("kernel [{}], height and width expected", fmt::join(kernel, ", ")));
    }
    Window window{
        kernel[0], kernel[1], one_value(node, "strides"), one_value(node, "dilations"), {}};
    window.padding = paddings(node, x, window);
    return window;
  }

  NodeIndex padded(const OnnxNode& node, NodeIndex x, const Padding& padding) {
    if (padding.is_zero()) return x;
    return graph_.apply(PadOperation{padding.top, padding.left, padding.bottom, padding.right}, {x},
                        node.name() + ".pad");
  }

  // --- Convolutions.

  void conv(const OnnxNode& node) {
    const Value& x = feature(node);
    const at::Tensor weight = constant(node, 1);
    if (weight.dim() != 4) node.refuse(fmt::format("weights of {} axes, 4 expected", weight.dim()));
    const Window window = window_of(node, shape_of(x), {weight.size(2), weight.size(3)});
    ConvolutionProblem problem;
    problem.groups = node.integer("group", 1);
    problem.input_channels = shape_of(x).channels;
    problem.output_channels = weight.size(0);
    problem.kernel_height = window.kernel_height;
    problem.kernel_width = window.kernel_width;
    problem.stride = window.stride;
    problem.dilation = window.dilation;
    NodeIndex source = x.node;
    if (window.padding.is_even()) {
      problem.padding = window.padding.top;
      source = without_even_padding(node, source, problem);
    } else {
      source = padded(node, source, window.padding);
    }
    problem.input_height = problem.input_width = 1 << 20;  // the graph sets them
    problem.validate();
    const at::Tensor bias = has_input(node, 2) ? constant(node, 2) : at::Tensor();
    set(node, {at::Tensor(), add_layer(node, layer_name(node, 1), problem, weight, bias, source)});
  }

  // The source of an even zero padding that only this convolution reads, which then pads itself.
  NodeIndex without_even_padding(const OnnxNode& node, NodeIndex source,
                                 ConvolutionProblem& problem) const {
    const auto* pad = std::get_if<PadOperation>(&graph_.nodes()[source].operation);
    if (pad == nullptr || uses_.at(node.proto().input(0)) != 1) return source;
    const Padding padding{pad->top, pad->left, pad->bottom, pad->right};
    if (!padding.is_even()) return source;
    problem.padding += padding.top;
    return graph_.nodes()[source].inputs[0];
  }

  // y[o] = sum over i, k with o = i s - p + k of x[i] w[k]: a convolution of x with s - 1 zeros
  // between its pixels, with the kernel turned around and padded by kernel - 1 - p.
  void conv_transpose(const OnnxNode& node) {
    const Value& x = feature(node);
    const at::Tensor weight = constant(node, 1);
    if (weight.dim() != 4 || weight.size(2) != weight.size(3)) {
      node.refuse("weights that are no square kernels");
    }
    const Window window = window_of(node, shape_of(x), {weight.size(2), weight.size(3)});
    const auto last = node.integers("output_padding", {0, 0});
    const std::int64_t groups = node.integer("group", 1);
    const std::int64_t padding = window.kernel_height - 1 - window.padding.top;
    if (!window.padding.is_even() || window.dilation != 1 || padding < 0 || last.size() != 2 ||
        last[0] != last[1] || last[0] < 0 || !node.integers("output_shape", {}).empty() ||
        groups < 1 || weight.size(0) % groups != 0) {
      node.refuse("uneven padding, a dilation or an output_shape is not supported");
    }
    ConvolutionProblem problem;
    problem.groups = groups;
    problem.input_channels = weight.size(0);
    problem.output_channels = weight.size(1) * groups;
    problem.kernel_height = problem.kernel_width = window.kernel_height;
    problem.padding = padding;
    const at::Tensor turned =
        weight
            .view({groups, weight.size(0) / groups, weight.size(1), weight.size(2), weight.size(3)})
            .transpose(1, 2)
            .reshape({problem.output_channels, problem.input_channels_per_group(), weight.size(2),
                      weight.size(3)})
            .flip({2, 3});
    const NodeIndex spread = graph_.apply(InsertZerosOperation{window.stride, last[0]}, {x.node},
                                          node.name() + ".zeros");
    const at::Tensor bias = has_input(node, 2) ? constant(node, 2) : at::Tensor();
    set(node, {at::Tensor(), add_layer(node, layer_name(node, 1), problem, turned, bias, spread)});
  }

  // A product of features with a matrix (outputs, inputs): a convolution whose kernel is as large
  // as the tensor that was flattened.
  void fully_connect(const OnnxNode& node, const at::Tensor& matrix, const at::Tensor& bias) {
    const Value& x = feature(node);
    if (x.rank != 2) node.refuse("a matrix product of maps, features expected");
    NodeIndex source = x.node;
    if (std::holds_alternative<FlattenOperation>(graph_.nodes()[source].operation)) {
      source = graph_.nodes()[source].inputs[0];
    }
    const FeatureShape shape = graph_.nodes()[source].shape;
    require_shape(node, matrix, "a matrix", {matrix.size(0), shape.count()});
    ConvolutionProblem problem;
    problem.input_channels = shape.channels;
    problem.output_channels = matrix.size(0);
    problem.kernel_height = shape.height;
    problem.kernel_width = shape.width;
    const NodeIndex result = add_layer(
        node, layer_name(node, 1), problem,
        matrix.reshape({matrix.size(0), shape.channels, shape.height, shape.width}), bias, source);
    set(node, {at::Tensor(), result, 2});
  }

  void gemm(const OnnxNode& node) {
    if (node.integer("transA", 0) != 0) node.refuse("transA 1, 0 expected");
    at::Tensor matrix = constant(node, 1).to(at::kFloat);
    if (matrix.dim() != 2) node.refuse("a matrix is expected as the second input");
    if (node.integer("transB", 0) == 0) matrix = matrix.t();
    matrix = matrix * node.real("alpha", 1.0);
    at::Tensor bias;
    if (has_input(node, 2)) {
      bias = constant(node, 2).to(at::kFloat).flatten() * node.real("beta", 1.0);
      if (bias.numel() == 1) bias = bias.expand({matrix.size(0)});
    }
    fully_connect(node, matrix, bias);
  }

  void matmul(const OnnxNode& node) {
    const at::Tensor matrix = constant(node, 1).to(at::kFloat);
    if (matrix.dim() != 2) node.refuse("a matrix is expected as the second input");
    fully_connect(node, matrix.t(), at::Tensor());
  }

  void batch_normalization(const OnnxNode& node) {
    if (node.integer("training_mode", 0) != 0) node.refuse("training_mode 1, 0 expected");
    const auto parameter = [&](int index) { return constant(node, index).to(at::kDouble); };
    const at::Tensor scale = parameter(1) / at::sqrt(parameter(4) + node.real("epsilon", 1e-5));
    scale_and_shift(node, scale, parameter(2) - parameter(3) * scale);
  }

  // --- Element by element.

  void identity(const OnnxNode& node) {
    if (node.type() == "Cast" && node.integer("to", 0) != onnx::TensorProto::FLOAT) {
      node.refuse("a cast of features to another type than float");
    }
    set(node, feature(node));
  }

  void relu(const OnnxNode& node) { apply(node, ClipOperation{0.0, kInfinity}, feature(node)); }

  void leaky_relu(const OnnxNode& node) {
    apply(node, LeakyReluOperation{node.real("alpha", 0.01F)}, feature(node));
  }

  void sigmoid(const OnnxNode& node) { apply(node, SigmoidOperation{}, feature(node)); }

  void clip(const OnnxNode& node) {
    const auto bound = [&](int index, const char* attribute, double otherwise) {
      if (!has_input(node, index)) return node.real(attribute, otherwise);
      return constant(node, index).to(at::kDouble).item<double>();
    };
    const double lower = bound(1, "min", -kInfinity);
    const double upper = bound(2, "max", kInfinity);
    if (!(lower <= upper)) node.refuse(fmt::format("bounds {} and {}", lower, upper));
    apply(node, ClipOperation{lower, upper}, feature(node));
  }

  void softmax(const OnnxNode& node) {
    const Value& x = feature(node);
    const std::int64_t axis = node.integer("axis", x.rank == 2 ? 1 : -1);
    if (axis != 1 && axis != 1 - x.rank) node.refuse(fmt::format("axis {}, 1 expected", axis));
    apply(node, SoftmaxOperation{}, x);
  }

  void add(const OnnxNode& node) {
    for (const int index : {0, 1}) {
      if (!input(node, index).is_constant()) continue;
      const at::Tensor shift = per_channel(node, index);
      return scale_and_shift(node, at::ones_like(shift), shift);
    }
    const Value& a = feature(node, 0);
    const Value& b = feature(node, 1);
    set(node, {at::Tensor(), graph_.apply(AddOperation{}, {a.node, b.node}, node.name()), a.rank});
  }

  void subtract_constant(const OnnxNode& node) {
    if (input(node, 0).is_constant()) node.refuse("a constant less features");
    const at::Tensor shift = per_channel(node, 1);
    scale_and_shift(node, at::ones_like(shift), -shift);
  }

  void scale_by_constant(const OnnxNode& node) {
    const int index = input(node, 0).is_constant() ? 0 : 1;
    if (!input(node, index).is_constant()) node.refuse("two tensors that both depend on the input");
    if (index == 0 && node.type() == "Div") node.refuse("a constant divided by features");
    at::Tensor scale = per_channel(node, index);
    if (node.type() == "Div") scale = 1.0 / scale;
    scale_and_shift(node, scale, at::zeros_like(scale));
  }

  // --- Pixels.

  void max_pool(const OnnxNode& node) {
    const Value& x = feature(node);
    const Window window = pool_window(node, x);
    apply(node,
          MaxPoolOperation{window.kernel_height, window.kernel_width, window.stride,
                           window.padding.top},
          x);
  }

  void average_pool(const OnnxNode& node) {
    const Value& x = feature(node);
    const Window window = pool_window(node, x);
    apply(node,
          AveragePoolOperation{window.kernel_height, window.kernel_width, window.stride,
                               window.padding.top, node.integer("count_include_pad", 0) != 0},
          x);
  }

  Window pool_window(const OnnxNode& node, const Value& x) const {
    const Window window = window_of(node, shape_of(x), node.integers("kernel_shape", {}));
    if (window.dilation != 1) node.refuse("a dilation");
    if (!window.padding.is_even()) node.refuse("uneven padding");
    const FeatureShape& shape = shape_of(x);
    const bool exact =
        (shape.height + 2 * window.padding.top - window.kernel_height) % window.stride == 0 &&
        (shape.width + 2 * window.padding.top - window.kernel_width) % window.stride == 0;
    if (node.integer("ceil_mode", 0) != 0 && !exact) node.refuse("ceil_mode 1 where it matters");
    return window;
  }

  void pool_everything(const OnnxNode& node, int rank) {
    const Value& x = feature(node);
    const FeatureShape shape = shape_of(x);
    const NodeIndex result = graph_.apply(
        AveragePoolOperation{shape.height, shape.width, 1, 0, false}, {x.node}, node.name());
    set(node, {at::Tensor(), result, rank});
  }

  void global_average_pool(const OnnxNode& node) { pool_everything(node, 4); }

  void reduce_mean(const OnnxNode& node) {
    std::vector<std::int64_t> axes =
        has_input(node, 1) ? integers_of(constant(node, 1)) : node.integers("axes", {});
    for (std::int64_t& axis : axes) axis += axis < 0 ? 4 : 0;
    std::sort(axes.begin(), axes.end());
    if (feature(node).rank != 4 || axes != std::vector<std::int64_t>{2, 3}) {
      node.refuse("a mean over other axes than height and width");
    }
    pool_everything(node, node.integer("keepdims", 1) != 0 ? 4 : 2);
  }

  void pad(const OnnxNode& node) {
    const Value& x = feature(node);
    const std::string mode = node.text("mode", "constant");
    const std::vector<std::int64_t> pads =
        has_input(node, 1) ? integers_of(constant(node, 1)) : node.integers("pads", {});
    const double filling = has_input(node, 2) ? constant(node, 2).to(at::kDouble).item<double>()
                                              : node.real("value", 0.0);
    if (mode != "constant" || filling != 0.0) {
      node.refuse(fmt::format("mode {} with value {}, constant with 0 expected", mode, filling));
    }
    if (pads.size() != 8 || x.rank != 4 || pads[0] != 0 || pads[1] != 0 || pads[4] != 0 ||
        pads[5] != 0) {
      node.refuse(fmt::format("pads [{}], height and width alone expected", fmt::join(pads, ", ")));
    }
    apply(node, PadOperation{pads[2], pads[3], pads[6], pads[7]}, x);
  }

  void concat(const OnnxNode& node) {
    std::vector<NodeIndex> inputs;
    for (int i = 0; i < node.proto().input_size(); ++i) inputs.push_back(feature(node, i).node);
    const int rank = feature(node).rank;
    const std::int64_t axis = node.integer("axis", 1);
    if (axis != 1 && axis != 1 - rank) node.refuse(fmt::format("axis {}, 1 expected", axis));
    set(node, {at::Tensor(), graph_.apply(ConcatenationOperation{}, inputs, node.name()), rank});
  }

  std::vector<std::int64_t> resized_size(const OnnxNode& node, const FeatureShape& x) const {
    const bool has_sizes = node.type() == "Resize" && has_input(node, 3);
    if (has_sizes) {
      const auto sizes = integers_of(constant(node, 3));
      if (sizes.size() != 4 || sizes[1] != x.channels) node.refuse("sizes that are not of 4 axes");
      return {sizes[2], sizes[3]};
    }
    const int index = node.type() == "Upsample" || node.proto().input_size() == 2 ? 1 : 2;
    const at::Tensor scales = constant(node, index).to(at::kDouble).flatten().contiguous();
    if (scales.numel() != 4) node.refuse("scales that are not of 4 axes");
    const double* scale = scales.data_ptr<double>();
    if (scale[0] != 1.0 || scale[1] != 1.0) node.refuse("scales of batch or channels");
    const auto size = [&](std::int64_t pixels, double factor) {
      return static_cast<std::int64_t>(std::floor(static_cast<double>(pixels) * factor));
    };
    return {size(x.height, scale[2]), size(x.width, scale[3])};
  }

  Interpolation interpolation_of(const OnnxNode& node, const FeatureShape& x,
                                 const std::vector<std::int64_t>& size) const {
    const bool upsample = node.type() == "Upsample";
    const std::string mode = node.text("mode", "nearest");
    const std::string coordinates =
        node.text("coordinate_transformation_mode", upsample ? "asymmetric" : "half_pixel");
    if (mode == "nearest") {
      const std::string nearest =
          node.text("nearest_mode", upsample ? "floor" : "round_prefer_floor");
      const bool whole = size[0] % x.height == 0 && size[1] % x.width == 0;
      // For whole factors both ways to round agree with floor(o * in / out).
      const bool known = (coordinates == "asymmetric" && nearest == "floor") ||
                         (coordinates == "half_pixel" && nearest.starts_with("round"));
      if (whole && known) return Interpolation::nearest;
    }
    if (mode == "linear" && coordinates == "align_corners") return Interpolation::bilinear_aligned;
    const bool pixels = size[0] > 1 && size[1] > 1;
    if (mode == "linear" &&
        (coordinates == "half_pixel" || (coordinates == "pytorch_half_pixel" && pixels))) {
      return Interpolation::bilinear_half_pixel;
    }
    node.refuse(fmt::format("mode {} with coordinates {} from {}x{} to {}x{}", mode, coordinates,
                            x.height, x.width, size[0], size[1]));
  }

  void resize(const OnnxNode& node) {
    const Value& x = feature(node);
    const FeatureShape shape = shape_of(x);
    const std::vector<std::int64_t> size = resized_size(node, shape);
    if (size[0] < 1 || size[1] < 1) node.refuse("a size below 1x1");
    apply(node, ResizeOperation{interpolation_of(node, shape, size), size[0], size[1]}, x);
  }

  // --- Shapes.

  void flatten_features(const OnnxNode& node, const Value& x) {
    const FeatureShape& shape = shape_of(x);
    if (shape.height == 1 && shape.width == 1) return set(node, {at::Tensor(), x.node, 2});
    set(node, {at::Tensor(), graph_.apply(FlattenOperation{}, {x.node}, node.name()), 2});
  }

  void flatten(const OnnxNode& node) {
    const std::int64_t axis = node.integer("axis", 1);
    const Value& x = feature(node);
    if (axis != 1 && axis != 1 - x.rank) node.refuse(fmt::format("axis {}, 1 expected", axis));
    flatten_features(node, x);
  }

  void reshape(const OnnxNode& node) {
    const Value& x = feature(node);
    const std::vector<std::int64_t> sizes = integers_of(constant(node, 1));
    const FeatureShape& shape = shape_of(x);
    const bool keeps_batch = !sizes.empty() && (sizes[0] == batch_ || sizes[0] <= 0);
    const auto fits = [](std::int64_t size, std::int64_t expected) {
      return size == expected || size == -1;
    };
    if (keeps_batch && sizes.size() == 2 && fits(sizes[1], shape.count())) {
      return flatten_features(node, x);
    }
    if (keeps_batch && sizes.size() == 4 && fits(sizes[1], shape.channels) &&
        fits(sizes[2], shape.height) && fits(sizes[3], shape.width)) {
      return set(node, {at::Tensor(), x.node, 4});
    }
    node.refuse(fmt::format("{} reshaped to [{}], only [batch, {}] is supported",
                            shape.description(), fmt::join(sizes, ", "), shape.count()));
  }

  void squeeze(const OnnxNode& node) {
    const Value& x = feature(node);
    std::vector<std::int64_t> axes =
        has_input(node, 1) ? integers_of(constant(node, 1)) : node.integers("axes", {});
    for (std::int64_t& axis : axes) axis += axis < 0 ? x.rank : 0;
    std::sort(axes.begin(), axes.end());
    const FeatureShape& shape = shape_of(x);
    if (x.rank != 4 || axes != std::vector<std::int64_t>{2, 3} || shape.height != 1 ||
        shape.width != 1) {
      node.refuse("other axes than a height and a width of 1");
    }
    set(node, {at::Tensor(), x.node, 2});
  }

  const onnx::ModelProto& model_;
  std::string file_;
  std::int64_t batch_ = 1;
  std::map<std::string, Value> values_;
  std::map<std::string, int> uses_;
  Graph graph_;
  NamedTensors tensors_;
};

}  // namespace

OnnxNetwork read_onnx_network(const std::filesystem::path& path, InputScaling scaling) {
  const onnx::ModelProto model = read_onnx_model(path);
  return OnnxImporter(model, path.string()).run(path.stem().string(), std::move(scaling));
}

}  // namespace mbm
