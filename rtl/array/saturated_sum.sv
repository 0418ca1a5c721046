// Adds to a partial sum, or starts it, and saturates to the two's complement of b bits, whose largest
// number 2^(b-1) - 1 is ceiling_i. Combinational.
module saturated_sum (
  input  logic        keep_i,  // 0: the sum starts
  input  logic [31:0] kept_i,
  input  logic [31:0] sum_i,
  input  logic [31:0] ceiling_i,
  output logic [31:0] sum_o
);

  logic [31:0] kept;
  logic [32:0] total;
  logic        above;
  logic        below;

  // No conditional operator: there is one of this for each column, and branches cost in simulation.
  assign kept = kept_i & {32{keep_i}};
  assign total = {kept[31], kept} + {sum_i[31], sum_i};
  assign above = ~total[32] & (|(total[31:0] & ~ceiling_i));
  assign below = total[32] & (|(~total[31:0] & ~ceiling_i));
  assign sum_o = (total[31:0] & {32{~(above | below)}}) | (ceiling_i & {32{above}}) |
                 (~ceiling_i & {32{below}});

endmodule
