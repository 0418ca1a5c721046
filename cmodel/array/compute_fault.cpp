#include "cmodel/array/compute_fault.hpp"

namespace mbm {
namespace {

bool bad_size(const CommandOperation& operation) {
  const ComputeGeometry& g = geometry_of(operation);
  if (g.rows == 0 || g.columns == 0) return true;
  if (const auto* convolve = std::get_if<ConvolutionPass>(&operation)) {
    return convolve->tiles() == 0;
  }
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.window_rows; }) {
          if (one.window_rows == 0 || one.window_columns == 0) return true;
        }
        if constexpr (requires { one.channels; }) return one.channels == 0;
        return false;
      },
      operation);
}

bool bad_ring(const ComputeGeometry& g, const AcceleratorParameters& parameters) {
  return g.ring_first >= g.ring_size || g.ring_row_step >= g.ring_size ||
         g.ring_tap_step >= g.ring_size ||
         g.ring_base + g.ring_size > parameters.activation_depth / kRingUnit;
}

bool bad_parameters(const CommandOperation& operation, const AcceleratorParameters& parameters) {
  if (const auto* convolve = std::get_if<ConvolutionPass>(&operation)) {
    return convolve->last &&
           convolve->parameter_first + convolve->channels > parameters.parameter_depth;
  }
  if (const auto* add = std::get_if<Add>(&operation)) return add->shift > 47;
  if (const auto* rescale = std::get_if<Rescale>(&operation)) return rescale->shift > 47;
  return false;
}

}  // namespace

ComputeFault compute_fault(const CommandOperation& operation,
                           const AcceleratorParameters& parameters, bool open) {
  const ComputeGeometry& g = geometry_of(operation);
  const auto* convolve = std::get_if<ConvolutionPass>(&operation);
  if (bad_size(operation)) return ComputeFault::size;
  if (convolve != nullptr && (convolve->last_rows == 0 || convolve->last_rows > parameters.rows ||
                              convolve->channels == 0 || convolve->channels > parameters.columns)) {
    return ComputeFault::tile;
  }
  if (bad_ring(g, parameters)) return ComputeFault::ring;
  if (convolve != nullptr && (convolve->sum_bits < 8 || convolve->sum_bits > 32)) {
    return ComputeFault::sum_bits;
  }
  if (convolve != nullptr && convolve->first == open) return ComputeFault::reduction;
  if (g.lowest > g.highest || g.lowest == -256 || g.highest == -256) return ComputeFault::bounds;
  if (bad_parameters(operation, parameters)) return ComputeFault::parameters;
  if (convolve != nullptr && parameters.kind != ElementKind::log &&
      (convolve->log_activations || convolve->log_weights)) {
    return ComputeFault::log_codes;
  }
  if (convolve != nullptr && convolve->positions() > parameters.sum_depth) {
    return ComputeFault::positions;
  }
  return ComputeFault::none;
}

}  // namespace mbm
