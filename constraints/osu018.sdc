# Constraints of a module by itself in osu018 (Oklahoma State University, TSMC 0.18 um, 1.8 V).
#
# Inputs come from registers and outputs go to registers of the same clock: they change with it, with a
# slew of input_slew (ns), and drive output_load (pF, about one data pin of a flip-flop). The energy
# calculator reads these two numbers here as well. The clock is ideal; its period is MBM_PERIOD_NS.
set input_slew 0.10
set output_load 0.010
source constraints/module.tcl
