// Second description, for proofs, of the logarithmic multipliers whose adder is approximate in its
// ApproximateBits low places (Liu et al., IEEE TCAS-I 65(9), 2018), bit by bit: there the sum is one
// (SetOne = 1, ALM-SOA) or the OR of the operands' bits (ALM-LOA), and full adders above start with
// the AND of the highest approximate place as their carry.
module approximate_adder_fv #(
  parameter int Width = 8,
  parameter int ApproximateBits = 3,
  parameter int SetOne = 0
) (
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  localparam int FRACTION_BITS = Width - 1;
  localparam int CODE_BITS = $clog2(Width) + FRACTION_BITS;

  // The operand is doubled until its leading one is on top; the fraction follows it.
  function automatic [CODE_BITS-1:0] code(input [Width-1:0] value);
    logic [Width-1:0]         normal;
    logic [$clog2(Width)-1:0] characteristic;
    begin
      normal = value;
      characteristic = '1;
      for (int i = 1; i < Width; i = i + 1) begin
        if (!normal[Width-1]) begin
          normal = normal << 1;
          characteristic = characteristic - 1'b1;
        end
      end
      code = {characteristic, normal[Width-2:0]};
    end
  endfunction

  logic [CODE_BITS-1:0]   code_a;
  logic [CODE_BITS-1:0]   code_b;
  logic [CODE_BITS:0]     sum;
  logic                   carry;
  logic [$clog2(Width):0] characteristic;

  assign code_a = code(a_i);
  assign code_b = code(b_i);

  always_comb begin
    carry = 1'b0;
    for (int i = 0; i < CODE_BITS; i = i + 1) begin
      if (i < ApproximateBits) begin
        sum[i] = (SetOne != 0) | code_a[i] | code_b[i];
        carry = code_a[i] & code_b[i];
      end else begin
        sum[i] = code_a[i] ^ code_b[i] ^ carry;
        carry = (code_a[i] & code_b[i]) | (code_a[i] & carry) | (code_b[i] & carry);
      end
    end
    sum[CODE_BITS] = carry;
  end

  assign characteristic = sum[CODE_BITS:FRACTION_BITS];

  // Bit j of the product is bit j + FRACTION_BITS - characteristic of the mantissa.
  always_comb begin
    product_o = '0;
    for (int k = 0; k < 2 * Width; k = k + 1) begin
      if (characteristic == ($clog2(Width)+1)'(k)) begin
        for (int i = 0; i < FRACTION_BITS; i = i + 1) begin
          if (k + i >= FRACTION_BITS) product_o[k+i-FRACTION_BITS] = sum[i];
        end
        product_o[k] = 1'b1;
      end
    end
    if (a_i == 0 || b_i == 0) product_o = '0;
  end

endmodule
