// Integer product of two operands {sign, enabled, magnitude}, as sign and magnitude; 0 unless both are
// enabled. With TwoStage = 1 it is registered.
module exact_product #(
  parameter int Width = 8,
  parameter int Architecture = mbm_pkg::ARCHITECTURE_OPERATOR,
  parameter int BrokenColumns = 0,  // see exact_multiplier
  parameter int TwoStage = 0
) (
  input  logic               clk_i,
  input  logic [Width+1:0]   weight_i,
  input  logic [Width+1:0]   activation_i,
  output logic               negative_o,
  output logic [2*Width-1:0] magnitude_o
);

  logic [2*Width-1:0] magnitude;
  logic               enabled;
  logic               negative;

  assign enabled = weight_i[Width] & activation_i[Width];
  assign negative = weight_i[Width+1] ^ activation_i[Width+1];

  exact_multiplier #(
    .Width        (Width),
    .Architecture (Architecture),
    .BrokenColumns(BrokenColumns)
  ) u_multiplier (
    .clk_i    (clk_i),
    .a_i      (weight_i[Width-1:0]),
    .b_i      (activation_i[Width-1:0]),
    .product_o(magnitude)
  );

  optional_register #(
    .Bits   (2 * Width + 1),
    .Enabled(TwoStage)
  ) u_stage (
    .clk_i (clk_i),
    .data_i({negative, magnitude & {(2*Width){enabled}}}),
    .data_o({negative_o, magnitude_o})
  );

endmodule
