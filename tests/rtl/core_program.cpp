#include "tests/rtl/core_program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace mbm::test {

namespace fields = registers::convolve;

void CoreRunner::load(const ScratchpadTensor& tensor) {
  const std::int64_t row_elements = tensor.width * tensor.channels;
  for (std::int64_t y = 0; y < tensor.height; ++y) {
    const std::span row = std::span(tensor.codes)
                              .subspan(static_cast<std::size_t>(y * row_elements),
                                       static_cast<std::size_t>(row_elements));
    const int begin = (tensor.ring_base + tensor.slot(y) * tensor.pitch()) * 16;
    for (std::size_t x = 0; x < row.size();) {
      std::size_t count =
          std::min(row.size() - x, static_cast<std::size_t>(core_.shape().bus_bytes));
      if (generator_ != nullptr) {
        count = std::uniform_int_distribution<std::size_t>(1, count)(*generator_);
      }
      CoreInputs inputs;
      inputs.activations = row.subspan(x, count);
      inputs.activation_address = begin + static_cast<int>(x);
      core_.tick(inputs);
      x += count;
    }
  }
}

void CoreRunner::load_parameters(int first_channel,
                                 std::span<const ChannelRequantization> channels) {
  for (const ChannelRequantization& channel : channels) {
    CoreInputs inputs;
    inputs.parameter_write = true;
    inputs.parameter_channel = first_channel++;
    inputs.parameters = {channel.bias, channel.multiplier, channel.negative_multiplier,
                         channel.shift};
    core_.tick(inputs);
  }
}

void CoreRunner::load_table(const ProductTable& table) {
  const auto word = static_cast<std::size_t>(core_.shape().bus_bytes / 2);
  for (std::size_t entry = 0; entry < ProductTable::kEntries; entry += word) {
    CoreInputs inputs;
    inputs.table = table.products().subspan(entry, word);
    inputs.table_address = static_cast<int>(entry);
    core_.tick(inputs);
  }
}

CoreRun CoreRunner::run(std::span<const CommandRecord> commands,
                        std::span<const std::vector<std::int16_t>> weights, bool preload) {
  constexpr std::int64_t kPatience = 100000;  // cycles without any event
  CoreRun run;
  run.commands.resize(commands.size());
  std::size_t next_row = 0;
  const auto offer_weights = [&](CoreInputs& inputs) {
    const bool gap = generator_ != nullptr && std::uniform_int_distribution(0, 3)(*generator_) == 0;
    if (next_row < weights.size() && !gap) inputs.weights = weights[next_row];
  };
  while (preload && next_row < weights.size()) {
    CoreInputs inputs;
    offer_weights(inputs);
    if (!core_.tick(inputs).weight_ready) break;
    ++next_row;
  }
  for (int i = 0; preload && i < 2; ++i) core_.tick({});
  std::size_t accepted = 0;
  std::size_t read = 0;
  std::size_t drained = 0;
  std::int64_t last_event = 0;
  while (drained < commands.size()) {
    CoreInputs inputs;
    offer_weights(inputs);
    const bool gap = generator_ != nullptr && std::uniform_int_distribution(0, 9)(*generator_) == 0;
    if (accepted < commands.size() && !gap) inputs.command = &commands[accepted];
    const CoreOutputs outputs = core_.tick(inputs);
    if (outputs.command_error) {
      throw std::runtime_error(
          fmt::format("the core refuses command {}: error {}", accepted - 1, outputs.error_code));
    }
    if (!inputs.weights.empty() && outputs.weight_ready) ++next_row;
    if (inputs.command != nullptr && outputs.command_ready) {
      run.commands[accepted++].accepted = run.cycles;
    }
    if (outputs.read_done) run.commands.at(read++).read_done = run.cycles;
    if (outputs.drain_done) run.commands.at(drained++).drain_done = run.cycles;
    if (outputs.tile) run.tiles.push_back(run.cycles);
    run.positions += outputs.position ? 1 : 0;
    ++run.causes.at(static_cast<std::size_t>(outputs.cause));
    if (outputs.position || outputs.drain_done) last_event = run.cycles;
    if (++run.cycles - last_event > kPatience) {
      throw std::runtime_error(
          fmt::format("{} of {} commands accepted, {} read, {} drained, {} of "
                      "{} rows of weights taken, then nothing, cause {}",
                      accepted, commands.size(), read, drained, next_row, weights.size(),
                      static_cast<int>(outputs.cause)));
    }
  }
  return run;
}

std::vector<std::int16_t> CoreRunner::read_output(int address, std::int64_t count) {
  std::vector<std::int16_t> codes;
  while (static_cast<std::int64_t>(codes.size()) < count) {
    CoreInputs inputs;
    inputs.output_address = address + static_cast<int>(codes.size());
    core_.tick(inputs);
    const std::vector<std::int16_t> data = core_.output_data();
    codes.insert(codes.end(), data.begin(), data.end());
  }
  codes.resize(static_cast<std::size_t>(count));
  return codes;
}

void set_geometry(CommandRecord& command, const ScratchpadTensor& input,
                  const PassGeometry& geometry, std::int64_t tap_y_step) {
  const int pitch = input.pitch();
  const auto rows_in_ring = [&](std::int64_t rows) {
    return static_cast<int>(rows % input.ring_rows) * pitch;
  };
  set_field(command, fields::kRows, geometry.rows);
  set_field(command, fields::kColumns, geometry.columns);
  set_field(command, fields::kRingBase, input.ring_base);
  set_field(command, fields::kRingFirst, input.slot(geometry.y_first) * pitch);
  set_field(command, fields::kRingSize, input.ring_rows * pitch);
  set_field(command, fields::kRingRowStep, rows_in_ring(geometry.y_step));
  set_field(command, fields::kRingTapStep, rows_in_ring(tap_y_step));
  set_field(command, fields::kYStep, geometry.y_step);
  set_field(command, fields::kYFirst, geometry.y_first);
  set_field(command, fields::kHeight, input.height);
  set_field(command, fields::kUFirst, geometry.u_first);
  set_field(command, fields::kRowElements, input.width * input.channels);
  set_field(command, fields::kLowest, geometry.lowest);
  set_field(command, fields::kColumnStep, geometry.column_step);
  set_field(command, fields::kTapStep, geometry.tap_step);
  set_field(command, fields::kOutputAddress, geometry.output_address);
  set_field(command, fields::kHighest, geometry.highest);
  set_field(command, fields::kPositionPitch, geometry.position_pitch);
}

namespace {

// Cuts one convolution.
class ConvolutionLowering {
 public:
  ConvolutionLowering(const ConvolutionProblem& problem, std::span<const std::int16_t> weights,
                      const ScratchpadTensor& input, const Requantization& requantization,
                      const CoreShape& shape, const ConvolutionOptions& options)
      : p_(problem),
        weights_(weights),
        input_(input),
        requantization_(requantization),
        shape_(shape),
        options_(options) {
    one_run_ = p_.dilation == 1 && p_.groups == 1 && !options.along_x_chunks;
    runs_ = one_run_ ? 1 : p_.kernel_width;
    run_length_ = one_run_ ? p_.kernel_width * p_.input_channels : p_.input_channels_per_group();
    chunks_ = (run_length_ + shape_.rows - 1) / shape_.rows;
  }

  CoreProgram lower() {
    const std::int64_t channels = p_.output_channels_per_group();
    for (std::int64_t group = 0; group < p_.groups; ++group) {
      for (std::int64_t first = 0; first < channels; first += shape_.columns) {
        const std::int64_t used = std::min<std::int64_t>(shape_.columns, channels - first);
        lower_tile(group, group * channels + first, used);
      }
    }
    return std::move(program_);
  }

 private:
  // All passes of the channels of one tile.
  void lower_tile(std::int64_t group, std::int64_t channel, std::int64_t used) {
    const std::int64_t limit = options_.largest_pass > 0 ? options_.largest_pass : shape_.sum_depth;
    const std::int64_t columns = std::min(p_.output_width(), limit);
    const std::int64_t rows =
        columns < p_.output_width() ? 1 : std::min(p_.output_height(), limit / columns);
    for (std::int64_t y = 0; y < p_.output_height(); y += rows) {
      for (std::int64_t x = 0; x < p_.output_width(); x += columns) {
        PassGeometry pass;
        pass.rows = std::min(rows, p_.output_height() - y);
        pass.columns = std::min(columns, p_.output_width() - x);
        pass.y_first = y * p_.stride - p_.padding;
        pass.y_step = p_.stride;
        pass.u_first = (x * p_.stride - p_.padding) * p_.input_channels +
                       group * p_.input_channels_per_group();
        pass.column_step = p_.stride * p_.input_channels;
        pass.tap_step = p_.dilation * p_.input_channels;
        pass.output_address = (y * p_.output_width() + x) * p_.output_channels + channel;
        pass.position_pitch = p_.output_channels;
        pass.lowest = requantization_.lowest;
        pass.highest = requantization_.highest;
        lower_pass(pass, channel, used);
      }
    }
  }

  void lower_pass(PassGeometry pass, std::int64_t channel, std::int64_t used) {
    const std::int64_t step = options_.split ? 1 : p_.kernel_height;
    const std::int64_t y_first = pass.y_first;
    for (std::int64_t i = 0; i < p_.kernel_height; i += step) {
      pass.y_first = y_first + i * p_.dilation;
      add_command(pass, channel, used, step, i == 0, i + step == p_.kernel_height);
      for (std::int64_t k = i; k < i + step; ++k) add_weights(channel, used, k);
    }
  }

  void add_command(const PassGeometry& pass, std::int64_t channel, std::int64_t used,
                   std::int64_t kernel_rows, bool first, bool last) {
    CommandRecord command = make_record(fields::kOpcode);
    set_geometry(command, input_, pass, p_.dilation);
    set_field(command, fields::kKernelRows, kernel_rows);
    set_field(command, fields::kRuns, runs_);
    set_field(command, fields::kChunks, chunks_);
    set_field(command, fields::kLastRows, run_length_ - (chunks_ - 1) * shape_.rows);
    set_field(command, fields::kChannels, used);
    set_field(command, fields::kSumBits, options_.sum_bits);
    set_field(command, fields::kFirst, first ? 1 : 0);
    set_field(command, fields::kLast, last ? 1 : 0);
    set_field(command, fields::kFloor,
              requantization_.rounding == RequantizationRounding::floor ? 1 : 0);
    set_field(command, fields::kLogOutput, options_.log_output ? 1 : 0);
    set_field(command, fields::kLogActivations, options_.log_activations ? 1 : 0);
    set_field(command, fields::kLogWeights, options_.log_weights ? 1 : 0);
    set_field(command, fields::kTapYStep, p_.dilation);
    set_field(command, fields::kParameterFirst, options_.parameter_first + channel);
    program_.commands.push_back(command);
  }

  // The tiles of kernel row `i`, bottom rows first.
  void add_weights(std::int64_t channel, std::int64_t used, std::int64_t i) {
    for (std::int64_t j = 0; j < runs_; ++j) {
      for (std::int64_t k = 0; k < chunks_; ++k) {
        ++program_.tiles;
        for (std::int64_t r = shape_.rows - 1; r >= 0; --r) {
          std::vector<std::int16_t> row(static_cast<std::size_t>(shape_.columns), 0);
          const std::int64_t element = k * shape_.rows + r;
          for (std::int64_t c = 0; c < used && element < run_length_; ++c) {
            row[static_cast<std::size_t>(c)] = weight(channel + c, i, j, element);
          }
          program_.weights.push_back(std::move(row));
        }
      }
    }
  }

  std::int16_t weight(std::int64_t output_channel, std::int64_t i, std::int64_t j,
                      std::int64_t element) const {
    const std::int64_t channels = p_.input_channels_per_group();
    const std::int64_t tap = one_run_ ? element / channels : j;
    const std::int64_t channel = one_run_ ? element % channels : element;
    const std::int64_t index =
        ((output_channel * channels + channel) * p_.kernel_height + i) * p_.kernel_width + tap;
    return weights_[static_cast<std::size_t>(index)];
  }

  const ConvolutionProblem& p_;
  std::span<const std::int16_t> weights_;
  const ScratchpadTensor& input_;
  const Requantization& requantization_;
  const CoreShape& shape_;
  const ConvolutionOptions& options_;
  bool one_run_ = true;
  std::int64_t runs_ = 1;
  std::int64_t run_length_ = 1;
  std::int64_t chunks_ = 1;
  CoreProgram program_;
};

}  // namespace

CoreProgram lower_convolution(const ConvolutionProblem& problem,
                              std::span<const std::int16_t> weights, const ScratchpadTensor& input,
                              const Requantization& requantization, const CoreShape& shape,
                              const ConvolutionOptions& options) {
  return ConvolutionLowering(problem, weights, input, requantization, shape, options).lower();
}

}  // namespace mbm::test
