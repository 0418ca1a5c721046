// Second description, for proofs, of the broken-array multiplier (Mahdiani et al., IEEE TCAS-I 57(4),
// 2010) without horizontal break: the exact product less the partial products in the BrokenColumns
// low columns. With Compensated = 1 their mean is added to products of non-zero operands: a quarter
// of what they are where all bits are one, rounded half up.
module broken_array_fv #(
  parameter int Width = 8,
  parameter int BrokenColumns = 6,
  parameter int Compensated = 0
) (
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  logic [2*Width-1:0] broken;
  logic [2*Width-1:0] largest;

  always_comb begin
    broken = '0;
    largest = '0;
    for (int i = 0; i < Width; i = i + 1) begin
      for (int j = 0; j < Width; j = j + 1) begin
        if (i + j < BrokenColumns) begin
          if (a_i[i] && b_i[j]) broken = broken + ((2*Width)'(1) << (i + j));
          largest = largest + ((2*Width)'(1) << (i + j));
        end
      end
    end
    product_o = (2*Width)'(a_i) * (2*Width)'(b_i) - broken;
    if (Compensated != 0 && a_i != 0 && b_i != 0) product_o = product_o + ((largest + 2) >> 2);
  end

endmodule
