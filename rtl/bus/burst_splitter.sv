// Cuts a segment of memory, any address and length, into bursts of whole bus words.
//
// 1. A burst ends at the latest where its address is a multiple of BurstBeats words. BurstBeats
//    words are a power of two and at most 4 KiB, so no burst crosses a 4 KiB boundary.
// 2. Bursts follow each other without gap or overlap and cover exactly the words that the segment
//    touches. offset_o is the first byte of the segment in the first word of a burst (0 but for the
//    first burst), end_o the byte after the last in its last word, less one.
// 3. A burst is offered in the cycle after its segment was taken, one each cycle if they are taken;
//    the next segment can be taken with the last burst of its predecessor.
// Addresses are modulo 2^32.
module burst_splitter #(
  parameter int BusBytes = 16,
  parameter int BurstBeats = 16,
  parameter int LengthBits = 32,
  parameter int TagBits = 1
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          clear_i,
  // Segments; bytes_i is at least 1.
  input  logic                          segment_valid_i,
  output logic                          segment_ready_o,
  input  logic [31:0]                   segment_address_i,
  input  logic [LengthBits-1:0]         segment_bytes_i,
  input  logic [TagBits-1:0]            segment_tag_i,
  // Bursts; the address is that of the first word.
  output logic                          burst_valid_o,
  input  logic                          burst_ready_i,
  output logic [31:0]                   burst_address_o,
  output logic [$clog2(BurstBeats):0]   burst_beats_o,  // 1..BurstBeats
  output logic [$clog2(BusBytes)-1:0]   burst_offset_o,
  output logic [$clog2(BusBytes)-1:0]   burst_end_o,
  output logic                          burst_first_o,
  output logic                          burst_last_o,
  output logic [TagBits-1:0]            burst_tag_o
);

  localparam int OFFSET_BITS = $clog2(BusBytes);
  localparam int BEAT_BITS = $clog2(BurstBeats);
  localparam int WORD_BITS = 32 - OFFSET_BITS;

  logic                   active_q;
  logic                   first_q;
  logic [WORD_BITS-1:0]   word_q;    // address of the next burst
  logic [LengthBits-1:0]  words_q;   // left after its first
  logic [OFFSET_BITS-1:0] offset_q;
  logic [OFFSET_BITS-1:0] end_q;
  logic [TagBits-1:0]     tag_q;
  logic [BEAT_BITS:0]     room;      // words up to the boundary
  logic [LengthBits:0]    last_byte; // of the segment, counted from its first word

  assign room = (BEAT_BITS+1)'(BurstBeats) - (BEAT_BITS+1)'(word_q[BEAT_BITS-1:0]);
  assign burst_last_o = words_q < LengthBits'(room);
  assign burst_beats_o = burst_last_o ? words_q[BEAT_BITS:0] + 1'b1 : room;
  assign burst_valid_o = active_q;
  assign burst_address_o = {word_q, {OFFSET_BITS{1'b0}}};
  assign burst_offset_o = offset_q;
  assign burst_end_o = burst_last_o ? end_q : '1;
  assign burst_first_o = first_q;
  assign burst_tag_o = tag_q;

  assign segment_ready_o = ~active_q | (burst_ready_i & burst_last_o);
  assign last_byte = {1'b0, segment_bytes_i} +
                     (LengthBits+1)'(segment_address_i[OFFSET_BITS-1:0]) - 1'b1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) active_q <= 1'b0;
    else if (clear_i) active_q <= 1'b0;
    else active_q <= segment_valid_i | ~segment_ready_o;
  end

  always_ff @(posedge clk_i) begin
    if (segment_ready_o) begin
      first_q  <= 1'b1;
      word_q   <= segment_address_i[31:OFFSET_BITS];
      words_q  <= LengthBits'(last_byte >> OFFSET_BITS);
      offset_q <= segment_address_i[OFFSET_BITS-1:0];
      end_q    <= last_byte[OFFSET_BITS-1:0];
      tag_q    <= segment_tag_i;
    end else if (burst_ready_i) begin
      first_q  <= 1'b0;
      word_q   <= word_q + WORD_BITS'(burst_beats_o);
      words_q  <= words_q - LengthBits'(burst_beats_o);
      offset_q <= '0;
    end
  end

endmodule
