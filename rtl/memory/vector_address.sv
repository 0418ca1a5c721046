// Where the operands of the vector commands lie (MAXIMUM, RESIZE, ADD, RESCALE), one tap a cycle:
//
//     for oy in rows, groups of at most Lanes channels, ox in columns:
//       for each tap: address = ring base + place of the tap's row in the ring + u of the tap + channel
//
// Taps are the window (MAXIMUM, RESCALE), the same element of two tensors (ADD), or one (RESIZE, nearest). Input
// row and column of an output position advance by whole steps and, in RESIZE, by fractions of 16 bits whose carry
// is one row or column more.
//
// RESIZE, bilinear, reads columns, each an upper and a lower tap, whose factors are their weights in 256ths; the
// lanes keep the last two and weigh them with column_weight_o. Indices are clamped to the last row and column. The
// first output of a row reads two columns, as every one does if the whole step of columns is not 0; else the next
// output has the columns of the one before it, or, where the fraction carries, one more. An output without a new
// column is computed while the upper tap of the column after its own is read, which is thereby done.
//
// A tap's factor of ADD and RESCALE is in the command.
//
// load_i takes the command in next_i, which is in current_i from the next cycle on; advance_i goes on
// to the next tap.
module vector_address #(
  parameter int Lanes = 4,
  parameter int AddressBits = 18,
  parameter int OutputBits = 17
) (
  input  logic                       clk_i,
  input  logic                       load_i,
  input  logic [511:0]               next_i,
  input  logic [511:0]               current_i,
  input  logic                       advance_i,
  // The tap.
  output logic [AddressBits-1:0]     address_o,
  output logic                       inside_o,  // of the tensor
  output logic                       first_tap_o,   // of a sum
  output logic                       last_tap_o,    // of the result
  output logic                       column_end_o,  // the sum is a column of a bilinear RESIZE
  output logic [7:0]                 column_weight_o,  // of the second column, in 256ths
  output logic [16:0]                factor_o,           // of operands that are not negative
  output logic [16:0]                negative_factor_o,
  // Of the result that the tap belongs to.
  output logic [$clog2(Lanes+1)-1:0] count_o,
  output logic [OutputBits-1:0]      output_address_o,
  output logic                       last_o  // last tap of the command
);

  localparam int U_BITS = registers::MAXIMUM_U_FIRST_BITS;
  localparam int Y_BITS = registers::MAXIMUM_Y_FIRST_BITS + 1;

  // Fields that all vector commands have at the same place are named after MAXIMUM.
  logic [7:0]  opcode;
  logic [15:0] columns;
  logic [15:0] channels;
  logic [15:0] ring_base;
  logic [15:0] ring_size;
  logic [15:0] ring_row_step;
  logic [15:0] ring_tap_step;
  logic [7:0]  y_step;
  logic [15:0] height;
  logic [23:0] u_first;
  logic [21:0] row_elements;
  logic [15:0] column_step;
  logic [15:0] tap_step;
  logic [15:0] next_y_first;

  assign opcode = current_i[registers::COMMAND_OPCODE_LSB +: 8];
  assign columns = current_i[registers::MAXIMUM_COLUMNS_LSB +: 16];
  assign channels = current_i[registers::MAXIMUM_CHANNELS_LSB +: 16];
  assign ring_base = current_i[registers::MAXIMUM_RING_BASE_LSB +: 16];
  assign ring_size = current_i[registers::MAXIMUM_RING_SIZE_LSB +: 16];
  assign ring_row_step = current_i[registers::MAXIMUM_RING_ROW_STEP_LSB +: 16];
  assign ring_tap_step = current_i[registers::MAXIMUM_RING_TAP_STEP_LSB +: 16];
  assign y_step = current_i[registers::MAXIMUM_Y_STEP_LSB +: 8];
  assign height = current_i[registers::MAXIMUM_HEIGHT_LSB +: 16];
  assign u_first = current_i[registers::MAXIMUM_U_FIRST_LSB +: 24];
  assign row_elements = current_i[registers::MAXIMUM_ROW_ELEMENTS_LSB +: 22];
  assign column_step = current_i[registers::MAXIMUM_COLUMN_STEP_LSB +: 16];
  assign tap_step = current_i[registers::MAXIMUM_TAP_STEP_LSB +: 16];
  assign next_y_first = next_i[registers::MAXIMUM_Y_FIRST_LSB +: 16];

  logic maximum;
  logic resize;
  logic bilinear;
  logic windowed;
  logic add;

  assign maximum = opcode == 8'(registers::OPCODE_MAXIMUM);
  assign resize = opcode == 8'(registers::OPCODE_RESIZE);
  assign bilinear = resize & current_i[registers::RESIZE_BILINEAR_LSB];
  assign windowed = maximum | (opcode == 8'(registers::OPCODE_RESCALE));
  assign add = opcode == 8'(registers::OPCODE_ADD);

  // Taps that follow the first one of a row, and of the window.
  logic [7:0] more_tap_rows;
  logic [7:0] more_tap_columns;

  assign more_tap_rows =
      ((current_i[registers::MAXIMUM_WINDOW_ROWS_LSB +: 8] - 8'd1) & {8{windowed}}) |
      {7'd0, bilinear};
  assign more_tap_columns =
      ((current_i[registers::MAXIMUM_WINDOW_COLUMNS_LSB +: 8] - 8'd1) & {8{windowed}}) |
      {7'd0, bilinear | add};

  // Place of the output position in the input.
  logic [15:0]       rows_left_q;
  logic [15:0]       columns_left_q;
  logic [15:0]       place_q;
  logic [Y_BITS-1:0] y_q;
  logic [15:0]       y_fraction_q;
  logic [U_BITS-1:0] u_q;
  logic [15:0]       u_fraction_q;
  // The tap.
  logic [7:0]        tap_row_q;     // taps done
  logic [7:0]        tap_column_q;
  logic [15:0]       tap_place_q;
  logic [Y_BITS-1:0] tap_y_q;
  logic [U_BITS-1:0] tap_u_q;

  // Bilinear: the output has both columns, the tap is of the next one.
  logic              kept_q;
  // Channels and places of the results.
  logic [15:0]           channel_q;
  logic [15:0]           channels_left_q;  // from channel_q on
  logic [OutputBits-1:0] row_output_q;     // first element of the row
  logic [OutputBits-1:0] output_q;         // first element of the position
  logic [OutputBits-1:0] next_output;

  logic              last_tap_column;
  logic              last_tap_row;
  logic              last_tap;
  logic              last_group;
  logic              last_column;
  logic              last_row;
  logic              row_end;   // of the group
  logic              upper;     // tap of a column

  assign last_tap_column = tap_column_q == more_tap_columns;
  assign last_tap_row = tap_row_q == more_tap_rows;
  assign last_tap = (last_tap_column & last_tap_row) | kept_q;
  assign last_column = columns_left_q == '0;
  assign last_row = rows_left_q == '0;
  assign last_group = channels_left_q <= 16'(Lanes);
  assign row_end = last_tap & last_column;
  assign last_o = row_end & last_group & last_row;
  assign upper = tap_row_q == '0;
  assign first_tap_o = upper & (bilinear | (tap_column_q == '0));
  assign last_tap_o = last_tap;
  assign column_end_o = bilinear & ~upper;
  assign count_o = last_group ? ($clog2(Lanes+1))'(channels_left_q) : ($clog2(Lanes+1))'(Lanes);
  assign output_address_o = output_q + OutputBits'(channel_q);
  assign next_output =
      output_q + OutputBits'(current_i[registers::MAXIMUM_POSITION_PITCH_LSB +: 16]);

  // The next output row, then the next column.
  logic [16:0]       y_fraction_sum;
  logic [16:0]       u_fraction_sum;
  logic              y_carry;
  logic              u_carry;
  logic [15:0]       whole_row_place;
  logic [15:0]       next_row_place;
  logic [Y_BITS-1:0] next_row_y;
  logic [U_BITS-1:0] next_column_u;

  assign y_fraction_sum = {1'b0, y_fraction_q} +
      {1'b0, current_i[registers::RESIZE_FRACTION_Y_STEP_LSB +: 16]};
  assign u_fraction_sum = {1'b0, u_fraction_q} +
      {1'b0, current_i[registers::RESIZE_FRACTION_X_STEP_LSB +: 16]};
  assign y_carry = resize & y_fraction_sum[16];
  assign u_carry = resize & u_fraction_sum[16];
  assign next_row_y = y_q + Y_BITS'(y_step) + Y_BITS'(y_carry);
  assign next_column_u =
      u_q + U_BITS'(column_step) + (U_BITS'(tap_step) & {U_BITS{u_carry}});

  ring_step u_whole_row (
    .place_i(place_q),
    .step_i (ring_row_step),
    .size_i (ring_size),
    .place_o(whole_row_place)
  );

  ring_step u_carried_row (
    .place_i(whole_row_place),
    .step_i (ring_tap_step & {16{y_carry}}),
    .size_i (ring_size),
    .place_o(next_row_place)
  );

  // The next tap. A neighbour behind the last row or column is that row or column itself.
  logic              tap_row_stays;
  logic              tap_column_stays;
  logic [15:0]       next_tap_place;
  logic [Y_BITS-1:0] next_tap_y;
  logic [U_BITS-1:0] next_tap_u;

  assign tap_row_stays = bilinear & (tap_y_q + 1'b1 == {1'b0, height});
  assign next_tap_u = tap_u_q + (U_BITS'(tap_step) & {U_BITS{~tap_column_stays & ~add}});
  assign tap_column_stays =
      bilinear & (tap_u_q + U_BITS'(tap_step) >= U_BITS'(row_elements));
  assign next_tap_y = tap_y_q + {{(Y_BITS-1){1'b0}}, ~tap_row_stays};

  ring_step u_tap (
    .place_i(tap_place_q),
    .step_i (ring_tap_step & {16{~tap_row_stays}}),
    .size_i (ring_size),
    .place_o(next_tap_place)
  );

  // The next output of the row needs the columns of this one, or one more.
  logic columns_stay;

  assign columns_stay = bilinear & (column_step == '0);

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      rows_left_q     <= next_i[registers::MAXIMUM_ROWS_LSB +: 16] - 16'd1;
      columns_left_q  <= next_i[registers::MAXIMUM_COLUMNS_LSB +: 16] - 16'd1;
      place_q         <= next_i[registers::MAXIMUM_RING_FIRST_LSB +: 16];
      y_q             <= {next_y_first[15], next_y_first};
      y_fraction_q    <= next_i[registers::RESIZE_FRACTION_Y_FIRST_LSB +: 16];
      u_q             <= next_i[registers::MAXIMUM_U_FIRST_LSB +: U_BITS];
      u_fraction_q    <= next_i[registers::RESIZE_FRACTION_X_FIRST_LSB +: 16];
      tap_row_q       <= '0;
      tap_column_q    <= '0;
      tap_place_q     <= next_i[registers::MAXIMUM_RING_FIRST_LSB +: 16];
      tap_y_q         <= {next_y_first[15], next_y_first};
      tap_u_q         <= next_i[registers::MAXIMUM_U_FIRST_LSB +: U_BITS];
      kept_q          <= 1'b0;
      channel_q       <= '0;
      channels_left_q <= next_i[registers::MAXIMUM_CHANNELS_LSB +: 16];
      row_output_q    <= next_i[registers::MAXIMUM_OUTPUT_ADDRESS_LSB +: OutputBits];
      output_q        <= next_i[registers::MAXIMUM_OUTPUT_ADDRESS_LSB +: OutputBits];
    end else if (advance_i) begin
      if (!last_tap) begin
        if (bilinear ? upper : last_tap_column) begin  // the row below
          tap_row_q   <= tap_row_q + 8'd1;
          tap_place_q <= next_tap_place;
          tap_y_q     <= next_tap_y;
          if (!bilinear) begin
            tap_column_q <= '0;
            tap_u_q      <= u_q;
          end
        end else begin  // the next column
          tap_column_q <= tap_column_q + 8'd1;
          tap_u_q      <= next_tap_u;
          if (bilinear) begin
            tap_row_q   <= '0;
            tap_place_q <= place_q;
            tap_y_q     <= y_q;
          end
        end
      end else if (!last_column) begin
        columns_left_q <= columns_left_q - 16'd1;
        output_q       <= next_output;
        u_q            <= next_column_u;
        u_fraction_q   <= u_fraction_sum[15:0];
        tap_row_q      <= '0;
        tap_column_q   <= '0;
        tap_place_q    <= place_q;
        tap_y_q        <= y_q;
        tap_u_q        <= next_column_u;
        if (columns_stay) begin
          kept_q       <= ~u_carry;
          tap_column_q <= 8'd1;
          tap_u_q      <= kept_q ? tap_u_q : next_tap_u;
          if (kept_q && u_carry) begin
            tap_row_q   <= 8'd1;
            tap_place_q <= next_tap_place;
            tap_y_q     <= next_tap_y;
          end
        end
      end else begin
        columns_left_q <= columns - 16'd1;
        u_q            <= u_first;
        u_fraction_q   <= current_i[registers::RESIZE_FRACTION_X_FIRST_LSB +: 16];
        tap_row_q      <= '0;
        tap_column_q   <= '0;
        tap_u_q        <= u_first;
        kept_q         <= 1'b0;
        if (!last_group) begin
          channel_q       <= channel_q + 16'(Lanes);
          channels_left_q <= channels_left_q - 16'(Lanes);
          output_q        <= row_output_q;
          tap_place_q     <= place_q;
          tap_y_q         <= y_q;
        end else begin
          channel_q       <= '0;
          channels_left_q <= channels;
          row_output_q    <= next_output;
          output_q        <= next_output;
          rows_left_q     <= rows_left_q - 16'd1;
          place_q         <= next_row_place;
          y_q             <= next_row_y;
          y_fraction_q    <= y_fraction_sum[15:0];
          tap_place_q     <= next_row_place;
          tap_y_q         <= next_row_y;
        end
      end
    end
  end

  logic        second;  // tensor of ADD
  logic [15:0] second_offset;

  assign second = add & (tap_column_q != '0);
  assign second_offset = current_i[registers::ADD_SECOND_LSB +: 16] & {16{second}};
  assign address_o = AddressBits'(({8'd0, ring_base} << 4) + ({8'd0, tap_place_q} << 4) +
                                  ({8'd0, second_offset} << 4) + tap_u_q + U_BITS'(channel_q));
  assign inside_o = (tap_y_q < {1'b0, height}) & (tap_u_q < U_BITS'(row_elements));

  // Weights of the two rows and of the second column, from the high eight bits of the fractions.
  logic [8:0] y_weight;

  assign y_weight = upper ? 9'd256 - {1'b0, y_fraction_q[15:8]} : {1'b0, y_fraction_q[15:8]};
  assign column_weight_o = u_fraction_q[15:8];

  logic [15:0] multiplier;
  logic [15:0] second_multiplier;  // ADD: of the second tensor; RESCALE: of negative codes

  assign multiplier = current_i[registers::ADD_MULTIPLIER_LSB +: 16];
  assign second_multiplier = current_i[registers::ADD_SECOND_MULTIPLIER_LSB +: 16];

  always_comb begin
    factor_o = 17'd1;
    negative_factor_o = 17'd1;
    if (bilinear) begin
      factor_o = {8'd0, y_weight};
      negative_factor_o = factor_o;
    end else if (add) begin
      factor_o = {1'b0, second ? second_multiplier : multiplier};
      negative_factor_o = factor_o;
    end else if (!maximum && !resize) begin
      factor_o = {1'b0, multiplier};
      negative_factor_o = {1'b0, second_multiplier};
    end
  end

  // Other fields are other modules' business.
  logic unused_fields;
  assign unused_fields = ^{next_i, current_i};

endmodule
