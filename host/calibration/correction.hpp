// Corrections of a multiplier's common error that cost nothing when the network runs: a gain that
// is folded into the scale of an output channel and an offset that is folded into its bias.
//
// A multiplier's errors on the operands of one channel have a part in common, because its relative
// error has a mean and because the channel's weights are always the same. With E the sums of exact
// products and A those of the multiplier for the same operands, measured on calibration images,
// each channel takes
//
//     gain      y = g A           g = mean(E A) / mean(A^2)         least squares
//     offset    y = A + d         d = mean(E) - mean(A)
//     affine    y = g A + d       g = cov(E, A) / var(A),  d = mean(E) - g mean(A)
//
// The offset is the control-variate correction of Zervakis et al. (arXiv 2412.16757) with the
// variate replaced by its calibrated mean, so that nothing is left to compute at run time; the
// affine form takes A itself as the variate.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cmodel/multiplier/product_table.hpp"
#include "host/calibration/calibration.hpp"
#include "host/network/layer_parameters.hpp"
#include "host/network/network.hpp"

namespace mbm {

enum class CorrectionKind { none, gain, offset, affine };

std::string_view name_of(CorrectionKind kind);

// One value for each output channel.
struct LayerCorrection {
  std::vector<float> gain;
  std::vector<float> offset;  // in the units of the layer's output

  bool operator==(const LayerCorrection&) const = default;
};

// Of all layers of a network, for one multiplier.
struct Correction {
  CorrectionKind kind = CorrectionKind::none;
  std::vector<LayerCorrection> layers;
};

// A multiplier as an option names it: "mbm", or with a correction "mitchell+gain", "mbm+affine".
struct CorrectedMultiplier {
  std::string multiplier;
  CorrectionKind kind = CorrectionKind::none;
};

// Throws Error(usage) for an unknown correction behind the last "+".
CorrectedMultiplier parse_corrected_multiplier(const std::string& text);

struct CorrectionRequest {
  CorrectionKind kind;
  const ProductTable* table;
};

// The requested corrections, measured on `count` images with the operands of `calibration`; every
// layer's input is that of the float network, so that a correction is the same whichever layers it
// is used in. The result does not depend on `threads`, the number of images measured at a time.
std::vector<Correction> fit_corrections(const Network& network,
                                        const std::vector<LayerParameters>& parameters,
                                        const Calibration& calibration,
                                        const std::vector<CorrectionRequest>& requests,
                                        std::size_t count, const ImageSource& image, int threads);

}  // namespace mbm
