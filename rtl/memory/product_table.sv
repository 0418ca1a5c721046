// The master table of products and the broadcast of its rows: 65,536 entries of 16 bits, index
// weight * 256 + activation.
//
// Weights of a tile come row by row with weight_i. When loaded_i says that all have come, the rows of the
// magnitudes that occur among them are broadcast, TableEntries products a cycle from fill_o on, and
// ready_o rises; take_i (the tile has begun) starts over.
//
// A word of WriteEntries entries is written in one cycle. read_data_o follows read_i by a cycle; it may only
// come while no rows are broadcast.
module product_table #(
  parameter int Columns = 16,
  parameter int TableEntries = 16,
  parameter int WriteEntries = 8
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,
  input  logic                            clear_i,
  // Software.
  input  logic                            write_i,
  input  logic [15:0]                     write_address_i,  // multiple of WriteEntries
  input  logic [WriteEntries*16-1:0]      write_data_i,
  input  logic                            read_i,
  input  logic [15:0]                     read_address_i,
  output logic [15:0]                     read_data_o,
  // Weights of the next tile.
  input  logic                            weight_i,
  input  logic [Columns*8-1:0]            weight_magnitude_i,
  input  logic                            loaded_i,
  input  logic                            take_i,
  output logic                            ready_o,
  // To the grid.
  output logic                            fill_o,
  output logic [7:0]                      fill_magnitude_o,
  output logic [7-$clog2(TableEntries):0] fill_word_o,
  output logic [TableEntries*16-1:0]      fill_data_o
);

  localparam int BANKS = (TableEntries > WriteEntries) ? TableEntries : WriteEntries;
  localparam int BANK_BITS = (BANKS > 1) ? $clog2(BANKS) : 1;
  localparam int WORDS = 65536 / BANKS;
  localparam int WORD_BITS = $clog2(WORDS);
  localparam int FILL_WORDS = 256 / TableEntries;
  localparam int FILL_BITS = 8 - $clog2(TableEntries);

  // Magnitudes that occur and whose rows have not been broadcast.
  logic [255:0]         present_q;
  logic [255:0]         arriving;
  logic [7:0]           lowest;
  logic                 any;
  logic [FILL_BITS-1:0] word_q;
  logic                 reading;  // a word of a row
  logic                 last_word;
  logic                 row_end;
  logic                 ready_q;

  always_comb begin
    arriving = '0;
    if (weight_i) begin
      for (int c = 0; c < Columns; c++) arriving = arriving | (256'd1 << weight_magnitude_i[c*8 +: 8]);
    end
  end

  always_comb begin
    lowest = '0;
    for (int m = 255; m >= 0; m = m - 1) begin
      if (present_q[m]) lowest = 8'(m);
    end
  end

  assign any = |present_q;
  assign reading = loaded_i & any;
  assign last_word = word_q == FILL_BITS'(FILL_WORDS - 1);
  assign row_end = reading & last_word;
  assign ready_o = ready_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      present_q <= '0;
      word_q    <= '0;
      ready_q   <= 1'b0;
      fill_o    <= 1'b0;
    end else if (clear_i) begin
      present_q <= '0;
      word_q    <= '0;
      ready_q   <= 1'b0;
      fill_o    <= 1'b0;
    end else begin
      present_q <= (present_q | arriving) & ~(256'(row_end) << lowest);
      if (reading) word_q <= last_word ? '0 : word_q + 1'b1;
      // Nothing is left, or the last word is just being read: it is in the elements a cycle before
      // they are read.
      ready_q <= ~take_i & loaded_i & (ready_q | ~any | (last_word & (present_q == 256'd1 << lowest)));
      fill_o  <= reading;
    end
  end

  // A bank for each entry that comes or goes in a cycle.
  logic [15:0]          address;
  logic [WORD_BITS-1:0] read_word;
  logic [WORD_BITS-1:0] write_word;
  logic [BANK_BITS-1:0] offset_q;
  logic [BANKS*16-1:0]  read_data;

  assign address = read_i ? read_address_i : {lowest, 8'd0} | (16'(word_q) << $clog2(TableEntries));
  assign read_word = WORD_BITS'(address >> $clog2(BANKS));
  assign write_word = WORD_BITS'(write_address_i >> $clog2(BANKS));

  always_ff @(posedge clk_i) begin
    offset_q <= BANK_BITS'(address & 16'(BANKS - 1));
    fill_magnitude_o <= lowest;
    fill_word_o <= word_q;
  end

  for (genvar b = 0; b < BANKS; b++) begin : gen_bank
    logic [15:0] memory [0:WORDS-1];
    logic [15:0] read_q;
    logic        write;
    assign write = write_i &
        ((write_address_i & 16'(BANKS - 1)) == 16'((b / WriteEntries) * WriteEntries));
    always_ff @(posedge clk_i) begin
      read_q <= memory[read_word];
      if (write) memory[write_word] <= write_data_i[(b%WriteEntries)*16 +: 16];
    end
    assign read_data[b*16 +: 16] = read_q;
  end

  if (BANKS == 1) begin : gen_one
    logic unused_offset;
    assign unused_offset = ^offset_q;
    assign read_data_o = read_data;
    assign fill_data_o = read_data;
  end else begin : gen_many
    assign read_data_o = read_data[offset_q*16 +: 16];
    assign fill_data_o = read_data[offset_q*16 +: TableEntries*16];
  end

endmodule
