// Product of two logarithmic operands, {sign, nonzero, characteristic, fraction} each, as sign and
// magnitude: log_sum, a register if TwoStage, antilog.
module log_product #(
  parameter int Width = 8,
  parameter int FractionBits = Width - 1,
  parameter int Kind = mbm_pkg::PRODUCT_MBM,
  parameter int TwoStage = 0
) (
  input  logic                                  clk_i,
  input  logic [$clog2(Width)+FractionBits+1:0] weight_i,
  input  logic [$clog2(Width)+FractionBits+1:0] activation_i,
  output logic                                  negative_o,
  output logic [2*Width-1:0]                    magnitude_o
);

  localparam int LOGARITHM_BITS = $clog2(Width) + FractionBits;
  localparam int STAGE_BITS = FractionBits + 2 + $clog2(Width) + 1 + 3;

  logic [FractionBits+1:0] mantissa;
  logic [$clog2(Width):0]  characteristic;
  logic                    round_up;
  logic                    nonzero;
  logic                    sign;
  logic [STAGE_BITS-1:0]   product_log;         // the product as a logarithm
  logic [STAGE_BITS-1:0]   product_log_staged;

  log_sum #(
    .Width       (Width),
    .FractionBits(FractionBits),
    .Kind        (Kind)
  ) u_sum (
    .logarithm_a_i   (weight_i[LOGARITHM_BITS-1:0]),
    .logarithm_b_i   (activation_i[LOGARITHM_BITS-1:0]),
    .mantissa_o      (mantissa),
    .characteristic_o(characteristic),
    .round_up_o      (round_up)
  );

  assign nonzero = weight_i[LOGARITHM_BITS] & activation_i[LOGARITHM_BITS];
  assign sign = weight_i[LOGARITHM_BITS+1] ^ activation_i[LOGARITHM_BITS+1];
  assign product_log = {sign, nonzero, round_up, characteristic, mantissa};

  optional_register #(
    .Bits   (STAGE_BITS),
    .Enabled(TwoStage)
  ) u_stage (
    .clk_i (clk_i),
    .data_i(product_log),
    .data_o(product_log_staged)
  );

  antilog #(
    .Width       (Width),
    .FractionBits(FractionBits)
  ) u_antilog (
    .mantissa_i      (product_log_staged[FractionBits+1:0]),
    .characteristic_i(product_log_staged[FractionBits+2 +: $clog2(Width)+1]),
    .round_up_i      (product_log_staged[STAGE_BITS-3]),
    .nonzero_i       (product_log_staged[STAGE_BITS-2]),
    .product_o       (magnitude_o)
  );

  assign negative_o = product_log_staged[STAGE_BITS-1];

endmodule
