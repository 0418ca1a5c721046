// Mitchell's and the minimally biased multiplier against a second description of them, for a solver:
// integers as they stand, no fractions, no alignment, no adder of logarithms.
//
// With r the operand less its leading one 2^k, S = ra 2^kb + rb 2^ka is (xa + xb) 2^(ka+kb), so
// Mitchell's product is 2^(ka+kb) + S, or 2 S if S reaches 2^(ka+kb) (Mitchell 1962).
// MBM adds Constant / 128 of 2^(ka+kb) in either case, rounds down in the first and up in the
// second, and adds nothing where the sum would not fit into 2 Width bits. Constant = 10 is MBM.
module mbm_multiplier_fv #(
  parameter int Width = 8,
  parameter int Mitchell = 0,
  parameter int Constant = 10
) (
  input logic [Width-1:0] a_i,
  input logic [Width-1:0] b_i
);

  localparam int BITS = 2 * Width + 8;  // a product in 128ths, and one bit

  logic [2*Width-1:0] product;
  logic [BITS-1:0]    one_a;
  logic [BITS-1:0]    one_b;
  logic [BITS-1:0]    remainder_a;
  logic [BITS-1:0]    remainder_b;
  logic [BITS-1:0]    ones;  // 2^(ka+kb)
  logic [BITS-1:0]    cross;  // S
  logic [BITS-1:0]    plain;
  logic [BITS-1:0]    sum;  // in 128ths
  logic [BITS-1:0]    want;

  always_comb begin
    one_a = '0;
    one_b = '0;
    remainder_a = '0;
    remainder_b = '0;
    ones = '0;
    cross = '0;
    for (int k = 0; k < Width; k++) begin
      if ((a_i >> k) == 1) begin
        one_a = BITS'(1) << k;
        remainder_a = BITS'(a_i) - (BITS'(1) << k);
      end
      if ((b_i >> k) == 1) begin
        one_b = BITS'(1) << k;
        remainder_b = BITS'(b_i) - (BITS'(1) << k);
      end
    end
    // Multiplications by a power of two, written as shifts so that a solver need not multiply.
    for (int k = 0; k < Width; k++) begin
      if (one_b[k]) begin
        ones = one_a << k;
        cross = cross + (remainder_a << k);
      end
      if (one_a[k]) cross = cross + (remainder_b << k);
    end
    plain = (cross >= ones) ? cross << 1 : ones + cross;
    sum = (plain << 7) + ones * BITS'(Constant);
    if (Mitchell != 0) want = plain;
    else if (cross < ones) want = sum >> 7;
    else if (sum[BITS-1]) want = plain;
    else want = (sum + 127) >> 7;
    if (a_i == 0 || b_i == 0) want = '0;
  end

  if (Mitchell != 0) begin : gen_mitchell
    mitchell_multiplier #(
      .Width(Width)
    ) u_multiplier (
      .clk_i    (1'b0),
      .a_i      (a_i),
      .b_i      (b_i),
      .product_o(product)
    );
  end else begin : gen_mbm
    mbm_multiplier #(
      .Width(Width)
    ) u_multiplier (
      .clk_i    (1'b0),
      .a_i      (a_i),
      .b_i      (b_i),
      .product_o(product)
    );
  end

  always_comb assert (BITS'(product) == want);

endmodule
