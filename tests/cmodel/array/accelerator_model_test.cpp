// Lowering, driver and functional model of the accelerator, against the reference engine and the
// executor of integer networks.
#include "cmodel/array/accelerator_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cmodel/array/driver.hpp"
#include "cmodel/array/network_lowering.hpp"
#include "cmodel/common/error.hpp"
#include "cmodel/network/integer_execution.hpp"
#include "tests/cmodel/array/random_network.hpp"
#include "tests/support/expect_error.hpp"

namespace mbm {
namespace {

using test::Draw;

std::vector<std::int16_t> run_on_model(const LoweredNetwork& lowered, const ProductTable& table,
                                       const std::vector<Codes>& inputs) {
  AcceleratorModel model(lowered.program.parameters, table, lowered.program.memory_bytes);
  AcceleratorDriver driver(model);
  driver.load(lowered.program);
  return run_on_device(driver, lowered, inputs, 1);
}

Codes expected_codes(const IntegerNetwork& network, const ProductTable& table,
                     const std::vector<Codes>& inputs) {
  ReferenceEngine engine;
  return run_integer_network(network, inputs, 1, table, engine);
}

// A multiplier whose products with 0 are not 0: nothing may be packed, nothing left out.
ProductTable table_without_zeros() {
  const ProductTable mbm = make_product_table("mbm");
  std::vector<std::uint16_t> products(mbm.products().begin(), mbm.products().end());
  for (std::size_t i = 0; i < 256; ++i) {
    products[i] = static_cast<std::uint16_t>(i);
    products[256 * i] = static_cast<std::uint16_t>(3 * i % 17);
  }
  return {"products with 0", products};
}

struct RandomConvolution {
  IntegerNetwork network;
  std::vector<Codes> inputs;
};

RandomConvolution random_convolution(Draw& draw) {
  ConvolutionProblem problem = test::random_problem(draw.generator());
  problem.batch = 1;
  const OperandFormat input = test::random_format(draw);
  const OperandFormat output = test::random_format(draw);
  return {convolution_network(
              "layer", problem, test::random_operands(problem.weight_count(), draw.generator()),
              test::random_requantization(problem.output_channels, output, draw), input, output),
          {test::random_codes(problem.activation_count(), input, draw)}};
}

TEST(AcceleratorModel, ConvolutionsOfEveryGeometryEqualTheReference) {
  const ProductTable mbm = make_product_table("mbm");
  const ProductTable odd = table_without_zeros();
  int parts = 0;
  int packed = 0;
  int rings = 0;
  int refused = 0;
  for (unsigned seed = 0; seed < 600; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const RandomConvolution job = random_convolution(draw);
    AcceleratorParameters parameters = test::random_accelerator(draw);
    if (draw(0, 3) == 0) parameters.kind = ElementKind::lut;
    const ProductTable& table = draw(0, 4) == 0 ? odd : mbm;
    const auto fitting = test::lower_if_it_fits(job.network, parameters, table);
    if (!fitting) {
      ++refused;
      continue;
    }
    const LoweredNetwork& lowered = *fitting;
    const ConvolutionPlan& plan = *lowered.nodes[0].plan;
    parts += plan.ring ? 0 : 1;
    packed += plan.pack > 1 ? 1 : 0;
    rings += plan.ring && plan.ring_rows < plan.problem.input_height ? 1 : 0;
    EXPECT_EQ(run_on_model(lowered, table, job.inputs),
              expected_codes(job.network, table, job.inputs));
  }
  // Every way of cutting was there.
  EXPECT_GT(parts, 10);
  EXPECT_GT(packed, 10);
  EXPECT_GT(rings, 50);
  EXPECT_LT(refused, 30);
}

TEST(AcceleratorModel, ChainedNetworksEqualTheExecutor) {
  const ProductTable table = make_product_table("drum:6");
  int refused = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    test::RandomNetwork random(seed, 6);
    if (random.network().nodes.empty()) continue;
    const AcceleratorParameters parameters = test::random_accelerator(random.draw());
    const IntegerTensor& input = random.network().tensors[0];
    const std::vector<Codes> inputs{test::random_codes(input.count(), input.format, random.draw())};
    const auto fitting = test::lower_if_it_fits(random.network(), parameters, table);
    if (!fitting) {
      ++refused;
      continue;
    }
    const LoweredNetwork& lowered = *fitting;
    EXPECT_EQ(run_on_model(lowered, table, inputs),
              expected_codes(random.network(), table, inputs));
  }
  EXPECT_LT(refused, 60);
}

// An upsampling and a convolution that reads it beside another tensor.
IntegerNetwork upsampled_network(std::int64_t height, std::int64_t width) {
  IntegerNetwork network;
  network.tensors = {{"low", 6, 10, 8},
                     {"skip", 3, height, width},
                     {"high", 6, height, width},
                     {"both", 9, height, width},
                     {"sums", 8, height, width}};
  IntegerConvolution convolution;
  convolution.problem = {.input_channels = 9,
                         .input_height = height,
                         .input_width = width,
                         .output_channels = 8,
                         .kernel_height = 3,
                         .kernel_width = 3,
                         .padding = 1};
  Draw draw(3);
  convolution.weights = test::random_operands(convolution.problem.weight_count(), draw.generator());
  convolution.requantization = test::random_requantization(8, OperandFormat::sign_magnitude8, draw);
  network.nodes = {{"upsampling", IntegerBilinearUpsample{}, {0}, 2},
                   {"concatenation", IntegerConcatenation{}, {2, 1}, 3},
                   {"convolution", convolution, {3}, 4}};
  network.inputs = {0, 1};
  network.output = 4;
  return network;
}

// RESIZE commands that come after the first pass.
std::ptrdiff_t resizes_after_convolution(const LoweredNetwork& lowered) {
  const std::vector<Command>& commands = lowered.program.commands;
  const auto first = std::ranges::find_if(commands, [](const Command& one) {
    return std::holds_alternative<ConvolutionPass>(one.operation);
  });
  return std::count_if(first, commands.end(), [](const Command& one) {
    return std::holds_alternative<Resize>(one.operation);
  });
}

TEST(AcceleratorModel, AnUpsamplingGoesOnAmongThePassesThatReadIt) {
  const ProductTable table = make_product_table("mbm");
  AcceleratorParameters parameters = AcceleratorParameters::of_size(8, 8);
  parameters.sum_depth = 64;
  parameters.output_depth = 1024;
  Draw draw(5);
  const IntegerNetwork network = upsampled_network(20, 16);
  const std::vector<Codes> inputs{test::random_codes(480, OperandFormat::sign_magnitude8, draw),
                                  test::random_codes(960, OperandFormat::sign_magnitude8, draw)};
  const LoweredNetwork among = lower_network(network, parameters, table);
  EXPECT_GT(resizes_after_convolution(among), 2);
  EXPECT_EQ(run_on_model(among, table, inputs), expected_codes(network, table, inputs));
  // Both rings need more of the scratchpad than there is: one after the other.
  parameters.activation_depth = 512;
  const LoweredNetwork before = lower_network(network, parameters, table);
  EXPECT_EQ(resizes_after_convolution(before), 0);
  EXPECT_EQ(run_on_model(before, table, inputs), expected_codes(network, table, inputs));
}

TEST(AcceleratorModel, AnUpsamplingToTheSameSizeIsNone) {
  const ProductTable table = make_product_table("mbm");
  const AcceleratorParameters parameters = AcceleratorParameters::of_size(8, 8);
  Draw draw(5);
  const IntegerNetwork network = upsampled_network(10, 8);
  const LoweredNetwork lowered = lower_network(network, parameters, table);
  EXPECT_EQ(lowered.nodes[0].end_command, lowered.nodes[0].first_command);
  const std::vector<Codes> inputs{test::random_codes(480, OperandFormat::sign_magnitude8, draw),
                                  test::random_codes(240, OperandFormat::sign_magnitude8, draw)};
  EXPECT_EQ(run_on_model(lowered, table, inputs), expected_codes(network, table, inputs));
}

TEST(AcceleratorModel, AveragePoolIsExactWhereAWeightIs) {
  IntegerNetwork network;
  network.tensors = {{"in", 3, 6, 5}, {"out", 3, 3, 2}};
  IntegerAveragePool pool;
  pool.kernel_height = pool.kernel_width = pool.stride = 2;
  pool.requantization.channels.assign(
      3, {.bias = 1, .multiplier = 16384, .negative_multiplier = 16384, .shift = 16});
  network.nodes = {{"pool", pool, {0}, 1}};
  network.inputs = {0};
  network.output = 1;
  Draw draw(1);
  const std::vector<Codes> inputs{test::random_codes(90, OperandFormat::sign_magnitude8, draw)};
  const auto parameters = AcceleratorParameters::of_size(4, 4);
  // Mitchell's product is exact for powers of two; the paper's correction spoils all of them.
  const ProductTable mitchell = make_product_table("mitchell");
  EXPECT_EQ(run_on_model(lower_network(network, parameters, mitchell), mitchell, inputs),
            expected_codes(network, mitchell, inputs));
  test::expect_error(ErrorKind::usage, {"layer 'pool': this average pool needs a weight"},
                     [&] { lower_network(network, parameters, make_product_table("mbm")); });
}

// Two rings in a scratchpad that has room for both, but not behind what was there before: they must
// not lie on each other.
TEST(AcceleratorModel, TensorsOfAnAdditionKeepApart) {
  const ProductTable table = make_product_table("mbm");
  AcceleratorParameters parameters = AcceleratorParameters::of_size(8, 8);
  parameters.sum_depth = 128;
  parameters.activation_depth = 4096;
  parameters.output_depth = 2048;
  parameters.parameter_depth = 32;
  IntegerNetwork network;
  network.tensors = {{"in", 5, 6, 9}, {"large", 5, 18, 27}, {"sum", 5, 18, 27}};
  network.nodes = {{"large", IntegerNearestUpsample{}, {0}, 1},
                   {"sum", IntegerAddition{{40000, 30000, 16}}, {1, 1}, 2}};
  network.inputs = {0};
  network.output = 2;
  Draw draw(1);
  const std::vector<Codes> inputs{
      test::random_codes(5 * 6 * 9, OperandFormat::sign_magnitude8, draw)};
  EXPECT_EQ(run_on_model(lower_network(network, parameters, table), table, inputs),
            expected_codes(network, table, inputs));
}

// --- what must fail

// A convolution in several bands and tiles on a small accelerator.
struct Bands {
  Bands() {
    Draw draw(7);
    ConvolutionProblem problem;
    problem.input_channels = 6;
    problem.output_channels = 9;
    problem.input_height = problem.input_width = 12;
    problem.kernel_height = problem.kernel_width = 3;
    problem.padding = 1;
    parameters.activation_depth = 512;
    parameters.sum_depth = 32;
    parameters.output_depth = 256;
    network = convolution_network(
        "layer", problem, test::random_operands(problem.weight_count(), draw.generator()),
        test::random_requantization(9, OperandFormat::sign_magnitude8, draw));
    inputs = {test::random_codes(problem.activation_count(), OperandFormat::sign_magnitude8, draw)};
    lowered = lower_network(network, parameters, table);
  }

  ProductTable table = make_product_table("mbm");
  AcceleratorParameters parameters = AcceleratorParameters::of_size(4, 4);
  IntegerNetwork network;
  std::vector<Codes> inputs;
  LoweredNetwork lowered;
};

TEST(AcceleratorModel, EveryRemovedFenceIsFound) {
  const Bands bands;
  ASSERT_EQ(run_on_model(bands.lowered, bands.table, bands.inputs),
            expected_codes(bands.network, bands.table, bands.inputs));
  int removed = 0;
  for (std::size_t c = 0; c < bands.lowered.program.commands.size(); ++c) {
    for (auto fence : {&Fences::activations, &Fences::others, &Fences::read, &Fences::drained,
                       &Fences::stores}) {
      LoweredNetwork broken = bands.lowered;
      Fences& fences = broken.program.commands[c].fences;
      if (!(fences.*fence)) continue;
      (fences.*fence).reset();
      ++removed;
      test::expect_error(ErrorKind::internal, {"no fence before it"},
                         [&] { run_on_model(broken, bands.table, bands.inputs); });
    }
  }
  EXPECT_GT(removed, 20);
}

TEST(AcceleratorModel, AFenceForTheFutureIsFound) {
  Bands bands;
  bands.lowered.program.commands[0].fences.stores = 1;
  test::expect_error(ErrorKind::internal, {"fence: waits for 1 stores, 0 come before it"},
                     [&] { run_on_model(bands.lowered, bands.table, bands.inputs); });
}

TEST(AcceleratorModel, AFlippedWeightChangesTheResult) {
  Bands bands;
  const Codes expected = expected_codes(bands.network, bands.table, bands.inputs);
  // The first segment holds the weights.
  auto& bytes = bands.lowered.program.segments[0].bytes;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    if (bytes[i] == 0) continue;
    bytes[i] ^= 0x40;
    break;
  }
  EXPECT_NE(run_on_model(bands.lowered, bands.table, bands.inputs), expected);
}

TEST(AcceleratorModel, AWrongRingIsFound) {
  Bands bands;
  const Codes expected = expected_codes(bands.network, bands.table, bands.inputs);
  for (Command& command : bands.lowered.program.commands) {
    auto* convolve = std::get_if<ConvolutionPass>(&command.operation);
    if (convolve == nullptr || convolve->geometry.ring_first == 0) continue;
    convolve->geometry.ring_first -= convolve->geometry.ring_tap_step;
    break;
  }
  Codes found;
  try {
    found = run_on_model(bands.lowered, bands.table, bands.inputs);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::internal);
  }
  EXPECT_NE(found, expected);
}

// --- refusals of the hardware

TEST(AcceleratorModel, RefusesWithTheCodesOfTheHardware) {
  Bands bands;
  const auto refused = [&](auto change, const std::string& message) {
    LoweredNetwork broken = bands.lowered;
    for (Command& command : broken.program.commands) {
      if (auto* convolve = std::get_if<ConvolutionPass>(&command.operation)) {
        change(*convolve);
        break;
      }
    }
    test::expect_error(ErrorKind::device, {message},
                       [&] { run_on_model(broken, bands.table, bands.inputs); });
  };
  refused([](ConvolutionPass& c) { c.geometry.rows = 0; },
          "(CONVOLVE): the compute core refuses it with code 2");
  refused([](ConvolutionPass& c) { c.channels = 5; }, "code 3");
  refused([](ConvolutionPass& c) { c.geometry.ring_first = c.geometry.ring_size; }, "code 4");
  refused([](ConvolutionPass& c) { c.sum_bits = 7; }, "code 5");
  refused([](ConvolutionPass& c) { c.first = false; }, "code 6");
  refused(
      [](ConvolutionPass& c) {
        c.geometry.lowest = 200;
        c.geometry.highest = 100;
      },
      "code 7");
  refused([](ConvolutionPass& c) { c.parameter_first = 4095; }, "code 8");
  refused([](ConvolutionPass& c) { c.geometry.rows = 40; }, "code 10");
}

TEST(AcceleratorDriver, ProgramsOfOtherAcceleratorsAreRefused) {
  const Bands bands;
  AcceleratorModel model(AcceleratorParameters::of_size(8, 4), bands.table, 1 << 16);
  AcceleratorDriver driver(model);
  test::expect_error(ErrorKind::usage, {"device is 8x4 log"},
                     [&] { driver.load(bands.lowered.program); });
}

TEST(AcceleratorDriver, CodesThatDoNotFitTheirFormatAreRefused) {
  const Bands bands;
  AcceleratorModel model(bands.parameters, bands.table, bands.lowered.program.memory_bytes);
  AcceleratorDriver driver(model);
  driver.load(bands.lowered.program);
  Codes codes = bands.inputs[0];
  codes[5] = 256;
  test::expect_error(ErrorKind::usage, {"code 256 found, -255..255 expected"},
                     [&] { driver.write_tensor(bands.lowered.program.inputs[0], codes); });
  codes.pop_back();
  test::expect_error(ErrorKind::usage, {"863 codes found, 864 expected"},
                     [&] { driver.write_tensor(bands.lowered.program.inputs[0], codes); });
}

TEST(NetworkLowering, WhatDoesNotFitNamesLayerAndLimit) {
  ConvolutionProblem problem;
  problem.input_channels = 8;
  problem.output_channels = 4;
  problem.input_height = problem.input_width = 300;
  problem.kernel_height = problem.kernel_width = 200;
  AcceleratorParameters parameters = AcceleratorParameters::of_size(4, 4);
  parameters.activation_depth = 512;
  Requantization requantization;
  requantization.channels.resize(4);
  const auto network = convolution_network(
      "wide", problem,
      std::vector<std::int16_t>(static_cast<std::size_t>(problem.weight_count()), 1),
      requantization);
  test::expect_error(ErrorKind::usage,
                     {"layer 'wide': a row of one position and one channel in the scratchpad"},
                     [&] { lower_network(network, parameters, make_product_table("exact")); });
}

}  // namespace
}  // namespace mbm
