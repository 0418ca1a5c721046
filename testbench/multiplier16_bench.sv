// Mitchell (t = 0) and MBM with t = 0..8 fraction bits dropped, 16 bits, side by side on the same
// operands: product 0 is Mitchell's, product 1 + t that of MBM-t.
module multiplier16_bench (
  input  logic [15:0]      a_i,
  input  logic [15:0]      b_i,
  output logic [32*10-1:0] products_o
);

  mitchell_multiplier #(
    .Width(16)
  ) u_mitchell (
    .clk_i    (1'b0),
    .a_i      (a_i),
    .b_i      (b_i),
    .product_o(products_o[31:0])
  );

  for (genvar t = 0; t < 9; t++) begin : gen_dropped
    mbm_multiplier #(
      .Width      (16),
      .DroppedBits(t)
    ) u_mbm (
      .clk_i    (1'b0),
      .a_i      (a_i),
      .b_i      (b_i),
      .product_o(products_o[32*(t+1) +: 32])
    );
  end

endmodule
