// A register if Enabled, else a wire: the place of a pipeline cut that a user may choose.
module optional_register #(
  parameter int Bits = 1,
  parameter int Enabled = 0
) (
  input  logic            clk_i,
  input  logic [Bits-1:0] data_i,
  output logic [Bits-1:0] data_o
);

  if (Enabled != 0) begin : gen_register
    logic [Bits-1:0] data_q;
    always_ff @(posedge clk_i) data_q <= data_i;
    assign data_o = data_q;
  end else begin : gen_wire
    logic unused_clk;
    assign unused_clk = clk_i;
    assign data_o = data_i;
  end

endmodule
