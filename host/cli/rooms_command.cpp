// mbm rooms
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

#include "cmodel/common/error.hpp"
#include "host/cli/commands.hpp"
#include "host/format/image.hpp"
#include "host/rooms/scene_generator.hpp"

namespace mbm {
namespace {

struct RoomsOptions {
  std::size_t count = 16;
  std::uint64_t seed = 1;
  std::filesystem::path out;
};

void write_room(const RoomsOptions& options, std::size_t index) {
  rooms::RoomImage room = rooms::render_room(options.seed + index);
  const auto height = static_cast<std::size_t>(room.height);
  const auto width = static_cast<std::size_t>(room.width);
  const std::string name = fmt::format("{:05}.png", index);
  write_rgb_png(options.out / "rgb" / name, {height, width, std::move(room.rgb)});
  write_gray16_png(options.out / "depth" / name, {height, width, std::move(room.depth)});
}

void write_rooms(const RoomsOptions& options) {
  if (std::filesystem::exists(options.out / "rgb") ||
      std::filesystem::exists(options.out / "depth")) {
    fail(ErrorKind::usage, "{} already holds pictures; choose another --out", options.out.string());
  }
  for (std::size_t index = 0; index < options.count; ++index) write_room(options, index);
  fmt::print(stderr, "{} rooms of the seeds {} to {} in {}\n", options.count, options.seed,
             options.seed + options.count - 1, options.out.string());
}

}  // namespace

void add_rooms_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand(
      "rooms",
      "Renders furnished rooms with exact depth: DIR/rgb/NNNNN.png and DIR/depth/NNNNN.png (16 "
      "bits, "
      "millimetres)\nExample: mbm rooms --count 64 --seed 2000000 --out rooms");
  auto options = std::make_shared<RoomsOptions>();
  command->add_option("--count", options->count, "Number of rooms")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Seed of the first room; the others follow it")
      ->capture_default_str();
  command->add_option("--out", options->out, "Folder to write")->required();
  command->callback([options] { write_rooms(*options); });
}

}  // namespace mbm
