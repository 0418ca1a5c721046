// Any multiplier of the library for signed operands, by sign and magnitude: two's complement of
// Width + 1 bits, of which the most negative value is not allowed (-255..255 at Width = 8).
module signed_multiplier #(
  parameter int Width = 8,
  parameter int Family = mbm_pkg::FAMILY_MBM,
  parameter int ParameterA = 0,
  parameter int ParameterB = 0,
  parameter int TwoStage = 0
) (
  input  logic             clk_i,  // of the pipeline cut
  input  logic [Width:0]   a_i,
  input  logic [Width:0]   b_i,
  output logic [2*Width:0] product_o
);

  logic [Width-1:0]   magnitude_a;
  logic [Width-1:0]   magnitude_b;
  logic [2*Width-1:0] magnitude;
  logic               negative;

  assign magnitude_a = (a_i[Width-1:0] ^ {Width{a_i[Width]}}) + Width'(a_i[Width]);
  assign magnitude_b = (b_i[Width-1:0] ^ {Width{b_i[Width]}}) + Width'(b_i[Width]);

  multiplier #(
    .Width     (Width),
    .Family    (Family),
    .ParameterA(ParameterA),
    .ParameterB(ParameterB),
    .TwoStage  (TwoStage)
  ) u_multiplier (
    .clk_i    (clk_i),
    .a_i      (magnitude_a),
    .b_i      (magnitude_b),
    .product_o(magnitude)
  );

  optional_register #(
    .Bits   (1),
    .Enabled(TwoStage)
  ) u_sign (
    .clk_i (clk_i),
    .data_i(a_i[Width] ^ b_i[Width]),
    .data_o(negative)
  );

  assign product_o = ({1'b0, magnitude} ^ {(2*Width+1){negative}}) + (2*Width+1)'(negative);

endmodule
