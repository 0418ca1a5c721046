// Second description, for proofs, of the underdesigned multiplier (Kulkarni, Gupta, Ercegovac, VLSI
// Design 2011): each pair of base-4 digits that are both 3 costs the exact product two units of its
// place. Width is even.
module underdesigned_fv #(
  parameter int Width = 8
) (
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  always_comb begin
    product_o = (2*Width)'(a_i) * (2*Width)'(b_i);
    for (int i = 0; i < Width; i = i + 2) begin
      for (int j = 0; j < Width; j = j + 2) begin
        if (a_i[i] & a_i[i+1] & b_i[j] & b_i[j+1]) begin
          product_o = product_o - ((2*Width)'(2) << (i + j));
        end
      end
    end
  end

endmodule
