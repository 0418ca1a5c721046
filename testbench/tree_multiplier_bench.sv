// Every form of tree_multiplier on the same operands: Width 5..8, unsigned and two's complement, array
// and Booth rows. Form i is Width 5 + i / 4, Signed i % 4 / 2, Booth i % 2.
module tree_multiplier_bench (
  input  logic [7:0]       a_i,
  input  logic [7:0]       b_i,
  input  logic [20:0]      addend_i,
  output logic [16*16-1:0] products_o,  // the low 2 Width bits of each
  output logic [32*16-1:0] sums_o       // product and addend modulo 2^21
);

  for (genvar i = 0; i < 16; i++) begin : gen_form
    localparam int WIDTH = 5 + i / 4;
    logic [2*WIDTH-1:0] product;
    logic [20:0]        sum;

    tree_multiplier #(
      .Width (WIDTH),
      .Signed((i / 2) % 2),
      .Booth (i % 2)
    ) u_product (
      .a_i     (a_i[WIDTH-1:0]),
      .b_i     (b_i[WIDTH-1:0]),
      .addend_i({(2*WIDTH){1'b1}}),  // not used
      .sum_o   (product)
    );

    tree_multiplier #(
      .Width  (WIDTH),
      .Signed ((i / 2) % 2),
      .Booth  (i % 2),
      .Addend (1),
      .Columns(21)
    ) u_sum (
      .a_i     (a_i[WIDTH-1:0]),
      .b_i     (b_i[WIDTH-1:0]),
      .addend_i(addend_i),
      .sum_o   (sum)
    );

    assign products_o[16*i +: 16] = 16'(product);
    assign sums_o[32*i +: 32] = 32'(sum);
  end

endmodule
