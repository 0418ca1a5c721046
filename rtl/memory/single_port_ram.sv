// Single-port RAM: a cycle writes or reads a word; data_o holds the word of the last cycle that read.
module single_port_ram #(
  parameter int Bits = 16,
  parameter int Depth = 65536,
  parameter int AddressBits = $clog2(Depth)
) (
  input  logic                   clk_i,
  input  logic                   write_i,
  input  logic [AddressBits-1:0] address_i,
  input  logic [Bits-1:0]        data_i,
  output logic [Bits-1:0]        data_o
);

  logic [Bits-1:0] memory [0:Depth-1];

  always_ff @(posedge clk_i) begin
    if (write_i) memory[address_i] <= data_i;
    else data_o <= memory[address_i];
  end

endmodule
