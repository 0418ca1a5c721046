// What is wrong with the fields of a compute command: error_o is 0 (nothing) or the first of
// mbm_pkg::ERROR_*.
module compute_check #(
  parameter int Rows = 16,
  parameter int Columns = 16,
  parameter int PeKind = mbm_pkg::PE_LOG,
  parameter int ActivationDepth = 262144,
  parameter int ParameterDepth = 4096
) (
  input  logic [511:0] command_i,
  input  logic         open_i,  // a reduction has begun and not ended
  output logic         convolve_o,
  output logic [7:0]   error_o
);

  logic [7:0]  opcode;
  logic        convolve;
  logic        maximum;
  logic        rescale;
  logic        windowed;
  logic        resize;
  logic        scaled;  // ADD, RESCALE
  logic [16:0] ring_size;
  logic        ring_row_steps;
  logic        size_wrong;
  logic        tile_wrong;
  logic        ring_wrong;
  logic        bounds_wrong;
  logic        parameters_wrong;
  logic [16:0] parameter_end;
  logic        logs_wrong;
  logic        first;
  logic [5:0]  sum_bits;
  logic [5:0]  used_rows;
  logic [5:0]  used_columns;
  logic signed [8:0] lowest;
  logic signed [8:0] highest;

  assign opcode = command_i[registers::COMMAND_OPCODE_LSB +: 8];
  assign convolve = opcode == 8'(registers::OPCODE_CONVOLVE);
  assign maximum = opcode == 8'(registers::OPCODE_MAXIMUM);
  assign resize = opcode == 8'(registers::OPCODE_RESIZE);
  assign rescale = opcode == 8'(registers::OPCODE_RESCALE);
  assign windowed = maximum | rescale;
  assign scaled = (opcode == 8'(registers::OPCODE_ADD)) | rescale;
  assign convolve_o = convolve;

  // Fields at the same place in all commands are named after CONVOLVE, else after MAXIMUM or ADD.
  assign ring_size = {1'b0, command_i[registers::CONVOLVE_RING_SIZE_LSB +: 16]};
  assign ring_row_steps =
      (command_i[registers::CONVOLVE_RING_FIRST_LSB +: 16] >= ring_size[15:0]) |
      (command_i[registers::CONVOLVE_RING_ROW_STEP_LSB +: 16] >= ring_size[15:0]) |
      (command_i[registers::CONVOLVE_RING_TAP_STEP_LSB +: 16] >= ring_size[15:0]);
  assign ring_wrong = ring_row_steps |
      ({1'b0, command_i[registers::CONVOLVE_RING_BASE_LSB +: 16]} + ring_size >
       17'(ActivationDepth / 16));

  assign size_wrong =
      (command_i[registers::CONVOLVE_ROWS_LSB +: 16] == '0) |
      (command_i[registers::CONVOLVE_COLUMNS_LSB +: 16] == '0) |
      (convolve & ((command_i[registers::CONVOLVE_KERNEL_ROWS_LSB +: 8] == '0) |
                   (command_i[registers::CONVOLVE_RUNS_LSB +: 8] == '0) |
                   (command_i[registers::CONVOLVE_CHUNKS_LSB +: 16] == '0))) |
      (~convolve & (command_i[registers::MAXIMUM_CHANNELS_LSB +: 16] == '0)) |
      (windowed & ((command_i[registers::MAXIMUM_WINDOW_ROWS_LSB +: 8] == '0) |
                  (command_i[registers::MAXIMUM_WINDOW_COLUMNS_LSB +: 8] == '0)));

  assign used_rows = command_i[registers::CONVOLVE_LAST_ROWS_LSB +: 6];
  assign used_columns = command_i[registers::CONVOLVE_CHANNELS_LSB +: 6];
  assign first = command_i[registers::CONVOLVE_FIRST_LSB];
  assign sum_bits = command_i[registers::CONVOLVE_SUM_BITS_LSB +: 6];
  assign tile_wrong = convolve & ((used_rows == '0) | (used_rows > 6'(Rows)) | (used_columns == '0) |
                                  (used_columns > 6'(Columns)));

  assign lowest = command_i[registers::CONVOLVE_LOWEST_LSB +: 9];
  assign highest = command_i[registers::CONVOLVE_HIGHEST_LSB +: 9];
  assign bounds_wrong = (lowest > highest) | (lowest == -9'sd256) | (highest == -9'sd256);

  assign parameter_end = {1'b0, command_i[registers::CONVOLVE_PARAMETER_FIRST_LSB +: 16]} +
                         {11'd0, used_columns};
  assign parameters_wrong =
      (convolve & command_i[registers::CONVOLVE_LAST_LSB] &
       (parameter_end > 17'(ParameterDepth))) |
      (scaled & (command_i[registers::ADD_SHIFT_LSB +: 6] > 6'd47));

  if (PeKind == mbm_pkg::PE_LOG) begin : gen_log
    assign logs_wrong = 1'b0;
  end else begin : gen_no_log
    assign logs_wrong = convolve & (command_i[registers::CONVOLVE_LOG_ACTIVATIONS_LSB] |
                                    command_i[registers::CONVOLVE_LOG_WEIGHTS_LSB]);
  end

  always_comb begin
    error_o = '0;
    if (!(convolve | maximum | resize | scaled)) error_o = 8'(mbm_pkg::ERROR_OPCODE);
    else if (size_wrong) error_o = 8'(mbm_pkg::ERROR_SIZE);
    else if (tile_wrong) error_o = 8'(mbm_pkg::ERROR_TILE);
    else if (ring_wrong) error_o = 8'(mbm_pkg::ERROR_RING);
    else if (convolve && (sum_bits < 6'd8 || sum_bits > 6'd32)) error_o = 8'(mbm_pkg::ERROR_SUM_BITS);
    else if (convolve && first == open_i)
      error_o = 8'(mbm_pkg::ERROR_REDUCTION);
    else if (bounds_wrong) error_o = 8'(mbm_pkg::ERROR_BOUNDS);
    else if (parameters_wrong) error_o = 8'(mbm_pkg::ERROR_PARAMETERS);
    else if (logs_wrong) error_o = 8'(mbm_pkg::ERROR_LOG_CODES);
  end

  // Most fields may have any value.
  logic unused_fields;
  assign unused_fields = ^command_i;

endmodule
