// Commands as types and their records.
#include "cmodel/array/command.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/expect_error.hpp"

namespace mbm {
namespace {

// Every record whose fields are random within their ranges comes back from decode and encode: so no
// field is forgotten, none lies at another's place.
TEST(Command, EveryFieldOfEveryCommandIsKept) {
  std::mt19937 generator(1);
  for (const registers::CommandLayout& layout : registers::kCommands) {
    SCOPED_TRACE(layout.name);
    for (int repetition = 0; repetition < 200; ++repetition) {
      CommandRecord record = make_record(layout.opcode);
      for (const registers::Field& field : layout.fields) {
        const std::int64_t value =
            std::uniform_int_distribution<std::int64_t>(field.least, field.most)(generator);
        set_field(record, field, std::max(value / field.multiple * field.multiple, field.least));
      }
      set_field(record, registers::command_header::kWaitRead, 1);
      set_field(record, registers::command_header::kRead, repetition);
      const auto decoded = decode(record);
      ASSERT_TRUE(std::holds_alternative<Command>(decoded));
      EXPECT_EQ(std::get<Command>(decoded).fences.read, repetition);
      EXPECT_EQ(command_name(std::get<Command>(decoded).operation), layout.name);
      EXPECT_EQ(encode(std::get<Command>(decoded)), record);
    }
  }
}

TEST(Command, WhatTheDispatcherRefuses) {
  const auto fault = [](const CommandRecord& record) {
    const auto decoded = decode(record);
    const auto* found = std::get_if<CommandFault>(&decoded);
    return found == nullptr ? CommandFault{} : *found;
  };
  EXPECT_EQ(fault(make_record(99)), (CommandFault{registers::Error::opcode, 99}));
  CommandRecord weights = encode({{}, LoadWeights{.address = 32, .rows = 4}});
  EXPECT_EQ(fault(weights), CommandFault{});
  weights[4] = 33;  // no multiple of 16
  EXPECT_EQ(fault(weights), (CommandFault{registers::Error::field, 4}));
  weights[3] = 1;  // a bit that is no field; the lowest word counts
  EXPECT_EQ(fault(weights), (CommandFault{registers::Error::field, 3}));
  weights = encode({{}, LoadWeights{.address = 32, .rows = 4}});
  weights[5] = 0;  // no rows
  EXPECT_EQ(fault(weights), (CommandFault{registers::Error::field, 5}));
}

TEST(Command, ValuesThatDoNotFitNameCommandAndField) {
  test::expect_error(ErrorKind::usage, {"LOAD_WEIGHTS"}, [] {
    encode({{}, LoadWeights{.address = 8, .rows = 4}});
  });
}

}  // namespace
}  // namespace mbm
