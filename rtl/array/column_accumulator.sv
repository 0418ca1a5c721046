// Accumulator at the foot of a column: Depth sums of 32 bits in a memory with one synchronous read
// port and one write port.
//
// The control of a sum comes one cycle before the sum itself, so that the memory is read in time.
// first_i starts a sum at address_i instead of adding to it; last_i sends the finished sum to sum_o
// and leaves the memory alone. An address must not come in two successive cycles (rule 3 of
// mbm_array).
module column_accumulator #(
  parameter int Depth = 1024
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  // Control, one cycle ahead of sum_i.
  input  logic                     valid_i,
  input  logic                     first_i,
  input  logic                     last_i,
  input  logic [$clog2(Depth)-1:0] address_i,
  // Sum of the column, two's complement.
  input  logic [31:0]              sum_i,
  // Finished sums.
  output logic                     valid_o,
  output logic [31:0]              sum_o
);

  logic [31:0]              memory [0:Depth-1];
  logic [31:0]              read_q;
  logic                     write_q;
  logic                     finish_q;
  logic                     keep_q;  // add to what the memory holds
  logic [$clog2(Depth)-1:0] address_q;
  logic [31:0]              total;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      write_q  <= 1'b0;
      finish_q <= 1'b0;
      valid_o  <= 1'b0;
    end else begin
      write_q  <= valid_i & ~last_i;
      finish_q <= valid_i & last_i;
      valid_o  <= finish_q;
    end
  end

  assign total = (read_q & {32{keep_q}}) + sum_i;

  always_ff @(posedge clk_i) begin
    read_q    <= memory[address_i];
    keep_q    <= ~first_i;
    address_q <= address_i;
    sum_o     <= total;
    if (write_q) memory[address_q] <= total;
  end

endmodule
