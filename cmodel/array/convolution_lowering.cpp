#include "cmodel/array/convolution_lowering.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

using registers::Format;

constexpr std::int64_t kParameterBytes = 16;
constexpr std::int64_t kMostWeightRows = 16777215;
constexpr std::int64_t kMostParameters = 65535;
constexpr std::int64_t kBandsAhead = 1;  // whose rows are produced while a band is computed

std::int64_t divide_up(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

// The narrowest format that holds all weights.
Format weight_format(std::span<const std::int16_t> weights) {
  const auto [least, most] = std::minmax_element(weights.begin(), weights.end());
  if (*least >= -127 && *most <= 127) return Format::int8;
  if (*least >= 0) return Format::unsigned8;
  return Format::code16;
}

class ConvolutionLowering {
 public:
  ConvolutionLowering(LoweringContext& context, const DeviceConvolution& layer,
                      ConvolutionPlan plan, Format format)
      : context_(context),
        layer_(layer),
        plan_(std::move(plan)),
        p_(plan_.problem),
        format_(format),
        rows_(context.parameters.rows),
        columns_(context.parameters.columns) {}

  void run() {
    place_weights();
    place_parameters();
    begin_producer();
    for (std::int64_t x = 0; x < plan_.row_positions(); x += plan_.band_positions) {
      const std::int64_t positions = std::min(plan_.band_positions, plan_.row_positions() - x);
      plan_.ring ? lower_ring(x, positions) : lower_parts(x, positions);
    }
    // Rows that no band reads.
    if (layer_.producer != nullptr) layer_.producer->produce(p_.input_height);
  }

 private:
  // Output rows and positions of a pass.
  struct Band {
    std::int64_t row = 0;
    std::int64_t rows = 0;
    std::int64_t position = 0;
    std::int64_t positions = 0;

    std::int64_t count() const { return rows * positions; }
  };

  // Consecutive tiles whose results are stored together.
  struct TileSet {
    std::size_t first = 0;
    std::size_t end = 0;
    std::int64_t outputs = 0;
  };

  struct WeightPart {
    std::int64_t offset = 0;  // bytes from weight_address_
    std::int64_t rows = 0;
  };

  std::vector<TileSet> tile_sets() const {
    std::vector<TileSet> sets;
    const auto step = static_cast<std::size_t>(plan_.store_tiles);
    for (std::size_t first = 0; first < plan_.tiles.size(); first += step) {
      TileSet set{first, std::min(first + step, plan_.tiles.size()), 0};
      for (std::size_t t = set.first; t < set.end; ++t) set.outputs += plan_.tiles[t].outputs;
      sets.push_back(set);
    }
    return sets;
  }

  // --- memory

  std::int64_t parts(const ChannelTile& tile) const {
    return divide_up(tile.inputs, plan_.part_inputs);
  }
  std::int64_t part_inputs(const ChannelTile& tile, std::int64_t part) const {
    return std::min(plan_.part_inputs, tile.inputs - part * plan_.part_inputs);
  }
  std::int64_t chunks(std::int64_t inputs) const {
    return divide_up(plan_.run_length(inputs), rows_);
  }
  std::int64_t part_rows(const ChannelTile& tile, std::int64_t part) const {
    return p_.kernel_height * plan_.runs() * chunks(part_inputs(tile, part)) * rows_;
  }

  // Weight of column `column` of a tile for element `element` of run `run` of kernel row `i`; the
  // run is that of the part's inputs.
  int weight(const ChannelTile& tile, std::int64_t first_input, std::int64_t inputs,
             std::int64_t column, std::int64_t i, std::int64_t run, std::int64_t element) const {
    if (column >= tile.outputs * plan_.pack || element >= plan_.run_length(inputs)) return 0;
    const std::int64_t shifted = column / tile.outputs;  // neighbour
    const std::int64_t output = tile.first_output + column % tile.outputs;
    const std::int64_t j = plan_.whole_rows_of_taps ? element / inputs - shifted * p_.stride : run;
    if (j < 0 || j >= p_.kernel_width) return 0;
    const std::int64_t group = output / p_.output_channels_per_group();
    const std::int64_t channel =
        first_input + element % inputs - group * p_.input_channels_per_group();
    if (channel < 0 || channel >= p_.input_channels_per_group()) return 0;
    const std::int64_t row = output * p_.input_channels_per_group() + channel;
    return layer_
        .weights[static_cast<std::size_t>((row * p_.kernel_height + i) * p_.kernel_width + j)];
  }

  void place_weights() {
    const std::int64_t size = operand_bytes(format_);
    std::vector<std::uint8_t> bytes;
    for (const ChannelTile& tile : plan_.tiles) {
      for (std::int64_t part = 0; part < parts(tile); ++part) {
        // A load begins at a multiple of 16 bytes.
        bytes.resize((bytes.size() + 15) / 16 * 16);
        weight_parts_.push_back({static_cast<std::int64_t>(bytes.size()), part_rows(tile, part)});
        const std::int64_t inputs = part_inputs(tile, part);
        const std::int64_t first_input = tile.first_input + part * plan_.part_inputs;
        const std::size_t begin = bytes.size();
        bytes.resize(begin + static_cast<std::size_t>(part_rows(tile, part) * columns_ * size));
        std::uint8_t* next = bytes.data() + begin;
        for (std::int64_t i = 0; i < p_.kernel_height; ++i) {
          for (std::int64_t run = 0; run < plan_.runs(); ++run) {
            for (std::int64_t chunk = 0; chunk < chunks(inputs); ++chunk) {
              // Bottom row first.
              for (std::int64_t r = rows_ - 1; r >= 0; --r) {
                for (std::int64_t c = 0; c < columns_; ++c, next += size) {
                  const int operand =
                      weight(tile, first_input, inputs, c, i, run, chunk * rows_ + r);
                  store_operand(format_, static_cast<std::int16_t>(operand), next);
                }
              }
            }
          }
        }
      }
    }
    weight_address_ = context_.place_bytes(std::move(bytes));
  }

  void place_parameters() {
    const auto put = [](std::vector<std::uint8_t>& bytes, std::uint64_t value, int count) {
      for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    };
    std::vector<std::uint8_t> bytes;
    for (std::int64_t copy = 0; copy < plan_.pack; ++copy) {
      for (const ChannelRequantization& channel : layer_.requantization->channels) {
        put(bytes, static_cast<std::uint32_t>(channel.bias), 4);
        put(bytes, channel.multiplier, 2);
        put(bytes, channel.negative_multiplier, 2);
        put(bytes, channel.shift, 8);
      }
    }
    parameter_address_ = context_.place_bytes(std::move(bytes));
    const std::int64_t channels = plan_.pack * p_.output_channels;
    if (channels <= context_.channels.depth() && channels <= kMostParameters) {
      parameter_place_ = context_.channels.allocate(channels);
      load_parameters(0, channels, *parameter_place_);
    }
  }

  void load_parameters(std::int64_t first, std::int64_t channels, std::int64_t place) {
    const std::int64_t address = parameter_address_ + first * kParameterBytes;
    Touched touched;
    touched.memory_read.push_back({address, address + channels * kParameterBytes});
    touched.parameters_written.push_back({place, place + channels});
    context_.builder.emit(LoadParameters{.address = address, .channels = channels, .first = place},
                          touched);
  }

  // Where the parameters of a tile lie; loads them if those of the layer do not fit together. A
  // load of parameters must not wait behind weights that wait for a pass that waits for it.
  std::int64_t parameters_of(const ChannelTile& tile) {
    if (parameter_place_) return *parameter_place_ + tile.first_output;
    const std::int64_t place = context_.channels.allocate(tile.outputs);
    load_parameters(tile.first_output, tile.outputs, place);
    return place;
  }

  // Weights of the parts first..end-1, counted over all tiles, in as few loads as they lie
  // together.
  void load_weights(std::size_t first, std::size_t end) {
    const std::int64_t row_bytes = columns_ * operand_bytes(format_);
    while (first < end) {
      WeightPart run = weight_parts_[first++];
      while (first < end && weight_parts_[first].offset == run.offset + run.rows * row_bytes &&
             run.rows + weight_parts_[first].rows <= kMostWeightRows) {
        run.rows += weight_parts_[first++].rows;
      }
      const std::int64_t address = weight_address_ + run.offset;
      Touched touched;
      touched.memory_read.push_back({address, address + run.rows * row_bytes});
      context_.builder.emit(
          LoadWeights{
              .address = address, .rows = run.rows, .format = static_cast<std::int64_t>(format_)},
          touched);
    }
  }

  // --- passes

  std::int64_t input_row(std::int64_t output_row) const {
    return output_row * p_.stride - p_.padding;
  }

  // A tile, or a part of its reduction, on a band whose rows are in `ring`. `elements` of a pixel
  // lie in the ring, the tile's begin at `first_element`.
  void convolve(const RowRing& ring, const Band& band, const ConvolutionPlan::Columns& input,
                const ChannelTile& tile, std::int64_t part, std::int64_t elements,
                std::int64_t first_element, std::int64_t place, std::int64_t pitch,
                std::int64_t parameters) {
    const std::int64_t inputs = part_inputs(tile, part);
    const std::int64_t length = plan_.run_length(inputs);
    ConvolutionPass command;
    ComputeGeometry& g = command.geometry;
    g.rows = band.rows;
    g.columns = band.positions;
    ring.describe(g, input_row(band.row), p_.stride, p_.dilation);
    g.u_first = input.offset * elements + first_element;
    g.column_step = plan_.pack * p_.stride * elements;
    g.tap_step = plan_.whole_rows_of_taps ? 0 : p_.dilation * elements;
    g.output_address = place;
    g.position_pitch = pitch;
    g.lowest = layer_.requantization->lowest;
    g.highest = layer_.requantization->highest;
    command.kernel_rows = p_.kernel_height;
    command.runs = plan_.runs();
    command.chunks = chunks(inputs);
    command.last_rows = length - (command.chunks - 1) * rows_;
    command.channels = tile.outputs * plan_.pack;
    command.sum_bits = layer_.sum_bits;
    command.first = part == 0;
    command.last = part == parts(tile) - 1;
    command.floor = layer_.requantization->rounding == RequantizationRounding::floor;
    command.tap_y_step = p_.dilation;
    command.parameter_first = parameters;

    if (command.first && p_.kernel_height > 1 && rows_wait(band, kBandsAhead)) {
      // Behind the first kernel row nothing drains: the lanes take the producer's rows at once.
      ConvolutionPass first = command;
      first.kernel_rows = 1;
      first.last = false;
      emit(ring, band, first);
      produce(band, kBandsAhead);
      command.first = false;
      command.kernel_rows = p_.kernel_height - 1;
      ring.describe(g, input_row(band.row) + p_.dilation, p_.stride, p_.dilation);
    }
    emit(ring, band, command);
  }

  void emit(const RowRing& ring, const Band& band, const ConvolutionPass& command) {
    const ComputeGeometry& g = command.geometry;
    Touched touched;
    const std::int64_t below = (command.kernel_rows - 1) * p_.dilation;
    ring.add_intervals(touched.scratchpad_read, g.y_first,
                       g.y_first + (band.rows - 1) * p_.stride + below + 1);
    if (command.last) {
      touched.output_written.push_back(
          {g.output_address,
           g.output_address + (band.count() - 1) * g.position_pitch + command.channels});
      touched.parameters_read.push_back(
          {command.parameter_first, command.parameter_first + command.channels});
    }
    context_.builder.emit(command, touched);
  }

  std::int64_t pitch_of(const TileSet& set) const { return set.outputs * plan_.pack; }

  void store(const Band& band, const TileSet& set, std::int64_t place) {
    const std::int64_t first_column = band.position * plan_.pack;
    const TensorView view = layer_.output.slice(plan_.tiles[set.first].first_output, set.outputs);
    store_block(context_, view,
                {.first_row = band.row,
                 .rows = band.rows,
                 .first_column = first_column,
                 .columns = std::min(band.positions * plan_.pack, p_.output_width() - first_column),
                 .place = place,
                 .row_pitch = band.positions * pitch_of(set)});
  }

  std::size_t parts_before(std::size_t tile) const {
    std::size_t count = 0;
    for (std::size_t t = 0; t < tile; ++t) count += static_cast<std::size_t>(parts(plan_.tiles[t]));
    return count;
  }

  Band band_of(std::int64_t row, std::int64_t position, std::int64_t positions) const {
    return {row, std::min(plan_.band_rows, p_.output_height() - row), position, positions};
  }

  RowPart ring_part(std::int64_t position, std::int64_t positions) const {
    const auto input = plan_.input_columns(position, positions);
    return {layer_.input, input.first, input.end};
  }

  // Rows of the input come band by band if there is one ring, and it and theirs fit together.
  void begin_producer() {
    if (layer_.producer == nullptr) return;
    RowProducer& producer = *layer_.producer;
    std::int64_t own = producer.most_elements();
    if (plan_.ring && plan_.band_positions == plan_.row_positions()) {
      const std::int64_t ring =
          plan_.ring_rows * ring_pitch(ring_part(0, plan_.row_positions()).elements());
      own = std::min(own, context_.scratchpad.depth() - ring);
      if (own >= producer.least_elements()) {
        ring_place_ = context_.scratchpad.allocate(ring + own);
        producer.begin(*ring_place_ + ring, own);
        return;
      }
      own = producer.most_elements();
    }
    producer.begin(context_.scratchpad.allocate(own), own);
    producer.produce(p_.input_height);
  }

  // The rows that `band` and so many behind it read: those to come are stored while it is computed.
  std::int64_t rows_read(const Band& band, std::int64_t bands_ahead) const {
    const std::int64_t end = band.row + (1 + bands_ahead) * plan_.band_rows;
    return std::min(input_row(end - 1) + plan_.span(1), p_.input_height);
  }
  bool rows_wait(const Band& band, std::int64_t bands_ahead) const {
    return ring_place_ && layer_.producer->rows() < rows_read(band, bands_ahead);
  }
  void produce(const Band& band, std::int64_t bands_ahead) {
    if (ring_place_) layer_.producer->produce(rows_read(band, bands_ahead));
  }

  std::int64_t place_of_ring(const RowPart& part) {
    if (ring_place_) return *ring_place_;
    return context_.scratchpad.allocate(plan_.ring_rows * ring_pitch(part.elements()));
  }

  // Rows of all channels in a ring: those of the next band come while this one is computed.
  void lower_ring(std::int64_t position, std::int64_t positions) {
    const auto input = plan_.input_columns(position, positions);
    const RowPart part = ring_part(position, positions);
    RowRing ring(context_, part, place_of_ring(part), plan_.ring_rows);
    const std::vector<TileSet> sets = tile_sets();
    for (std::int64_t row = 0; row < p_.output_height(); row += plan_.band_rows) {
      const Band band = band_of(row, position, positions);
      produce(band, p_.kernel_height > 1 ? 0 : kBandsAhead);
      const std::int64_t top = std::max<std::int64_t>(input_row(row), 0);
      ring.load(top, input_row(row) + plan_.span(band.rows));
      bool prefetched = false;
      for (const TileSet& set : sets) {
        const std::int64_t place = context_.output.allocate(band.count() * pitch_of(set));
        // The set's weights in one load, unless parameters come in between.
        if (parameter_place_) load_weights(parts_before(set.first), parts_before(set.end));
        std::int64_t column = 0;
        for (std::size_t t = set.first; t < set.end; ++t) {
          const ChannelTile& tile = plan_.tiles[t];
          const std::int64_t parameters = parameters_of(tile);
          if (!parameter_place_) load_weights(t, t + 1);
          convolve(ring, band, input, tile, 0, p_.input_channels, tile.first_input, place + column,
                   pitch_of(set), parameters);
          column += tile.outputs;
          if (!prefetched) prefetch(ring, band, position, positions);
          prefetched = true;
        }
        store(band, set, place);
      }
    }
  }

  // Rows of the next band that do not overwrite one of this band.
  void prefetch(RowRing& ring, const Band& band, std::int64_t position, std::int64_t positions) {
    const std::int64_t next_row = band.row + band.rows;
    if (next_row >= p_.output_height()) return;
    const Band next = band_of(next_row, position, positions);
    const std::int64_t top = std::max<std::int64_t>(input_row(band.row), 0);
    const std::int64_t end =
        std::min(input_row(next_row) + plan_.span(next.rows), top + plan_.ring_rows);
    ring.load(std::max<std::int64_t>(input_row(next_row), 0), end);
  }

  // The rows of a part of the reduction for each pass of their own.
  void lower_parts(std::int64_t position, std::int64_t positions) {
    const auto input = plan_.input_columns(position, positions);
    for (std::int64_t row = 0; row < p_.output_height(); row += plan_.band_rows) {
      const Band band = band_of(row, position, positions);
      for (const TileSet& set : tile_sets()) {
        const std::int64_t place = context_.output.allocate(band.count() * pitch_of(set));
        std::int64_t column = 0;
        for (std::size_t t = set.first; t < set.end; ++t) {
          lower_tile_parts(band, input, t, place + column, pitch_of(set));
          column += plan_.tiles[t].outputs;
        }
        store(band, set, place);
      }
    }
  }

  void lower_tile_parts(const Band& band, const ConvolutionPlan::Columns& input, std::size_t t,
                        std::int64_t place, std::int64_t pitch) {
    const ChannelTile& tile = plan_.tiles[t];
    const std::int64_t parameters = parameters_of(tile);
    for (std::int64_t part = 0; part < parts(tile); ++part) {
      const std::int64_t inputs = part_inputs(tile, part);
      const RowPart rows{layer_.input.slice(tile.first_input + part * plan_.part_inputs, inputs),
                         input.first, input.end};
      RowRing ring(context_, rows,
                   context_.scratchpad.allocate(plan_.ring_rows * ring_pitch(rows.elements())),
                   plan_.ring_rows);
      ring.load(std::max<std::int64_t>(input_row(band.row), 0),
                input_row(band.row) + plan_.span(band.rows));
      const std::size_t index = parts_before(t) + static_cast<std::size_t>(part);
      load_weights(index, index + 1);
      convolve(ring, band, input, tile, part, inputs, 0, place, pitch, parameters);
    }
  }

  LoweringContext& context_;
  const DeviceConvolution& layer_;
  ConvolutionPlan plan_;
  const ConvolutionProblem& p_;
  Format format_;
  std::int64_t rows_;
  std::int64_t columns_;
  std::int64_t weight_address_ = 0;
  std::vector<WeightPart> weight_parts_;  // of each part of each tile
  std::int64_t parameter_address_ = 0;
  std::optional<std::int64_t> parameter_place_;  // of all of the layer
  std::optional<std::int64_t> ring_place_;       // with a producer of rows
};

void check_layer(const DeviceConvolution& layer) {
  const ConvolutionProblem& p = layer.problem;
  p.validate();
  const auto weights = static_cast<std::int64_t>(layer.weights.size());
  if (weights != p.weight_count()) {
    fail(ErrorKind::usage, "layer '{}': {} weights found, {} expected", layer.name, weights,
         p.weight_count());
  }
  layer.requantization->validate();
  const auto channels = static_cast<std::int64_t>(layer.requantization->channels.size());
  if (channels != p.output_channels) {
    fail(ErrorKind::usage, "layer '{}': requantisation of {} channels found, {} expected",
         layer.name, channels, p.output_channels);
  }
}

}  // namespace

ConvolutionPlan lower_convolution(LoweringContext& context, const DeviceConvolution& layer,
                                  bool zero_annihilates) {
  check_layer(layer);
  const Format format = weight_format(layer.weights);
  ConvolutionPlan plan = plan_convolution(layer.name, layer.problem, context.parameters,
                                          zero_annihilates, layer.input.element_bytes(),
                                          operand_bytes(format), layer.output.element_bytes());
  ConvolutionLowering(context, layer, plan, format).run();
  return plan;
}

}  // namespace mbm
