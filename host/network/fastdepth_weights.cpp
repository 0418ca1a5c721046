#include "host/network/fastdepth_weights.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cmodel/common/error.hpp"
#include "host/format/byte_source.hpp"
#include "host/format/input_file.hpp"
#include "host/format/npz.hpp"

namespace mbm {
namespace {

using nlohmann::json;

// Scales of the conversion's tensors by number, and its operators.
class Conversion {
 public:
  explicit Conversion(const std::filesystem::path& path) : file_(path.string()) {
    InputFile file(path);
    std::string text(file.size(), '\0');
    file.read_at(0, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}, "the graph");
    try {
      document_ = json::parse(text);
      operators_ = document_.at("ops").get<std::vector<json>>();
    } catch (const json::exception& error) {
      fail(ErrorKind::input, "{}: no graph of the conversion: {}", file_, error.what());
    }
  }

  std::size_t size() const { return operators_.size(); }

  std::string type(std::size_t index) const {
    return field<std::string>(operators_[index], index, "op");
  }
  std::size_t output(std::size_t index) const {
    return field<std::vector<std::size_t>>(operators_[index], index, "outputs").at(0);
  }
  std::vector<std::int64_t> stride(std::size_t index) const {
    return field<std::vector<std::int64_t>>(operators_[index], index, "stride");
  }

  // The scale of a tensor whose codes are unsigned once their zero point is taken off.
  float scale(std::size_t tensor, std::size_t index) const {
    try {
      const json& entry = document_.at("activations").at(std::to_string(tensor));
      const auto scale = entry.at("scale").at(0).get<float>();
      const auto zero_point = entry.at("zero_point").at(0).get<int>();
      const int expected = entry.at("dtype") == "uint8" ? 0 : -128;
      if (zero_point == expected && scale > 0.0F && std::isfinite(scale)) return scale;
      fail(ErrorKind::input,
           "{}: operator {}: scale {} and zero point {}, a positive one and {} "
           "expected",
           file_, index, scale, zero_point, expected);
    } catch (const json::exception& error) {
      fail(ErrorKind::input, "{}: operator {}: {}", file_, index, error.what());
    }
  }

 private:
  template <typename T>
  T field(const json& entry, std::size_t index, const char* name) const {
    try {
      return entry.at(name).get<T>();
    } catch (const json::exception& error) {
      fail(ErrorKind::input, "{}: operator {}: {}", file_, index, error.what());
    }
  }

  std::string file_;
  json document_;
  std::vector<json> operators_;
};

// Weights of the conversion, (output, height, width, input) or (1, height, width, channel), in the
// layout of the layer.
at::Tensor layer_layout(const at::Tensor& weight, const ConvolutionLayer& layer) {
  const ConvolutionProblem& p = layer.problem;
  const at::Tensor ordered =
      p.groups > 1 ? weight.permute({3, 0, 1, 2}) : weight.permute({0, 3, 1, 2});
  return ordered.reshape(
      {p.output_channels, p.input_channels_per_group(), p.kernel_height, p.kernel_width});
}

class Reader {
 public:
  Reader(const std::filesystem::path& path, const Network& network)
      : file_(path.string()),
        archive_(path),
        conversion_(path.parent_path() / (path.stem().string() + "_graph.json")),
        network_(network) {
    result_.quantization.weight_format = OperandFormat::int8;
    result_.quantization.weight_steps.resize(network.layers().size());
    result_.quantization.tensors.assign(network.graph().nodes().size(),
                                        {1.0F, OperandFormat::uint8});
  }

  FastDepthWeights run() {
    const Graph& graph = network_.graph();
    std::size_t next = 0;  // operator
    result_.quantization.tensors[0].step = scale_of_next(next, "QUANTIZE");
    for (NodeIndex i = 1; i < graph.nodes().size(); ++i) {
      const Node& node = graph.nodes()[i];
      if (std::holds_alternative<ClipOperation>(node.operation)) {
        // Computed with the convolution before it, whose scale is that of the clipped tensor.
        result_.quantization.tensors[i] = result_.quantization.tensors[node.inputs[0]];
        continue;
      }
      if (next < conversion_.size() && conversion_.type(next) == "PAD") ++next;
      if (const auto* convolution = std::get_if<ConvolutionOperation>(&node.operation)) {
        const ConvolutionLayer& layer = network_.layers()[convolution->layer];
        const bool depthwise = layer.problem.groups > 1;
        const std::size_t place = next;
        result_.quantization.tensors[i].step =
            scale_of_next(next, depthwise ? "DEPTHWISE_CONV_2D" : "CONV_2D");
        read_layer(convolution->layer, place, result_.quantization.tensors[node.inputs[0]].step);
      } else {
        const bool adds = std::holds_alternative<AddOperation>(node.operation);
        result_.quantization.tensors[i].step =
            scale_of_next(next, adds ? "ADD" : "RESIZE_NEAREST_NEIGHBOR");
      }
    }
    return std::move(result_);
  }

 private:
  float scale_of_next(std::size_t& next, const std::string& expected) {
    if (next >= conversion_.size() || conversion_.type(next) != expected) {
      fail(ErrorKind::input, "{}: operator {} is {}, {} expected", file_, next,
           next < conversion_.size() ? conversion_.type(next) : "missing", expected);
    }
    const float scale = conversion_.scale(conversion_.output(next), next);
    ++next;
    return scale;
  }

  at::Tensor read(const std::string& name, at::IntArrayRef shape, at::ScalarType type) const {
    at::Tensor tensor = archive_.read_tensor(name);
    if (tensor.sizes() != shape || tensor.scalar_type() != type) {
      fail(ErrorKind::input, "{}: array '{}' is of another shape or type than layer {} expects",
           file_, name, name.substr(0, 4));
    }
    return tensor;
  }

  void read_layer(std::size_t index, std::size_t place, float activation_step) {
    const ConvolutionLayer& layer = network_.layers()[index];
    const ConvolutionProblem& p = layer.problem;
    const std::string& name = layer.parameter_name;
    if (name != fmt::format("op{:02}", place) || conversion_.stride(place).at(0) != p.stride) {
      fail(ErrorKind::input, "{}: operator {} found, layer {} ({}) of stride {} expected", file_,
           place, layer.name, name, p.stride);
    }
    const bool depthwise = p.groups > 1;
    const at::Tensor codes = read(
        name + "_w",
        depthwise
            ? at::IntArrayRef{1, p.kernel_height, p.kernel_width, p.output_channels}
            : at::IntArrayRef{p.output_channels, p.kernel_height, p.kernel_width, p.input_channels},
        at::kChar);
    const at::Tensor steps = read(name + "_wscale", {p.output_channels}, at::kFloat).contiguous();
    const at::Tensor bias = read(name + "_b", {p.output_channels}, at::kInt);
    if (!(steps > 0).all().item<bool>() || codes.eq(-128).any().item<bool>()) {
      fail(ErrorKind::input, "{}: '{}': steps that are not positive, or weights of -128", file_,
           name);
    }
    const at::Tensor step = steps.view({-1, 1, 1, 1});
    result_.tensors[name + ".weight"] =
        (layer_layout(codes, layer).to(at::kFloat) * step).contiguous();
    result_.tensors[name + ".bias"] =
        (bias.to(at::kDouble) * steps.to(at::kDouble) * activation_step).to(at::kFloat);
    result_.quantization.weight_steps[index].assign(steps.data_ptr<float>(),
                                                    steps.data_ptr<float>() + steps.numel());
  }

  std::string file_;
  NpzFile archive_;
  Conversion conversion_;
  const Network& network_;
  FastDepthWeights result_;
};

}  // namespace

FastDepthWeights read_fastdepth_weights(const std::filesystem::path& path, const Network& network) {
  return Reader(path, network).run();
}

}  // namespace mbm
