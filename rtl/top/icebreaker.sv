// iCEBreaker (Lattice iCE40 UP5K-SG48): the product table in the four SPRAMs, its rows in block RAM.
// Green lamp: alive; red lamp: an error is held; lamps of the side board: link, running, error, alive.
module icebreaker #(
  parameter int ClocksPerBit = 18,   // 1,000,000 baud
  parameter int IdleClocks = 65535,
  parameter int Rows = 2,
  parameter int Columns = 2,
  parameter int PeKind = mbm_pkg::PE_LUT,
  parameter int Kind = mbm_pkg::PRODUCT_MBM,
  parameter int MemoryBytes = 2048
) (
  input  logic       clk_12mhz_i,
  input  logic       rx_i,
  output logic       tx_o,
  input  logic       button_ni,
  output logic       red_no,
  output logic       green_no,
  output logic [3:0] lamps_o
);

  logic       clk;
  logic       unused_clock;
  logic       locked;
  logic       rst_n;
  logic [3:0] lamps;

  // 12 MHz * 48 / 2^5 = 18 MHz
  SB_PLL40_PAD #(
    .FEEDBACK_PATH("SIMPLE"),
    .DIVR         (4'b0000),
    .DIVF         (7'b0101111),
    .DIVQ         (3'b101),
    .FILTER_RANGE (3'b001)
  ) u_pll (
    .PACKAGEPIN   (clk_12mhz_i),
    .PLLOUTCORE   (clk),
    .PLLOUTGLOBAL (unused_clock),
    .LOCK         (locked),
    .RESETB       (1'b1),
    .BYPASS       (1'b0)
  );

  power_on_reset u_reset (
    .clk_i    (clk),
    .good_i   (locked),
    .button_ni(button_ni),
    .rst_no   (rst_n)
  );

  compact_board #(
    .ClocksPerBit(ClocksPerBit),
    .IdleClocks  (IdleClocks),
    .BoardId     ("ICEB"),
    .ClockHertz  (18000000),
    .Rows        (Rows),
    .Columns     (Columns),
    .PeKind      (PeKind),
    .Kind        (Kind),
    .MemoryBytes (MemoryBytes)
  ) u_board (
    .clk_i  (clk),
    .rst_ni (rst_n),
    .line_i (rx_i),
    .line_o (tx_o),
    .lamps_o(lamps)
  );

  assign lamps_o = lamps;
  assign red_no = ~lamps[2];
  assign green_no = ~lamps[0];

endmodule
