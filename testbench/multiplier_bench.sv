// All multipliers that the tests compare with their definitions, side by side on the same operands,
// combinational and in two stages. Configuration i is name i of multiplier_bench.cpp.
module multiplier_bench (
  input  logic                  clk_i,
  input  logic [7:0]            a_i,
  input  logic [7:0]            b_i,
  output logic [16*60-1:0]      products_o,        // of a_i and b_i
  output logic [16*60-1:0]      staged_products_o  // of the operands before
);

  localparam int CONFIGURATIONS = 60;

  // Family, ParameterA, ParameterB of rtl/multiplier/multiplier.sv; number 0 is the leftmost.
  localparam logic [24*CONFIGURATIONS-1:0] CONFIGURATION = {
    {8'd0, 8'd0, 8'd0},
    {8'd1, 8'd0, 8'd0},
    {8'd1, 8'd2, 8'd0},
    {8'd1, 8'd3, 8'd0},
    {8'd1, 8'd4, 8'd0},
    {8'd1, 8'd6, 8'd0},
    {8'd1, 8'd1, 8'd1},
    {8'd1, 8'd2, 8'd1},
    {8'd1, 8'd3, 8'd1},
    {8'd2, 8'd0, 8'd0},
    {8'd2, 8'd1, 8'd0},
    {8'd2, 8'd2, 8'd0},
    {8'd2, 8'd3, 8'd0},
    {8'd2, 8'd4, 8'd0},
    {8'd2, 8'd5, 8'd0},
    {8'd3, 8'd0, 8'd0},
    {8'd4, 8'd0, 8'd6},
    {8'd4, 8'd0, 8'd7},
    {8'd4, 8'd0, 8'd8},
    {8'd4, 8'd0, 8'd16},
    {8'd4, 8'd2, 8'd4},
    {8'd4, 8'd3, 8'd4},
    {8'd5, 8'd0, 8'd0},
    {8'd5, 8'd1, 8'd0},
    {8'd5, 8'd2, 8'd0},
    {8'd5, 8'd3, 8'd0},
    {8'd5, 8'd4, 8'd0},
    {8'd5, 8'd6, 8'd0},
    {8'd6, 8'd0, 8'd0},
    {8'd6, 8'd1, 8'd0},
    {8'd6, 8'd2, 8'd0},
    {8'd6, 8'd3, 8'd0},
    {8'd6, 8'd4, 8'd0},
    {8'd6, 8'd5, 8'd0},
    {8'd6, 8'd6, 8'd0},
    {8'd7, 8'd0, 8'd2},
    {8'd7, 8'd0, 8'd4},
    {8'd7, 8'd1, 8'd4},
    {8'd7, 8'd2, 8'd4},
    {8'd7, 8'd0, 8'd8},
    {8'd7, 8'd1, 8'd8},
    {8'd7, 8'd2, 8'd8},
    {8'd7, 8'd0, 8'd16},
    {8'd7, 8'd1, 8'd16},
    {8'd8, 8'd3, 8'd0},
    {8'd8, 8'd4, 8'd0},
    {8'd8, 8'd5, 8'd0},
    {8'd8, 8'd6, 8'd0},
    {8'd8, 8'd7, 8'd0},
    {8'd8, 8'd8, 8'd0},
    {8'd9, 8'd0, 8'd3},
    {8'd9, 8'd1, 8'd3},
    {8'd9, 8'd1, 8'd5},
    {8'd9, 8'd2, 8'd4},
    {8'd9, 8'd2, 8'd5},
    {8'd9, 8'd2, 8'd6},
    {8'd9, 8'd3, 8'd6},
    {8'd9, 8'd3, 8'd7},
    {8'd9, 8'd0, 8'd1},
    {8'd9, 8'd7, 8'd7}
  };

  for (genvar i = 0; i < CONFIGURATIONS; i++) begin : gen_configuration
    localparam int START = 24 * (CONFIGURATIONS - 1 - i);

    multiplier #(
      .Family    (32'(CONFIGURATION[START+16 +: 8])),
      .ParameterA(32'(CONFIGURATION[START+8 +: 8])),
      .ParameterB(32'(CONFIGURATION[START +: 8]))
    ) u_combinational (
      .clk_i    (clk_i),
      .a_i      (a_i),
      .b_i      (b_i),
      .product_o(products_o[16*i +: 16])
    );

    multiplier #(
      .Family    (32'(CONFIGURATION[START+16 +: 8])),
      .ParameterA(32'(CONFIGURATION[START+8 +: 8])),
      .ParameterB(32'(CONFIGURATION[START +: 8])),
      .TwoStage  (1)
    ) u_two_stage (
      .clk_i    (clk_i),
      .a_i      (a_i),
      .b_i      (b_i),
      .product_o(staged_products_o[16*i +: 16])
    );
  end

endmodule
