#include "cmodel/multiplier/multiplier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "cmodel/common/error.hpp"
#include "cmodel/multiplier/product_table.hpp"

namespace mbm {
namespace {

using testing::HasSubstr;

std::string usage_error_of(const std::string& name, int width = 8) {
  try {
    make_multiplier(name, width);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage) << name;
    return error.what();
  }
  return "no error";
}

TEST(Multiplier, MembersCarryTheirCanonicalNamesOnce) {
  std::set<std::string> names;
  for (const MultiplierFamily& family : multiplier_families()) {
    EXPECT_FALSE(family.members.empty()) << family.name;
    for (const std::string& member : family.members) {
      EXPECT_EQ(make_multiplier(member)->name(), member);
      EXPECT_TRUE(names.insert(member).second) << member << " twice";
    }
  }
}

TEST(Multiplier, DefaultsAreLeftOutOfTheName) {
  EXPECT_EQ(make_multiplier("mitchell:w7")->name(), "mitchell");
  EXPECT_EQ(make_multiplier("mbm:t0")->name(), "mbm");
  EXPECT_EQ(make_multiplier("realm:8:t0")->name(), "realm:8");
  EXPECT_EQ(make_multiplier("mbm-folded")->name(), "mbm-folded:7");
  EXPECT_EQ(make_multiplier("mbm-skip:c9:t2")->name(), "mbm-skip:t2:c9");
  EXPECT_EQ(make_multiplier("mbm:t8", 16)->name(), "mbm:t8");
}

TEST(Multiplier, EveryFamilyCanDropLowBitsOfItsProducts) {
  EXPECT_EQ(make_multiplier("log2:drop4:w4")->name(), "log2:w4:drop4");
  for (const char* name : {"exact", "mbm", "log2:w4", "exact-rounded:6"}) {
    const ProductTable whole = make_product_table(name);
    const ProductTable dropped = make_product_table(std::string(name) + ":drop5");
    for (std::size_t a = 0; a < 256; ++a) {
      for (std::size_t b = 0; b < 256; ++b) ASSERT_EQ(dropped(a, b), whole(a, b) / 32 * 32) << name;
    }
  }
  EXPECT_THAT(usage_error_of("mbm:drop0"), HasSubstr("drop1..12 expected at 8 bits"));
  EXPECT_THAT(usage_error_of("mbm:drop13"), HasSubstr("drop1..12"));
  EXPECT_THAT(usage_error_of("mbm:drop"), HasSubstr("unknown"));
  EXPECT_THAT(usage_error_of("mbm:drop2:drop3"), HasSubstr("'drop3' is unknown"));
}

TEST(Multiplier, WrongParametersAreRefusedWithWhatIsExpected) {
  EXPECT_THAT(usage_error_of("drum:99"), HasSubstr("'99' found, 3..8 expected"));
  EXPECT_THAT(usage_error_of("drum"), HasSubstr("missing"));
  EXPECT_THAT(usage_error_of("drum:6:7"), HasSubstr("'7' is unknown"));
  EXPECT_THAT(usage_error_of("drum:six"), HasSubstr("drum:K"));
  EXPECT_THAT(usage_error_of("drum:-1"), HasSubstr("expected"));
  EXPECT_THAT(usage_error_of("drum:6 "), HasSubstr("expected"));
  EXPECT_THAT(usage_error_of("drum:"), HasSubstr("missing"));
  EXPECT_THAT(usage_error_of("realm:3"), HasSubstr("power of two"));
  EXPECT_THAT(usage_error_of("mbm:t9"), HasSubstr("t0..5"));
  EXPECT_THAT(usage_error_of("mbm:t9", 16), HasSubstr("t0..8"));
  EXPECT_THAT(usage_error_of("mbm-ref:t1"), HasSubstr("unknown"));
  EXPECT_THAT(usage_error_of("mbm-ref", 16), HasSubstr("width 16 found, 8 expected"));
  EXPECT_THAT(usage_error_of("mbm", 12), HasSubstr("8 or 16 expected"));
  EXPECT_THAT(usage_error_of("tosam:5:2"), HasSubstr("tosam:H:T"));
  EXPECT_THAT(usage_error_of(""), HasSubstr("expected one of: exact"));
}

TEST(Multiplier, ProductsOfEveryFamilyAnnihilateAtZeroAndFit) {
  for (const MultiplierFamily& family : multiplier_families()) {
    for (const std::string& member : family.members) {
      EXPECT_TRUE(make_product_table(member).zero_annihilates()) << member;
    }
  }
}

TEST(Multiplier, RowsAreTheProducts) {
  for (const MultiplierFamily& family : multiplier_families()) {
    const auto multiplier = make_multiplier(family.members.back());
    std::vector<std::uint32_t> row(256);
    for (const std::uint32_t a : {0U, 1U, 93U, 255U}) {
      multiplier->multiply_row(a, row);
      for (std::uint32_t b = 0; b < 256; ++b) ASSERT_EQ(row[b], multiplier->multiply(a, b));
    }
  }
}

// multipliers.md, after its table of section 3.
TEST(Multiplier, DrAlmIsTheFoldedMbm) {
  for (int bits = 4; bits <= 6; ++bits) {
    const ProductTable dynamic = make_product_table("dr-alm:" + std::to_string(bits));
    const ProductTable folded = make_product_table(
        "mbm-folded:" + std::to_string(128 >> (bits - 1)) + ":t" + std::to_string(8 - bits));
    EXPECT_TRUE(
        std::equal(dynamic.products().begin(), dynamic.products().end(), folded.products().begin()))
        << bits;
  }
}

// REALM4's table as multipliers.md prints it, seen through the products of operands whose fractions
// are the corners of the grid's cells: 128 + 32 i, exact where the fraction has seven bits.
TEST(Multiplier, RealmFourUsesThePublishedTable) {
  constexpr int kTable[4][4] = {{1, 3, 5, 4}, {3, 9, 12, 5}, {5, 12, 9, 3}, {4, 5, 3, 1}};
  const auto realm = make_multiplier("realm:4");
  for (std::uint32_t i = 0; i < 4; ++i) {
    for (std::uint32_t j = 0; j < 4; ++j) {
      const std::uint32_t carry = i + j >= 4 ? 1 : 0;
      // Mitchell's product and s (halved where the fractions carry), all times 2^14.
      const std::uint32_t fractions = 32 * (i + j) - 128 * carry;
      const std::uint32_t s = static_cast<std::uint32_t>(kTable[i][j]) * 2 >> carry;
      EXPECT_EQ(realm->multiply(128 + 32 * i, 128 + 32 * j), (128 + fractions + s) << (7 + carry));
    }
  }
}

// Every family that is defined at 16 bits, against the 8-bit product where the definitions scale:
// operands below 256 have the same leading one and the same fraction.
TEST(Multiplier, MitchellAndDrumDoNotDependOnTheWidth) {
  for (const std::string name : {"mitchell", "drum:6", "exact", "iterative-log:2", "realm:4"}) {
    const ProductTable narrow = make_product_table(name);
    const auto wide = make_multiplier(name, 16);
    for (std::uint32_t a = 0; a < 256; ++a) {
      for (std::uint32_t b = 0; b < 256; ++b) {
        // At 8 bits the largest product of REALM saturates.
        if (narrow(a, b) == 65535) continue;
        ASSERT_EQ(wide->multiply(a, b), narrow(a, b)) << name << ' ' << a << ' ' << b;
      }
    }
  }
}

// Saadat et al. 2018: the peak error of the 16-bit MBM-8 is 9.36 % [P], 9.375 % [M].
RC_GTEST_PROP(Multiplier, SixteenBitMbmStaysWithinItsPeakError, ()) {
  const auto dropped = *rc::gen::inRange(0, 9);
  const auto a = *rc::gen::inRange<std::uint32_t>(1, 65536);
  const auto b = *rc::gen::inRange<std::uint32_t>(1, 65536);
  const auto multiplier = make_multiplier("mbm:t" + std::to_string(dropped), 16);
  const double exact = static_cast<double>(a) * b;
  RC_ASSERT(std::abs(static_cast<double>(multiplier->multiply(a, b)) - exact) <= 0.09375 * exact);
}

// A wider product keeps its 2 N bits: the largest operands of each family.
TEST(Multiplier, LargestProductsFitInSixteenTimesTwoBits) {
  for (const MultiplierFamily& family : multiplier_families()) {
    if (family.widths.size() < 2) continue;
    for (const std::string& member : family.members) {
      if (member.starts_with("ssm") || member.starts_with("essm")) continue;  // M is at least N / 2
      const auto multiplier = make_multiplier(member, 16);
      for (std::uint32_t a = 65536 - 600; a < 65536; a += 7) {
        for (std::uint32_t b = 65536 - 600; b < 65536; ++b) {
          ASSERT_LT(multiplier->multiply(a, b), std::uint64_t{1} << 32) << member;
        }
      }
    }
  }
}

}  // namespace
}  // namespace mbm
