// Everything of the accelerator but its compute core: registers, command fetch and queues, load and
// store units, DMA, counters. docs/accelerator.md is its specification.
module accelerator_shell #(
  // Of the core; here for the registers and the widths of ports.
  parameter int Rows = 16,
  parameter int Columns = 16,
  parameter int PeKind = 1,
  parameter int FractionBits = 7,
  parameter int Kind = mbm_pkg::PRODUCT_MBM,
  parameter int Lanes = 4,
  parameter int BusBytes = 16,
  parameter int ActivationDepth = 262144,
  parameter int WeightRows = 8 * Rows,
  parameter int SumDepth = 1024,
  parameter int OutputDepth = 131072,
  parameter int ParameterDepth = 4096,
  parameter int TableEntries = 16,
  // Of the shell.
  parameter int BurstBeats = 16,    // longest burst
  parameter int Outstanding = 32,   // bursts under way, of each direction
  parameter int LandingBeats = 128, // words that a reading unit has room for
  parameter int QueueDepth = 8      // commands that wait in a unit
) (
  input  logic                              clk_i,
  input  logic                              rst_ni,
  output logic                              interrupt_o,
  // AXI4-Lite slave: registers.
  input  logic                              s_axil_awvalid_i,
  output logic                              s_axil_awready_o,
  input  logic [registers::ADDRESS_BITS-1:0] s_axil_awaddr_i,
  input  logic                              s_axil_wvalid_i,
  output logic                              s_axil_wready_o,
  input  logic [31:0]                       s_axil_wdata_i,
  input  logic [3:0]                        s_axil_wstrb_i,
  output logic                              s_axil_bvalid_o,
  input  logic                              s_axil_bready_i,
  output logic [1:0]                        s_axil_bresp_o,
  input  logic                              s_axil_arvalid_i,
  output logic                              s_axil_arready_o,
  input  logic [registers::ADDRESS_BITS-1:0] s_axil_araddr_i,
  output logic                              s_axil_rvalid_o,
  input  logic                              s_axil_rready_i,
  output logic [31:0]                       s_axil_rdata_o,
  output logic [1:0]                        s_axil_rresp_o,
  // AXI4 master: memory.
  output logic                              m_axi_arvalid_o,
  input  logic                              m_axi_arready_i,
  output logic [31:0]                       m_axi_araddr_o,
  output logic [7:0]                        m_axi_arlen_o,
  output logic [2:0]                        m_axi_arsize_o,
  output logic [1:0]                        m_axi_arburst_o,
  input  logic                              m_axi_rvalid_i,
  output logic                              m_axi_rready_o,
  input  logic [8*BusBytes-1:0]             m_axi_rdata_i,
  input  logic [1:0]                        m_axi_rresp_i,
  input  logic                              m_axi_rlast_i,
  output logic                              m_axi_awvalid_o,
  input  logic                              m_axi_awready_i,
  output logic [31:0]                       m_axi_awaddr_o,
  output logic [7:0]                        m_axi_awlen_o,
  output logic [2:0]                        m_axi_awsize_o,
  output logic [1:0]                        m_axi_awburst_o,
  output logic                              m_axi_wvalid_o,
  input  logic                              m_axi_wready_i,
  output logic [8*BusBytes-1:0]             m_axi_wdata_o,
  output logic [BusBytes-1:0]               m_axi_wstrb_o,
  output logic                              m_axi_wlast_o,
  input  logic                              m_axi_bvalid_i,
  output logic                              m_axi_bready_o,
  input  logic [1:0]                        m_axi_bresp_i,
  // To the core: accelerator_core has the same ports with the other direction.
  output logic                              core_clear_o,
  output logic                              activation_write_o,
  output logic [$clog2(ActivationDepth)-1:0] activation_address_o,
  output logic [$clog2(BusBytes):0]         activation_count_o,
  output logic [9*BusBytes-1:0]             activation_data_o,
  output logic                              weight_valid_o,
  input  logic                              weight_ready_i,
  output logic [9*Columns-1:0]              weight_row_o,
  output logic                              parameter_write_o,
  output logic [$clog2(ParameterDepth)-1:0] parameter_address_o,
  output logic [70:0]                       parameter_data_o,
  output logic                              table_write_o,
  output logic [15:0]                       table_address_o,
  output logic [8*BusBytes-1:0]             table_data_o,
  output logic                              table_read_o,
  output logic [15:0]                       table_read_address_o,
  input  logic [15:0]                       table_read_data_i,
  output logic                              command_valid_o,
  input  logic                              command_ready_i,
  output logic [511:0]                      command_o,
  input  logic                              read_done_i,
  input  logic                              drain_done_i,
  input  logic                              command_error_i,
  input  logic [7:0]                        command_error_code_i,
  output logic                              output_read_o,
  output logic [$clog2(OutputDepth)-1:0]    output_address_o,
  input  logic [9*BusBytes-1:0]             output_data_i,
  input  logic [2:0]                        cause_i,
  input  logic                              core_busy_i,
  input  logic                              tile_i,
  input  logic                              position_i
);

  localparam int CLIENTS = 3;
  localparam int FETCH = 0;
  localparam int ACTIVATIONS = 1;
  localparam int OTHERS = 2;
  localparam int COUNT_BITS = $clog2(BusBytes) + 1;
  localparam int OUTPUT_BITS = $clog2(OutputDepth);

  // Registers.
  logic                       write;
  logic [11:0]                write_address;
  logic [31:0]                write_data;
  logic [3:0]                 write_strobe;
  logic                       write_refused;
  logic                       read_unused;
  logic [11:0]                read_address;
  logic [31:0]                read_data;
  logic                       read_refused;
  logic                       start;
  logic                       reset;
  logic                       snapshot;
  logic                       check_table;
  logic                       read_table;
  logic [15:0]                table_address;
  logic [25:0]                command_base;
  logic [23:0]                command_count;
  logic [31:0]                watchdog;
  logic [5:0]                 counter_word;
  logic [31:0]                counter;
  logic                       table_busy;
  logic [15:0]                table_entry;
  logic [31:0]                table_crc;
  // The run.
  logic                       running;
  logic                       halt;
  logic                       clear;
  logic                       busy;
  logic                       done;
  logic                       failed;
  logic                       stopping;
  logic                       resetting;
  logic                       bus_stuck;
  logic [7:0]                 error_code;
  logic [23:0]                error_index;
  logic [31:0]                error_detail;
  logic                       done_event;
  logic                       error_event;
  logic                       begins;
  logic                       progress;
  logic [6:0]                 working;
  logic [2:0]                 commands_finished;
  logic [3:0]                 cause;
  // Reads.
  logic [CLIENTS-1:0]         segment_valid;
  logic [CLIENTS-1:0]         segment_ready;
  logic [32*CLIENTS-1:0]      segment_address;
  logic [32*CLIENTS-1:0]      segment_bytes;
  logic [24*CLIENTS-1:0]      segment_tag;
  logic [CLIENTS-1:0]         data_valid;
  logic [CLIENTS-1:0]         data_ready;
  logic [8*BusBytes*CLIENTS-1:0] data;
  logic [COUNT_BITS*CLIENTS-1:0] count;
  logic [CLIENTS-1:0]         last;
  logic [CLIENTS-1:0]         requesting;
  logic [CLIENTS-1:0]         receiving;
  logic                       read_busy;
  logic                       read_burst;
  logic                       read_beat;
  logic [1:0]                 read_client;
  logic [23:0]                read_tag;
  logic                       read_error;
  logic [2:0]                 read_response;
  logic [23:0]                read_index;
  logic [27:0]                fetched_q;     // beats of commands
  // Writes.
  logic                       store_valid;
  logic                       store_ready;
  logic [31:0]                store_address;
  logic [20:0]                store_bytes;
  logic [OUTPUT_BITS-1:0]     store_source;
  logic [1:0]                 store_format;
  logic                       store_last;
  logic [23:0]                store_tag;
  logic [1:0]                 fetch_format;
  logic [1:0]                 fetch_format_q;
  logic [8*BusBytes-1:0]      store_data;
  logic                       write_busy;
  logic                       write_burst;
  logic                       write_beat;
  logic                       store_done;
  logic                       write_error;
  logic [1:0]                 write_response;
  logic [23:0]                write_tag;
  // Commands.
  logic                       fetched_valid;
  logic                       fetched_ready;
  logic [511:0]               fetched;
  logic [3:0]                 queue_valid;
  logic [3:0]                 queue_ready;
  logic [23:0]                next_index;
  logic                       dispatch_error;
  logic [7:0]                 dispatch_code;
  logic [31:0]                dispatch_detail;
  logic [3:0]                 unit_valid;
  logic [3:0]                 unit_ready;
  logic [4*512-1:0]           unit_command;
  logic [4*24-1:0]            unit_index;
  logic [3:0]                 unit_waiting;
  logic [3:0]                 waits_activations;
  logic [3:0]                 waits_others;
  logic                       unused_waits;
  logic [4:0]                 finished;      // stores, drained, read, others, activations
  logic [79:0]                finished_q;
  // Units.
  logic                       activations_busy;
  logic                       activations_done;
  logic                       activations_fault;
  logic [3:0]                 activations_word;
  logic                       others_busy;
  logic                       others_done;
  logic                       unused_outputs;
  logic                       store_busy;
  logic                       store_fault;
  logic [3:0]                 store_word;
  logic                       compute_begins;
  logic [23:0]                compute_index;
  logic [23:0]                compute_index_q;

  // ------------------------------------------------------------- registers

  axi_lite_slave #(.AddressBits(registers::ADDRESS_BITS)) u_slave (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .awvalid_i      (s_axil_awvalid_i),
    .awready_o      (s_axil_awready_o),
    .awaddr_i       (s_axil_awaddr_i),
    .wvalid_i       (s_axil_wvalid_i),
    .wready_o       (s_axil_wready_o),
    .wdata_i        (s_axil_wdata_i),
    .wstrb_i        (s_axil_wstrb_i),
    .bvalid_o       (s_axil_bvalid_o),
    .bready_i       (s_axil_bready_i),
    .bresp_o        (s_axil_bresp_o),
    .arvalid_i      (s_axil_arvalid_i),
    .arready_o      (s_axil_arready_o),
    .araddr_i       (s_axil_araddr_i),
    .rvalid_o       (s_axil_rvalid_o),
    .rready_i       (s_axil_rready_i),
    .rdata_o        (s_axil_rdata_o),
    .rresp_o        (s_axil_rresp_o),
    .write_o        (write),
    .write_address_o(write_address),
    .write_data_o   (write_data),
    .write_strobe_o (write_strobe),
    .write_error_i  (write_refused),
    .read_o         (read_unused),
    .read_address_o (read_address),
    .read_data_i    (read_data),
    .read_error_i   (read_refused)
  );

  register_file #(
    .Rows           (Rows),
    .Columns        (Columns),
    .PeKind         (PeKind),
    .FractionBits   (FractionBits),
    .Kind           (Kind),
    .Lanes          (Lanes),
    .BusBytes       (BusBytes),
    .ActivationDepth(ActivationDepth),
    .WeightRows     (WeightRows),
    .SumDepth       (SumDepth),
    .OutputDepth    (OutputDepth),
    .ParameterDepth (ParameterDepth),
    .TableEntries   (TableEntries)
  ) u_registers (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .clear_i        (clear),
    .write_i        (write),
    .write_address_i(write_address),
    .write_data_i   (write_data),
    .write_strobe_i (write_strobe),
    .write_error_o  (write_refused),
    .read_address_i (read_address),
    .read_data_o    (read_data),
    .read_error_o   (read_refused),
    .start_o        (start),
    .reset_o        (reset),
    .snapshot_o     (snapshot),
    .check_table_o  (check_table),
    .read_table_o   (read_table),
    .table_address_o(table_address),
    .command_base_o (command_base),
    .command_count_o(command_count),
    .watchdog_o     (watchdog),
    .interrupt_o    (interrupt_o),
    .busy_i         (busy),
    .done_i         (done),
    .error_i        (failed),
    .stopping_i     (stopping),
    .resetting_i    (resetting),
    .bus_stuck_i    (bus_stuck),
    .table_busy_i   (table_busy),
    .error_code_i   (error_code),
    .error_index_i  (error_index),
    .error_detail_i (error_detail),
    .table_entry_i  (table_entry),
    .table_crc_i    (table_crc),
    .done_event_i   (done_event),
    .error_event_i  (error_event),
    .counter_word_o (counter_word),
    .counter_i      (counter)
  );

  table_reader u_table_reader (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .clear_i        (clear),
    .read_i         (read_table),
    .address_i      (table_address),
    .check_i        (check_table),
    .busy_o         (table_busy),
    .entry_o        (table_entry),
    .crc_o          (table_crc),
    .table_read_o   (table_read_o),
    .table_address_o(table_read_address_o),
    .table_data_i   (table_read_data_i)
  );

  // ------------------------------------------------------------- the run

  assign begins = start & (command_count != '0);
  assign progress = (m_axi_arvalid_o & m_axi_arready_i) | read_beat |
                    (m_axi_awvalid_o & m_axi_awready_i) | write_beat |
                    (m_axi_bvalid_i & m_axi_bready_o) | fetched_ready |
                    (|(unit_valid & unit_ready)) | (|finished) | tile_i | position_i |
                    (weight_valid_o & weight_ready_i);
  assign working = {write_busy, read_busy, store_busy | unit_waiting[registers::UNIT_STORES],
                    core_busy_i | unit_waiting[registers::UNIT_COMPUTE],
                    others_busy | unit_waiting[registers::UNIT_OTHERS],
                    activations_busy | unit_waiting[registers::UNIT_ACTIVATIONS],
                    segment_valid[FETCH] | requesting[FETCH] | receiving[FETCH] | fetched_valid};
  assign commands_finished = 3'(activations_done) + 3'(others_done) + 3'(drain_done_i) +
                             3'(store_done);
  assign read_index = (read_client == 2'(FETCH)) ?
                      24'(fetched_q >> (6 - $clog2(BusBytes))) : read_tag;

  run_control u_run (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .start_i       (start),
    .reset_i       (reset),
    .count_i       (command_count),
    .watchdog_i    (watchdog),
    .finished_i    (commands_finished),
    .progress_i    (progress),
    .bursts_i      (read_busy | write_busy),
    .working_i     (working),
    .error_i       ({write_error, read_error, command_error_i, store_fault, activations_fault,
                     dispatch_error}),
    .error_code_i  ({8'(registers::ERROR_WRITE), 8'(registers::ERROR_READ),
                     8'(registers::ERROR_COMPUTE), 8'(registers::ERROR_FIELD),
                     8'(registers::ERROR_FIELD), dispatch_code}),
    .error_index_i ({write_tag, read_index, compute_index,
                     unit_index[24*registers::UNIT_STORES +: 24],
                     unit_index[24*registers::UNIT_ACTIVATIONS +: 24], next_index}),
    .error_detail_i({30'b0, write_response, 22'b0, read_client, 5'b0, read_response,
                     24'b0, command_error_code_i, 28'b0, store_word, 28'b0, activations_word,
                     dispatch_detail}),
    .next_index_i  (next_index),
    .running_o     (running),
    .halt_o        (halt),
    .clear_o       (clear),
    .busy_o        (busy),
    .done_o        (done),
    .error_o       (failed),
    .stopping_o    (stopping),
    .resetting_o   (resetting),
    .bus_stuck_o   (bus_stuck),
    .error_code_o  (error_code),
    .error_index_o (error_index),
    .error_detail_o(error_detail),
    .done_event_o  (done_event),
    .error_event_o (error_event)
  );
  assign core_clear_o = clear;

  cycle_cause u_cause (
    .core_i                  (cause_i),
    .waits_activations_i     (waits_activations[registers::UNIT_COMPUTE]),
    .waits_others_i          (waits_others[registers::UNIT_COMPUTE]),
    .activations_requesting_i(requesting[ACTIVATIONS]),
    .activations_receiving_i (receiving[ACTIVATIONS]),
    .others_requesting_i     (requesting[OTHERS]),
    .others_receiving_i      (receiving[OTHERS]),
    .storing_i               (store_busy | write_busy),
    .cause_o                 (cause)
  );

  run_counters #(.BusBytes(BusBytes)) u_counters (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .clear_i       (clear),
    .start_i       (start),
    .snapshot_i    (snapshot),
    .running_i     (running),
    .cause_i       (cause),
    .read_beat_i   (read_beat),
    .write_beat_i  (write_beat),
    .write_strobe_i(m_axi_wstrb_o),
    .read_burst_i  (read_burst),
    .write_burst_i (write_burst),
    .commands_i    (commands_finished),
    .tile_i        (tile_i),
    .position_i    (position_i),
    .word_i        (counter_word),
    .word_o        (counter)
  );

  // ------------------------------------------------------------- reads

  axi_read_dma #(
    .BusBytes    (BusBytes),
    .BurstBeats  (BurstBeats),
    .Outstanding (Outstanding),
    .LandingBeats(LandingBeats),
    .LengthBits  (32),
    .TagBits     (24),
    .Clients     (CLIENTS)
  ) u_read_dma (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .clear_i          (clear),
    .halt_i           (halt),
    .segment_valid_i  (segment_valid),
    .segment_ready_o  (segment_ready),
    .segment_address_i(segment_address),
    .segment_bytes_i  (segment_bytes),
    .segment_tag_i    (segment_tag),
    .data_valid_o     (data_valid),
    .data_ready_i     (data_ready),
    .data_o           (data),
    .count_o          (count),
    .last_o           (last),
    .requesting_o     (requesting),
    .receiving_o      (receiving),
    .busy_o           (read_busy),
    .burst_o          (read_burst),
    .beat_o           (read_beat),
    .beat_client_o    (read_client),
    .beat_tag_o       (read_tag),
    .error_o          (read_error),
    .error_response_o (read_response),
    .arvalid_o        (m_axi_arvalid_o),
    .arready_i        (m_axi_arready_i),
    .araddr_o         (m_axi_araddr_o),
    .arlen_o          (m_axi_arlen_o),
    .rvalid_i         (m_axi_rvalid_i),
    .rready_o         (m_axi_rready_o),
    .rdata_i          (m_axi_rdata_i),
    .rresp_i          (m_axi_rresp_i),
    .rlast_i          (m_axi_rlast_i)
  );
  assign m_axi_arsize_o = 3'($clog2(BusBytes));
  assign m_axi_arburst_o = 2'b01;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) fetched_q <= '0;
    else if (clear | start) fetched_q <= '0;
    else if (read_beat && read_client == 2'(FETCH)) fetched_q <= fetched_q + 1'b1;
  end

  // ------------------------------------------------------------- commands

  command_fetch #(.BusBytes(BusBytes)) u_fetch (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .clear_i          (clear),
    .start_i          (begins),
    .base_i           (command_base),
    .count_i          (command_count),
    .segment_valid_o  (segment_valid[FETCH]),
    .segment_ready_i  (segment_ready[FETCH]),
    .segment_address_o(segment_address[32*FETCH +: 32]),
    .segment_bytes_o  (segment_bytes[32*FETCH +: 32]),
    .data_valid_i     (data_valid[FETCH]),
    .data_ready_o     (data_ready[FETCH]),
    .data_i           (data[8*BusBytes*FETCH +: 8*BusBytes]),
    .command_valid_o  (fetched_valid),
    .command_ready_i  (fetched_ready),
    .command_o        (fetched)
  );
  assign segment_tag[24*FETCH +: 24] = '0;

  dispatcher u_dispatcher (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .clear_i        (clear),
    .start_i        (start),
    .halt_i         (halt),
    .command_valid_i(fetched_valid),
    .command_ready_o(fetched_ready),
    .command_i      (fetched),
    .queue_valid_o  (queue_valid),
    .queue_ready_i  (queue_ready),
    .index_o        (next_index),
    .error_o        (dispatch_error),
    .error_code_o   (dispatch_code),
    .error_detail_o (dispatch_detail)
  );

  assign finished = {store_done, drain_done_i, read_done_i, others_done, activations_done};
  for (genvar i = 0; i < 5; i = i + 1) begin : gen_finished
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) finished_q[16*i +: 16] <= '0;
      else if (clear | start) finished_q[16*i +: 16] <= '0;
      else finished_q[16*i +: 16] <= finished_q[16*i +: 16] + 16'(finished[i]);
    end
  end

  for (genvar u = 0; u < 4; u = u + 1) begin : gen_queues
    command_queue #(.Depth(QueueDepth)) u_queue (
      .clk_i              (clk_i),
      .rst_ni             (rst_ni),
      .clear_i            (clear),
      .halt_i             (halt),
      .finished_i         (finished_q),
      .write_valid_i      (queue_valid[u]),
      .write_ready_o      (queue_ready[u]),
      .write_command_i    (fetched),
      .write_index_i      (next_index),
      .command_valid_o    (unit_valid[u]),
      .command_ready_i    (unit_ready[u]),
      .command_o          (unit_command[512*u +: 512]),
      .index_o            (unit_index[24*u +: 24]),
      .waiting_o          (unit_waiting[u]),
      .waits_activations_o(waits_activations[u]),
      .waits_others_o     (waits_others[u])
    );
  end
  assign unused_waits = &{1'b0, waits_activations, waits_others};

  // ------------------------------------------------------------- units

  activation_loader #(
    .BusBytes   (BusBytes),
    .AddressBits($clog2(ActivationDepth))
  ) u_activations (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .clear_i          (clear),
    .command_valid_i  (unit_valid[registers::UNIT_ACTIVATIONS]),
    .command_ready_o  (unit_ready[registers::UNIT_ACTIVATIONS]),
    .command_i        (unit_command[512*registers::UNIT_ACTIVATIONS +: 512]),
    .index_i          (unit_index[24*registers::UNIT_ACTIVATIONS +: 24]),
    .segment_valid_o  (segment_valid[ACTIVATIONS]),
    .segment_ready_i  (segment_ready[ACTIVATIONS]),
    .segment_address_o(segment_address[32*ACTIVATIONS +: 32]),
    .segment_bytes_o  (segment_bytes[32*ACTIVATIONS +: 32]),
    .segment_tag_o    (segment_tag[24*ACTIVATIONS +: 24]),
    .data_valid_i     (data_valid[ACTIVATIONS]),
    .data_ready_o     (data_ready[ACTIVATIONS]),
    .data_i           (data[8*BusBytes*ACTIVATIONS +: 8*BusBytes]),
    .count_i          (count[COUNT_BITS*ACTIVATIONS +: COUNT_BITS]),
    .last_i           (last[ACTIVATIONS]),
    .write_o          (activation_write_o),
    .address_o        (activation_address_o),
    .count_o          (activation_count_o),
    .operands_o       (activation_data_o),
    .busy_o           (activations_busy),
    .done_o           (activations_done),
    .fault_o          (activations_fault),
    .fault_word_o     (activations_word)
  );

  stream_loader #(
    .BusBytes   (BusBytes),
    .Columns    (Columns),
    .ChannelBits($clog2(ParameterDepth))
  ) u_others (
    .clk_i              (clk_i),
    .rst_ni             (rst_ni),
    .clear_i            (clear),
    .command_valid_i    (unit_valid[registers::UNIT_OTHERS]),
    .command_ready_o    (unit_ready[registers::UNIT_OTHERS]),
    .command_i          (unit_command[512*registers::UNIT_OTHERS +: 512]),
    .index_i            (unit_index[24*registers::UNIT_OTHERS +: 24]),
    .segment_valid_o    (segment_valid[OTHERS]),
    .segment_ready_i    (segment_ready[OTHERS]),
    .segment_address_o  (segment_address[32*OTHERS +: 32]),
    .segment_bytes_o    (segment_bytes[32*OTHERS +: 32]),
    .segment_tag_o      (segment_tag[24*OTHERS +: 24]),
    .data_valid_i       (data_valid[OTHERS]),
    .data_ready_o       (data_ready[OTHERS]),
    .data_i             (data[8*BusBytes*OTHERS +: 8*BusBytes]),
    .count_i            (count[COUNT_BITS*OTHERS +: COUNT_BITS]),
    .last_i             (last[OTHERS]),
    .weight_valid_o     (weight_valid_o),
    .weight_ready_i     (weight_ready_i),
    .weight_row_o       (weight_row_o),
    .parameter_write_o  (parameter_write_o),
    .parameter_address_o(parameter_address_o),
    .parameter_data_o   (parameter_data_o),
    .table_write_o      (table_write_o),
    .table_address_o    (table_address_o),
    .table_data_o       (table_data_o),
    .busy_o             (others_busy),
    .done_o             (others_done)
  );
  assign unused_outputs = &{1'b0, count, last[FETCH]};

  assign command_valid_o = unit_valid[registers::UNIT_COMPUTE];
  assign unit_ready[registers::UNIT_COMPUTE] = command_ready_i;
  assign command_o = unit_command[512*registers::UNIT_COMPUTE +: 512];
  // Of the command that the core took last, in the cycle in which it takes it or later.
  assign compute_begins = command_valid_o & command_ready_i;
  assign compute_index = compute_begins ? unit_index[24*registers::UNIT_COMPUTE +: 24] :
                                          compute_index_q;
  always_ff @(posedge clk_i) compute_index_q <= compute_index;

  store_unit #(.AddressBits(OUTPUT_BITS)) u_store (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .clear_i          (clear),
    .command_valid_i  (unit_valid[registers::UNIT_STORES]),
    .command_ready_o  (unit_ready[registers::UNIT_STORES]),
    .command_i        (unit_command[512*registers::UNIT_STORES +: 512]),
    .index_i          (unit_index[24*registers::UNIT_STORES +: 24]),
    .segment_valid_o  (store_valid),
    .segment_ready_i  (store_ready),
    .segment_address_o(store_address),
    .segment_bytes_o  (store_bytes),
    .segment_source_o (store_source),
    .segment_format_o (store_format),
    .segment_last_o   (store_last),
    .segment_tag_o    (store_tag),
    .busy_o           (store_busy),
    .fault_o          (store_fault),
    .fault_word_o     (store_word)
  );

  // ------------------------------------------------------------- writes

  axi_write_dma #(
    .BusBytes   (BusBytes),
    .BurstBeats (BurstBeats),
    .Outstanding(Outstanding),
    .LengthBits (21),
    .TagBits    (24),
    .SourceBits (OUTPUT_BITS)
  ) u_write_dma (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .clear_i          (clear),
    .halt_i           (halt),
    .segment_valid_i  (store_valid),
    .segment_ready_o  (store_ready),
    .segment_address_i(store_address),
    .segment_bytes_i  (store_bytes),
    .segment_source_i (store_source),
    .segment_format_i (store_format),
    .segment_last_i   (store_last),
    .segment_tag_i    (store_tag),
    .fetch_o          (output_read_o),
    .fetch_source_o   (output_address_o),
    .fetch_format_o   (fetch_format),
    .data_i           (store_data),
    .busy_o           (write_busy),
    .burst_o          (write_burst),
    .done_o           (store_done),
    .error_o          (write_error),
    .error_response_o (write_response),
    .error_tag_o      (write_tag),
    .awvalid_o        (m_axi_awvalid_o),
    .awready_i        (m_axi_awready_i),
    .awaddr_o         (m_axi_awaddr_o),
    .awlen_o          (m_axi_awlen_o),
    .wvalid_o         (m_axi_wvalid_o),
    .wready_i         (m_axi_wready_i),
    .wdata_o          (m_axi_wdata_o),
    .wstrb_o          (m_axi_wstrb_o),
    .wlast_o          (m_axi_wlast_o),
    .bvalid_i         (m_axi_bvalid_i),
    .bready_o         (m_axi_bready_o),
    .bresp_i          (m_axi_bresp_i)
  );
  assign m_axi_awsize_o = 3'($clog2(BusBytes));
  assign m_axi_awburst_o = 2'b01;
  assign write_beat = m_axi_wvalid_o & m_axi_wready_i;

  operand_pack #(.BusBytes(BusBytes)) u_pack (
    .format_i  (fetch_format_q),
    .operands_i(output_data_i),
    .bytes_o   (store_data)
  );
  always_ff @(posedge clk_i) fetch_format_q <= fetch_format;

endmodule
