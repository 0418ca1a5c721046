// ULX3S (Lattice ECP5 LFE5U-85F), 25 MHz of its oscillator: a table, a larger grid and memory in block
// RAM; its SDRAM is not used. Lamps 0 to 3: alive, running, error, link, then 0.
module ulx3s #(
  parameter int ClocksPerBit = 25,   // 1,000,000 baud
  parameter int IdleClocks = 65535,
  parameter int Rows = 8,
  parameter int Columns = 8,
  parameter int PeKind = mbm_pkg::PE_LUT,
  parameter int Kind = mbm_pkg::PRODUCT_MBM,
  parameter int MemoryBytes = 16384
) (
  input  logic       clk_25mhz_i,
  input  logic       rx_i,
  output logic       tx_o,
  input  logic       button_ni,
  output logic [7:0] lamps_o
);

  logic rst_n;

  power_on_reset u_reset (
    .clk_i    (clk_25mhz_i),
    .good_i   (1'b1),
    .button_ni(button_ni),
    .rst_no   (rst_n)
  );

  compact_board #(
    .ClocksPerBit   (ClocksPerBit),
    .IdleClocks     (IdleClocks),
    .BoardId        ("ULX3"),
    .ClockHertz     (25000000),
    .Rows           (Rows),
    .Columns        (Columns),
    .PeKind         (PeKind),
    .Kind           (Kind),
    .ActivationDepth(4096),
    .SumDepth       (256),
    .OutputDepth    (4096),
    .ParameterDepth (256),
    .MemoryBytes    (MemoryBytes)
  ) u_board (
    .clk_i  (clk_25mhz_i),
    .rst_ni (rst_n),
    .line_i (rx_i),
    .line_o (tx_o),
    .lamps_o(lamps_o[3:0])
  );

  assign lamps_o[7:4] = '0;

endmodule
