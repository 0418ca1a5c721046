// What a layer costs on the array.
#pragma once

#include <cstdint>
#include <string>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/array/counters.hpp"

namespace mbm {

struct LayerCost {
  std::string name;
  std::uint64_t cycles = 0;
  CauseCycles causes{};         // add up to `cycles`
  std::int64_t products = 0;    // 0 for what is no convolution
  std::int64_t bytes_read = 0;  // operands, weights, parameters, tables; not commands
  std::int64_t bytes_written = 0;

  // Share of the array's products that the layer needs, 0..1.
  double utilisation(const AcceleratorParameters& parameters) const;
  // Products a byte moved.
  double arithmetic_intensity() const;
  // Of the roofline: the most products a cycle that the array and a memory of `bytes_per_cycle`
  // allow at this intensity.
  double attainable_products(const AcceleratorParameters& parameters, double bytes_per_cycle) const;
};

}  // namespace mbm
