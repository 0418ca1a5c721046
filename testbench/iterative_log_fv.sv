// Second description, for proofs, of the iterative logarithmic multiplier (Babic et al.,
// Microprocessors and Microsystems 35(1), 2011): what Blocks basic blocks leave out of the exact
// product is the product of the operands without their Blocks leading ones.
module iterative_log_fv #(
  parameter int Width = 8,
  parameter int Blocks = 1
) (
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  function automatic [Width-1:0] without_leading_ones(input [Width-1:0] value);
    logic [Width-1:0] rest;
    logic             found;
    begin
      rest = value;
      for (int block = 0; block < Blocks; block = block + 1) begin
        found = 1'b0;
        for (int i = Width - 1; i >= 0; i = i - 1) begin
          if (rest[i] && !found) begin
            rest[i] = 1'b0;
            found = 1'b1;
          end
        end
      end
      without_leading_ones = rest;
    end
  endfunction

  assign product_o = (2*Width)'(a_i) * (2*Width)'(b_i) -
                     (2*Width)'(without_leading_ones(a_i)) * (2*Width)'(without_leading_ones(b_i));

endmodule
