// Multiplier of true base-2 logarithms with Width - 1 - DroppedBits fraction bits, rounded to
// nearest (log2:wW), and a linear antilogarithm; with Corrected = 1 its excess over 2^f is taken off
// the mantissa, one of eight entries (log2-corrected:wW). Unsigned, Width = 8.
module log2_multiplier #(
  parameter int Width = 8,
  parameter int DroppedBits = 0,
  parameter int Corrected = 0,
  parameter int TwoStage = 0
) (
  input  logic               clk_i,  // of the pipeline cut
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  localparam int FRACTION_BITS = Width - 1 - DroppedBits;
  localparam int LOGARITHM_BITS = $clog2(Width) + FRACTION_BITS;
  localparam int STAGE_BITS = 1 + $clog2(Width) + 1 + FRACTION_BITS + 2;

  logic                      nonzero_a;
  logic                      nonzero_b;
  logic [LOGARITHM_BITS-1:0] logarithm_a;
  logic [LOGARITHM_BITS-1:0] logarithm_b;
  logic [LOGARITHM_BITS:0]   sum;
  logic [FRACTION_BITS+1:0]  mantissa;
  logic [STAGE_BITS-1:0]     staged;

  log2_encoder #(
    .Width       (Width),
    .FractionBits(FRACTION_BITS)
  ) u_encoder_a (
    .value_i    (a_i),
    .nonzero_o  (nonzero_a),
    .logarithm_o(logarithm_a)
  );

  log2_encoder #(
    .Width       (Width),
    .FractionBits(FRACTION_BITS)
  ) u_encoder_b (
    .value_i    (b_i),
    .nonzero_o  (nonzero_b),
    .logarithm_o(logarithm_b)
  );

  assign sum = {1'b0, logarithm_a} + {1'b0, logarithm_b};

  if (Corrected != 0) begin : gen_corrected
    logic [FRACTION_BITS-1:0] excess;
    antilog_excess #(
      .FractionBits(FRACTION_BITS)
    ) u_excess (
      .fraction_i(sum[FRACTION_BITS-1:0]),
      .excess_o  (excess)
    );
    assign mantissa = {2'b01, sum[FRACTION_BITS-1:0]} - {2'b00, excess};
  end else begin : gen_linear
    assign mantissa = {2'b01, sum[FRACTION_BITS-1:0]};
  end

  optional_register #(
    .Bits   (STAGE_BITS),
    .Enabled(TwoStage)
  ) u_stage (
    .clk_i (clk_i),
    .data_i({nonzero_a & nonzero_b, sum[LOGARITHM_BITS:FRACTION_BITS], mantissa}),
    .data_o(staged)
  );

  antilog #(
    .Width       (Width),
    .FractionBits(FRACTION_BITS)
  ) u_antilog (
    .mantissa_i      (staged[FRACTION_BITS+1:0]),
    .characteristic_i(staged[FRACTION_BITS+2 +: $clog2(Width)+1]),
    .round_up_i      (1'b0),
    .nonzero_i       (staged[STAGE_BITS-1]),
    .product_o       (product_o)
  );

endmodule
