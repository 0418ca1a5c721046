// Second half of a logarithmic product: the linear antilogarithm, one shift.
//
// product_o = floor(mantissa_i * 2^characteristic_i / 2^FractionBits), one more if round_up_i and
// bits were lost, and 0 if not nonzero_i. The caller sees to it that the product fits.
module antilog #(
  parameter int Width = 8,
  parameter int FractionBits = Width - 1
) (
  input  logic [FractionBits+1:0] mantissa_i,
  input  logic [$clog2(Width):0]  characteristic_i,
  input  logic                    round_up_i,
  input  logic                    nonzero_i,
  output logic [2*Width-1:0]      product_o
);

  localparam int SHIFTED_BITS = FractionBits + 2 * Width;

  logic [SHIFTED_BITS-1:0] shifted;
  logic                    round;

  assign shifted = SHIFTED_BITS'(mantissa_i) << characteristic_i;
  assign round = round_up_i & (|shifted[FractionBits-1:0]);
  assign product_o = (shifted[SHIFTED_BITS-1:FractionBits] + {{(2*Width-1){1'b0}}, round}) &
                     {(2*Width){nonzero_i}};

endmodule
