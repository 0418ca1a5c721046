#include "host/inference/profile.hpp"

#include <fmt/format.h>

#include <numeric>

namespace mbm {

void Profile::add(Stage stage, double seconds) {
  const std::lock_guard lock(mutex_);
  seconds_[static_cast<std::size_t>(stage)] += seconds;
}

void Profile::add_layer(std::size_t index, const std::string& plan, std::int64_t products,
                        double seconds) {
  const std::lock_guard lock(mutex_);
  Layer& layer = layers_[index];
  layer.seconds += seconds;
  layer.products += products;
  ++layer.plans[plan];
}

std::string Profile::table(std::size_t images, double elapsed) const {
  const std::lock_guard lock(mutex_);
  const double total = std::accumulate(seconds_.begin(), seconds_.end(), 0.0);
  std::string text = fmt::format(
      "profile: {} images in {:.2f} s, {:.3f} images/s; calibration included; seconds below are "
      "added up over threads\n"
      "{:<52} {:>10} {:>8}\n",
      images, elapsed, static_cast<double>(images) / elapsed, "stage", "seconds", "share");
  for (std::size_t i = 0; i < seconds_.size(); ++i) {
    text += fmt::format("{:<52} {:>10.3f} {:>6.1f} %\n", kStageNames[i], seconds_[i],
                        total > 0.0 ? 100.0 * seconds_[i] / total : 0.0);
  }
  text += fmt::format("\n{:<14} {:>15} {:>10} {:>8}  {}\n", "layer", "products", "seconds",
                      "10^9/s", "plan and how often");
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    if (layer.plans.empty()) continue;
    text += fmt::format("{:<14} {:>15} {:>10.3f} {:>8.2f}  {}\n", network_.layers()[i].name,
                        layer.products, layer.seconds,
                        1e-9 * static_cast<double>(layer.products) / layer.seconds,
                        plan_list(layer.plans));
  }
  text += fmt::format(
      "\ntotal time {:.2f} s, {:.3f} images/s, sums of products {:.1f} % of the time\n", elapsed,
      static_cast<double>(images) / elapsed,
      total > 0.0 ? 100.0 * seconds_[static_cast<std::size_t>(Stage::products)] / total : 0.0);
  return text;
}

std::string plan_list(const std::map<std::string, std::int64_t>& plans) {
  std::string text;
  for (const auto& [plan, count] : plans) {
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ", plan, count);
  }
  return text;
}

}  // namespace mbm
