// Processing element of the weight-stationary grid.
//
// An operand is {sign, enabled, payload}: of kind `log` the payload is a logarithm and `enabled` says
// that there is one (the operand is not 0), else it is a magnitude. A weight waits in the shadow
// register, which is a link of the chain that loads its column, and becomes the active one when
// swap_i comes with the first activation of a tile: changing weights costs no cycle. Each activation
// goes on to the right one cycle later; sum_o = sum_i + weight * activation, where sum_i belongs to
// the activation that came one cycle (TwoStage = 1: two cycles) earlier.
//
// ZeroGating = 1 holds sign and payload of the activation register while operands come that are not
// enabled: what is not multiplied does not switch the product's logic. DroppedBits low bits of each
// product go, and the sum counts 2^DroppedBits. Kind `multiplier` holds a whole multiplier of the
// library (`multiplier`), which takes magnitudes.
//
// No reset: a sum is known as soon as everything above and left of it is. Validity travels outside.
module processing_element #(
  parameter int PeKind = mbm_pkg::PE_LOG,
  parameter int Width = 8,
  parameter int FractionBits = Width - 1,     // kind log
  parameter int Kind = mbm_pkg::PRODUCT_MBM,  // kind log
  parameter int StaticShift = 0,              // kind log: see log_product
  parameter int Architecture = mbm_pkg::ARCHITECTURE_OPERATOR,  // kind exact
  parameter int BrokenColumns = 0,            // kind exact: see exact_multiplier
  parameter int Family = mbm_pkg::FAMILY_MBM,  // kind multiplier: see mbm_pkg
  parameter int ParameterA = 0,
  parameter int ParameterB = 0,
  parameter int TableEntries = 16,            // kind lut
  parameter int PayloadBits = $clog2(Width) + FractionBits,
  parameter int SumBits = 2 * Width + 5,
  parameter int DroppedBits = 0,
  parameter int ZeroGating = 0,
  parameter int TwoStage = 0                  // 1 of kind lut
) (
  input  logic                            clk_i,
  // Activation, from the left and on to the right.
  input  logic [PayloadBits+1:0]          activation_i,
  input  logic                            swap_i,
  output logic [PayloadBits+1:0]          activation_o,
  output logic                            swap_o,
  // Weight chain, from above and on downwards.
  input  logic                            weight_load_i,
  input  logic [PayloadBits+1:0]          weight_i,
  output logic [PayloadBits+1:0]          weight_o,
  // Partial sum, from above and on downwards.
  input  logic [SumBits-1:0]              sum_i,
  output logic [SumBits-1:0]              sum_o,
  // Rows of the product table, kind lut: see lut_product. table_bank_i is taken with swap_i.
  input  logic                            table_bank_i,
  input  logic                            fill_i,
  input  logic                            fill_bank_i,
  input  logic [7:0]                      fill_magnitude_i,
  input  logic [7-$clog2(TableEntries):0] fill_word_i,
  input  logic [TableEntries*16-1:0]      fill_data_i
);

  logic [PayloadBits+1:0] activation_q;
  logic [PayloadBits+1:0] shadow_q;
  logic [PayloadBits+1:0] weight_q;
  logic                   swap_q;
  logic                   negative;
  logic [2*Width-1:0]     magnitude;
  logic [SumBits-1:0]     sum_q;

  if (ZeroGating != 0) begin : gen_gated
    always_ff @(posedge clk_i) begin
      activation_q[PayloadBits] <= activation_i[PayloadBits];
      if (activation_i[PayloadBits]) begin
        activation_q[PayloadBits+1] <= activation_i[PayloadBits+1];
        activation_q[PayloadBits-1:0] <= activation_i[PayloadBits-1:0];
      end
    end
  end else begin : gen_free
    always_ff @(posedge clk_i) activation_q <= activation_i;
  end

  always_ff @(posedge clk_i) begin
    swap_q <= swap_i;
    if (weight_load_i) shadow_q <= weight_i;
    if (swap_i) weight_q <= shadow_q;
  end

  assign activation_o = activation_q;
  assign swap_o = swap_q;
  assign weight_o = shadow_q;

  if (PeKind == mbm_pkg::PE_LUT) begin : gen_lut
    logic bank_q;

    always_ff @(posedge clk_i) begin
      if (swap_i) bank_q <= table_bank_i;
    end

    lut_product #(
      .TableEntries(TableEntries)
    ) u_product (
      .clk_i              (clk_i),
      .weight_i           (weight_q),
      .activation_i       (activation_q),
      .bank_i             (bank_q),
      .negative_o         (negative),
      .magnitude_o        (magnitude),
      .waiting_magnitude_i(shadow_q[7:0]),
      .fill_i             (fill_i),
      .fill_bank_i        (fill_bank_i),
      .fill_magnitude_i   (fill_magnitude_i),
      .fill_word_i        (fill_word_i),
      .fill_data_i        (fill_data_i)
    );
  end else begin : gen_no_table
    logic unused_table;
    assign unused_table = ^{table_bank_i, fill_i, fill_bank_i, fill_magnitude_i, fill_word_i,
                            fill_data_i};

    if (PeKind == mbm_pkg::PE_EXACT) begin : gen_exact
      exact_product #(
        .Width        (Width),
        .Architecture (Architecture),
        .BrokenColumns(BrokenColumns),
        .TwoStage     (TwoStage)
      ) u_product (
        .clk_i       (clk_i),
        .weight_i    (weight_q),
        .activation_i(activation_q),
        .negative_o  (negative),
        .magnitude_o (magnitude)
      );
    end else if (PeKind == mbm_pkg::PE_MULTIPLIER) begin : gen_multiplier
      logic [2*Width-1:0] product;

      multiplier #(
        .Width     (Width),
        .Family    (Family),
        .ParameterA(ParameterA),
        .ParameterB(ParameterB)
      ) u_multiplier (
        .clk_i    (clk_i),
        .a_i      (weight_q[Width-1:0]),
        .b_i      (activation_q[Width-1:0]),
        .product_o(product)
      );

      assign magnitude = product & {(2*Width){weight_q[Width] & activation_q[Width]}};
      assign negative = weight_q[Width+1] ^ activation_q[Width+1];
    end else begin : gen_log
      log_product #(
        .Width       (Width),
        .FractionBits(FractionBits),
        .Kind        (Kind),
        .StaticShift (StaticShift),
        .TwoStage    (TwoStage)
      ) u_product (
        .clk_i       (clk_i),
        .weight_i    (weight_q),
        .activation_i(activation_q),
        .negative_o  (negative),
        .magnitude_o (magnitude)
      );
    end
  end

  // Two's complement of the magnitude if negative, as inversion and a carry into the adder.
  logic [SumBits-1:0] term;
  assign term = SumBits'(magnitude[2*Width-1:DroppedBits]);

  always_ff @(posedge clk_i) begin
    sum_q <= sum_i + (term ^ {SumBits{negative}}) + SumBits'(negative);
  end

  assign sum_o = sum_q;

  logic unused_magnitude;
  assign unused_magnitude = ^magnitude;

endmodule
