#include "host/cli/commands.hpp"

int main(int argument_count, char** arguments) {
  return mbm::run_command_line(argument_count, arguments);
}
