// What the machine as a whole does: a run, its end, its clean stop after an error, soft reset.
//
// * A run begins in the cycle after start_i and ends when finished_i has reached count_i: done_o is
//   1 from the second cycle after the last command finished.
// * The first error of a run is latched. From the next cycle on halt_o forbids new commands and
//   bursts; when no burst is under way, or watchdog_i cycles have passed without progress, error_o
//   is raised.
// * A soft reset halts, waits until no burst is under way, then gives clear_o for one cycle.
// * watchdog_i successive cycles of a run without progress_i are an error; 0 is never.
module run_control (
  input  logic        clk_i,
  input  logic        rst_ni,
  // From the registers.
  input  logic        start_i,
  input  logic        reset_i,
  input  logic [23:0] count_i,
  input  logic [31:0] watchdog_i,
  // Events.
  input  logic [2:0]  finished_i,        // commands that finish in this cycle
  input  logic        progress_i,
  input  logic        bursts_i,          // some burst is under way
  input  logic [6:0]  working_i,         // for the detail of a watchdog error
  // Errors: lowest first.
  input  logic [5:0]  error_i,
  input  logic [47:0] error_code_i,
  input  logic [143:0] error_index_i,
  input  logic [191:0] error_detail_i,
  input  logic [23:0] next_index_i,      // first command not dispatched: of a watchdog error
  // To all units.
  output logic        running_o,
  output logic        halt_o,
  output logic        clear_o,
  // To the registers.
  output logic        busy_o,
  output logic        done_o,
  output logic        error_o,
  output logic        stopping_o,
  output logic        resetting_o,
  output logic        bus_stuck_o,
  output logic [7:0]  error_code_o,
  output logic [23:0] error_index_o,
  output logic [31:0] error_detail_o,
  output logic        done_event_o,      // pulses for the interrupts
  output logic        error_event_o
);

  localparam logic [2:0] WAITING = 3'd0;
  localparam logic [2:0] RUNNING = 3'd1;
  localparam logic [2:0] STOPPING = 3'd2;
  localparam logic [2:0] RESETTING = 3'd3;
  localparam logic [2:0] CLEARING = 3'd4;

  logic [2:0]  state_q;
  logic [2:0]  state_d;
  logic        done_q;
  logic        error_q;
  logic        stuck_q;
  logic [23:0] finished_q;
  logic [31:0] quiet_q;     // cycles without progress
  logic        expires;
  logic        complete;
  logic        stopped;
  logic        fails;
  logic [7:0]  code_q;
  logic [23:0] index_q;
  logic [31:0] detail_q;
  logic [7:0]  code;
  logic [23:0] index;
  logic [31:0] detail;

  assign complete = finished_q == count_i;
  assign expires = (watchdog_i != '0) & ~progress_i & (quiet_q + 1'b1 == watchdog_i);
  assign fails = (|error_i) | expires;
  assign stopped = ~bursts_i | expires;

  always_comb begin
    code = 8'(registers::ERROR_WATCHDOG);
    index = next_index_i;
    detail = 32'(working_i);
    for (int i = 5; i >= 0; i = i - 1) begin
      if (error_i[i]) begin
        code = error_code_i[8*i +: 8];
        index = error_index_i[24*i +: 24];
        detail = error_detail_i[32*i +: 32];
      end
    end
  end

  always_comb begin
    state_d = state_q;
    case (state_q)
      WAITING: if (start_i) state_d = RUNNING;
      RUNNING: begin
        if (complete) state_d = WAITING;
        else if (fails) state_d = STOPPING;
      end
      STOPPING: if (stopped) state_d = WAITING;
      RESETTING: if (!bursts_i) state_d = CLEARING;
      default: state_d = WAITING;
    endcase
    if (reset_i && state_q != CLEARING) state_d = RESETTING;
  end

  assign done_event_o = (state_q == RUNNING) & complete & ~reset_i;
  assign error_event_o = (state_q == STOPPING) & stopped & ~reset_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q    <= WAITING;
      done_q     <= 1'b0;
      error_q    <= 1'b0;
      stuck_q    <= 1'b0;
      finished_q <= '0;
      quiet_q    <= '0;
      code_q     <= '0;
      index_q    <= '0;
      detail_q   <= '0;
    end else begin
      state_q    <= state_d;
      finished_q <= (state_q == RUNNING) ? finished_q + 24'(finished_i) : '0;
      quiet_q    <= (progress_i || state_q != state_d || state_q == WAITING) ? '0 : quiet_q + 1'b1;
      if (state_q == WAITING && start_i) done_q <= 1'b0;
      if (done_event_o) done_q <= 1'b1;
      if (error_event_o) begin
        error_q <= 1'b1;
        stuck_q <= bursts_i;
      end
      if (state_q == RUNNING && !complete && fails) begin
        code_q   <= code;
        index_q  <= index;
        detail_q <= detail;
      end
      if (state_q == CLEARING) begin
        done_q   <= 1'b0;
        error_q  <= 1'b0;
        stuck_q  <= 1'b0;
        code_q   <= '0;
        index_q  <= '0;
        detail_q <= '0;
      end
    end
  end

  assign running_o = state_q == RUNNING;
  assign halt_o = state_q != RUNNING;
  assign clear_o = state_q == CLEARING;
  assign busy_o = state_q != WAITING;
  assign done_o = done_q;
  assign error_o = error_q;
  assign stopping_o = state_q == STOPPING;
  assign resetting_o = (state_q == RESETTING) | (state_q == CLEARING);
  assign bus_stuck_o = stuck_q;
  assign error_code_o = code_q;
  assign error_index_o = index_q;
  assign error_detail_o = detail_q;

endmodule
