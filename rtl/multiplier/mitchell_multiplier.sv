// Mitchell's logarithmic multiplier (IRE Trans. EC-11, 1962), unsigned, combinational.
module mitchell_multiplier #(
  parameter int Width = 8
) (
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  log_multiplier #(
    .Width(Width),
    .Kind (mbm_pkg::PRODUCT_MITCHELL)
  ) u_multiplier (
    .clk_i    (1'b0),
    .a_i      (a_i),
    .b_i      (b_i),
    .product_o(product_o)
  );

endmodule
