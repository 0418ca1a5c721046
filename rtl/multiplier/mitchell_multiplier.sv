// Mitchell's logarithmic multiplier (IRE Trans. EC-11, 1962), unsigned. DroppedBits low bits of the
// fractions go (mitchell:wW, W = Width - 1 - DroppedBits); SetLowestBit sets the lowest kept one.
module mitchell_multiplier #(
  parameter int Width = 8,
  parameter int DroppedBits = 0,
  parameter int SetLowestBit = 0,
  parameter int TwoStage = 0
) (
  input  logic               clk_i,  // of the pipeline cut
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  log_multiplier #(
    .Width       (Width),
    .FractionBits(Width - 1 - DroppedBits),
    .SetLowestBit(SetLowestBit),
    .Kind        (mbm_pkg::PRODUCT_MITCHELL),
    .TwoStage    (TwoStage)
  ) u_multiplier (
    .clk_i    (clk_i),
    .a_i      (a_i),
    .b_i      (b_i),
    .product_o(product_o)
  );

endmodule
