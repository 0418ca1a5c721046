// What a user is told who interrupts long work.
#pragma once

#include <string>

namespace mbm {

// From now on SIGINT and SIGTERM print one line on standard error before they end the process, with
// the status that they give it by default.
void announce_interruptions();

// What that line says after "mbm: interrupted": what is kept and how to go on; the last call
// counts.
void say_when_interrupted(const std::string& text);
// That `file` holds what is done, and the same command goes on from there.
void say_what_is_kept(const std::string& file);

}  // namespace mbm
