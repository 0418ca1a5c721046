// iCE40 HX8K breakout board (Lattice iCE40 HX8K-CT256). It has no memory for a product table.
// Lamps D9 to D2: alive, running, error, link, then 0.
module hx8k #(
  parameter int ClocksPerBit = 36,   // 1,000,000 baud
  parameter int IdleClocks = 65535,
  parameter int Rows = 4,
  parameter int Columns = 4,
  parameter int PeKind = mbm_pkg::PE_LOG,
  parameter int Kind = mbm_pkg::PRODUCT_MBM,
  parameter int MemoryBytes = 4096
) (
  input  logic       clk_12mhz_i,
  input  logic       rx_i,
  output logic       tx_o,
  output logic [7:0] lamps_o
);

  logic       clk;
  logic       unused_clock;
  logic       locked;
  logic       rst_n;

  // 12 MHz * 48 / 2^4 = 36 MHz
  SB_PLL40_CORE #(
    .FEEDBACK_PATH("SIMPLE"),
    .DIVR         (4'b0000),
    .DIVF         (7'b0101111),
    .DIVQ         (3'b100),
    .FILTER_RANGE (3'b001)
  ) u_pll (
    .REFERENCECLK (clk_12mhz_i),
    .PLLOUTCORE   (clk),
    .PLLOUTGLOBAL (unused_clock),
    .LOCK         (locked),
    .RESETB       (1'b1),
    .BYPASS       (1'b0)
  );

  power_on_reset u_reset (
    .clk_i    (clk),
    .good_i   (locked),
    .button_ni(1'b1),
    .rst_no   (rst_n)
  );

  compact_board #(
    .ClocksPerBit(ClocksPerBit),
    .IdleClocks  (IdleClocks),
    .BoardId     ("HX8K"),
    .ClockHertz  (36000000),
    .Rows        (Rows),
    .Columns     (Columns),
    .PeKind      (PeKind),
    .Kind        (Kind),
    .OutputDepth (1024),
    .MemoryBytes (MemoryBytes)
  ) u_board (
    .clk_i  (clk),
    .rst_ni (rst_n),
    .line_i (rx_i),
    .line_o (tx_o),
    .lamps_o(lamps_o[3:0])
  );

  assign lamps_o[7:4] = '0;

endmodule
