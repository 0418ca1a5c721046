// A Multiplier from a function object that computes one product.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "cmodel/multiplier/multiplier.hpp"

namespace mbm {

template <typename Definition>
class DefinedMultiplier final : public Multiplier {
 public:
  DefinedMultiplier(std::string name, int width, Definition definition)
      : name_(std::move(name)), width_(width), definition_(std::move(definition)) {}

  std::string name() const override { return name_; }
  int width() const override { return width_; }
  std::uint64_t multiply(std::uint32_t a, std::uint32_t b) const override {
    return definition_(a, b);
  }
  void multiply_row(std::uint32_t a, std::span<std::uint32_t> products) const override {
    const Definition definition = definition_;  // a local copy: its fields stay in registers
    for (std::uint32_t b = 0; b < products.size(); ++b) {
      products[b] = static_cast<std::uint32_t>(definition(a, b));
    }
  }

 private:
  std::string name_;
  int width_;
  Definition definition_;
};

// `definition(a, b)` is the product of two operands of `width` bits as std::uint64_t.
template <typename Definition>
std::unique_ptr<const Multiplier> define_multiplier(std::string name, int width,
                                                    Definition definition) {
  return std::make_unique<DefinedMultiplier<Definition>>(std::move(name), width,
                                                         std::move(definition));
}

}  // namespace mbm
