// Convolutional networks from ONNX files.
#pragma once

#include <filesystem>
#include <memory>

#include "host/format/named_tensors.hpp"
#include "host/network/network.hpp"

namespace mbm {

struct OnnxNetwork {
  std::unique_ptr<const Network> network;
  NamedTensors tensors;  // weights and biases by the names of the network's layers
};

// Reads the network of `path`, called by the file's name without ending. Its input is scaled by
// `scaling`, which such a file does not hold; it predicts scores of classes if its output is one
// pixel, else inverse depth.
//
// It must have one input, float (batch, channels, height, width) with fixed channels and sizes, and
// one output. Gemm, MatMul and flattening become convolutions of the kernel's whole size, so that
// all products are products of convolution layers; ConvTranspose becomes InsertZerosOperation and a
// convolution; BatchNormalization is folded into the convolution before it or stands as a depthwise
// 1x1 layer; arithmetic on shapes is evaluated. Layers are called after their weights ("features.0"
// of "features.0.weight") or their nodes.
//
// Throws Error(input) that names the file, the node and its operator for everything that cannot be
// mapped exactly, and for a malformed file.
OnnxNetwork read_onnx_network(const std::filesystem::path& path, InputScaling scaling = {});

}  // namespace mbm
