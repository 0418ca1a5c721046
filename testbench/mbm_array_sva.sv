// Rules of mbm_array's ports and the timing of its results, bound to every instance.
module mbm_array_sva #(
  parameter int Rows = 16,
  parameter int Columns = 16,
  parameter int TwoStage = 0,
  parameter int AccumulatorDepth = 1024
) (
  input logic                                clk_i,
  input logic                                rst_ni,
  input logic                                weight_load_i,
  input logic                                activation_valid_i,
  input logic                                swap_i,
  input logic                                sum_first_i,
  input logic                                sum_last_i,
  input logic [$clog2(AccumulatorDepth)-1:0] sum_address_i,
  input logic [Columns-1:0]                  sum_valid_o
);

  // From a position's entry to its sum at the output of column 0.
  localparam int LATENCY = Rows + 3 + TwoStage;

  int                                  rows_loaded_q;  // since the last swap
  int                                  since_swap_q;   // cycles, saturating
  logic                                active_q;       // there are weights to multiply with
  logic                                previous_valid_q;
  logic [$clog2(AccumulatorDepth)-1:0] previous_address_q;
  logic [LATENCY-1:0]                  finished_q;
  logic [Columns-1:0]                  previous_sum_valid_q;
  logic                                swap;

  assign swap = swap_i & activation_valid_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rows_loaded_q        <= 0;
      since_swap_q         <= Rows + Columns;
      active_q             <= 1'b0;
      previous_valid_q     <= 1'b0;
      previous_address_q   <= '0;
      finished_q           <= '0;
      previous_sum_valid_q <= '0;
    end else begin
      if (swap) rows_loaded_q <= 0;
      else if (weight_load_i) rows_loaded_q <= rows_loaded_q + 1;
      if (swap) since_swap_q <= 1;
      else if (since_swap_q < Rows + Columns) since_swap_q <= since_swap_q + 1;
      active_q             <= active_q | swap;
      previous_valid_q     <= activation_valid_i;
      previous_address_q   <= sum_address_i;
      finished_q           <= {finished_q[LATENCY-2:0], activation_valid_i & sum_last_i};
      previous_sum_valid_q <= sum_valid_o;
    end
  end

  SwapAfterWholeTile :
  assert property (@(posedge clk_i) disable iff (!rst_ni) swap |-> rows_loaded_q == Rows);

  LoadAfterSwapPassed :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   weight_load_i |-> since_swap_q >= Rows + Columns - 2);

  ActivationsMeetWeights :
  assert property (@(posedge clk_i) disable iff (!rst_ni) activation_valid_i |-> active_q || swap);

  AddressNotTwice :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   activation_valid_i && !sum_first_i && previous_valid_q
                   |-> sum_address_i != previous_address_q);

  SumAfterLatency :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   sum_valid_o[0] == finished_q[LATENCY-1]);

  for (genvar c = 1; c < Columns; c++) begin : gen_column
    ColumnFollowsColumn :
    assert property (@(posedge clk_i) disable iff (!rst_ni)
                     sum_valid_o[c] == previous_sum_valid_q[c-1]);
  end

  logic unused_last_column;
  assign unused_last_column = previous_sum_valid_q[Columns-1];

endmodule

bind mbm_array mbm_array_sva #(
  .Rows(Rows),
  .Columns(Columns),
  .TwoStage(TwoStage),
  .AccumulatorDepth(AccumulatorDepth)
) u_sva (
  .clk_i(clk_i),
  .rst_ni(rst_ni),
  .weight_load_i(weight_load_i),
  .activation_valid_i(activation_valid_i),
  .swap_i(swap_i),
  .sum_first_i(sum_first_i),
  .sum_last_i(sum_last_i),
  .sum_address_i(sum_address_i),
  .sum_valid_o(sum_valid_o)
);
