#include "host/board/windowed_device.hpp"

#include <algorithm>
#include <variant>

#include "cmodel/array/operand_format.hpp"
#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr std::int64_t kCommandBytes = static_cast<std::int64_t>(registers::kCommandBytes);
constexpr std::int64_t kAlignment = 16;
constexpr std::int64_t kParameterBytes = 16;
constexpr std::int64_t kTableGranule = 8;  // entries
constexpr std::uint32_t kStart = 1U << registers::control::kStart.lsb;
constexpr std::uint32_t kReset = 1U << registers::control::kReset.lsb;
constexpr std::uint32_t kDone = 1U << registers::interrupt_status::kDone.lsb;
constexpr std::uint32_t kAllEvents = 3;

std::int64_t operand_size(std::int64_t format) {
  return operand_bytes(static_cast<registers::Format>(format));
}

}  // namespace

WindowedDevice::WindowedDevice(Device& inner, const AcceleratorParameters& parameters,
                               std::int64_t window_bytes, std::int64_t memory_bytes)
    : inner_(inner),
      parameters_(parameters),
      window_bytes_(window_bytes),
      memory_bytes_(memory_bytes),
      data_(static_cast<std::size_t>(window_bytes)),
      data_begin_(window_bytes) {}

void WindowedDevice::require(std::int64_t address, std::int64_t bytes) const {
  if (address >= 0 && bytes >= 0 && bytes <= memory_bytes_ && address <= memory_bytes_ - bytes) {
    return;
  }
  fail(ErrorKind::device, "memory: {} bytes from {} are not within its {}", bytes, address,
       memory_bytes_);
}

void WindowedDevice::write(std::uint64_t address, std::span<const std::uint8_t> bytes) {
  require(static_cast<std::int64_t>(address), static_cast<std::int64_t>(bytes.size()));
  if (memory_.size() < address + bytes.size()) memory_.resize(address + bytes.size());
  std::ranges::copy(bytes, memory_.begin() + static_cast<std::ptrdiff_t>(address));
}

void WindowedDevice::read(std::uint64_t address, std::span<std::uint8_t> bytes) {
  require(static_cast<std::int64_t>(address), static_cast<std::int64_t>(bytes.size()));
  if (memory_.size() < address + bytes.size()) memory_.resize(address + bytes.size());
  std::copy_n(memory_.begin() + static_cast<std::ptrdiff_t>(address), bytes.size(), bytes.begin());
}

void WindowedDevice::write_register(std::uint32_t address, std::uint32_t value) {
  if (address == registers::kCommandBase) {
    command_base_ = value;
  } else if (address == registers::kCommandCount) {
    command_count_ = value;
  } else if (address == registers::kControl && value == kStart) {
    run();
  } else {
    if (address == registers::kControl && (value & kReset) != 0) weights_.clear();
    inner_.write_register(address, value);
  }
}

std::uint32_t WindowedDevice::read_register(std::uint32_t address) {
  if (address == registers::kCommandBase) return command_base_;
  if (address == registers::kCommandCount) return command_count_;
  if (address == registers::kErrorCommand && error_command_) return *error_command_;
  for (std::size_t i = 0; i < counters_.size(); ++i) {
    if (address == registers::kCounters[i].address) {
      return static_cast<std::uint32_t>(counters_[i]);
    }
    if (address == registers::kCounters[i].address + 4) {
      return static_cast<std::uint32_t>(counters_[i] >> 32);
    }
  }
  return inner_.read_register(address);
}

bool WindowedDevice::wait(std::uint64_t cycles) {
  return !timed_out_ && inner_.wait(cycles);
}

void WindowedDevice::run() {
  failed_ = timed_out_ = false;
  error_command_.reset();
  counters_ = {};
  for (index_ = 0; index_ < command_count_ && !failed_; ++index_) {
    std::vector<std::uint8_t> bytes(kCommandBytes);
    read(command_base_ + std::uint64_t{index_} * bytes.size(), bytes);
    const auto record = record_of(std::span<const std::uint8_t, registers::kCommandBytes>(
        bytes.data(), registers::kCommandBytes));
    const auto decoded = decode(record);
    if (const auto* fault = std::get_if<CommandFault>(&decoded)) {
      fail(ErrorKind::device, "command {}: refused before it goes to the board: {}", index_,
           describe_device_error(static_cast<std::uint32_t>(fault->code), fault->detail));
    }
    add(std::get<Command>(decoded));
  }
  if (!failed_) run_piece();
}

void WindowedDevice::add(const Command& command) {
  std::visit([this](const auto& operation) { add_operation(operation); }, command.operation);
}

// Bytes of data that fit beside the commands so far and `commands` more.
std::int64_t WindowedDevice::room(std::int64_t commands) const {
  const auto used = (static_cast<std::int64_t>(commands_.size()) + commands) * kCommandBytes;
  return std::max<std::int64_t>(data_begin_ - used, 0) / kAlignment * kAlignment;
}

// A place in the window; what there is goes to the board first if it does not fit beside it.
std::int64_t WindowedDevice::take(std::int64_t bytes, std::int64_t commands) {
  if (bytes > room(commands)) run_piece();
  if (bytes > room(commands)) {
    fail(ErrorKind::device,
         "command {}: {} bytes at once found, at most {} of the board's memory "
         "expected",
         index_, bytes, room(commands));
  }
  data_begin_ = (data_begin_ - bytes) / kAlignment * kAlignment;
  return data_begin_;
}

void WindowedDevice::emit(const CommandOperation& operation) {
  if (room(1) <= 0 &&
      data_begin_ < (static_cast<std::int64_t>(commands_.size()) + 1) * kCommandBytes) {
    run_piece();
  }
  commands_.push_back({{}, operation});
  command_indices_.push_back(index_);
}

// Whether the piece under construction stores something that lies between `first` and `end`.
bool WindowedDevice::stores_within(std::int64_t first, std::int64_t end) const {
  return std::ranges::any_of(results_, [&](const Result& result) {
    const std::int64_t last = result.address + (result.rows - 1) * result.pitch;
    return std::min(result.address, last) < end &&
           first < std::max(result.address, last) + result.row_bytes;
  });
}

void WindowedDevice::add_operation(const LoadActivations& load) {
  // What this run computes comes back from the board before it is read again.
  const std::int64_t last = load.address + (load.rows - 1) * load.pitch;
  if (stores_within(std::min(load.address, last),
                    std::max(load.address, last) + load.elements * operand_size(load.format))) {
    run_piece();
  }
  const std::int64_t row_bytes = (load.elements * operand_size(load.format) + 1) / 2 * 2;
  for (std::int64_t row = 0; row < load.rows;) {
    if (failed_) return;
    if (room(1) < row_bytes) run_piece();
    const std::int64_t rows = std::clamp<std::int64_t>(room(1) / row_bytes, 1, load.rows - row);
    LoadActivations part = load;
    part.rows = rows;
    part.pitch = row_bytes;
    part.destination =
        (load.destination + row * load.destination_pitch) % parameters_.activation_depth;
    part.address = take(rows * row_bytes, 1);
    for (std::int64_t r = 0; r < rows; ++r) {
      // A row of a ring may lie before the memory's begin modulo 2^32.
      const std::int64_t from = (load.address + (row + r) * load.pitch) & 0xffffffff;
      const std::int64_t bytes = load.elements * operand_size(load.format);
      std::span<std::uint8_t> to(data_);
      read(static_cast<std::uint64_t>(from),
           to.subspan(static_cast<std::size_t>(part.address + r * row_bytes),
                      static_cast<std::size_t>(bytes)));
    }
    emit(part);
    row += rows;
  }
}

void WindowedDevice::add_operation(const LoadWeights& load) {
  weights_.push_back({load.address, load.rows, load.format});
}

void WindowedDevice::add_operation(const LoadParameters& load) {
  for (std::int64_t done = 0; done < load.channels && !failed_;) {
    if (room(1) < kParameterBytes) run_piece();
    const std::int64_t channels =
        std::clamp<std::int64_t>(room(1) / kParameterBytes, 1, load.channels - done);
    LoadParameters part = load;
    part.channels = channels;
    part.first = load.first + done;
    part.address = take(channels * kParameterBytes, 1);
    read(static_cast<std::uint64_t>(load.address + done * kParameterBytes),
         std::span(data_).subspan(static_cast<std::size_t>(part.address),
                                  static_cast<std::size_t>(channels * kParameterBytes)));
    emit(part);
    done += channels;
  }
}

void WindowedDevice::add_operation(const LoadTable& load) {
  for (std::int64_t done = 0; done < load.entries && !failed_;) {
    if (room(1) < 2 * kTableGranule) run_piece();
    const std::int64_t entries =
        std::min(room(1) / (2 * kTableGranule) * kTableGranule, load.entries - done);
    LoadTable part = load;
    part.entries = entries;
    part.first = load.first + done;
    part.address = take(2 * entries, 1);
    read(static_cast<std::uint64_t>(load.address + 2 * done),
         std::span(data_).subspan(static_cast<std::size_t>(part.address),
                                  static_cast<std::size_t>(2 * entries)));
    emit(part);
    done += entries;
  }
}

void WindowedDevice::add_operation(const Store& store) {
  const std::int64_t bytes = store.elements * operand_size(store.format);
  const std::int64_t row_bytes = (bytes + 1) / 2 * 2;
  for (std::int64_t row = 0; row < store.rows && !failed_;) {
    if (room(1) < row_bytes) run_piece();
    const std::int64_t rows = std::clamp<std::int64_t>(room(1) / row_bytes, 1, store.rows - row);
    Store part = store;
    part.rows = rows;
    part.pitch = row_bytes;
    part.source = (store.source + row * store.source_pitch) % parameters_.output_depth;
    part.address = take(rows * row_bytes, 1);
    results_.push_back(
        {part.address, (store.address + row * store.pitch) & 0xffffffff, store.pitch, rows, bytes});
    emit(part);
    row += rows;
  }
}

void WindowedDevice::add_operation(const ConvolutionPass& convolve) {
  std::int64_t wanted = convolve.tiles() * parameters_.rows;
  // All loads of the convolution and itself in one piece.
  std::int64_t bytes = 0;
  std::int64_t loads = 0;
  std::int64_t rows = wanted;
  for (const PendingWeights& pending : weights_) {
    if (rows == 0) break;
    const std::int64_t part = std::min(rows, pending.rows);
    bytes += (part * parameters_.columns * operand_size(pending.format) + kAlignment - 1) /
             kAlignment * kAlignment;
    rows -= part;
    ++loads;
  }
  if (bytes > room(loads + 1)) run_piece();
  if (failed_) return;
  while (wanted > 0 && !weights_.empty()) {
    PendingWeights& pending = weights_.front();
    const std::int64_t part = std::min(wanted, pending.rows);
    const std::int64_t part_bytes = part * parameters_.columns * operand_size(pending.format);
    const std::int64_t place = take(part_bytes, loads + 1);
    read(static_cast<std::uint64_t>(pending.address),
         std::span(data_).subspan(static_cast<std::size_t>(place),
                                  static_cast<std::size_t>(part_bytes)));
    emit(LoadWeights{.address = place, .rows = part, .format = pending.format});
    wanted -= part;
    pending.rows -= part;
    pending.address += part_bytes;
    if (pending.rows == 0) weights_.erase(weights_.begin());
  }
  emit(convolve);
}

template <typename Other>
void WindowedDevice::add_operation(const Other& operation) {
  emit(operation);
}

void WindowedDevice::run_piece() {
  if (commands_.empty() || failed_) {
    // A run of nothing ends at once, with its interrupt.
    if (!failed_ && command_count_ == 0) inner_.write_register(registers::kControl, kStart);
    return;
  }
  inner_.write(0, command_bytes(commands_));
  inner_.write(static_cast<std::uint64_t>(data_begin_),
               std::span(data_).subspan(static_cast<std::size_t>(data_begin_)));
  inner_.write_register(registers::kCommandBase, 0);
  inner_.write_register(registers::kCommandCount, static_cast<std::uint32_t>(commands_.size()));
  inner_.write_register(registers::kInterruptStatus, kAllEvents);
  inner_.write_register(registers::kControl, kStart);
  ++pieces_;
  if (!inner_.wait(AcceleratorDriver::kPatience)) {
    timed_out_ = failed_ = true;
    return;
  }
  if ((inner_.read_register(registers::kInterruptStatus) & kDone) == 0) {
    failed_ = true;
    const std::uint32_t index = inner_.read_register(registers::kErrorCommand);
    error_command_ = command_indices_.at(std::min<std::size_t>(index, command_indices_.size() - 1));
    return;
  }
  inner_.write_register(registers::kControl, 1U << registers::control::kSnapshot.lsb);
  for (std::size_t i = 0; i < counters_.size(); ++i) {
    const auto& name = registers::kCounters[i].name;
    if (name != "CYCLES" && name != "COMMANDS" && name != "TILES" && name != "POSITIONS") continue;
    counters_[i] += inner_.read_register(registers::kCounters[i].address);
  }
  for (const Result& result : results_) {
    const std::int64_t step = (result.row_bytes + 1) / 2 * 2;
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(result.rows * step));
    inner_.read(static_cast<std::uint64_t>(result.window), bytes);
    for (std::int64_t r = 0; r < result.rows; ++r) {
      write(static_cast<std::uint64_t>((result.address + r * result.pitch) & 0xffffffff),
            std::span(bytes).subspan(static_cast<std::size_t>(r * step),
                                     static_cast<std::size_t>(result.row_bytes)));
    }
  }
  commands_.clear();
  command_indices_.clear();
  results_.clear();
  data_begin_ = window_bytes_;
}

}  // namespace mbm
