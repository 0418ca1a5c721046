// mbm simulate: layers of a network on the accelerator, chained through its memory, every code
// compared with the integer network on the CPU.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cmodel/array/grid_names.hpp"
#include "cmodel/common/error.hpp"
#include "cmodel/common/thread_pool.hpp"
#include "cmodel/network/integer_subnetwork.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/format_option.hpp"
#include "host/cli/network_inputs.hpp"
#include "host/cli/platform_command.hpp"
#include "host/cli/result_output.hpp"
#include "host/format/atomic_file.hpp"
#include "host/inference/integer_inference.hpp"
#include "host/multiplier/resolve.hpp"
#include "host/progress/progress.hpp"
#include "host/result/simulation_result.hpp"
#include "host/simulation/grid_products.hpp"
#include "sim/accelerator_library.hpp"

namespace mbm {
namespace {

using Clock = std::chrono::steady_clock;

struct SimulateOptions {
  StudyOptions study;
  std::string layers = "all";
  std::string images = "1";
  std::string cell = "log";
  std::string array = "16x16";
  std::string device = "rtl";
  std::string multiplier;  // empty: exact for the exact cell, else mbm
  std::string golden;      // empty: the multiplier
  std::string rounding = "nearest";
  int latency = 100;
  double bytes_per_cycle = 16;
  double stalls = 0;
  std::size_t memory_bytes = 0;
  std::size_t parts = 1;
  bool profile = false;
  std::string wave;
  std::string wave_cycles;
  std::uint64_t wave_last = 0;
  std::string format = "text";
  std::string out;
  std::string platform;  // TOML file; empty: the device of the options
  std::string cost;      // of the platform
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string join_path(const std::string& folder, const char* name) {
  return (std::filesystem::path(folder) / name).string();
}

// "16x16".
AcceleratorParameters parse_array(const std::string& text) {
  std::int64_t sizes[2] = {0, 0};
  const char* const end = text.data() + text.size();
  const auto rows = std::from_chars(text.data(), end, sizes[0]);
  const bool has_columns = rows.ec == std::errc() && rows.ptr != end && *rows.ptr == 'x';
  if (!has_columns || std::from_chars(rows.ptr + 1, end, sizes[1]).ptr != end) {
    fail(ErrorKind::usage, "--array: '{}' found, ROWSxCOLUMNS expected", text);
  }
  AcceleratorParameters parameters = AcceleratorParameters::of_size(sizes[0], sizes[1]);
  parameters.validate();
  return parameters;
}

ElementKind parse_cell(const std::string& name) {
  return static_cast<ElementKind>(std::ranges::find(kElementKindNames, name) -
                                  kElementKindNames.begin());
}

WaveRequest wave_request(const SimulateOptions& options) {
  if (options.wave.empty()) {
    if (options.wave_cycles.empty() && options.wave_last == 0) return {};
    fail(ErrorKind::usage, "--wave FILE.fst is missing, for which cycles are given");
  }
  if (options.wave_cycles.empty() == (options.wave_last == 0)) {
    fail(ErrorKind::usage, "--wave {}: one of --wave-cycles and --wave-last expected",
         options.wave);
  }
  if (options.device != "rtl") {
    fail(ErrorKind::usage, "--wave {}: only --device rtl has signals", options.wave);
  }
  const std::filesystem::path folder = std::filesystem::absolute(options.wave).parent_path();
  if (!std::filesystem::is_directory(folder)) {
    fail(ErrorKind::input, "--wave {}: there is no folder {}", options.wave, folder.string());
  }
  WaveRequest wave{.path = options.wave};
  wave.before_mismatch = options.wave_last;
  if (options.wave_cycles.empty()) return wave;
  constexpr std::size_t kMostCycles = 100'000'000;
  const IndexRange range = parse_range(options.wave_cycles, kMostCycles, "--wave-cycles");
  wave.first = range.first;
  wave.last = range.last - 1;
  return wave;
}

AxiMemoryOptions memory_options(const SimulateOptions& options) {
  if (!(options.bytes_per_cycle > 0)) {
    fail(ErrorKind::usage, "--bytes-per-cycle: {} found, more than 0 expected",
         options.bytes_per_cycle);
  }
  if (!(options.stalls >= 0 && options.stalls < 1)) {
    fail(ErrorKind::usage, "--stalls: {} found, 0 to less than 1 expected", options.stalls);
  }
  AxiMemoryOptions memory;
  memory.bytes = options.memory_bytes;
  memory.latency = options.latency;
  memory.bytes_per_cycle = options.bytes_per_cycle;
  memory.stalls = {options.stalls, options.stalls, options.stalls, options.stalls, options.stalls};
  return memory;
}

// CRC-32 of the 131,072 bytes of a table, as TABLE_CRC has it.
std::uint32_t crc_of(const ProductTable& table) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t a = 0; a < ProductTable::kOperands; ++a) {
    for (std::size_t b = 0; b < ProductTable::kOperands; ++b) {
      const auto product = static_cast<unsigned>(table(a, b));
      bytes.push_back(static_cast<std::uint8_t>(product & 255U));
      bytes.push_back(static_cast<std::uint8_t>(product >> 8));
    }
  }
  return static_cast<std::uint32_t>(crc32(0, bytes.data(), static_cast<unsigned>(bytes.size())));
}

// A network, its images and a device, from options to result.
class Simulation {
 public:
  explicit Simulation(const SimulateOptions& options) : options_(options) {
    setup_.parameters = parse_array(options.array);
    setup_.parameters.kind = parse_cell(options.cell);
    multiplier_ = set_products(setup_.parameters, options.multiplier);
    setup_.build = accelerator_name(setup_.parameters);
    setup_.simulated_as = options.device == "rtl" ? SimulatedAs::rtl : SimulatedAs::model;
    setup_.memory = memory_options(options);
    setup_.measure_times = options.profile;
    setup_.wave = wave_request(options);
    if (setup_.simulated_as == SimulatedAs::rtl) {
      make_accelerator(setup_.build, {});  // refuses one that is not built, and the memory's
      AxiMemory(16, setup_.memory);        // options, before anything is read
    } else if (options.stalls > 0) {
      fail(ErrorKind::usage, "--stalls {}: only --device rtl has a memory that stalls",
           options.stalls);
    }
    table_ = std::make_unique<ProductTable>(resolve_product_table(multiplier_));
    golden_ = options.golden.empty()
                  ? std::make_unique<ProductTable>(*table_)
                  : std::make_unique<ProductTable>(resolve_product_table(options.golden));
    setup_.table = table_.get();
  }

  SimulationResult run() {
    const NetworkInputs inputs =
        load_network_inputs(network_source(options_.study), options_.study);
    const IndexRange images = parse_range(options_.images, inputs.size(), "--images");
    const std::vector<std::size_t> chosen = parse_layers(inputs.network(), options_.layers);
    const IntegerInference inference(
        inputs.network(), inputs.loaded.parameters,
        integer_quantization(inputs, options_.study, options_.rounding),
        following(inputs.network(), chosen.front()));
    network_ = &inference.compiled().network;
    std::set<std::string> names;
    for (const std::size_t layer : chosen) names.insert(inputs.network().layers()[layer].name);
    prepare(nodes_between(*network_, names));
    describe(inputs);
    simulate(inputs, inference, images);
    return std::move(result_);
  }

 private:
  // Integers go on to the output, whichever layers the device computes.
  static std::vector<std::size_t> following(const Network& network, std::size_t first) {
    std::vector<std::size_t> layers;
    for (std::size_t i = first; i < network.layers().size(); ++i) layers.push_back(i);
    return layers;
  }

  void prepare(const std::vector<std::size_t>& nodes) {
    const Clock::time_point start = Clock::now();
    DevicePart all = prepare_part(*network_, nodes, setup_);
    const auto cut = cut_nodes(all, options_.parts);
    if (cut.size() == 1) {
      parts_.push_back(std::move(all));
    } else {
      for (const auto& part : cut) parts_.push_back(prepare_part(*network_, part, setup_));
    }
    result_.prepare_seconds = seconds_since(start);
    if (!setup_.wave.path.empty() && parts_.size() > 1) {
      fail(ErrorKind::usage, "--wave {}: --parts 1 expected", setup_.wave.path);
    }
  }

  void describe(const NetworkInputs& inputs) {
    result_.configuration = describe_inputs(inputs, options_.study, true);
    result_.configuration.update({{"verb", "simulate"},
                                  {"layers", options_.layers},
                                  {"cell", options_.cell},
                                  {"multiplier", multiplier_},
                                  {"requantization_rounding", options_.rounding}});
    if (const auto file = table_file_of(multiplier_)) {
      result_.configuration["multiplier"] = file->filename().string();
    }
    result_.network = inputs.network().name();
    result_.simulated_as = setup_.simulated_as;
    result_.parameters = setup_.parameters;
    result_.multiplier = table_->name();
    result_.golden_table = golden_->name();
    result_.memory = setup_.memory;
    result_.parts = parts_.size();
    result_.is_predicted = parts_.front().predicted.has_value();
    result_.expected_crc = crc_of(*table_);
    result_.is_profiled = options_.profile;
  }

  void simulate(const NetworkInputs& inputs, const IntegerInference& inference,
                const IndexRange& images) {
    ThreadPool pool(options_.study.threads);
    result_.threads = pool.size();
    std::size_t nodes = 0;
    for (const DevicePart& part : parts_) nodes += part.nodes.size();
    Progress progress("simulating layers", nodes * (images.last - images.first));
    // As many images at a time as keep the threads busy.
    const std::size_t group =
        std::max<std::size_t>(1, static_cast<std::size_t>(pool.size()) / parts_.size());
    for (std::size_t first = images.first; first < images.last; first += group) {
      simulate_group(inputs, inference, {first, std::min(images.last, first + group)}, pool,
                     progress);
    }
    for (double& score : result_.scores) score /= static_cast<double>(result_.images.size());
  }

  void simulate_group(const NetworkInputs& inputs, const IntegerInference& inference,
                      const IndexRange& images, ThreadPool& pool, Progress& progress) {
    std::vector<std::vector<Codes>> tensors;
    Clock::time_point start = Clock::now();
    for (std::size_t image = images.first; image < images.last; ++image) {
      tensors.push_back(golden_tensors(inference.input_codes(inputs.image(image))));
      if (inputs.data) add_scores(*inputs.data, image, tensors.back()[network_->output]);
    }
    result_.executor_seconds += seconds_since(start);
    std::vector<PartRun> runs(tensors.size() * parts_.size());
    std::mutex mutex;
    start = Clock::now();
    const std::clock_t processor_start = std::clock();
    pool.for_each(static_cast<std::int64_t>(runs.size()), [&](std::int64_t index, int) {
      const auto i = static_cast<std::size_t>(index);
      DeviceSetup setup = setup_;
      if (!result_.images.empty() || i >= parts_.size()) setup.wave = {};  // of the first image
      runs[i] = run_part(*network_, parts_[i % parts_.size()], setup, tensors[i / parts_.size()],
                         [&](std::size_t done) {
                           const std::scoped_lock lock(mutex);
                           progress.advance(done);
                         });
    });
    result_.elapsed_seconds += seconds_since(start);
    result_.processor_seconds +=
        static_cast<double>(std::clock() - processor_start) / CLOCKS_PER_SEC;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      add_image(inputs.image_name(images.first + i),
                std::span(runs).subspan(i * parts_.size(), parts_.size()));
    }
  }

  // Of the CPU's prediction, with which the device's is compared; the image was read last.
  void add_scores(EvaluationData& data, std::size_t image, const Codes& output) {
    const at::Tensor prediction = dequantize_tensor(output, network_->tensors[network_->output], 1);
    const Scores scores = data.scores(image, prediction).front();
    result_.score_names = data.score_names();
    result_.scores.resize(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) result_.scores[i] += scores[i];
  }

  // The codes of all tensors as they should be.
  std::vector<Codes> golden_tensors(const std::vector<Codes>& given) {
    std::vector<Codes> tensors(network_->tensors.size());
    for (std::size_t i = 0; i < given.size(); ++i) tensors[network_->inputs[i]] = given[i];
    const auto engine = make_cpu_engine(options_.study.threads);
    run_integer_network(*network_, given, 1, *golden_, *engine,
                        [&](std::size_t node, const Codes& codes) {
                          tensors[network_->nodes[node].output] = codes;
                        });
    return tensors;
  }

  void add_image(const std::string& name, std::span<const PartRun> runs) {
    const bool is_first = result_.images.empty();
    result_.images.push_back(name);
    std::size_t place = 0;
    for (std::size_t p = 0; p < runs.size(); ++p) {
      const PartRun& run = runs[p];
      if (is_first) add_part(run, parts_[p]);
      for (const NodeRun& node : run.nodes) {
        CodeComparison comparison = node.comparison;
        if (comparison.first) comparison.first->node = place;
        if (comparison.first && !result_.comparison.first) {
          result_.mismatch_image = result_.images.size() - 1;
          result_.first_wrong_cycle = run.first_wrong_cycle;
        }
        result_.nodes[place++].comparison.add(comparison);
        result_.comparison.add(comparison);
      }
      result_.run_seconds += run.run_seconds;
      result_.compare_seconds += run.compare_seconds;
      result_.evaluation_seconds += run.evaluation_seconds;
      result_.memory_seconds += run.memory_seconds;
    }
  }

  void add_part(const PartRun& run, const DevicePart& part) {
    for (const NodeRun& node : run.nodes) {
      const IntegerNode& of = network_->nodes[node.node];
      result_.nodes.push_back({of.name,
                               std::string(integer_operation_name(of.operation)),
                               node.cost,
                               node.measured,
                               {}});
    }
    for (std::size_t i = 0; i < run.counters.size(); ++i) {
      result_.counters[i] += run.counters[i];
      if (part.predicted) result_.predicted[i] += (*part.predicted)[i];
    }
    result_.memory_bytes = std::max(result_.memory_bytes, run.memory_bytes);
    result_.commands += run.commands;
    if (run.table_crc) result_.table_crc = run.table_crc;
    if (setup_.wave.path.empty()) return;
    result_.wave = run.wave ? fmt::format("{}: cycles {}:{}", setup_.wave.path, run.wave->first,
                                          run.wave->second + 1)
                            : "none is written, since nothing differs";
  }

  const SimulateOptions& options_;
  DeviceSetup setup_;
  std::string multiplier_;
  std::unique_ptr<ProductTable> table_;
  std::unique_ptr<ProductTable> golden_;
  const IntegerNetwork* network_ = nullptr;
  std::vector<DevicePart> parts_;
  SimulationResult result_;
};

void report(const SimulateOptions& options) {
  const SimulationResult result = Simulation(options).run();
  const nlohmann::json document = simulation_json(result);
  put_result({document.dump(2) + "\n", simulation_text(result), simulation_csv(result)},
             options.format, options.out);
  if (!options.out.empty()) {
    write_file(join_path(options.out, "roofline.svg"), chart_file(simulation_roofline(document)));
    fmt::print(stderr, "results: {}/result.json, .csv, .txt, roofline.svg\n", options.out);
  }
  if (result.comparison.first) {
    fail(ErrorKind::mismatch, "{} ({} of {} codes differ)", mismatch_text(result),
         result.comparison.mismatches, result.comparison.compared);
  }
  if (result.table_crc && *result.table_crc != result.expected_crc) {
    fail(ErrorKind::mismatch, "the device's product table has CRC-32 {:08x}, {:08x} expected",
         *result.table_crc, result.expected_crc);
  }
  if (!result.agrees()) {
    fail(ErrorKind::mismatch, "the device took {} cycles, the cycle model {}, or counters differ",
         result.counters[0], result.predicted[0]);
  }
}

void add_device_options(CLI::App& command, SimulateOptions& options) {
  command
      .add_option("--cell", options.cell,
                  "Processing elements: exact integer products, logarithmic ones, or rows of a "
                  "product table")
      ->check(CLI::IsMember({"exact", "log", "lut"}))
      ->capture_default_str();
  command
      .add_option(
          "--array", options.array,
          fmt::format("Rows and columns, powers of two from 2x2 to 32x32; built for rtl: {}",
                      fmt::join(built_accelerators(), ", ")))
      ->capture_default_str();
  command
      .add_option("--device", options.device,
                  "rtl: the Verilated accelerator; model: its functional and its cycle model; of a "
                  "platform: what all its arrays are, else as its file says")
      ->check(CLI::IsMember({"rtl", "model"}))
      ->capture_default_str();
  command.add_option("--multiplier", options.multiplier,
                     "Of cell log mitchell, mbm or mbm-ref; of cell lut any, as in 'mbm "
                     "multiplier list', or a file with a product table (default: exact for cell "
                     "exact, else mbm)");
  command.add_option("--golden", options.golden,
                     "Multiplier or table file of the network that the device is compared with "
                     "(default: --multiplier)");
  command.add_option("--latency", options.latency, "Of the memory, cycles")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command
      .add_option("--bytes-per-cycle", options.bytes_per_cycle,
                  "Of the memory, reads and writes together")
      ->capture_default_str();
  command
      .add_option("--stalls", options.stalls,
                  "Probability that a channel of the memory's bus stalls in a cycle")
      ->capture_default_str();
  command.add_option("--memory", options.memory_bytes,
                     "Bytes of the device's memory (default: as many as it takes)");
}

}  // namespace

void add_simulate_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand(
      "simulate",
      "Layers of a network on the accelerator, chained through its memory, every code compared\n"
      "with the integer network on the CPU; cycles, what they were spent on, bytes, roofline\n"
      "Examples: mbm simulate --layers up5.convB\n"
      "          mbm simulate --network lenet5 --weights lenet5.npz --data mnist --cell lut "
      "--multiplier my.csv");
  auto options = std::make_shared<SimulateOptions>();
  add_study_options(*command, options->study);
  command->add_option("--layers", options->layers, kLayersHelp)->capture_default_str();
  command->add_option("--images", options->images, "N (the first N) or A:B of the data")
      ->capture_default_str();
  add_device_options(*command, *options);
  command
      ->add_option("--requantization-rounding", options->rounding,
                   "Of the scaled sums between layers")
      ->check(CLI::IsMember({"nearest", "floor"}))
      ->capture_default_str();
  command
      ->add_option("--parts", options->parts,
                   "The chain in N parts, each on a device of its own at the same time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_option("--wave", options->wave, "FST file for the signals of some cycles");
  command->add_option("--wave-cycles", options->wave_cycles,
                      "A:B: these cycles of the first image's run");
  command
      ->add_option("--wave-last", options->wave_last,
                   "The last N cycles up to the first wrong result")
      ->check(CLI::PositiveNumber);
  command->add_flag("--profile", options->profile, "Where the time of the simulation goes");
  add_format_option(*command, options->format);
  command->add_option("--out", options->out,
                      "Folder for result.json, result.csv, result.txt and roofline.svg");
  command->add_option("--platform", options->platform,
                      "TOML file of a platform in SystemC (docs/platform.md) that runs the layers, "
                      "of seeded weights, instead");
  add_component_costs_option(*command, options->cost);
  const CLI::Option* device = command->get_option("--device");
  command->callback([options, device] {
    if (options->platform.empty() && !options->cost.empty()) {
      fail(ErrorKind::usage, "--cost {}: it is for --platform", options->cost);
    }
    if (options->platform.empty()) return report(*options);
    simulate_platform({.file = options->platform,
                       .network = options->study.network,
                       .layers = options->layers,
                       .multiplier = options->multiplier,
                       .device = device->count() > 0 ? options->device : "",
                       .cost = options->cost,
                       .seed = options->study.seed,
                       .format = options->format,
                       .out = options->out});
  });
}

}  // namespace mbm
