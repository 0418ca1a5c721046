// The forms of the ten digits.
#pragma once

#include <vector>

namespace mbm::digits {

// In a box of width and height 1, y downwards.
struct Point {
  double x = 0;
  double y = 0;
};

// Control points of a quadratic B-spline that begins and ends in the outer ones; two are a line.
using Stroke = std::vector<Point>;
using Form = std::vector<Stroke>;

// The forms that people write a digit in; `label` is 0..9.
const std::vector<Form>& forms_of(int label);

}  // namespace mbm::digits
