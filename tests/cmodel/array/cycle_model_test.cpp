// The cycle model: its counters agree with what the program says, its attribution covers every
// cycle, and the decoder of the depth study keeps the array busy. That it equals the hardware is
// tested where the Verilated accelerator is.
#include "cmodel/array/cycle_model.hpp"

#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <span>

#include "cmodel/array/network_lowering.hpp"
#include "cmodel/array/network_report.hpp"
#include "tests/cmodel/array/random_network.hpp"
#include "tests/support/expect_error.hpp"

namespace mbm {
namespace {

std::uint64_t counter(const CycleReport& report, const registers::Counter& wanted) {
  for (std::size_t i = 0; i < registers::kCounters.size(); ++i) {
    if (registers::kCounters[i].address == wanted.address) return report.counters[i];
  }
  return 0;
}

TEST(CycleModel, EveryCycleHasOneCause) {
  const ProductTable table = make_product_table("mbm");
  for (unsigned seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    test::RandomNetwork random(seed, 5);
    if (random.network().nodes.empty()) continue;
    AcceleratorParameters parameters = AcceleratorParameters::of_size(8, 4);
    parameters.bus_bytes = 8;
    const LoweredNetwork lowered = lower_network(random.network(), parameters, table);
    const CycleReport report =
        predict_cycles(lowered.program, {.latency = 1 + static_cast<int>(seed)});
    std::uint64_t causes = 0;
    for (std::size_t i = 0; i < registers::kCounters.size(); ++i) {
      if (registers::kCounters[i].cause >= 0) causes += report.counters[i];
    }
    EXPECT_EQ(causes, report.cycles());
    std::uint64_t of_commands = 0;
    for (const CauseCycles& one : report.commands) {
      of_commands = std::accumulate(one.begin(), one.end(), of_commands);
    }
    EXPECT_EQ(of_commands, report.commands.empty() ? 0 : report.cycles());
    EXPECT_EQ(counter(report, registers::counter::kCompute),
              counter(report, registers::counter::kPositions));
  }
}

// A pass by hand, docs/accelerator.md, section 10: the second tile follows the first one after
// max(n, 2 R + C - 2) cycles.
TEST(CycleModel, ATileTakesItsPositionsOrTheTimeOfItsWeights) {
  const auto cycles = [](std::int64_t size) {
    ConvolutionProblem problem;
    problem.input_channels = 4;
    problem.output_channels = 4;
    problem.input_height = 1;
    problem.input_width = size;
    problem.kernel_height = 3;  // three tiles: their rows are padding, or not
    problem.padding = 0;
    problem.input_height = 3;
    Requantization requantization;
    requantization.channels.resize(4);
    const auto network =
        convolution_network("layer", problem, std::vector<std::int16_t>(48, 1), requantization);
    AcceleratorParameters parameters = AcceleratorParameters::of_size(4, 4);
    return predict_cycles(lower_network(network, parameters, make_product_table("exact")).program);
  };
  // 2 R + C - 2 = 10: below that more positions cost nothing but in the last tile.
  const CycleReport few = cycles(9);
  const CycleReport more = cycles(40);
  EXPECT_EQ(counter(few, registers::counter::kTiles), 3U);
  EXPECT_EQ(counter(few, registers::counter::kPositions), 27U);
  EXPECT_EQ(
      counter(few, registers::counter::kWeights) + counter(few, registers::counter::kBusData) +
          counter(few, registers::counter::kBusRequest),
      counter(few, registers::counter::kCycles) - 27U - counter(few, registers::counter::kDrain) -
          counter(few, registers::counter::kIdle) - counter(few, registers::counter::kActivations));
  EXPECT_EQ(counter(more, registers::counter::kPositions), 120U);
}

// Two layers: their cycles are those of the network, their bytes those of their tensors.
TEST(NetworkReport, LayersAddUp) {
  const auto parameters = AcceleratorParameters::of_size(4, 4);
  IntegerNetwork network;
  network.tensors = {{"in", 4, 8, 8, OperandFormat::int8},
                     {"pooled", 4, 4, 4, OperandFormat::int8},
                     {"out", 4, 4, 4, OperandFormat::int8}};
  ConvolutionProblem problem;
  problem.input_channels = problem.output_channels = 4;
  problem.input_height = problem.input_width = 4;
  Requantization requantization;
  requantization.channels.resize(4);
  requantization.lowest = -127;
  requantization.highest = 127;
  network.nodes = {{"pool", IntegerMaxPool{2, 2, 2, 0}, {0}, 1},
                   {"layer",
                    IntegerConvolution{problem, std::vector<std::int16_t>(16, 1), requantization},
                    {1},
                    2}};
  network.inputs = {0};
  network.output = 2;
  const LoweredNetwork lowered = lower_network(network, parameters, make_product_table("exact"));
  const CycleReport report = predict_cycles(lowered.program);
  const auto costs = layer_costs(lowered, report);
  ASSERT_EQ(costs.size(), 2U);
  EXPECT_EQ(costs[0].cycles + costs[1].cycles, report.cycles());
  EXPECT_EQ(costs[0].bytes_read, 256);
  EXPECT_EQ(costs[0].bytes_written, 64);
  EXPECT_EQ(costs[1].products, 256);
  // Operands, parameters, and the weights once for each band.
  const std::int64_t bands = 4 / lowered.nodes[1].plan->band_rows;
  const std::int64_t bytes = 64 + 4 * 16 + bands * 16;
  EXPECT_EQ(costs[1].bytes_read, bytes);
  const double intensity = 256.0 / static_cast<double>(bytes + 64);
  EXPECT_DOUBLE_EQ(costs[1].arithmetic_intensity(), intensity);
  EXPECT_DOUBLE_EQ(costs[1].attainable_products(parameters, 4), 4 * intensity);
  EXPECT_DOUBLE_EQ(costs[1].attainable_products(parameters, 1000), 16.0);
  EXPECT_DOUBLE_EQ(costs[0].utilisation(parameters), 0.0);
}

// A `lut` grid's table, 65,536 products of two bytes, is loaded for the first layer.
TEST(NetworkReport, ATableCountsToTheFirstLayer) {
  ConvolutionProblem problem;
  problem.input_channels = problem.output_channels = 4;
  Requantization requantization;
  requantization.channels.resize(4);
  const auto network =
      convolution_network("layer", problem, std::vector<std::int16_t>(16, 1), requantization);
  const auto bytes = [&](ElementKind kind) {
    auto parameters = AcceleratorParameters::of_size(4, 4);
    parameters.kind = kind;
    const auto lowered = lower_network(network, parameters, make_product_table("exact"));
    return layer_costs(lowered, predict_cycles(lowered.program)).at(0).bytes_read;
  };
  EXPECT_EQ(bytes(ElementKind::lut) - bytes(ElementKind::exact), 131072);
}

TEST(CycleModel, AProgramThatCannotEndIsNamed) {
  AcceleratorProgram program;
  program.parameters = AcceleratorParameters::of_size(4, 4);
  ConvolutionPass convolve;  // its weights never come
  convolve.geometry.ring_size = 1;
  program.commands = {{{}, convolve}};
  test::expect_error(ErrorKind::internal, {"0 of 1 commands end"},
                     [&] { predict_cycles(program); });
  convolve.channels = 5;
  program.commands = {{{}, convolve}};
  test::expect_error(ErrorKind::usage, {"refuses command 0 (CONVOLVE) with code 3"},
                     [&] { predict_cycles(program); });
}

// The decoder convolutions of densedepth-mobilenetv2 (../shared/depth-study.md, table 1.2).
struct DecoderLayer {
  std::int64_t inputs, outputs, kernel, height, width;
};
constexpr std::array<DecoderLayer, 14> kDecoder{{{1280, 512, 1, 15, 20},
                                                 {832, 256, 3, 15, 20},
                                                 {256, 256, 3, 15, 20},
                                                 {416, 256, 3, 15, 20},
                                                 {256, 256, 3, 15, 20},
                                                 {320, 128, 3, 30, 40},
                                                 {128, 128, 3, 30, 40},
                                                 {160, 64, 3, 60, 80},
                                                 {64, 64, 3, 60, 80},
                                                 {88, 64, 3, 120, 160},
                                                 {64, 64, 3, 120, 160},
                                                 {80, 32, 3, 240, 320},
                                                 {32, 32, 3, 240, 320},
                                                 {32, 1, 3, 240, 320}}};

double decoder_utilisation(const MemoryTiming& memory, std::size_t layers = kDecoder.size()) {
  const ProductTable table = make_product_table("mbm");
  const auto parameters = AcceleratorParameters::of_size(32, 32);
  double products = 0;
  double cycles = 0;
  for (const DecoderLayer& layer : std::span(kDecoder).first(layers)) {
    ConvolutionProblem problem;
    problem.input_channels = layer.inputs;
    problem.output_channels = layer.outputs;
    problem.kernel_height = problem.kernel_width = layer.kernel;
    problem.input_height = layer.height;
    problem.input_width = layer.width;
    problem.padding = 1;
    Requantization requantization;
    requantization.channels.resize(static_cast<std::size_t>(layer.outputs));
    requantization.lowest = -127;
    requantization.highest = 127;
    const auto network = convolution_network(
        "layer", problem,
        std::vector<std::int16_t>(static_cast<std::size_t>(problem.weight_count()), 1),
        requantization, OperandFormat::int8, OperandFormat::int8);
    const auto report = predict_cycles(lower_network(network, parameters, table).program, memory);
    products += static_cast<double>(problem.product_count());
    cycles += static_cast<double>(report.cycles());
  }
  return products / (cycles * 32 * 32);
}

TEST(CycleModel, TheDecoderKeepsTheArrayBusy) {
  EXPECT_GT(decoder_utilisation({}), 0.90);
  EXPECT_GT(decoder_utilisation({.latency = 100, .bytes_per_cycle = 16}), 0.80);
  // A memory of a byte a cycle cannot: the first layer moves three million bytes.
  EXPECT_LT(decoder_utilisation({.latency = 100, .bytes_per_cycle = 1}, 1), 0.15);
}

// The same decoder whole: interpolations and concatenations between its convolutions, one program.
class WholeDecoder {
 public:
  explicit WholeDecoder(OperandFormat format) : format_(format) {
    network_.inputs = {tensor("features", 1280, 15, 20)};
    std::size_t x = convolution(network_.inputs[0], 512, 1);
    struct Block {
      std::int64_t skip, height, width, outputs;
    };
    for (const Block& block : std::initializer_list<Block>{{320, 15, 20, 256},
                                                           {160, 15, 20, 256},
                                                           {64, 30, 40, 128},
                                                           {32, 60, 80, 64},
                                                           {24, 120, 160, 64},
                                                           {16, 240, 320, 32}}) {
      const std::int64_t channels = network_.tensors[x].channels;
      const std::size_t resized = tensor("resized", channels, block.height, block.width);
      network_.nodes.push_back({"interpolation", IntegerBilinearUpsample{}, {x}, resized});
      const std::size_t skip = tensor("skip", block.skip, block.height, block.width);
      network_.inputs.push_back(skip);
      x = tensor("both", channels + block.skip, block.height, block.width);
      network_.nodes.push_back({"concatenation", IntegerConcatenation{}, {resized, skip}, x});
      x = convolution(convolution(x, block.outputs, 3), block.outputs, 3);
    }
    network_.output = convolution(x, 1, 3);
  }

  double utilisation(const MemoryTiming& memory, std::int64_t lanes) const {
    auto parameters = AcceleratorParameters::of_size(32, 32);
    if (lanes > 0) parameters.lanes = lanes;
    const auto lowered = lower_network(network_, parameters, make_product_table("mbm"));
    double products = 0;
    for (const LoweredNode& node : lowered.nodes) products += static_cast<double>(node.products);
    const auto cycles = predict_cycles(lowered.program, memory).cycles();
    return products / (static_cast<double>(cycles) * 32 * 32);
  }

 private:
  std::size_t tensor(const char* name, std::int64_t channels, std::int64_t height,
                     std::int64_t width) {
    network_.tensors.push_back({name, channels, height, width, format_});
    return network_.tensors.size() - 1;
  }

  // Weights of the widest codes of the format.
  std::size_t convolution(std::size_t input, std::int64_t outputs, std::int64_t kernel) {
    ConvolutionProblem problem;
    problem.input_channels = network_.tensors[input].channels;
    problem.input_height = network_.tensors[input].height;
    problem.input_width = network_.tensors[input].width;
    problem.output_channels = outputs;
    problem.kernel_height = problem.kernel_width = kernel;
    problem.padding = 1;
    Requantization requantization;
    requantization.channels.resize(static_cast<std::size_t>(outputs));
    requantization.lowest = -127;
    requantization.highest = 127;
    std::vector<std::int16_t> weights(static_cast<std::size_t>(problem.weight_count()),
                                      static_cast<std::int16_t>(largest_code(format_)));
    weights[0] = static_cast<std::int16_t>(smallest_code(format_));
    const std::size_t output =
        tensor("sums", outputs, problem.output_height(), problem.output_width());
    network_.nodes.push_back(
        {"convolution", IntegerConvolution{problem, weights, requantization}, {input}, output});
    return output;
  }

  OperandFormat format_;
  IntegerNetwork network_;
};

TEST(CycleModel, TheWholeDecoderKeepsTheArrayBusy) {
  const MemoryTiming far{.latency = 100, .bytes_per_cycle = 16};
  const WholeDecoder bytes(OperandFormat::int8);
  EXPECT_GT(bytes.utilisation({}, 0), 0.90);
  EXPECT_GT(bytes.utilisation(far, 0), 0.90);
  // Codes of nine bits take two bytes.
  const WholeDecoder pairs(OperandFormat::sign_magnitude8);
  EXPECT_GT(pairs.utilisation({}, 0), 0.86);
  EXPECT_GT(pairs.utilisation(far, 0), 0.83);
  // Four lanes leave the array waiting for interpolation.
  EXPECT_LT(bytes.utilisation({}, 4), 0.75);
}

}  // namespace
}  // namespace mbm
