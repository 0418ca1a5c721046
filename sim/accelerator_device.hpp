// The Verilated accelerator with waves: what a module of sim/accelerator_library.hpp holds. Include
// it in one source per model.
#pragma once

#include <fmt/format.h>
#include <verilated_fst_c.h>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "sim/verilated_device.hpp"

namespace mbm {

template <typename Model, int kBusBytes>
class AcceleratorDevice final : public VerilatedDevice<Model, kBusBytes> {
  using Base = VerilatedDevice<Model, kBusBytes>;

 public:
  explicit AcceleratorDevice(const AxiMemoryOptions& options) : Base(options) {}
  ~AcceleratorDevice() override { finish(); }

  void record(const WaveWindow& window) override {
    window_ = window;
    part_ = window.path + ".part";
    Base::context().traceEverOn(true);
    file_ = std::make_unique<VerilatedFstC>();
    file_->set_time_unit("1ns");
    file_->set_time_resolution("1ns");
    Base::model().trace(file_.get(), kAllLevels);
    file_->open(part_.c_str());
    if (!file_->isOpen()) fail(ErrorKind::input, "{}: cannot be written", window.path);
    Base::samples_ = true;
  }

 private:
  static constexpr int kAllLevels = 99;
  static constexpr std::uint64_t kUnits = 10;

  void sample(bool after_edge) override {
    const std::uint64_t cycle = Base::cycles();
    if (cycle < window_.first) return;
    if (cycle > window_.last) return finish();
    file_->dump(kUnits * (cycle - window_.origin) + (after_edge ? kUnits / 2 : 0));
  }

  void finish() {
    if (!file_) return;
    file_->close();
    file_.reset();
    Base::samples_ = false;
    std::error_code error;  // in a destructor: what is lost is a wave
    std::filesystem::rename(part_, window_.path, error);
  }

  WaveWindow window_;
  std::string part_;
  std::unique_ptr<VerilatedFstC> file_;
};

}  // namespace mbm
