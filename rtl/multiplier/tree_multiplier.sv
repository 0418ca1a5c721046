// Exact product by partial products and a Dadda tree, with an addend as one more row of the tree:
//
//     sum_o = a_i * b_i + addend_i      modulo 2^Columns
//
// Signed = 0: unsigned operands; 1: two's complement. Booth = 0: an AND for each pair of bits (two's
// complement as Baugh and Wooley, IEEE Trans. Computers C-22(12), 1973); 1: a row for each radix-4
// digit -2..2 of b (Booth 1951, MacSorley 1961). Combinational. Columns is at least 2 Width.
//
// BrokenColumns = C, of unsigned arrays: the partial products of the C low columns are left out, as in
// the broken-array multiplier of Mahdiani, Ahmadi, Fakhraie, Lucas, IEEE TCAS-I 57(4), 2010, without
// horizontal break. The low C bits of the product are then 0.
module tree_multiplier #(
  parameter int Width = 8,  // at least 2
  parameter int Signed = 0,
  parameter int Booth = 0,
  parameter int BrokenColumns = 0,  // Signed = 0, Booth = 0 only
  parameter int Addend = 0,  // 0: addend_i is not used
  parameter int Columns = 2 * Width
) (
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  input  logic [Columns-1:0] addend_i,
  output logic [Columns-1:0] sum_o
);

  // Rows of partial products; their bits.
  localparam int ROWS = (Booth == 0) ? Width : (Signed != 0) ? (Width + 1) / 2 : Width / 2 + 1;
  localparam int ROW_BITS = (Booth == 0) ? Width : (Signed != 0) ? Width + 1 : Width + 2;
  localparam int STEP = (Booth == 0) ? 1 : 2;  // columns from row to row

  // Slots of a column: the rows, what completes a negative row, the constant, the addend.
  localparam int NEGATION = ROWS;
  localparam int CONSTANT = ROWS + 1;
  localparam int ADDEND = ROWS + 2;
  localparam int SLOTS = ROWS + 3;

  // What bits of negative weight add to the columns, if they are entered inverted: -x = ~x - 1.
  function automatic [Columns-1:0] constant(input integer unused);
    begin
      constant = Columns'(unused);
      if (Booth != 0) begin
        for (int r = 0; r < ROWS; r = r + 1) begin
          constant = constant - (Columns'(1) << (2 * r + ROW_BITS - 1));
        end
      end else if (Signed != 0) begin
        constant = (Columns'(1) << Width) - (Columns'(1) << (2 * Width - 1));
      end
    end
  endfunction

  localparam logic [Columns-1:0] CONSTANTS = constant(0);

  function automatic [Columns*SLOTS-1:0] present(input integer unused);
    begin
      present = (Columns*SLOTS)'(unused);
      for (int c = 0; c < Columns; c = c + 1) begin
        for (int r = 0; r < ROWS; r = r + 1) begin
          present[c*SLOTS + r] =
              (c >= STEP * r) && (c < STEP * r + ROW_BITS) && (c >= BrokenColumns);
        end
        present[c*SLOTS + NEGATION] = (Booth != 0) && (c % 2 == 0) && (c / 2 < ROWS);
        present[c*SLOTS + CONSTANT] = CONSTANTS[c];
        present[c*SLOTS + ADDEND] = (Addend != 0);
      end
    end
  endfunction

  logic [ROWS*ROW_BITS-1:0] rows;
  logic [ROWS-1:0]          negative;
  logic [Columns*SLOTS-1:0] bits;
  logic [Columns-1:0]       row_a;
  logic [Columns-1:0]       row_b;

  if (Booth == 0) begin : gen_array
    assign negative = '0;
    for (genvar r = 0; r < ROWS; r++) begin : gen_row
      for (genvar i = 0; i < Width; i++) begin : gen_bit
        // A product with one of the two sign bits has negative weight.
        localparam int INVERTED = (Signed != 0 && ((r == Width - 1) != (i == Width - 1))) ? 1 : 0;
        assign rows[r*ROW_BITS + i] = (a_i[i] & b_i[r]) ^ (INVERTED != 0);
      end
    end
  end else begin : gen_booth
    logic [ROW_BITS-1:0] multiplicand;
    logic [2*ROWS:0]     digits;  // of b, from bit -1 on
    assign multiplicand = {{(ROW_BITS-Width){(Signed != 0) & a_i[Width-1]}}, a_i};
    assign digits = {{(2*ROWS-Width){(Signed != 0) & b_i[Width-1]}}, b_i, 1'b0};
    for (genvar r = 0; r < ROWS; r++) begin : gen_row
      logic                one;
      logic                two;
      logic [ROW_BITS-1:0] row;
      assign one = digits[2*r+1] ^ digits[2*r];
      assign two = (digits[2*r+2] & ~digits[2*r+1] & ~digits[2*r]) |
                   (~digits[2*r+2] & digits[2*r+1] & digits[2*r]);
      assign negative[r] = digits[2*r+2];
      assign row = ((multiplicand & {ROW_BITS{one}}) | ((multiplicand << 1) & {ROW_BITS{two}})) ^
                   {ROW_BITS{negative[r]}};
      // The sign of the row, inverted.
      assign rows[r*ROW_BITS +: ROW_BITS] = {~row[ROW_BITS-1], row[ROW_BITS-2:0]};
    end
  end

  for (genvar c = 0; c < Columns; c++) begin : gen_column
    for (genvar r = 0; r < ROWS; r++) begin : gen_row
      if (c >= STEP * r && c < STEP * r + ROW_BITS && c >= BrokenColumns) begin : gen_bit
        assign bits[c*SLOTS + r] = rows[r*ROW_BITS + c - STEP*r];
      end else begin : gen_none
        assign bits[c*SLOTS + r] = 1'b0;
      end
    end
    if (c % 2 == 0 && c / 2 < ROWS) begin : gen_negation
      assign bits[c*SLOTS + NEGATION] = negative[c/2];
    end else begin : gen_no_negation
      assign bits[c*SLOTS + NEGATION] = 1'b0;
    end
    assign bits[c*SLOTS + CONSTANT] = CONSTANTS[c];
    assign bits[c*SLOTS + ADDEND] = addend_i[c];
  end

  dadda_tree #(
    .Columns(Columns),
    .Slots  (SLOTS),
    .Present(present(0))
  ) u_tree (
    .bits_i (bits),
    .row_a_o(row_a),
    .row_b_o(row_b)
  );

  assign sum_o = row_a + row_b;

  // Rows of negative numbers reach beyond the columns of the product; broken columns have none.
  logic unused_rows;
  assign unused_rows = ^{rows, negative};

endmodule
