// Does LOAD_ACTIVATIONS: asks the read DMA for the rows of a command, one segment a cycle if it
// takes them, and writes what comes back into the scratchpad, one bus word a cycle.
//
// A command is taken while none asks for rows and fewer than four are under way; its first row is
// asked for in the next cycle. A bus word is written in the cycle after the DMA gave it; done_o
// comes with the last write. An odd address or pitch of CODE16 is refused: fault_o with the index
// of the word, the command is not done.
module activation_loader #(
  parameter int BusBytes = 16,
  parameter int AddressBits = 18  // of the scratchpad
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
  // To the scratchpad.
  output logic                      write_o,
  output logic [AddressBits-1:0]    address_o,
  output logic [$clog2(BusBytes):0] count_o,
  output logic [9*BusBytes-1:0]     operands_o,
  // State.
  output logic                      busy_o,
  output logic                      done_o,
  output logic                      fault_o,
  output logic [3:0]                fault_word_o
);

  localparam int DESCRIPTOR_BITS = 2 + 16 + 2 * AddressBits;
  localparam int FORMAT_LSB = registers::LOAD_ACTIVATIONS_FORMAT_LSB;
  localparam int ROWS_LSB = registers::LOAD_ACTIVATIONS_ROWS_LSB;
  localparam int ELEMENTS_LSB = registers::LOAD_ACTIVATIONS_ELEMENTS_LSB;

  // Asking.
  logic                       take;
  logic                       wide;
  logic                       odd_address;
  logic                       odd_pitch;
  logic                       asking_q;
  logic [31:0]                row_address_q;
  logic [31:0]                pitch_q;
  logic [20:0]                row_bytes_q;
  logic [15:0]                rows_q;       // left after this one
  logic [23:0]                index_q;
  // Commands under way.
  logic                       ready;
  logic                       active;
  logic [DESCRIPTOR_BITS-1:0] descriptor;
  logic [1:0]                 format;
  logic [15:0]                rows;         // less one
  logic [AddressBits-1:0]     destination;
  logic [AddressBits-1:0]     destination_pitch;
  // Writing.
  logic                       begun_q;      // a word of the command has come
  logic                       in_row_q;
  logic [15:0]                row_q;
  logic [AddressBits-1:0]     row_start_q;
  logic [AddressBits-1:0]     next_q;
  logic [AddressBits-1:0]     row_start;
  logic [AddressBits-1:0]     address;
  logic [$clog2(BusBytes):0]  count;
  logic                       word;
  logic                       end_of_command;
  logic [9*BusBytes-1:0]      operands;

  assign wide = command_i[FORMAT_LSB +: 2] == 2'(registers::FORMAT_CODE16);
  assign odd_address = wide & command_i[registers::LOAD_ACTIVATIONS_ADDRESS_LSB];
  assign odd_pitch = wide & command_i[registers::LOAD_ACTIVATIONS_PITCH_LSB];
  assign fault_o = command_valid_i & (odd_address | odd_pitch);
  assign fault_word_o = odd_address ? 4'(registers::LOAD_ACTIVATIONS_ADDRESS_LSB / 32) :
                                      4'(registers::LOAD_ACTIVATIONS_PITCH_LSB / 32);
  assign command_ready_o = ~asking_q & ready & ~fault_o;
  assign take = command_valid_i & command_ready_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) asking_q <= 1'b0;
    else if (clear_i) asking_q <= 1'b0;
    else asking_q <= take | (asking_q & ~(segment_ready_i & (rows_q == '0)));
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      row_address_q <= command_i[registers::LOAD_ACTIVATIONS_ADDRESS_LSB +: 32];
      index_q       <= index_i;
      pitch_q       <= command_i[registers::LOAD_ACTIVATIONS_PITCH_LSB +: 32];
      row_bytes_q   <= {1'b0, command_i[ELEMENTS_LSB +: 20]} << wide;
      rows_q        <= command_i[ROWS_LSB +: 16] - 1'b1;
    end else if (segment_ready_i) begin
      row_address_q <= row_address_q + pitch_q;
      rows_q        <= rows_q - 1'b1;
    end
  end

  assign segment_valid_o = asking_q;
  assign segment_address_o = row_address_q;
  assign segment_tag_o = index_q;
  assign segment_bytes_o = 32'(row_bytes_q);

  fifo #(
    .Bits (DESCRIPTOR_BITS),
    .Depth(4)
  ) u_descriptors (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clear_i      (clear_i),
    .write_valid_i(take),
    .write_ready_o(ready),
    .write_data_i ({command_i[FORMAT_LSB +: 2], command_i[ROWS_LSB +: 16] - 16'd1,
                    command_i[registers::LOAD_ACTIVATIONS_DESTINATION_LSB +: AddressBits],
                    command_i[registers::LOAD_ACTIVATIONS_DESTINATION_PITCH_LSB +: AddressBits]}),
    .read_valid_o (active),
    .read_ready_i (end_of_command),
    .read_data_o  (descriptor)
  );

  assign {format, rows, destination, destination_pitch} = descriptor;
  assign data_ready_o = active;
  assign word = data_valid_i & data_ready_o;
  assign end_of_command = word & last_i & (row_q == rows);
  assign row_start = begun_q ? row_start_q : destination;
  assign address = in_row_q ? next_q : row_start;
  assign count = (format == 2'(registers::FORMAT_CODE16)) ? count_i >> 1 : count_i;

  operand_unpack #(.BusBytes(BusBytes)) u_unpack (
    .format_i  (format),
    .bytes_i   (data_i),
    .operands_o(operands)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      begun_q  <= 1'b0;
      in_row_q <= 1'b0;
      row_q    <= '0;
      write_o  <= 1'b0;
      done_o   <= 1'b0;
    end else if (clear_i) begin
      begun_q  <= 1'b0;
      in_row_q <= 1'b0;
      row_q    <= '0;
      write_o  <= 1'b0;
      done_o   <= 1'b0;
    end else begin
      write_o <= word;
      done_o  <= end_of_command;
      if (word) begin
        begun_q  <= ~end_of_command;
        in_row_q <= ~last_i;
        row_q    <= end_of_command ? '0 : row_q + 16'(last_i);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (word) begin
      address_o   <= address;
      count_o     <= count;
      operands_o  <= operands;
      next_q      <= address + AddressBits'(count);
      row_start_q <= last_i ? row_start + destination_pitch : row_start;
    end
  end

  assign busy_o = asking_q | active | write_o;

endmodule
