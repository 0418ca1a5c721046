// Properties of burst_splitter: no burst crosses 4 KiB or is longer than allowed; bursts join
// without gap or overlap; the last one, and none before, ends with the segment; the bytes add up.
module burst_splitter_fv #(
  parameter int BusBytes = 4,
  parameter int BurstBeats = 4,
  parameter int LengthBits = 13
) (
  input logic                  clk_i,
  input logic                  rst_ni,
  input logic                  clear_i,
  input logic                  segment_valid_i,
  input logic [31:0]           segment_address_i,
  input logic [LengthBits-1:0] segment_bytes_i,
  input logic                  burst_ready_i
);

  localparam int OFFSET_BITS = $clog2(BusBytes);

  logic                        segment_ready;
  logic                        valid;
  logic [31:0]                 address;
  logic [$clog2(BurstBeats):0] beats;
  logic [OFFSET_BITS-1:0]      offset;
  logic [OFFSET_BITS-1:0]      end_byte;
  logic                        first;
  logic                        last;
  logic                        tag;

  burst_splitter #(
    .BusBytes  (BusBytes),
    .BurstBeats(BurstBeats),
    .LengthBits(LengthBits),
    .TagBits   (1)
  ) u_splitter (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .clear_i          (clear_i),
    .segment_valid_i  (segment_valid_i),
    .segment_ready_o  (segment_ready),
    .segment_address_i(segment_address_i),
    .segment_bytes_i  (segment_bytes_i),
    .segment_tag_i    (1'b0),
    .burst_valid_o    (valid),
    .burst_ready_i    (burst_ready_i),
    .burst_address_o  (address),
    .burst_beats_o    (beats),
    .burst_offset_o   (offset),
    .burst_end_o      (end_byte),
    .burst_first_o    (first),
    .burst_last_o     (last),
    .burst_tag_o      (tag)
  );

  (* hierconn *) wire [LengthBits-1:0]  \u_splitter.words_q ;
  (* hierconn *) wire [OFFSET_BITS-1:0] \u_splitter.end_q ;

  logic                begun_q = 1'b0;
  logic                active_q;
  logic                first_q;
  logic [31:0]         next_q;    // byte that the next burst must begin with
  logic [LengthBits:0] left_q;    // bytes of the segment from there on
  logic [LengthBits:0] covered;   // bytes of this burst
  logic [31:0]         final_word;

  assign covered = (LengthBits+1)'(beats) * BusBytes - offset - (BusBytes - 1 - end_byte);
  assign final_word = address + (32'(beats) - 1) * BusBytes;

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    if (!rst_ni || clear_i) active_q <= 1'b0;
    else if (segment_valid_i && segment_ready) begin
      active_q <= 1'b1;
      first_q  <= 1'b1;
      next_q   <= segment_address_i;
      left_q   <= segment_bytes_i;
    end else if (valid && burst_ready_i) begin
      active_q <= !last;
      first_q  <= 1'b0;
      next_q   <= next_q + covered;
      left_q   <= left_q - covered;
    end
  end

  always_comb begin
    assume (rst_ni == begun_q);
    assume (segment_bytes_i != 0);
    if (begun_q) begin
      assert (valid == active_q);
      assert (segment_ready == (!active_q || (burst_ready_i && last)));
      if (valid) begin
        assert (beats >= 1 && beats <= BurstBeats);
        assert (address[31:12] == final_word[31:12]);
        assert (address % BusBytes == 0);
        assert (address + offset == next_q);
        assert (first == first_q);
        assert (first || offset == 0);
        assert (last == (left_q == covered));
        assert (left_q >= covered);
        assert (left_q != 0);
        // For the induction: what is left, in words.
        assert ((LengthBits+2)'(\u_splitter.words_q ) * BusBytes + \u_splitter.end_q + 1 ==
                (LengthBits+2)'(left_q) + offset);
      end
    end
  end

endmodule
