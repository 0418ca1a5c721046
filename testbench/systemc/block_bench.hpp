// What all benches of blocks have in common. At the end of a cycle the scoreboard sees the block's
// outputs, then the stimulus sets the inputs of the next one; the block is settled in between.
#pragma once

#include <fmt/format.h>
#include <verilated.h>

#include <memory>
#include <random>
#include <systemc>

#include "cmodel/common/error.hpp"
#include "sim/systemc/failure.hpp"
#include "sim/systemc/simulation_context.hpp"
#include "testbench/systemc/block_benches.hpp"

namespace mbm {

template <typename Model>
class BlockBench : public sc_core::sc_module {
 public:
  BlockBench(const sc_core::sc_module_name& name, const BenchOptions& options, Coverage coverage)
      : sc_module(name),
        options_(options),
        generator_(options.seed),
        block_(std::make_unique<Model>(&context_, "")),
        result_{0, 0, {}, std::move(coverage)},
        clock_("clock", sc_core::sc_time(1, sc_core::SC_NS)) {
    SC_HAS_PROCESS(BlockBench);
    SC_METHOD(rise);
    sensitive << clock_.posedge_event();
    dont_initialize();
    SC_METHOD(fall);
    sensitive << clock_.negedge_event();
    dont_initialize();
  }
  ~BlockBench() override {
    Verilated::threadContextp(&context_);
    block_->final();
  }

  BenchResult run() {
    sc_core::sc_start(sc_core::sc_time(static_cast<double>(options_.cycles), sc_core::SC_NS));
    failure_.rethrow();
    return result_;
  }

 protected:
  virtual void check() = 0;  // the scoreboard, at the end of a cycle
  virtual void drive() = 0;  // the stimulus: inputs of the next cycle

  bool chance(double probability) {
    return std::generate_canonical<double, 32>(generator_) < probability;
  }
  std::int64_t draw(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(generator_);
  }

  // An item of the block, and what it should be.
  template <typename Value>
  void compare(const char* what, const Value& found, Value expected) {
    ++result_.checked;
    if (result_.checked == options_.spoil) expected = static_cast<Value>(expected ^ 1);
    if (found == expected) return;
    if (result_.wrong++ == 0) {
      result_.first_wrong =
          fmt::format("cycle {}, {}: {} found, {} expected", cycle_, what, found, expected);
    }
  }

  BenchOptions options_;
  std::mt19937 generator_;
  VerilatedContext context_;
  std::unique_ptr<Model> block_;
  BenchResult result_;
  std::uint64_t cycle_ = 0;

 private:
  void settle(bool clock) {
    Verilated::threadContextp(&context_);
    block_->clk_i = clock ? 1 : 0;
    block_->eval();
  }
  void fall() {
    failure_.guard([this] { settle(false); });
  }
  void rise() {
    failure_.guard([this] {
      if (cycle_ > 0) check();
      settle(true);
      drive();
      ++cycle_;
    });
  }

  sc_core::sc_clock clock_;
  Failure failure_;
};

// Runs a bench in a simulation of its own.
template <typename Bench>
BenchResult run_bench(const BenchOptions& options) {
  const SimulationContext context;
  Bench bench("bench", options);
  return bench.run();
}

}  // namespace mbm
