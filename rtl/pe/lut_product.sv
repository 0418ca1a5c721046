// Product of two operands {sign, enabled, magnitude} from a row of a product table, as sign and
// magnitude, one cycle later; 0 unless both are enabled, whatever the table says.
//
// A memory holds two rows of 256 products: that of the active weight, in bank_i, and that of the
// waiting one, which is written while the other is in use: fill_i offers TableEntries products,
// from entry fill_word_i * TableEntries on, of the row of fill_magnitude_i, and the element takes
// them if its waiting weight has this magnitude.
module lut_product #(
  parameter int TableEntries = 16  // products written a cycle, a power of two, 1 to 128
) (
  input  logic                                clk_i,
  input  logic [9:0]                          weight_i,
  input  logic [9:0]                          activation_i,
  input  logic                                bank_i,
  output logic                                negative_o,
  output logic [15:0]                         magnitude_o,
  // Rows.
  input  logic [7:0]                          waiting_magnitude_i,
  input  logic                                fill_i,
  input  logic                                fill_bank_i,
  input  logic [7:0]                          fill_magnitude_i,
  input  logic [7-$clog2(TableEntries):0]     fill_word_i,
  input  logic [TableEntries*16-1:0]          fill_data_i
);

  // A word holds what is written in a cycle.
  localparam int ENTRY_BITS = $clog2(TableEntries);
  localparam int WORD_BITS = 9 - ENTRY_BITS;

  logic [TableEntries*16-1:0] products [0:512/TableEntries-1];
  logic [WORD_BITS-1:0]       word;
  logic [7:0]                 entry;
  logic [15:0]                product_q;
  logic                       enabled_q;
  logic                       write;

  assign word = WORD_BITS'({bank_i, activation_i[7:0]} >> ENTRY_BITS);
  // A constant where words have one product: only then Yosys makes a block RAM of them.
  assign entry = (TableEntries == 1) ? 8'd0 : activation_i[7:0] & 8'(TableEntries - 1);
  assign write = fill_i & (fill_magnitude_i == waiting_magnitude_i);

  always_ff @(posedge clk_i) begin
    product_q  <= products[word][entry*16 +: 16];
    enabled_q  <= weight_i[8] & activation_i[8];
    negative_o <= weight_i[9] ^ activation_i[9];
    if (write) products[{fill_bank_i, fill_word_i}] <= fill_data_i;
  end

  assign magnitude_o = product_q & {16{enabled_q}};

  // The table's row of the weight is all that its magnitude is needed for.
  logic unused_weight;
  assign unused_weight = ^weight_i[7:0];

endmodule
