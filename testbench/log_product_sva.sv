// What a product must never lose, bound to every instance of log_product.
module log_product_sva #(
  parameter int Width = 8,
  parameter int FractionBits = 7
) (
  input logic                    clk_i,
  input logic [FractionBits+1:0] mantissa,
  input logic [$clog2(Width):0]  characteristic,
  input logic                    nonzero
);

  localparam int PRODUCT_BITS = 2 * Width;

  logic [FractionBits+1+PRODUCT_BITS+1:0] shifted;

  assign shifted = (FractionBits + PRODUCT_BITS + 3)'(mantissa) << characteristic;

  // The product of the largest operands has its 2 * Width bits and no more.
  ProductFits :
  assert property (@(posedge clk_i) nonzero |-> shifted >> (FractionBits + PRODUCT_BITS) == '0);

endmodule

bind log_product log_product_sva #(
  .Width(Width),
  .FractionBits(FractionBits)
) u_sva (
  .clk_i(clk_i),
  .mantissa(mantissa),
  .characteristic(characteristic),
  .nonzero(nonzero)
);
