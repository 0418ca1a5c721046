// Properties of axi_write_dma: an offered address stays, no burst crosses 4 KiB or is longer than allowed, at
// most Outstanding bursts have no answer. Of the beats (parameter Beats): they come in the order and number of
// the addresses offered, WLAST with the last of each and no other, with strobes for the bytes from the first
// to the last of the burst; an offered beat stays.
module axi_write_dma_fv #(
  parameter int Beats = 0
) (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        halt_i,
  input logic        segment_valid_i,
  input logic [31:0] segment_address_i,
  input logic [3:0]  segment_bytes_i,
  input logic [4:0]  segment_source_i,
  input logic        segment_last_i,
  input logic [31:0] data_i,
  input logic        awready_i,
  input logic        wready_i,
  input logic        bvalid_i,
  input logic [1:0]  bresp_i
);

  localparam int BYTES = 4;
  localparam int BEATS = 2;
  localparam int OUTSTANDING = 2;

  logic        segment_ready;
  logic        fetch;
  logic [4:0]  fetch_source;
  logic [1:0]  fetch_format;
  logic        busy;
  logic        burst;
  logic        done;
  logic        error;
  logic [1:0]  response;
  logic        tag;
  logic        awvalid;
  logic [31:0] awaddr;
  logic [7:0]  awlen;
  logic        wvalid;
  logic [31:0] wdata;
  logic [3:0]  wstrb;
  logic        wlast;
  logic        bready;

  axi_write_dma #(
    .BusBytes   (BYTES),
    .BurstBeats (BEATS),
    .Outstanding(OUTSTANDING),
    .DataDepth  (2),
    .LengthBits (4),
    .TagBits    (1),
    .SourceBits (5)
  ) u_dma (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .clear_i          (1'b0),
    .halt_i           (halt_i),
    .segment_valid_i  (segment_valid_i),
    .segment_ready_o  (segment_ready),
    .segment_address_i(segment_address_i),
    .segment_bytes_i  (segment_bytes_i),
    .segment_source_i (segment_source_i),
    .segment_format_i (2'(registers::FORMAT_INT8)),
    .segment_last_i   (segment_last_i),
    .segment_tag_i    (1'b0),
    .fetch_o          (fetch),
    .fetch_source_o   (fetch_source),
    .fetch_format_o   (fetch_format),
    .data_i           (data_i),
    .busy_o           (busy),
    .burst_o          (burst),
    .done_o           (done),
    .error_o          (error),
    .error_response_o (response),
    .error_tag_o      (tag),
    .awvalid_o        (awvalid),
    .awready_i        (awready_i),
    .awaddr_o         (awaddr),
    .awlen_o          (awlen),
    .wvalid_o         (wvalid),
    .wready_i         (wready_i),
    .wdata_o          (wdata),
    .wstrb_o          (wstrb),
    .wlast_o          (wlast),
    .bvalid_i         (bvalid_i),
    .bready_o         (bready),
    .bresp_i          (bresp_i)
  );

  (* hierconn *) wire [1:0] \u_dma.outstanding_q ;
  (* hierconn *) wire [1:0] \u_dma.u_answers.write_q ;
  (* hierconn *) wire [1:0] \u_dma.u_answers.read_q ;
  (* hierconn *) wire       \u_dma.u_answers.valid_q ;
  (* hierconn *) wire       \u_dma.burst_length ;
  (* hierconn *) wire [1:0] \u_dma.burst_offset ;
  (* hierconn *) wire [1:0] \u_dma.burst_end ;

  logic        begun_q = 1'b0;
  logic [2:0]  open_q;         // addresses accepted and not answered
  logic        waits_q;
  logic [39:0] waiting_q;
  logic        w_waits_q;
  logic [36:0] w_waiting_q;
  logic [31:0] final_word;
  logic [1:0]  in_answers;

  assign final_word = awaddr + 32'(awlen) * BYTES;
  assign in_answers = \u_dma.u_answers.write_q - \u_dma.u_answers.read_q ;

  always_ff @(posedge clk_i) begin
    begun_q     <= 1'b1;
    waits_q     <= rst_ni & awvalid & ~awready_i;
    waiting_q   <= {awaddr, awlen};
    w_waits_q   <= rst_ni & wvalid & ~wready_i;
    w_waiting_q <= {wlast, wstrb, wdata};
    if (!rst_ni) open_q <= '0;
    else open_q <= open_q + (awvalid & awready_i) - (bvalid_i & bready);
  end

  always_comb begin
    assume (rst_ni == begun_q);
    assume (segment_bytes_i != 0);
    if (open_q == 0) assume (!bvalid_i);
    if (begun_q) begin
      if (waits_q) assert (awvalid && {awaddr, awlen} == waiting_q);
      if (awvalid) begin
        assert (awlen < BEATS);
        assert (awaddr % BYTES == 0);
        assert (awaddr[31:12] == final_word[31:12]);
      end
      assert (3'(\u_dma.outstanding_q ) == open_q + 3'(awvalid));
      assert (open_q + 3'(awvalid) <= OUTSTANDING);
      assert (busy == (open_q != 0 || awvalid));
      if (bvalid_i && bready && bresp_i != 0) assert (error);
      if (burst) assert (!halt_i);
      // For the induction.
      assert (3'(in_answers) + 3'(\u_dma.u_answers.valid_q ) == 3'(\u_dma.outstanding_q ));
      if (awvalid && awlen == 1) assert (awaddr % (BYTES * BEATS) == 0);
    end
  end

  if (Beats != 0) begin : gen_beats
    // Bursts offered whose beats are not all sent, {last lane, first lane, two beats} each: two at most, then a
    // third address could be offered only after an answer, which needs all beats. What the splitter says of a
    // burst is proved with burst_splitter.
    logic [4:0] oldest_q;
    logic [4:0] second_q;
    logic [1:0] bursts_q;     // how many
    logic       beat_q;       // of the oldest, the next one to be sent
    logic       sent;         // the last beat of the oldest
    logic [3:0] expected;     // strobes
    logic       final_beat;
    logic [4:0] begun;        // that begins
    logic [1:0] left;

    assign begun = {\u_dma.burst_end , \u_dma.burst_offset , \u_dma.burst_length };
    assign sent = wvalid & wready_i & wlast;
    assign left = bursts_q - 2'(sent);
    assign final_beat = beat_q == oldest_q[0];
    assign expected = (4'b1111 << (beat_q ? 2'd0 : oldest_q[2:1])) &
                      (4'b1111 >> (final_beat ? 2'd3 - oldest_q[4:3] : 2'd0));

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        bursts_q <= '0;
        beat_q   <= 1'b0;
      end else begin
        bursts_q <= left + 2'(burst);
        if (wvalid && wready_i) beat_q <= ~wlast;
      end
      if (sent) oldest_q <= second_q;
      if (burst && left == 0) oldest_q <= begun;
      if (burst && left == 1) second_q <= begun;
    end

    always_comb begin
      // A slave answers a burst after its last beat.
      if (open_q + 3'(awvalid) <= 3'(bursts_q)) assume (!bvalid_i);
      if (begun_q) begin
        assert (bursts_q <= OUTSTANDING);
        if (wvalid) begin
          assert (bursts_q != 0);
          assert (wlast == final_beat);
          assert (wstrb == expected);
        end
        if (w_waits_q) assert (wvalid && {wlast, wstrb, wdata} == w_waiting_q);
      end
    end
  end

endmodule
