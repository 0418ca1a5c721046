// mbm board: bring-up of an FPGA board, or of a virtual one, over its serial line.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cmodel/array/network_lowering.hpp"
#include "cmodel/common/error.hpp"
#include "cmodel/common/version.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "host/board/board_network.hpp"
#include "host/board/ladder.hpp"
#include "host/board/pseudo_terminal.hpp"
#include "host/board/serial_port.hpp"
#include "host/board/simulated_line.hpp"
#include "host/board/windowed_device.hpp"
#include "host/cli/board_command.hpp"
#include "host/multiplier/resolve.hpp"
#include "host/process/child_process.hpp"

namespace mbm {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

struct BoardOptions {
  std::string target = "sim:icebreaker";
  std::string board;  // expected
  int baud = 1000000;
  LineNoise noise;
  std::string format = "text";
  std::string table = "mbm";
  std::uint64_t seed = 1;
  int soak = 1;
  bool quick = false;
  // run
  BoardNetworkOptions network;
  std::size_t image = 0;
  std::size_t images = 1;
  // read, write
  std::string address;
  std::string value;
  std::int64_t count = 1;
  bool memory = false;
  // serve
  std::string name = "icebreaker";
  std::int64_t seconds = 0;
  // program
  std::string bitstream;
};

constexpr std::string_view kSimulated = "sim:";

// The line to a target, the link over it and the device behind it.
struct Connection {
  std::unique_ptr<ByteStream> stream;
  std::unique_ptr<BoardLink> link;
  std::unique_ptr<SerialDevice> device;
};

Connection connect(const BoardOptions& options) {
  Connection connection;
  LinkOptions link;
  if (options.target.starts_with(kSimulated)) {
    LineNoise noise = options.noise;
    noise.seed = static_cast<std::uint32_t>(options.seed);
    connection.stream =
        std::make_unique<SimulatedLine>(options.target.substr(kSimulated.size()), noise);
    link.quiet = std::chrono::microseconds(200);  // the virtual board gives up that much sooner
  } else {
    connection.stream = std::make_unique<SerialPort>(options.target, options.baud);
  }
  connection.link = std::make_unique<BoardLink>(*connection.stream, link);
  connection.device = std::make_unique<SerialDevice>(*connection.link);
  return connection;
}

json link_json(const LinkStatistics& s) {
  return {{"frames", s.frames},
          {"repetitions", s.repetitions},
          {"requests_refused", s.refused_checksums},
          {"requests_incomplete", s.incomplete},
          {"answers_damaged", s.damaged_answers},
          {"answers_missing", s.missing_answers},
          {"bytes_sent", s.bytes_sent},
          {"bytes_received", s.bytes_received}};
}

std::string link_text(const LinkStatistics& s) {
  return fmt::format(
      "line: {} frames, {} repeated ({} requests damaged, {} incomplete, {} answers damaged, {} "
      "missing); {} bytes sent, {} received\n",
      s.frames, s.repetitions, s.refused_checksums, s.incomplete, s.damaged_answers,
      s.missing_answers, s.bytes_sent, s.bytes_received);
}

json result_json(const BoardOptions& options, const std::string& verb) {
  return {{"schema", "mbm.board-" + verb},
          {"schema_version", 1},
          {"tool_version", MBM_VERSION},
          {"numerics_version", kNumericsVersion},
          {"seed", options.seed},
          {"target", options.target},
          {"units", {{"seconds", "s, wall clock"}, {"cycles", "cycles of the board's clock"}}}};
}

bool wants_json(const BoardOptions& options) {
  return options.format == "json";
}

std::string feature_text(std::uint32_t features) {
  std::string text = "CONVOLVE";
  if ((features & board_features::kMaximum) != 0) text += ", MAXIMUM";
  if ((features & board_features::kOtherVectors) != 0) {
    text += ", RESIZE, ADD, RESCALE, log outputs";
  } else {
    text += "; no RESIZE, ADD, RESCALE, log outputs";
  }
  if ((features & board_features::kInOrder) != 0) {
    text += "; commands one after the other, no fences; counts cycles, commands, tiles, positions";
  }
  return text;
}

json state_json(const BoardState& state) {
  const AcceleratorParameters& p = state.parameters;
  return {{"board", state.identity.board},
          {"bridge_version", state.identity.version},
          {"memory_bytes", state.identity.memory_bytes},
          {"clock_hertz", state.identity.clock_hertz},
          {"features", state.identity.features},
          {"clocks_per_bit", state.identity.clocks_per_bit},
          {"rows", p.rows},
          {"columns", p.columns},
          {"kind", p.description()},
          {"activation_depth", p.activation_depth},
          {"sum_depth", p.sum_depth},
          {"output_depth", p.output_depth},
          {"parameter_depth", p.parameter_depth}};
}

void probe(const BoardOptions& options) {
  Connection c = connect(options);
  const BoardState state = probe_board(*c.device, options.board);
  if (wants_json(options)) {
    json document = result_json(options, "probe");
    document.update(state_json(state));
    fmt::print("{}\n", document.dump(2));
    return;
  }
  const AcceleratorParameters& p = state.parameters;
  fmt::print("board       {}, bridge {}.{}\n", state.identity.board, state.identity.version >> 16,
             state.identity.version & 0xffffU);
  fmt::print("clock       {} Hz, {} cycles a bit: {} baud\n", state.identity.clock_hertz,
             state.identity.clocks_per_bit,
             state.identity.clock_hertz / std::max(state.identity.clocks_per_bit, 1U));
  fmt::print("memory      {} bytes\n", state.identity.memory_bytes);
  fmt::print("array       {}\n", p.description());
  fmt::print("depths      {} activations, {} sums, {} outputs, {} channels\n", p.activation_depth,
             p.sum_depth, p.output_depth, p.parameter_depth);
  fmt::print("commands    {}\n", feature_text(state.identity.features));
}

std::string_view verdict_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "pass";
    case Verdict::failed:
      return "FAIL";
    case Verdict::skipped:
      return "none";
  }
  return "";
}

void selftest(const BoardOptions& options) {
  Connection c = connect(options);
  const LadderOptions ladder{options.board, options.table, options.seed, options.soak,
                             options.quick};
  const std::vector<StepResult> results =
      run_ladder(*c.device, ladder, [&](const StepResult& step) {
        if (wants_json(options)) return;
        fmt::print("{:<18}{}  {:7.3f} s  {}\n", step.name, verdict_text(step.verdict), step.seconds,
                   step.detail);
        if (!step.hint.empty()) fmt::print("{:<18}next: {}\n", "", step.hint);
        std::fflush(stdout);
      });
  const bool failed = results.back().verdict == Verdict::failed;
  if (wants_json(options)) {
    json document = result_json(options, "selftest");
    for (const StepResult& step : results) {
      document["steps"].push_back({{"name", step.name},
                                   {"verdict", verdict_text(step.verdict)},
                                   {"seconds", step.seconds},
                                   {"detail", step.detail},
                                   {"hint", step.hint}});
    }
    document["steps_expected"] = ladder_steps().size();
    document["passed"] = !failed;
    document["line"] = link_json(c.link->statistics());
    fmt::print("{}\n", document.dump(2));
  } else {
    fmt::print("{}", link_text(c.link->statistics()));
  }
  if (failed) {
    fail(results.back().kind, "board: step '{}' failed: {}", results.back().name,
         results.back().detail);
  }
}

void memtest(const BoardOptions& options) {
  Connection c = connect(options);
  const BoardState state = probe_board(*c.device, options.board);
  if (const auto fault = test_memory(*c.device, state.identity.memory_bytes)) {
    fail(ErrorKind::mismatch, "board memory: {}", *fault);
  }
  fmt::print("memory      {} bytes good: March C-, addresses\n", state.identity.memory_bytes);
  fmt::print("{}", link_text(c.link->statistics()));
}

void load_table(const BoardOptions& options) {
  Connection c = connect(options);
  const BoardState state = probe_board(*c.device, options.board);
  if (state.parameters.kind != ElementKind::lut) {
    fail(ErrorKind::usage, "board {}: a grid of kind lut expected, {} found", state.identity.board,
         state.parameters.description());
  }
  const ProductTable table = resolve_product_table(options.table);
  const std::uint32_t crc = load_board_table(*c.device, state, table);
  fmt::print("table       '{}', CRC-32 {:#010x}, read back the same\n", table.name(), crc);
  fmt::print("{}", link_text(c.link->statistics()));
}

std::uint32_t number(const std::string& text, const std::string& what) {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  const char* first = text.data() + (hexadecimal ? 2 : 0);
  const char* last = text.data() + text.size();
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(first, last, value, hexadecimal ? 16 : 10);
  if (first == last || end != last || error != std::errc()) {
    fail(ErrorKind::usage, "{}: '{}' found, a number of 32 bits expected", what, text);
  }
  return value;
}

void registers_dump(const BoardOptions& options) {
  Connection c = connect(options);
  const BoardState state = probe_board(*c.device, options.board);
  json document = result_json(options, "registers");
  const auto show = [&](std::string_view name, std::uint32_t address) {
    const std::uint32_t value = c.device->read_register(address);
    document["registers"][std::string(name)] = value;
    if (!wants_json(options))
      fmt::print("{:#05x}  {:<18}{:#010x}  {}\n", address, name, value, value);
  };
  for (const registers::Register& one : registers::kRegisters) show(one.name, one.address);
  for (const registers::Counter& counter : registers::kCounters) {
    show(fmt::format("COUNT_{}", counter.name), counter.address);
  }
  if (wants_json(options)) fmt::print("{}\n", document.dump(2));
}

void read(const BoardOptions& options) {
  Connection c = connect(options);
  const std::uint32_t address = number(options.address, "ADDRESS");
  for (std::int64_t i = 0; i < options.count; ++i) {
    const auto at = address + static_cast<std::uint32_t>(4 * i);
    std::uint32_t value = 0;
    if (options.memory) {
      std::array<std::uint8_t, 4> bytes{};
      c.device->read(at, bytes);
      for (std::size_t b = 0; b < 4; ++b) value |= std::uint32_t{bytes[b]} << (8 * b);
    } else {
      value = c.device->read_register(at);
    }
    fmt::print("{:#05x}  {:#010x}  {}\n", at, value, value);
  }
}

void write(const BoardOptions& options) {
  Connection c = connect(options);
  const std::uint32_t address = number(options.address, "ADDRESS");
  const std::uint32_t value = number(options.value, "VALUE");
  if (options.memory) {
    const std::array<std::uint8_t, 4> bytes{
        static_cast<std::uint8_t>(value), static_cast<std::uint8_t>(value >> 8),
        static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 24)};
    c.device->write(address, bytes);
  } else {
    c.device->write_register(address, value);
  }
}

// A convolution whose products keep the array as busy as this board can.
void bench(const BoardOptions& options) {
  Connection c = connect(options);
  const BoardState state = probe_board(*c.device, options.board);
  ConvolutionProblem problem;
  problem.input_channels = 8;
  problem.output_channels = 2 * state.parameters.columns;
  problem.input_height = problem.input_width = 10;
  problem.kernel_height = problem.kernel_width = 3;
  Requantization requantization;
  requantization.channels.assign(static_cast<std::size_t>(problem.output_channels), {0, 1, 1, 4});
  requantization.lowest = -127;
  requantization.highest = 127;
  const IntegerNetwork network = convolution_network(
      "bench", problem,
      std::vector<std::int16_t>(static_cast<std::size_t>(problem.weight_count()), 3),
      requantization);
  const ProductTable table = board_table(state.parameters, options.table);
  WindowedDevice windowed(*c.device, state.parameters,
                          static_cast<std::int64_t>(state.identity.memory_bytes));
  AcceleratorDriver driver(windowed);
  const LoweredNetwork lowered = lower_network(network, state.parameters, table);
  driver.load(lowered.program);
  const auto begin = Clock::now();
  run_on_device(driver, lowered, {Codes(static_cast<std::size_t>(problem.activation_count()), 2)},
                1);
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const std::uint64_t cycles = driver.counters()[0];
  const double rate = static_cast<double>(problem.product_count()) / static_cast<double>(cycles);
  json document = result_json(options, "bench");
  document.update({{"products", problem.product_count()},
                   {"cycles", cycles},
                   {"products_per_cycle", rate},
                   {"products_per_second", rate * state.identity.clock_hertz},
                   {"seconds", seconds},
                   {"line", link_json(c.link->statistics())}});
  if (wants_json(options)) {
    fmt::print("{}\n", document.dump(2));
    return;
  }
  fmt::print("convolution {}\n", problem.description());
  fmt::print("array       {} products in {} cycles: {:.3f} a cycle, {:.0f} a second at {} Hz\n",
             problem.product_count(), cycles, rate, rate * state.identity.clock_hertz,
             state.identity.clock_hertz);
  fmt::print("all         {:.3f} s with the line\n{}", seconds, link_text(c.link->statistics()));
}

// --- whole networks

struct LayerCheck {
  std::string name;
  std::size_t codes = 0;
  std::size_t different = 0;
};

// Every tensor that a node of the network gives, on the board and by the engine.
std::vector<LayerCheck> check_layers(AcceleratorDriver& driver, const LoweredNetwork& lowered,
                                     const IntegerNetwork& network,
                                     const std::vector<Codes>& inputs, const ProductTable& table) {
  std::vector<LayerCheck> checks;
  const std::unique_ptr<ConvolutionEngine> engine = make_cpu_engine(1);
  run_integer_network(network, inputs, 1, table, *engine, [&](std::size_t node, const Codes& want) {
    const Codes found = driver.read_tensor(lowered.tensors[network.nodes[node].output]);
    LayerCheck check{network.nodes[node].name, want.size(), 0};
    for (std::size_t i = 0; i < want.size(); ++i) {
      check.different += found.at(i) != want[i] ? 1U : 0U;
    }
    checks.push_back(check);
  });
  return checks;
}

void run(const BoardOptions& options) {
  Connection c = connect(options);
  const BoardState state = probe_board(*c.device, options.board);
  const ProductTable table = state.parameters.kind == ElementKind::lut
                                 ? resolve_product_table(options.table)
                                 : board_table(state.parameters, options.table);
  const std::unique_ptr<BoardNetwork> network = make_board_network(options.network);
  const LoweredNetwork lowered = lower_network(network->network(), state.parameters, table);
  WindowedDevice windowed(*c.device, state.parameters,
                          static_cast<std::int64_t>(state.identity.memory_bytes));
  AcceleratorDriver driver(windowed);
  driver.load(lowered.program);
  json document = result_json(options, "run");
  document.update(
      {{"network", network->name()}, {"multiplier", table.name()}, {"board", state_json(state)}});
  std::size_t different = 0;
  for (std::size_t index = options.image; index < options.image + options.images; ++index) {
    const std::vector<Codes> inputs = network->inputs(index);
    const auto begin = Clock::now();
    run_on_device(driver, lowered, inputs, 1);
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    const std::uint64_t cycles = driver.counters()[0];
    json image{{"image", index}, {"cycles", cycles}, {"seconds", seconds}};
    if (!wants_json(options)) {
      fmt::print(
          "{} on {} ({}), {}, image {}: {} cycles of the accelerator in {} pieces, {:.1f} s\n",
          network->name(), state.identity.board, state.parameters.description(), table.name(),
          index, cycles, windowed.pieces(), seconds);
    }
    for (const LayerCheck& check :
         check_layers(driver, lowered, network->network(), inputs, table)) {
      different += check.different;
      image["layers"].push_back(
          {{"name", check.name}, {"codes", check.codes}, {"different", check.different}});
      if (!wants_json(options)) {
        fmt::print("  {:<12}{:>7} codes, {} different\n", check.name, check.codes, check.different);
      }
    }
    document["images"].push_back(image);
  }
  document["line"] = link_json(c.link->statistics());
  document["mismatches"] = different;
  if (wants_json(options)) {
    fmt::print("{}\n", document.dump(2));
  } else {
    fmt::print("{}", link_text(c.link->statistics()));
  }
  if (different != 0) fail(ErrorKind::mismatch, "board run: {} codes differ", different);
}

// --- virtual boards, bitstreams

std::atomic<bool> stop_serving{false};

void serve(const BoardOptions& options) {
  PseudoTerminal terminal;
  std::signal(SIGINT, [](int) { stop_serving = true; });
  std::signal(SIGTERM, [](int) { stop_serving = true; });
  LineNoise noise = options.noise;
  noise.seed = static_cast<std::uint32_t>(options.seed);
  fmt::print("{}\n", terminal.path());
  std::fflush(stdout);
  const ServeStatistics s =
      terminal.serve(options.name, noise, std::chrono::seconds(options.seconds), stop_serving);
  fmt::print(stderr, "{} cycles; {} bytes in, {} out; {} corrupted, {} lost\n", s.cycles,
             s.bytes_in, s.bytes_out, s.corrupted, s.lost);
}

void program(const BoardOptions& options) {
  constexpr int kSeconds = 120;
  const auto loader = find_program("openFPGALoader");
  if (!loader) fail(ErrorKind::missing_tool, "openFPGALoader is not installed");
  const std::string board = options.name == "hx8k" ? "ice40_generic" : options.name;
  const ProcessResult result = run_process({*loader, "-b", board, options.bitstream}, kSeconds);
  if (result.exit_code != 0) {
    fail(ErrorKind::device, "openFPGALoader: exit code {}: {}", result.exit_code,
         result.errors.substr(0, result.errors.find('\n')));
  }
  fmt::print("{} is programmed\n", options.name);
}

// --- the command line

void add_target(CLI::App& command, BoardOptions& options) {
  command
      .add_option(
          "--target", options.target,
          "Serial port of the board, or sim:icebreaker, sim:hx8k: simulated in this process")
      ->capture_default_str();
  command.add_option("--board", options.board, "Letters that the board must have, as ICEB, HX8K");
  command.add_option("--baud", options.baud, "Of the serial port")->capture_default_str();
  command.add_option("--format", options.format, "What standard output gets")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command.add_option("--seed", options.seed, "Of random operands and noise")->capture_default_str();
}

void add_noise(CLI::App& command, BoardOptions& options) {
  command
      .add_option("--corrupted", options.noise.corrupted,
                  "Virtual boards: share of bytes with a flipped bit")
      ->check(CLI::Range(0.0, 0.5));
  command.add_option("--lost", options.noise.lost, "Virtual boards: share of bytes that are lost")
      ->check(CLI::Range(0.0, 0.5));
}

using Handler = void (*)(const BoardOptions&);

CLI::App* add_verb(CLI::App& board, const std::string& name, const std::string& text,
                   const std::shared_ptr<BoardOptions>& options, Handler handler) {
  CLI::App* command = board.add_subcommand(name, text);
  command->callback([options, handler] { handler(*options); });
  return command;
}

}  // namespace

void add_board_command(CLI::App& application) {
  CLI::App* board =
      application.add_subcommand("board",
                                 "Bring-up of an FPGA board over its serial line (docs/boards.md)\n"
                                 "Example: mbm board selftest --target /dev/ttyUSB1\n"
                                 "         mbm board run --target sim:icebreaker --network lenet5");
  board->require_subcommand(1);
  auto options = std::make_shared<BoardOptions>();
  const auto on_target = [&](const std::string& name, const std::string& text, Handler handler) {
    CLI::App* command = add_verb(*board, name, text, options, handler);
    add_target(*command, *options);
    add_noise(*command, *options);
    return command;
  };
  on_target("probe", "What the board is: identity, versions, parameters", probe);
  CLI::App* test =
      on_target("selftest", "The bring-up ladder, up to the first step that fails", selftest);
  test->add_option("--table", options->table, "Multiplier of a grid of kind lut")
      ->capture_default_str();
  test->add_option("--soak", options->soak, "Random tiles")->check(CLI::Range(1, 1000000));
  test->add_flag("--quick", options->quick, "Products of 16 weights instead of all 256");
  on_target("memtest", "March C- on the board's memory", memtest);
  on_target("load-table", "A product table into a grid of kind lut", load_table)
      ->add_option("--table", options->table, "Multiplier or table file")
      ->capture_default_str();
  on_target("regs", "All registers", registers_dump);
  CLI::App* reading = on_target("read", "Registers, or words of memory", read);
  reading->add_option("address", options->address, "Byte address")->required();
  reading->add_option("--count", options->count, "Words")->check(CLI::Range(1, 65536));
  reading->add_flag("--memory", options->memory, "Of the board's memory");
  CLI::App* writing = on_target("write", "A register, or a word of memory", write);
  writing->add_option("address", options->address, "Byte address")->required();
  writing->add_option("value", options->value, "Value")->required();
  writing->add_flag("--memory", options->memory, "Of the board's memory");
  on_target("bench", "Products a cycle and a second of a convolution", bench);
  CLI::App* running =
      on_target("run", "A network on the board, every layer compared with the golden model", run);
  running->add_option("--network", options->network.network, "As of mbm run")->required();
  running->add_option("--weights", options->network.weights, "As of mbm run");
  running->add_option("--data", options->network.data, "As of mbm run; without it noise");
  running->add_option("--table", options->table, "Multiplier of a grid of kind lut")
      ->capture_default_str();
  running->add_option("--image", options->image, "First image")->capture_default_str();
  running->add_option("--images", options->images, "Images")->check(CLI::Range(1, 10000));

  CLI::App* serving =
      add_verb(*board, "serve", "A virtual board behind a pseudo-terminal, whose path it prints",
               options, serve);
  serving->add_option("--board", options->name, "icebreaker, hx8k")->capture_default_str();
  serving->add_option("--seconds", options->seconds, "How long, 0: until it is interrupted");
  serving->add_option("--seed", options->seed, "Of the noise");
  add_noise(*serving, *options);
  CLI::App* programming =
      add_verb(*board, "program", "Loads a bitstream with openFPGALoader", options, program);
  programming->add_option("--board", options->name, "icebreaker, hx8k, ulx3s")
      ->capture_default_str();
  programming->add_option("bitstream", options->bitstream, "File of scripts/fpga")
      ->required()
      ->check(CLI::ExistingFile);
}

}  // namespace mbm
