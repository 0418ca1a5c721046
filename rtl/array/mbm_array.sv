// The grid of logarithmic processing elements with an accumulator at the foot of each column
// (processing_grid says how weights and activations enter).
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

  localparam int SUM_BITS = 2 * Width + 1 + $clog2(Rows);
  localparam int ADDRESS_BITS = $clog2(AccumulatorDepth);
  localparam int CONTROL_BITS = ADDRESS_BITS + 3;

  logic [Columns*32-1:0]           sum;
  logic [Columns*CONTROL_BITS-1:0] control;

  processing_grid #(
    .Rows        (Rows),
    .Columns     (Columns),
    .Width       (Width),
    .FractionBits(FractionBits),
    .SetLowestBit(SetLowestBit),
    .Kind        (Kind),
    .TwoStage    (TwoStage),
    .ControlBits (CONTROL_BITS),
    .SumBits     (SUM_BITS)
  ) u_grid (
    .clk_i                 (clk_i),
    .rst_ni                (rst_ni),
    .weight_load_i         (weight_load_i),
    .weight_sign_i         (weight_sign_i),
    .weight_magnitude_i    (weight_magnitude_i),
    .column_enable_i       ({Columns{1'b1}}),
    .log_weights_i         (1'b0),
    .swap_i                (swap_i & activation_valid_i),
    .activation_sign_i     (activation_sign_i),
    .activation_magnitude_i(activation_magnitude_i),
    .row_enable_i          ({Rows{1'b1}}),
    .log_activations_i     (1'b0),
    .control_i             ({activation_valid_i, sum_first_i, sum_last_i, sum_address_i}),
    .table_bank_i          (1'b0),
    .fill_i                (1'b0),
    .fill_magnitude_i      (8'd0),
    .fill_word_i           (4'd0),
    .fill_data_i           (256'd0),
    .sum_o                 (sum),
    .control_o             (control)
  );

  for (genvar c = 0; c < Columns; c++) begin : gen_foot
    logic [CONTROL_BITS-1:0] column_control;
    assign column_control = control[c*CONTROL_BITS +: CONTROL_BITS];

    column_accumulator #(
      .Depth(AccumulatorDepth)
    ) u_accumulator (
      .clk_i    (clk_i),
      .rst_ni   (rst_ni),
      .valid_i  (column_control[CONTROL_BITS-1]),
      .first_i  (column_control[CONTROL_BITS-2]),
      .last_i   (column_control[CONTROL_BITS-3]),
      .address_i(column_control[ADDRESS_BITS-1:0]),
      .sum_i    (sum[c*32 +: 32]),
      .valid_o  (sum_valid_o[c]),
      .sum_o    (sum_o[c*32 +: 32])
    );
  end

endmodule
