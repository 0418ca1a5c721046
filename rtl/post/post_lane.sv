// One lane of the post-processor: sums and operands in, results out, as
// cmodel/quantization/requantization.hpp and log_code.hpp define them.
//
//     v = operand_i + bias_i
//     p = v * (v < 0 ? negative_factor_i : factor_i), summed over the taps of the result; or the largest v
//     code = (p + offset) >> shift, or the log code of p * 2^-shift; clamped to lowest..highest
//
// Of two such sums, columns of a bilinear interpolation, the one before the last and the last one to come,
//
//     code = (p0 * (256 - weight) + p1 * weight + 32,768) >> 16
//
// A pipeline of five stages: an operand enters in cycle t, its result is in the register result_o from
// cycle t + 5 on. The controls belong to the stage whose number they bear, 1 for cycle t.
//
// The comments to Verilator let all instances run the same code: see processing_row.
module post_lane (
  input  logic        clk_i,
  // Stage 1.
  input  logic [31:0] operand_i /*verilator public_flat_rd*/,
  input  logic [31:0] bias_i /*verilator public_flat_rd*/,
  input  logic [16:0] factor_i /*verilator public_flat_rd*/,
  input  logic [16:0] negative_factor_i /*verilator public_flat_rd*/,
  input  logic [5:0]  shift_i /*verilator public_flat_rd*/,
  // Stage 3.
  input  logic        first3_i,    // tap of a result
  input  logic        inside3_i,   // else the tap is left out
  input  logic        maximum3_i,
  // Stage 4.
  input  logic        floor4_i,
  input  logic        column4_i,       // the sum is a column: 17 bits
  input  logic        interpolate4_i,  // the result is that of two columns; its shift is 16
  input  logic [7:0]  weight4_i,       // of the last column, in 256ths
  // Stage 5.
  input  logic        log5_i,
  input  logic [8:0]  lowest5_i,
  input  logic [8:0]  highest5_i,
  // {sign, magnitude}, of a log code {sign, 0, code}.
  output logic [8:0]  result_o
);
  /* verilator no_inline_module */

  localparam int PRODUCT_BITS = 50;  // 33 bits, signed, times 17 bits
  localparam int TOTAL_BITS = PRODUCT_BITS + 2;

  // 16 log2(1 + (f + 0.5) / 256) to nearest, 0..16, f the eight bits after a leading one. Binary digits
  // of the logarithm by squaring: a square of 2 and more is a one. One digit more decides the rounding.
  function automatic [4:0] log_entry(input integer f);
    logic [63:0] mantissa;  // 1 to 2, 30 bits after the binary point
    logic [5:0]  digits;
    begin
      mantissa = (64'd513 + 64'(f) + 64'(f)) << 21;
      digits = '0;
      for (int i = 0; i < 5; i = i + 1) begin
        mantissa = (mantissa * mantissa) >> 30;
        digits = digits << 1;
        if (mantissa[31]) begin
          digits = digits | 6'd1;
          mantissa = mantissa >> 1;
        end
      end
      log_entry = 5'((digits + 6'd1) >> 1);
    end
  endfunction

  logic [256*5-1:0] log_entries;
  for (genvar f = 0; f < 256; f++) begin : gen_entry
    localparam logic [4:0] ENTRY = log_entry(f);
    assign log_entries[f*5 +: 5] = ENTRY;
  end

  // Stage 1: bias.
  logic [32:0] value_q2;
  logic [16:0] factor_q2;
  logic [16:0] negative_factor_q2;
  logic [5:0]  shift_q2;

  always_ff @(posedge clk_i) begin
    value_q2           <= {operand_i[31], operand_i} + {bias_i[31], bias_i};
    factor_q2          <= factor_i;
    negative_factor_q2 <= negative_factor_i;
    shift_q2           <= shift_i;
  end

  // Stage 2: scale.
  logic [16:0]             factor;
  logic [PRODUCT_BITS-1:0] product_q3;
  logic [5:0]              shift_q3;

  assign factor = value_q2[32] ? negative_factor_q2 : factor_q2;

  always_ff @(posedge clk_i) begin
    product_q3 <= {{(PRODUCT_BITS-33){value_q2[32]}}, value_q2} * PRODUCT_BITS'(factor);
    shift_q3   <= shift_q2;
  end

  // Stage 3: sum, or maximum, of the taps.
  logic signed [TOTAL_BITS-1:0] product;
  logic signed [TOTAL_BITS-1:0] total_q4;
  logic        [TOTAL_BITS-1:0] base;
  logic                         larger;
  logic        [5:0]            shift_q4;

  assign product = {{2{product_q3[PRODUCT_BITS-1]}}, product_q3};
  assign larger = inside3_i & (product > total_q4);

  always_comb begin
    if (maximum3_i) base = first3_i ? ~TOTAL_BITS'(255) : total_q4;  // -256, below every code
    else base = first3_i ? '0 : total_q4;
  end

  always_ff @(posedge clk_i) begin
    if (maximum3_i) total_q4 <= ((inside3_i & first3_i) | larger) ? product : base;
    else total_q4 <= base + (product & {TOTAL_BITS{inside3_i}});
    shift_q4 <= shift_q3;
  end

  // Stage 4: columns. The weights of a result add up to 65,536: 25 bits hold its sum.
  localparam int COLUMN_BITS = 17;
  localparam int INTERPOLATED_BITS = COLUMN_BITS + 8;

  logic        [COLUMN_BITS-1:0]       left_q;
  logic        [COLUMN_BITS-1:0]       right_q;
  logic        [COLUMN_BITS-1:0]       left;
  logic        [COLUMN_BITS-1:0]       right;
  logic        [COLUMN_BITS:0]         difference;
  logic        [INTERPOLATED_BITS-1:0] interpolated;  // rounded

  assign left = column4_i ? right_q : left_q;
  assign right = column4_i ? total_q4[COLUMN_BITS-1:0] : right_q;
  assign difference = {right[COLUMN_BITS-1], right} - {left[COLUMN_BITS-1], left};
  assign interpolated = {left, 8'd0} + INTERPOLATED_BITS'(32768) +
      {{(INTERPOLATED_BITS-COLUMN_BITS-1){difference[COLUMN_BITS]}}, difference} *
      INTERPOLATED_BITS'(weight4_i);

  always_ff @(posedge clk_i) begin
    left_q  <= left;
    right_q <= right;
  end

  // Stage 4: rounding; the leading one of the magnitude on top of 64 bits.
  logic [TOTAL_BITS-1:0] offset;
  logic [TOTAL_BITS-1:0] absolute;
  logic [63:0]           magnitude;
  logic [63:0]           aligned;
  logic [5:0]            distance;  // of the leading one from bit 63
  logic [TOTAL_BITS-1:0] rounded_q5;
  logic                  negative_q5;
  logic                  zero_q5;
  logic [7:0]            fraction_q5;
  logic [6:0]            exponent_q5;  // of the number that the log code stands for, signed
  logic [5:0]            shift_q5;

  assign offset = ((TOTAL_BITS'(1) << shift_q4) >> 1) & {TOTAL_BITS{~floor4_i}};
  assign absolute = total_q4[TOTAL_BITS-1] ? -total_q4 : total_q4;
  assign magnitude = {{(64-TOTAL_BITS){1'b0}}, absolute};

  always_comb begin
    aligned = magnitude;
    distance = '0;
    for (int s = 5; s >= 0; s = s - 1) begin
      if ((aligned >> (64 - (1 << s))) == 64'd0) begin
        aligned = aligned << (1 << s);
        distance = distance + 6'(1 << s);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    rounded_q5  <= interpolate4_i
        ? {{(TOTAL_BITS-INTERPOLATED_BITS){interpolated[INTERPOLATED_BITS-1]}}, interpolated}
        : total_q4 + offset;
    negative_q5 <= total_q4[TOTAL_BITS-1];
    zero_q5     <= ~aligned[63];
    fraction_q5 <= aligned[62:55];
    exponent_q5 <= 7'd63 - {1'b0, distance} - {1'b0, shift_q4};
    shift_q5    <= shift_q4;
  end

  // Stage 5: shift or log code, clamp, sign and magnitude.
  logic signed [TOTAL_BITS-1:0] rounded;
  logic signed [TOTAL_BITS-1:0] shifted;
  logic        [4:0]            entry;
  logic        [10:0]           log_code;  // characteristic and fraction before saturation
  logic                         log_below;
  logic                         log_smallest;
  logic                         log_above;
  logic        [6:0]            log_low;
  logic        [6:0]            log_magnitude;
  logic        [TOTAL_BITS-1:0] log_positive;
  logic signed [TOTAL_BITS-1:0] log_value;
  logic signed [TOTAL_BITS-1:0] value;
  logic signed [TOTAL_BITS-1:0] lowest;
  logic signed [TOTAL_BITS-1:0] highest;
  logic        [8:0]            low_value;
  logic        [8:0]            code;
  logic        [8:0]            code_magnitude;

  assign rounded = rounded_q5;
  assign shifted = rounded >>> shift_q5;
  assign entry = log_entries[fraction_q5*5 +: 5];
  assign log_code = {exponent_q5, 4'd0} + {6'd0, entry};

  assign log_below = exponent_q5[6];
  assign log_smallest = &exponent_q5;  // -1: the smallest code
  assign log_above = |log_code[10:7];
  assign log_low = log_code[6:0];

  always_comb begin
    if (zero_q5) log_magnitude = '0;
    else if (log_below) log_magnitude = {6'd0, log_smallest};
    else if (log_above) log_magnitude = '1;
    else log_magnitude = (log_low == '0) ? 7'd1 : log_low;
  end

  assign log_positive = {{(TOTAL_BITS-7){1'b0}}, log_magnitude};
  assign log_value = negative_q5 ? -log_positive : log_positive;
  assign value = log5_i ? log_value : shifted;
  assign lowest = {{(TOTAL_BITS-9){lowest5_i[8]}}, lowest5_i};
  assign highest = {{(TOTAL_BITS-9){highest5_i[8]}}, highest5_i};

  assign low_value = value[8:0];
  assign code = (value < lowest) ? lowest5_i : (value > highest) ? highest5_i : low_value;
  assign code_magnitude = code[8] ? -code : code;

  always_ff @(posedge clk_i) result_o <= {code[8], code_magnitude[7:0]};

  logic unused_high;
  assign unused_high = code_magnitude[8];

endmodule
