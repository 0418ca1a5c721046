// Compares every mutant of a multiplier, selected by `mutant_i` of the module mutated_multiplier
// (0 is the original), with a table of all products. Plus arguments: +table=FILE (65,536
// hexadecimal products, index a * 256 + b), +pairs=N (only the first N pairs).
// Prints "mutant M killed by A * B" or "mutant M lives" for each.
module mutants_tb #(
  parameter int Mutants = 200,
  parameter int SelectBits = 8
);

  logic [15:0]           products [0:65535];
  logic [1023:0]         table_file;
  logic [SelectBits-1:0] mutant;
  logic [7:0]            a;
  logic [7:0]            b;
  logic [15:0]           product;
  integer                pairs;
  integer                pair;
  logic                  lives;

  mutated_multiplier u_multiplier (
    .mutant_i (mutant),
    .a_i      (a),
    .b_i      (b),
    .product_o(product)
  );

  initial begin
    if ($value$plusargs("table=%s", table_file) == 0) $display("+table=FILE expected");
    if ($value$plusargs("pairs=%d", pairs) == 0) pairs = 65536;
    $readmemh(table_file, products);
    for (int i = 0; i <= Mutants; i = i + 1) begin
      mutant = SelectBits'(i);
      lives = 1'b1;
      pair = 0;
      while (lives && pair < pairs) begin
        a = pair[15:8];
        b = pair[7:0];
        #1;
        if (product != products[{a, b}]) begin
          lives = 1'b0;
          $display("mutant %0d killed by %0d * %0d", mutant, a, b);
        end
        pair = pair + 1;
      end
      if (lives) $display("mutant %0d lives", mutant);
    end
    $finish(0);
  end

endmodule
