// What the linear antilogarithm 1 + f exceeds 2^f by: one entry for each eighth of f, in 128ths,
// rounded to FractionBits bits (halves to even); 0 at f = 0, where it is exact.
module antilog_excess #(
  parameter int FractionBits = 7
) (
  input  logic [FractionBits-1:0] fraction_i,
  output logic [FractionBits-1:0] excess_o
);

  // Entry 0 is the rightmost.
  localparam logic [31:0] EIGHTHS = {4'd3, 4'd7, 4'd10, 4'd11, 4'd11, 4'd9, 4'd6, 4'd2};
  localparam int DROPPED_BITS = 7 - FractionBits;

  logic [2:0] eighth;
  logic [3:0] entry;
  logic [3:0] rounded;

  if (FractionBits >= 3) begin : gen_index
    assign eighth = fraction_i[FractionBits-1 -: 3];
  end else begin : gen_short_index
    assign eighth = 3'(fraction_i) << (3 - FractionBits);
  end

  assign entry = EIGHTHS[eighth*4 +: 4];

  if (DROPPED_BITS == 0) begin : gen_whole
    assign rounded = entry;
  end else begin : gen_rounded
    localparam logic [7:0] HALF = 8'd1 << (DROPPED_BITS - 1);
    logic [7:0] quotient;
    logic [7:0] remainder;
    logic       up;
    assign quotient = 8'(entry) >> DROPPED_BITS;
    assign remainder = 8'(entry) - (quotient << DROPPED_BITS);
    assign up = (remainder > HALF) || (remainder == HALF && quotient[0]);
    assign rounded = 4'(quotient + {7'd0, up});
  end

  assign excess_o = FractionBits'(rounded) & {FractionBits{|fraction_i}};

  // Short fractions have no room for the high bits, which are then zero.
  logic unused_rounded;
  assign unused_rounded = ^rounded;

endmodule
