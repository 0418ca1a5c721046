// CRC-32 of IEEE 802.3 (reflected, polynomial 0xEDB88320, first value and final inversion all
// ones), Bits of data at a time, bit 0 first: bytes little-endian, as zlib's crc32() takes them.
module crc32 #(
  parameter int Bits = 16
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            start_i,  // forget what came before
  input  logic            valid_i,
  input  logic [Bits-1:0] data_i,
  output logic [31:0]     crc_o     // of all data since start_i
);

  localparam logic [31:0] POLYNOMIAL = 32'hedb88320;

  logic [31:0] remainder_q;
  logic [31:0] remainder_d;

  always_comb begin
    remainder_d = remainder_q;
    for (int i = 0; i < Bits; i = i + 1) begin
      remainder_d = (remainder_d >> 1) ^
                    (POLYNOMIAL & {32{|(remainder_d & 32'd1) ^ data_i[i]}});
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) remainder_q <= '1;
    else if (start_i) remainder_q <= '1;
    else if (valid_i) remainder_q <= remainder_d;
  end

  assign crc_o = ~remainder_q;

endmodule
