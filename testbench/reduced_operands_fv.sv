// Second description, for proofs, of the multipliers that form the exact product of operands with
// some low bits cleared. Kind:
//   0 exact-truncated:K  all but the KeptBits high bits
//   1 exact-rounded:K    the same, one unit of the last kept place more if the highest cleared bit is
//                        one and there is room
//   2 ssm:K              none of an operand below 2^KeptBits; of others as 0
//   3 essm:K             the same, but half as many of operands below 2^((Width + KeptBits) / 2)
module reduced_operands_fv #(
  parameter int Width = 8,
  parameter int KeptBits = 4,
  parameter int Kind = 0
) (
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  localparam int CLEARED_BITS = Width - KeptBits;
  localparam int HALF_BITS = CLEARED_BITS / 2;

  function automatic [Width-1:0] reduced(input [Width-1:0] value);
    begin
      reduced = value;
      for (int i = 0; i < CLEARED_BITS; i = i + 1) begin
        if (Kind < 2) reduced[i] = 1'b0;
        else if (Kind == 2 || i < HALF_BITS) reduced[i] = value[i] & ~(|value[Width-1:KeptBits]);
        else reduced[i] = value[i] & ~(|value[Width-1:KeptBits+HALF_BITS]);
      end
      if (Kind == 1 && value[CLEARED_BITS-1] && !(&value[Width-1:CLEARED_BITS])) begin
        reduced = reduced + (Width'(1) << CLEARED_BITS);
      end
    end
  endfunction

  assign product_o = (2*Width)'(reduced(a_i)) * (2*Width)'(reduced(b_i));

endmodule
