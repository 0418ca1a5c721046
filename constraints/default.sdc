# Constraints of a module by itself in any other cell library; see osu018.sdc.
set input_slew 0.10
set output_load 0.010
source constraints/module.tcl
