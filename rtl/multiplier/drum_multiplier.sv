// DRUM, Hashemi, Bahar, Reda, ICCAD 2015: the exact product of two dynamic segments, KeptBits bits
// from the leading one of each operand, the lowest kept bit set where bits are dropped; shifted back.
// The product is a Dadda tree. Unsigned. The pipeline cut lies before the shift.
module drum_multiplier #(
  parameter int Width = 8,
  parameter int KeptBits = 6,
  parameter int TwoStage = 0
) (
  input  logic               clk_i,  // of the pipeline cut
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  localparam int SHIFT_BITS = $clog2(Width) + 1;

  logic [KeptBits-1:0]        segment_a;
  logic [KeptBits-1:0]        segment_b;
  logic [$clog2(Width)-1:0]   dropped_a;
  logic [$clog2(Width)-1:0]   dropped_b;
  logic [2*KeptBits-1:0]      segment_product;
  logic [SHIFT_BITS-1:0]      shift;
  logic [2*KeptBits-1:0]      staged_product;
  logic [SHIFT_BITS-1:0]      staged_shift;

  dynamic_segment #(
    .Width   (Width),
    .KeptBits(KeptBits)
  ) u_segment_a (
    .value_i  (a_i),
    .segment_o(segment_a),
    .dropped_o(dropped_a)
  );

  dynamic_segment #(
    .Width   (Width),
    .KeptBits(KeptBits)
  ) u_segment_b (
    .value_i  (b_i),
    .segment_o(segment_b),
    .dropped_o(dropped_b)
  );

  tree_multiplier #(
    .Width(KeptBits)
  ) u_product (
    .a_i     (segment_a),
    .b_i     (segment_b),
    .addend_i({(2*KeptBits){1'b0}}),
    .sum_o   (segment_product)
  );

  assign shift = {1'b0, dropped_a} + {1'b0, dropped_b};

  optional_register #(
    .Bits   (2 * KeptBits + SHIFT_BITS),
    .Enabled(TwoStage)
  ) u_stage (
    .clk_i (clk_i),
    .data_i({shift, segment_product}),
    .data_o({staged_shift, staged_product})
  );

  assign product_o = (2*Width)'(staged_product) << staged_shift;

endmodule
