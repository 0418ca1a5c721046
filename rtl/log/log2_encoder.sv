// True base-2 logarithm of an unsigned operand, rounded to FractionBits bits (at most Width - 1),
// saturating below Width: Mitchell's encoder and a table of the normalised fraction.
//
// The logarithm of 0 does not exist: nonzero_o is 0 and logarithm_o has no meaning.
module log2_encoder #(
  parameter int Width = 8,
  parameter int FractionBits = Width - 1
) (
  input  logic [Width-1:0]                      value_i,
  output logic                                  nonzero_o,
  output logic [$clog2(Width)+FractionBits-1:0] logarithm_o
);

  localparam int CHARACTERISTIC_BITS = $clog2(Width);
  localparam int LOGARITHM_BITS = CHARACTERISTIC_BITS + FractionBits;
  localparam int ENTRIES = 1 << (Width - 1);
  localparam int ENTRY_BITS = FractionBits + 1;  // up to 1.0

  // Binary digits of log2(1 + fraction / ENTRIES) by squaring: a square of 2 and more is a one. One
  // digit more than the entry has decides the rounding; no such logarithm but 0 ends.
  function automatic [ENTRY_BITS-1:0] rounded_logarithm(input integer fraction);
    logic [63:0] mantissa;  // 1 to 2, 30 bits after the binary point
    logic [31:0] digits;
    begin
      mantissa = (64'(ENTRIES) + 64'(fraction)) << (31 - Width);
      digits = '0;
      for (int i = 0; i <= FractionBits; i = i + 1) begin
        mantissa = (mantissa * mantissa) >> 30;
        digits = digits << 1;
        if (mantissa[31]) begin
          digits = digits | 32'd1;
          mantissa = mantissa >> 1;
        end
      end
      rounded_logarithm = ENTRY_BITS'((digits + 32'd1) >> 1);
    end
  endfunction

  logic [CHARACTERISTIC_BITS+Width-2:0] mitchell;
  logic [ENTRIES*ENTRY_BITS-1:0]        entries;
  logic [ENTRY_BITS-1:0]                entry;
  logic [LOGARITHM_BITS:0]              sum;

  log_encoder #(
    .Width(Width)
  ) u_encoder (
    .value_i    (value_i),
    .nonzero_o  (nonzero_o),
    .logarithm_o(mitchell)
  );

  for (genvar i = 0; i < ENTRIES; i++) begin : gen_entry
    localparam logic [ENTRY_BITS-1:0] ENTRY = rounded_logarithm(i);
    assign entries[i*ENTRY_BITS +: ENTRY_BITS] = ENTRY;
  end

  assign entry = entries[mitchell[Width-2:0]*ENTRY_BITS +: ENTRY_BITS];
  assign sum = {1'b0, mitchell[Width-1 +: CHARACTERISTIC_BITS], {FractionBits{1'b0}}} +
               (LOGARITHM_BITS+1)'(entry);
  assign logarithm_o = sum[LOGARITHM_BITS-1:0] | {LOGARITHM_BITS{sum[LOGARITHM_BITS]}};

endmodule
