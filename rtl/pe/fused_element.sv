// Processing element with an exact product whose tree takes the partial sum in as one more row
// (tree_multiplier): one carry-propagate addition in all. Ports and timing as those of
// processing_element, TwoStage = 0, kind exact; the exact baseline.
//
// TwosComplement = 0: an operand is {sign, enabled, magnitude[Width-1:0]}. A negative product p is
// taken off as s - p = ~(~s + p). TwosComplement = 1: it is two's complement of Width + 1 bits; an
// operand that takes no part is 0.
module fused_element #(
  parameter int Width = 8,
  parameter int TwosComplement = 0,
  parameter int Booth = 0,
  parameter int ZeroGating = 0,  // see processing_element; TwosComplement = 0 only
  parameter int SumBits = 2 * Width + 5,
  parameter int OperandBits = (TwosComplement != 0) ? Width + 1 : Width + 2
) (
  input  logic                   clk_i,
  // Activation, from the left and on to the right.
  input  logic [OperandBits-1:0] activation_i,
  input  logic                   swap_i,
  output logic [OperandBits-1:0] activation_o,
  output logic                   swap_o,
  // Weight chain, from above and on downwards.
  input  logic                   weight_load_i,
  input  logic [OperandBits-1:0] weight_i,
  output logic [OperandBits-1:0] weight_o,
  // Partial sum, from above and on downwards.
  input  logic [SumBits-1:0]     sum_i,
  output logic [SumBits-1:0]     sum_o
);

  logic [OperandBits-1:0] activation_q;
  logic [OperandBits-1:0] shadow_q;
  logic [OperandBits-1:0] weight_q;
  logic                   swap_q;
  logic [SumBits-1:0]     sum_d;
  logic [SumBits-1:0]     sum_q;

  if (ZeroGating != 0) begin : gen_gated
    always_ff @(posedge clk_i) begin
      activation_q[Width] <= activation_i[Width];
      if (activation_i[Width]) begin
        activation_q[OperandBits-1] <= activation_i[OperandBits-1];
        activation_q[Width-1:0] <= activation_i[Width-1:0];
      end
    end
  end else begin : gen_free
    always_ff @(posedge clk_i) activation_q <= activation_i;
  end

  always_ff @(posedge clk_i) begin
    swap_q <= swap_i;
    if (weight_load_i) shadow_q <= weight_i;
    if (swap_i) weight_q <= shadow_q;
    sum_q <= sum_d;
  end

  if (TwosComplement != 0) begin : gen_twos_complement
    tree_multiplier #(
      .Width  (Width + 1),
      .Signed (1),
      .Booth  (Booth),
      .Addend (1),
      .Columns(SumBits)
    ) u_tree (
      .a_i     (activation_q),
      .b_i     (weight_q),
      .addend_i(sum_i),
      .sum_o   (sum_d)
    );
  end else begin : gen_sign_magnitude
    logic               negative;
    logic [Width-1:0]   magnitude;
    logic [SumBits-1:0] sum;

    // The weight does not move: what is disabled is taken off the activation.
    assign magnitude = activation_q[Width-1:0] & {Width{activation_q[Width] & weight_q[Width]}};
    assign negative = activation_q[Width+1] ^ weight_q[Width+1];

    tree_multiplier #(
      .Width  (Width),
      .Booth  (Booth),
      .Addend (1),
      .Columns(SumBits)
    ) u_tree (
      .a_i     (magnitude),
      .b_i     (weight_q[Width-1:0]),
      .addend_i(sum_i ^ {SumBits{negative}}),
      .sum_o   (sum)
    );
    assign sum_d = sum ^ {SumBits{negative}};
  end

  assign activation_o = activation_q;
  assign swap_o = swap_q;
  assign weight_o = shadow_q;
  assign sum_o = sum_q;

endmodule
