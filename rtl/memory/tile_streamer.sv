// Streams rows of positions into a grid, operand by operand from a memory of one read port.
//
// A row of count_i positions starts with start_i while ready_o is 1. Operand r of position x is element
// u + x * step + r of an input row of `length` elements that exist, at address + x * step + r of the
// memory, or 0 if the element or the input row does not exist. A position takes the larger of Rows and
// Columns cycles, then enters: enter_o with its operands, and swap_o if it is the first since tile_i. Its
// index counts the positions since tile_i.
module tile_streamer #(
  parameter int Rows = 2,
  parameter int Columns = 2,
  parameter int AddressBits = 10,
  parameter int IndexBits = 6
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  // What is set, with data_i.
  input  logic [15:0]            data_i,
  input  logic                   set_u_i,
  input  logic                   set_address_i,
  input  logic                   set_step_i,
  input  logic                   set_length_i,
  input  logic                   set_exists_i,
  input  logic                   start_i,
  input  logic                   tile_i,
  output logic                   ready_o,
  output logic                   quiet_o,       // and every position has long left the grid
  // Memory, data a cycle after the address.
  output logic [AddressBits-1:0] address_o,
  input  logic [8:0]             operand_i,
  // To the grid.
  output logic                   enter_o,
  output logic                   swap_o,
  output logic                   table_bank_o,
  output logic [IndexBits-1:0]   index_o,
  output logic [9*Rows-1:0]      operands_o
);

  localparam int INTERVAL = (Rows > Columns) ? Rows : Columns;
  localparam int ROW_BITS = $clog2(INTERVAL);
  localparam int FLUSH = Rows + Columns + 8;
  localparam int FLUSH_BITS = $clog2(FLUSH + 1);

  logic [15:0]            u_q;
  logic [AddressBits-1:0] address_q;
  logic [15:0]            step_q;
  logic [15:0]            length_q;
  logic                   exists_q;
  logic [15:0]            left_q;
  logic                   active_q;
  logic [ROW_BITS-1:0]    row_q;
  logic                   last_row;
  logic                   position_end;
  logic                   reading;
  logic                   reading_q;
  logic                   inside_q;
  logic                   complete_q;  // the operand that comes is the last of its position
  logic                   waiting_q;   // the weights of the tile wait for its first position
  logic [FLUSH_BITS-1:0]  flush_q;
  logic [15:0]            element;

  assign ready_o = ~active_q;
  assign quiet_o = flush_q == '0;
  assign position_end = active_q & (row_q == ROW_BITS'(INTERVAL - 1));
  assign reading = active_q & (32'(row_q) < Rows);
  assign last_row = 32'(row_q) == Rows - 1;
  assign element = u_q + 16'(row_q);
  assign address_o = address_q + AddressBits'(row_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q     <= 1'b0;
      row_q        <= '0;
      reading_q    <= 1'b0;
      complete_q   <= 1'b0;
      enter_o      <= 1'b0;
      swap_o       <= 1'b0;
      table_bank_o <= 1'b0;
      waiting_q    <= 1'b0;
      flush_q      <= '0;
    end else begin
      if (start_i) active_q <= 1'b1;
      else if (position_end && left_q == 16'd1) active_q <= 1'b0;
      if (active_q) row_q <= position_end ? '0 : row_q + 1'b1;
      reading_q    <= reading;
      complete_q   <= reading & last_row;
      enter_o      <= complete_q;
      swap_o       <= complete_q & waiting_q;
      table_bank_o <= table_bank_o ^ (complete_q & waiting_q);
      if (tile_i) waiting_q <= 1'b1;
      else if (complete_q) waiting_q <= 1'b0;
      if (start_i | active_q) flush_q <= FLUSH_BITS'(FLUSH);
      else flush_q <= flush_q - FLUSH_BITS'(flush_q != '0);
    end
  end

  always_ff @(posedge clk_i) begin
    if (set_u_i) u_q <= data_i;
    else if (position_end) u_q <= u_q + step_q;
    if (set_address_i) address_q <= data_i[AddressBits-1:0];
    else if (position_end) address_q <= address_q + step_q[AddressBits-1:0];
    if (set_step_i) step_q <= data_i;
    if (set_length_i) length_q <= data_i;
    if (set_exists_i) exists_q <= data_i[0];
    if (start_i) left_q <= data_i;
    else if (position_end) left_q <= left_q - 16'd1;
    // A negative element is a large one, unsigned.
    inside_q <= exists_q & (element < length_q);
    if (reading_q) operands_o <= {operand_i & {9{inside_q}}, operands_o[9*Rows-1:9]};
    if (tile_i) index_o <= '0;
    else if (enter_o) index_o <= index_o + 1'b1;
  end

endmodule
