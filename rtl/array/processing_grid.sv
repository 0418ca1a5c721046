// Weight-stationary systolic grid of Rows x Columns processing elements with its edges: everything of
// an array but the memories of its sums.
//
// A tile is Rows terms of the reduction times Columns output channels. Its weights enter at the top
// in Rows cycles of weight_load_i, bottom row first, and wait. Its activations, one vector of Rows
// operands per output position, enter in successive cycles or with gaps; the first one comes with
// swap_i, which makes the waiting weights the active ones. Operands are sign and magnitude; what
// the elements work with is made of them once, at the edge (operand_edge): Rows + Columns encoders
// for Rows * Columns products a cycle.
//
// The sum of a position leaves column c in sum_o Rows + 2 + TwoStage + c cycles after the position
// entered. control_i accompanies the position, whatever it means, and arrives in control_o one cycle
// before the sum.
//
// Rules:
//  1. swap_i comes no earlier than the cycle after the last weight_load_i of its tile.
//  2. weight_load_i comes no earlier than Rows + Columns - 2 cycles after the last swap_i.
//  3. row_enable_i, log_activations_i and table_bank_i keep the values that they have with a swap_i
//     until the next one, Rows + Columns - 1 cycles at least.
//  4. Kind lut: fill_i writes the rows of the waiting weights, all of them after their last
//     weight_load_i and before their swap_i, into the bank that table_bank_i does not say.
module processing_grid #(
  parameter int Rows = 16,
  parameter int Columns = 16,
  parameter int PeKind = mbm_pkg::PE_LOG,
  parameter int Width = 8,                     // magnitude bits of an operand
  parameter int FractionBits = Width - 1,      // of a logarithm
  parameter int SetLowestBit = 0,              // of a cut fraction
  parameter int Kind = mbm_pkg::PRODUCT_MBM,   // of a logarithmic product
  parameter int TableEntries = 16,             // of a row that are written in a cycle
  parameter int TwoStage = 0,                  // register between the two halves of a product
  parameter int ControlBits = 1,
  parameter int SumBits = 2 * Width + 1 + $clog2(Rows)
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,
  // Weights of one row.
  input  logic                            weight_load_i,
  input  logic [Columns-1:0]              weight_sign_i,
  input  logic [Columns*Width-1:0]        weight_magnitude_i,
  input  logic [Columns-1:0]              column_enable_i,
  input  logic                            log_weights_i,
  // Activations of one output position.
  input  logic                            swap_i,
  input  logic [Rows-1:0]                 activation_sign_i,
  input  logic [Rows*Width-1:0]           activation_magnitude_i,
  input  logic [Rows-1:0]                 row_enable_i,
  input  logic                            log_activations_i,
  input  logic [ControlBits-1:0]          control_i,
  // Rows of the product table.
  input  logic                            table_bank_i,
  input  logic                            fill_i,
  input  logic [7:0]                      fill_magnitude_i,
  input  logic [7-$clog2(TableEntries):0] fill_word_i,
  input  logic [TableEntries*16-1:0]      fill_data_i,
  // Sums, sign-extended, and the control of the next ones; column c at bit c * 32 and c * ControlBits.
  output logic [Columns*32-1:0]           sum_o,
  output logic [Columns*ControlBits-1:0]  control_o
);

  localparam int PAYLOAD_BITS =
      (PeKind == mbm_pkg::PE_LOG) ? $clog2(Width) + FractionBits : Width;
  localparam int OPERAND_BITS = PAYLOAD_BITS + 2;

  // Weight edge: a register and an encoder per column.
  logic                     weight_load_q;
  logic                     log_weights_q;
  logic [Columns-1:0]       column_enable_q;
  logic [Columns-1:0]       weight_sign_q;
  logic [Columns*Width-1:0] weight_magnitude_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) weight_load_q <= 1'b0;
    else weight_load_q <= weight_load_i;
  end

  always_ff @(posedge clk_i) begin
    log_weights_q <= log_weights_i;
    column_enable_q <= column_enable_i;
    weight_sign_q <= weight_sign_i;
    weight_magnitude_q <= weight_magnitude_i;
  end

  for (genvar c = 0; c < Columns; c++) begin : gen_weight_edge
    logic [OPERAND_BITS-1:0] operand;
    operand_edge #(
      .PeKind      (PeKind),
      .Width       (Width),
      .FractionBits(FractionBits),
      .SetLowestBit(SetLowestBit),
      .PayloadBits (PAYLOAD_BITS)
    ) u_edge (
      .enable_i   (column_enable_q[c]),
      .log_code_i (log_weights_q),
      .sign_i     (weight_sign_q[c]),
      .magnitude_i(weight_magnitude_q[c*Width +: Width]),
      .operand_o  (operand)
    );
  end

  // Activation edge: row r waits r cycles for the sums of the rows above it.
  for (genvar r = 0; r < Rows; r++) begin : gen_activation_edge
    logic                    swap;
    logic                    sign;
    logic [Width-1:0]        magnitude;
    logic                    enable;
    logic                    enable_q;
    logic                    log_code;
    logic                    log_code_q;
    logic [OPERAND_BITS-1:0] operand;

    delay_line #(
      .Bits      (Width + 1),
      .Stages    (r + 1),
      .Resettable(0)
    ) u_skew (
      .clk_i (clk_i),
      .rst_ni(rst_ni),
      .data_i({activation_sign_i[r], activation_magnitude_i[r*Width +: Width]}),
      .data_o({sign, magnitude})
    );

    delay_line #(
      .Bits  (1),
      .Stages(r + 1)
    ) u_swap (
      .clk_i (clk_i),
      .rst_ni(rst_ni),
      .data_i(swap_i),
      .data_o(swap)
    );

    // What holds for a whole tile is taken when its first activation has come through the skew.
    assign enable = (swap & row_enable_i[r]) | (~swap & enable_q);
    assign log_code = (swap & log_activations_i) | (~swap & log_code_q);

    always_ff @(posedge clk_i) begin
      enable_q <= enable;
      log_code_q <= log_code;
    end

    operand_edge #(
      .PeKind      (PeKind),
      .Width       (Width),
      .FractionBits(FractionBits),
      .SetLowestBit(SetLowestBit),
      .PayloadBits (PAYLOAD_BITS)
    ) u_edge (
      .enable_i   (enable),
      .log_code_i (log_code),
      .sign_i     (sign),
      .magnitude_i(magnitude),
      .operand_o  (operand)
    );
  end

  // The grid.
  for (genvar r = 0; r < Rows; r++) begin : gen_row
    logic [Columns*OPERAND_BITS-1:0] weight;
    logic [Columns*OPERAND_BITS-1:0] weight_below;
    logic [Columns*32-1:0]           sum;
    logic [Columns*32-1:0]           sum_below;

    if (r == 0) begin : gen_top
      for (genvar c = 0; c < Columns; c++) begin : gen_column
        assign weight[c*OPERAND_BITS +: OPERAND_BITS] = gen_weight_edge[c].operand;
      end
      assign sum = '0;
    end else begin : gen_inner
      assign weight = gen_row[r-1].weight_below;
      assign sum = gen_row[r-1].sum_below;
    end

    processing_row #(
      .Columns     (Columns),
      .PeKind      (PeKind),
      .Width       (Width),
      .FractionBits(FractionBits),
      .Kind        (Kind),
      .TableEntries(TableEntries),
      .PayloadBits (PAYLOAD_BITS),
      .SumBits     (SumBits),
      .TwoStage    (TwoStage)
    ) u_row (
      .clk_i           (clk_i),
      .activation_i    (gen_activation_edge[r].operand),
      .swap_i          (gen_activation_edge[r].swap),
      .weight_load_i   (weight_load_q),
      .weight_i        (weight),
      .weight_o        (weight_below),
      .sum_i           (sum),
      .sum_o           (sum_below),
      .table_bank_i    (table_bank_i),
      .fill_i          (fill_i),
      .fill_bank_i     (~table_bank_i),
      .fill_magnitude_i(fill_magnitude_i),
      .fill_word_i     (fill_word_i),
      .fill_data_i     (fill_data_i)
    );

    // Nothing lies below the last row.
    if (r == Rows - 1) begin : gen_bottom_end
      logic unused_below;
      assign unused_below = ^{weight_below, sum_below};
      for (genvar c = 0; c < Columns; c++) begin : gen_column
        assign sum_o[c*32 +: 32] =
            {{(32-SumBits){sum_below[c*32+SumBits-1]}}, sum_below[c*32 +: SumBits]};
      end
    end
  end

  // Control: down with column 0, then along the feet of the columns.
  for (genvar c = 0; c < Columns; c++) begin : gen_foot
    logic [ControlBits-1:0] control;

    if (c == 0) begin : gen_left
      delay_line #(
        .Bits  (ControlBits),
        .Stages(Rows + 1 + TwoStage)
      ) u_control (
        .clk_i (clk_i),
        .rst_ni(rst_ni),
        .data_i(control_i),
        .data_o(control)
      );
    end else begin : gen_inner
      delay_line #(
        .Bits  (ControlBits),
        .Stages(1)
      ) u_control (
        .clk_i (clk_i),
        .rst_ni(rst_ni),
        .data_i(gen_foot[c-1].control),
        .data_o(control)
      );
    end

    assign control_o[c*ControlBits +: ControlBits] = control;
  end

endmodule
