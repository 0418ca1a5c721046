#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <exception>

#include "cmodel/common/error.hpp"
#include "cmodel/common/version.hpp"
#include "host/cli/commands.hpp"

namespace mbm {
namespace {

int report(ErrorKind kind, std::string_view message) {
  fmt::print(stderr, "mbm: {}\n", message);
  return static_cast<int>(kind);
}

void add_commands(CLI::App& application) {
  application.require_subcommand(1);
  application.set_version_flag("--version",
                               fmt::format("mbm {} (numerics {})", MBM_VERSION, kNumericsVersion));
  add_run_command(application);
  add_sweep_command(application);
  add_simulate_command(application);
  add_multiplier_command(application);
  add_rooms_command(application);
  add_train_command(application);
}

}  // namespace

int run_command_line(int argument_count, const char* const* arguments) {
  CLI::App application{"CNN accelerators that compute with approximate multipliers", "mbm"};
  add_commands(application);
  try {
    application.parse(argument_count, arguments);
    return 0;
  } catch (const CLI::Success& request) {  // --help, --version
    return application.exit(request);
  } catch (const CLI::ParseError& error) {
    return report(ErrorKind::usage, fmt::format("{} (see mbm --help)", error.what()));
  } catch (const Error& error) {
    return report(error.kind(), error.what());
  } catch (const c10::Error& error) {
    return report(ErrorKind::internal, fmt::format("libtorch: {}", error.what_without_backtrace()));
  } catch (const std::exception& error) {
    return report(ErrorKind::internal, fmt::format("internal error: {}", error.what()));
  }
}

}  // namespace mbm
