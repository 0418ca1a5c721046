// Cuts the combinational path of ready: ready_o is a register. A word passes in the cycle in which
// it comes unless the receiver is not ready; then it waits here and ready_o falls one cycle later.
// It does not cut the path of valid and data. No word is lost, doubled or overtaken.
module skid_buffer #(
  parameter int Bits = 8
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  // In.
  input  logic            valid_i,
  output logic            ready_o,
  input  logic [Bits-1:0] data_i,
  // Out.
  output logic            valid_o,
  input  logic            ready_i,
  output logic [Bits-1:0] data_o
);

  logic            full_q;
  logic [Bits-1:0] data_q;

  assign ready_o = ~full_q;
  assign valid_o = valid_i | full_q;
  assign data_o = full_q ? data_q : data_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) full_q <= 1'b0;
    else full_q <= valid_o & ~ready_i;
  end

  always_ff @(posedge clk_i) begin
    if (!full_q) data_q <= data_i;
  end

endmodule
