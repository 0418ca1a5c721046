// Processing element of the weight-stationary grid for operands that arrive as logarithms.
//
// An operand is {sign, nonzero, characteristic, fraction}. A weight waits in the shadow register,
// which is a link of the chain that loads its column, and becomes the active one when swap_i comes
// with the first activation of a tile: changing weights costs no cycle. Each activation goes on to
// the right one cycle later; sum_o = sum_i + weight * activation, where sum_i belongs to the
// activation that came one cycle (TwoStage = 1: two cycles) earlier.
//
// No reset: a sum is known as soon as everything above and left of it is. Validity travels outside.
module log_pe #(
  parameter int Width = 8,
  parameter int FractionBits = Width - 1,
  parameter int Kind = mbm_pkg::PRODUCT_MBM,
  parameter int SumBits = 2 * Width + 5,
  parameter int TwoStage = 0
) (
  input  logic                                  clk_i,
  // Activation, from the left and on to the right.
  input  logic [$clog2(Width)+FractionBits+1:0] activation_i,
  input  logic                                  swap_i,
  output logic [$clog2(Width)+FractionBits+1:0] activation_o,
  output logic                                  swap_o,
  // Weight chain, from above and on downwards.
  input  logic                                  weight_load_i,
  input  logic [$clog2(Width)+FractionBits+1:0] weight_i,
  output logic [$clog2(Width)+FractionBits+1:0] weight_o,
  // Partial sum, from above and on downwards.
  input  logic [SumBits-1:0]                    sum_i,
  output logic [SumBits-1:0]                    sum_o
);

  localparam int LOGARITHM_BITS = $clog2(Width) + FractionBits;
  localparam int CODE_BITS = LOGARITHM_BITS + 2;
  localparam int STAGE_BITS = FractionBits + 2 + $clog2(Width) + 1 + 3;

  logic [CODE_BITS-1:0]    activation_q;
  logic [CODE_BITS-1:0]    shadow_q;
  logic [CODE_BITS-1:0]    weight_q;
  logic                    swap_q;
  logic [FractionBits+1:0] mantissa;
  logic [$clog2(Width):0]  characteristic;
  logic                    round_up;
  logic                    nonzero;
  logic                    sign;
  logic [STAGE_BITS-1:0]   product_log;         // the product as a logarithm
  logic [STAGE_BITS-1:0]   product_log_staged;
  logic [2*Width-1:0]      magnitude;
  logic                    negative;
  logic [SumBits-1:0]      sum_q;

  always_ff @(posedge clk_i) begin
    activation_q <= activation_i;
    swap_q <= swap_i;
    if (weight_load_i) shadow_q <= weight_i;
    if (swap_i) weight_q <= shadow_q;
  end

  assign activation_o = activation_q;
  assign swap_o = swap_q;
  assign weight_o = shadow_q;

  log_sum #(
    .Width       (Width),
    .FractionBits(FractionBits),
    .Kind        (Kind)
  ) u_sum (
    .logarithm_a_i   (weight_q[LOGARITHM_BITS-1:0]),
    .logarithm_b_i   (activation_q[LOGARITHM_BITS-1:0]),
    .mantissa_o      (mantissa),
    .characteristic_o(characteristic),
    .round_up_o      (round_up)
  );

  assign nonzero = weight_q[LOGARITHM_BITS] & activation_q[LOGARITHM_BITS];
  assign sign = weight_q[LOGARITHM_BITS+1] ^ activation_q[LOGARITHM_BITS+1];
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
    .product_o       (magnitude)
  );

  assign negative = product_log_staged[STAGE_BITS-1];

  // Two's complement of the magnitude if negative, as inversion and a carry into the adder.
  always_ff @(posedge clk_i) begin
    sum_q <= sum_i + (SumBits'(magnitude) ^ {SumBits{negative}}) + SumBits'(negative);
  end

  assign sum_o = sum_q;

endmodule
