// Circuits for the solver: and-inverter graphs as files, decision diagrams of tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "host/multiplier/and_inverter_graph.hpp"
#include "host/multiplier/table_circuit.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

using testing::HasSubstr;

class AndInverterGraphFile : public testing::Test {
 protected:
  AndInverterGraph read(const std::string& bytes) const {
    test::write_bytes(folder_ / "c.aig", bytes);
    return AndInverterGraph(folder_ / "c.aig");
  }

  void expect_refused(const std::string& bytes, const std::string& reason) const {
    test::expect_input_error({(folder_ / "c.aig").string(), reason}, [&] { read(bytes); });
  }

  // A half adder, encoded by hand: gates x & y, !x & !y, and the sum, which is neither of them.
  const std::string header_ = "aig 5 2 0 2 3\n10\n6\n";
  const std::string gates_ = "\x02\x02\x03\x02\x01\x02";
  const std::string symbols_ = "i0 x\ni1 y\no0 sum\no1 carry\nc\nby hand\n";
  test::TemporaryFolder folder_;
};

TEST_F(AndInverterGraphFile, HalfAdder) {
  const AndInverterGraph graph = read(header_ + gates_ + symbols_);
  EXPECT_THAT(graph.inputs(), testing::ElementsAre("x", "y"));
  EXPECT_THAT(graph.outputs(), testing::ElementsAre("sum", "carry"));
  const std::vector<std::uint64_t> inputs{0b0011, 0b0101};
  const std::vector<std::uint64_t> outputs = graph.evaluate(inputs);
  EXPECT_EQ(outputs[0] & 0xf, 0b0110U);
  EXPECT_EQ(outputs[1] & 0xf, 0b0001U);
}

TEST_F(AndInverterGraphFile, OneInvertedInputOfAGateIsSeen) {
  std::string gates = gates_;
  gates[0] = 1;  // !y instead of y ...
  gates[1] = 3;  // ... and x as before
  const std::vector<std::uint64_t> inputs{0b0011, 0b0101};
  EXPECT_EQ(read(header_ + gates + symbols_).evaluate(inputs)[1] & 0xf, 0b0010U);
}

TEST_F(AndInverterGraphFile, IsRefusedWithItsReason) {
  test::expect_input_error({"absent.aig"}, [&] { AndInverterGraph(folder_ / "absent.aig"); });
  expect_refused("", "ends early");
  expect_refused("aag 5 2 0 2 3\n", "header");
  expect_refused("aig 6 2 1 2 3\n", "header");
  expect_refused("aig 4294967295 2 0 2 4294967293\n", "header");
  expect_refused("aig 5 2 0 2 3\n10\n", "ends early");
  expect_refused("aig 5 2 0 2 3\n10\n12\n" + gates_ + symbols_, "a literal expected");
  expect_refused(header_ + gates_.substr(0, 4), "ends early");
  expect_refused(header_ + "\x07" + gates_.substr(1) + symbols_, "before its inputs");
  expect_refused(header_ + gates_, "no symbol");
  expect_refused(header_ + gates_ + "i7 x\n", "a symbol");
}

TEST(TableCircuit, SharesWhatIsEqual) {
  std::vector<std::uint16_t> products(ProductTable::kEntries);
  for (std::size_t i = 0; i < products.size(); ++i) {
    products[i] = static_cast<std::uint16_t>((i & 1) * 0x8001);  // bits 0 and 15: bit 0 of b
  }
  const std::string text = table_circuit({"t", products});
  EXPECT_THAT(text, HasSubstr("logic [2:0] node;"));
  EXPECT_THAT(text, HasSubstr("assign node[2] = b_i[0] ? node[1] : node[0];"));
  EXPECT_THAT(text, HasSubstr("assign product_o[0] = node[2];"));
  EXPECT_THAT(text, HasSubstr("assign product_o[7] = node[0];"));
  EXPECT_THAT(text, HasSubstr("assign product_o[15] = node[2];"));
}

}  // namespace
}  // namespace mbm
