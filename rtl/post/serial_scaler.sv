// Requantisation bit by bit: a value of 48 bits, of which 33 count, times a factor of 16 bits, shifted
// right arithmetically. result_o is what is left, saturated to -16,384..16,383, half_o the bit below it: their
// sum is the product rounded to nearest (cmodel/quantization/requantization.hpp).
//
// The factor starts 16 cycles, then the shift as many as it says; nothing may be set while busy_o is 1.
module serial_scaler (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [15:0] data_i,
  input  logic [2:0]  set_value_i,  // its words, bit 0 the lowest
  input  logic        set_factor_i,
  input  logic        set_shift_i,
  output logic        busy_o,
  output logic [15:0] result_o,
  output logic        half_o
);

  localparam int TOTAL_BITS = 49;

  logic [32:0]                  value_q;
  logic [15:0]                  factor_q;
  logic signed [TOTAL_BITS-1:0] total_q;
  logic [TOTAL_BITS-1:0]        added;
  logic                         half_q;
  logic [5:0]                   left_q;
  logic                         shifting_q;
  logic                         positive_overflow;
  logic                         negative_overflow;
  logic                         unused_data;

  assign busy_o = left_q != '0;
  assign added = {{(TOTAL_BITS-33){value_q[32]}}, value_q} & {TOTAL_BITS{factor_q[15]}};
  assign positive_overflow = ~total_q[TOTAL_BITS-1] & (|total_q[TOTAL_BITS-1:14]);
  assign negative_overflow = total_q[TOTAL_BITS-1] & ~(&total_q[TOTAL_BITS-1:14]);
  assign result_o = positive_overflow ? 16'h3fff : negative_overflow ? 16'hc000 : total_q[15:0];
  assign half_o = half_q;
  assign unused_data = ^data_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      left_q     <= '0;
      shifting_q <= 1'b0;
    end else if (set_factor_i | set_shift_i) begin
      left_q     <= set_shift_i ? data_i[5:0] : 6'd16;
      shifting_q <= set_shift_i;
    end else begin
      left_q <= left_q - 6'(busy_o);
    end
  end

  always_ff @(posedge clk_i) begin
    if (set_value_i[0]) value_q[15:0] <= data_i;
    if (set_value_i[1]) value_q[31:16] <= data_i;
    if (set_value_i[2]) value_q[32] <= data_i[0];
    if (set_factor_i) begin
      factor_q <= data_i;
      total_q  <= '0;
      half_q   <= 1'b0;
    end else if (busy_o && shifting_q) begin
      total_q <= {total_q[TOTAL_BITS-1], total_q[TOTAL_BITS-1:1]};
      half_q  <= total_q[0];
    end else if (busy_o) begin
      total_q  <= {total_q[TOTAL_BITS-2:0], 1'b0} + added;
      factor_q <= {factor_q[14:0], 1'b0};
    end
  end

endmodule
