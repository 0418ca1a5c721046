// The accelerator for parts of a few thousand cells: the registers and commands of docs/accelerator.md, done
// one after the other by a small processor, with the grid of processing_grid, one port of everything
// else and a memory of its own instead of AXI. docs/boards.md says what it has and what it has not.
//
// Registers: a request is held until answer_o, which comes when the processor finds time for it. Memory:
// words of 16 bits, for an access that memory_ready_o takes; data in the next cycle.
module compact_accelerator #(
  parameter int Rows = 2,             // of the grid, at most 64 elements
  parameter int Columns = 2,
  parameter int PeKind = mbm_pkg::PE_EXACT,
  parameter int FractionBits = 7,     // kind log: of a logarithm,
  parameter int SetLowestBit = 0,     // its lowest bit set
  parameter int Kind = mbm_pkg::PRODUCT_MBM,
  parameter int ActivationDepth = 1024,
  parameter int SumDepth = 64,
  parameter int OutputDepth = 512,
  parameter int ParameterDepth = 32,
  parameter int MemoryBytes = 4096
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  output logic        interrupt_o,
  output logic [2:0]  lamps_o,        // error, running, alive
  // Registers.
  input  logic        request_i,
  input  logic        request_write_i,
  input  logic [11:0] request_address_i,
  input  logic [31:0] request_data_i,
  output logic        answer_o,
  output logic        answer_error_o,
  output logic [31:0] answer_data_o,
  // Memory.
  input  logic        memory_valid_i,
  output logic        memory_ready_o,
  input  logic        memory_write_i,
  input  logic [$clog2(MemoryBytes)-2:0] memory_address_i,
  input  logic [15:0] memory_data_i,
  output logic [15:0] memory_data_o
);

  localparam int ACTIVATION_BITS = $clog2(ActivationDepth);
  localparam int OUTPUT_BITS = $clog2(OutputDepth);
  localparam int PARAMETER_BITS = $clog2(ParameterDepth) + 3;
  localparam int MEMORY_BITS = $clog2(MemoryBytes) - 1;
  localparam int INDEX_BITS = $clog2(SumDepth);
  localparam int SUM_BITS = INDEX_BITS + $clog2(Columns);
  localparam int CONTROL_BITS = INDEX_BITS + 2;

  // Address space, by the four highest bits.
  localparam logic [3:0] SPACE_ACTIVATIONS = 4'd4;
  localparam logic [3:0] SPACE_OUTPUT = 4'd5;
  localparam logic [3:0] SPACE_PARAMETERS = 4'd6;
  localparam logic [3:0] SPACE_SUMS_LOW = 4'd8;
  localparam logic [3:0] SPACE_SUMS_HIGH = 4'd9;

  logic [15:0] bus_address;
  logic        bus_read;
  logic        bus_write;
  logic [15:0] bus_data;
  logic [3:0]  space;
  logic [3:0]  space_q;
  logic        in_memory;
  logic [15:0] data;      // of the processor
  logic [4:0]  port;
  logic        port_in;
  logic        port_out;
  logic        port_wait;
  logic [15:0] port_data;
  logic [31:0] out;       // a bit for each port

  micro_sequencer #(
    .Rows           (Rows),
    .Columns        (Columns),
    .PeKind         (PeKind),
    .FractionBits   (FractionBits),
    .Kind           (Kind),
    .ActivationDepth(ActivationDepth),
    .WeightRows     (MemoryBytes / Columns),
    .SumDepth       (SumDepth),
    .OutputDepth    (OutputDepth),
    .ParameterDepth (ParameterDepth),
    .MemoryBytes    (MemoryBytes)
  ) u_sequencer (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .bus_address_o(bus_address),
    .bus_read_o   (bus_read),
    .bus_write_o  (bus_write),
    .accumulator_o(data),
    .bus_data_i   (bus_data),
    .port_o       (port),
    .port_in_o    (port_in),
    .port_out_o   (port_out),
    .port_wait_i  (port_wait),
    .port_data_i  (port_data)
  );

  assign space = bus_address[15:12];
  assign in_memory = bus_address[15:14] == 2'd0;
  assign out = {31'd0, port_out} << port;

  always_ff @(posedge clk_i) space_q <= space;

  // ------------------------------------------------------------- memory

  logic                   memory_write;
  logic [MEMORY_BITS-1:0] memory_address;
  logic [15:0]            memory_word;

  // The processor goes first.
  assign memory_ready_o = ~((bus_read | bus_write) & in_memory);
  assign memory_write = memory_ready_o ? memory_valid_i & memory_write_i : bus_write;
  assign memory_address = memory_ready_o ? memory_address_i : bus_address[MEMORY_BITS-1:0];
  assign memory_data_o = memory_word;

  dual_port_ram #(
    .Bits (16),
    .Depth(MemoryBytes / 2)
  ) u_memory (
    .clk_i          (clk_i),
    .write_i        (memory_write),
    .write_address_i(memory_address),
    .data_i         (memory_ready_o ? memory_data_i : data),
    .read_i         (1'b1),
    .read_address_i (memory_address),
    .data_o         (memory_word)
  );

  logic [15:0] output_word;
  logic [15:0] parameter_word;

  dual_port_ram #(
    .Bits (16),
    .Depth(OutputDepth)
  ) u_output (
    .clk_i          (clk_i),
    .write_i        (bus_write & (space == SPACE_OUTPUT)),
    .write_address_i(bus_address[OUTPUT_BITS-1:0]),
    .data_i         (data),
    .read_i         (1'b1),
    .read_address_i (bus_address[OUTPUT_BITS-1:0]),
    .data_o         (output_word)
  );

  dual_port_ram #(
    .Bits (16),
    .Depth(8 * ParameterDepth)
  ) u_parameters (
    .clk_i          (clk_i),
    .write_i        (bus_write & (space == SPACE_PARAMETERS)),
    .write_address_i(bus_address[PARAMETER_BITS-1:0]),
    .data_i         (data),
    .read_i         (1'b1),
    .read_address_i (bus_address[PARAMETER_BITS-1:0]),
    .data_o         (parameter_word)
  );

  // ------------------------------------------------------------- activations

  logic [8:0]                 operand;
  logic [ACTIVATION_BITS-1:0] stream_address;
  logic                       stream_ready;
  logic                       stream_quiet;
  logic                       enter;
  logic                       swap;
  logic                       table_bank;
  logic [INDEX_BITS-1:0]      index;
  logic [9*Rows-1:0]          operands;

  dual_port_ram #(
    .Bits (9),
    .Depth(ActivationDepth)
  ) u_activations (
    .clk_i          (clk_i),
    .write_i        (bus_write & (space == SPACE_ACTIVATIONS)),
    .write_address_i(bus_address[ACTIVATION_BITS-1:0]),
    .data_i         (data[8:0]),
    .read_i         (1'b1),
    .read_address_i (stream_ready ? bus_address[ACTIVATION_BITS-1:0] : stream_address),
    .data_o         (operand)
  );

  tile_streamer #(
    .Rows       (Rows),
    .Columns    (Columns),
    .AddressBits(ACTIVATION_BITS),
    .IndexBits  (INDEX_BITS)
  ) u_streamer (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .data_i       (data),
    .set_u_i      (out[8]),
    .set_address_i(out[9]),
    .set_step_i   (out[10]),
    .set_length_i (out[11]),
    .set_exists_i (out[12]),
    .start_i      (out[13]),
    .tile_i       (out[14]),
    .ready_o      (stream_ready),
    .quiet_o      (stream_quiet),
    .address_o    (stream_address),
    .operand_i    (operand),
    .enter_o      (enter),
    .swap_o       (swap),
    .table_bank_o (table_bank),
    .index_o      (index),
    .operands_o   (operands)
  );

  // ------------------------------------------------------------- grid

  logic [9*Columns-1:0]            weights_q;
  logic                            weight_load_q;
  logic [Columns-1:0]              weight_sign;
  logic [8*Columns-1:0]            weight_magnitude;
  logic [Rows-1:0]                 activation_sign;
  logic [8*Rows-1:0]               activation_magnitude;
  logic [Rows-1:0]                 row_enable_q;
  logic [Columns-1:0]              column_enable_q;
  logic                            log_weights_q;
  logic                            log_activations_q;
  logic                            first_q;
  logic [31:0]                     ceiling_q;
  logic                            fill;
  logic [7:0]                      fill_magnitude;
  logic [7:0]                      fill_word;
  logic [15:0]                     fill_data;
  logic [Columns*32-1:0]           column_sum;
  logic [Columns*CONTROL_BITS-1:0] column_control;
  logic [31:0]                     sum;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) weight_load_q <= 1'b0;
    else weight_load_q <= out[16] & data[15];
  end

  always_ff @(posedge clk_i) begin
    if (out[16]) weights_q <= (9*Columns)'({data[8:0], weights_q} >> 9);
    if (out[14]) row_enable_q <= data[Rows-1:0];
    if (out[15]) first_q <= data != '0;
    if (out[17]) {log_weights_q, log_activations_q, column_enable_q} <=
        {data[9], data[8], data[Columns-1:0]};
    if (out[18]) ceiling_q[15:0] <= data;
    if (out[19]) ceiling_q[31:16] <= data;
  end

  for (genvar c = 0; c < Columns; c++) begin : gen_weight
    assign weight_sign[c] = weights_q[9*c+8];
    assign weight_magnitude[8*c +: 8] = weights_q[9*c +: 8];
  end
  for (genvar r = 0; r < Rows; r++) begin : gen_activation
    assign activation_sign[r] = operands[9*r+8];
    assign activation_magnitude[8*r +: 8] = operands[9*r +: 8];
  end

  processing_grid #(
    .Rows        (Rows),
    .Columns     (Columns),
    .PeKind      (PeKind),
    .FractionBits(FractionBits),
    .SetLowestBit(SetLowestBit),
    .Kind        (Kind),
    .TableEntries(1),
    .TwoStage    (1),
    .ControlBits (CONTROL_BITS)
  ) u_grid (
    .clk_i                 (clk_i),
    .rst_ni                (rst_ni),
    .weight_load_i         (weight_load_q),
    .weight_sign_i         (weight_sign),
    .weight_magnitude_i    (weight_magnitude),
    .column_enable_i       (column_enable_q),
    .log_weights_i         (log_weights_q),
    .swap_i                (swap),
    .activation_sign_i     (activation_sign),
    .activation_magnitude_i(activation_magnitude),
    .row_enable_i          (row_enable_q),
    .log_activations_i     (log_activations_q),
    .control_i             ({enter, first_q, index}),
    .table_bank_i          (table_bank),
    .fill_i                (fill),
    .fill_magnitude_i      (fill_magnitude),
    .fill_word_i           (fill_word),
    .fill_data_i           (fill_data),
    .sum_o                 (column_sum),
    .control_o             (column_control)
  );

  serial_sums #(
    .Columns(Columns),
    .Depth  (SumDepth)
  ) u_sums (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .control_i     (column_control),
    .sum_i         (column_sum),
    .ceiling_i     (ceiling_q),
    .read_address_i(bus_address[SUM_BITS-1:0]),
    .sum_o         (sum)
  );

  always_comb begin
    case (space_q)
      SPACE_ACTIVATIONS: bus_data = {7'd0, operand};
      SPACE_OUTPUT: bus_data = output_word;
      SPACE_PARAMETERS: bus_data = parameter_word;
      SPACE_SUMS_LOW: bus_data = sum[15:0];
      SPACE_SUMS_HIGH: bus_data = sum[31:16];
      default: bus_data = memory_word;
    endcase
  end

  // ------------------------------------------------------------- product table

  logic        filling;
  logic [15:0] table_word;
  logic [31:0] table_crc;

  if (PeKind == mbm_pkg::PE_LUT) begin : gen_table
    logic [15:0] entry_q;
    logic        filling_q;
    logic        filled_q;   // the word of the last cycle belongs to a row
    logic [15:0] row_q;
    logic [15:0] address;

    assign address = filling_q ? row_q : entry_q;
    assign filling = filling_q | filled_q;
    assign fill = filled_q;
    assign fill_data = table_word;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        filling_q <= 1'b0;
        filled_q  <= 1'b0;
      end else begin
        filling_q <= out[22] | (filling_q & (row_q[7:0] != 8'hff));
        filled_q  <= filling_q;
      end
    end

    always_ff @(posedge clk_i) begin
      if (out[20]) entry_q <= data;
      else if (out[21] | (port_in & (port == 5'd6))) entry_q <= entry_q + 16'd1;
      if (out[22]) row_q <= {data[7:0], 8'd0};
      else if (filling_q) row_q[7:0] <= row_q[7:0] + 8'd1;
      fill_word      <= row_q[7:0];
      fill_magnitude <= row_q[15:8];
    end

    single_port_ram #(
      .Bits (16),
      .Depth(65536)
    ) u_table (
      .clk_i    (clk_i),
      .write_i  (out[21]),
      .address_i(address),
      .data_i   (data),
      .data_o   (table_word)
    );

    crc32 #(.Bits(16)) u_crc (
      .clk_i  (clk_i),
      .rst_ni (rst_ni),
      .start_i(out[25]),
      .valid_i(port_in & (port == 5'd6)),
      .data_i (table_word),
      .crc_o  (table_crc)
    );
  end else begin : gen_no_table
    logic unused_ports;
    assign unused_ports = ^{out, port_in};
    assign filling = 1'b0;
    assign fill = 1'b0;
    assign fill_magnitude = '0;
    assign fill_word = '0;
    assign fill_data = '0;
    assign table_word = '0;
    assign table_crc = '0;
  end

  // ------------------------------------------------------------- results

  logic        scaler_busy;
  logic [15:0] scaled;
  logic        half;

  serial_scaler u_scaler (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .data_i      (data),
    .set_value_i (out[5:3]),
    .set_factor_i(out[6]),
    .set_shift_i (out[7]),
    .busy_o      (scaler_busy),
    .result_o    (scaled),
    .half_o      (half)
  );

  // ------------------------------------------------------------- ports

  logic [31:0] cycles_q;
  logic [15:0] cycles_high_q;
  logic        unused_lines;

  // What belongs to the scaler waits for it, what sets up a row for the row before.
  assign port_wait = (scaler_busy & (port >= 5'd3) & (port <= 5'd7)) |
                     (~stream_ready & (port >= 5'd8) & (port <= 5'd14));

  always_comb begin
    case (port)
      5'd0: port_data = {14'd0, request_write_i, request_i & ~answer_o};
      5'd1: port_data = {4'd0, request_address_i};
      5'd2: port_data = request_data_i[15:0];
      5'd3: port_data = request_data_i[31:16];
      5'd4: port_data = scaled;
      5'd5: port_data = {15'd0, half};
      5'd6: port_data = table_word;
      5'd7: port_data = {14'd0, filling, ~stream_quiet};
      5'd8: port_data = cycles_q[15:0];
      5'd9: port_data = cycles_high_q;
      5'd10: port_data = table_crc[15:0];
      default: port_data = table_crc[31:16];
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cycles_q       <= '0;
      answer_o       <= 1'b0;
      interrupt_o    <= 1'b0;
      lamps_o        <= '0;
    end else begin
      cycles_q <= cycles_q + 32'd1;
      answer_o <= out[2];
      if (out[23]) interrupt_o <= data != '0;
      if (out[24]) lamps_o <= data[2:0];
    end
  end

  always_ff @(posedge clk_i) begin
    if (out[0]) answer_data_o[15:0] <= data;
    if (out[1]) answer_data_o[31:16] <= data;
    if (out[2]) answer_error_o <= data[0];
    if (port_in && port == 5'd8) cycles_high_q <= cycles_q[31:16];
  end

  assign unused_lines = ^{bus_address, out};

endmodule
