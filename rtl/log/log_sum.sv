// First half of a logarithmic product: adds two logarithms and corrects the fraction of the sum.
//
// The product is mantissa_o * 2^(characteristic_o - FractionBits), rounded down, or up if
// round_up_o (see antilog). Kind selects the correction, mbm_pkg::PRODUCT_*.
//
// Minimally biased multiplier: Saadat, Bokhari, Parameswaran, IEEE TCAD 37(11), 2018, section III and
// figure 3: c = 2^-4 + 2^-6 is added to the fraction of the sum, halved when the fractions carry.
// The constant loses the bits that FractionBits cannot hold.
//
// No conditional operator here or in antilog: a grid has hundreds of copies, and branches are what
// costs in simulation.
module log_sum #(
  parameter int Width = 8,
  parameter int FractionBits = Width - 1,
  parameter int Kind = mbm_pkg::PRODUCT_MBM
) (
  input  logic [$clog2(Width)+FractionBits-1:0] logarithm_a_i,
  input  logic [$clog2(Width)+FractionBits-1:0] logarithm_b_i,
  output logic [FractionBits+1:0]               mantissa_o,
  output logic [$clog2(Width):0]                characteristic_o,
  output logic                                  round_up_o
);

  localparam int LOGARITHM_BITS = $clog2(Width) + FractionBits;

  logic [LOGARITHM_BITS:0]  sum;
  logic [FractionBits-1:0]  fraction;

  assign sum = {1'b0, logarithm_a_i} + {1'b0, logarithm_b_i};
  assign characteristic_o = sum[LOGARITHM_BITS:FractionBits];
  assign fraction = sum[FractionBits-1:0];

  if (Kind == mbm_pkg::PRODUCT_MITCHELL) begin : gen_mitchell
    assign mantissa_o = {2'b01, fraction};
    assign round_up_o = 1'b0;
  end else if (Kind == mbm_pkg::PRODUCT_CORRECTED) begin : gen_excess
    logic [FractionBits-1:0] excess;
    antilog_excess #(
      .FractionBits(FractionBits)
    ) u_excess (
      .fraction_i(fraction),
      .excess_o  (excess)
    );
    assign mantissa_o = {2'b01, fraction} - {2'b00, excess};
    assign round_up_o = 1'b0;
  end else begin : gen_mbm
    // c in units of the whole fraction, cut like the fractions.
    localparam logic [FractionBits-1:0] CORRECTION =
        FractionBits'((10 << (Width - 8)) >> (Width - 1 - FractionBits));
    localparam logic [FractionBits-1:0] CORRECTION_TOGGLE = CORRECTION ^ (CORRECTION >> 1);

    logic                    carry;  // of the two fractions
    logic                    skip;   // no correction
    logic [FractionBits-1:0] correction;
    logic [FractionBits:0]   corrected;

    assign carry = sum[FractionBits] ^ logarithm_a_i[FractionBits] ^ logarithm_b_i[FractionBits];
    assign correction = CORRECTION ^ ({FractionBits{carry}} & CORRECTION_TOGGLE);

    if (Kind == mbm_pkg::PRODUCT_MBM_REFERENCE) begin : gen_reference
      // The table drops the correction near the top of every binade that carries.
      assign skip = carry & (fraction > FractionBits'(118));
      assign corrected =
          {1'b0, fraction} + {1'b0, correction & ~{FractionBits{skip}}};
      assign round_up_o = 1'b0;
    end else begin : gen_paper
      // Only the very top binade has no room for a corrected fraction that carries again.
      logic [FractionBits:0] unlimited;
      assign unlimited = {1'b0, fraction} + {1'b0, correction};
      assign skip = unlimited[FractionBits] & (characteristic_o == ($clog2(Width)+1)'(2*Width-1));
      assign corrected = unlimited ^ ((unlimited ^ {1'b0, fraction}) & {(FractionBits+1){skip}});
      if (FractionBits == Width - 1) begin : gen_full
        // Whole fractions: a product that loses bits loses those of the correction.
        assign round_up_o = carry;
      end else begin : gen_truncated
        assign round_up_o = carry & (characteristic_o < 7);
      end
    end

    assign mantissa_o = {corrected[FractionBits], ~corrected[FractionBits],
                         corrected[FractionBits-1:0]};
  end

endmodule
