// TOSAM(h, t), Vahdat, Kamal, Afzali-Kusha, Pedram, IEEE TVLSI 27(5), 2019: the product of two
// mantissas 1 + x as 1 + x + y + x y, the sum from the high SumBits bits of the fractions, the
// product from the high ProductBits bits with a one appended. 0 <= ProductBits <= SumBits, SumBits at
// least 1. Unsigned. The pipeline cut lies before the shift.
module tosam_multiplier #(
  parameter int Width = 8,
  parameter int ProductBits = 2,
  parameter int SumBits = 5,
  parameter int TwoStage = 0
) (
  input  logic               clk_i,  // of the pipeline cut
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  localparam int FRACTION_BITS = Width - 1;
  localparam int LOGARITHM_BITS = $clog2(Width) + FRACTION_BITS;
  localparam int UNIT_BITS = 2 * (SumBits + 1);  // fraction bits of the mantissa, which is exact
  localparam int FACTOR_BITS = ProductBits + 1;
  localparam int STAGE_BITS = 1 + $clog2(Width) + 1 + UNIT_BITS + 2;

  logic                      nonzero_a;
  logic                      nonzero_b;
  logic [LOGARITHM_BITS-1:0] logarithm_a;
  logic [LOGARITHM_BITS-1:0] logarithm_b;
  logic [$clog2(Width):0]    characteristic;
  logic [SumBits:0]          sum;
  logic [FACTOR_BITS-1:0]    factor_a;
  logic [FACTOR_BITS-1:0]    factor_b;
  logic [2*FACTOR_BITS-1:0]  product;
  logic [UNIT_BITS+1:0]      mantissa;
  logic [STAGE_BITS-1:0]     staged;

  log_encoder #(
    .Width(Width)
  ) u_encoder_a (
    .value_i    (a_i),
    .nonzero_o  (nonzero_a),
    .logarithm_o(logarithm_a)
  );

  log_encoder #(
    .Width(Width)
  ) u_encoder_b (
    .value_i    (b_i),
    .nonzero_o  (nonzero_b),
    .logarithm_o(logarithm_b)
  );

  assign characteristic = {1'b0, logarithm_a[LOGARITHM_BITS-1:FRACTION_BITS]} +
                          {1'b0, logarithm_b[LOGARITHM_BITS-1:FRACTION_BITS]};
  assign sum = {1'b0, logarithm_a[FRACTION_BITS-1 -: SumBits]} +
               {1'b0, logarithm_b[FRACTION_BITS-1 -: SumBits]};

  if (ProductBits == 0) begin : gen_halves
    assign factor_a = 1'b1;
    assign factor_b = 1'b1;
  end else begin : gen_factors
    assign factor_a = {logarithm_a[FRACTION_BITS-1 -: ProductBits], 1'b1};
    assign factor_b = {logarithm_b[FRACTION_BITS-1 -: ProductBits], 1'b1};
  end

  assign product = (2*FACTOR_BITS)'(factor_a) * (2*FACTOR_BITS)'(factor_b);
  assign mantissa = {2'b01, {UNIT_BITS{1'b0}}} +
                    ((UNIT_BITS+2)'(sum) << (UNIT_BITS - SumBits)) +
                    ((UNIT_BITS+2)'(product) << (UNIT_BITS - 2 * FACTOR_BITS));

  optional_register #(
    .Bits   (STAGE_BITS),
    .Enabled(TwoStage)
  ) u_stage (
    .clk_i (clk_i),
    .data_i({nonzero_a & nonzero_b, characteristic, mantissa}),
    .data_o(staged)
  );

  antilog #(
    .Width       (Width),
    .FractionBits(UNIT_BITS)
  ) u_antilog (
    .mantissa_i      (staged[UNIT_BITS+1:0]),
    .characteristic_i(staged[UNIT_BITS+2 +: $clog2(Width)+1]),
    .round_up_i      (1'b0),
    .nonzero_i       (staged[STAGE_BITS-1]),
    .product_o       (product_o)
  );

  // Low fraction bits that neither the sum nor the product takes.
  logic unused_fractions;
  assign unused_fractions = ^{logarithm_a, logarithm_b};

endmodule
