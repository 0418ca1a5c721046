// The KeptBits bits of an operand from its leading one downwards, and how many bits lie below them;
// the lowest kept bit is set where any lie there. A smaller operand comes whole.
module dynamic_segment #(
  parameter int Width = 8,
  parameter int KeptBits = 6
) (
  input  logic [Width-1:0]         value_i,
  output logic [KeptBits-1:0]      segment_o,
  output logic [$clog2(Width)-1:0] dropped_o
);

  logic [KeptBits-1:0] shifted;

  always_comb begin
    dropped_o = '0;
    for (int i = KeptBits; i < Width; i++) begin
      if (value_i[i]) dropped_o = ($clog2(Width))'(i + 1 - KeptBits);
    end
  end

  assign shifted = KeptBits'(value_i >> dropped_o);
  assign segment_o = shifted | KeptBits'(|dropped_o);

endmodule
