// Where the operands of a convolution lie: walks over the tiles of a CONVOLVE command and over the
// positions of each tile. It counts and adds; it neither multiplies nor divides.
//
//     for i in kernel_rows, j in runs, k in chunks:     a tile
//       for oy in rows, ox in columns:                  a position
//         address = ring base + place of the row in the ring + u
//         u = u_first + ox * column_step + j * tap_step + k * Rows
//
// load_i takes the command in next_i, which is in current_i from the next cycle on; advance_i goes on
// to the next position. inside_o says for each row of the array whether its operand exists: the input
// row is 0..height-1 and the element 0..row_elements-1; row_enable_o which rows the tile uses.
module convolution_address #(
  parameter int Rows = 16,
  parameter int AddressBits = 18,
  parameter int IndexBits = 10     // of a position of the pass
) (
  input  logic                   clk_i,
  input  logic                   load_i,
  input  logic [511:0]           next_i,
  input  logic [511:0]           current_i,
  input  logic                   advance_i,
  output logic [AddressBits-1:0] address_o,
  output logic [Rows-1:0]        inside_o,
  output logic [Rows-1:0]        row_enable_o,
  output logic [IndexBits:0]     index_o,  // one bit more: more positions than there are sums
  output logic                   first_position_o,
  output logic                   last_position_o,
  output logic                   first_tile_o,
  output logic                   last_tile_o
);

  localparam int U_BITS = registers::CONVOLVE_U_FIRST_BITS;
  localparam int Y_BITS = registers::CONVOLVE_Y_FIRST_BITS + 1;
  localparam int COUNT_BITS = $clog2(Rows + 1);

  // Fields of the present command.
  logic [15:0] rows;
  logic [15:0] columns;
  logic [7:0]  runs;
  logic [15:0] chunks;
  logic [15:0] ring_base;
  logic [15:0] ring_size;
  logic [15:0] ring_row_step;
  logic [15:0] ring_tap_step;
  logic [7:0]  y_step;
  logic [7:0]  tap_y_step;
  logic [15:0] height;
  logic [23:0] u_first;
  logic [21:0] row_elements;
  logic [15:0] column_step;
  logic [15:0] tap_step;
  // Of the next one.
  logic [15:0] next_y_first;

  assign rows = current_i[registers::CONVOLVE_ROWS_LSB +: 16];
  assign columns = current_i[registers::CONVOLVE_COLUMNS_LSB +: 16];
  assign runs = current_i[registers::CONVOLVE_RUNS_LSB +: 8];
  assign chunks = current_i[registers::CONVOLVE_CHUNKS_LSB +: 16];
  assign ring_base = current_i[registers::CONVOLVE_RING_BASE_LSB +: 16];
  assign ring_size = current_i[registers::CONVOLVE_RING_SIZE_LSB +: 16];
  assign ring_row_step = current_i[registers::CONVOLVE_RING_ROW_STEP_LSB +: 16];
  assign ring_tap_step = current_i[registers::CONVOLVE_RING_TAP_STEP_LSB +: 16];
  assign y_step = current_i[registers::CONVOLVE_Y_STEP_LSB +: 8];
  assign tap_y_step = current_i[registers::CONVOLVE_TAP_Y_STEP_LSB +: 8];
  assign height = current_i[registers::CONVOLVE_HEIGHT_LSB +: 16];
  assign u_first = current_i[registers::CONVOLVE_U_FIRST_LSB +: 24];
  assign row_elements = current_i[registers::CONVOLVE_ROW_ELEMENTS_LSB +: 22];
  assign column_step = current_i[registers::CONVOLVE_COLUMN_STEP_LSB +: 16];
  assign tap_step = current_i[registers::CONVOLVE_TAP_STEP_LSB +: 16];
  assign next_y_first = next_i[registers::CONVOLVE_Y_FIRST_LSB +: 16];

  // What is left after the present one.
  logic [15:0]        columns_left_q;
  logic [15:0]        rows_left_q;
  logic [15:0]        chunks_left_q;
  logic [7:0]         runs_left_q;
  logic [7:0]         kernel_rows_left_q;
  // Start of the run and of the tile, and the position.
  logic [U_BITS-1:0]  run_u_q;
  logic [U_BITS-1:0]  tile_u_q;
  logic [U_BITS-1:0]  u_q;
  logic [15:0]        tile_place_q;
  logic [15:0]        place_q;
  logic [Y_BITS-1:0]  tile_y_q;
  logic [Y_BITS-1:0]  y_q;
  logic [IndexBits:0] index_q;
  logic               first_position_q;
  logic               first_tile_q;

  logic              last_column;
  logic              last_chunk;
  logic              last_run;
  logic              last_kernel_row;
  logic              next_kernel_row;
  logic              tile_end;
  logic [U_BITS-1:0] next_run_u;
  logic [U_BITS-1:0] next_tile_u;
  logic [15:0]       stepped_tile_place;
  logic [15:0]       next_tile_place;
  logic [Y_BITS-1:0] next_tile_y;
  logic [15:0]       next_place;

  assign last_column = columns_left_q == '0;
  assign last_position_o = last_column & (rows_left_q == '0);
  assign last_chunk = chunks_left_q == '0;
  assign last_run = runs_left_q == '0;
  assign last_kernel_row = kernel_rows_left_q == '0;
  assign next_kernel_row = last_chunk & last_run;
  assign tile_end = last_position_o & advance_i;
  assign first_position_o = first_position_q;
  assign first_tile_o = first_tile_q;
  assign last_tile_o = next_kernel_row & last_kernel_row;
  assign index_o = index_q;

  ring_step u_tile_place (
    .place_i(tile_place_q),
    .step_i (ring_tap_step),
    .size_i (ring_size),
    .place_o(stepped_tile_place)
  );

  ring_step u_place (
    .place_i(place_q),
    .step_i (ring_row_step),
    .size_i (ring_size),
    .place_o(next_place)
  );

  always_comb begin
    next_run_u = run_u_q;
    next_tile_u = tile_u_q + U_BITS'(Rows);
    if (last_chunk) begin
      next_run_u = last_run ? u_first : run_u_q + U_BITS'(tap_step);
      next_tile_u = next_run_u;
    end
    next_tile_place = next_kernel_row ? stepped_tile_place : tile_place_q;
    next_tile_y = next_kernel_row ? tile_y_q + Y_BITS'(tap_y_step) : tile_y_q;
  end

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      columns_left_q     <= next_i[registers::CONVOLVE_COLUMNS_LSB +: 16] - 16'd1;
      rows_left_q        <= next_i[registers::CONVOLVE_ROWS_LSB +: 16] - 16'd1;
      chunks_left_q      <= next_i[registers::CONVOLVE_CHUNKS_LSB +: 16] - 16'd1;
      runs_left_q        <= next_i[registers::CONVOLVE_RUNS_LSB +: 8] - 8'd1;
      kernel_rows_left_q <= next_i[registers::CONVOLVE_KERNEL_ROWS_LSB +: 8] - 8'd1;
      run_u_q            <= next_i[registers::CONVOLVE_U_FIRST_LSB +: U_BITS];
      tile_u_q           <= next_i[registers::CONVOLVE_U_FIRST_LSB +: U_BITS];
      u_q                <= next_i[registers::CONVOLVE_U_FIRST_LSB +: U_BITS];
      tile_place_q       <= next_i[registers::CONVOLVE_RING_FIRST_LSB +: 16];
      place_q            <= next_i[registers::CONVOLVE_RING_FIRST_LSB +: 16];
      tile_y_q           <= {next_y_first[15], next_y_first};
      y_q                <= {next_y_first[15], next_y_first};
      index_q            <= '0;
      first_position_q   <= 1'b1;
      first_tile_q       <= 1'b1;
    end else if (tile_end) begin
      columns_left_q     <= columns - 16'd1;
      rows_left_q        <= rows - 16'd1;
      chunks_left_q      <= (last_chunk ? chunks : chunks_left_q) - 16'd1;
      if (last_chunk) runs_left_q <= (last_run ? runs : runs_left_q) - 8'd1;
      if (next_kernel_row) kernel_rows_left_q <= kernel_rows_left_q - 8'd1;
      run_u_q            <= next_run_u;
      tile_u_q           <= next_tile_u;
      u_q                <= next_tile_u;
      tile_place_q       <= next_tile_place;
      place_q            <= next_tile_place;
      tile_y_q           <= next_tile_y;
      y_q                <= next_tile_y;
      index_q            <= '0;
      first_position_q   <= 1'b1;
      first_tile_q       <= 1'b0;
    end else if (advance_i) begin
      index_q          <= index_q + 1'b1;
      first_position_q <= 1'b0;
      if (last_column) begin
        columns_left_q <= columns - 16'd1;
        rows_left_q    <= rows_left_q - 16'd1;
        u_q            <= tile_u_q;
        place_q        <= next_place;
        y_q            <= y_q + Y_BITS'(y_step);
      end else begin
        columns_left_q <= columns_left_q - 16'd1;
        u_q            <= u_q + U_BITS'(column_step);
      end
    end
  end

  assign address_o =
      AddressBits'(({8'd0, ring_base} << 4) + ({8'd0, place_q} << 4) + u_q);

  // Rows of the array below `skipped` lie before the input row, those from `existing` on behind it.
  logic                  row_exists;
  logic [U_BITS-1:0]     to_end;
  logic [U_BITS-1:0]     to_start;
  logic [COUNT_BITS-1:0] skipped;
  logic [COUNT_BITS-1:0] existing;
  logic [COUNT_BITS-1:0] used;

  // A negative row is a large one, unsigned.
  assign row_exists = y_q < {1'b0, height};
  assign to_end = U_BITS'(row_elements) - u_q;
  assign to_start = -u_q;
  assign existing = to_end[U_BITS-1]                   ? '0 :
                    (to_end < U_BITS'(Rows))           ? to_end[COUNT_BITS-1:0] : COUNT_BITS'(Rows);
  assign skipped = ~u_q[U_BITS-1]                      ? '0 :
                   (to_start < U_BITS'(Rows))          ? to_start[COUNT_BITS-1:0] :
                                                         COUNT_BITS'(Rows);
  assign used = last_chunk ? current_i[registers::CONVOLVE_LAST_ROWS_LSB +: COUNT_BITS] :
                             COUNT_BITS'(Rows);
  assign row_enable_o = ~({Rows{1'b1}} << used);
  assign inside_o = ({Rows{1'b1}} << skipped) & ~({Rows{1'b1}} << existing) & row_enable_o &
                    {Rows{row_exists}};

  // Other fields are other modules' business.
  logic unused_fields;
  assign unused_fields = ^{next_i, current_i};

endmodule
