// Errors out of SystemC's processes: the kernel would turn them into reports of its own.
#pragma once

#include <exception>
#include <systemc>

namespace mbm {

class Failure {
 public:
  // Calls `work`; what it throws is kept, and the simulation pauses.
  template <typename Work>
  void guard(const Work& work) {
    try {
      work();
    } catch (const sc_core::sc_unwind_exception&) {
      throw;  // a process is being ended
    } catch (...) {
      if (!error_) error_ = std::current_exception();
      sc_core::sc_pause();
    }
  }

  explicit operator bool() const { return error_ != nullptr; }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::exception_ptr error_;
};

}  // namespace mbm
