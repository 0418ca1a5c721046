# What the constraints of all libraries share. A module without the port clk_i, or whose clock reaches no
# register, is timed from its inputs to its outputs against a clock of that name alone.
set period $::env(MBM_PERIOD_NS)
if {[info exists ::env(MBM_CLOCK_PORT)] && $::env(MBM_CLOCK_PORT) ne ""} {
  create_clock -name clock -period $period [get_ports $::env(MBM_CLOCK_PORT)]
} else {
  create_clock -name clock -period $period
}
set_input_delay 0 -clock clock [all_inputs]
set_output_delay 0 -clock clock [all_outputs]
set_input_transition $input_slew [all_inputs]
set_load $output_load [all_outputs]
