// The compute core of the accelerator: activation scratchpad, weight FIFO, address generators, grid,
// partial sums, post-processor and output buffer. docs/accelerator.md says what the commands do and, in
// sections 9 and 10, how the core behaves cycle by cycle.
//
// Commands are taken one ahead: while one computes, the next one waits with the weights of its
// first tile on their way into the array. Activations, parameters and table entries are written when
// they come; that nothing is overwritten which is still needed is the business of the fences outside.
module accelerator_core #(
  parameter int Rows = 16,
  parameter int Columns = 16,
  parameter int PeKind = mbm_pkg::PE_LOG,
  parameter int FractionBits = 7,                // kind log: of a logarithm
  parameter int SetLowestBit = 0,                // kind log: of a cut fraction
  parameter int Kind = mbm_pkg::PRODUCT_MBM,     // kind log
  parameter int Lanes = (Rows * Columns > 32) ? Rows * Columns / 32 : 1,
  parameter int BusBytes = 16,
  parameter int ActivationDepth = 262144,
  parameter int WeightRows = 8 * Rows,
  parameter int SumDepth = 1024,
  parameter int OutputDepth = 131072,
  parameter int ParameterDepth = 4096,
  parameter int TableEntries = 16                // kind lut: of a row, written in a cycle
) (
  input  logic                               clk_i,
  input  logic                               rst_ni,
  input  logic                               clear_i,
  // Activations, always accepted: elements {sign, magnitude}, element 0 in the low bits.
  input  logic                               activation_write_i,
  input  logic [$clog2(ActivationDepth)-1:0] activation_address_i,
  input  logic [$clog2(BusBytes+1)-1:0]      activation_count_i,
  input  logic [BusBytes*9-1:0]              activation_data_i,
  // Rows of weights, bottom row of a tile first.
  input  logic                               weight_valid_i,
  output logic                               weight_ready_o,
  input  logic [Columns*9-1:0]               weight_row_i,
  output logic [$clog2(WeightRows+1)-1:0]    weight_rows_o,
  // Parameters of a channel: {spare, shift[5:0], negative multiplier, multiplier, bias}.
  input  logic                               parameter_write_i,
  input  logic [$clog2(ParameterDepth)-1:0]  parameter_address_i,
  input  logic [70:0]                        parameter_data_i,
  // Product table (kind lut), entries little-endian; reading only while not busy_o.
  input  logic                               table_write_i,
  input  logic [15:0]                        table_address_i,
  input  logic [BusBytes*8-1:0]              table_data_i,
  input  logic                               table_read_i,
  input  logic [15:0]                        table_read_address_i,
  output logic [15:0]                        table_read_data_o,
  // Commands.
  input  logic                               command_valid_i,
  output logic                               command_ready_o,
  input  logic [511:0]                       command_i,
  output logic                               read_done_o,
  output logic                               drain_done_o,
  output logic                               command_error_o,
  output logic [7:0]                         command_error_code_o,
  // Results: data a cycle after the address.
  input  logic                               output_read_i,
  input  logic [$clog2(OutputDepth)-1:0]     output_address_i,
  output logic [BusBytes*9-1:0]              output_data_o,
  // Accounting.
  output logic [2:0]                         cause_o,  // registers::CORE_*
  output logic                               busy_o,
  output logic                               tile_o,      // a tile begins
  output logic                               position_o   // a position or a tap enters
);

  localparam int BANKS_RL = (Rows > Lanes) ? Rows : Lanes;
  localparam int BANKS = (BANKS_RL > BusBytes) ? BANKS_RL : BusBytes;
  localparam int ACTIVATION_BITS = $clog2(ActivationDepth);
  localparam int OUTPUT_BITS = $clog2(OutputDepth);
  localparam int PARAMETER_BITS = $clog2(ParameterDepth);
  localparam int INDEX_BITS = $clog2(SumDepth);
  localparam int COUNT_BITS = $clog2(Lanes + 1);
  localparam int CONTROL_BITS = INDEX_BITS + 5;
  localparam int FLUSH_CYCLES = Rows + Columns + 8;  // until the array is empty
  localparam int FLUSH_BITS = $clog2(FLUSH_CYCLES + 1);

  // ------------------------------------------------------------------------------- commands

  logic [511:0]          next_q;
  logic                  next_valid_q;
  logic [511:0]          current_q;
  logic                  convolve_q;  // current_q is a convolution under way
  logic                  vector_q;    // ... a vector command
  logic                  open_q;      // a reduction has begun and not ended
  logic                  halted_q;
  logic [FLUSH_BITS-1:0] flush_q;
  logic                  next_convolve;
  logic [7:0]            next_error;
  logic                  next_good;
  logic                  take;
  logic                  take_convolve;
  logic                  convolve_end;  // the last position enters
  logic                  vector_end;    // the last tap enters
  logic                  too_many_positions;
  logic                  flushing;

  assign flushing = flush_q != '0;
  assign command_ready_o = ~next_valid_q & ~halted_q & ~flushing;
  assign next_good = next_valid_q & (next_error == '0) & ~halted_q;
  assign take = next_good & (~convolve_q | convolve_end) & (~vector_q | vector_end);
  assign take_convolve = take & next_convolve;

  compute_check #(
    .Rows           (Rows),
    .Columns        (Columns),
    .PeKind         (PeKind),
    .ActivationDepth(ActivationDepth),
    .ParameterDepth (ParameterDepth)
  ) u_check (
    .command_i (next_q),
    .open_i    (open_q),
    .convolve_o(next_convolve),
    .error_o   (next_error)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      next_valid_q         <= 1'b0;
      convolve_q           <= 1'b0;
      vector_q             <= 1'b0;
      open_q               <= 1'b0;
      halted_q             <= 1'b0;
      flush_q              <= '0;
      read_done_o          <= 1'b0;
      command_error_o      <= 1'b0;
      command_error_code_o <= '0;
    end else if (clear_i) begin
      next_valid_q         <= 1'b0;
      convolve_q           <= 1'b0;
      vector_q             <= 1'b0;
      open_q               <= 1'b0;
      halted_q             <= 1'b0;
      flush_q              <= FLUSH_BITS'(FLUSH_CYCLES);
      read_done_o          <= 1'b0;
      command_error_o      <= 1'b0;
      command_error_code_o <= '0;
    end else begin
      next_valid_q <= (command_valid_i & command_ready_o) | (next_valid_q & ~take);
      convolve_q <= take_convolve | (convolve_q & ~convolve_end);
      vector_q <= (take & ~next_convolve) | (vector_q & ~vector_end);
      if (take_convolve) open_q <= ~next_q[registers::CONVOLVE_LAST_LSB];
      flush_q <= flush_q - FLUSH_BITS'(flushing);
      read_done_o <= convolve_end | vector_end;
      command_error_o <= ~halted_q & ((next_valid_q & (next_error != '0)) | too_many_positions);
      if (!halted_q) begin
        command_error_code_o <= too_many_positions ? 8'(mbm_pkg::ERROR_POSITIONS) : next_error;
        halted_q <= (next_valid_q & (next_error != '0)) | too_many_positions;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (command_valid_i && command_ready_o) next_q <= command_i;
    if (take) current_q <= next_q;
  end

  // ------------------------------------------------------------------------------- positions

  logic [ACTIVATION_BITS-1:0] convolution_address;
  logic [Rows-1:0]            existing;
  logic [Rows-1:0]            row_enable;
  logic [INDEX_BITS:0]        index;
  logic                       first_position;
  logic                       last_position;
  logic                       first_tile;
  logic                       last_tile;
  logic                       enter;       // a position
  logic                       tile_start;
  logic                       starts_sums;
  logic                       ends_sums;
  logic                       weights_ready;
  logic                       table_ready;
  logic                       sums_ready;
  logic                       fill_bank_q;    // of the present reduction
  logic [1:0]                 bank_in_use_q;
  logic [1:0]                 bank_release;

  assign starts_sums = current_q[registers::CONVOLVE_FIRST_LSB];
  assign ends_sums = current_q[registers::CONVOLVE_LAST_LSB];
  assign sums_ready = ~(first_tile & starts_sums & bank_in_use_q[fill_bank_q]);
  assign too_many_positions = convolve_q & index[INDEX_BITS];
  assign enter = convolve_q & ~halted_q & ~too_many_positions &
                 (~first_position | (weights_ready & table_ready & sums_ready));
  assign tile_start = enter & first_position;
  assign convolve_end = enter & last_position & last_tile;

  convolution_address #(
    .Rows       (Rows),
    .AddressBits(ACTIVATION_BITS),
    .IndexBits  (INDEX_BITS)
  ) u_convolution_address (
    .clk_i           (clk_i),
    .load_i          (take_convolve),
    .next_i          (next_q),
    .current_i       (current_q),
    .advance_i       (enter),
    .address_o       (convolution_address),
    .inside_o        (existing),
    .row_enable_o    (row_enable),
    .index_o         (index),
    .first_position_o(first_position),
    .last_position_o (last_position),
    .first_tile_o    (first_tile),
    .last_tile_o     (last_tile)
  );

  // What the banks hold: the command whose fields say where the results go, the largest sum.
  logic [2*512-1:0]        bank_command_q;
  logic [2*INDEX_BITS-1:0] bank_last_position_q;
  logic [63:0]             ceiling_q;
  logic [31:0]             ceiling;

  assign ceiling = 32'h7fff_ffff >>
                   (6'd32 - current_q[registers::CONVOLVE_SUM_BITS_LSB +: 6]);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fill_bank_q   <= 1'b0;
      bank_in_use_q <= '0;
    end else if (clear_i) begin
      fill_bank_q   <= 1'b0;
      bank_in_use_q <= '0;
    end else begin
      fill_bank_q <= fill_bank_q ^ (convolve_end & ends_sums);
      for (int b = 0; b < 2; b++) begin
        if (tile_start && first_tile && starts_sums && fill_bank_q == 1'(b)) bank_in_use_q[b] <= 1'b1;
        else if (bank_release[b]) bank_in_use_q[b] <= 1'b0;
      end
    end
  end

  for (genvar b = 0; b < 2; b++) begin : gen_bank_fields
    always_ff @(posedge clk_i) begin
      if (tile_start && first_tile && fill_bank_q == 1'(b)) begin
        bank_command_q[b*512 +: 512] <= current_q;
        if (starts_sums) ceiling_q[b*32 +: 32] <= ceiling;
      end
      if (enter && last_position && fill_bank_q == 1'(b)) begin
        bank_last_position_q[b*INDEX_BITS +: INDEX_BITS] <= index[INDEX_BITS-1:0];
      end
    end
  end

  // ------------------------------------------------------------------------------- weights

  localparam int LOADED_BITS = $clog2(Rows + 1);
  localparam int WAIT_BITS = $clog2(Rows + Columns);

  logic                   row_valid;
  logic [Columns*9-1:0]   row;
  logic                   weight_load;
  logic [LOADED_BITS-1:0] rows_loaded_q;
  logic [WAIT_BITS-1:0]   load_wait_q;      // until the last swap has passed the last corner
  logic                   load_next_q;      // the next tile is that of the next command
  logic                   load_known;       // the command of the next tile is there
  logic [5:0]             load_channels;
  logic                   load_log_codes;
  logic [Columns-1:0]     weight_sign;
  logic [Columns*8-1:0]   weight_magnitude;

  weight_fifo #(
    .Bits (Columns * 9),
    .Depth(WeightRows)
  ) u_weight_fifo (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clear_i(clear_i),
    .valid_i(weight_valid_i),
    .ready_o(weight_ready_o),
    .row_i  (weight_row_i),
    .valid_o(row_valid),
    .ready_i(weight_load),
    .row_o  (row),
    .count_o(weight_rows_o)
  );

  assign load_known = load_next_q ? (next_good & next_convolve) : (convolve_q & ~halted_q);
  assign load_channels =
      load_next_q ? next_q[registers::CONVOLVE_CHANNELS_LSB +: 6]
                  : current_q[registers::CONVOLVE_CHANNELS_LSB +: 6];
  assign load_log_codes =
      load_next_q ? next_q[registers::CONVOLVE_LOG_WEIGHTS_LSB]
                  : current_q[registers::CONVOLVE_LOG_WEIGHTS_LSB];
  assign weight_load = load_known & row_valid & (load_wait_q == '0) &
                       (rows_loaded_q != LOADED_BITS'(Rows));
  assign weights_ready = (rows_loaded_q == LOADED_BITS'(Rows)) |
                         ((rows_loaded_q == LOADED_BITS'(Rows - 1)) & weight_load);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rows_loaded_q <= '0;
      load_wait_q   <= '0;
      load_next_q   <= 1'b1;
    end else if (clear_i) begin
      rows_loaded_q <= '0;
      load_wait_q   <= '0;
      load_next_q   <= 1'b1;
    end else begin
      if (tile_start) rows_loaded_q <= '0;
      else rows_loaded_q <= rows_loaded_q + LOADED_BITS'(weight_load);
      if (tile_start) load_wait_q <= WAIT_BITS'(Rows + Columns - 2);
      else load_wait_q <= load_wait_q - WAIT_BITS'(load_wait_q != '0);
      if (take_convolve) load_next_q <= 1'b0;
      else if (tile_start) load_next_q <= last_tile;
    end
  end

  for (genvar c = 0; c < Columns; c++) begin : gen_weight
    assign weight_sign[c] = row[c*9+8];
    assign weight_magnitude[c*8 +: 8] = row[c*9 +: 8];
  end

  // ------------------------------------------------------------------------------- product table

  logic                            fill;
  logic [7:0]                      fill_magnitude;
  logic [7-$clog2(TableEntries):0] fill_word;
  logic [TableEntries*16-1:0]      fill_data;

  if (PeKind == mbm_pkg::PE_LUT) begin : gen_table
    product_table #(
      .Columns     (Columns),
      .TableEntries(TableEntries),
      .WriteEntries(BusBytes / 2)
    ) u_table (
      .clk_i             (clk_i),
      .rst_ni            (rst_ni),
      .clear_i           (clear_i),
      .write_i           (table_write_i),
      .write_address_i   (table_address_i),
      .write_data_i      (table_data_i),
      .read_i            (table_read_i),
      .read_address_i    (table_read_address_i),
      .read_data_o       (table_read_data_o),
      .weight_i          (weight_load),
      .weight_magnitude_i(weight_magnitude),
      .loaded_i          (rows_loaded_q == LOADED_BITS'(Rows)),
      .take_i            (tile_start),
      .ready_o           (table_ready),
      .fill_o            (fill),
      .fill_magnitude_o  (fill_magnitude),
      .fill_word_o       (fill_word),
      .fill_data_o       (fill_data)
    );
  end else begin : gen_no_table
    assign table_ready = 1'b1;
    assign table_read_data_o = '0;
    assign fill = 1'b0;
    assign fill_magnitude = '0;
    assign fill_word = '0;
    assign fill_data = '0;
    logic unused_table;
    assign unused_table =
        ^{table_write_i, table_address_i, table_data_i, table_read_i, table_read_address_i};
  end

  // ------------------------------------------------------------------------------- activations

  logic [ACTIVATION_BITS-1:0] vector_address;
  logic [BANKS*9-1:0]         operands;
  // A cycle after the position entered.
  logic [Rows-1:0]            existing_q;
  logic [Rows-1:0]            row_enable_q;
  logic                       log_activations_q;
  logic                       table_bank_q;
  logic                       swap_q;
  logic [CONTROL_BITS-1:0]    control_q;  // {valid, first, last of the command, ends sums, bank, index}
  logic [Rows-1:0]            activation_sign;
  logic [Rows*8-1:0]          activation_magnitude;

  banked_memory #(
    .Bits         (9),
    .Banks        (BANKS),
    .Depth        (ActivationDepth),
    .WriteElements(BusBytes)
  ) u_scratchpad (
    .clk_i          (clk_i),
    .write_i        (activation_write_i),
    .write_address_i(activation_address_i),
    .write_count_i  (activation_count_i),
    .write_data_i   (activation_data_i),
    .read_address_i (vector_q ? vector_address : convolution_address),
    .read_data_o    (operands)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      swap_q    <= 1'b0;
      control_q <= '0;
    end else begin
      swap_q    <= tile_start;
      control_q <= {enter, first_tile & starts_sums, convolve_end, ends_sums, fill_bank_q,
                    index[INDEX_BITS-1:0]};
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) table_bank_q <= 1'b0;
    else table_bank_q <= table_bank_q ^ tile_start;
  end

  always_ff @(posedge clk_i) begin
    existing_q <= existing;
    if (tile_start) begin
      row_enable_q <= row_enable;
      log_activations_q <= current_q[registers::CONVOLVE_LOG_ACTIVATIONS_LSB];
    end
  end

  // What lies outside the tensor is the number 0.
  for (genvar r = 0; r < Rows; r++) begin : gen_activation
    assign activation_sign[r] = operands[r*9+8] & existing_q[r];
    assign activation_magnitude[r*8 +: 8] = operands[r*9 +: 8] & {8{existing_q[r]}};
  end

  // ------------------------------------------------------------------------------- array

  logic [Columns*32-1:0]           column_sum;
  logic [Columns*CONTROL_BITS-1:0] column_control;
  logic [Columns*32-1:0]           drain_sum;
  logic                            drain_bank;
  logic [INDEX_BITS-1:0]           drain_position;
  logic                            finish_q;
  logic                            finish_last_q;
  logic                            finish_bank_q;
  logic [3:0]                      finish_control;

  processing_grid #(
    .Rows        (Rows),
    .Columns     (Columns),
    .PeKind      (PeKind),
    .FractionBits(FractionBits),
    .SetLowestBit(SetLowestBit),
    .Kind        (Kind),
    .TableEntries(TableEntries),
    .TwoStage    (1),
    .ControlBits (CONTROL_BITS)
  ) u_grid (
    .clk_i                 (clk_i),
    .rst_ni                (rst_ni),
    .weight_load_i         (weight_load),
    .weight_sign_i         (weight_sign),
    .weight_magnitude_i    (weight_magnitude),
    .column_enable_i       (~({Columns{1'b1}} << load_channels)),
    .log_weights_i         (load_log_codes),
    .swap_i                (swap_q),
    .activation_sign_i     (activation_sign),
    .activation_magnitude_i(activation_magnitude),
    .row_enable_i          (row_enable_q),
    .log_activations_i     (log_activations_q),
    .control_i             (control_q),
    .table_bank_i          (table_bank_q),
    .fill_i                (fill),
    .fill_magnitude_i      (fill_magnitude),
    .fill_word_i           (fill_word),
    .fill_data_i           (fill_data),
    .sum_o                 (column_sum),
    .control_o             (column_control)
  );

  for (genvar c = 0; c < Columns; c++) begin : gen_sums
    logic [CONTROL_BITS-1:0] control;
    assign control = column_control[c*CONTROL_BITS +: CONTROL_BITS];

    partial_sums #(
      .Depth(SumDepth)
    ) u_sums (
      .clk_i          (clk_i),
      .rst_ni         (rst_ni),
      .valid_i        (control[CONTROL_BITS-1]),
      .first_i        (control[CONTROL_BITS-2]),
      .bank_i         (control[INDEX_BITS]),
      .address_i      (control[INDEX_BITS-1:0]),
      .sum_i          (column_sum[c*32 +: 32]),
      .ceiling_i      (ceiling_q),
      .drain_bank_i   (drain_bank),
      .drain_address_i(drain_position),
      .drain_sum_o    (drain_sum[c*32 +: 32])
    );

    if (c == Columns - 1) begin : gen_finish
      assign finish_control = {control[CONTROL_BITS-1], control[CONTROL_BITS-3 -: 3]};
    end else begin : gen_no_finish
      logic unused_control;
      assign unused_control = ^control[CONTROL_BITS-3 -: 2];
    end
  end

  // The last sum of a command is stored in the last column at the end of the cycle of finish_q.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) finish_q <= 1'b0;
    else finish_q <= finish_control[3] & finish_control[2] & ~flushing & ~clear_i;
  end

  always_ff @(posedge clk_i) begin
    finish_last_q <= finish_control[1];
    finish_bank_q <= finish_control[0];
  end

  // ------------------------------------------------------------------------------- vector taps

  logic                   tap;
  logic                   tap_inside;
  logic                   tap_first;
  logic                   tap_last;
  logic                   tap_done;
  logic                   tap_column_end;
  logic [7:0]             tap_column_weight;
  logic [16:0]            tap_factor;
  logic [16:0]            tap_negative_factor;
  logic [COUNT_BITS-1:0]  tap_count;
  logic [OUTPUT_BITS-1:0] tap_output_address;
  logic [15:0]            in_flight_q;  // convolutions whose sums are not all stored
  logic                   drains_idle;

  assign tap = vector_q & ~halted_q & drains_idle & (in_flight_q == '0);
  assign vector_end = tap & tap_done;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) in_flight_q <= '0;
    else if (clear_i) in_flight_q <= '0;
    else in_flight_q <= in_flight_q + 16'(convolve_end) - 16'(finish_q);
  end

  vector_address #(
    .Lanes      (Lanes),
    .AddressBits(ACTIVATION_BITS),
    .OutputBits (OUTPUT_BITS)
  ) u_vector_address (
    .clk_i            (clk_i),
    .load_i           (take & ~next_convolve),
    .next_i           (next_q),
    .current_i        (current_q),
    .advance_i        (tap),
    .address_o        (vector_address),
    .inside_o         (tap_inside),
    .first_tap_o      (tap_first),
    .last_tap_o       (tap_last),
    .column_end_o     (tap_column_end),
    .column_weight_o  (tap_column_weight),
    .factor_o         (tap_factor),
    .negative_factor_o(tap_negative_factor),
    .count_o          (tap_count),
    .output_address_o (tap_output_address),
    .last_o           (tap_done)
  );

  // ------------------------------------------------------------------------------- results

  logic [PARAMETER_BITS-1:0] parameter_address;
  logic [Lanes*71-1:0]       parameters;
  logic                      result_write;
  logic [OUTPUT_BITS-1:0]    result_address;
  logic [COUNT_BITS-1:0]     result_count;
  logic [Lanes*9-1:0]        result_data;
  logic [BANKS*9-1:0]        output_data;
  logic                      results_busy;

  banked_memory #(
    .Bits         (71),
    .Banks        (Lanes),
    .Depth        (ParameterDepth),
    .WriteElements(1)
  ) u_parameters (
    .clk_i          (clk_i),
    .write_i        (parameter_write_i),
    .write_address_i(parameter_address_i),
    .write_count_i  (1'b1),
    .write_data_i   (parameter_data_i),
    .read_address_i (parameter_address),
    .read_data_o    (parameters)
  );

  post_processor #(
    .Columns      (Columns),
    .Lanes        (Lanes),
    .IndexBits    (INDEX_BITS),
    .ParameterBits(PARAMETER_BITS),
    .OutputBits   (OUTPUT_BITS)
  ) u_post_processor (
    .clk_i                (clk_i),
    .rst_ni               (rst_ni),
    .clear_i              (clear_i),
    .finish_i             (finish_q),
    .finish_last_i        (finish_last_q),
    .finish_bank_i        (finish_bank_q),
    .context_i            (bank_command_q),
    .last_position_i      (bank_last_position_q),
    .release_o            (bank_release),
    .drain_bank_o         (drain_bank),
    .drain_position_o     (drain_position),
    .sum_i                (drain_sum),
    .parameter_o          (parameter_address),
    .parameter_i          (parameters),
    .idle_o               (drains_idle),
    .tap_i                (tap),
    .tap_inside_i         (tap_inside),
    .tap_first_i          (tap_first),
    .tap_last_i           (tap_last),
    .tap_done_i           (tap_done),
    .tap_column_end_i     (tap_column_end),
    .tap_column_weight_i  (tap_column_weight),
    .tap_factor_i         (tap_factor),
    .tap_negative_factor_i(tap_negative_factor),
    .tap_command_i        (current_q),
    .tap_count_i          (tap_count),
    .tap_address_i        (tap_output_address),
    .tap_operand_i        (operands[Lanes*9-1:0]),
    .write_o              (result_write),
    .write_address_o      (result_address),
    .write_count_o        (result_count),
    .write_data_o         (result_data),
    .done_o               (drain_done_o),
    .busy_o               (results_busy)
  );

  banked_memory #(
    .Bits         (9),
    .Banks        (BANKS),
    .Depth        (OutputDepth),
    .WriteElements(Lanes)
  ) u_output (
    .clk_i          (clk_i),
    .write_i        (result_write),
    .write_address_i(result_address),
    .write_count_i  (result_count),
    .write_data_i   (result_data),
    .read_address_i (output_address_i),
    .read_data_o    (output_data)
  );

  assign output_data_o = output_data[BusBytes*9-1:0];

  // The buffer reads whatever the address says.
  logic unused_read;
  assign unused_read = ^{output_read_i, output_data, operands};

  // ------------------------------------------------------------------------------- accounting

  assign tile_o = tile_start;
  assign position_o = enter | tap;
  assign busy_o = next_valid_q | convolve_q | vector_q | (in_flight_q != '0) | finish_q |
                  results_busy;

  always_comb begin
    if (position_o) cause_o = 3'(registers::CORE_COMPUTING);
    else if (convolve_q & ~halted_q) begin
      if (!sums_ready) cause_o = 3'(registers::CORE_PARTIAL_SUMS);
      else if (!weights_ready) cause_o = 3'(registers::CORE_WEIGHTS);
      else cause_o = 3'(registers::CORE_TABLE);
    end else if ((in_flight_q != '0) | finish_q | results_busy)
      cause_o = 3'(registers::CORE_DRAINING);
    else cause_o = 3'(registers::CORE_NONE);
  end

endmodule
