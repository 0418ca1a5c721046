// FIFO of Depth words (a power of two, at least 2) in a synchronous RAM, with one more in the RAM's
// output register.
//
// 1. A word is taken in a cycle with write_valid_i and write_ready_o, given in one with
//    read_valid_o and read_ready_i; words come out in order.
// 2. A word written into an empty FIFO is at the output two cycles later. A word a cycle goes in
//    and comes out.
// 3. read_valid_o stays, and read_data_o keeps its value, until the word is taken.
// 4. clear_i empties it.
// Neither ready depends on an input of the same cycle.
module fifo #(
  parameter int Bits = 8,
  parameter int Depth = 16
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            clear_i,
  // In.
  input  logic            write_valid_i,
  output logic            write_ready_o,
  input  logic [Bits-1:0] write_data_i,
  // Out.
  output logic            read_valid_o,
  input  logic            read_ready_i,
  output logic [Bits-1:0] read_data_o
);

  localparam int ADDRESS_BITS = $clog2(Depth);

  logic [ADDRESS_BITS:0] write_q;  // words written and read, modulo twice the depth
  logic [ADDRESS_BITS:0] read_q;
  logic                  valid_q;
  logic                  write;
  logic                  fetch;

  assign write_ready_o = (write_q ^ read_q) != {1'b1, {ADDRESS_BITS{1'b0}}};
  assign write = write_valid_i & write_ready_o;
  assign fetch = (write_q != read_q) & (~valid_q | read_ready_i);
  assign read_valid_o = valid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      write_q <= '0;
      read_q  <= '0;
      valid_q <= 1'b0;
    end else if (clear_i) begin
      write_q <= '0;
      read_q  <= '0;
      valid_q <= 1'b0;
    end else begin
      write_q <= write_q + (ADDRESS_BITS+1)'(write);
      read_q  <= read_q + (ADDRESS_BITS+1)'(fetch);
      valid_q <= fetch | (valid_q & ~read_ready_i);
    end
  end

  dual_port_ram #(
    .Bits (Bits),
    .Depth(Depth)
  ) u_memory (
    .clk_i          (clk_i),
    .write_i        (write),
    .write_address_i(write_q[ADDRESS_BITS-1:0]),
    .data_i         (write_data_i),
    .read_i         (fetch),
    .read_address_i (read_q[ADDRESS_BITS-1:0]),
    .data_o         (read_data_o)
  );

endmodule
