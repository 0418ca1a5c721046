// A step in a ring: (place_i + step_i) mod size_i, both below size_i.
module ring_step #(
  parameter int Bits = 16
) (
  input  logic [Bits-1:0] place_i,
  input  logic [Bits-1:0] step_i,
  input  logic [Bits-1:0] size_i,
  output logic [Bits-1:0] place_o
);

  logic [Bits:0] sum;
  logic [Bits:0] wrapped;

  assign sum = {1'b0, place_i} + {1'b0, step_i};
  assign wrapped = sum - {1'b0, size_i};
  // A sum below the size borrows: sums stay below 2 * 2^Bits, their difference above -2^Bits.
  assign place_o = (sum < {1'b0, size_i}) ? sum[Bits-1:0] : wrapped[Bits-1:0];

  logic unused_wrapped;
  assign unused_wrapped = wrapped[Bits];

endmodule
