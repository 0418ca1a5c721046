// What must hold inside the compute core, bound to every instance.
module accelerator_core_sva #(
  parameter int Rows = 16,
  parameter int Columns = 16
) (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       clear_i,
  input logic       command_valid_i,
  input logic       command_ready_o,
  input logic       command_error_o,
  input logic       read_done_o,
  input logic       drain_done_o,
  input logic       weight_load,
  input logic       swap_q,
  input logic       flushing,
  input logic       fill,
  input logic       finish_q,
  input logic       finish_last_q,
  input logic [1:0] bank_in_use_q,
  input logic       enter,
  input logic       tap,
  input logic       result_write,
  input logic       busy_o
);

  int   rows_loaded_q;  // since the last swap
  int   since_swap_q;   // cycles, saturating
  int   commands_q;     // accepted and not drained
  int   reading_q;      // accepted and not read
  logic accepted;

  assign accepted = command_valid_i & command_ready_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rows_loaded_q <= 0;
      since_swap_q  <= Rows + Columns;
      commands_q    <= 0;
      reading_q     <= 0;
    end else begin
      if (swap_q) rows_loaded_q <= 0;
      else if (weight_load) rows_loaded_q <= rows_loaded_q + 1;
      if (clear_i) rows_loaded_q <= 0;
      if (swap_q) since_swap_q <= 1;
      else if (since_swap_q < Rows + Columns) since_swap_q <= since_swap_q + 1;
      commands_q <= commands_q + int'(accepted) - int'(drain_done_o);
      reading_q <= reading_q + int'(accepted) - int'(read_done_o);
      if (clear_i) begin
        commands_q <= 0;
        reading_q  <= 0;
      end
    end
  end

  // The rules of processing_grid.
  SwapAfterWholeTile :
  assert property (@(posedge clk_i) disable iff (!rst_ni) swap_q && !flushing |-> rows_loaded_q == Rows);

  LoadAfterSwapPassed :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   weight_load |-> since_swap_q >= Rows + Columns - 2);

  RowsOnlyOfWaitingWeights :
  assert property (@(posedge clk_i) disable iff (!rst_ni) fill |-> rows_loaded_q == Rows);

  // A drain finds the bank that was filled in use.
  SumsBelongToABankInUse :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   finish_q && finish_last_q |-> bank_in_use_q != 2'b00);

  // The lanes and the scratchpad's read port have one user at a time.
  PositionOrTap :
  assert property (@(posedge clk_i) disable iff (!rst_ni) !(enter && tap));

  // Every pulse answers a command.
  NoMoreReadThanAccepted :
  assert property (@(posedge clk_i) disable iff (!rst_ni) read_done_o |-> reading_q > 0);

  NoMoreDrainedThanAccepted :
  assert property (@(posedge clk_i) disable iff (!rst_ni) drain_done_o |-> commands_q > 0);

  ReadBeforeDrained :
  assert property (@(posedge clk_i) disable iff (!rst_ni) reading_q <= commands_q);

  BusyWhileCommands :
  assert property (@(posedge clk_i) disable iff (!rst_ni) commands_q > 0 |-> busy_o || command_error_o);

  WritesBelongToCommands :
  assert property (@(posedge clk_i) disable iff (!rst_ni) result_write |-> commands_q > 0);


endmodule

bind accelerator_core accelerator_core_sva #(
  .Rows(Rows),
  .Columns(Columns)
) u_sva (
  .clk_i(clk_i),
  .rst_ni(rst_ni),
  .clear_i(clear_i),
  .command_valid_i(command_valid_i),
  .command_ready_o(command_ready_o),
  .command_error_o(command_error_o),
  .read_done_o(read_done_o),
  .drain_done_o(drain_done_o),
  .weight_load(weight_load),
  .swap_q(swap_q),
  .flushing(flushing),
  .fill(fill),
  .finish_q(finish_q),
  .finish_last_q(finish_last_q),
  .bank_in_use_q(bank_in_use_q),
  .enter(enter),
  .tap(tap),
  .result_write(result_write),
  .busy_o(busy_o)
);
