rtl/top/power_on_reset.sv
rtl/top/icebreaker.sv
rtl/top/hx8k.sv
rtl/top/ulx3s.sv
