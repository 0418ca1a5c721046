// Logarithmic multiplier of two unsigned operands: two encoders, the sum of logarithms, the
// antilogarithm. Combinational, or with TwoStage = 1 cut between sum and antilogarithm: the product
// then comes one cycle after its operands.
module log_multiplier #(
  parameter int Width = 8,
  parameter int FractionBits = Width - 1,
  parameter int SetLowestBit = 0,
  parameter int Kind = mbm_pkg::PRODUCT_MBM,
  parameter int TwoStage = 0
) (
  input  logic               clk_i,
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  localparam int LOGARITHM_BITS = $clog2(Width) + FractionBits;
  localparam int STAGE_BITS = FractionBits + 2 + $clog2(Width) + 1 + 2;

  logic                      nonzero_a;
  logic                      nonzero_b;
  logic [LOGARITHM_BITS-1:0] logarithm_a;
  logic [LOGARITHM_BITS-1:0] logarithm_b;
  logic [FractionBits+1:0]   mantissa;
  logic [$clog2(Width):0]    characteristic;
  logic                      round_up;
  logic [STAGE_BITS-1:0]     sum;
  logic [STAGE_BITS-1:0]     sum_staged;

  log_encoder #(
    .Width       (Width),
    .FractionBits(FractionBits),
    .SetLowestBit(SetLowestBit)
  ) u_encoder_a (
    .value_i    (a_i),
    .nonzero_o  (nonzero_a),
    .logarithm_o(logarithm_a)
  );

  log_encoder #(
    .Width       (Width),
    .FractionBits(FractionBits),
    .SetLowestBit(SetLowestBit)
  ) u_encoder_b (
    .value_i    (b_i),
    .nonzero_o  (nonzero_b),
    .logarithm_o(logarithm_b)
  );

  log_sum #(
    .Width       (Width),
    .FractionBits(FractionBits),
    .Kind        (Kind)
  ) u_sum (
    .logarithm_a_i   (logarithm_a),
    .logarithm_b_i   (logarithm_b),
    .mantissa_o      (mantissa),
    .characteristic_o(characteristic),
    .round_up_o      (round_up)
  );

  assign sum = {nonzero_a & nonzero_b, round_up, characteristic, mantissa};

  optional_register #(
    .Bits   (STAGE_BITS),
    .Enabled(TwoStage)
  ) u_stage (
    .clk_i (clk_i),
    .data_i(sum),
    .data_o(sum_staged)
  );

  antilog #(
    .Width       (Width),
    .FractionBits(FractionBits)
  ) u_antilog (
    .mantissa_i      (sum_staged[FractionBits+1:0]),
    .characteristic_i(sum_staged[FractionBits+2 +: $clog2(Width)+1]),
    .round_up_i      (sum_staged[STAGE_BITS-2]),
    .nonzero_i       (sum_staged[STAGE_BITS-1]),
    .product_o       (product_o)
  );

endmodule
