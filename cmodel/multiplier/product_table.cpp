#include "cmodel/multiplier/product_table.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

using Products = std::array<std::uint16_t, ProductTable::kEntries>;

std::shared_ptr<const Products> tabulate(const Multiplier& multiplier) {
  if (multiplier.width() != ProductTable::kOperandBits) {
    fail(ErrorKind::usage, "product table of '{}': width {} found, {} expected", multiplier.name(),
         multiplier.width(), ProductTable::kOperandBits);
  }
  auto products = std::make_shared<Products>();
  for (std::uint32_t a = 0; a < ProductTable::kOperands; ++a) {
    for (std::uint32_t b = 0; b < ProductTable::kOperands; ++b) {
      const std::uint64_t product = multiplier.multiply(a, b);
      if (product > std::numeric_limits<std::uint16_t>::max()) {
        fail(ErrorKind::input, "product table of '{}': {} * {} = {} does not fit in 16 bits",
             multiplier.name(), a, b, product);
      }
      (*products)[a * ProductTable::kOperands + b] = static_cast<std::uint16_t>(product);
    }
  }
  return products;
}

}  // namespace

ProductTable::ProductTable(const Multiplier& multiplier)
    : name_(multiplier.name()), products_(tabulate(multiplier)) {}

ProductTable::ProductTable(std::string name, std::span<const std::uint16_t> products)
    : name_(std::move(name)) {
  if (products.size() != kEntries) {
    fail(ErrorKind::input, "product table '{}': {} products found, {} expected", name_,
         products.size(), kEntries);
  }
  auto copy = std::make_shared<Products>();
  std::copy(products.begin(), products.end(), copy->begin());
  products_ = std::move(copy);
}

bool ProductTable::zero_annihilates() const {
  for (std::size_t x = 0; x < kOperands; ++x) {
    if ((*this)(0, x) != 0 || (*this)(x, 0) != 0) return false;
  }
  return true;
}

std::uint16_t ProductTable::maximum() const {
  return *std::max_element(products_->begin(), products_->end());
}

ProductTable make_product_table(std::string_view name) {
  return ProductTable(*make_multiplier(name, ProductTable::kOperandBits));
}

}  // namespace mbm
