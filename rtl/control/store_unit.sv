// Does STORE: hands the rows of a command to the write DMA, one a cycle if it takes them. A command
// is taken while none is being handed over; the write DMA says when its last answer came. An odd
// address or pitch of CODE16 is refused: fault_o with the index of the word, the command is not
// done.
module store_unit #(
  parameter int AddressBits = 17  // of the output buffer
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   clear_i,
  // Commands.
  input  logic                   command_valid_i,
  output logic                   command_ready_o,
  input  logic [511:0]           command_i,
  input  logic [23:0]            index_i,
  // To the write DMA.
  output logic                   segment_valid_o,
  input  logic                   segment_ready_i,
  output logic [31:0]            segment_address_o,
  output logic [20:0]            segment_bytes_o,
  output logic [AddressBits-1:0] segment_source_o,
  output logic [1:0]             segment_format_o,
  output logic                   segment_last_o,
  output logic [23:0]            segment_tag_o,  // index of the command
  // State.
  output logic                   busy_o,
  output logic                   fault_o,
  output logic [3:0]             fault_word_o
);

  localparam int FORMAT_LSB = registers::STORE_FORMAT_LSB;

  logic                   take;
  logic                   wide;
  logic                   odd_address;
  logic                   odd_pitch;
  logic                   active_q;
  logic [31:0]            address_q;
  logic [31:0]            pitch_q;
  logic [20:0]            bytes_q;
  logic [15:0]            rows_q;  // left after this one
  logic [AddressBits-1:0] source_q;
  logic [AddressBits-1:0] source_pitch_q;
  logic [1:0]             format_q;
  logic [23:0]            index_q;

  assign wide = command_i[FORMAT_LSB +: 2] == 2'(registers::FORMAT_CODE16);
  assign odd_address = wide & command_i[registers::STORE_ADDRESS_LSB];
  assign odd_pitch = wide & command_i[registers::STORE_PITCH_LSB];
  assign fault_o = command_valid_i & (odd_address | odd_pitch);
  assign fault_word_o = odd_address ? 4'(registers::STORE_ADDRESS_LSB / 32) :
                                      4'(registers::STORE_PITCH_LSB / 32);
  assign command_ready_o = ~active_q & ~fault_o;
  assign take = command_valid_i & command_ready_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) active_q <= 1'b0;
    else if (clear_i) active_q <= 1'b0;
    else active_q <= take | (active_q & ~(segment_ready_i & segment_last_o));
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      address_q      <= command_i[registers::STORE_ADDRESS_LSB +: 32];
      pitch_q        <= command_i[registers::STORE_PITCH_LSB +: 32];
      bytes_q        <= {1'b0, command_i[registers::STORE_ELEMENTS_LSB +: 20]} << wide;
      rows_q         <= command_i[registers::STORE_ROWS_LSB +: 16] - 1'b1;
      source_q       <= command_i[registers::STORE_SOURCE_LSB +: AddressBits];
      source_pitch_q <= command_i[registers::STORE_SOURCE_PITCH_LSB +: AddressBits];
      format_q       <= command_i[FORMAT_LSB +: 2];
      index_q        <= index_i;
    end else if (segment_ready_i) begin
      address_q <= address_q + pitch_q;
      rows_q    <= rows_q - 1'b1;
      source_q  <= source_q + source_pitch_q;
    end
  end

  assign segment_valid_o = active_q;
  assign segment_address_o = address_q;
  assign segment_bytes_o = bytes_q;
  assign segment_source_o = source_q;
  assign segment_format_o = format_q;
  assign segment_last_o = rows_q == '0;
  assign segment_tag_o = index_q;
  assign busy_o = active_q;

endmodule
