// Receiver of an asynchronous serial line: 8 data bits, no parity, one stop bit, ClocksPerBit cycles each
// (4 or more). valid_o marks a byte for one cycle; a byte whose stop bit is not 1 is dropped.
module uart_receiver #(
  parameter int ClocksPerBit = 12
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       line_i,
  output logic       valid_o,
  output logic [7:0] data_o
);

  localparam int COUNT_BITS = $clog2(ClocksPerBit);

  logic [1:0]            line_q;
  logic                  active_q;
  logic [COUNT_BITS-1:0] count_q;
  logic [3:0]            bit_q;
  logic [7:0]            data_q;
  logic                  sample;

  assign sample = active_q & (count_q == '0);
  assign data_o = data_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      line_q   <= '1;
      active_q <= 1'b0;
      count_q  <= '0;
      bit_q    <= '0;
      valid_o  <= 1'b0;
    end else begin
      line_q  <= {line_q[0], line_i};
      valid_o <= sample & (bit_q == 4'd9) & line_q[1];
      if (!active_q) begin
        active_q <= ~line_q[1];
        count_q  <= COUNT_BITS'(ClocksPerBit / 2 - 1);
        bit_q    <= '0;
      end else if (sample) begin
        count_q <= COUNT_BITS'(ClocksPerBit - 1);
        bit_q   <= bit_q + 4'd1;
        // A start bit that is gone in its middle was none.
        if (bit_q == 4'd9 || (bit_q == 4'd0 && line_q[1])) active_q <= 1'b0;
      end else begin
        count_q <= count_q - 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (sample && bit_q != 4'd9) data_q <= {line_q[1], data_q[7:1]};
  end

endmodule
