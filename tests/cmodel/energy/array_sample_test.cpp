// Operands as the array sees them, and what becomes of counts: against the definition of a
// convolution and figures worked out by hand.
#include "cmodel/energy/array_sample.hpp"

#include <gtest/gtest.h>

#include <random>

#include "cmodel/array/accelerator_model.hpp"
#include "cmodel/array/driver.hpp"
#include "cmodel/array/network_lowering.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/energy/layer_energy.hpp"
#include "cmodel/energy/memory_energy.hpp"
#include "tests/support/expect_error.hpp"

namespace mbm {
namespace {

struct Layer {
  ConvolutionProblem problem;
  std::vector<std::int16_t> activations;
  std::vector<std::int16_t> weights;
};

// One pass on an 8 x 8 array: 5 x 6 positions, 3 channels and 3 x 3 taps to 8 channels.
Layer random_layer(unsigned seed) {
  Layer layer;
  layer.problem = {1, 3, 5, 6, 8, 3, 3, 1, 1, 1, 1};
  std::mt19937 random(seed);
  const auto code = [&] { return static_cast<std::int16_t>(random() % 511 - 255); };
  for (std::int64_t i = 0; i < layer.problem.activation_count(); ++i) {
    layer.activations.push_back(code());
  }
  for (std::int64_t i = 0; i < layer.problem.weight_count(); ++i) layer.weights.push_back(code());
  return layer;
}

// Sums of all tiles that an observer sees, [channel][position].
std::vector<std::int32_t> observed_sums(const Layer& layer,
                                        const AcceleratorParameters& parameters) {
  const ProductTable table = make_product_table("exact");
  const LoweredNetwork lowered = lower_network(
      convolution_network("layer", layer.problem, layer.weights, plain_requantization(8)),
      parameters, table);
  AcceleratorModel model(parameters, table, lowered.program.memory_bytes);
  std::vector<std::int32_t> sums(static_cast<std::size_t>(layer.problem.output_count()), 0);
  const std::int64_t positions = layer.problem.output_height() * layer.problem.output_width();
  model.observe([&](const ArrayTile& tile) {
    ASSERT_EQ(tile.positions(), positions);
    for (std::int64_t p = 0; p < tile.positions(); ++p) {
      for (std::int64_t c = 0; c < tile.columns(); ++c) {
        for (std::int64_t r = 0; r < tile.rows(); ++r) {
          sums[static_cast<std::size_t>(c * positions + p)] +=
              tile.weight(r, c) * tile.activation(p, r);
        }
      }
    }
  });
  AcceleratorDriver driver(model);
  driver.load(lowered.program);
  run_on_device(driver, lowered, {layer.activations}, 1);
  return sums;
}

TEST(ArrayTile, ObservedOperandsAreThoseOfTheConvolution) {
  Layer layer = random_layer(3);
  const ProductTable table = make_product_table("exact");
  const Accumulators reference =
      ReferenceEngine().run({layer.problem, layer.activations, layer.weights, &table});
  const AcceleratorParameters parameters = AcceleratorParameters::of_size(8, 8);
  EXPECT_EQ(observed_sums(layer, parameters),
            std::vector<std::int32_t>(reference.begin(), reference.end()));
  layer.weights[50] = static_cast<std::int16_t>(layer.weights[50] ^ 1);
  EXPECT_NE(observed_sums(layer, parameters),
            std::vector<std::int32_t>(reference.begin(), reference.end()));
}

TEST(ArraySample, TilesAreSpreadAndCutToWhatWasAskedFor) {
  const Layer layer = random_layer(4);
  const AcceleratorParameters parameters = AcceleratorParameters::of_size(8, 8);
  const ArraySample sample =
      sample_layer(layer.problem, layer.activations, layer.weights, parameters, 2, 10);
  // A run is a row of the kernel, 9 operands: chunks of 8 and 1, of 3 rows.
  EXPECT_EQ(sample.all_tiles, 6);
  ASSERT_EQ(sample.tiles.size(), 2U);
  EXPECT_EQ(sample.tiles[0].used_rows, 1);  // tile 1
  EXPECT_EQ(sample.tiles[1].used_rows, 8);  // tile 4
  for (const SampledTile& tile : sample.tiles) {
    EXPECT_EQ(sample.positions(tile), 10);
    EXPECT_EQ(tile.all_positions, 30);
    EXPECT_EQ(tile.weights.size(), 8U);
  }
  test::expect_error(ErrorKind::usage, {"0 tiles"}, [&] {
    sample_layer(layer.problem, layer.activations, layer.weights, parameters, 0, 10);
  });
}

TEST(LayerCounts, OfASmallLayerByHand) {
  const Layer layer = random_layer(5);
  const AcceleratorParameters parameters = AcceleratorParameters::of_size(8, 8);
  const LayerCounts counts = count_layer("layer", layer.problem, layer.weights, parameters);
  EXPECT_EQ(counts.products, 5 * 6 * 8 * 27);
  EXPECT_EQ(counts.tiles, 6);
  EXPECT_EQ(counts.tile_positions, 6 * 30);
  EXPECT_EQ(counts.results, 5 * 6 * 8);
  EXPECT_EQ(counts.loaded_operands, 5 * 6 * 3);
  EXPECT_GT(counts.cycles, counts.tile_positions);
}

// Worked out by hand: 3 x 5 outputs of 4 channels each.
TEST(LayerCounts, OfVectorCommandsByHand) {
  const auto counts_of = [](auto operation) {
    operation.geometry.rows = 3;
    operation.geometry.columns = 5;
    operation.channels = 4;
    LayerCounts counts;
    counts.add(operation);
    EXPECT_EQ(counts.vector_results, 60);
    EXPECT_EQ(counts.results, 0);
    return counts.vector_taps;
  };
  Maximum maximum;
  maximum.window_rows = maximum.window_columns = 2;
  EXPECT_EQ(counts_of(maximum), 60 * 4);
  Rescale average;
  average.window_rows = 7;
  EXPECT_EQ(counts_of(average), 60 * 7);
  EXPECT_EQ(counts_of(Add{}), 60 * 2);
  EXPECT_EQ(counts_of(Resize{}), 60);  // nearest
  // Of 3 columns 5, half a column each: 4 taps, then 1 + 1 for each of the other two columns.
  Resize bilinear;
  bilinear.bilinear = true;
  bilinear.fraction_x_step = 1 << 15;
  EXPECT_EQ(counts_of(bilinear), (4 + 4) * 3 * 4);
}

TEST(LayerEnergy, IsCountsTimesEvents) {
  LayerCounts counts;
  counts.products = 1000;
  counts.cycles = 100;
  counts.tiles = 3;
  counts.tile_positions = 60;
  counts.results = 40;
  counts.bytes = 160;
  counts.loaded_operands = 50;
  counts.vector_taps = 30;
  counts.vector_results = 20;
  AcceleratorParameters parameters = AcceleratorParameters::of_size(4, 4);
  parameters.bus_bytes = 16;
  EventEnergies events;
  events.product.combinational = 2;
  events.product.clock = 1;
  events.idle_element.clock = 1;
  events.column_sum = 5;
  events.result = 0.5;
  events.activation_read = 0.25;
  events.output_access = 3;
  events.partial_sum_access = 10;
  events.memory_byte = 100;
  events.bus_beat = 7;
  const ComponentEnergies energies = layer_energy(counts, events, parameters);
  const auto of = [&](const std::string& name) {
    for (const auto& [component, energy] : energies) {
      if (component == name) return energy;
    }
    ADD_FAILURE() << name;
    return 0.0;
  };
  EXPECT_DOUBLE_EQ(of("elements: logic"), 2000);
  EXPECT_DOUBLE_EQ(of("elements: clock pins"), 1600);  // 16 elements in 100 cycles, busy or not
  EXPECT_DOUBLE_EQ(of("column sums"), 60 * 4 * 5);
  EXPECT_DOUBLE_EQ(of("partial-sum memory"), 10 * (2 * 60 * 4 + 40));
  EXPECT_DOUBLE_EQ(of("DRAM"), 16000);
  EXPECT_DOUBLE_EQ(of("DMA"), 70);
  EXPECT_DOUBLE_EQ(of("requantisers"), (40 + 30) * 0.5);
  EXPECT_DOUBLE_EQ(of("activation scratchpad"), (60 * 4 + 30) * 0.25);
  EXPECT_DOUBLE_EQ(of("output buffer"), 2 * 3 * (40 + 20));
  EXPECT_DOUBLE_EQ(total_fj(energies), 2000 + 1600 + 1200 + 5200 + 16000 + 70 + 35 + 67.5 + 360);
}

// The three caches of the figure, in the process that it is for.
TEST(MemoryEnergy, IsThatOfThePublishedFigure) {
  const Process process{45, 0.9};
  EXPECT_NEAR(static_ram_access_fj(8 * 1024 * 8, 64, process), 10e3, 1);
  EXPECT_NEAR(static_ram_access_fj(32 * 1024 * 8, 64, process), 20e3, 1);
  EXPECT_NEAR(static_ram_access_fj(1024 * 1024 * 8, 64, process), 100e3, 14e3);
  EXPECT_NEAR(static_ram_access_fj(8 * 1024 * 8, 32, {90, 1.8}), 10e3 / 2 * 2 * 4, 1);
  EXPECT_NEAR(dynamic_ram_byte_fj() * 8, 1.3e6, 1);
}

}  // namespace
}  // namespace mbm
