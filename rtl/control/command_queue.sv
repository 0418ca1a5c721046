// Queue of a unit's commands. The first is offered once the units that it waits for have finished
// as many commands as it says, modulo 2^16, and halt_i is 0.
module command_queue #(
  parameter int Depth = 8
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         halt_i,
  // Finished commands: {stores, drained, read, others, activations}, 16 bits each.
  input  logic [79:0]  finished_i,
  // From the dispatcher.
  input  logic         write_valid_i,
  output logic         write_ready_o,
  input  logic [511:0] write_command_i,
  input  logic [23:0]  write_index_i,
  // To the unit.
  output logic         command_valid_o,
  input  logic         command_ready_i,
  output logic [511:0] command_o,
  output logic [23:0]  index_o,
  // A command is here, whatever it waits for, and whether that is a load.
  output logic         waiting_o,
  output logic         waits_activations_o,
  output logic         waits_others_o
);

  logic         valid;
  logic [535:0] entry;
  logic [79:0]  wanted;
  logic [4:0]   waits;
  logic [4:0]   missing;

  fifo #(
    .Bits (536),
    .Depth(Depth)
  ) u_fifo (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clear_i      (clear_i),
    .write_valid_i(write_valid_i),
    .write_ready_o(write_ready_o),
    .write_data_i ({write_index_i, write_command_i}),
    .read_valid_o (valid),
    .read_ready_i (command_valid_o & command_ready_i),
    .read_data_o  (entry)
  );

  assign {index_o, command_o} = entry;
  assign wanted = {command_o[registers::COMMAND_STORES_LSB +: 16],
                   command_o[registers::COMMAND_DRAINED_LSB +: 16],
                   command_o[registers::COMMAND_READ_LSB +: 16],
                   command_o[registers::COMMAND_OTHERS_LSB +: 16],
                   command_o[registers::COMMAND_ACTIVATIONS_LSB +: 16]};
  assign waits = {command_o[registers::COMMAND_WAIT_STORES_LSB],
                  command_o[registers::COMMAND_WAIT_DRAINED_LSB],
                  command_o[registers::COMMAND_WAIT_READ_LSB],
                  command_o[registers::COMMAND_WAIT_OTHERS_LSB],
                  command_o[registers::COMMAND_WAIT_ACTIVATIONS_LSB]};

  for (genvar i = 0; i < 5; i = i + 1) begin : gen_fences
    logic [15:0] ahead;  // finished beyond what is wanted
    logic [14:0] unused_distance;
    assign ahead = finished_i[16*i +: 16] - wanted[16*i +: 16];
    assign missing[i] = waits[i] & ahead[15];
    assign unused_distance = ahead[14:0];
  end

  assign command_valid_o = valid & ~(|missing) & ~halt_i;
  assign waiting_o = valid;
  assign waits_activations_o = valid & missing[0];
  assign waits_others_o = valid & missing[1];

endmodule
