#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <system_error>

#include "cmodel/common/error.hpp"
#include "host/cli/board_command.hpp"
#include "host/cli/build_information.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/command_reference.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/cost_command.hpp"
#include "host/cli/result_output.hpp"
#include "host/process/interruption.hpp"
#include "host/progress/progress.hpp"

namespace mbm {
namespace {

int report(ErrorKind kind, std::string_view message) {
  fmt::print(stderr, "mbm: {}\n", message);
  return static_cast<int>(kind);
}

// What was printed may still be in the buffer; on a full disk it never arrives.
void check_standard_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    fail(ErrorKind::input, "cannot write standard output: {}", std::strerror(errno));
  }
}

}  // namespace

void add_commands(CLI::App& application) {
  application.require_subcommand(1);
  application.fallthrough();  // -q may stand behind the verb
  application.add_flag_callback(
      "-q,--quiet", [] { Progress::set_quiet(true); }, "No progress on standard error");
  application.set_version_flag("--version", [] { return describe(build_information()); });
  add_run_command(application);
  add_sweep_command(application);
  add_calibrate_command(application);
  add_decompose_command(application);
  add_compatibility_command(application);
  add_search_command(application);
  add_simulate_command(application);
  add_board_command(application);
  add_multiplier_command(application);
  add_report_command(application);
  add_doctor_command(application);
  add_rooms_command(application);
  add_digits_command(application);
  add_train_command(application);
  add_cost_command(application);
  add_reference_commands(application);
}

int run_command_line(int argument_count, const char* const* arguments) {
  CLI::App application{"CNN accelerators that compute with approximate multipliers", "mbm"};
  add_commands(application);
  remember_command(argument_count, arguments);
  announce_interruptions();
  try {
    application.parse(argument_count, arguments);
    check_standard_output();
    return 0;
  } catch (const CLI::Success& request) {  // --help, --version
    return application.exit(request);
  } catch (const CLI::ParseError& error) {
    return report(ErrorKind::usage, fmt::format("{} (see mbm --help)", error.what()));
  } catch (const Error& error) {
    return report(error.kind(), error.what());
  } catch (const std::system_error& error) {  // what fmt throws if it cannot print
    const bool output_failed = std::ferror(stdout) != 0;
    return report(output_failed ? ErrorKind::input : ErrorKind::internal,
                  fmt::format("{}{}", output_failed ? "cannot write standard output: " : "",
                              output_failed ? error.code().message() : error.what()));
  } catch (const c10::Error& error) {
    return report(ErrorKind::internal, fmt::format("libtorch: {}", error.what_without_backtrace()));
  } catch (const std::exception& error) {
    return report(ErrorKind::internal, fmt::format("internal error: {}", error.what()));
  }
}

}  // namespace mbm
