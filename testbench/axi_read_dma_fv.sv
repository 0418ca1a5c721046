// Properties of axi_read_dma with two clients: an offered address stays, no burst crosses 4 KiB or is longer
// than allowed, at most Outstanding bursts are under way, an error is reported for every answer that is not OKAY.
// Of the words (parameter Words): no beat finds its client's landing FIFO full, and each client gets the words
// of its bursts in order, each with the bytes from the first to the last of the burst, the end of a segment
// marked and nothing else.
module axi_read_dma_fv #(
  parameter int Words = 0
) (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        halt_i,
  input logic [1:0]  segment_valid_i,
  input logic [63:0] segment_address_i,
  input logic [7:0]  segment_bytes_i,
  input logic [1:0]  data_ready_i,
  input logic        arready_i,
  input logic        rvalid_i,
  input logic [31:0] rdata_i,
  input logic [1:0]  rresp_i,
  input logic        rlast_i
);

  localparam int BYTES = 4;
  localparam int BEATS = 2;
  localparam int OUTSTANDING = 2;

  logic [1:0]  segment_ready;
  logic [1:0]  data_valid;
  logic [63:0] data;
  logic [5:0]  count;
  logic [1:0]  last;
  logic [1:0]  requesting;
  logic [1:0]  receiving;
  logic        busy;
  logic        burst;
  logic        beat;
  logic [1:0]  beat_client;
  logic        beat_tag;
  logic        error;
  logic [2:0]  response;
  logic        arvalid;
  logic [31:0] araddr;
  logic [7:0]  arlen;
  logic        rready;

  axi_read_dma #(
    .BusBytes    (BYTES),
    .BurstBeats  (BEATS),
    .Outstanding (OUTSTANDING),
    .LandingBeats(2),
    .LengthBits  (4),
    .TagBits     (1),
    .Clients     (2)
  ) u_dma (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .clear_i          (1'b0),
    .halt_i           (halt_i),
    .segment_valid_i  (segment_valid_i),
    .segment_ready_o  (segment_ready),
    .segment_address_i(segment_address_i),
    .segment_bytes_i  (segment_bytes_i),
    .segment_tag_i    (2'b00),
    .data_valid_o     (data_valid),
    .data_ready_i     (data_ready_i),
    .data_o           (data),
    .count_o          (count),
    .last_o           (last),
    .requesting_o     (requesting),
    .receiving_o      (receiving),
    .busy_o           (busy),
    .burst_o          (burst),
    .beat_o           (beat),
    .beat_client_o    (beat_client),
    .beat_tag_o       (beat_tag),
    .error_o          (error),
    .error_response_o (response),
    .arvalid_o        (arvalid),
    .arready_i        (arready_i),
    .araddr_o         (araddr),
    .arlen_o          (arlen),
    .rvalid_i         (rvalid_i),
    .rready_o         (rready),
    .rdata_i          (rdata_i),
    .rresp_i          (rresp_i),
    .rlast_i          (rlast_i)
  );

  (* hierconn *) wire [1:0] \u_dma.outstanding_q ;
  (* hierconn *) wire       \u_dma.final_beat ;
  (* hierconn *) wire [1:0] \u_dma.u_tags.write_q ;
  (* hierconn *) wire [1:0] \u_dma.u_tags.read_q ;
  (* hierconn *) wire       \u_dma.u_tags.valid_q ;
  (* hierconn *) wire       \u_dma.gen_clients[0].landing_ready_unused ;
  (* hierconn *) wire       \u_dma.gen_clients[1].landing_ready_unused ;

  (* hierconn *) wire [1:0] \u_dma.gen_clients[0].reserved_q ;
  (* hierconn *) wire [1:0] \u_dma.gen_clients[1].reserved_q ;
  (* hierconn *) wire [1:0] \u_dma.gen_clients[0].u_landing.write_q ;
  (* hierconn *) wire [1:0] \u_dma.gen_clients[1].u_landing.write_q ;
  (* hierconn *) wire [1:0] \u_dma.gen_clients[0].u_landing.read_q ;
  (* hierconn *) wire [1:0] \u_dma.gen_clients[1].u_landing.read_q ;
  (* hierconn *) wire [1:0] \u_dma.grant ;
  (* hierconn *) wire       \u_dma.length ;
  (* hierconn *) wire [1:0] \u_dma.offset ;
  (* hierconn *) wire [1:0] \u_dma.end_byte ;
  (* hierconn *) wire       \u_dma.last ;

  logic [1:0]  granted;        // a burst of the client begins,
  logic [5:0]  begun;          // this one
  logic [1:0]  landing_ready;
  assign granted = \u_dma.grant ;
  assign begun = {\u_dma.last , \u_dma.end_byte , \u_dma.offset , \u_dma.length };
  assign landing_ready = {\u_dma.gen_clients[1].landing_ready_unused ,
                          \u_dma.gen_clients[0].landing_ready_unused };

  // Words that have room reserved, and those that are there but at the output.
  logic [3:0]  reserved;
  logic [3:0]  landed;
  assign reserved = {\u_dma.gen_clients[1].reserved_q , \u_dma.gen_clients[0].reserved_q };
  assign landed = {\u_dma.gen_clients[1].u_landing.write_q - \u_dma.gen_clients[1].u_landing.read_q ,
                   \u_dma.gen_clients[0].u_landing.write_q - \u_dma.gen_clients[0].u_landing.read_q };

  logic        begun_q = 1'b0;
  logic [2:0]  open_q;         // addresses accepted and not answered to the end
  logic        waits_q;
  logic [39:0] waiting_q;
  logic [31:0] final_word;
  logic [1:0]  in_tags;

  assign final_word = araddr + 32'(arlen) * BYTES;
  assign in_tags = \u_dma.u_tags.write_q - \u_dma.u_tags.read_q ;

  always_ff @(posedge clk_i) begin
    begun_q   <= 1'b1;
    waits_q   <= rst_ni & arvalid & ~arready_i;
    waiting_q <= {araddr, arlen};
    if (!rst_ni) open_q <= '0;
    else open_q <= open_q + (arvalid & arready_i) - \u_dma.final_beat ;
  end

  always_comb begin
    assume (rst_ni == begun_q);
    assume (segment_bytes_i[3:0] != 0 && segment_bytes_i[7:4] != 0);
    if (open_q == 0) assume (!rvalid_i);
    if (begun_q) begin
      if (waits_q) assert (arvalid && {araddr, arlen} == waiting_q);
      if (arvalid) begin
        assert (arlen < BEATS);
        assert (araddr % BYTES == 0);
        assert (araddr[31:12] == final_word[31:12]);
      end
      assert (3'(\u_dma.outstanding_q ) == open_q + 3'(arvalid));
      assert (open_q + 3'(arvalid) <= OUTSTANDING);
      assert (busy == (open_q != 0 || arvalid));
      if (rvalid_i && rready && rresp_i != 0) assert (error);
      if (burst) assert (!halt_i);
      // For the induction: a tag for each burst, an aligned address so that two words lie in a page.
      assert (3'(in_tags) + 3'(\u_dma.u_tags.valid_q ) == 3'(\u_dma.outstanding_q ));
      if (arvalid && arlen == 1) assert (araddr % (BYTES * BEATS) == 0);
    end
  end

  if (Words != 0) begin : gen_words
    for (genvar c = 0; c < 2; c = c + 1) begin : gen_clients
      // Bursts begun of which the client has not taken all words, {last of the segment, last byte, first byte, two
      // words} each: two at most, since there is room for two words. What the splitter says of a burst is
      // proved with burst_splitter.
      logic [5:0] oldest_q;
      logic [5:0] second_q;
      logic [1:0] bursts_q;     // how many
      logic       word_q;       // of the oldest, the next one to be taken
      logic       final_word;
      logic       begins;
      logic       taken;
      logic       ends;
      logic [1:0] left;
      logic [1:0] first_byte;
      logic [1:0] last_byte;

      // Words of these bursts.
      logic [2:0] words;
      assign words = (bursts_q == 0) ? 3'd0 : 3'(oldest_q[0]) + 3'd1 - 3'(word_q) +
                     ((bursts_q == 2) ? 3'(second_q[0]) + 3'd1 : 3'd0);

      assign begins = granted[c];
      assign final_word = word_q == oldest_q[0];
      assign taken = data_valid[c] & data_ready_i[c];
      assign ends = taken & final_word;
      assign left = bursts_q - 2'(ends);
      assign first_byte = word_q ? 2'd0 : oldest_q[2:1];
      assign last_byte = final_word ? oldest_q[4:3] : 2'd3;

      always_ff @(posedge clk_i) begin
        if (!rst_ni) begin
          bursts_q <= '0;
          word_q   <= 1'b0;
        end else begin
          bursts_q <= left + 2'(begins);
          if (taken) word_q <= ~final_word;
        end
        if (ends) oldest_q <= second_q;
        if (begins && left == 0) oldest_q <= begun;
        if (begins && left == 1) second_q <= begun;
      end

      always_comb begin
        if (begun_q) begin
          assert (bursts_q <= 2);
          assert (3'(reserved[2*c +: 2]) == words);
          assert (words <= 2);
          assert (3'(landed[2*c +: 2]) + 3'(data_valid[c]) <= words);
          if (beat && beat_client == c) assert (landing_ready[c]);  // there is room for it
          if (data_valid[c]) begin
            assert (bursts_q != 0);
            assert (3'(count[3*c +: 3]) == 3'(last_byte) - 3'(first_byte) + 3'd1);
            assert (last[c] == (final_word & oldest_q[5]));
          end
        end
      end
    end
  end

endmodule
