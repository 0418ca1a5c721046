// A board without its pins: compact accelerator behind a serial line. What a board's top does not set is
// as here.
module compact_board #(
  parameter int ClocksPerBit = 12,
  parameter int IdleClocks = 65535,
  parameter logic [31:0] BoardId = 32'h0,
  parameter int ClockHertz = 12000000,
  parameter int Rows = 2,
  parameter int Columns = 2,
  parameter int PeKind = mbm_pkg::PE_EXACT,
  parameter int FractionBits = 7,
  parameter int SetLowestBit = 0,
  parameter int Kind = mbm_pkg::PRODUCT_MBM,
  parameter int ActivationDepth = 1024,
  parameter int SumDepth = 64,
  parameter int OutputDepth = 512,
  parameter int ParameterDepth = 32,
  parameter int MemoryBytes = 4096
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       line_i,
  output logic       line_o,
  output logic [3:0] lamps_o   // link, error, running, alive
);

  localparam int MEMORY_BITS = $clog2(MemoryBytes) - 1;
  // Commands one after the other; MAXIMUM (docs/serial-protocol.md lists the bits).
  localparam logic [31:0] FEATURES = 32'h00000003;

  logic                   interrupt;
  logic                   frame;
  logic                   frame_q;
  logic                   bus_valid;
  logic                   bus_memory;
  logic                   bus_write;
  logic [31:0]            bus_address;
  logic [31:0]            bus_data;
  logic                   bus_done;
  logic                   bus_error;
  logic [31:0]            bus_answer;
  logic                   answer;
  logic                   answer_error;
  logic [31:0]            answer_data;
  logic                   memory_ready;
  logic [15:0]            memory_word;
  logic [1:0]             half_q;      // halves that were taken
  logic                   low_comes_q;
  logic [15:0]            low_q;
  logic                   outside;

  serial_bridge #(
    .ClocksPerBit(ClocksPerBit),
    .IdleClocks  (IdleClocks),
    .BoardId     (BoardId),
    .MemoryBytes (MemoryBytes),
    .ClockHertz  (ClockHertz),
    .Features    (FEATURES)
  ) u_bridge (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .line_i       (line_i),
    .line_o       (line_o),
    .interrupt_i  (interrupt),
    .frame_o      (frame),
    .bus_valid_o  (bus_valid),
    .bus_memory_o (bus_memory),
    .bus_write_o  (bus_write),
    .bus_address_o(bus_address),
    .bus_data_o   (bus_data),
    .bus_done_i   (bus_done),
    .bus_error_i  (bus_error),
    .bus_data_i   (bus_answer)
  );

  // A word of memory is two accesses of a half.
  assign outside = bus_address >= 32'(MemoryBytes);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      half_q      <= '0;
      low_comes_q <= 1'b0;
      frame_q     <= 1'b0;
    end else begin
      if (!(bus_valid & bus_memory) | bus_done) half_q <= '0;
      else if (memory_ready) half_q <= half_q + 2'd1;
      low_comes_q <= (half_q == 2'd0) & bus_valid & bus_memory & memory_ready;
      frame_q     <= frame_q ^ frame;
    end
  end

  always_ff @(posedge clk_i) begin
    if (low_comes_q) low_q <= memory_word;
  end

  compact_accelerator #(
    .Rows           (Rows),
    .Columns        (Columns),
    .PeKind         (PeKind),
    .FractionBits   (FractionBits),
    .SetLowestBit   (SetLowestBit),
    .Kind           (Kind),
    .ActivationDepth(ActivationDepth),
    .SumDepth       (SumDepth),
    .OutputDepth    (OutputDepth),
    .ParameterDepth (ParameterDepth),
    .MemoryBytes    (MemoryBytes)
  ) u_accelerator (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .interrupt_o      (interrupt),
    .lamps_o          (lamps_o[2:0]),
    .request_i        (bus_valid & ~bus_memory),
    .request_write_i  (bus_write),
    .request_address_i(bus_address[11:0]),
    .request_data_i   (bus_data),
    .answer_o         (answer),
    .answer_error_o   (answer_error),
    .answer_data_o    (answer_data),
    .memory_valid_i   (bus_valid & bus_memory & ~half_q[1] & ~outside),
    .memory_ready_o   (memory_ready),
    .memory_write_i   (bus_write),
    .memory_address_i ({bus_address[MEMORY_BITS:2], half_q[0]}),
    .memory_data_i    (half_q[0] ? bus_data[31:16] : bus_data[15:0]),
    .memory_data_o    (memory_word)
  );

  assign bus_done = bus_memory ? (half_q == 2'd2) | (bus_valid & outside) : answer;
  assign bus_error = bus_memory ? outside : answer_error;
  assign bus_answer = bus_memory ? {memory_word, low_q} : answer_data;
  assign lamps_o[3] = frame_q;

endmodule
