#include "sim/systemc/platform_options.hpp"

#include <cmath>
#include <string_view>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

void require(std::string_view name, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value >= least && value <= most) return;
  fail(ErrorKind::usage, "platform: {} is {}, {}..{} expected", name, value, least, most);
}

void require_rate(std::string_view name, double value) {
  if (std::isfinite(value) && value >= 1.0 / 64 && value <= 4096) return;
  fail(ErrorKind::usage, "platform: {} is {} bytes a cycle, 1/64..4096 expected", name, value);
}

}  // namespace

void PlatformOptions::validate() const {
  accelerator.validate();
  require("the number of arrays", static_cast<std::int64_t>(cells.size()), 1, 16);
  require("burst_beats", shell.burst_beats, 2, 256);
  require("burst_beats in bytes", shell.burst_beats * accelerator.bus_bytes, 1, 4096);
  require("outstanding", shell.outstanding, 2, 64);
  require("landing_beats", shell.landing_beats, shell.burst_beats, 4096);
  require("queue_depth", shell.queue_depth, 1, 256);
  require("interconnect latency", interconnect.latency, 1, 100'000);
  require_rate("interconnect bytes_per_cycle", interconnect.bytes_per_cycle);
  require("memory banks", dram.banks, 0, 1024);
  require("memory row_bytes", dram.row_bytes, 64, 1 << 20);
  require("memory activate", dram.activate, 0, 100'000);
  require("memory precharge", dram.precharge, 0, 100'000);
  require("memory access", dram.access, 1, 100'000);
  require("memory row_open", dram.row_open, 0, 100'000);
  require("memory write_recovery", dram.write_recovery, 0, 100'000);
  require("memory turnaround", dram.turnaround, 0, 100'000);
  require("memory refresh", dram.refresh, 0, 100'000);
  require("memory refresh_interval", dram.refresh_interval, 0, 1'000'000'000);
  if (dram.refresh_interval > 0) {
    require("memory refresh_interval", dram.refresh_interval, 2 * dram.refresh + 1, 1'000'000'000);
  }
  require_rate("memory bytes_per_cycle", dram.bytes_per_cycle);
  require("memory queue", dram.queue, 1, 1024);
  require("memory bytes", dram.bytes, 4096, std::int64_t{1} << 34);
  require("patience", patience, 1000, 900'000);
}

}  // namespace mbm
