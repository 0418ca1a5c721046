// The integer product: the baseline. With TwoStage = 1 the operands are registered, so that it comes
// one cycle later as every other multiplier does. With BrokenColumns low columns of a Dadda tree left
// out it is a broken-array multiplier (see tree_multiplier).
module exact_multiplier #(
  parameter int Width = 8,
  parameter int Architecture = mbm_pkg::ARCHITECTURE_OPERATOR,
  parameter int BrokenColumns = 0,  // ARCHITECTURE_DADDA only
  parameter int TwoStage = 0
) (
  input  logic               clk_i,  // of the pipeline cut
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  logic [Width-1:0] a;
  logic [Width-1:0] b;

  optional_register #(
    .Bits   (2 * Width),
    .Enabled(TwoStage)
  ) u_stage (
    .clk_i (clk_i),
    .data_i({a_i, b_i}),
    .data_o({a, b})
  );

  if (Architecture == mbm_pkg::ARCHITECTURE_OPERATOR) begin : gen_operator
    assign product_o = (2*Width)'(a) * (2*Width)'(b);
  end else begin : gen_tree
    tree_multiplier #(
      .Width        (Width),
      .Booth        ((Architecture == mbm_pkg::ARCHITECTURE_BOOTH) ? 1 : 0),
      .BrokenColumns(BrokenColumns)
    ) u_tree (
      .a_i     (a),
      .b_i     (b),
      .addend_i({(2*Width){1'b0}}),
      .sum_o   (product_o)
    );
  end

endmodule
