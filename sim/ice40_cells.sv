// Models of the vendor's cells that the board tops instantiate, for simulation: the clock comes out as it
// goes in, so that a simulated cycle is a cycle of the board.
/* verilator lint_off DECLFILENAME */
/* verilator lint_off UNUSEDPARAM */
/* verilator lint_off UNUSEDSIGNAL */
module SB_PLL40_PAD #(
  parameter FEEDBACK_PATH = "SIMPLE",
  parameter logic [3:0] DIVR = 4'd0,
  parameter logic [6:0] DIVF = 7'd0,
  parameter logic [2:0] DIVQ = 3'd0,
  parameter logic [2:0] FILTER_RANGE = 3'd0
) (
  input  logic PACKAGEPIN,
  output logic PLLOUTCORE,
  output logic PLLOUTGLOBAL,
  output logic LOCK,
  input  logic RESETB,
  input  logic BYPASS
);
  assign PLLOUTCORE = PACKAGEPIN;
  assign PLLOUTGLOBAL = PACKAGEPIN;
  assign LOCK = RESETB;
endmodule

module SB_PLL40_CORE #(
  parameter FEEDBACK_PATH = "SIMPLE",
  parameter logic [3:0] DIVR = 4'd0,
  parameter logic [6:0] DIVF = 7'd0,
  parameter logic [2:0] DIVQ = 3'd0,
  parameter logic [2:0] FILTER_RANGE = 3'd0
) (
  input  logic REFERENCECLK,
  output logic PLLOUTCORE,
  output logic PLLOUTGLOBAL,
  output logic LOCK,
  input  logic RESETB,
  input  logic BYPASS
);
  assign PLLOUTCORE = REFERENCECLK;
  assign PLLOUTGLOBAL = REFERENCECLK;
  assign LOCK = RESETB;
endmodule
