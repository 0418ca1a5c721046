// The counters of a run, 64 bits each (registers::COUNTER_*), and a copy of all of them of one
// cycle.
module run_counters #(
  parameter int BusBytes = 16
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,     // all to 0, the copy as well
  input  logic                start_i,     // the counters to 0
  input  logic                snapshot_i,  // copy them
  // Events of a cycle.
  input  logic                running_i,
  input  logic [3:0]          cause_i,     // registers::CAUSE_*
  input  logic                read_beat_i,
  input  logic                write_beat_i,
  input  logic [BusBytes-1:0] write_strobe_i,
  input  logic                read_burst_i,
  input  logic                write_burst_i,
  input  logic [2:0]          commands_i,  // finished
  input  logic                tile_i,
  input  logic                position_i,
  // The copy, a word of 32 bits.
  input  logic [5:0]          word_i,      // 2 * counter, + 1 for the high half
  output logic [31:0]         word_o
);

  localparam int COUNTERS = registers::COUNTERS;
  localparam int CAUSES = registers::CAUSE_IDLE + 1;

  logic [64*COUNTERS-1:0] copy_q;
  logic [5*COUNTERS-1:0]  steps;
  logic [4:0]             bytes_written;

  always_comb begin
    bytes_written = '0;
    for (int i = 0; i < BusBytes; i = i + 1) begin
      bytes_written = bytes_written + 5'(write_strobe_i[i]);
    end
  end

  for (genvar c = 0; c < CAUSES; c = c + 1) begin : gen_causes
    assign steps[5*(registers::COUNTER_COMPUTE+c) +: 5] = 5'(running_i && cause_i == 4'(c));
  end
  assign steps[5*registers::COUNTER_CYCLES +: 5] = 5'(running_i);
  assign steps[5*registers::COUNTER_BYTES_READ +: 5] = 5'(BusBytes) & {5{read_beat_i}};
  assign steps[5*registers::COUNTER_BYTES_WRITTEN +: 5] = bytes_written & {5{write_beat_i}};
  assign steps[5*registers::COUNTER_BURSTS_READ +: 5] = 5'(read_burst_i);
  assign steps[5*registers::COUNTER_BURSTS_WRITTEN +: 5] = 5'(write_burst_i);
  assign steps[5*registers::COUNTER_COMMANDS +: 5] = 5'(commands_i);
  assign steps[5*registers::COUNTER_TILES +: 5] = 5'(tile_i);
  assign steps[5*registers::COUNTER_POSITIONS +: 5] = 5'(position_i);

  for (genvar c = 0; c < COUNTERS; c = c + 1) begin : gen_counters
    logic [63:0] count_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        count_q           <= '0;
        copy_q[64*c+:64]  <= '0;
      end else if (clear_i) begin
        count_q           <= '0;
        copy_q[64*c+:64]  <= '0;
      end else begin
        count_q <= start_i ? '0 : count_q + 64'(steps[5*c +: 5]);
        if (snapshot_i) copy_q[64*c +: 64] <= count_q;
      end
    end
  end

  assign word_o = 32'(copy_q >> {word_i, 5'b00000});

endmodule
