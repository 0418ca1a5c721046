// The whole accelerator in Verilog, driven through its registers and memory, against the
// definitions.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "cmodel/array/convolution_lowering.hpp"
#include "cmodel/array/driver.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "testbench/accelerator_bench.hpp"
#include "tests/rtl/random_job.hpp"

namespace mbm {
namespace {

// A convolution with its requantisation, what the definitions make of it, and its program.
struct Layer {
  Layer(const ConvolutionProblem& problem, const AcceleratorParameters& parameters, unsigned seed)
      : generator(seed), job(test::random_operands_for(problem, generator)) {
    for (std::int64_t o = 0; o < problem.output_channels; ++o) {
      requantization.channels.push_back(
          channel_requantization(1e-4 * (1 + static_cast<double>(generator() % 16)), 0.5,
                                 static_cast<std::int32_t>(generator() % 20001) - 10000));
    }
    const ProductTable table = make_product_table("mbm");
    const Accumulators sums = ReferenceEngine().run(job.job(table));
    expected.resize(sums.size());
    requantize(sums, requantization, problem.output_height() * problem.output_width(), expected);

    LoweringContext context(parameters);
    DeviceConvolution layer{"layer", problem, job.weights, &requantization, {}, {}};
    layer.input =
        tensor(context, problem.input_height, problem.input_width, problem.input_channels);
    layer.output =
        tensor(context, problem.output_height(), problem.output_width(), problem.output_channels);
    lower_convolution(context, layer, true);
    program.parameters = parameters;
    program.commands = context.builder.take();
    program.command_address = context.allocate_memory(
        static_cast<std::int64_t>(program.commands.size()) * registers::kCommandBytes);
    program.segments = context.segments;
    program.inputs = {layer.input};
    program.output = layer.output;
    program.memory_bytes = context.memory_bytes;
  }

  static TensorView tensor(LoweringContext& context, std::int64_t height, std::int64_t width,
                           std::int64_t channels) {
    TensorView view{0, height, width, channels, 2 * channels, registers::Format::code16};
    view.address = context.allocate_memory(view.bytes());
    return view;
  }

  std::mt19937 generator;
  test::OwnedJob job;
  Requantization requantization;
  std::vector<std::int16_t> expected;
  AcceleratorProgram program;
};

std::vector<std::int16_t> run(SimulatedDevice& device, const Layer& layer) {
  AcceleratorDriver driver(device);
  driver.load(layer.program);
  driver.write_tensor(layer.program.inputs.front(), layer.job.activations);
  driver.run();
  return driver.read_tensor(layer.program.output);
}

const ConvolutionProblem kProblem{.input_channels = 5,
                                  .input_height = 9,
                                  .input_width = 11,
                                  .output_channels = 7,
                                  .kernel_height = 3,
                                  .kernel_width = 3,
                                  .padding = 1};

TEST(Accelerator, ConvolvesAsTheDefinitionsSay) {
  std::mt19937 generator(4);
  for (const double stalls : {0.0, 0.6}) {
    AxiMemoryOptions options{.latency = 5};
    options.stalls = {stalls, stalls, stalls, stalls, stalls};
    const auto device = make_accelerator_bench(options);
    const AcceleratorParameters parameters = AcceleratorDriver(*device).parameters();
    for (unsigned seed = 1; seed <= 6; ++seed) {
      ConvolutionProblem problem = seed == 1 ? kProblem : test::random_problem(generator);
      problem.batch = 1;  // a program computes one image
      SCOPED_TRACE(fmt::format("{}, seed {}, stalls {}", problem.description(), seed, stalls));
      const Layer layer(problem, parameters, seed);
      EXPECT_TRUE(run(*device, layer) == layer.expected);
    }
  }
}

TEST(Accelerator, AFlippedWeightIsFound) {
  const auto device = make_accelerator_bench({});
  Layer layer(kProblem, AcceleratorDriver(*device).parameters(), 3);
  for (MemorySegment& segment : layer.program.segments) segment.bytes[0] ^= 1;
  EXPECT_FALSE(run(*device, layer) == layer.expected);
}

// Every bit of the register port's data, and the answer of a register that is not there.
TEST(Accelerator, RegistersOfAllOnes) {
  const auto device = make_accelerator_bench({});
  for (const std::uint32_t value : {~0U, 0U, 0xa5a5'5a5aU}) {
    device->write_register(registers::kScratch, value);
    EXPECT_EQ(device->read_register(registers::kScratch), value);
  }
  EXPECT_EQ(device->try_read_register(0xffc).response, 2);
  EXPECT_EQ(device->try_write_register(0xffc, 0), 2);
}

}  // namespace
}  // namespace mbm
