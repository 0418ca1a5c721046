// Logarithm of an unsigned operand as Mitchell approximates it (IRE Trans. EC-11, 1962).
//
// logarithm_o = {characteristic, fraction}: the position of the leading one, and the bits below it,
// left-aligned and cut to FractionBits (at most Width - 1). As a number with FractionBits bits below
// its binary point it can be added to another one; the carry of the fractions then arrives in the
// characteristic by itself. With SetLowestBit = 1 the lowest kept bit is one (unbiased truncation).
//
// The logarithm of 0 does not exist: nonzero_o is 0 and logarithm_o has no meaning.
module log_encoder #(
  parameter int Width = 8,
  parameter int FractionBits = Width - 1,
  parameter int SetLowestBit = 0
) (
  input  logic [Width-1:0]                       value_i,
  output logic                                   nonzero_o,
  output logic [$clog2(Width)+FractionBits-1:0]  logarithm_o
);

  localparam int CHARACTERISTIC_BITS = $clog2(Width);

  logic [CHARACTERISTIC_BITS-1:0] characteristic;
  logic [CHARACTERISTIC_BITS-1:0] distance;  // of the leading one from the top
  logic [Width-1:0]               aligned;   // leading one on top
  logic [FractionBits-1:0]        fraction;

  always_comb begin
    characteristic = '0;
    for (int i = 1; i < Width; i++) begin
      if (value_i[i]) characteristic = CHARACTERISTIC_BITS'(i);
    end
  end

  assign distance = CHARACTERISTIC_BITS'(Width - 1) - characteristic;
  assign aligned  = value_i << distance;

  if (SetLowestBit != 0) begin : gen_set
    assign fraction = aligned[Width-2 -: FractionBits] | FractionBits'(1);
  end else begin : gen_floor
    assign fraction = aligned[Width-2 -: FractionBits];
  end

  assign nonzero_o   = |value_i;
  assign logarithm_o = {characteristic, fraction};

  // Bits below the kept fraction, and the leading one itself, which is implied.
  logic unused_aligned;
  assign unused_aligned = ^aligned;

endmodule
