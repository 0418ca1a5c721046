# Constraints of a module by itself in NangateOpenCellLibrary (45 nm, 1.1 V).
#
# Inputs come from registers and outputs go to registers of the same clock: they change with it, with a
# slew of input_slew (ns), and drive output_load (fF, about one data pin of a flip-flop). The energy
# calculator reads these two numbers here as well. The clock is ideal; its period is MBM_PERIOD_NS.
set input_slew 0.02
set output_load 1.5
source constraints/module.tcl
