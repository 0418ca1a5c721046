// Properties of axi_read_dma with two clients. By induction: an offered address stays, no burst
// crosses 4 KiB or is longer than allowed, at most Outstanding bursts are under way, an error is
// reported for every answer that is not OKAY. Bounded (parameter Bounded): a client's landing FIFO
// never overflows, and each client gets as many bytes as it asked for, before anything of its next
// segment.
module axi_read_dma_fv #(
  parameter int Bounded = 0
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

  if (Bounded != 0) begin : gen_bounded
    for (genvar c = 0; c < 2; c = c + 1) begin : gen_clients
      logic [5:0] asked_q;    // bytes of segments taken, and bytes given
      logic [5:0] given_q;
      logic       arrives;
      logic       room;
      assign arrives = beat && beat_client == c;

      always_ff @(posedge clk_i) begin
        if (!rst_ni) begin
          asked_q <= '0;
          given_q <= '0;
        end else begin
          if (segment_valid_i[c] && segment_ready[c]) begin
            asked_q <= asked_q + segment_bytes_i[4*c +: 4];
          end
          if (data_valid[c] && data_ready_i[c]) given_q <= given_q + count[3*c +: 3];
        end
      end

      // One segment at a time, so that what is given belongs to what was asked.
      logic open_segment_q;
      always_ff @(posedge clk_i) begin
        if (!rst_ni) open_segment_q <= 1'b0;
        else if (segment_valid_i[c] && segment_ready[c]) open_segment_q <= 1'b1;
        else if (data_valid[c] && data_ready_i[c] && last[c]) open_segment_q <= 1'b0;
      end

      always_comb begin
        if (open_segment_q) assume (!segment_valid_i[c]);
        if (begun_q) begin
          if (data_valid[c]) begin
            assert (open_segment_q);
            assert (last[c] == (given_q + count[3*c +: 3] == asked_q));
          end
        end
      end
    end

    always_comb begin
      if (begun_q && beat && beat_client == 0) begin
        assert (\u_dma.gen_clients[0].landing_ready_unused );
      end
      if (begun_q && beat && beat_client == 1) begin
        assert (\u_dma.gen_clients[1].landing_ready_unused );
      end
    end
  end

endmodule
