// Minimally biased multiplier whose constant, Constant / 128, is added to the sum of the logarithms
// whether or not the fractions carry: it can then sit in one operand's logarithm at the edge of an
// array. The largest products saturate. The constant keeps all its bits where the fractions lose
// DroppedBits (of which the lowest kept one is set).
module mbm_folded_multiplier #(
  parameter int Width = 8,
  parameter int DroppedBits = 0,
  parameter int Constant = 7,
  parameter int TwoStage = 0
) (
  input  logic               clk_i,  // of the pipeline cut
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  localparam int FRACTION_BITS = Width - 1;
  localparam int KEPT_BITS = FRACTION_BITS - DroppedBits;
  localparam int LOGARITHM_BITS = $clog2(Width) + KEPT_BITS;
  localparam int SUM_BITS = $clog2(Width) + 2 + FRACTION_BITS;
  localparam logic [SUM_BITS-1:0] CONSTANT = SUM_BITS'(Constant) << (FRACTION_BITS - 7);

  logic                      nonzero_a;
  logic                      nonzero_b;
  logic [LOGARITHM_BITS-1:0] logarithm_a;
  logic [LOGARITHM_BITS-1:0] logarithm_b;
  logic [SUM_BITS-1:0]       sum;
  logic [SUM_BITS-1:0]       sum_staged;
  logic                      nonzero;
  logic [2*Width-1:0]        product;

  log_encoder #(
    .Width       (Width),
    .FractionBits(KEPT_BITS),
    .SetLowestBit((DroppedBits > 0) ? 1 : 0)
  ) u_encoder_a (
    .value_i    (a_i),
    .nonzero_o  (nonzero_a),
    .logarithm_o(logarithm_a)
  );

  log_encoder #(
    .Width       (Width),
    .FractionBits(KEPT_BITS),
    .SetLowestBit((DroppedBits > 0) ? 1 : 0)
  ) u_encoder_b (
    .value_i    (b_i),
    .nonzero_o  (nonzero_b),
    .logarithm_o(logarithm_b)
  );

  assign sum = ((SUM_BITS'(logarithm_a) + SUM_BITS'(logarithm_b)) << DroppedBits) + CONSTANT;

  optional_register #(
    .Bits   (SUM_BITS + 1),
    .Enabled(TwoStage)
  ) u_stage (
    .clk_i (clk_i),
    .data_i({nonzero_a & nonzero_b, sum}),
    .data_o({nonzero, sum_staged})
  );

  antilog #(
    .Width(Width)
  ) u_antilog (
    .mantissa_i      ({2'b01, sum_staged[FRACTION_BITS-1:0]}),
    .characteristic_i(sum_staged[FRACTION_BITS +: $clog2(Width)+1]),
    .round_up_i      (1'b0),
    .nonzero_i       (nonzero),
    .product_o       (product)
  );

  // A characteristic of 2 * Width and more has its top bit set.
  assign product_o = product | {(2*Width){sum_staged[SUM_BITS-1] & nonzero}};

endmodule
