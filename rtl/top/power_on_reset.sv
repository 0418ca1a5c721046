// Reset of a board: 63 cycles after the clock is good, and as long as a button is pressed. Its counter is
// 0 after configuration.
module power_on_reset (
  input  logic clk_i,
  input  logic good_i,      // asynchronous
  input  logic button_ni,   // asynchronous
  output logic rst_no
);

  logic [1:0] good_q = '0;
  logic [5:0] count_q = '0;

  always_ff @(posedge clk_i) begin
    good_q <= {good_q[0], good_i & button_ni};
    if (!good_q[1]) count_q <= '0;
    else count_q <= count_q + 6'(~&count_q);
  end

  assign rst_no = &count_q;

endmodule
