// Memory of Depth elements in Banks banks, both powers of two: element a lies in bank a mod Banks, so that
// any run of Banks elements, aligned or not, is read in one cycle, and any run of WriteElements (at
// most Banks) is written in one. Addresses wrap.
//
// read_data_o follows read_address_i by a cycle, its element 0 is the one at the address. A read of
// what is written in the same cycle gives the old value or the new one.
module banked_memory #(
  parameter int Bits = 9,
  parameter int Banks = 16,
  parameter int Depth = 1024,
  parameter int WriteElements = 16
) (
  input  logic                               clk_i,
  input  logic                               write_i,
  input  logic [$clog2(Depth)-1:0]           write_address_i,
  input  logic [$clog2(WriteElements+1)-1:0] write_count_i,  // elements, from element 0 on
  input  logic [WriteElements*Bits-1:0]      write_data_i,
  input  logic [$clog2(Depth)-1:0]           read_address_i,
  output logic [Banks*Bits-1:0]              read_data_o
);

  localparam int BANK_BITS = $clog2(Banks);
  localparam int OFFSET_BITS = (Banks > 1) ? BANK_BITS : 1;
  localparam int WORDS = Depth / Banks;
  localparam int WORD_BITS = $clog2(WORDS);

  logic [OFFSET_BITS-1:0] write_offset;
  logic [OFFSET_BITS-1:0] read_offset;
  logic [OFFSET_BITS-1:0] read_offset_q;
  logic [WORD_BITS-1:0]   write_word;
  logic [WORD_BITS-1:0]   read_word;
  logic [Banks-1:0]       write_mask;     // from element 0 on
  logic [Banks-1:0]       write_banks;
  logic [Banks*Bits-1:0]  write_data;     // from bank 0 on
  logic [Banks-1:0]       write_next;     // banks before the first one hold the next word
  logic [Banks-1:0]       read_next;
  logic [Banks*Bits-1:0]  bank_data;

  assign write_word = write_address_i[$clog2(Depth)-1:BANK_BITS];
  assign read_word = read_address_i[$clog2(Depth)-1:BANK_BITS];
  if (Banks > 1) begin : gen_offsets
    assign write_offset = write_address_i[OFFSET_BITS-1:0];
    assign read_offset = read_address_i[OFFSET_BITS-1:0];
  end else begin : gen_no_offsets
    assign write_offset = '0;
    assign read_offset = '0;
  end

  assign write_mask = ~({Banks{1'b1}} << write_count_i) & {Banks{write_i}};
  assign write_next = ~({Banks{1'b1}} << write_offset);
  assign read_next = ~({Banks{1'b1}} << read_offset);

  rotator #(
    .Bits    (1),
    .Elements(Banks),
    .Left    (1)
  ) u_mask (
    .amount_i(write_offset),
    .data_i  (write_mask),
    .data_o  (write_banks)
  );

  rotator #(
    .Bits    (Bits),
    .Elements(Banks),
    .Left    (1)
  ) u_write (
    .amount_i(write_offset),
    .data_i  ((Banks*Bits)'(write_data_i)),
    .data_o  (write_data)
  );

  for (genvar b = 0; b < Banks; b++) begin : gen_bank
    logic [Bits-1:0]      memory [0:WORDS-1];
    logic [Bits-1:0]      read_q;
    logic [WORD_BITS-1:0] bank_read_word;
    logic [WORD_BITS-1:0] bank_write_word;

    assign bank_read_word = read_word + WORD_BITS'(read_next[b]);
    assign bank_write_word = write_word + WORD_BITS'(write_next[b]);

    always_ff @(posedge clk_i) begin
      read_q <= memory[bank_read_word];
      if (write_banks[b]) memory[bank_write_word] <= write_data[b*Bits +: Bits];
    end

    assign bank_data[b*Bits +: Bits] = read_q;
  end

  always_ff @(posedge clk_i) read_offset_q <= read_offset;

  rotator #(
    .Bits    (Bits),
    .Elements(Banks)
  ) u_read (
    .amount_i(read_offset_q),
    .data_i  (bank_data),
    .data_o  (read_data_o)
  );

endmodule
