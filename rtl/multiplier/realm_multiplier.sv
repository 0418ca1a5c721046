// REALM, Saadat, Javaid, Ignjatovic, Parameswaran, DATE 2020: Mitchell's product with a correction
// from a Grid x Grid table over the two fractions (Grid = 2, 4, 8, 16), halved where the fractions
// carry. DroppedBits low bits of the fractions go, the lowest kept one is then set; the mantissa
// keeps the bits of the whole fraction. The largest products saturate.
module realm_multiplier #(
  parameter int Width = 8,
  parameter int DroppedBits = 0,
  parameter int Grid = 4,
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
  localparam int INDEX_BITS = $clog2(Grid);
  localparam int ENTRY_BITS = 6;  // q of the paper: an entry counts 2^-6
  localparam int STAGE_BITS = 1 + $clog2(Width) + 1 + FRACTION_BITS + 2;

  logic                        nonzero_a;
  logic                        nonzero_b;
  logic [LOGARITHM_BITS-1:0]   logarithm_a;
  logic [LOGARITHM_BITS-1:0]   logarithm_b;
  logic [LOGARITHM_BITS:0]     sum;
  logic                        carry;  // of the two fractions
  logic [FRACTION_BITS-1:0]    fraction;
  logic [ENTRY_BITS-1:0]       entry;
  logic [FRACTION_BITS-1:0]    correction;
  logic [FRACTION_BITS+1:0]    mantissa;
  logic [STAGE_BITS-1:0]       staged;
  logic [2*Width-1:0]          product;
  logic                        overflow;

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

  assign sum = {1'b0, logarithm_a} + {1'b0, logarithm_b};
  assign carry = sum[KEPT_BITS] ^ logarithm_a[KEPT_BITS] ^ logarithm_b[KEPT_BITS];
  assign fraction = FRACTION_BITS'(sum[KEPT_BITS-1:0]) << DroppedBits;

  realm_correction #(
    .IndexBits(INDEX_BITS)
  ) u_correction (
    .row_i   (logarithm_a[KEPT_BITS-1 -: INDEX_BITS]),
    .column_i(logarithm_b[KEPT_BITS-1 -: INDEX_BITS]),
    .entry_o (entry)
  );

  assign correction = (FRACTION_BITS'(entry) << (FRACTION_BITS - ENTRY_BITS)) >> carry;
  assign mantissa = {2'b01, fraction} + {2'b00, correction};

  optional_register #(
    .Bits   (STAGE_BITS),
    .Enabled(TwoStage)
  ) u_stage (
    .clk_i (clk_i),
    .data_i({nonzero_a & nonzero_b, sum[LOGARITHM_BITS:KEPT_BITS], mantissa}),
    .data_o(staged)
  );

  antilog #(
    .Width(Width)
  ) u_antilog (
    .mantissa_i      (staged[FRACTION_BITS+1:0]),
    .characteristic_i(staged[FRACTION_BITS+2 +: $clog2(Width)+1]),
    .round_up_i      (1'b0),
    .nonzero_i       (staged[STAGE_BITS-1]),
    .product_o       (product)
  );

  // The top binade has no room for a corrected mantissa of 2 and more.
  assign overflow = staged[FRACTION_BITS+1] & staged[STAGE_BITS-1] &
                    (staged[FRACTION_BITS+2 +: $clog2(Width)+1] == ($clog2(Width)+1)'(2*Width-1));
  assign product_o = product | {(2*Width){overflow}};

endmodule
