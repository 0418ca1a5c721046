// Does LOAD_WEIGHTS, LOAD_PARAMETERS and LOAD_TABLE: each is one segment of memory that begins at a
// multiple of 16 bytes, cut into rows of Columns operands, records of 16 bytes, or words of the
// bus.
//
// A command is taken while none asks and fewer than four are under way, and asked for in the next
// cycle. A bus word is taken each cycle if what it completes can go on:
// * parameters and table: written in the cycle after the word (or the last word of the record)
//   came;
// * weights: min(Columns, operands of a word) operands a cycle go into the row register; a row that
//   is full is offered in the next cycle and makes room in the cycle in which it is taken.
// done_o comes in the cycle of the last write, or when the last row is taken.
module stream_loader #(
  parameter int BusBytes = 16,
  parameter int Columns = 16,
  parameter int ChannelBits = 12  // of an address of parameters
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      clear_i,
  // Commands.
  input  logic                      command_valid_i,
  output logic                      command_ready_o,
  input  logic [511:0]              command_i,
  input  logic [23:0]               index_i,
  // To the read DMA.
  output logic                      segment_valid_o,
  input  logic                      segment_ready_i,
  output logic [31:0]               segment_address_o,
  output logic [31:0]               segment_bytes_o,
  output logic [23:0]               segment_tag_o,  // index of the command
  input  logic                      data_valid_i,
  output logic                      data_ready_o,
  input  logic [8*BusBytes-1:0]     data_i,
  input  logic [$clog2(BusBytes):0] count_i,
  input  logic                      last_i,
  // Weights.
  output logic                      weight_valid_o,
  input  logic                      weight_ready_i,
  output logic [9*Columns-1:0]      weight_row_o,
  // Parameters: {0, shift, negative multiplier, multiplier, bias}.
  output logic                      parameter_write_o,
  output logic [ChannelBits-1:0]    parameter_address_o,
  output logic [70:0]               parameter_data_o,
  // Product table.
  output logic                      table_write_o,
  output logic [15:0]               table_address_o,
  output logic [8*BusBytes-1:0]     table_data_o,
  // State.
  output logic                      busy_o,
  output logic                      done_o
);

  localparam int COLUMN_BITS = $clog2(Columns);
  // Operands that go into the row register a cycle, of one byte and of two.
  localparam int NARROW_STEP = (Columns < BusBytes) ? Columns : BusBytes;
  localparam int WIDE_STEP = (Columns < BusBytes / 2) ? Columns : BusBytes / 2;
  localparam int COUNT_BITS = 6;  // of steps in a word or a row, at most 32 / 2
  localparam int RECORD_WORDS = 16 / BusBytes;

  // What a command says.
  logic [7:0]              opcode;
  logic                    is_weights;
  logic                    is_table;
  logic                    wide;
  logic [31:0]             bytes;
  logic [31:0]             weight_bytes;
  logic [31:0]             table_bytes;
  logic [31:0]             parameter_bytes;
  logic [15:0]             first;
  logic [511:0]            unused_command;
  logic                    take;
  // Asking.
  logic                    asking_q;
  logic [31:0]             address_q;
  logic [31:0]             bytes_q;
  logic [23:0]             index_q;
  // The command whose data come.
  logic                    ready;
  logic                    active;
  logic                    weights;
  logic                    product_table;
  logic [1:0]              format;
  logic [15:0]             start;
  logic                    begun_q;
  logic [15:0]             place_q;
  logic [15:0]             place;        // channel or entry
  logic                    word;         // a word is taken, or a step of it
  logic                    word_done;
  logic                    end_of_command;
  // Weights.
  logic [9*BusBytes-1:0]   operands;
  logic [9*BusBytes-1:0]   step_operands;
  logic                    unused_operands;
  logic [9*Columns-1:0]    row_q;
  logic                    row_full_q;
  logic                    row_ends_q;   // the row is the last of its command
  logic [COUNT_BITS-1:0]   step_q;       // of the word
  logic [COUNT_BITS-1:0]   slot_q;       // of the row
  logic [COUNT_BITS-1:0]   steps;        // of a word, less one
  logic [COUNT_BITS-1:0]   slots;        // of a row, less one
  logic                    row_free;
  logic                    row_completes;
  // Parameters.
  logic [1:0]              part_q;
  logic [127:0]            record;
  logic                    record_completes;
  logic                    unused_record;
  logic                    stream_done_q;

  assign opcode = command_i[7:0];
  assign is_weights = opcode == 8'(registers::OPCODE_LOAD_WEIGHTS);
  assign is_table = opcode == 8'(registers::OPCODE_LOAD_TABLE);
  assign wide = command_i[registers::LOAD_WEIGHTS_FORMAT_LSB +: 2] == 2'(registers::FORMAT_CODE16);

  assign weight_bytes = 32'(command_i[registers::LOAD_WEIGHTS_ROWS_LSB +: 24]) <<
                        (COLUMN_BITS + 32'(wide));
  assign table_bytes = 32'(command_i[registers::LOAD_TABLE_ENTRIES_LSB +: 17]) << 1;
  assign parameter_bytes = 32'(command_i[registers::LOAD_PARAMETERS_CHANNELS_LSB +: 16]) << 4;
  assign unused_command = command_i;

  always_comb begin
    if (is_weights) bytes = weight_bytes;
    else if (is_table) bytes = table_bytes;
    else bytes = parameter_bytes;
  end
  // Of the table and of parameters, in one place.
  assign first = command_i[registers::LOAD_TABLE_FIRST_LSB +: 16];

  assign command_ready_o = ~asking_q & ready;
  assign take = command_valid_i & command_ready_o;
  assign segment_valid_o = asking_q;
  assign segment_address_o = address_q;
  assign segment_tag_o = index_q;
  assign segment_bytes_o = bytes_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) asking_q <= 1'b0;
    else if (clear_i) asking_q <= 1'b0;
    else asking_q <= take | (asking_q & ~segment_ready_i);
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      address_q <= command_i[registers::LOAD_WEIGHTS_ADDRESS_LSB +: 32];
      bytes_q   <= bytes;
      index_q   <= index_i;
    end
  end

  fifo #(
    .Bits (2 + 2 + 16),
    .Depth(4)
  ) u_descriptors (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clear_i      (clear_i),
    .write_valid_i(take),
    .write_ready_o(ready),
    .write_data_i ({is_weights, is_table,
                    command_i[registers::LOAD_WEIGHTS_FORMAT_LSB +: 2], first}),
    .read_valid_o (active),
    .read_ready_i (end_of_command),
    .read_data_o  ({weights, product_table, format, start})
  );

  assign place = begun_q ? place_q : start;
  assign word = active & data_valid_i & (~weights | row_free);
  assign data_ready_o = active & (~weights | (row_free & (step_q == steps)));
  assign word_done = data_valid_i & data_ready_o;
  assign end_of_command = word_done & last_i;

  // Weights.
  operand_unpack #(.BusBytes(BusBytes)) u_unpack (
    .format_i  (format),
    .bytes_i   (data_i),
    .operands_o(operands)
  );

  assign row_free = ~row_full_q | weight_ready_i;
  assign row_completes = word & weights & (slot_q == slots);

  always_comb begin
    if (format == 2'(registers::FORMAT_CODE16)) begin
      steps = (COUNT_BITS'(count_i) >> $clog2(2 * WIDE_STEP)) - 1'b1;
      slots = COUNT_BITS'(Columns / WIDE_STEP - 1);
      step_operands = operands >> (32'(step_q) * 9 * WIDE_STEP);
    end else begin
      steps = (COUNT_BITS'(count_i) >> $clog2(NARROW_STEP)) - 1'b1;
      slots = COUNT_BITS'(Columns / NARROW_STEP - 1);
      step_operands = operands >> (32'(step_q) * 9 * NARROW_STEP);
    end
  end

  assign unused_operands = &{1'b0, step_operands};

  // The operands of a step enter at the top; a full row has moved down to the bottom.
  always_ff @(posedge clk_i) begin
    if (word & weights) begin
      if (format == 2'(registers::FORMAT_CODE16)) begin
        row_q <= (9*Columns)'({step_operands[9*WIDE_STEP-1:0], row_q} >> (9 * WIDE_STEP));
      end else begin
        row_q <= (9*Columns)'({step_operands[9*NARROW_STEP-1:0], row_q} >> (9 * NARROW_STEP));
      end
      row_ends_q <= end_of_command;
    end
  end

  assign weight_valid_o = row_full_q;
  assign weight_row_o = row_q;

  // Parameters and table.
  assign record_completes = word & ~weights & ~product_table & (part_q == 2'(RECORD_WORDS - 1));
  if (RECORD_WORDS == 1) begin : gen_whole_record
    assign record = data_i;
  end else begin : gen_part_record
    logic [127-8*BusBytes:0] parts_q;
    assign record = {data_i, parts_q};
    always_ff @(posedge clk_i) begin
      if (word) parts_q <= record[127:8*BusBytes];
    end
  end
  assign unused_record = &{1'b0, record[127:70]};

  always_ff @(posedge clk_i) begin
    parameter_address_o <= place[ChannelBits-1:0];
    parameter_data_o    <= {1'b0, record[69:64], record[63:48], record[47:32], record[31:0]};
    table_address_o     <= place;
    table_data_o        <= data_i;
    if (word_done) begin
      place_q <= product_table ? place + 16'(BusBytes / 2) : place + 16'(record_completes);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      begun_q           <= 1'b0;
      step_q            <= '0;
      slot_q            <= '0;
      part_q            <= '0;
      row_full_q        <= 1'b0;
      parameter_write_o <= 1'b0;
      table_write_o     <= 1'b0;
      stream_done_q     <= 1'b0;
    end else if (clear_i) begin
      begun_q           <= 1'b0;
      step_q            <= '0;
      slot_q            <= '0;
      part_q            <= '0;
      row_full_q        <= 1'b0;
      parameter_write_o <= 1'b0;
      table_write_o     <= 1'b0;
      stream_done_q     <= 1'b0;
    end else begin
      if (word_done) begun_q <= ~last_i;
      if (word & weights) begin
        step_q <= (step_q == steps) ? '0 : step_q + 1'b1;
        slot_q <= (slot_q == slots) ? '0 : slot_q + 1'b1;
      end
      if (word & ~weights) part_q <= (record_completes | product_table) ? '0 : part_q + 1'b1;
      row_full_q        <= row_completes | (row_full_q & ~weight_ready_i);
      parameter_write_o <= record_completes;
      table_write_o     <= word & product_table;
      stream_done_q     <= end_of_command & ~weights;
    end
  end

  assign done_o = stream_done_q | (row_full_q & weight_ready_i & row_ends_q);
  assign busy_o = asking_q | active | row_full_q | stream_done_q;

endmodule
