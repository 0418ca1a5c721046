// Minimally biased multiplier, unsigned, combinational. Reference = 0: the variant `mbm`, which has
// the errors that the paper prints; Reference = 1: `mbm-ref`, the depth study's table (Width = 8).
// Saadat, Bokhari, Parameswaran, IEEE TCAD 37(11), 2018, section III.
module mbm_multiplier #(
  parameter int Width = 8,
  parameter int Reference = 0
) (
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  log_multiplier #(
    .Width(Width),
    .Kind ((Reference != 0) ? mbm_pkg::PRODUCT_MBM_REFERENCE : mbm_pkg::PRODUCT_MBM)
  ) u_multiplier (
    .clk_i    (1'b0),
    .a_i      (a_i),
    .b_i      (b_i),
    .product_o(product_o)
  );

endmodule
