// Simple dual-port RAM: one write port, one read port, both synchronous. data_o holds the word of
// the last cycle with read_i. A word read in the cycle in which it is written is the old one.
module dual_port_ram #(
  parameter int Bits = 8,
  parameter int Depth = 16,  // at least 2
  parameter int AddressBits = $clog2(Depth)
) (
  input  logic                   clk_i,
  input  logic                   write_i,
  input  logic [AddressBits-1:0] write_address_i,
  input  logic [Bits-1:0]        data_i,
  input  logic                   read_i,
  input  logic [AddressBits-1:0] read_address_i,
  output logic [Bits-1:0]        data_o
);

  logic [Bits-1:0] memory [0:Depth-1];

  always_ff @(posedge clk_i) begin
    if (write_i) memory[write_address_i] <= data_i;
    if (read_i) data_o <= memory[read_address_i];
  end

endmodule
