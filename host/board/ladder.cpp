#include "host/board/ladder.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>
#include <random>
#include <utility>

#include "cmodel/array/driver.hpp"
#include "cmodel/array/grid_names.hpp"
#include "cmodel/array/network_lowering.hpp"
#include "cmodel/common/error.hpp"
#include "cmodel/network/integer_execution.hpp"
#include "host/board/windowed_device.hpp"

namespace mbm {
namespace {

constexpr std::uint32_t kStart = 1U << registers::control::kStart.lsb;
constexpr std::uint32_t kReset = 1U << registers::control::kReset.lsb;
constexpr std::uint32_t kCheckTable = 1U << registers::control::kCheckTable.lsb;
constexpr std::uint32_t kErrorBit = 1U << registers::status::kError.lsb;
constexpr std::uint32_t kBusyBit = 1U << registers::status::kBusy.lsb;
constexpr std::uint32_t kAllEvents = 3;
constexpr std::size_t kTableEntries = 65536;

class StepFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

template <typename... Arguments>
[[noreturn]] void wrong(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  throw StepFailure(fmt::format(format, std::forward<Arguments>(arguments)...));
}

std::uint32_t error_code(std::uint32_t status) {
  return (status >> registers::status::kErrorCode.lsb) & 0xffU;
}

// What the steps share.
class Ladder {
 public:
  Ladder(SerialDevice& device, const LadderOptions& options)
      : device_(device), options_(options), generator_(static_cast<unsigned>(options.seed)) {}

  std::string link() {
    constexpr int kPings = 8;
    for (int i = 0; i < kPings; ++i) device_.link().ping();
    return fmt::format("{} answers", kPings);
  }

  std::string echo() {
    constexpr int kFrames = 4;
    for (int i = 0; i < kFrames; ++i) {
      std::vector<std::uint32_t> words(kMostFrameWords);
      for (std::uint32_t& word : words) word = static_cast<std::uint32_t>(generator_());
      const std::vector<std::uint32_t> back = device_.echo(words);
      if (back != words) wrong("frame {}: what came back is not what was sent", i);
    }
    return fmt::format("{} words came back", kFrames * kMostFrameWords);
  }

  std::string identity() {
    state_ = probe_board(device_, options_.board);
    return fmt::format("{}, {} bytes, {} Hz; {}", state_.identity.board,
                       state_.identity.memory_bytes, state_.identity.clock_hertz,
                       state_.parameters.description());
  }

  std::string scratch() {
    for (int bit = 0; bit < 32; ++bit) {
      const std::uint32_t value = 1U << bit;
      device_.write_register(registers::kScratch, value);
      const std::uint32_t back = device_.read_register(registers::kScratch);
      if (back != value) wrong("SCRATCH: {:#010x} found, {:#010x} expected", back, value);
    }
    return "32 bits";
  }

  std::string reset_values() {
    reset();
    int count = 0;
    for (const registers::Register& one : registers::kRegisters) {
      if (one.parameter || one.access == registers::Access::pulse) continue;
      const std::uint32_t value = device_.read_register(one.address);
      if (one.address == registers::kTableCrc || one.address == registers::kTableData) continue;
      if (value != one.reset)
        wrong("{}: {:#010x} found, {:#010x} expected", one.name, value, one.reset);
      ++count;
    }
    return fmt::format("{} registers", count);
  }

  std::string memory() {
    if (const auto fault = test_memory(device_, state_.identity.memory_bytes)) wrong("{}", *fault);
    return fmt::format("{} bytes, March C- and addresses", state_.identity.memory_bytes);
  }

  std::string interrupt() {
    device_.write_register(registers::kInterruptEnable, 0);
    device_.write_register(registers::kInterruptStatus, kAllEvents);
    device_.write_register(registers::kCommandCount, 0);
    device_.write_register(registers::kControl, kStart);
    std::uint32_t events = 0;
    for (int i = 0; i < 100 && events == 0; ++i) {
      events = device_.read_register(registers::kInterruptStatus);
    }
    if (events != 1) wrong("an empty run: INTERRUPT_STATUS {} found, 1 expected", events);
    if (device_.wait(0)) wrong("the interrupt is raised although it is not enabled");
    device_.write_register(registers::kInterruptEnable, kAllEvents);
    if (!device_.wait(kShortWait)) wrong("the interrupt is not raised");
    device_.write_register(registers::kInterruptStatus, kAllEvents);
    if (device_.wait(0)) wrong("the interrupt stays raised when it is cleared");
    return "raised, masked and cleared";
  }

  // Every element of both memories, through a window of one element.
  std::string scratchpads() {
    constexpr std::int64_t kElements = 128;
    WindowedDevice windowed = window();
    AcceleratorDriver driver(windowed);
    const std::int64_t depth =
        std::max(state_.parameters.activation_depth, state_.parameters.output_depth);
    std::vector<Codes> patterns;
    AcceleratorProgram program;
    program.parameters = state_.parameters;
    const std::int64_t pieces = depth / kElements;
    for (std::int64_t i = 0; i < pieces; ++i) {
      const std::int64_t place = i * kElements;
      LoadActivations load;
      load.address = 4 * place;
      load.format = static_cast<std::int64_t>(registers::Format::code16);
      load.elements = kElements;
      load.destination = place % state_.parameters.activation_depth;
      Maximum copy;
      copy.channels = kElements;
      copy.geometry.ring_base = load.destination / kRingUnit;
      copy.geometry.ring_size = kElements / kRingUnit;
      copy.geometry.row_elements = kElements;
      copy.geometry.output_address = place % state_.parameters.output_depth;
      copy.geometry.position_pitch = kElements;
      copy.geometry.lowest = -255;
      copy.geometry.highest = 255;
      Store store;
      store.address = 4 * place + 2 * kElements;
      store.format = load.format;
      store.elements = kElements;
      store.source = copy.geometry.output_address;
      program.commands.push_back({{}, load});
      program.commands.push_back({{}, copy});
      program.commands.push_back({{}, store});
      std::vector<std::uint8_t> bytes;
      Codes codes;
      for (std::int64_t e = 0; e < kElements; ++e) {
        const auto code = static_cast<std::int16_t>(static_cast<int>(generator_() % 511) - 255);
        codes.push_back(code);
        bytes.push_back(static_cast<std::uint8_t>(code));
        bytes.push_back(static_cast<std::uint8_t>(code >> 8));
      }
      patterns.push_back(codes);
      program.segments.push_back({load.address, bytes});
    }
    program.command_address = (4 * depth + 63) / 64 * 64;
    driver.load(program);
    driver.run();
    for (std::int64_t i = 0; i < pieces; ++i) {
      std::vector<std::uint8_t> back(2 * kElements);
      windowed.read(static_cast<std::uint64_t>(4 * i * kElements + 2 * kElements), back);
      for (std::int64_t e = 0; e < kElements; ++e) {
        const auto at = static_cast<std::size_t>(2 * e);
        const auto found = static_cast<std::int16_t>(back[at] | (back[at + 1] << 8));
        const auto want = patterns[static_cast<std::size_t>(i)][static_cast<std::size_t>(e)];
        if (found != want) {
          wrong("element {}: {} found, {} expected", i * kElements + e, found, want);
        }
      }
    }
    return fmt::format("{} and {} elements", state_.parameters.activation_depth,
                       state_.parameters.output_depth);
  }

  std::string table() {
    if (state_.parameters.kind != ElementKind::lut) return "";
    const ProductTable products = board_table(state_.parameters, options_.table);
    const std::uint32_t found = load_board_table(device_, state_, products);
    constexpr int kSamples = 32;
    for (int i = 0; i < kSamples; ++i) {
      const auto entry = static_cast<std::uint32_t>(generator_() % kTableEntries);
      device_.write_register(registers::kTableAddress, entry);
      const std::uint32_t product = device_.read_register(registers::kTableData);
      if (product != products.products()[entry]) {
        wrong("entry {}: {} found, {} expected", entry, product, products.products()[entry]);
      }
    }
    return fmt::format("'{}', CRC-32 {:#010x}", products.name(), found);
  }

  // A convolution of one term for each of the 65,536 pairs of operands; the result is the high byte
  // of the product.
  std::string products() {
    const int step = options_.quick ? 17 : 1;
    std::vector<std::int16_t> weights;
    for (int w = 0; w < 256; w += step) weights.push_back(static_cast<std::int16_t>(w));
    Codes activations(256);
    std::iota(activations.begin(), activations.end(), std::int16_t{0});
    ConvolutionProblem problem;
    problem.input_channels = 1;
    problem.output_channels = static_cast<std::int64_t>(weights.size());
    problem.input_height = 1;
    problem.input_width = 256;
    Requantization requantization;
    requantization.channels.assign(weights.size(), {0, 1, 1, 8});
    requantization.rounding = RequantizationRounding::floor;
    requantization.lowest = 0;
    requantization.highest = 255;
    const std::uint64_t compared =
        compare(convolution_network("products", problem, weights, requantization,
                                    OperandFormat::uint8, OperandFormat::uint8),
                activations);
    return fmt::format("{} products, their high bytes", compared);
  }

  std::string saturation() {
    ConvolutionProblem problem;
    problem.input_channels = 4;
    problem.output_channels = 4;
    problem.input_height = problem.input_width = 4;
    Requantization requantization;
    requantization.channels = {
        {0, 1, 1, 0}, {-70000, 1, 1, 0}, {0, 65535, 65535, 20}, {5, 1, 1, 14}};
    requantization.lowest = -255;
    requantization.highest = 255;
    std::vector<std::int16_t> weights(16, 255);
    for (std::size_t i = 8; i < 16; ++i)
      weights[i] = i % 5 == 0 ? std::int16_t{1} : std::int16_t{0};
    const std::uint64_t compared = compare(
        convolution_network("saturation", problem, weights, requantization), random_codes(64));
    return fmt::format("{} results", compared);
  }

  std::string tile() {
    std::uint64_t compared = 0;
    for (int i = 0; i < std::max(options_.soak, 1); ++i) compared += random_layer(3, 5);
    return fmt::format("{} results of {} tiles", compared, std::max(options_.soak, 1));
  }

  std::string layer() {
    const std::uint64_t compared = random_layer(6, 9);
    return fmt::format("{} results, {} cycles", compared, cycles_);
  }

  std::string bad_address() {
    LoadActivations load;
    load.address = state_.identity.memory_bytes;
    load.elements = 16;
    expect_error(load, static_cast<std::uint32_t>(registers::Error::read));
    return "refused, and well again after a reset";
  }

  std::string bad_opcode() {
    std::vector<std::uint8_t> bytes(registers::kCommandBytes);
    bytes[0] = 99;
    device_.write(0, bytes);
    expect_error_of_command(static_cast<std::uint32_t>(registers::Error::opcode));
    return "refused, and well again after a reset";
  }

  std::string watchdog() {
    constexpr std::uint32_t kCycles = 5000;
    device_.write_register(registers::kWatchdog, kCycles);
    expect_error(starving(), static_cast<std::uint32_t>(registers::Error::watchdog));
    return fmt::format("bites after {} cycles", kCycles);
  }

  std::string reset_under_load() {
    device_.write_register(registers::kWatchdog, 0);
    device_.write(0, command_bytes(std::vector<Command>{{{}, starving()}}));
    begin(1);
    const std::uint32_t status = device_.read_register(registers::kStatus);
    if ((status & kBusyBit) == 0)
      wrong("a run that waits: STATUS {:#x} found, BUSY expected", status);
    reset();
    return "a waiting run ends";
  }

 private:
  static constexpr std::uint64_t kShortWait = 2'000'000;  // cycles

  WindowedDevice window() {
    return {device_, state_.parameters, static_cast<std::int64_t>(state_.identity.memory_bytes)};
  }

  Codes random_codes(std::size_t count) {
    Codes codes(count);
    for (std::int16_t& code : codes) {
      code = static_cast<std::int16_t>(static_cast<int>(generator_() % 511) - 255);
    }
    return codes;
  }

  // A convolution that has no weights to begin with.
  static ConvolutionPass starving() {
    ConvolutionPass convolve;
    convolve.geometry.ring_size = 1;
    convolve.geometry.highest = 1;
    return convolve;
  }

  void begin(std::uint32_t commands) {
    device_.write_register(registers::kCommandBase, 0);
    device_.write_register(registers::kCommandCount, commands);
    device_.write_register(registers::kInterruptStatus, kAllEvents);
    device_.write_register(registers::kInterruptEnable, kAllEvents);
    device_.write_register(registers::kControl, kStart);
  }

  void reset() {
    device_.write_register(registers::kControl, kReset);
    std::uint32_t status = 1;
    for (int i = 0; i < 100 && status != 0; ++i) status = device_.read_register(registers::kStatus);
    if (status != 0) wrong("after a soft reset: STATUS {:#x} found, 0 expected", status);
  }

  void expect_error(const CommandOperation& operation, std::uint32_t code) {
    device_.write(0, command_bytes(std::vector<Command>{{{}, operation}}));
    expect_error_of_command(code);
  }

  void expect_error_of_command(std::uint32_t code) {
    begin(1);
    if (!device_.wait(kShortWait)) wrong("the run does not end");
    const std::uint32_t status = device_.read_register(registers::kStatus);
    if ((status & kErrorBit) == 0 || error_code(status) != code) {
      wrong("STATUS {:#x} found, error {} expected", status, code);
    }
    if (device_.try_write_register(registers::kControl, kStart)) {
      wrong("a start is accepted while an error is held");
    }
    reset();
  }

  // A convolution of `channels` channels on `size` x `size` pixels with random operands.
  std::uint64_t random_layer(std::int64_t channels, std::int64_t size) {
    ConvolutionProblem problem;
    problem.input_channels = channels;
    problem.output_channels = channels + 2;
    problem.input_height = problem.input_width = size;
    problem.kernel_height = problem.kernel_width = 3;
    problem.padding = 1;
    Requantization requantization;
    for (std::int64_t c = 0; c < problem.output_channels; ++c) {
      requantization.channels.push_back({static_cast<std::int32_t>(generator_() % 4001) - 2000,
                                         static_cast<std::uint16_t>(generator_() % 65536),
                                         static_cast<std::uint16_t>(generator_() % 65536), 24});
    }
    requantization.lowest = -255;
    requantization.highest = 255;
    return compare(
        convolution_network("layer", problem,
                            random_codes(static_cast<std::size_t>(problem.weight_count())),
                            requantization),
        random_codes(static_cast<std::size_t>(problem.activation_count())));
  }

  // Runs a network on the board and by its definition; how many codes were compared.
  std::uint64_t compare(const IntegerNetwork& network, const Codes& input) {
    const ProductTable table = board_table(state_.parameters, options_.table);
    WindowedDevice windowed = window();
    AcceleratorDriver driver(windowed);
    const LoweredNetwork lowered = lower_network(network, state_.parameters, table);
    driver.load(lowered.program);
    const Codes found = run_on_device(driver, lowered, {input}, 1);
    cycles_ = driver.counters()[0];
    ReferenceEngine engine;
    const Codes want = run_integer_network(network, {input}, 1, table, engine);
    const auto [got, expected] = std::ranges::mismatch(found, want);
    if (got != found.end()) {
      const auto place = got - found.begin();
      const IntegerTensor& output = network.tensors[network.output];
      wrong("channel {}, y {}, x {}: {} found, {} expected", place / output.plane(),
            place % output.plane() / output.width, place % output.width, *got, *expected);
    }
    return want.size();
  }

  SerialDevice& device_;
  const LadderOptions& options_;
  std::mt19937 generator_;
  BoardState state_;
  std::uint64_t cycles_ = 0;
};

struct Step {
  const char* name;
  const char* hint;
  std::string (Ladder::*run)();
};

// In the order in which each needs those before it.
constexpr Step kSteps[] = {
    {"link", "port, cable, baud; is the bitstream loaded and the green lamp on?", &Ladder::link},
    {"echo", "noise on the line: a lower baud, a shorter cable", &Ladder::echo},
    {"identity", "another bitstream than this program was made for: load the right one",
     &Ladder::identity},
    {"scratch register", "data lines between bridge and registers", &Ladder::scratch},
    {"reset values", "the registers' reset, or another version of them", &Ladder::reset_values},
    {"interrupt", "the interrupt line from the accelerator to the bridge", &Ladder::interrupt},
    {"memory", "address or data lines of the board's memory, timing", &Ladder::memory},
    {"scratchpads", "activation scratchpad, output buffer, loads and stores", &Ladder::scratchpads},
    {"product table", "SPRAM and its address lines", &Ladder::table},
    {"products", "the first row of the grid: product, sum, scaling", &Ladder::products},
    {"saturation", "saturation of sums, clamping of results", &Ladder::saturation},
    {"tile", "other elements of the grid, weights, activations", &Ladder::tile},
    {"layer", "walk over tiles and positions, ring of rows", &Ladder::layer},
    {"bad address", "the check of addresses, the error path", &Ladder::bad_address},
    {"bad opcode", "the check of commands", &Ladder::bad_opcode},
    {"watchdog", "the watchdog", &Ladder::watchdog},
    {"reset under load", "soft reset", &Ladder::reset_under_load},
};

}  // namespace

ProductTable board_table(const AcceleratorParameters& parameters, const std::string& name) {
  switch (parameters.kind) {
    case ElementKind::exact:
      return make_product_table("exact");
    case ElementKind::lut:
      return make_product_table(name);
    case ElementKind::log:
      break;
  }
  if (parameters.fraction_bits != 7 || parameters.log_kind < 0 || parameters.log_kind > 2) {
    fail(ErrorKind::device,
         "board: logarithms with {} bits of fraction, kind {} found, 7 bits, "
         "kind 0..2 expected",
         parameters.fraction_bits, parameters.log_kind);
  }
  return make_product_table(
      std::string(kLogProductNames.at(static_cast<std::size_t>(parameters.log_kind))));
}

std::uint32_t load_board_table(SerialDevice& device, const BoardState& state,
                               const ProductTable& table) {
  WindowedDevice windowed(device, state.parameters,
                          static_cast<std::int64_t>(state.identity.memory_bytes));
  AcceleratorDriver driver(windowed);
  std::vector<std::uint8_t> bytes;
  for (const std::uint16_t product : table.products()) {
    bytes.push_back(static_cast<std::uint8_t>(product));
    bytes.push_back(static_cast<std::uint8_t>(product >> 8));
  }
  AcceleratorProgram program;
  program.parameters = state.parameters;
  program.segments.push_back({0, bytes});
  program.commands.push_back(
      {{},
       LoadTable{.address = 0, .entries = static_cast<std::int64_t>(kTableEntries), .first = 0}});
  program.command_address = static_cast<std::int64_t>(bytes.size());
  driver.load(program);
  driver.run();
  device.write_register(registers::kControl, kCheckTable);
  const std::uint32_t found = device.read_register(registers::kTableCrc);
  const auto want =
      static_cast<std::uint32_t>(::crc32(0, bytes.data(), static_cast<unsigned>(bytes.size())));
  if (found != want) {
    fail(ErrorKind::mismatch, "CRC-32 of the table: {:#010x} found, {:#010x} expected", found,
         want);
  }
  return found;
}

BoardState probe_board(SerialDevice& device, const std::string& expected_board) {
  BoardState state;
  state.identity = device.identify();
  if (!expected_board.empty() && state.identity.board != expected_board) {
    fail(ErrorKind::device, "{}: board '{}' found, '{}' expected", device.link().name(),
         state.identity.board, expected_board);
  }
  state.parameters = AcceleratorDriver(device).parameters();
  if ((state.identity.features & board_features::kInOrder) == 0) {
    fail(ErrorKind::device,
         "{}: features {:#x} found, bit 0 expected (commands one after the other)",
         device.link().name(), state.identity.features);
  }
  return state;
}

std::optional<std::string> test_memory(SerialDevice& device, std::uint32_t bytes) {
  const std::size_t words = bytes / 4;
  const auto check = [&](std::size_t word, std::uint32_t want) -> std::optional<std::string> {
    std::array<std::uint8_t, 4> found{};
    device.read(4 * word, found);
    const std::uint32_t value = found[0] | (std::uint32_t{found[1]} << 8) |
                                (std::uint32_t{found[2]} << 16) | (std::uint32_t{found[3]} << 24);
    if (value == want) return std::nullopt;
    return fmt::format("byte {}: {:#010x} found, {:#010x} expected", 4 * word, value, want);
  };
  const auto fill = [&](std::size_t word, std::uint32_t value) {
    const std::array<std::uint8_t, 4> data{
        static_cast<std::uint8_t>(value), static_cast<std::uint8_t>(value >> 8),
        static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 24)};
    device.write(4 * word, data);
  };
  // March C-: up w0; up r0 w1; up r1 w0; down r0 w1; down r1 w0; r0 - block by block of a frame, so
  // that each element's reads come before its writes.
  struct Element {
    bool up;
    std::optional<std::uint32_t> read;
    std::optional<std::uint32_t> write;
  };
  constexpr std::uint32_t kZero = 0x55555555;
  constexpr std::uint32_t kOne = ~kZero;
  const Element elements[] = {{true, {}, kZero},    {true, kZero, kOne},  {true, kOne, kZero},
                              {false, kZero, kOne}, {false, kOne, kZero}, {true, kZero, {}}};
  for (const Element& element : elements) {
    const std::size_t blocks = (words + kMostFrameWords - 1) / kMostFrameWords;
    for (std::size_t i = 0; i < blocks; ++i) {
      const std::size_t block = element.up ? i : blocks - 1 - i;
      const std::size_t first = block * kMostFrameWords;
      const std::size_t count = std::min(kMostFrameWords, words - first);
      if (element.read) {
        std::vector<std::uint8_t> found(4 * count);
        device.read(4 * first, found);
        const auto want = static_cast<std::uint8_t>(*element.read);
        const auto bad = std::ranges::find_if(found, [&](std::uint8_t b) { return b != want; });
        if (bad != found.end()) {
          return fmt::format("byte {}: {:#04x} found, {:#04x} expected",
                             4 * first + static_cast<std::size_t>(bad - found.begin()), *bad, want);
        }
      }
      if (element.write) {
        const std::vector<std::uint8_t> data(4 * count, static_cast<std::uint8_t>(*element.write));
        device.write(4 * first, data);
      }
    }
  }
  // Its own address in the words at powers of two and their neighbours: a line that is stuck or two
  // that are one show up.
  std::vector<std::size_t> places{0};
  for (std::size_t place = 1; place < words; place *= 2) places.push_back(place);
  places.push_back(words - 1);
  for (const std::size_t place : places)
    fill(place, static_cast<std::uint32_t>(0xc0de0000U + place));
  for (const std::size_t place : places) {
    if (auto fault = check(place, static_cast<std::uint32_t>(0xc0de0000U + place))) return fault;
  }
  return std::nullopt;
}

std::vector<std::string> ladder_steps() {
  std::vector<std::string> names;
  for (const Step& step : kSteps) names.emplace_back(step.name);
  return names;
}

std::vector<StepResult> run_ladder(SerialDevice& device, const LadderOptions& options,
                                   const std::function<void(const StepResult&)>& show) {
  Ladder ladder(device, options);
  std::vector<StepResult> results;
  for (const Step& step : kSteps) {
    StepResult result;
    result.name = step.name;
    const auto begin = std::chrono::steady_clock::now();
    try {
      result.detail = (ladder.*step.run)();
      if (result.detail.empty()) {
        result.verdict = Verdict::skipped;
        result.detail = "this board has none";
      }
    } catch (const StepFailure& failure) {
      result.verdict = Verdict::failed;
      result.detail = failure.what();
    } catch (const Error& error) {
      result.verdict = Verdict::failed;
      result.detail = error.what();
      result.kind = error.kind();
    }
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (result.verdict == Verdict::failed) result.hint = step.hint;
    results.push_back(result);
    if (show) show(result);
    if (result.verdict == Verdict::failed) break;
  }
  return results;
}

}  // namespace mbm
