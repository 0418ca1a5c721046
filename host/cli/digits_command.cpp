// mbm digits
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "cmodel/common/error.hpp"
#include "host/cli/commands.hpp"
#include "host/dataset/digits.hpp"

namespace mbm {
namespace {

struct DigitsOptions {
  std::size_t count = 1000;
  std::uint64_t seed = 1;
  std::string part = "test";
  std::filesystem::path out;
};

void write_drawn_digits(const DigitsOptions& options) {
  if (std::filesystem::exists(options.out) && !std::filesystem::is_empty(options.out)) {
    fail(ErrorKind::usage, "{} is not empty; choose another --out", options.out.string());
  }
  write_digits(options.out, options.part == "test" ? DigitsPart::test : DigitsPart::training,
               drawn_digits(options.count, options.seed));
  fmt::print(stderr, "{} digits of the seeds {} to {} in {}\n", options.count, options.seed,
             options.seed + options.count - 1, options.out.string());
}

}  // namespace

void add_digits_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand(
      "digits",
      "Draws digits of strokes, in MNIST's format (28x28 pixels, gzipped IDX)\n"
      "Example: mbm digits --count 1000 --seed 2000000 --out digits");
  auto options = std::make_shared<DigitsOptions>();
  command->add_option("--count", options->count, "Number of digits")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Seed of the first digit; the others follow it")
      ->capture_default_str();
  command->add_option("--part", options->part, "Files of the test or of the training part")
      ->check(CLI::IsMember({"test", "training"}))
      ->capture_default_str();
  command->add_option("--out", options->out, "Folder to write")->required();
  command->callback([options] { write_drawn_digits(*options); });
}

}  // namespace mbm
