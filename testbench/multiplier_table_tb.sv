// Compares a multiplier with a table of all products, for a simulator that reads the Verilog by
// itself. Plus arguments: +table=FILE (65,536 hexadecimal products, index a * 256 + b),
// +stride=N (every N-th pair). Family and
// parameters as in mbm_pkg. Ends with "compared N, differences D".
module multiplier_table_tb #(
  parameter int Family = mbm_pkg::FAMILY_MBM,
  parameter int ParameterA = 0,
  parameter int ParameterB = 0
);

  logic [15:0]   products [0:65535];
  logic [1023:0] table_file;
  logic [7:0]    a;
  logic [7:0]    b;
  logic [15:0]   product;
  integer        stride;
  integer        compared;
  integer        differences;

  multiplier #(
    .Family    (Family),
    .ParameterA(ParameterA),
    .ParameterB(ParameterB)
  ) u_multiplier (
    .clk_i    (1'b0),
    .a_i      (a),
    .b_i      (b),
    .product_o(product)
  );

  initial begin
    if ($value$plusargs("table=%s", table_file) == 0) $display("+table=FILE expected");
    if ($value$plusargs("stride=%d", stride) == 0) stride = 1;
    $readmemh(table_file, products);
    compared = 0;
    differences = 0;
    for (int i = 0; i < 65536; i = i + stride) begin
      a = i[15:8];
      b = i[7:0];
      #1;
      compared = compared + 1;
      if (product !== products[i]) begin
        differences = differences + 1;
        if (differences == 1) $display("%0d * %0d: got %0d, want %0d", a, b, product, products[i]);
      end
    end
    $display("compared %0d, differences %0d", compared, differences);
    $finish(0);
  end

endmodule
