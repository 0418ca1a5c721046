// Codes that reach an element: as they are where its bits suffice, else scaled.
#include "cmodel/energy/element_form.hpp"

#include <gtest/gtest.h>

namespace mbm {
namespace {

TEST(ElementForm, CodesThatFitStay) {
  ElementForm form;
  form.width = 6;
  for (const int code : {-63, -1, 0, 5, 63}) EXPECT_EQ(form.reduced(code, 6), code);
  for (const int code : {-31, 0, 31}) EXPECT_EQ(form.reduced(code, 5), code);
  form.width = 8;
  EXPECT_EQ(form.reduced(-255, 8), -255);
}

// 255 = 4 * 63 + 3: the largest magnitude becomes the largest, halves of a step go up.
TEST(ElementForm, WiderCodesAreScaledToTheLargestMagnitude) {
  ElementForm form;
  form.width = 6;
  EXPECT_EQ(form.reduced(255, 8), 63);
  EXPECT_EQ(form.reduced(-255, 8), -63);
  EXPECT_EQ(form.reduced(128, 8), 32);  // 31.62
  EXPECT_EQ(form.reduced(2, 8), 0);     // 0.494
  EXPECT_EQ(form.reduced(3, 8), 1);     // 0.741
  EXPECT_EQ(form.reduced(-127, 7), -63);
  EXPECT_NE(form.reduced(255, 8), form.reduced(250, 8));
}

}  // namespace
}  // namespace mbm
