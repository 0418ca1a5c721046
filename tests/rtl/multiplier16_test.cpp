// The 16-bit modules against their definitions.
#include <gtest/gtest.h>

#include <atomic>
#include <bit>
#include <random>
#include <thread>

#include "cmodel/multiplier/multiplier.hpp"
#include "testbench/multiplier_bench.hpp"

namespace mbm {
namespace {

// Pairs of every combination of leading ones, the fractions random, and the corners.
struct Pairs {
  std::vector<std::uint16_t> a;
  std::vector<std::uint16_t> b;
};

Pairs random_pairs(unsigned seed) {
  std::mt19937 generator(seed);
  Pairs pairs;
  const auto operand = [&](int characteristic) {
    const std::uint32_t one = std::uint32_t{1} << characteristic;
    return static_cast<std::uint16_t>(one | (generator() & (one - 1)));
  };
  for (int i = 0; i < 16 * 16 * 500; ++i) {
    pairs.a.push_back(operand(i % 16));
    pairs.b.push_back(operand(i / 16 % 16));
  }
  for (const std::uint16_t corner : {0, 1, 2, 3, 255, 256, 32767, 32768, 65534, 65535}) {
    for (const std::uint16_t other : {0, 1, 2, 3, 255, 256, 32767, 32768, 65534, 65535}) {
      pairs.a.push_back(corner);
      pairs.b.push_back(other);
    }
  }
  return pairs;
}

TEST(Multiplier16, EqualTheirDefinitionsOnPairsOfEverySize) {
  const unsigned seed = 16;
  const Pairs pairs = random_pairs(seed);
  const auto products = verilog_products16(pairs.a, pairs.b);
  for (std::size_t m = 0; m < products.size(); ++m) {
    const auto definition = make_multiplier(verilog_multipliers16()[m], 16);
    std::size_t differences = 0;
    for (std::size_t i = 0; i < pairs.a.size(); ++i) {
      differences += products[m][i] != definition->multiply(pairs.a[i], pairs.b[i]) ? 1 : 0;
    }
    EXPECT_EQ(differences, 0U) << verilog_multipliers16()[m] << ", seed " << seed;
  }
}

TEST(Multiplier16, AnotherDefinitionIsSeen) {
  const Pairs pairs = random_pairs(17);
  const auto products = verilog_products16(pairs.a, pairs.b);
  const auto definition = make_multiplier("mbm:t1", 16);
  std::size_t differences = 0;
  for (std::size_t i = 0; i < pairs.a.size(); ++i) {
    differences += products[1][i] != definition->multiply(pairs.a[i], pairs.b[i]) ? 1 : 0;
  }
  EXPECT_GT(differences, 0U);
}

// All 2^32 products, rows handed out to all cores.
std::uint64_t exhaustive_differences(const std::string& name,
                                     std::unique_ptr<Multiplier16> (*make)()) {
  const auto definition = make_multiplier(name, 16);
  std::atomic<std::uint32_t> next = 0;
  std::atomic<std::uint64_t> differences = 0;
  const auto work = [&] {
    const std::unique_ptr<Multiplier16> module = make();
    std::vector<std::uint32_t> got(65536);
    std::vector<std::uint32_t> want(65536);
    for (std::uint32_t a = next++; a < 65536; a = next++) {
      module->multiply_row(static_cast<std::uint16_t>(a), std::span<std::uint32_t, 65536>(got));
      definition->multiply_row(a, want);
      std::uint64_t in_row = 0;
      for (std::size_t b = 0; b < got.size(); ++b) in_row += got[b] != want[b] ? 1 : 0;
      differences += in_row;
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) threads.emplace_back(work);
  work();
  threads.clear();
  return differences;
}

TEST(Multiplier16Slow, MitchellEqualsItsDefinitionOnAllPairs) {
  EXPECT_EQ(exhaustive_differences("mitchell", make_mitchell16), 0U);
}

TEST(Multiplier16Slow, MbmEqualsItsDefinitionOnAllPairs) {
  EXPECT_EQ(exhaustive_differences("mbm", make_mbm16), 0U);
}

}  // namespace
}  // namespace mbm
