// Checks each command and hands it, with its index, to the queue of its unit, in program order. A
// command goes on in the cycle in which it is offered if its queue is ready. One that is wrong
// raises error_o with a code (registers::ERROR_*) and a detail, and stays; whoever sees the error
// halts.
module dispatcher (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         start_i,   // the next command has index 0
  input  logic         halt_i,
  // From the fetcher.
  input  logic         command_valid_i,
  output logic         command_ready_o,
  input  logic [511:0] command_i,
  // To the queues, bit registers::UNIT_*.
  output logic [3:0]   queue_valid_o,
  input  logic [3:0]   queue_ready_i,
  output logic [23:0]  index_o,         // of the present command: of those handed on, the number
  // Errors.
  output logic         error_o,
  output logic [7:0]   error_code_o,
  output logic [31:0]  error_detail_o
);

  logic        known;
  logic        fault;
  logic        good;
  logic [1:0]  unit;
  logic [3:0]  word;
  logic [23:0] index_q;

  command_check u_check (
    .command_i(command_i),
    .known_o  (known),
    .unit_o   (unit),
    .fault_o  (fault),
    .word_o   (word)
  );

  assign good = command_valid_i & known & ~fault & ~halt_i;
  for (genvar u = 0; u < 4; u = u + 1) begin : gen_units
    assign queue_valid_o[u] = good & (unit == 2'(u));
  end
  assign command_ready_o = |(queue_valid_o & queue_ready_i);
  assign index_o = index_q;

  assign error_o = command_valid_i & (~known | fault) & ~halt_i;
  assign error_code_o = known ? 8'(registers::ERROR_FIELD) : 8'(registers::ERROR_OPCODE);
  assign error_detail_o = known ? 32'(word) : 32'(command_i[7:0]);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) index_q <= '0;
    else if (clear_i | start_i) index_q <= '0;
    else if (command_ready_o) index_q <= index_q + 1'b1;
  end

endmodule
