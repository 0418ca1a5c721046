# Constraints of a module by itself in sky130_fd_sc_hd (SkyWater 0.13 um, 1.8 V).
#
# Inputs come from registers and outputs go to registers of the same clock: they change with it, with a
# slew of input_slew (ns), and drive output_load (pF, about one data pin of a flip-flop). The energy
# calculator reads these two numbers here as well. The clock is ideal; its period is MBM_PERIOD_NS.
set input_slew 0.05
set output_load 0.003
source constraints/module.tcl
