// Rows of weights in the order in which the array takes them. A row can be taken two cycles after it
// was accepted, and one every cycle.
module weight_fifo #(
  parameter int Bits = 144,
  parameter int Depth = 128
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       clear_i,
  input  logic                       valid_i,
  output logic                       ready_o,
  input  logic [Bits-1:0]            row_i,
  output logic                       valid_o,
  input  logic                       ready_i,
  output logic [Bits-1:0]            row_o,
  output logic [$clog2(Depth+1)-1:0] count_o  // rows accepted and not taken
);

  localparam int INDEX_BITS = $clog2(Depth);
  localparam int COUNT_BITS = $clog2(Depth + 1);

  logic [Bits-1:0]       memory [0:Depth-1];
  logic [INDEX_BITS-1:0] write_q;
  logic [INDEX_BITS-1:0] read_q;
  logic [COUNT_BITS-1:0] count_q;
  logic                  accept;
  logic                  take;
  logic                  fetch;  // from the memory into the output register
  logic                  stored; // there is something in the memory

  assign ready_o = count_q != COUNT_BITS'(Depth);
  assign count_o = count_q;
  assign accept = valid_i & ready_o;
  assign take = valid_o & ready_i;
  assign stored = count_q > COUNT_BITS'(valid_o);
  assign fetch = stored & (~valid_o | ready_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      write_q <= '0;
      read_q  <= '0;
      count_q <= '0;
      valid_o <= 1'b0;
    end else if (clear_i) begin
      write_q <= '0;
      read_q  <= '0;
      count_q <= '0;
      valid_o <= 1'b0;
    end else begin
      if (accept) write_q <= (write_q == INDEX_BITS'(Depth - 1)) ? '0 : write_q + 1'b1;
      if (fetch) read_q <= (read_q == INDEX_BITS'(Depth - 1)) ? '0 : read_q + 1'b1;
      count_q <= count_q + COUNT_BITS'(accept) - COUNT_BITS'(take);
      valid_o <= fetch | (valid_o & ~ready_i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (accept) memory[write_q] <= row_i;
    if (fetch) row_o <= memory[read_q];
  end

endmodule
