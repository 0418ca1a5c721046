// Liveness of dispatcher and command_queue: while the machine runs, units take what they are
// offered and the fences of the first command of each queue are met, some command is issued or an
// error raised within BOUND cycles of there being one; and while a command is wrong, nothing of it
// or after it is issued (the error stays). What is issued was handed on: as many as came, in each
// queue.
module dispatcher_fv (
  input logic         clk_i,
  input logic         rst_ni,
  input logic         command_valid_i,
  input logic [127:0] words_i,          // words 0 to 3 of the command; the others are 0
  input logic [79:0]  finished_i,
  input logic [3:0]   unit_ready_i
);

  localparam int BOUND = 4;

  logic [511:0] command_i;
  logic        command_ready;
  logic [3:0]  queue_valid;
  logic [3:0]  queue_ready;
  logic [23:0] index;
  logic        error;
  logic [7:0]  error_code;
  logic [31:0] error_detail;
  logic [3:0]  issue_valid;
  logic [3:0]  issue;
  logic [3:0]  waiting;
  logic [3:0]  met;          // the fences of the first command, if there is one

  assign command_i = {384'b0, words_i};

  dispatcher u_dispatcher (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .clear_i        (1'b0),
    .start_i        (1'b0),
    .halt_i         (1'b0),
    .command_valid_i(command_valid_i),
    .command_ready_o(command_ready),
    .command_i      (command_i),
    .queue_valid_o  (queue_valid),
    .queue_ready_i  (queue_ready),
    .index_o        (index),
    .error_o        (error),
    .error_code_o   (error_code),
    .error_detail_o (error_detail)
  );

  logic [3:0]  held;         // a queue holds a command
  logic [11:0] all_held;     // so many
  for (genvar u = 0; u < 4; u = u + 1) begin : gen_queues
    logic [511:0] command;
    logic [23:0]  number;
    logic         waits_activations;
    logic         waits_others;
    logic [2:0]   held_q;

    command_queue #(.Depth(2)) u_queue (
      .clk_i              (clk_i),
      .rst_ni             (rst_ni),
      .clear_i            (1'b0),
      .halt_i             (1'b0),
      .finished_i         (finished_i),
      .write_valid_i      (queue_valid[u]),
      .write_ready_o      (queue_ready[u]),
      .write_command_i    (command_i),
      .write_index_i      (index),
      .command_valid_o    (issue_valid[u]),
      .command_ready_i    (unit_ready_i[u]),
      .command_o          (command),
      .index_o            (number),
      .waiting_o          (waiting[u]),
      .waits_activations_o(waits_activations),
      .waits_others_o     (waits_others)
    );

    always_ff @(posedge clk_i) begin
      if (!rst_ni) held_q <= '0;
      else held_q <= held_q + (queue_valid[u] & queue_ready[u]) - issue[u];
    end
    assign all_held[3*u +: 3] = held_q;
    assign held[u] = held_q != 0;
    assign issue[u] = issue_valid[u] & unit_ready_i[u];

    // Written anew, so that a queue that never finds them met does not excuse itself: each unit waited for has
    // finished less than 2^15 commands beyond the number wanted, modulo 2^16.
    logic [15:0] stores, drained, read, others, activations;
    assign stores = finished_i[79:64] - command[registers::COMMAND_STORES_LSB +: 16];
    assign drained = finished_i[63:48] - command[registers::COMMAND_DRAINED_LSB +: 16];
    assign read = finished_i[47:32] - command[registers::COMMAND_READ_LSB +: 16];
    assign others = finished_i[31:16] - command[registers::COMMAND_OTHERS_LSB +: 16];
    assign activations = finished_i[15:0] - command[registers::COMMAND_ACTIVATIONS_LSB +: 16];
    assign met[u] = !waiting[u] |
        ((!command[registers::COMMAND_WAIT_STORES_LSB] || stores < 16'h8000) &&
         (!command[registers::COMMAND_WAIT_DRAINED_LSB] || drained < 16'h8000) &&
         (!command[registers::COMMAND_WAIT_READ_LSB] || read < 16'h8000) &&
         (!command[registers::COMMAND_WAIT_OTHERS_LSB] || others < 16'h8000) &&
         (!command[registers::COMMAND_WAIT_ACTIVATIONS_LSB] || activations < 16'h8000));
  end

  (* hierconn *) wire [1:0] \gen_queues[0].u_queue.u_fifo.write_q ;
  (* hierconn *) wire [1:0] \gen_queues[0].u_queue.u_fifo.read_q ;
  (* hierconn *) wire [1:0] \gen_queues[1].u_queue.u_fifo.write_q ;
  (* hierconn *) wire [1:0] \gen_queues[1].u_queue.u_fifo.read_q ;
  (* hierconn *) wire [1:0] \gen_queues[2].u_queue.u_fifo.write_q ;
  (* hierconn *) wire [1:0] \gen_queues[2].u_queue.u_fifo.read_q ;
  (* hierconn *) wire [1:0] \gen_queues[3].u_queue.u_fifo.write_q ;
  (* hierconn *) wire [1:0] \gen_queues[3].u_queue.u_fifo.read_q ;
  logic [7:0]  in_ram;
  assign in_ram = {2'(\gen_queues[3].u_queue.u_fifo.write_q - \gen_queues[3].u_queue.u_fifo.read_q ),
                   2'(\gen_queues[2].u_queue.u_fifo.write_q - \gen_queues[2].u_queue.u_fifo.read_q ),
                   2'(\gen_queues[1].u_queue.u_fifo.write_q - \gen_queues[1].u_queue.u_fifo.read_q ),
                   2'(\gen_queues[0].u_queue.u_fifo.write_q - \gen_queues[0].u_queue.u_fifo.read_q )};

  logic         begun_q = 1'b0;
  logic         waits_q;
  logic [127:0] waiting_words_q;
  logic         error_q;
  logic [2:0]   idle_q;      // cycles with a command and nothing issued

  always_ff @(posedge clk_i) begin
    begun_q           <= 1'b1;
    waits_q           <= rst_ni & command_valid_i & ~command_ready;
    waiting_words_q   <= words_i;
    error_q           <= rst_ni & error;
    if (!rst_ni || issue != 0 || error || !(&met) || !(&unit_ready_i) ||
        (held == 0 && !command_valid_i)) idle_q <= '0;
    else idle_q <= idle_q + 1'b1;
  end

  always_comb begin
    assume (rst_ni == begun_q);
    if (waits_q) assume (command_valid_i && words_i == waiting_words_q);
    if (begun_q) begin
      assert (idle_q < BOUND);
      // For the induction: where the command is by then.
      if (idle_q >= 1) assert (held != 0);
      if (idle_q >= 2) assert (waiting != 0);
      if (idle_q >= 3) assert (0);
      if (error_q) assert (error);
      if (error) assert (queue_valid == 0 && !command_ready);
      for (int u = 0; u < 4; u = u + 1) begin
        assert (all_held[3*u +: 3] == 3'(in_ram[2*u +: 2]) + 3'(waiting[u]));
        assert (in_ram[2*u +: 2] <= 2);
        if (in_ram[2*u +: 2] == 2) assert (waiting[u]);
        if (issue[u]) assert (held[u] && met[u]);
        if (queue_valid[u]) assert (command_valid_i && queue_valid == (4'd1 << u));
      end
    end
  end

endmodule
