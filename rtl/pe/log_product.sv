// Product of two logarithmic operands, {sign, nonzero, characteristic, fraction} each, as sign and
// magnitude: log_sum, a register if TwoStage, antilog.
//
// StaticShift = 1 (not with TwoStage, nor with MBM's corrections) computes the same product by two
// shifts, the one by the weight's characteristic last: while a weight stays its selectors do not switch.
module log_product #(
  parameter int Width = 8,
  parameter int FractionBits = Width - 1,
  parameter int Kind = mbm_pkg::PRODUCT_MBM,
  parameter int StaticShift = 0,
  parameter int TwoStage = 0
) (
  input  logic                                  clk_i,
  input  logic [$clog2(Width)+FractionBits+1:0] weight_i,
  input  logic [$clog2(Width)+FractionBits+1:0] activation_i,
  output logic                                  negative_o,
  output logic [2*Width-1:0]                    magnitude_o
);

  localparam int LOGARITHM_BITS = $clog2(Width) + FractionBits;

  logic [FractionBits+1:0] mantissa;
  logic [$clog2(Width):0]  characteristic;
  logic                    round_up;
  logic                    nonzero;
  logic                    sign;
  logic [FractionBits+1:0] mantissa_staged;
  logic [$clog2(Width):0]  characteristic_staged;
  logic                    round_up_staged;
  logic                    nonzero_staged;

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

  // A register for each part: packed into one they cost the simulation of a grid five percent.
  optional_register #(
    .Bits   (FractionBits + 2),
    .Enabled(TwoStage)
  ) u_mantissa (
    .clk_i (clk_i),
    .data_i(mantissa),
    .data_o(mantissa_staged)
  );

  optional_register #(
    .Bits   ($clog2(Width) + 1),
    .Enabled(TwoStage)
  ) u_characteristic (
    .clk_i (clk_i),
    .data_i(characteristic),
    .data_o(characteristic_staged)
  );

  optional_register #(
    .Bits   (1),
    .Enabled(TwoStage)
  ) u_round_up (
    .clk_i (clk_i),
    .data_i(round_up),
    .data_o(round_up_staged)
  );

  optional_register #(
    .Bits   (1),
    .Enabled(TwoStage)
  ) u_nonzero (
    .clk_i (clk_i),
    .data_i(nonzero),
    .data_o(nonzero_staged)
  );

  optional_register #(
    .Bits   (1),
    .Enabled(TwoStage)
  ) u_sign (
    .clk_i (clk_i),
    .data_i(sign),
    .data_o(negative_o)
  );

  if (StaticShift != 0) begin : gen_static_shift
    localparam int SHIFTED_BITS = FractionBits + 2 * Width;
    logic [$clog2(Width)-1:0] characteristic_weight;
    logic [$clog2(Width)-1:0] characteristic_activation;
    logic                     carry;  // of the two fractions
    logic [SHIFTED_BITS-1:0]  moving;
    logic [SHIFTED_BITS-1:0]  shifted;
    logic                     unused_sum;
    assign characteristic_weight = weight_i[FractionBits +: $clog2(Width)];
    assign characteristic_activation = activation_i[FractionBits +: $clog2(Width)];
    assign carry = characteristic[0] ^ characteristic_weight[0] ^ characteristic_activation[0];
    assign moving = (SHIFTED_BITS'(mantissa) << carry) << characteristic_activation;
    assign shifted = moving << characteristic_weight;
    assign magnitude_o = shifted[SHIFTED_BITS-1:FractionBits] & {(2*Width){nonzero}};
    assign unused_sum = ^{characteristic_staged, mantissa_staged, round_up_staged, nonzero_staged,
                          shifted[FractionBits-1:0]};
  end else begin : gen_antilog
    antilog #(
      .Width       (Width),
      .FractionBits(FractionBits)
    ) u_antilog (
      .mantissa_i      (mantissa_staged),
      .characteristic_i(characteristic_staged),
      .round_up_i      (round_up_staged),
      .nonzero_i       (nonzero_staged),
      .product_o       (magnitude_o)
    );
  end

endmodule
