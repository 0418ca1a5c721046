// mbm run for networks in integers from layer to layer, and for networks that see digits.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/energy/operation_counts.hpp"
#include "host/cli/network_inputs.hpp"
#include "host/cli/study_options.hpp"

namespace mbm {

// How a network computes in integers, and what an ONNX network reads.
struct IntegerOptions {
  std::string rounding = "nearest";
  std::string scaling = "multiply";  // or "divide"
  std::vector<float> input_mean;
  std::vector<float> input_deviation;
};

void add_integer_options(CLI::App& command, IntegerOptions& options);

// The network that the options name, and its images.
NetworkInputs load_network_inputs(const IntegerOptions& options, const StudyOptions& study);

// As integer_quantization(), with the options' rounding and way of scaling.
IntegerQuantization choose_quantization(const IntegerOptions& options, const StudyOptions& study,
                                        const NetworkInputs& inputs);

struct NetworkRunOptions {
  std::string arithmetic;  // "integer", "float-between" or empty: as the network was published
  IntegerOptions integer;
  std::size_t worst = 24;  // digits on the sheet

  // As the options of `run`.
  std::vector<std::string> multipliers;
  std::string layers;
  std::string images;
  std::size_t batch = 1;
  std::string format;
  std::string out;
  BitWidths widths;
  std::function<std::unique_ptr<ConvolutionEngine>(int threads)> make_engine;
};

void add_network_run_options(CLI::App& command, NetworkRunOptions& options);

// Whether the network or its arithmetic is one of those that run_network() is for.
bool is_network_run(const NetworkRunOptions& options, const StudyOptions& study);

// Evaluates the network and prints and writes the result.
void run_network(const NetworkRunOptions& options, const StudyOptions& study);

}  // namespace mbm
