// Second description, for proofs, of the multipliers that round operands to powers of two, r_a and
// r_b, and leave out the product of the remainders: a b - (a - r_a) (b - r_b). A power 2^i is the
// nearest of the operands from 3/4 of it on; with ThreeDown = 1 (RoBA) 3 goes to 2, else to 4 (ILM).
module nearest_power_fv #(
  parameter int Width = 8,
  parameter int ThreeDown = 0
) (
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  localparam int BITS = 2 * Width;

  // Operand less its nearest power of two, two's complement.
  function automatic [BITS-1:0] remainder(input [Width-1:0] value);
    logic [BITS-1:0] power;
    begin
      power = BITS'(1);
      for (int i = 1; i <= Width; i = i + 1) begin
        if (BITS'(value) * 4 >= (BITS'(3) << i)) power = BITS'(1) << i;
      end
      if (ThreeDown != 0 && value == 3) power = BITS'(2);
      remainder = BITS'(value) - power;
    end
  endfunction

  always_comb begin
    product_o = BITS'(a_i) * BITS'(b_i) - remainder(a_i) * remainder(b_i);
    if (a_i == 0 || b_i == 0) product_o = '0;
  end

endmodule
