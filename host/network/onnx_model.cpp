#include "host/network/onnx_model.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/stubs/logging.h>

#include <cstring>
#include <limits>
#include <utility>

#include "cmodel/common/error.hpp"
#include "host/format/input_file.hpp"

namespace mbm {
namespace {

template <typename T>
at::Tensor copy_values(const T* values, const std::vector<std::int64_t>& shape,
                       at::ScalarType type) {
  at::Tensor tensor = at::empty(shape, type);
  if (tensor.numel() > 0) std::memcpy(tensor.data_ptr(), values, tensor.nbytes());
  return tensor;
}

struct OnnxType {
  at::ScalarType type;
  std::size_t bytes;
};

OnnxType element_type(const onnx::TensorProto& proto, const std::string& where) {
  switch (proto.data_type()) {
    case onnx::TensorProto::FLOAT:
      return {at::kFloat, 4};
    case onnx::TensorProto::DOUBLE:
      return {at::kDouble, 8};
    case onnx::TensorProto::FLOAT16:
      return {at::kHalf, 2};
    case onnx::TensorProto::INT64:
      return {at::kLong, 8};
    case onnx::TensorProto::INT32:
      return {at::kInt, 4};
    case onnx::TensorProto::INT8:
      return {at::kChar, 1};
    case onnx::TensorProto::UINT8:
      return {at::kByte, 1};
    case onnx::TensorProto::BOOL:
      return {at::kBool, 1};
    default:
      fail(ErrorKind::input, "{}: element type {}, expected float, an integer of 8, 32 or 64 bits",
           where, proto.data_type());
  }
}

std::int64_t element_count(const onnx::TensorProto& proto, const std::string& where) {
  std::int64_t count = 1;
  for (const std::int64_t dimension : proto.dims()) {
    const std::int64_t limit = std::numeric_limits<std::int32_t>::max();
    if (dimension < 0 || (dimension > 0 && count > limit / dimension)) {
      fail(ErrorKind::input, "{}: shape [{}], expected at most {} elements", where,
           fmt::join(proto.dims(), ", "), limit);
    }
    count *= dimension;
  }
  return count;
}

void require_count(std::int64_t found, std::int64_t expected, const std::string& where) {
  if (found == expected) return;
  fail(ErrorKind::input, "{}: {} elements found, {} expected by its shape", where, found, expected);
}

}  // namespace

onnx::ModelProto read_onnx_model(const std::filesystem::path& path) {
  InputFile file(path);
  if (file.size() > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max())) {
    fail(ErrorKind::input, "{}: {} bytes, expected an ONNX file of less than 2 GiB", path.string(),
         file.size());
  }
  std::vector<std::uint8_t> bytes(file.size());
  file.read_at(0, bytes, "the model");
  const google::protobuf::LogSilencer silence;
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      model.graph().node_size() == 0) {
    fail(ErrorKind::input, "{}: no ONNX model, or a damaged one ({} bytes)", path.string(),
         bytes.size());
  }
  for (const onnx::OperatorSetIdProto& set : model.opset_import()) {
    if (!set.domain().empty() && set.domain() != "ai.onnx") {
      fail(ErrorKind::input, "{}: operators of domain '{}', only those of ONNX itself expected",
           path.string(), set.domain());
    }
  }
  return model;
}

at::Tensor tensor_of(const onnx::TensorProto& proto, const std::string& where) {
  if (proto.data_location() == onnx::TensorProto::EXTERNAL || proto.external_data_size() > 0) {
    fail(ErrorKind::input, "{}: data in another file, expected within the model", where);
  }
  const OnnxType type = element_type(proto, where);
  const std::vector<std::int64_t> shape(proto.dims().begin(), proto.dims().end());
  const std::int64_t count = element_count(proto, where);
  if (proto.has_raw_data()) {
    require_count(static_cast<std::int64_t>(proto.raw_data().size() / type.bytes), count, where);
    require_count(static_cast<std::int64_t>(proto.raw_data().size() % type.bytes), 0, where);
    const at::Tensor tensor = copy_values(proto.raw_data().data(), shape, type.type);
    return type.type == at::kHalf ? tensor.to(at::kFloat) : tensor;
  }
  switch (type.type) {
    case at::kFloat:
      require_count(proto.float_data_size(), count, where);
      return copy_values(proto.float_data().data(), shape, at::kFloat);
    case at::kDouble:
      require_count(proto.double_data_size(), count, where);
      return copy_values(proto.double_data().data(), shape, at::kDouble);
    case at::kLong:
      require_count(proto.int64_data_size(), count, where);
      return copy_values(proto.int64_data().data(), shape, at::kLong);
    default:
      break;
  }
  require_count(proto.int32_data_size(), count, where);
  const at::Tensor words = copy_values(proto.int32_data().data(), shape, at::kInt);
  // A float16 is kept as its bit pattern.
  if (type.type == at::kHalf) return words.to(at::kShort).view(at::kHalf).to(at::kFloat);
  return words.to(type.type);
}

OnnxNode::OnnxNode(const onnx::NodeProto& proto, std::string file)
    : proto_(proto), file_(std::move(file)) {}

const std::string& OnnxNode::name() const {
  static const std::string kNameless = "?";
  if (!proto_.name().empty()) return proto_.name();
  return proto_.output_size() > 0 ? proto_.output(0) : kNameless;
}

std::string OnnxNode::where() const {
  return fmt::format("{}: node '{}' ({})", file_, name(), type());
}

void OnnxNode::refuse(const std::string& what) const {
  fail(ErrorKind::input, "{}: {}", where(), what);
}

const onnx::AttributeProto* OnnxNode::find(const std::string& attribute,
                                           onnx::AttributeProto::AttributeType type) const {
  for (const onnx::AttributeProto& candidate : proto_.attribute()) {
    if (candidate.name() != attribute) continue;
    if (candidate.type() != type) {
      refuse(fmt::format("attribute {} of type {}, {} expected", attribute,
                         onnx::AttributeProto_AttributeType_Name(candidate.type()),
                         onnx::AttributeProto_AttributeType_Name(type)));
    }
    return &candidate;
  }
  return nullptr;
}

std::optional<std::int64_t> OnnxNode::find_integer(const std::string& attribute) const {
  const auto* found = find(attribute, onnx::AttributeProto::INT);
  if (found == nullptr) return std::nullopt;
  return found->i();
}

std::int64_t OnnxNode::integer(const std::string& attribute, std::int64_t otherwise) const {
  return find_integer(attribute).value_or(otherwise);
}

double OnnxNode::real(const std::string& attribute, double otherwise) const {
  const auto* found = find(attribute, onnx::AttributeProto::FLOAT);
  return found == nullptr ? otherwise : found->f();
}

std::string OnnxNode::text(const std::string& attribute, const std::string& otherwise) const {
  const auto* found = find(attribute, onnx::AttributeProto::STRING);
  return found == nullptr ? otherwise : found->s();
}

std::vector<std::int64_t> OnnxNode::integers(const std::string& attribute,
                                             std::vector<std::int64_t> otherwise) const {
  const auto* found = find(attribute, onnx::AttributeProto::INTS);
  if (found == nullptr) return otherwise;
  return {found->ints().begin(), found->ints().end()};
}

at::Tensor OnnxNode::tensor(const std::string& attribute) const {
  const auto* found = find(attribute, onnx::AttributeProto::TENSOR);
  if (found == nullptr) refuse(fmt::format("attribute {} is missing", attribute));
  return tensor_of(found->t(), where());
}

}  // namespace mbm
