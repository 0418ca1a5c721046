// Fetches the commands of a run as one segment of memory and hands them on, 512 bits each. Words of
// the bus are taken one a cycle; a command is offered in the cycle after its last word came, and
// the next one's words are taken from the cycle on in which it is taken.
module command_fetch #(
  parameter int BusBytes = 16
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        clear_i,
  // From the registers: a run of count_i commands, at least one, at base_i * 64.
  input  logic                        start_i,
  input  logic [25:0]                 base_i,
  input  logic [23:0]                 count_i,
  // To the read DMA.
  output logic                        segment_valid_o,
  input  logic                        segment_ready_i,
  output logic [31:0]                 segment_address_o,
  output logic [31:0]                 segment_bytes_o,
  input  logic                        data_valid_i,
  output logic                        data_ready_o,
  input  logic [8*BusBytes-1:0]       data_i,
  // To the dispatcher.
  output logic                        command_valid_o,
  input  logic                        command_ready_i,
  output logic [511:0]                command_o
);

  localparam int WORDS = 64 / BusBytes;
  localparam int WORD_BITS = $clog2(WORDS);

  logic                 request_q;
  logic                 full_q;
  logic [WORD_BITS-1:0] word_q;
  logic [511:0]         command_q;
  logic                 take;

  assign segment_valid_o = request_q;
  assign segment_address_o = {base_i, 6'b0};
  assign segment_bytes_o = {2'b0, count_i, 6'b0};
  assign data_ready_o = ~full_q | command_ready_i;
  assign take = data_valid_i & data_ready_o;
  assign command_valid_o = full_q;
  assign command_o = command_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      request_q <= 1'b0;
      full_q    <= 1'b0;
      word_q    <= '0;
    end else if (clear_i) begin
      request_q <= 1'b0;
      full_q    <= 1'b0;
      word_q    <= '0;
    end else begin
      request_q <= start_i | (request_q & ~segment_ready_i);
      full_q    <= (take & (word_q == WORD_BITS'(WORDS - 1))) | (full_q & ~command_ready_i);
      word_q    <= word_q + WORD_BITS'(take);
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) command_q <= {data_i, command_q[511:8*BusBytes]};
  end

endmodule
