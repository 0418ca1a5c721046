// In place of accelerator_core in the bench of the shell: it keeps what the shell writes and has
// commands that copy it to the output buffer, under opcodes and in words that the dispatcher lets
// through.
//
//   CONVOLVE  word 4 elements, 5 source, 6 destination: activations, one a cycle; word 7 rows of weights
//             consumed before, 8 cycles to wait before
//   MAXIMUM   word 4 rows, 5 destination: rows of weights, one a cycle
//   ADD       word 4 first channel, 5 destination, 7 channels: parameters, 8 operands of 9 bits each
// No elements (rows, channels) is refused with code 9. The last result is in the buffer DRAIN
// cycles after the last operand was read. No reset of memories.
module core_stand_in #(
  parameter int Columns = 4,
  parameter int BusBytes = 4,
  parameter int ActivationDepth = 1024,
  parameter int WeightRows = 8,
  parameter int OutputDepth = 1024,
  parameter int ParameterDepth = 64
) (
  input  logic                               clk_i,
  input  logic                               rst_ni,
  input  logic                               clear_i,
  input  logic                               activation_write_i,
  input  logic [$clog2(ActivationDepth)-1:0] activation_address_i,
  input  logic [$clog2(BusBytes):0]          activation_count_i,
  input  logic [9*BusBytes-1:0]              activation_data_i,
  input  logic                               weight_valid_i,
  output logic                               weight_ready_o,
  input  logic [9*Columns-1:0]               weight_row_i,
  input  logic                               parameter_write_i,
  input  logic [$clog2(ParameterDepth)-1:0]  parameter_address_i,
  input  logic [70:0]                        parameter_data_i,
  input  logic                               table_write_i,
  input  logic [15:0]                        table_address_i,
  input  logic [8*BusBytes-1:0]              table_data_i,
  input  logic                               table_read_i,
  input  logic [15:0]                        table_read_address_i,
  output logic [15:0]                        table_read_data_o,
  input  logic                               command_valid_i,
  output logic                               command_ready_o,
  input  logic [511:0]                       command_i,
  output logic                               read_done_o,
  output logic                               drain_done_o,
  output logic                               command_error_o,
  output logic [7:0]                         command_error_code_o,
  input  logic                               output_read_i,
  input  logic [$clog2(OutputDepth)-1:0]     output_address_i,
  output logic [9*BusBytes-1:0]              output_data_o,
  output logic [2:0]                         cause_o,
  output logic                               busy_o,
  output logic                               tile_o,
  output logic                               position_o
);

  localparam int DRAIN = 5;

  logic [8:0]           activations [0:ActivationDepth-1];
  logic [8:0]           outputs [0:OutputDepth-1];
  logic [70:0]          parameters [0:ParameterDepth-1];
  logic [15:0]          products [0:65535];
  logic                 active_q;
  logic [7:0]           opcode_q;
  logic [31:0]          left_q;      // elements, rows or channels
  logic [31:0]          from_q;
  logic [31:0]          to_q;
  logic [31:0]          weights_q;   // rows to consume before
  logic [31:0]          wait_q;      // cycles to wait before
  logic [DRAIN-1:0]     drain_q;
  logic                 copies;
  logic                 copy;
  logic                 pop;
  logic                 row_valid;
  logic [9*Columns-1:0] row;
  logic [71:0]          record;
  logic [31:0]          amount;
  logic                 empty;
  logic                 take;
  logic [511:0]         unused_command;

  fifo #(
    .Bits (9 * Columns),
    .Depth(WeightRows)
  ) u_weights (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clear_i      (clear_i),
    .write_valid_i(weight_valid_i),
    .write_ready_o(weight_ready_o),
    .write_data_i (weight_row_i),
    .read_valid_o (row_valid),
    .read_ready_i (pop),
    .read_data_o  (row)
  );

  assign amount = (command_i[7:0] == 8'(registers::OPCODE_ADD)) ? command_i[255:224] :
                                                                  command_i[159:128];
  assign empty = amount == '0;
  assign command_ready_o = ~active_q;
  assign unused_command = command_i;
  assign take = command_valid_i & command_ready_o;
  assign command_error_o = take & empty;
  assign command_error_code_o = 8'd9;

  assign copies = active_q & (weights_q == '0) & (wait_q == '0);
  assign copy = copies & (opcode_q != 8'(registers::OPCODE_MAXIMUM) | row_valid);
  assign pop = row_valid & ((active_q & (weights_q != '0)) |
                            (copy & (opcode_q == 8'(registers::OPCODE_MAXIMUM))));
  assign tile_o = pop;
  assign position_o = copy;
  assign read_done_o = copy & (left_q == 32'd1);
  assign drain_done_o = drain_q[DRAIN-1];
  assign busy_o = active_q | (|drain_q);
  assign record = {1'b0, parameters[from_q[$clog2(ParameterDepth)-1:0]]};

  always_comb begin
    if (copy) cause_o = 3'(registers::CORE_COMPUTING);
    else if (active_q && wait_q == '0) cause_o = 3'(registers::CORE_WEIGHTS);
    else if (active_q) cause_o = 3'(registers::CORE_PARTIAL_SUMS);
    else if (|drain_q) cause_o = 3'(registers::CORE_DRAINING);
    else cause_o = 3'(registers::CORE_NONE);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      drain_q  <= '0;
    end else if (clear_i) begin
      active_q <= 1'b0;
      drain_q  <= '0;
    end else begin
      drain_q <= {drain_q[DRAIN-2:0], read_done_o};
      active_q <= (take & ~empty) | (active_q & ~read_done_o);
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      opcode_q  <= command_i[7:0];
      left_q    <= amount;
      from_q    <= (command_i[7:0] == 8'(registers::OPCODE_ADD)) ? command_i[159:128] :
                                                                   command_i[191:160];
      to_q      <= (command_i[7:0] == 8'(registers::OPCODE_CONVOLVE)) ? {8'b0, command_i[215:192]} :
                                                                        command_i[191:160];
      weights_q <= (command_i[7:0] == 8'(registers::OPCODE_CONVOLVE)) ? command_i[255:224] : '0;
      wait_q    <= (command_i[7:0] == 8'(registers::OPCODE_CONVOLVE)) ? command_i[287:256] : '0;
    end else if (active_q) begin
      if (wait_q != '0) wait_q <= wait_q - 1'b1;
      if (pop && weights_q != '0) weights_q <= weights_q - 1'b1;
      if (copy) begin
        left_q <= left_q - 1'b1;
        from_q <= from_q + 1'b1;
        to_q   <= to_q + ((opcode_q == 8'(registers::OPCODE_MAXIMUM)) ? 32'(Columns) :
                          (opcode_q == 8'(registers::OPCODE_ADD)) ? 32'd8 : 32'd1);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    for (int i = 0; i < BusBytes; i = i + 1) begin
      if (activation_write_i && i < 32'(activation_count_i)) begin
        activations[activation_address_i + ($clog2(ActivationDepth))'(i)] <=
          activation_data_i[9*i +: 9];
      end
      if (output_read_i) begin
        output_data_o[9*i +: 9] <= outputs[output_address_i + ($clog2(OutputDepth))'(i)];
      end
    end
    for (int i = 0; i < BusBytes / 2; i = i + 1) begin
      if (table_write_i) products[table_address_i + 16'(i)] <= table_data_i[16*i +: 16];
    end
    if (table_read_i) table_read_data_o <= products[table_read_address_i];
    if (parameter_write_i) parameters[parameter_address_i] <= parameter_data_i;
    if (copy) begin
      case (opcode_q)
        8'(registers::OPCODE_MAXIMUM): begin
          for (int i = 0; i < Columns; i = i + 1) begin
            outputs[to_q[$clog2(OutputDepth)-1:0] + ($clog2(OutputDepth))'(i)] <= row[9*i +: 9];
          end
        end
        8'(registers::OPCODE_ADD): begin
          for (int i = 0; i < 8; i = i + 1) begin
            outputs[to_q[$clog2(OutputDepth)-1:0] + ($clog2(OutputDepth))'(i)] <= record[9*i +: 9];
          end
        end
        default: begin
          outputs[to_q[$clog2(OutputDepth)-1:0]] <= activations[from_q[$clog2(ActivationDepth)-1:0]];
        end
      endcase
    end
  end

endmodule
