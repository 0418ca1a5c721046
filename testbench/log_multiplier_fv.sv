// Second description of Mitchell's and the minimally biased multiplier, for proofs of equivalence:
// straight from the equations, in products of powers of two, with neither logarithm nor fraction.
//
// An operand is A = p (1 + x), p the power of two at its leading one and p x the rest. Mitchell (IRE
// Trans. EC-11, 1962): with u = p_a p_b and s = u (x_a + x_b),
//   product = u + s   if s < u,
//             2 s     otherwise.
// Saadat et al. (IEEE TCAD 37(11), 2018, section III) add c u, c = 2^-4 + 2^-6, in both cases: what
// the paper halves where the fractions carry, the doubled weight of that binade gives back.
//
// SumIncrement units of the last kept place are added to x_a + x_b (DR-ALM: 1).
//
// Correction: 0 none; 1 as the paper's printed errors demand: left out where the product would not
// fit, rounded up where fractions carry in a product of less than 64; 2 as the depth study's table
// (Width = 8): left out where x_a + x_b - 1 > 118/128; 3 with c = Constant / 128, cut like the
// fractions also where it is halved, and left out where it makes fractions that carry carry again
// (Width = 8). DroppedBits of the fractions p x / p go; if SetLowestBit the lowest kept one becomes 1.
// At least 7 are kept if Correction is 1 or 2.
module log_multiplier_fv #(
  parameter int Width = 8,
  parameter int DroppedBits = 0,
  parameter int SetLowestBit = 0,
  parameter int SumIncrement = 0,
  parameter int Correction = 0,
  parameter int Constant = 10
) (
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  localparam int KEPT_BITS = Width - 1 - DroppedBits;
  // Bits below the binary point: those of a cut fraction, or those of c, or none.
  localparam int SCALE_BITS = (DroppedBits > 0) ? KEPT_BITS : (Correction != 0) ? 7 : 0;
  localparam int BITS = 2 * Width + SCALE_BITS + 1;
  localparam logic [BITS-1:0] ONE = 1;

  logic [BITS-1:0] power_a;
  logic [BITS-1:0] power_b;
  logic [BITS-1:0] rest_a;
  logic [BITS-1:0] rest_b;
  logic [BITS-1:0] unit;
  logic [BITS-1:0] last_place;
  logic [BITS-1:0] sum;
  logic [BITS-1:0] value;
  logic [BITS-1:0] corrected;
  logic            carries;

  always_comb begin
    power_a = ONE;
    power_b = ONE;
    for (int i = 1; i < Width; i = i + 1) begin
      if (power_a * 2 <= BITS'(a_i)) power_a = power_a * 2;
      if (power_b * 2 <= BITS'(b_i)) power_b = power_b * 2;
    end

    rest_a = (BITS'(a_i) - power_a) << SCALE_BITS;
    rest_b = (BITS'(b_i) - power_b) << SCALE_BITS;
    if (DroppedBits > 0) begin
      // The scale makes the lowest kept bit of a fraction weigh as much as the power.
      rest_a = rest_a & ~(power_a - 1);
      rest_b = rest_b & ~(power_b - 1);
      if (SetLowestBit != 0) begin
        rest_a = rest_a | power_a;
        rest_b = rest_b | power_b;
      end
    end

    unit = power_a << SCALE_BITS;
    for (int i = 1; i < Width; i = i + 1) begin
      if (power_b >= (ONE << i)) begin
        unit = unit * 2;
        rest_a = rest_a * 2;
      end
      if (power_a >= (ONE << i)) rest_b = rest_b * 2;
    end
    last_place = unit >> KEPT_BITS;
    sum = rest_a + rest_b + BITS'(SumIncrement) * last_place;

    carries = sum >= unit;
    value = carries ? sum * 2 : unit + sum;
    corrected = value + (unit >> 4) + (unit >> 6);
    if (Correction == 0) corrected = value;
    if (Correction == 3) begin
      corrected = value + BITS'(Constant >> DroppedBits) * last_place;
      if (carries) corrected = value + BITS'(Constant >> (DroppedBits + 1)) * last_place * 2;
      if (carries && corrected >= 4 * unit) corrected = value;
    end
    if (Correction == 1 && (corrected >> (2 * Width + SCALE_BITS)) != 0) corrected = value;
    if (Correction == 2 && carries && ((sum - unit) << 7) > 118 * unit) corrected = value;

    if (Correction == 1 && carries && unit < (64 * ONE << SCALE_BITS)) begin
      corrected = corrected + (ONE << SCALE_BITS) - 1;
    end
    product_o = (2*Width)'(corrected >> SCALE_BITS);
    if (a_i == 0 || b_i == 0) product_o = '0;
  end

endmodule
