// Nothing in the sequencer of accelerator_core waits for itself: while the core is busy and weights are offered, in
// every cycle a position or a tap enters, weights move, a command is taken or refused, a pulse is on its
// way through the grid or the lanes, or a drain goes on. Each of these ends: what moves in a pipeline leaves it, and
// tiles, taps and drains are counted; so a busy core comes to an end.
//
// The other assertions say what is in the banks and in the grid; the proof needs them.
module accelerator_core_fv (
  input logic         clk_i,
  input logic         rst_ni,
  input logic         weight_valid_i,
  input logic         command_valid_i,
  input logic [511:0] command_i
);

  localparam int CONTROL_BITS = 6;  // {valid, first, last of the command, ends sums, bank, index}
  localparam int STAGES = 5;        // of the grid

  logic        busy;
  logic        weight_ready;
  logic [2:0]  weight_rows;
  logic        command_ready;
  logic        unused;

  accelerator_core #(
    .Rows           (2),
    .Columns        (2),
    .PeKind         (mbm_pkg::PE_EXACT),
    .Lanes          (1),
    .BusBytes       (4),
    .ActivationDepth(64),
    .WeightRows     (4),
    .SumDepth       (2),
    .OutputDepth    (16),
    .ParameterDepth (4)
  ) u_core (
    .clk_i               (clk_i),
    .rst_ni              (rst_ni),
    .clear_i             (1'b0),
    .activation_write_i  (1'b0),
    .activation_address_i('0),
    .activation_count_i  ('0),
    .activation_data_i   ('0),
    .weight_valid_i      (weight_valid_i),
    .weight_ready_o      (weight_ready),
    .weight_row_i        ('0),
    .weight_rows_o       (weight_rows),
    .parameter_write_i   (1'b0),
    .parameter_address_i ('0),
    .parameter_data_i    ('0),
    .table_write_i       (1'b0),
    .table_address_i     ('0),
    .table_data_i        ('0),
    .table_read_i        (1'b0),
    .table_read_address_i('0),
    .table_read_data_o   (),
    .command_valid_i     (command_valid_i),
    .command_ready_o     (command_ready),
    .command_i           (command_i),
    .read_done_o         (),
    .drain_done_o        (),
    .command_error_o     (),
    .command_error_code_o(),
    .output_read_i       (1'b0),
    .output_address_i    ('0),
    .output_data_o       (),
    .cause_o             (),
    .busy_o              (busy),
    .tile_o              (),
    .position_o          ()
  );

  // Commands.
  (* hierconn *) wire       \u_core.take ;
  (* hierconn *) wire       \u_core.next_valid_q ;
  (* hierconn *) wire [7:0] \u_core.next_error ;
  (* hierconn *) wire       \u_core.halted_q ;
  (* hierconn *) wire       \u_core.convolve_q ;
  (* hierconn *) wire       \u_core.convolve_end ;
  (* hierconn *) wire       \u_core.enter ;
  (* hierconn *) wire       \u_core.tap ;
  // Weights.
  (* hierconn *) wire       \u_core.weight_load ;
  (* hierconn *) wire [1:0] \u_core.load_wait_q ;
  (* hierconn *) wire       \u_core.u_weight_fifo.fetch ;
  // Banks of sums.
  (* hierconn *) wire       \u_core.tile_start ;
  (* hierconn *) wire       \u_core.first_tile ;
  (* hierconn *) wire       \u_core.starts_sums ;
  (* hierconn *) wire       \u_core.ends_sums ;
  (* hierconn *) wire       \u_core.fill_bank_q ;
  (* hierconn *) wire [1:0] \u_core.bank_in_use_q ;
  // Pulses in the grid.
  (* hierconn *) wire [CONTROL_BITS-1:0]   \u_core.control_q ;
  (* hierconn *) wire [4*CONTROL_BITS-1:0] \u_core.u_grid.gen_foot[0].gen_left.u_control.stages_q ;
  (* hierconn *) wire [CONTROL_BITS-1:0]   \u_core.u_grid.gen_foot[1].gen_inner.u_control.stages_q ;
  (* hierconn *) wire        \u_core.finish_q ;
  (* hierconn *) wire        \u_core.finish_last_q ;
  (* hierconn *) wire        \u_core.finish_bank_q ;
  (* hierconn *) wire [15:0] \u_core.in_flight_q ;
  // Drains.
  (* hierconn *) wire [1:0]  \u_core.u_post_processor.pending_q ;
  (* hierconn *) wire        \u_core.u_post_processor.bank_q ;
  (* hierconn *) wire        \u_core.u_post_processor.active_q ;
  (* hierconn *) wire        \u_core.u_post_processor.start ;
  (* hierconn *) wire        \u_core.u_post_processor.empty_slot ;
  (* hierconn *) wire        \u_core.u_post_processor.waiting ;
  (* hierconn *) wire [15:0] \u_core.u_post_processor.empty_after_q ;
  (* hierconn *) wire        \u_core.u_post_processor.idle_o ;

  // Ends of commands on their way to the drains, and those of whole sums by bank.
  logic [6*CONTROL_BITS-1:0] pulses;
  logic [2:0]                ends;
  logic [1:0]                ended;
  logic [2:0]                ended_often;
  logic                      any_pulse;

  assign pulses = {\u_core.u_grid.gen_foot[1].gen_inner.u_control.stages_q ,
                   \u_core.u_grid.gen_foot[0].gen_left.u_control.stages_q , \u_core.control_q };

  always_comb begin
    any_pulse = \u_core.finish_q ;
    ends = 3'(\u_core.finish_q );
    ended = {2{\u_core.finish_q & \u_core.finish_last_q }} & (2'd1 << \u_core.finish_bank_q );
    ended_often = 3'(\u_core.finish_q & \u_core.finish_last_q );
    for (int s = 0; s <= STAGES; s = s + 1) begin
      if (pulses[s*CONTROL_BITS+5]) any_pulse = 1'b1;
      if (pulses[s*CONTROL_BITS+5] && pulses[s*CONTROL_BITS+3]) begin
        ends = ends + 1'b1;
        if (pulses[s*CONTROL_BITS+2]) begin
          ended = ended | (2'd1 << pulses[s*CONTROL_BITS+1]);
          ended_often = ended_often + 1'b1;
        end
      end
    end
  end

  logic       begun = 1'b0;
  logic       filling_q;  // sums have begun and not ended
  logic [1:0] filling;
  logic [1:0] pending;
  logic       moves;
  logic       excused;

  always_ff @(posedge clk_i) begin
    begun <= 1'b1;
    if (!rst_ni) filling_q <= 1'b0;
    else if (\u_core.convolve_end && \u_core.ends_sums ) filling_q <= 1'b0;
    else if (\u_core.tile_start && \u_core.first_tile && \u_core.starts_sums ) filling_q <= 1'b1;
  end

  assign filling = {2{filling_q}} & (2'd1 << \u_core.fill_bank_q );
  assign pending = \u_core.u_post_processor.pending_q ;
  assign excused = weight_rows == '0;
  assign moves = \u_core.take | \u_core.enter | \u_core.tap | \u_core.weight_load |
      (\u_core.load_wait_q != '0) | \u_core.u_weight_fifo.fetch | any_pulse |
      \u_core.u_post_processor.start | \u_core.u_post_processor.active_q |
      \u_core.u_post_processor.empty_slot | \u_core.halted_q |
      (\u_core.next_valid_q & (\u_core.next_error != '0));

  always_comb begin
    assume (rst_ni == begun);
    if (begun) begin
      // Commands that are under way and sums that are kept; what is behind the drains is a pipeline.
      if (\u_core.convolve_q || \u_core.next_valid_q || \u_core.in_flight_q != '0 ||
          !\u_core.u_post_processor.idle_o ) assert (moves || excused);
      assert (\u_core.in_flight_q == 16'(ends));
      assert (\u_core.bank_in_use_q == (filling | ended | pending));
      assert ((filling & ended) == '0 && (filling & pending) == '0 && (ended & pending) == '0);
      assert (ended_often == 3'(ended[0]) + 3'(ended[1]));
      case (\u_core.bank_in_use_q )
        2'b00: assert (\u_core.u_post_processor.bank_q == \u_core.fill_bank_q );
        2'b01: assert (\u_core.u_post_processor.bank_q == 1'b0);
        2'b10: assert (\u_core.u_post_processor.bank_q == 1'b1);
        default: assert (\u_core.u_post_processor.bank_q == (\u_core.fill_bank_q ^ filling_q));
      endcase
      if (\u_core.u_post_processor.active_q ) assert (pending[\u_core.u_post_processor.bank_q ]);
      if (\u_core.u_post_processor.empty_after_q != '0) assert (\u_core.u_post_processor.waiting );
    end
  end

  assign unused = ^{weight_ready, command_ready, busy};

endmodule
