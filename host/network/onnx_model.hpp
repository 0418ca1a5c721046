// An ONNX file read and checked: its nodes, and typed access to their attributes and tensors.
// Format: https://github.com/onnx/onnx/blob/main/docs/IR.md
#pragma once

#include <ATen/ATen.h>
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mbm {

// Reads a model. Throws Error(input) that names the file if it is none, is truncated, has no graph
// or wants an operator set of another domain than ONNX's own.
onnx::ModelProto read_onnx_model(const std::filesystem::path& path);

// A tensor of an initializer or a Constant, of type float, double, float16 (as float32), int64,
// int32, int8, uint8 or bool. Throws Error(input) beginning with `where` for another type, for a
// tensor kept in another file and for data that does not fit the shape.
at::Tensor tensor_of(const onnx::TensorProto& proto, const std::string& where);

// A node's attributes, by name and type. Every message begins with the file, names the node and its
// operator.
class OnnxNode {
 public:
  OnnxNode(const onnx::NodeProto& proto, std::string file);

  const onnx::NodeProto& proto() const { return proto_; }
  const std::string& type() const { return proto_.op_type(); }

  // "net.onnx: node 'Conv_3' (Conv)".
  std::string where() const;

  // The node's name, or its first output's.
  const std::string& name() const;

  std::optional<std::int64_t> find_integer(const std::string& attribute) const;
  std::int64_t integer(const std::string& attribute, std::int64_t otherwise) const;
  double real(const std::string& attribute, double otherwise) const;
  std::string text(const std::string& attribute, const std::string& otherwise) const;
  std::vector<std::int64_t> integers(const std::string& attribute,
                                     std::vector<std::int64_t> otherwise) const;
  at::Tensor tensor(const std::string& attribute) const;

  // Throws Error(input) that names the node and says what is wrong with it.
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  const onnx::AttributeProto* find(const std::string& attribute,
                                   onnx::AttributeProto::AttributeType type) const;

  const onnx::NodeProto& proto_;
  std::string file_;
};

}  // namespace mbm
