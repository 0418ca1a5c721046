// A row of the weight-stationary grid: Columns processing elements from left to right. Weights and sums
// pass from the row above to the row below, those of column c at bit c * (PayloadBits + 2) and c * 32;
// of the 32 bits of a sum the lowest SumBits count, the others leave as 0.
//
// The comments to Verilator are for speed alone. Kept as a module whose inputs stay variables, every
// row of a grid runs the same code, which fits an instruction cache; inlined, each element has code of its
// own, and a grid of 16 x 16 runs at two thirds of the speed.
module processing_row #(
  parameter int Columns = 16,
  parameter int PeKind = mbm_pkg::PE_LOG,
  parameter int Width = 8,
  parameter int FractionBits = Width - 1,
  parameter int Kind = mbm_pkg::PRODUCT_MBM,
  parameter int TableEntries = 16,
  parameter int PayloadBits = $clog2(Width) + FractionBits,
  parameter int SumBits = 2 * Width + 5,
  parameter int TwoStage = 0                  // 1 of kind lut
) (
  input  logic                               clk_i,
  // Activation, into the leftmost element.
  input  logic [PayloadBits+1:0]             activation_i /*verilator public_flat_rd*/,
  input  logic                               swap_i /*verilator public_flat_rd*/,
  // Weight chains.
  input  logic                               weight_load_i,
  input  logic [Columns*(PayloadBits+2)-1:0] weight_i /*verilator public_flat_rd*/,
  output logic [Columns*(PayloadBits+2)-1:0] weight_o,
  // Partial sums.
  input  logic [Columns*32-1:0]              sum_i /*verilator public_flat_rd*/,
  output logic [Columns*32-1:0]              sum_o,
  // Rows of the product table, kind lut: see processing_element.
  input  logic                               table_bank_i,
  input  logic                               fill_i,
  input  logic                               fill_bank_i,
  input  logic [7:0]                         fill_magnitude_i,
  input  logic [7-$clog2(TableEntries):0]    fill_word_i,
  input  logic [TableEntries*16-1:0]         fill_data_i
);
  /* verilator no_inline_module */

  localparam int OPERAND_BITS = PayloadBits + 2;

  for (genvar c = 0; c < Columns; c++) begin : gen_column
    logic [OPERAND_BITS-1:0] activation;
    logic [OPERAND_BITS-1:0] activation_right;
    logic                    swap;
    logic                    swap_right;
    logic [SumBits-1:0]      sum;

    if (c == 0) begin : gen_left
      assign activation = activation_i;
      assign swap = swap_i;
    end else begin : gen_inner
      assign activation = gen_column[c-1].activation_right;
      assign swap = gen_column[c-1].swap_right;
    end

    processing_element #(
      .PeKind      (PeKind),
      .Width       (Width),
      .FractionBits(FractionBits),
      .Kind        (Kind),
      .TableEntries(TableEntries),
      .PayloadBits (PayloadBits),
      .SumBits     (SumBits),
      .TwoStage    (TwoStage)
    ) u_pe (
      .clk_i           (clk_i),
      .activation_i    (activation),
      .swap_i          (swap),
      .activation_o    (activation_right),
      .swap_o          (swap_right),
      .weight_load_i   (weight_load_i),
      .weight_i        (weight_i[c*OPERAND_BITS +: OPERAND_BITS]),
      .weight_o        (weight_o[c*OPERAND_BITS +: OPERAND_BITS]),
      .sum_i           (sum_i[c*32 +: SumBits]),
      .sum_o           (sum),
      .table_bank_i    (table_bank_i),
      .fill_i          (fill_i),
      .fill_bank_i     (fill_bank_i),
      .fill_magnitude_i(fill_magnitude_i),
      .fill_word_i     (fill_word_i),
      .fill_data_i     (fill_data_i)
    );

    assign sum_o[c*32 +: 32] = 32'(sum);

    logic unused_sum;
    assign unused_sum = ^sum_i[c*32+SumBits +: 32-SumBits];

    // Nothing lies right of the last column.
    if (c == Columns - 1) begin : gen_right_end
      logic unused_right;
      assign unused_right = ^{activation_right, swap_right};
    end
  end

endmodule
