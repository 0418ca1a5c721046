// Processing elements side by side on the same operands, for equality with their definitions: element
// i is configuration i of element_bench.cpp. All weights are loaded, swapped and multiplied as a grid
// would do; an operand is a sign and a magnitude of 8 bits, 0 is not enabled.
module element_bench #(
  parameter int Elements = 26
) (
  input  logic                   clk_i,
  input  logic [8:0]             activation_i,  // {sign, magnitude}
  input  logic                   swap_i,
  input  logic                   weight_load_i,
  input  logic [8:0]             weight_i,
  input  logic [20:0]            sum_i,
  output logic [32*Elements-1:0] sums_o
);

  // Structure (0: processing_element, exact; 1: log with Mitchell's encoder; 2: log with true
  // logarithms; 3: fused_element; 4: fused_element, two's complement; 5: processing_element, a whole
  // multiplier), and Width, FractionBits or ParameterA or BrokenColumns, Kind or Architecture or Booth
  // or Family, StaticShift or ParameterB, ZeroGating, DroppedBits.
  localparam logic [56*Elements-1:0] CONFIGURATION = {
    {8'd0, 8'd8, 8'd0, 8'd0, 8'd0, 8'd0, 8'd0},
    {8'd0, 8'd8, 8'd0, 8'd1, 8'd0, 8'd0, 8'd0},
    {8'd0, 8'd8, 8'd0, 8'd2, 8'd0, 8'd1, 8'd0},
    {8'd0, 8'd7, 8'd0, 8'd1, 8'd0, 8'd0, 8'd0},
    {8'd0, 8'd6, 8'd0, 8'd1, 8'd0, 8'd1, 8'd0},
    {8'd0, 8'd5, 8'd0, 8'd2, 8'd0, 8'd0, 8'd2},
    {8'd1, 8'd8, 8'd7, 8'd1, 8'd0, 8'd0, 8'd0},
    {8'd1, 8'd8, 8'd7, 8'd0, 8'd0, 8'd1, 8'd0},
    {8'd1, 8'd8, 8'd4, 8'd0, 8'd1, 8'd0, 8'd0},
    {8'd2, 8'd8, 8'd5, 8'd0, 8'd1, 8'd1, 8'd0},
    {8'd2, 8'd8, 8'd7, 8'd3, 8'd0, 8'd0, 8'd0},
    {8'd2, 8'd8, 8'd5, 8'd3, 8'd1, 8'd1, 8'd3},
    {8'd3, 8'd8, 8'd0, 8'd0, 8'd0, 8'd0, 8'd0},
    {8'd3, 8'd8, 8'd0, 8'd1, 8'd0, 8'd1, 8'd0},
    {8'd3, 8'd7, 8'd0, 8'd0, 8'd0, 8'd0, 8'd0},
    {8'd3, 8'd5, 8'd0, 8'd0, 8'd0, 8'd1, 8'd0},
    {8'd4, 8'd8, 8'd0, 8'd0, 8'd0, 8'd0, 8'd0},
    {8'd4, 8'd7, 8'd0, 8'd1, 8'd0, 8'd0, 8'd0},
    {8'd4, 8'd6, 8'd0, 8'd1, 8'd0, 8'd0, 8'd0},
    {8'd4, 8'd5, 8'd0, 8'd0, 8'd0, 8'd0, 8'd0},
    {8'd5, 8'd8, 8'd6, 8'd8, 8'd0, 8'd0, 8'd0},
    {8'd5, 8'd8, 8'd0, 8'd7, 8'd4, 8'd1, 8'd0},
    {8'd5, 8'd8, 8'd0, 8'd2, 8'd0, 8'd0, 8'd4},
    {8'd0, 8'd8, 8'd6, 8'd1, 8'd0, 8'd0, 8'd0},
    {8'd0, 8'd6, 8'd4, 8'd1, 8'd0, 8'd1, 8'd4},
    {8'd0, 8'd5, 8'd2, 8'd1, 8'd0, 8'd0, 8'd2}
  };

  for (genvar i = 0; i < Elements; i++) begin : gen_element
    localparam int START = 56 * (Elements - 1 - i);
    localparam int STRUCTURE = 32'(CONFIGURATION[START+48 +: 8]);
    localparam int WIDTH = 32'(CONFIGURATION[START+40 +: 8]);
    localparam int FRACTION_BITS = 32'(CONFIGURATION[START+32 +: 8]);
    localparam int KIND = 32'(CONFIGURATION[START+24 +: 8]);
    localparam int STATIC_SHIFT = 32'(CONFIGURATION[START+16 +: 8]);
    localparam int ZERO_GATING = 32'(CONFIGURATION[START+8 +: 8]);
    localparam int DROPPED_BITS = 32'(CONFIGURATION[START +: 8]);
    localparam int LOGARITHMIC = (STRUCTURE == 1 || STRUCTURE == 2) ? 1 : 0;
    localparam int PAYLOAD_BITS = (LOGARITHMIC != 0) ? 3 + FRACTION_BITS : WIDTH;
    localparam int OPERAND_BITS = (STRUCTURE == 4) ? WIDTH + 1 : PAYLOAD_BITS + 2;
    localparam int SUM_BITS = 21;

    logic [OPERAND_BITS-1:0] activation;
    logic [OPERAND_BITS-1:0] weight;
    logic [OPERAND_BITS-1:0] activation_right;
    logic [OPERAND_BITS-1:0] weight_below;
    logic                    swap_right;
    logic [SUM_BITS-1:0]     sum;

    if (STRUCTURE == 1) begin : gen_mitchell
      log_encoder #(
        .FractionBits(FRACTION_BITS)
      ) u_activation (
        .value_i    (activation_i[7:0]),
        .nonzero_o  (activation[PAYLOAD_BITS]),
        .logarithm_o(activation[PAYLOAD_BITS-1:0])
      );
      log_encoder #(
        .FractionBits(FRACTION_BITS)
      ) u_weight (
        .value_i    (weight_i[7:0]),
        .nonzero_o  (weight[PAYLOAD_BITS]),
        .logarithm_o(weight[PAYLOAD_BITS-1:0])
      );
    end else if (STRUCTURE == 2) begin : gen_log2
      log2_encoder #(
        .FractionBits(FRACTION_BITS)
      ) u_activation (
        .value_i    (activation_i[7:0]),
        .nonzero_o  (activation[PAYLOAD_BITS]),
        .logarithm_o(activation[PAYLOAD_BITS-1:0])
      );
      log2_encoder #(
        .FractionBits(FRACTION_BITS)
      ) u_weight (
        .value_i    (weight_i[7:0]),
        .nonzero_o  (weight[PAYLOAD_BITS]),
        .logarithm_o(weight[PAYLOAD_BITS-1:0])
      );
    end else if (STRUCTURE == 4) begin : gen_twos_complement
      assign activation = ({1'b0, activation_i[WIDTH-1:0]} ^ {(WIDTH+1){activation_i[8]}}) +
                          OPERAND_BITS'(activation_i[8]);
      assign weight = ({1'b0, weight_i[WIDTH-1:0]} ^ {(WIDTH+1){weight_i[8]}}) +
                      OPERAND_BITS'(weight_i[8]);
    end else begin : gen_magnitude
      assign activation[WIDTH:0] = {|activation_i[WIDTH-1:0], activation_i[WIDTH-1:0]};
      assign weight[WIDTH:0] = {|weight_i[WIDTH-1:0], weight_i[WIDTH-1:0]};
    end
    if (STRUCTURE != 4) begin : gen_sign
      assign activation[OPERAND_BITS-1] = activation_i[8];
      assign weight[OPERAND_BITS-1] = weight_i[8];
    end

    if (STRUCTURE == 3 || STRUCTURE == 4) begin : gen_fused
      fused_element #(
        .Width         (WIDTH),
        .TwosComplement((STRUCTURE == 4) ? 1 : 0),
        .Booth         (KIND),
        .ZeroGating    (ZERO_GATING),
        .SumBits       (SUM_BITS)
      ) u_element (
        .clk_i        (clk_i),
        .activation_i (activation),
        .swap_i       (swap_i),
        .activation_o (activation_right),
        .swap_o       (swap_right),
        .weight_load_i(weight_load_i),
        .weight_i     (weight),
        .weight_o     (weight_below),
        .sum_i        (sum_i),
        .sum_o        (sum)
      );
    end else begin : gen_element
      processing_element #(
        .PeKind       ((LOGARITHMIC != 0) ? mbm_pkg::PE_LOG
                       : (STRUCTURE == 5) ? mbm_pkg::PE_MULTIPLIER : mbm_pkg::PE_EXACT),
        .Width        (WIDTH),
        .FractionBits ((LOGARITHMIC != 0) ? FRACTION_BITS : WIDTH - 1),
        .Kind         ((LOGARITHMIC != 0) ? KIND : 0),
        .StaticShift  ((LOGARITHMIC != 0) ? STATIC_SHIFT : 0),
        .Architecture ((LOGARITHMIC != 0) ? 0 : KIND),
        .BrokenColumns((STRUCTURE == 0) ? FRACTION_BITS : 0),
        .Family       (KIND),
        .ParameterA   (FRACTION_BITS),
        .ParameterB   (STATIC_SHIFT),
        .PayloadBits  (PAYLOAD_BITS),
        .SumBits      (SUM_BITS),
        .DroppedBits  (DROPPED_BITS),
        .ZeroGating   (ZERO_GATING)
      ) u_element (
        .clk_i           (clk_i),
        .activation_i    (activation),
        .swap_i          (swap_i),
        .activation_o    (activation_right),
        .swap_o          (swap_right),
        .weight_load_i   (weight_load_i),
        .weight_i        (weight),
        .weight_o        (weight_below),
        .sum_i           (sum_i),
        .sum_o           (sum),
        .table_bank_i    (1'b0),
        .fill_i          (1'b0),
        .fill_bank_i     (1'b0),
        .fill_magnitude_i(8'd0),
        .fill_word_i     (4'd0),
        .fill_data_i     (256'd0)
      );
    end

    assign sums_o[32*i +: 32] = {{(32-SUM_BITS){sum[SUM_BITS-1]}}, sum};

    logic unused_outputs;
    assign unused_outputs = ^{activation_right, swap_right, weight_below};
  end

endmodule
