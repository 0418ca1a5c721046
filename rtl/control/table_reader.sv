// Reads the core's product table for software: one entry, or all of them for their CRC-32. An entry
// is good two cycles after read_i, the checksum 65,538 cycles after check_i; busy_o is 1 meanwhile.
module table_reader (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  // From the registers, while neither this nor the machine is busy.
  input  logic        read_i,
  input  logic [15:0] address_i,
  input  logic        check_i,
  output logic        busy_o,
  output logic [15:0] entry_o,
  output logic [31:0] crc_o,
  // To the core; data come in the next cycle.
  output logic        table_read_o,
  output logic [15:0] table_address_o,
  input  logic [15:0] table_data_i
);

  logic        single_q;
  logic        all_q;
  logic [15:0] place_q;
  logic        single_data_q;  // data of such a read come
  logic        all_data_q;
  logic [15:0] entry_q;

  assign table_read_o = single_q | all_q;
  assign table_address_o = all_q ? place_q : address_i;
  assign busy_o = table_read_o | single_data_q | all_data_q;
  assign entry_o = entry_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      single_q      <= 1'b0;
      all_q         <= 1'b0;
      place_q       <= '0;
      single_data_q <= 1'b0;
      all_data_q    <= 1'b0;
      entry_q       <= '0;
    end else if (clear_i) begin
      single_q      <= 1'b0;
      all_q         <= 1'b0;
      place_q       <= '0;
      single_data_q <= 1'b0;
      all_data_q    <= 1'b0;
      entry_q       <= '0;
    end else begin
      single_q      <= read_i;
      all_q         <= check_i | (all_q & (place_q != 16'hffff));
      place_q       <= place_q + 16'(all_q);
      single_data_q <= single_q;
      all_data_q    <= all_q;
      if (single_data_q) entry_q <= table_data_i;
    end
  end

  crc32 #(.Bits(16)) u_crc (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .start_i(check_i | clear_i),
    .valid_i(all_data_q),
    .data_i (table_data_i),
    .crc_o  (crc_o)
  );

endmodule
