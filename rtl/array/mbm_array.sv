// Weight-stationary systolic array of Rows x Columns logarithmic processing elements.
//
// A tile is Rows terms of the reduction times Columns output channels. Its weights enter at the top
// in Rows cycles of weight_load_i, bottom row first, and wait. Its activations, one vector of Rows
// operands per output position, enter with activation_valid_i; the first one carries swap_i, which
// makes the waiting weights the active ones. Operands are sign and magnitude. They are encoded as
// logarithms once, at the edge: Rows + Columns encoders for Rows * Columns products a cycle.
//
// The sums of an output position leave column c Rows + 2 + TwoStage + c cycles after it entered and
// meet the accumulator of the column: sum_first_i starts the sum at sum_address_i, sum_last_i sends
// it to sum_o[c], one cycle later, instead of keeping it.
//
// Rules (asserted in mbm_array_sva):
//  1. swap_i comes no earlier than the cycle after the last weight_load_i of its tile.
//  2. weight_load_i comes no earlier than Rows + Columns - 2 cycles after the last swap_i.
//  3. A sum_address_i does not come in two successive cycles, unless it starts anew.
module mbm_array #(
  parameter int Rows = 16,
  parameter int Columns = 16,
  parameter int Width = 8,                        // magnitude bits of an operand
  parameter int FractionBits = Width - 1,         // of a logarithm
  parameter int SetLowestBit = 0,                 // of a cut fraction
  parameter int Kind = mbm_pkg::PRODUCT_MBM,
  parameter int TwoStage = 0,                     // register between the two halves of a product
  parameter int AccumulatorDepth = 1024           // output positions that can be under way
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  // Weights of one row.
  input  logic                                weight_load_i,
  input  logic [Columns-1:0]                  weight_sign_i,
  input  logic [Columns*Width-1:0]            weight_magnitude_i,
  // Activations of one output position.
  input  logic                                activation_valid_i,
  input  logic                                swap_i,
  input  logic                                sum_first_i,
  input  logic                                sum_last_i,
  input  logic [$clog2(AccumulatorDepth)-1:0] sum_address_i,
  input  logic [Rows-1:0]                     activation_sign_i,
  input  logic [Rows*Width-1:0]               activation_magnitude_i,
  // Finished sums, column c one cycle after column c - 1, in the order of their positions.
  output logic [Columns-1:0]                  sum_valid_o,
  output logic [Columns*32-1:0]               sum_o
);

  localparam int LOGARITHM_BITS = $clog2(Width) + FractionBits;
  localparam int CODE_BITS = LOGARITHM_BITS + 2;
  localparam int SUM_BITS = 2 * Width + 1 + $clog2(Rows);
  localparam int ADDRESS_BITS = $clog2(AccumulatorDepth);
  localparam int CONTROL_BITS = ADDRESS_BITS + 3;
  localparam int CONTROL_STAGES = Rows + 1 + TwoStage;

  // Weight edge: a register and an encoder per column.
  logic                     weight_load_q;
  logic [Columns-1:0]       weight_sign_q;
  logic [Columns*Width-1:0] weight_magnitude_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) weight_load_q <= 1'b0;
    else weight_load_q <= weight_load_i;
  end

  always_ff @(posedge clk_i) begin
    weight_sign_q <= weight_sign_i;
    weight_magnitude_q <= weight_magnitude_i;
  end

  for (genvar c = 0; c < Columns; c++) begin : gen_weight_edge
    logic [CODE_BITS-1:0] code;
    assign code[CODE_BITS-1] = weight_sign_q[c];
    log_encoder #(
      .Width       (Width),
      .FractionBits(FractionBits),
      .SetLowestBit(SetLowestBit)
    ) u_encoder (
      .value_i    (weight_magnitude_q[c*Width +: Width]),
      .nonzero_o  (code[CODE_BITS-2]),
      .logarithm_o(code[LOGARITHM_BITS-1:0])
    );
  end

  // Activation edge: row r waits r cycles for the sums of the rows above it.
  for (genvar r = 0; r < Rows; r++) begin : gen_activation_edge
    logic                 swap;
    logic                 sign;
    logic [Width-1:0]     magnitude;
    logic [CODE_BITS-1:0] code;

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

    assign code[CODE_BITS-1] = sign;
    log_encoder #(
      .Width       (Width),
      .FractionBits(FractionBits),
      .SetLowestBit(SetLowestBit)
    ) u_encoder (
      .value_i    (magnitude),
      .nonzero_o  (code[CODE_BITS-2]),
      .logarithm_o(code[LOGARITHM_BITS-1:0])
    );

    delay_line #(
      .Bits  (1),
      .Stages(r + 1)
    ) u_swap (
      .clk_i (clk_i),
      .rst_ni(rst_ni),
      .data_i(swap_i & activation_valid_i),
      .data_o(swap)
    );
  end

  // The grid.
  for (genvar r = 0; r < Rows; r++) begin : gen_row
    for (genvar c = 0; c < Columns; c++) begin : gen_column
      logic [CODE_BITS-1:0] activation;
      logic [CODE_BITS-1:0] activation_right;
      logic                 swap;
      logic                 swap_right;
      logic [CODE_BITS-1:0] weight;
      logic [CODE_BITS-1:0] weight_below;
      logic [SUM_BITS-1:0]  sum;
      logic [SUM_BITS-1:0]  sum_below;

      if (c == 0) begin : gen_left
        assign activation = gen_activation_edge[r].code;
        assign swap = gen_activation_edge[r].swap;
      end else begin : gen_inner_column
        assign activation = gen_row[r].gen_column[c-1].activation_right;
        assign swap = gen_row[r].gen_column[c-1].swap_right;
      end

      if (r == 0) begin : gen_top
        assign weight = gen_weight_edge[c].code;
        assign sum = '0;
      end else begin : gen_inner_row
        assign weight = gen_row[r-1].gen_column[c].weight_below;
        assign sum = gen_row[r-1].gen_column[c].sum_below;
      end

      log_pe #(
        .Width       (Width),
        .FractionBits(FractionBits),
        .Kind        (Kind),
        .SumBits     (SUM_BITS),
        .TwoStage    (TwoStage)
      ) u_pe (
        .clk_i        (clk_i),
        .activation_i (activation),
        .swap_i       (swap),
        .activation_o (activation_right),
        .swap_o       (swap_right),
        .weight_load_i(weight_load_q),
        .weight_i     (weight),
        .weight_o     (weight_below),
        .sum_i        (sum),
        .sum_o        (sum_below)
      );

      // Nothing lies right of the last column and below the last row.
      if (c == Columns - 1) begin : gen_right_end
        logic unused_right;
        assign unused_right = ^{activation_right, swap_right};
      end
      if (r == Rows - 1) begin : gen_bottom_end
        logic unused_below;
        assign unused_below = ^weight_below;
      end
    end
  end

  // Control of the sums: down with column 0, then along the feet of the columns.
  logic [CONTROL_BITS-1:0] control;

  delay_line #(
    .Bits  (CONTROL_BITS),
    .Stages(CONTROL_STAGES)
  ) u_control (
    .clk_i (clk_i),
    .rst_ni(rst_ni),
    .data_i({activation_valid_i, sum_first_i, sum_last_i, sum_address_i}),
    .data_o(control)
  );

  for (genvar c = 0; c < Columns; c++) begin : gen_foot
    logic [CONTROL_BITS-1:0] column_control;

    if (c == 0) begin : gen_left
      assign column_control = control;
    end else begin : gen_inner
      delay_line #(
        .Bits  (CONTROL_BITS),
        .Stages(1)
      ) u_control (
        .clk_i (clk_i),
        .rst_ni(rst_ni),
        .data_i(gen_foot[c-1].column_control),
        .data_o(column_control)
      );
    end

    column_accumulator #(
      .SumBits(SUM_BITS),
      .Depth  (AccumulatorDepth)
    ) u_accumulator (
      .clk_i    (clk_i),
      .rst_ni   (rst_ni),
      .valid_i  (column_control[CONTROL_BITS-1]),
      .first_i  (column_control[CONTROL_BITS-2]),
      .last_i   (column_control[CONTROL_BITS-3]),
      .address_i(column_control[ADDRESS_BITS-1:0]),
      .sum_i    (gen_row[Rows-1].gen_column[c].sum_below),
      .valid_o  (sum_valid_o[c]),
      .sum_o    (sum_o[c*32 +: 32])
    );
  end

endmodule
