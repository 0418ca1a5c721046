#include "host/network/onnx_constant.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

namespace mbm {
namespace {

using Inputs = std::vector<at::Tensor>;

std::vector<std::int64_t> integers_of(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.to(at::kLong).flatten().contiguous();
  return {flat.data_ptr<std::int64_t>(), flat.data_ptr<std::int64_t>() + flat.numel()};
}

// Axes are an attribute before operator set 13 and an input from there on.
std::vector<std::int64_t> axes_of(const OnnxNode& node, const Inputs& inputs) {
  if (inputs.size() > 1 && inputs[1].defined()) return integers_of(inputs[1]);
  return node.integers("axes", {});
}

at::Tensor unsqueeze(const OnnxNode& node, const Inputs& inputs) {
  at::Tensor result = inputs[0];
  std::vector<std::int64_t> axes = axes_of(node, inputs);
  std::sort(axes.begin(), axes.end());
  for (const std::int64_t axis : axes) result = result.unsqueeze(axis);
  return result;
}

at::Tensor squeeze(const OnnxNode& node, const Inputs& inputs) {
  at::Tensor result = inputs[0];
  std::vector<std::int64_t> axes = axes_of(node, inputs);
  if (axes.empty()) return result.squeeze();
  std::sort(axes.rbegin(), axes.rend());
  for (const std::int64_t axis : axes) result = result.squeeze(axis);
  return result;
}

at::Tensor slice(const OnnxNode& node, const Inputs& inputs) {
  const auto list = [&](std::size_t index, const char* attribute) {
    if (inputs.size() > index && inputs[index].defined()) return integers_of(inputs[index]);
    return node.integers(attribute, {});
  };
  const std::vector<std::int64_t> starts = list(1, "starts");
  const std::vector<std::int64_t> ends = list(2, "ends");
  const std::vector<std::int64_t> axes = list(3, "axes");
  const std::vector<std::int64_t> steps = list(4, "steps");
  if (starts.size() != ends.size()) node.refuse("starts and ends of different lengths");
  at::Tensor result = inputs[0];
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::int64_t axis = i < axes.size() ? axes[i] : static_cast<std::int64_t>(i);
    const std::int64_t step = i < steps.size() ? steps[i] : 1;
    if (step < 1) node.refuse(fmt::format("slice with step {}, at least 1 expected", step));
    result = result.slice(axis, starts[i], ends[i], step);
  }
  return result;
}

at::Tensor quotient(const at::Tensor& a, const at::Tensor& b) {
  const bool whole = !at::isFloatingType(a.scalar_type());
  return whole ? at::div(a, b, "trunc") : at::div(a, b);
}

at::Tensor cast(const OnnxNode& node, const at::Tensor& input) {
  switch (node.integer("to", 0)) {
    case onnx::TensorProto::FLOAT:
      return input.to(at::kFloat);
    case onnx::TensorProto::INT64:
      return input.to(at::kLong);
    case onnx::TensorProto::INT32:
      return input.to(at::kInt);
    case onnx::TensorProto::BOOL:
      return input.to(at::kBool);
    default:
      node.refuse("cast to a type other than float, int64, int32 or bool");
  }
}

at::Tensor constant_of_shape(const OnnxNode& node, const at::Tensor& shape) {
  const bool has_value =
      std::any_of(node.proto().attribute().begin(), node.proto().attribute().end(),
                  [](const auto& attribute) { return attribute.name() == "value"; });
  const at::Tensor value = has_value ? node.tensor("value") : at::zeros({1});
  const std::vector<std::int64_t> sizes = integers_of(shape);
  std::int64_t count = 1;
  for (const std::int64_t size : sizes) {
    if (size < 0 || (count *= size) > (1 << 24)) node.refuse("a constant of impossible shape");
  }
  return value.expand({1}).reshape({1}).expand({count}).reshape(sizes).clone();
}

at::Tensor evaluate(const OnnxNode& node, const Inputs& inputs) {
  static const std::map<std::string, std::function<at::Tensor(const OnnxNode&, const Inputs&)>>
      kOperators{
          {"Add", [](const OnnxNode&, const Inputs& x) { return x.at(0) + x.at(1); }},
          {"Sub", [](const OnnxNode&, const Inputs& x) { return x.at(0) - x.at(1); }},
          {"Mul", [](const OnnxNode&, const Inputs& x) { return x.at(0) * x.at(1); }},
          {"Div", [](const OnnxNode&, const Inputs& x) { return quotient(x.at(0), x.at(1)); }},
          {"Floor", [](const OnnxNode&, const Inputs& x) { return at::floor(x.at(0)); }},
          {"Ceil", [](const OnnxNode&, const Inputs& x) { return at::ceil(x.at(0)); }},
          {"Cast", [](const OnnxNode& n, const Inputs& x) { return cast(n, x.at(0)); }},
          {"Concat",
           [](const OnnxNode& n, const Inputs& x) { return at::cat(x, n.integer("axis", 0)); }},
          {"ConstantOfShape",
           [](const OnnxNode& n, const Inputs& x) { return constant_of_shape(n, x.at(0)); }},
          {"Gather",
           [](const OnnxNode& n, const Inputs& x) {
             const std::int64_t axis = n.integer("axis", 0);
             at::Tensor index = x.at(1).to(at::kLong);
             index = at::where(index < 0, index + x.at(0).size(axis), index);
             const at::Tensor picked = x.at(0).index_select(axis, index.flatten());
             return index.dim() == 0 ? picked.squeeze(axis) : picked;
           }},
          {"Identity", [](const OnnxNode&, const Inputs& x) { return x.at(0); }},
          {"Reshape",
           [](const OnnxNode&, const Inputs& x) { return x.at(0).reshape(integers_of(x.at(1))); }},
          {"Slice", slice},
          {"Squeeze", squeeze},
          {"Transpose",
           [](const OnnxNode& n, const Inputs& x) {
             const std::vector<std::int64_t> order = n.integers("perm", {});
             return order.empty() ? x.at(0).t() : x.at(0).permute(order);
           }},
          {"Unsqueeze", unsqueeze},
      };
  const auto found = kOperators.find(node.type());
  return found == kOperators.end() ? at::Tensor() : found->second(node, inputs);
}

}  // namespace

std::optional<at::Tensor> evaluate_constant(const OnnxNode& node, const Inputs& inputs) {
  try {
    const at::Tensor result = evaluate(node, inputs);
    if (!result.defined()) return std::nullopt;
    return result;
  } catch (const c10::Error& error) {
    const std::string reason = error.what_without_backtrace();
    node.refuse("constant operands that do not fit: " + reason.substr(0, reason.find('\n')));
  } catch (const std::out_of_range&) {
    node.refuse("too few operands");
  }
}

}  // namespace mbm
