// The Verilog array as a convolution engine.
#pragma once

#include <string>
#include <string_view>

#include "cmodel/convolution/convolution_engine.hpp"

namespace mbm {

class RtlEngine final : public ConvolutionEngine {
 public:
  // An engine of grids that compute with `multiplier`, on `threads` threads (0: all cores). Throws
  // Error(usage) if there is no grid for it.
  explicit RtlEngine(std::string multiplier, int threads = 0);

  std::string_view name() const override { return "rtl"; }

  // Throws Error(usage) as well if the job's table is not the multiplier of the grid.
  Accumulators run(const ConvolutionJob& job) override;

 private:
  std::string multiplier_;
  int threads_;
};

}  // namespace mbm
