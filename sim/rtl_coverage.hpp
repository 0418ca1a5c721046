// What tests cover of the Verilog, in builds with the option MBM_RTL_COVERAGE
// (scripts/coverage-rtl).
#pragma once

#include <verilated.h>

namespace mbm {

#ifdef MBM_RTL_COVERAGE
// Adds what the models of `context` counted to the counts of this process, which at its end go into
// a file of the folder $MBM_RTL_COVERAGE_FOLDER. Before the models' end.
void record_coverage(VerilatedContext& context);
#else
inline void record_coverage(VerilatedContext&) {}
#endif

}  // namespace mbm
