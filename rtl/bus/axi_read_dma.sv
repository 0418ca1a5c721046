// Reads segments of memory for several clients through one AXI4 read port with one ID.
//
// 1. Each client's segments are done in order. Its bytes come out a bus word at a time: data_o
//    holds count_o bytes, the lowest first, last_o with the end of a segment. Words of the bus that
//    a segment only begins or ends in give fewer bytes; nothing is realigned.
// 2. A burst is begun only if the client's landing FIFO has room for all of it, at most Outstanding
//    are under way, and halt_i is 0: so a client that takes nothing stops nobody else, and the read
//    data channel is never kept waiting once the address was accepted.
// 3. Clients that can begin a burst take turns, one burst each.
// 4. Bursts are INCR, whole words, as burst_splitter cuts them; an address once offered stays.
// 5. error_o: an answer that is not OKAY (error_response_o), or RLAST at the wrong beat (bit 2 of
//    error_response_o). The data go on to the client.
// clear_i, only while busy_o is 0, forgets all segments and data.
module axi_read_dma #(
  parameter int BusBytes = 16,
  parameter int BurstBeats = 16,    // a power of two, at least 2; BurstBeats * BusBytes at most 4096
  parameter int Outstanding = 8,    // a power of two, at least 2
  parameter int LandingBeats = 64,  // a power of two, at least BurstBeats
  parameter int LengthBits = 32,
  parameter int TagBits = 24,
  parameter int Clients = 3
) (
  input  logic                                    clk_i,
  input  logic                                    rst_ni,
  input  logic                                    clear_i,
  input  logic                                    halt_i,
  // Segments of the clients; bytes at least 1.
  input  logic [Clients-1:0]                      segment_valid_i,
  output logic [Clients-1:0]                      segment_ready_o,
  input  logic [32*Clients-1:0]                   segment_address_i,
  input  logic [LengthBits*Clients-1:0]           segment_bytes_i,
  input  logic [TagBits*Clients-1:0]              segment_tag_i,
  // Data to the clients.
  output logic [Clients-1:0]                      data_valid_o,
  input  logic [Clients-1:0]                      data_ready_i,
  output logic [8*BusBytes*Clients-1:0]           data_o,
  output logic [($clog2(BusBytes)+1)*Clients-1:0] count_o,
  output logic [Clients-1:0]                      last_o,
  // State.
  output logic [Clients-1:0]                      requesting_o,  // a burst is not accepted yet
  output logic [Clients-1:0]                      receiving_o,   // data are under way
  output logic                                    busy_o,
  output logic                                    burst_o,       // an address is offered next
  output logic                                    beat_o,        // a beat comes,
  output logic [1:0]                              beat_client_o, // of this client
  output logic [TagBits-1:0]                      beat_tag_o,    // and segment
  output logic                                    error_o,       // and is wrong
  output logic [2:0]                              error_response_o,
  // AXI4.
  output logic                                    arvalid_o,
  input  logic                                    arready_i,
  output logic [31:0]                             araddr_o,
  output logic [7:0]                              arlen_o,
  input  logic                                    rvalid_i,
  output logic                                    rready_o,
  input  logic [8*BusBytes-1:0]                   rdata_i,
  input  logic [1:0]                              rresp_i,
  input  logic                                    rlast_i
);

  localparam int OFFSET_BITS = $clog2(BusBytes);
  localparam int BEAT_BITS = $clog2(BurstBeats);
  localparam int LANDING_BITS = $clog2(LandingBeats);
  localparam int OUTSTANDING_BITS = $clog2(Outstanding);
  localparam int CLIENT_BITS = (Clients > 1) ? $clog2(Clients) : 1;
  localparam int TAG_BITS = TagBits + CLIENT_BITS + BEAT_BITS + 2 * OFFSET_BITS + 1;
  localparam int WORD_BITS = 8 * BusBytes + 2 * OFFSET_BITS + 1;

  // Bursts that the clients want, and those that may begin.
  logic [Clients-1:0]               burst_valid;
  logic [Clients-1:0]               burst_ready;
  logic [32*Clients-1:0]            burst_address;
  logic [(BEAT_BITS+1)*Clients-1:0] burst_beats;
  logic [OFFSET_BITS*Clients-1:0]   burst_offset;
  logic [OFFSET_BITS*Clients-1:0]   burst_end;
  logic [Clients-1:0]               burst_last;
  logic [TagBits*Clients-1:0]       burst_tag;
  logic [Clients-1:0]               fits;
  logic [Clients-1:0]               grant;
  logic [CLIENT_BITS-1:0]           turn_q;     // the client that came last
  logic [CLIENT_BITS-1:0]           client;     // that begins a burst
  logic                             may_begin;
  logic                             begins;
  logic [31:0]                      address;
  logic [BEAT_BITS:0]               beats;
  logic [BEAT_BITS-1:0]             length;
  logic [OFFSET_BITS-1:0]           offset;
  logic [OFFSET_BITS-1:0]           end_byte;
  logic                             last;
  logic [TagBits-1:0]               segment_tag;
  // Bursts under way.
  logic [OUTSTANDING_BITS:0]        outstanding_q;
  logic                             tag_valid;
  logic [TAG_BITS-1:0]              tag;
  logic                             tag_ready_unused;
  logic [CLIENT_BITS-1:0]           tag_client;
  logic [BEAT_BITS-1:0]             tag_length;
  logic [OFFSET_BITS-1:0]           tag_offset;
  logic [OFFSET_BITS-1:0]           tag_end;
  logic                             tag_last;
  logic [BEAT_BITS-1:0]             beat_q;
  logic                             beat;
  logic                             final_beat;
  logic                             arvalid_q;
  logic [CLIENT_BITS-1:0]           arclient_q;
  logic [WORD_BITS-1:0]             word;

  assign may_begin = ~halt_i & (~arvalid_q | arready_i) &
                     (outstanding_q != (OUTSTANDING_BITS+1)'(Outstanding));

  // The first client after the one that came last.
  always_comb begin
    client = turn_q;
    begins = 1'b0;
    for (int i = Clients; i >= 1; i = i - 1) begin
      for (int c = 0; c < Clients; c = c + 1) begin
        if (fits[c] && (32'(turn_q) + i == c || 32'(turn_q) + i == c + Clients)) begin
          client = CLIENT_BITS'(c);
          begins = may_begin;
        end
      end
    end
  end

  always_comb begin
    address = '0;
    beats = '0;
    offset = '0;
    end_byte = '0;
    last = 1'b0;
    segment_tag = '0;
    grant = '0;
    for (int c = 0; c < Clients; c = c + 1) begin
      if (client == CLIENT_BITS'(c)) begin
        address = burst_address[32*c +: 32];
        beats = burst_beats[(BEAT_BITS+1)*c +: BEAT_BITS+1];
        offset = burst_offset[OFFSET_BITS*c +: OFFSET_BITS];
        end_byte = burst_end[OFFSET_BITS*c +: OFFSET_BITS];
        last = burst_last[c];
        segment_tag = burst_tag[TagBits*c +: TagBits];
        grant[c] = begins;
      end
    end
  end
  assign burst_ready = grant;
  assign length = BEAT_BITS'(beats - 1'b1);
  assign burst_o = begins;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      arvalid_q     <= 1'b0;
      outstanding_q <= '0;
      turn_q        <= '0;
    end else if (clear_i) begin
      arvalid_q     <= 1'b0;
      outstanding_q <= '0;
      turn_q        <= '0;
    end else begin
      arvalid_q     <= begins | (arvalid_q & ~arready_i);
      outstanding_q <= outstanding_q + (OUTSTANDING_BITS+1)'(begins) -
                       (OUTSTANDING_BITS+1)'(final_beat);
      if (begins) turn_q <= client;
    end
  end

  always_ff @(posedge clk_i) begin
    if (begins) begin
      araddr_o   <= address;
      arlen_o    <= 8'(length);
      arclient_q <= client;
    end
  end
  assign arvalid_o = arvalid_q;
  assign busy_o = outstanding_q != '0;

  fifo #(
    .Bits (TAG_BITS),
    .Depth(Outstanding)
  ) u_tags (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clear_i      (clear_i),
    .write_valid_i(begins),
    .write_ready_o(tag_ready_unused),  // Outstanding words always fit
    .write_data_i ({segment_tag, client, length, offset, end_byte, last}),
    .read_valid_o (tag_valid),
    .read_ready_i (final_beat),
    .read_data_o  (tag)
  );

  assign {beat_tag_o, tag_client, tag_length, tag_offset, tag_end, tag_last} = tag;
  assign rready_o = tag_valid;
  assign beat = rvalid_i & rready_o;
  assign final_beat = beat & (beat_q == tag_length);
  assign word = {tag_last & (beat_q == tag_length), (beat_q == '0) ? tag_offset : OFFSET_BITS'(0),
                 (beat_q == tag_length) ? tag_end : {OFFSET_BITS{1'b1}}, rdata_i};

  assign error_o = beat & ((rresp_i != 2'b00) | (rlast_i != (beat_q == tag_length)));
  assign beat_client_o = 2'(tag_client);
  assign beat_o = beat;
  assign error_response_o = {rlast_i != (beat_q == tag_length), rresp_i};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) beat_q <= '0;
    else if (clear_i | final_beat) beat_q <= '0;
    else if (beat) beat_q <= beat_q + 1'b1;
  end

  for (genvar c = 0; c < Clients; c = c + 1) begin : gen_clients
    logic [LANDING_BITS:0]     reserved_q;  // words of bursts begun that the client has not taken
    logic [LANDING_BITS+1:0]   wanted;      // with the burst that may begin
    logic [OUTSTANDING_BITS:0] bursts_q;    // its bursts under way
    logic [WORD_BITS-1:0]      landed;
    logic [OFFSET_BITS-1:0]    first_byte;
    logic [OFFSET_BITS-1:0]    last_byte;
    logic                      taken;
    logic                      arrives;
    logic                      ends;
    logic                      landing_ready_unused;
    logic                      first_unused;

    burst_splitter #(
      .BusBytes  (BusBytes),
      .BurstBeats(BurstBeats),
      .LengthBits(LengthBits),
      .TagBits   (TagBits)
    ) u_splitter (
      .clk_i            (clk_i),
      .rst_ni           (rst_ni),
      .clear_i          (clear_i),
      .segment_valid_i  (segment_valid_i[c]),
      .segment_ready_o  (segment_ready_o[c]),
      .segment_address_i(segment_address_i[32*c +: 32]),
      .segment_bytes_i  (segment_bytes_i[LengthBits*c +: LengthBits]),
      .segment_tag_i    (segment_tag_i[TagBits*c +: TagBits]),
      .burst_valid_o    (burst_valid[c]),
      .burst_ready_i    (burst_ready[c]),
      .burst_address_o  (burst_address[32*c +: 32]),
      .burst_beats_o    (burst_beats[(BEAT_BITS+1)*c +: BEAT_BITS+1]),
      .burst_offset_o   (burst_offset[OFFSET_BITS*c +: OFFSET_BITS]),
      .burst_end_o      (burst_end[OFFSET_BITS*c +: OFFSET_BITS]),
      .burst_first_o    (first_unused),
      .burst_last_o     (burst_last[c]),
      .burst_tag_o      (burst_tag[TagBits*c +: TagBits])
    );

    // A bit more than reserved_q: a full FIFO and a burst as long as the FIFO are twice its depth.
    assign wanted = (LANDING_BITS+2)'(reserved_q) +
                    (LANDING_BITS+2)'(burst_beats[(BEAT_BITS+1)*c +: BEAT_BITS+1]);
    assign fits[c] = burst_valid[c] & (wanted <= (LANDING_BITS+2)'(LandingBeats));
    assign arrives = beat & (tag_client == CLIENT_BITS'(c));
    assign ends = arrives & final_beat;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        reserved_q <= '0;
        bursts_q   <= '0;
      end else if (clear_i) begin
        reserved_q <= '0;
        bursts_q   <= '0;
      end else begin
        reserved_q <= reserved_q + ((LANDING_BITS+1)'(beats) & {(LANDING_BITS+1){grant[c]}}) -
                      (LANDING_BITS+1)'(taken);
        bursts_q   <= bursts_q + (OUTSTANDING_BITS+1)'(grant[c]) -
                      (OUTSTANDING_BITS+1)'(ends);
      end
    end

    fifo #(
      .Bits (WORD_BITS),
      .Depth(LandingBeats)
    ) u_landing (
      .clk_i        (clk_i),
      .rst_ni       (rst_ni),
      .clear_i      (clear_i),
      .write_valid_i(arrives),
      .write_ready_o(landing_ready_unused),  // there is room: it was reserved
      .write_data_i (word),
      .read_valid_o (data_valid_o[c]),
      .read_ready_i (data_ready_i[c]),
      .read_data_o  (landed)
    );

    assign taken = data_valid_o[c] & data_ready_i[c];
    assign first_byte = landed[8*BusBytes+OFFSET_BITS +: OFFSET_BITS];
    assign last_byte = landed[8*BusBytes +: OFFSET_BITS];
    assign last_o[c] = landed[WORD_BITS-1];
    assign count_o[(OFFSET_BITS+1)*c +: OFFSET_BITS+1] =
      (OFFSET_BITS+1)'(last_byte) - (OFFSET_BITS+1)'(first_byte) + 1'b1;
    assign data_o[8*BusBytes*c +: 8*BusBytes] = landed[8*BusBytes-1:0] >> {first_byte, 3'b000};

    assign requesting_o[c] = burst_valid[c] | (arvalid_q & (arclient_q == CLIENT_BITS'(c)));
    assign receiving_o[c] = bursts_q != '0;
  end

endmodule
