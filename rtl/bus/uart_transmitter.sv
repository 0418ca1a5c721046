// Transmitter of an asynchronous serial line: 8 data bits, no parity, one stop bit, ClocksPerBit cycles
// each. A byte is taken in a cycle with valid_i and ready_o.
module uart_transmitter #(
  parameter int ClocksPerBit = 12
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       valid_i,
  output logic       ready_o,
  input  logic [7:0] data_i,
  output logic       line_o
);

  localparam int COUNT_BITS = $clog2(ClocksPerBit);

  logic [COUNT_BITS-1:0] count_q;
  logic [3:0]            left_q;   // bits, that on the line as well
  logic [8:0]            shift_q;  // what follows the present bit, then ones

  assign ready_o = left_q == '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      count_q <= '0;
      left_q  <= '0;
      shift_q <= '1;
      line_o  <= 1'b1;
    end else if (ready_o) begin
      count_q <= COUNT_BITS'(ClocksPerBit - 1);
      if (valid_i) begin
        left_q  <= 4'd10;
        shift_q <= {1'b1, data_i};
        line_o  <= 1'b0;
      end
    end else if (count_q != '0) begin
      count_q <= count_q - 1'b1;
    end else begin
      count_q <= COUNT_BITS'(ClocksPerBit - 1);
      left_q  <= left_q - 4'd1;
      {shift_q, line_o} <= {1'b1, shift_q};
    end
  end

endmodule
