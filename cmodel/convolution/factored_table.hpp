// Product tables as short sums of outer products: where one exists, a convolution is a few exact
// integer matrix products instead of look-ups.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "cmodel/multiplier/product_table.hpp"

namespace mbm {

// table(a, b) = sum over the terms of weight[a] * activation[b], exactly, for all a and b.
struct FactoredTable {
  struct Term {
    std::array<std::int16_t, ProductTable::kOperands> weight;
    std::array<std::int16_t, ProductTable::kOperands> activation;

    bool operator==(const Term&) const = default;
  };

  std::vector<Term> terms;

  std::int64_t product(std::size_t a, std::size_t b) const;
};

// Factors `table` into at most `most_terms` terms, or finds that it cannot. Rank is taken away one
// at a time, by an entry p = r[i][j] of the remainder r whose row and column it divides: r loses
// r[.][j] * r[i][.] / p, and stays integral (Wedderburn's rank reduction). The exact product is
// tried as a first term, too. The result is checked on every entry.
std::optional<FactoredTable> factor_table(const ProductTable& table, std::size_t most_terms);

// Rank of the table over the rational numbers, and that of its error against the exact product:
// elimination modulo the prime 2^31 - 1, which can only understate, and then only if the prime
// divides a minor.
int table_rank(const ProductTable& table);
int error_rank(const ProductTable& table);

}  // namespace mbm
