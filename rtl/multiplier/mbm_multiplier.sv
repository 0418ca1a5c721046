// Minimally biased multiplier, unsigned: Saadat, Bokhari, Parameswaran, IEEE TCAD 37(11), 2018,
// section III. Reference = 0: the variant `mbm`, which has the errors that the paper prints;
// Reference = 1: `mbm-ref`, the depth study's table (Width = 8, nothing dropped).
//
// DroppedBits low bits of the fractions go (MBM-t); the lowest kept one is then set.
module mbm_multiplier #(
  parameter int Width = 8,
  parameter int Reference = 0,
  parameter int DroppedBits = 0,
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
    .SetLowestBit((DroppedBits > 0) ? 1 : 0),
    .Kind        ((Reference != 0) ? mbm_pkg::PRODUCT_MBM_REFERENCE : mbm_pkg::PRODUCT_MBM),
    .TwoStage    (TwoStage)
  ) u_multiplier (
    .clk_i    (clk_i),
    .a_i      (a_i),
    .b_i      (b_i),
    .product_o(product_o)
  );

endmodule
