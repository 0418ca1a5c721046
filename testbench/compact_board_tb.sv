// Plays a file of bytes to the serial line of compact_board (RTL or netlist) and prints what comes back, one
// hexadecimal byte a line. A value of 100 and more in the file is a pause of so many bit times.
`timescale 1ns / 1ns
module compact_board_tb;
  localparam int CLOCKS_PER_BIT = 4;
  localparam int MOST_BYTES = 4096;

  logic        clk = 1'b0;
  logic        rst_n = 1'b0;
  logic        line_in = 1'b1;
  wire         line_out;
  wire [3:0]   lamps;
  logic [15:0] entries [0:MOST_BYTES-1];
  logic [7:0]  data;
  integer      count;

  compact_board u_board (
    .clk_i  (clk),
    .rst_ni (rst_n),
    .line_i (line_in),
    .line_o (line_out),
    .lamps_o(lamps)
  );

  always #5 clk = ~clk;

  initial begin
    for (int i = 0; i < MOST_BYTES; i = i + 1) entries[i] = 16'hffff;
    $readmemh("frames.hex", entries);
    repeat (20) @(negedge clk);
    rst_n = 1'b1;
    repeat (4000) @(negedge clk);
    for (int i = 0; i < MOST_BYTES && entries[i] != 16'hffff; i = i + 1) begin
      if (entries[i] >= 16'h100) begin
        repeat (CLOCKS_PER_BIT * entries[i]) @(negedge clk);
      end else begin
        data = entries[i][7:0];
        line_in = 1'b0;
        repeat (CLOCKS_PER_BIT) @(negedge clk);
        for (int b = 0; b < 8; b = b + 1) begin
          line_in = data[b];
          repeat (CLOCKS_PER_BIT) @(negedge clk);
        end
        line_in = 1'b1;
        repeat (CLOCKS_PER_BIT) @(negedge clk);
      end
    end
    $finish;
  end

  logic [7:0] received;
  initial begin
    @(posedge rst_n);
    forever begin
      @(negedge line_out);
      repeat (CLOCKS_PER_BIT + CLOCKS_PER_BIT / 2) @(negedge clk);
      for (int b = 0; b < 8; b = b + 1) begin
        received[b] = line_out;
        repeat (CLOCKS_PER_BIT) @(negedge clk);
      end
      $display("byte %02x", received);
    end
  end
endmodule
