// Entry (row, column) of REALM's correction table over a grid of 2^IndexBits x 2^IndexBits cells of
// the two fractions (IndexBits = 1..4), in units of 2^-6.
//
// An entry makes the mean relative error of Mitchell's product over its cell zero: minus that mean
// over the mean of 1 / ((1 + x) (1 + y)), to nearest (Saadat et al., DATE 2020). The definition in
// cmodel/multiplier/realm.cpp integrates it; the tests compare all products.
module realm_correction #(
  parameter int IndexBits = 2
) (
  input  logic [IndexBits-1:0] row_i,
  input  logic [IndexBits-1:0] column_i,
  output logic [5:0]           entry_o
);

  // Entry (row, column) is number row * 2^IndexBits + column from the right: rows are written from
  // the last to the first, columns likewise. The tables are symmetric.
  localparam logic [23:0] GRID_2 = {
    6'd4, 6'd7,
    6'd7, 6'd3
  };

  localparam logic [95:0] GRID_4 = {
    6'd1, 6'd3, 6'd5, 6'd4,
    6'd3, 6'd9, 6'd12, 6'd5,
    6'd5, 6'd12, 6'd9, 6'd3,
    6'd4, 6'd5, 6'd3, 6'd1
  };

  localparam logic [383:0] GRID_8 = {
    6'd0, 6'd1, 6'd1, 6'd2, 6'd2, 6'd3, 6'd3, 6'd2,
    6'd1, 6'd2, 6'd4, 6'd5, 6'd7, 6'd8, 6'd8, 6'd3,
    6'd1, 6'd4, 6'd6, 6'd9, 6'd11, 6'd12, 6'd8, 6'd3,
    6'd2, 6'd5, 6'd9, 6'd12, 6'd14, 6'd11, 6'd7, 6'd2,
    6'd2, 6'd7, 6'd11, 6'd14, 6'd12, 6'd9, 6'd5, 6'd2,
    6'd3, 6'd8, 6'd12, 6'd11, 6'd9, 6'd6, 6'd4, 6'd1,
    6'd3, 6'd8, 6'd8, 6'd7, 6'd5, 6'd4, 6'd2, 6'd1,
    6'd2, 6'd3, 6'd3, 6'd2, 6'd2, 6'd1, 6'd1, 6'd0
  };

  localparam logic [1535:0] GRID_16 = {
    6'd0, 6'd0, 6'd0, 6'd0, 6'd1, 6'd1, 6'd1, 6'd1,
      6'd1, 6'd1, 6'd1, 6'd1, 6'd2, 6'd2, 6'd2, 6'd1,
    6'd0, 6'd1, 6'd1, 6'd1, 6'd2, 6'd2, 6'd2, 6'd3,
      6'd3, 6'd4, 6'd4, 6'd4, 6'd5, 6'd5, 6'd5, 6'd2,
    6'd0, 6'd1, 6'd2, 6'd2, 6'd3, 6'd3, 6'd4, 6'd5,
      6'd5, 6'd6, 6'd7, 6'd7, 6'd8, 6'd8, 6'd5, 6'd2,
    6'd0, 6'd1, 6'd2, 6'd3, 6'd4, 6'd5, 6'd6, 6'd7,
      6'd7, 6'd8, 6'd9, 6'd10, 6'd10, 6'd8, 6'd5, 6'd2,
    6'd1, 6'd2, 6'd3, 6'd4, 6'd5, 6'd6, 6'd7, 6'd8,
      6'd10, 6'd11, 6'd12, 6'd12, 6'd10, 6'd7, 6'd4, 6'd1,
    6'd1, 6'd2, 6'd3, 6'd5, 6'd6, 6'd8, 6'd9, 6'd10,
      6'd12, 6'd13, 6'd14, 6'd12, 6'd9, 6'd7, 6'd4, 6'd1,
    6'd1, 6'd2, 6'd4, 6'd6, 6'd7, 6'd9, 6'd11, 6'd12,
      6'd14, 6'd15, 6'd13, 6'd11, 6'd8, 6'd6, 6'd4, 6'd1,
    6'd1, 6'd3, 6'd5, 6'd7, 6'd8, 6'd10, 6'd12, 6'd14,
      6'd15, 6'd14, 6'd12, 6'd10, 6'd7, 6'd5, 6'd3, 6'd1,
    6'd1, 6'd3, 6'd5, 6'd7, 6'd10, 6'd12, 6'd14, 6'd15,
      6'd14, 6'd12, 6'd10, 6'd8, 6'd7, 6'd5, 6'd3, 6'd1,
    6'd1, 6'd4, 6'd6, 6'd8, 6'd11, 6'd13, 6'd15, 6'd14,
      6'd12, 6'd11, 6'd9, 6'd7, 6'd6, 6'd4, 6'd2, 6'd1,
    6'd1, 6'd4, 6'd7, 6'd9, 6'd12, 6'd14, 6'd13, 6'd12,
      6'd10, 6'd9, 6'd8, 6'd6, 6'd5, 6'd3, 6'd2, 6'd1,
    6'd1, 6'd4, 6'd7, 6'd10, 6'd12, 6'd12, 6'd11, 6'd10,
      6'd8, 6'd7, 6'd6, 6'd5, 6'd4, 6'd3, 6'd2, 6'd1,
    6'd2, 6'd5, 6'd8, 6'd10, 6'd10, 6'd9, 6'd8, 6'd7,
      6'd7, 6'd6, 6'd5, 6'd4, 6'd3, 6'd2, 6'd1, 6'd0,
    6'd2, 6'd5, 6'd8, 6'd8, 6'd7, 6'd7, 6'd6, 6'd5,
      6'd5, 6'd4, 6'd3, 6'd3, 6'd2, 6'd2, 6'd1, 6'd0,
    6'd2, 6'd5, 6'd5, 6'd5, 6'd4, 6'd4, 6'd4, 6'd3,
      6'd3, 6'd2, 6'd2, 6'd2, 6'd1, 6'd1, 6'd1, 6'd0,
    6'd1, 6'd2, 6'd2, 6'd2, 6'd1, 6'd1, 6'd1, 6'd1,
      6'd1, 6'd1, 6'd1, 6'd1, 6'd0, 6'd0, 6'd0, 6'd0
  };

  localparam int ENTRIES = 1 << (2 * IndexBits);

  logic [6*ENTRIES-1:0] entries;

  if (IndexBits == 1) begin : gen_2
    assign entries = GRID_2;
  end else if (IndexBits == 2) begin : gen_4
    assign entries = GRID_4;
  end else if (IndexBits == 3) begin : gen_8
    assign entries = GRID_8;
  end else begin : gen_16
    assign entries = GRID_16;
  end

  assign entry_o = entries[{row_i, column_i}*6 +: 6];

endmodule
