// Writes segments of memory through one AXI4 write port with one ID, from a buffer of operands that
// answers in the next cycle.
//
// 1. Segments are done in order. Lane l of a beat is operand fetch_source_o + l (l / 2 for CODE16):
//    fetch_source_o is chosen so that the segment's first byte is operand segment_source_i,
//    whatever its alignment; lanes outside the segment have no strobe.
// 2. Bursts are INCR, whole words, as burst_splitter cuts them. An address or a beat once offered
//    stays; beats do not wait for the address to be accepted, and are all sent once the address was
//    offered.
// 3. At most Outstanding bursts have no answer yet. With halt_i no burst is begun.
// 4. done_o: all bursts of all segments up to one with segment_last_i are answered. error_o: an
//    answer is not OKAY (error_response_o).
// clear_i, only while busy_o is 0, forgets all segments.
module axi_write_dma #(
  parameter int BusBytes = 16,
  parameter int BurstBeats = 16,  // a power of two, at least 2; BurstBeats * BusBytes at most 4096
  parameter int Outstanding = 8,  // a power of two, at least 2
  parameter int DataDepth = 8,    // beats fetched and not sent; a power of two, at least 2
  parameter int LengthBits = 22,
  parameter int TagBits = 24,
  parameter int SourceBits = 17
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    clear_i,
  input  logic                    halt_i,
  // Segments; bytes at least 1, even for CODE16.
  input  logic                    segment_valid_i,
  output logic                    segment_ready_o,
  input  logic [31:0]             segment_address_i,
  input  logic [LengthBits-1:0]   segment_bytes_i,
  input  logic [SourceBits-1:0]   segment_source_i,
  input  logic [1:0]              segment_format_i,
  input  logic                    segment_last_i,  // of a command
  input  logic [TagBits-1:0]      segment_tag_i,
  // Operands: data_i is the bytes of a beat, the cycle after fetch_o.
  output logic                    fetch_o,
  output logic [SourceBits-1:0]   fetch_source_o,
  output logic [1:0]              fetch_format_o,
  input  logic [8*BusBytes-1:0]   data_i,
  // State.
  output logic                    busy_o,
  output logic                    burst_o,  // an address is offered from the next cycle on
  output logic                    done_o,
  output logic                    error_o,
  output logic [1:0]              error_response_o,
  output logic [TagBits-1:0]      error_tag_o,     // of the segment
  // AXI4.
  output logic                    awvalid_o,
  input  logic                    awready_i,
  output logic [31:0]             awaddr_o,
  output logic [7:0]              awlen_o,
  output logic                    wvalid_o,
  input  logic                    wready_i,
  output logic [8*BusBytes-1:0]   wdata_o,
  output logic [BusBytes-1:0]     wstrb_o,
  output logic                    wlast_o,
  input  logic                    bvalid_i,
  output logic                    bready_o,
  input  logic [1:0]              bresp_i
);

  localparam int OFFSET_BITS = $clog2(BusBytes);
  localparam int BEAT_BITS = $clog2(BurstBeats);
  localparam int OUTSTANDING_BITS = $clog2(Outstanding);
  localparam int TAG_BITS = TagBits + SourceBits + 3;
  localparam int DESCRIPTOR_BITS = SourceBits + 2 + BEAT_BITS + 2 * OFFSET_BITS + 1;

  logic                       burst_valid;
  logic                       burst_ready;
  logic [31:0]                burst_address;
  logic [BEAT_BITS:0]         burst_beats;
  logic [OFFSET_BITS-1:0]     burst_offset;
  logic [OFFSET_BITS-1:0]     burst_end;
  logic                       burst_first;
  logic                       burst_last;
  logic [TAG_BITS-1:0]        burst_tag;
  logic                       burst_command_end;
  logic [1:0]                 burst_format;
  logic [SourceBits-1:0]      burst_source;
  logic [TagBits-1:0]         segment_tag;
  logic [BEAT_BITS-1:0]       burst_length;
  logic                       awvalid_q;
  logic [OUTSTANDING_BITS:0]  outstanding_q;
  logic                       answer;
  logic                       answer_valid;
  logic                       answer_last;
  logic                       answer_ready_unused;
  // The burst whose beats are fetched.
  logic                       descriptor_ready_unused;
  logic                       valid;
  logic [DESCRIPTOR_BITS-1:0] descriptor;
  logic [SourceBits-1:0]      source;
  logic [1:0]                 format;
  logic [BEAT_BITS-1:0]       length;
  logic [OFFSET_BITS-1:0]     offset;
  logic [OFFSET_BITS-1:0]     end_byte;
  logic                       first;
  logic                       wide;
  logic [BEAT_BITS-1:0]       beat_q;
  logic                       final_beat;
  logic                       fetch;
  logic [SourceBits-1:0]      next_q;
  logic [OFFSET_BITS-1:0]     low;        // first and last lane of the beat
  logic [OFFSET_BITS-1:0]     high;
  logic                       fetched_q;
  logic                       last_q;
  logic [BusBytes-1:0]        strobe_q;
  logic [$clog2(DataDepth):0] held_q;    // beats fetched and not sent
  logic                       sent;
  logic                       data_ready_unused;

  burst_splitter #(
    .BusBytes  (BusBytes),
    .BurstBeats(BurstBeats),
    .LengthBits(LengthBits),
    .TagBits   (TAG_BITS)
  ) u_splitter (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .clear_i          (clear_i),
    .segment_valid_i  (segment_valid_i),
    .segment_ready_o  (segment_ready_o),
    .segment_address_i(segment_address_i),
    .segment_bytes_i  (segment_bytes_i),
    .segment_tag_i    ({segment_tag_i, segment_last_i, segment_format_i, segment_source_i}),
    .burst_valid_o    (burst_valid),
    .burst_ready_i    (burst_ready),
    .burst_address_o  (burst_address),
    .burst_beats_o    (burst_beats),
    .burst_offset_o   (burst_offset),
    .burst_end_o      (burst_end),
    .burst_first_o    (burst_first),
    .burst_last_o     (burst_last),
    .burst_tag_o      (burst_tag)
  );

  assign {segment_tag, burst_command_end, burst_format, burst_source} = burst_tag;
  assign burst_length = BEAT_BITS'(burst_beats - 1'b1);
  assign burst_ready = burst_valid & ~halt_i & (~awvalid_q | awready_i) &
                       (outstanding_q != (OUTSTANDING_BITS+1)'(Outstanding));
  assign burst_o = burst_ready;
  assign awvalid_o = awvalid_q;
  assign busy_o = outstanding_q != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      awvalid_q     <= 1'b0;
      outstanding_q <= '0;
    end else if (clear_i) begin
      awvalid_q     <= 1'b0;
      outstanding_q <= '0;
    end else begin
      awvalid_q     <= burst_ready | (awvalid_q & ~awready_i);
      outstanding_q <= outstanding_q + (OUTSTANDING_BITS+1)'(burst_ready) -
                       (OUTSTANDING_BITS+1)'(answer);
    end
  end

  always_ff @(posedge clk_i) begin
    if (burst_ready) begin
      awaddr_o <= burst_address;
      awlen_o  <= 8'(burst_length);
    end
  end

  // Answers.
  fifo #(
    .Bits (TagBits + 1),
    .Depth(Outstanding)
  ) u_answers (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clear_i      (clear_i),
    .write_valid_i(burst_ready),
    .write_ready_o(answer_ready_unused),  // Outstanding words always fit
    .write_data_i ({segment_tag, burst_command_end & burst_last}),
    .read_valid_o (answer_valid),
    .read_ready_i (answer),
    .read_data_o  ({error_tag_o, answer_last})
  );

  assign bready_o = answer_valid;
  assign answer = bvalid_i & answer_valid;
  assign done_o = answer & answer_last;
  assign error_o = answer & (bresp_i != 2'b00);
  assign error_response_o = bresp_i;

  // Beats.
  fifo #(
    .Bits (DESCRIPTOR_BITS),
    .Depth(Outstanding)
  ) u_descriptors (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clear_i      (clear_i),
    .write_valid_i(burst_ready),
    .write_ready_o(descriptor_ready_unused),
    .write_data_i ({burst_source, burst_format, burst_length, burst_offset, burst_end, burst_first}),
    .read_valid_o (valid),
    .read_ready_i (fetch & final_beat),
    .read_data_o  (descriptor)
  );

  assign {source, format, length, offset, end_byte, first} = descriptor;
  assign wide = format == 2'(registers::FORMAT_CODE16);
  assign final_beat = beat_q == length;
  assign fetch = valid & (held_q != ($clog2(DataDepth)+1)'(DataDepth));
  assign fetch_o = fetch;
  assign fetch_format_o = format;
  assign fetch_source_o = (first && beat_q == '0) ?
                          source - (SourceBits'(offset) >> wide) : next_q;
  assign sent = wvalid_o & wready_i;
  assign low = (beat_q == '0) ? offset : '0;
  assign high = final_beat ? end_byte : '1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q    <= '0;
      fetched_q <= 1'b0;
      held_q    <= '0;
    end else if (clear_i) begin
      beat_q    <= '0;
      fetched_q <= 1'b0;
      held_q    <= '0;
    end else begin
      if (fetch) beat_q <= final_beat ? '0 : beat_q + 1'b1;
      fetched_q <= fetch;
      held_q    <= held_q + ($clog2(DataDepth)+1)'(fetch) -
                   ($clog2(DataDepth)+1)'(sent);
    end
  end

  always_ff @(posedge clk_i) begin
    last_q <= final_beat;
    for (int l = 0; l < BusBytes; l = l + 1) begin
      strobe_q[l] <= (l >= 32'(low)) && (l <= 32'(high));
    end
    if (fetch) begin
      next_q <= fetch_source_o + (wide ? SourceBits'(BusBytes / 2) : SourceBits'(BusBytes));
    end
  end

  fifo #(
    .Bits (9 * BusBytes + 1),
    .Depth(DataDepth)
  ) u_data (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clear_i      (clear_i),
    .write_valid_i(fetched_q),
    .write_ready_o(data_ready_unused),  // held_q counts the places
    .write_data_i ({last_q, strobe_q, data_i}),
    .read_valid_o (wvalid_o),
    .read_ready_i (wready_i),
    .read_data_o  ({wlast_o, wstrb_o, wdata_o})
  );

endmodule
