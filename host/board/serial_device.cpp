#include "host/board/serial_device.hpp"

#include <algorithm>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr std::uint64_t kWordBytes = 4;

std::string letters(std::uint32_t word) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const char letter = static_cast<char>(word >> shift);
    text += (letter >= ' ' && letter <= '~') ? letter : '?';
  }
  return text;
}

}  // namespace

BoardIdentity SerialDevice::identify() {
  namespace at = board_registers;
  BoardIdentity identity;
  identity.board = letters(read_register(at::kBoard));
  identity.version = read_register(at::kVersion);
  if (identity.version >> 16 != kBridgeVersion >> 16) {
    fail(ErrorKind::device, "{}: bridge of version {} found, {} expected", link_.name(),
         identity.version >> 16, kBridgeVersion >> 16);
  }
  identity.memory_bytes = read_register(at::kMemoryBytes);
  identity.clock_hertz = read_register(at::kClockHertz);
  identity.features = read_register(at::kFeatures);
  identity.clocks_per_bit = read_register(at::kClocksPerBit);
  return identity;
}

bool SerialDevice::try_write_register(std::uint32_t address, std::uint32_t value) {
  return !link_.write(BoardOperation::write_registers, address, {&value, 1}).refused;
}

std::optional<std::uint32_t> SerialDevice::try_read_register(std::uint32_t address) {
  const BoardAnswer answer = link_.read(BoardOperation::read_registers, address, 1);
  if (answer.refused || answer.words.size() != 1) return std::nullopt;
  return answer.words[0];
}

void SerialDevice::write_register(std::uint32_t address, std::uint32_t value) {
  if (try_write_register(address, value)) return;
  fail(ErrorKind::device, "{}: register {:#05x}: writing {:#010x} is refused", link_.name(),
       address, value);
}

std::uint32_t SerialDevice::read_register(std::uint32_t address) {
  if (const auto value = try_read_register(address)) return *value;
  fail(ErrorKind::device, "{}: register {:#05x}: reading is refused", link_.name(), address);
}

std::vector<std::uint32_t> SerialDevice::read_words(std::uint32_t address, std::size_t count) {
  const BoardAnswer answer = link_.read(BoardOperation::read_memory, address, count);
  if (answer.refused || answer.words.size() != count) {
    fail(ErrorKind::device, "{}: memory: {} bytes from {:#x} are not within the board's",
         link_.name(), kWordBytes * count, address);
  }
  return answer.words;
}

void SerialDevice::write(std::uint64_t address, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    // Words whole; what lies beside the bytes at both ends stays.
    const std::uint64_t first = address / kWordBytes * kWordBytes;
    const std::uint64_t skipped = address - first;
    const std::uint64_t count = std::min<std::uint64_t>(
        {(skipped + bytes.size() + kWordBytes - 1) / kWordBytes, kMostFrameWords});
    const std::uint64_t taken = std::min<std::uint64_t>(bytes.size(), count * kWordBytes - skipped);
    std::vector<std::uint32_t> words(count);
    if (skipped != 0) words.front() = read_words(static_cast<std::uint32_t>(first), 1)[0];
    if ((skipped + taken) % kWordBytes != 0 && (count > 1 || skipped == 0)) {
      words.back() = read_words(static_cast<std::uint32_t>(first + (count - 1) * kWordBytes), 1)[0];
    }
    for (std::uint64_t i = 0; i < taken; ++i) {
      const std::uint64_t place = skipped + i;
      const auto shift = static_cast<unsigned>(8 * (place % kWordBytes));
      std::uint32_t& word = words[place / kWordBytes];
      word = (word & ~(0xffU << shift)) | (std::uint32_t{bytes[i]} << shift);
    }
    if (link_.write(BoardOperation::write_memory, static_cast<std::uint32_t>(first), words)
            .refused) {
      fail(ErrorKind::device, "{}: memory: {} bytes from {:#x} are not within the board's",
           link_.name(), kWordBytes * count, first);
    }
    address += taken;
    bytes = bytes.subspan(taken);
  }
}

void SerialDevice::read(std::uint64_t address, std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const std::uint64_t first = address / kWordBytes * kWordBytes;
    const std::uint64_t skipped = address - first;
    const std::uint64_t count = std::min<std::uint64_t>(
        (skipped + bytes.size() + kWordBytes - 1) / kWordBytes, kMostFrameWords);
    const std::uint64_t taken = std::min<std::uint64_t>(bytes.size(), count * kWordBytes - skipped);
    const std::vector<std::uint32_t> words = read_words(static_cast<std::uint32_t>(first), count);
    for (std::uint64_t i = 0; i < taken; ++i) {
      const std::uint64_t place = skipped + i;
      bytes[i] = static_cast<std::uint8_t>(words[place / kWordBytes] >> (8 * (place % kWordBytes)));
    }
    address += taken;
    bytes = bytes.subspan(taken);
  }
}

bool SerialDevice::wait(std::uint64_t cycles) {
  constexpr int kPingsBetweenClocks = 16;
  const auto end = std::chrono::steady_clock::now() + silence_;
  const std::uint32_t begin = read_register(board_registers::kCycles);
  for (int i = 0; !link_.ping(); ++i) {
    if (i % kPingsBetweenClocks != 0) continue;
    // The counter has 32 bits; more than that is left to the clock on the wall.
    const std::uint32_t passed = read_register(board_registers::kCycles) - begin;
    if (passed > cycles || std::chrono::steady_clock::now() > end) return link_.ping();
  }
  return true;
}

std::vector<std::uint32_t> SerialDevice::echo(std::span<const std::uint32_t> words) {
  return link_.write(BoardOperation::echo, 0, words).words;
}

}  // namespace mbm
