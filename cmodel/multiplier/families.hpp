// The family groups, one file each; multiplier.cpp puts them into one list.
#pragma once

#include <vector>

#include "cmodel/multiplier/multiplier.hpp"

namespace mbm {

std::vector<MultiplierFamily> exact_families();              // exact.cpp
std::vector<MultiplierFamily> mitchell_families();           // mitchell.cpp
std::vector<MultiplierFamily> minimally_biased_families();   // minimally_biased.cpp
std::vector<MultiplierFamily> true_logarithm_families();     // true_logarithm.cpp
std::vector<MultiplierFamily> realm_families();              // realm.cpp
std::vector<MultiplierFamily> approximate_adder_families();  // approximate_adder.cpp
std::vector<MultiplierFamily> segment_families();            // segment.cpp
std::vector<MultiplierFamily> rounding_families();           // rounding.cpp
std::vector<MultiplierFamily> iterative_families();          // iterative.cpp
std::vector<MultiplierFamily> truncated_sum_families();      // truncated_sum.cpp
std::vector<MultiplierFamily> partial_product_families();    // partial_product.cpp

}  // namespace mbm
