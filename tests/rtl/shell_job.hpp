// Jobs for the bench of the shell, and what they must leave in memory: a second, sequential
// description of the loads, the stand-in's commands and the stores, written from docs/registers.md.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <random>
#include <vector>

#include "cmodel/array/command_record.hpp"
#include "sim/simulated_device.hpp"

namespace mbm::test {

// An operand of the machine is sign and magnitude; as a number here, -255..255. A log code of 8
// bits is the number of its 7 low bits with its sign.
inline int decode(registers::Format format, const std::uint8_t* bytes) {
  switch (format) {
    case registers::Format::int8:
      return static_cast<std::int8_t>(bytes[0]);
    case registers::Format::unsigned8:
      return bytes[0];
    case registers::Format::code16:
      return static_cast<std::int16_t>(bytes[0] | bytes[1] << 8);
    case registers::Format::log8:
      return (bytes[0] & 0x80) != 0 ? -(bytes[0] & 0x7f) : bytes[0] & 0x7f;
  }
  std::abort();
}

inline int width_of(registers::Format format) {
  return format == registers::Format::code16 ? 2 : 1;
}

inline void encode(registers::Format format, int value, std::uint8_t* bytes) {
  switch (format) {
    case registers::Format::int8:
      bytes[0] = static_cast<std::uint8_t>(std::clamp(value, -127, 127));
      break;
    case registers::Format::unsigned8:
      bytes[0] = static_cast<std::uint8_t>(std::max(value, 0));
      break;
    case registers::Format::code16:
      bytes[0] = static_cast<std::uint8_t>(value & 0xff);
      bytes[1] = static_cast<std::uint8_t>(value >> 8 & 0xff);
      break;
    case registers::Format::log8:
      bytes[0] = static_cast<std::uint8_t>((std::abs(value) & 0x7f) | (value < 0 ? 0x80 : 0));
      break;
  }
}

inline constexpr std::uint32_t kCommandBase = 0x40;
inline constexpr std::size_t kMemoryBytes = 1 << 16;
inline constexpr std::uint32_t kDataBase = 0x2000;    // read by commands
inline constexpr std::uint32_t kCodeBase = 0x5000;    // here codes of 16 bits, -255..255
inline constexpr std::uint32_t kResultBase = 0x8000;  // written by stores
inline constexpr int kDepth = 4096;                   // of scratchpad and output buffer

// Commands in order, and the memory before and after them.
class ShellJob {
 public:
  explicit ShellJob(int columns, unsigned seed)
      : columns_(columns),
        generator_(seed),
        before_(kMemoryBytes),
        activations_(kDepth),
        outputs_(kDepth),
        parameters_(64) {
    for (std::uint8_t& byte : before_) byte = static_cast<std::uint8_t>(generator_());
    for (std::uint32_t i = kCodeBase; i < kResultBase; i += 2) {
      encode(registers::Format::code16, static_cast<int>(generator_() % 511) - 255, &before_[i]);
    }
    after_ = before_;
  }

  // Rows of `elements` operands; destination and pitches in elements, `address` in bytes.
  void load_activations(std::uint32_t address, std::uint32_t pitch, int rows, int elements,
                        registers::Format format, int destination, int destination_pitch) {
    using namespace registers::load_activations;
    CommandRecord command = begin(kOpcode);
    set_field(command, kAddress, address);
    set_field(command, kPitch, pitch);
    set_field(command, kRows, rows);
    set_field(command, kElements, elements);
    set_field(command, kFormat, static_cast<int>(format));
    set_field(command, kDestination, destination);
    set_field(command, kDestinationPitch, destination_pitch);
    wait(command, false, false, true, false, false);
    add(command, address, pitch, rows, elements * width_of(format));
    for (int row = 0; row < rows; ++row) {
      for (int i = 0; i < elements; ++i) {
        const std::uint32_t place = address + static_cast<std::uint32_t>(row) * pitch +
                                    static_cast<std::uint32_t>(i * width_of(format));
        activations_[at(destination + row * destination_pitch + i)] =
            decode(format, &after_[place]);
      }
    }
    ++activation_loads_;
  }

  // Rows of weights, copied to the output buffer by a command after it unless they are to be
  // consumed.
  void load_weights(std::uint32_t address, int rows, registers::Format format) {
    using namespace registers::load_weights;
    CommandRecord command = begin(kOpcode);
    set_field(command, kAddress, address);
    set_field(command, kRows, rows);
    set_field(command, kFormat, static_cast<int>(format));
    add(command, address, 0, 1, rows * columns_ * width_of(format));
    for (int i = 0; i < rows * columns_; ++i) {
      weights_.push_back(
          decode(format, &after_[address + static_cast<unsigned>(i * width_of(format))]));
    }
    ++other_loads_;
  }

  void load_parameters(std::uint32_t address, int channels, int first) {
    using namespace registers::load_parameters;
    CommandRecord command = begin(kOpcode);
    set_field(command, kAddress, address);
    set_field(command, kChannels, channels);
    set_field(command, kFirst, first);
    wait(command, false, false, true, false, false);
    add(command, address, 0, 1, channels * 16);
    for (int i = 0; i < channels; ++i) {
      auto& record = parameters_[static_cast<std::size_t>(first + i) % parameters_.size()];
      std::copy_n(&after_[address + static_cast<unsigned>(16 * i)], 9, record.begin());
      record[8] &= 0x3f;  // the shift has six bits
    }
    ++other_loads_;
  }

  // Copies activations, after consuming rows of weights and waiting.
  void copy(int elements, int source, int destination, int weight_rows = 0, int cycles = 0) {
    CommandRecord command = begin(registers::convolve::kOpcode);
    command[4] = static_cast<std::uint32_t>(elements);
    command[5] = static_cast<std::uint32_t>(source);
    command[6] = static_cast<std::uint32_t>(destination);
    command[7] = static_cast<std::uint32_t>(weight_rows);
    command[8] = static_cast<std::uint32_t>(cycles);
    wait(command, true, false, false, false, true);
    add(command);
    weights_.erase(weights_.begin(), weights_.begin() + weight_rows * columns_);
    for (int i = 0; i < elements; ++i) outputs_[at(destination + i)] = activations_[at(source + i)];
    ++computes_;
  }

  void copy_weights(int rows, int destination) {
    CommandRecord command = begin(registers::maximum::kOpcode);
    command[4] = static_cast<std::uint32_t>(rows);
    command[5] = static_cast<std::uint32_t>(destination);
    wait(command, false, false, false, false, true);
    add(command);
    for (int i = 0; i < rows * columns_; ++i) {
      outputs_[at(destination + i)] = weights_.front();
      weights_.pop_front();
    }
    ++computes_;
  }

  // The 71 bits of a record, 9 at a time, as operands: bit 8 the sign.
  void copy_parameters(int first, int channels, int destination) {
    CommandRecord command = begin(registers::add::kOpcode);
    command[4] = static_cast<std::uint32_t>(first);
    command[5] = static_cast<std::uint32_t>(destination);
    command[7] = static_cast<std::uint32_t>(channels);
    wait(command, false, true, false, false, true);
    add(command);
    for (int channel = 0; channel < channels; ++channel) {
      const auto& record = parameters_[static_cast<std::size_t>(first + channel) % 64];
      for (int i = 0; i < 8; ++i) {
        int bits = 0;
        for (int bit = 8; bit >= 0; --bit) {
          const int place = 9 * i + bit;
          bits = bits << 1 |
                 (place < 72 ? record[static_cast<std::size_t>(place / 8)] >> place % 8 & 1 : 0);
        }
        outputs_[at(destination + 8 * channel + i)] = bits >= 256 ? -(bits - 256) : bits;
      }
    }
    ++computes_;
  }

  void store(std::uint32_t address, std::uint32_t pitch, int rows, int elements,
             registers::Format format, int source, int source_pitch) {
    using namespace registers::store;
    CommandRecord command = begin(kOpcode);
    set_field(command, kAddress, address);
    set_field(command, kPitch, pitch);
    set_field(command, kRows, rows);
    set_field(command, kElements, elements);
    set_field(command, kFormat, static_cast<int>(format));
    set_field(command, kSource, source);
    set_field(command, kSourcePitch, source_pitch);
    wait(command, false, false, false, true, false);
    add(command);
    for (int row = 0; row < rows; ++row) {
      for (int i = 0; i < elements; ++i) {
        const std::uint32_t place = address + static_cast<std::uint32_t>(row) * pitch +
                                    static_cast<std::uint32_t>(i * width_of(format));
        encode(format, outputs_[at(source + row * source_pitch + i)], &after_[place]);
      }
    }
    ++stores_;
  }

  // Any command; it changes nothing that is expected.
  void add(const CommandRecord& command) {
    commands_.push_back(command);
    sources_.push_back({0, 0, 0, 0});
  }

  const std::vector<CommandRecord>& commands() const { return commands_; }

  // Index of the command that reads the byte at `address`, commands themselves included; -1 if
  // none.
  int reader_of(std::uint32_t address, int bus_bytes) const {
    const auto end = kCommandBase + 64 * static_cast<std::uint32_t>(commands_.size());
    if (address >= kCommandBase && address < end)
      return static_cast<int>(address - kCommandBase) / 64;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const Source& source = sources_[i];
      for (int row = 0; row < source.rows; ++row) {
        const std::uint32_t first = source.address + static_cast<std::uint32_t>(row) * source.pitch;
        const std::uint32_t word = first - first % static_cast<std::uint32_t>(bus_bytes);
        if (address >= word && address < first + static_cast<std::uint32_t>(source.bytes)) {
          return static_cast<int>(i);
        }
      }
    }
    return -1;
  }

  // The memory with the commands in place, and what must become of it.
  void place(SimulatedDevice& device) const {
    device.write(0, before_);
    for (std::size_t i = 0; i < commands_.size(); ++i) {
      device.write(kCommandBase + 64 * i,
                   {reinterpret_cast<const std::uint8_t*>(commands_[i].data()), 64});
    }
  }
  std::vector<std::uint8_t> expected() const {
    std::vector<std::uint8_t> memory = after_;
    for (std::size_t i = 0; i < commands_.size(); ++i) {
      std::copy_n(reinterpret_cast<const std::uint8_t*>(commands_[i].data()), 64,
                  memory.begin() + static_cast<std::ptrdiff_t>(kCommandBase + 64 * i));
    }
    return memory;
  }

  int columns() const { return columns_; }
  std::mt19937& generator() { return generator_; }

 private:
  struct Source {
    std::uint32_t address;
    std::uint32_t pitch;
    int rows;
    int bytes;
  };

  static std::size_t at(int place) { return static_cast<std::size_t>(place) % kDepth; }
  static CommandRecord begin(std::uint8_t opcode) { return make_record(opcode); }

  void add(const CommandRecord& command, std::uint32_t address, std::uint32_t pitch, int rows,
           int bytes) {
    commands_.push_back(command);
    sources_.push_back({address, pitch, rows, bytes});
  }

  void wait(CommandRecord& command, bool activations, bool others, bool read, bool drained,
            bool stores) {
    using namespace registers::command_header;
    set_field(command, kWaitActivations, activations);
    set_field(command, kActivations, activation_loads_);
    set_field(command, kWaitOthers, others);
    set_field(command, kOthers, other_loads_);
    set_field(command, kWaitRead, read);
    set_field(command, kRead, computes_);
    set_field(command, kWaitDrained, drained);
    set_field(command, kDrained, computes_);
    set_field(command, kWaitStores, stores);
    set_field(command, kStores, stores_);
  }

  int columns_;
  std::mt19937 generator_;
  std::vector<std::uint8_t> before_;
  std::vector<std::uint8_t> after_;
  std::vector<int> activations_;
  std::vector<int> outputs_;
  std::deque<int> weights_;
  std::vector<std::array<std::uint8_t, 9>> parameters_;
  std::vector<CommandRecord> commands_;
  std::vector<Source> sources_;
  int activation_loads_ = 0;
  int other_loads_ = 0;
  int computes_ = 0;
  int stores_ = 0;
};

// A random number from first to last.
inline int pick(std::mt19937& generator, int first, int last) {
  return first + static_cast<int>(generator() % static_cast<unsigned>(last - first + 1));
}

// `rounds` of loads, compute commands and stores of every kind, format and alignment.
inline ShellJob random_job(int columns, unsigned seed, int rounds) {
  ShellJob job(columns, seed);
  std::mt19937& random = job.generator();
  using registers::Format;
  const std::array<Format, 3> bytes{Format::int8, Format::unsigned8, Format::log8};
  const auto any_byte = [&] { return bytes[static_cast<std::size_t>(pick(random, 0, 2))]; };
  std::uint32_t result = kResultBase;
  const auto any_store = [&](int elements, int source, bool log = true) {
    const bool wide = pick(random, 0, 1) == 1;
    const Format format =
        wide ? Format::code16 : bytes[static_cast<std::size_t>(pick(random, 0, log ? 2 : 1))];
    const int rows = std::min(pick(random, 1, 4), elements);
    const int row = elements / rows;
    const int row_bytes = row * width_of(format);
    const int gap = pick(random, 0, 5) * width_of(format);
    result += static_cast<std::uint32_t>(pick(random, 1, 20));
    result += wide ? result % 2 : 0;
    job.store(result, static_cast<std::uint32_t>(row_bytes + gap), rows, row, format, source, row);
    result += static_cast<std::uint32_t>(rows * (row_bytes + gap));
  };
  for (int round = 0; round < rounds; ++round) {
    const int rows = pick(random, 1, 5);
    const int elements = pick(random, 1, 90);
    const int pitch = pick(random, elements, elements + 40);
    const int destination = pick(random, 0, kDepth - 1);
    if (pick(random, 0, 2) == 0) {
      job.load_activations(kCodeBase + 2 * static_cast<std::uint32_t>(pick(random, 0, 2000)),
                           2 * static_cast<std::uint32_t>(pitch), rows, elements, Format::code16,
                           destination, elements);
    } else {
      job.load_activations(kDataBase + static_cast<std::uint32_t>(pick(random, 0, 3000)),
                           static_cast<std::uint32_t>(pitch), rows, elements, any_byte(),
                           destination, elements);
    }
    const int output = pick(random, 0, kDepth - 1);
    const int weight_rows = pick(random, 0, 1) * pick(random, 1, 12);
    if (weight_rows > 0) {
      job.load_weights(kDataBase + 16 * static_cast<std::uint32_t>(pick(random, 0, 300)),
                       weight_rows, any_byte());
    }
    job.copy(rows * elements, destination, output, weight_rows, pick(random, 0, 1) * 20);
    any_store(rows * elements, output);
    switch (pick(random, 0, 2)) {
      case 0: {
        const int count = pick(random, 1, 16);
        if (pick(random, 0, 2) == 0) {
          job.load_weights(kCodeBase + 16 * static_cast<std::uint32_t>(pick(random, 0, 300)), count,
                           Format::code16);
        } else {
          job.load_weights(kDataBase + 16 * static_cast<std::uint32_t>(pick(random, 0, 300)), count,
                           any_byte());
        }
        job.copy_weights(count, output);
        any_store(count * columns, output);
        break;
      }
      case 1: {
        const int count = pick(random, 1, 6);
        const int first = pick(random, 0, 63);
        job.load_parameters(kDataBase + 16 * static_cast<std::uint32_t>(pick(random, 0, 300)),
                            count, first);
        job.copy_parameters(first, count, output);
        any_store(count * 8, output, false);  // of which some may be minus zero
        break;
      }
      default:
        break;
    }
  }
  return job;
}

}  // namespace mbm::test
