// The accelerator: the shell around the compute core. docs/accelerator.md is its specification.
module accelerator #(
  parameter int Rows = 16,           // of the grid, 2 to 32, a power of two
  parameter int Columns = 16,
  parameter int PeKind = mbm_pkg::PE_LOG,
  parameter int FractionBits = 7,    // kind log: of a logarithm,
  parameter int SetLowestBit = 0,    // its lowest bit set
  parameter int Kind = mbm_pkg::PRODUCT_MBM,
  parameter int Lanes = (Rows * Columns > 32) ? Rows * Columns / 32 : 1,
  parameter int BusBytes = 16,
  parameter int ActivationDepth = 262144,
  parameter int WeightRows = 8 * Rows,
  parameter int SumDepth = 1024,
  parameter int OutputDepth = 131072,
  parameter int ParameterDepth = 4096,
  parameter int TableEntries = 16,
  // Of the shell: longest burst, bursts under way in each direction, words that a reading unit has room
  // for, commands that wait in a unit.
  parameter int BurstBeats = 16,
  parameter int Outstanding = 32,
  parameter int LandingBeats = 128,
  parameter int QueueDepth = 8
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
  input  logic [1:0]                        m_axi_bresp_i
);

  logic                               core_clear;
  logic                               activation_write;
  logic [$clog2(ActivationDepth)-1:0] activation_address;
  logic [$clog2(BusBytes):0]          activation_count;
  logic [9*BusBytes-1:0]              activation_data;
  logic                               weight_valid;
  logic                               weight_ready;
  logic [9*Columns-1:0]               weight_row;
  logic                               parameter_write;
  logic [$clog2(ParameterDepth)-1:0]  parameter_address;
  logic [70:0]                        parameter_data;
  logic                               table_write;
  logic [15:0]                        table_address;
  logic [8*BusBytes-1:0]              table_data;
  logic                               table_read;
  logic [15:0]                        table_read_address;
  logic [15:0]                        table_read_data;
  logic                               command_valid;
  logic                               command_ready;
  logic [511:0]                       command;
  logic                               read_done;
  logic                               drain_done;
  logic                               command_error;
  logic [7:0]                         command_error_code;
  logic                               output_read;
  logic [$clog2(OutputDepth)-1:0]     output_address;
  logic [9*BusBytes-1:0]              output_data;
  logic [2:0]                         cause;
  logic                               core_busy;
  logic                               tile;
  logic                               position;
  logic [$clog2(WeightRows+1)-1:0]    unused_weight_rows;

  accelerator_shell #(
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
    .TableEntries   (TableEntries),
    .BurstBeats     (BurstBeats),
    .Outstanding    (Outstanding),
    .LandingBeats   (LandingBeats),
    .QueueDepth     (QueueDepth)
  ) u_shell (
    .clk_i               (clk_i),
    .rst_ni              (rst_ni),
    .interrupt_o         (interrupt_o),
    .s_axil_awvalid_i    (s_axil_awvalid_i),
    .s_axil_awready_o    (s_axil_awready_o),
    .s_axil_awaddr_i     (s_axil_awaddr_i),
    .s_axil_wvalid_i     (s_axil_wvalid_i),
    .s_axil_wready_o     (s_axil_wready_o),
    .s_axil_wdata_i      (s_axil_wdata_i),
    .s_axil_wstrb_i      (s_axil_wstrb_i),
    .s_axil_bvalid_o     (s_axil_bvalid_o),
    .s_axil_bready_i     (s_axil_bready_i),
    .s_axil_bresp_o      (s_axil_bresp_o),
    .s_axil_arvalid_i    (s_axil_arvalid_i),
    .s_axil_arready_o    (s_axil_arready_o),
    .s_axil_araddr_i     (s_axil_araddr_i),
    .s_axil_rvalid_o     (s_axil_rvalid_o),
    .s_axil_rready_i     (s_axil_rready_i),
    .s_axil_rdata_o      (s_axil_rdata_o),
    .s_axil_rresp_o      (s_axil_rresp_o),
    .m_axi_arvalid_o     (m_axi_arvalid_o),
    .m_axi_arready_i     (m_axi_arready_i),
    .m_axi_araddr_o      (m_axi_araddr_o),
    .m_axi_arlen_o       (m_axi_arlen_o),
    .m_axi_arsize_o      (m_axi_arsize_o),
    .m_axi_arburst_o     (m_axi_arburst_o),
    .m_axi_rvalid_i      (m_axi_rvalid_i),
    .m_axi_rready_o      (m_axi_rready_o),
    .m_axi_rdata_i       (m_axi_rdata_i),
    .m_axi_rresp_i       (m_axi_rresp_i),
    .m_axi_rlast_i       (m_axi_rlast_i),
    .m_axi_awvalid_o     (m_axi_awvalid_o),
    .m_axi_awready_i     (m_axi_awready_i),
    .m_axi_awaddr_o      (m_axi_awaddr_o),
    .m_axi_awlen_o       (m_axi_awlen_o),
    .m_axi_awsize_o      (m_axi_awsize_o),
    .m_axi_awburst_o     (m_axi_awburst_o),
    .m_axi_wvalid_o      (m_axi_wvalid_o),
    .m_axi_wready_i      (m_axi_wready_i),
    .m_axi_wdata_o       (m_axi_wdata_o),
    .m_axi_wstrb_o       (m_axi_wstrb_o),
    .m_axi_wlast_o       (m_axi_wlast_o),
    .m_axi_bvalid_i      (m_axi_bvalid_i),
    .m_axi_bready_o      (m_axi_bready_o),
    .m_axi_bresp_i       (m_axi_bresp_i),
    .core_clear_o        (core_clear),
    .activation_write_o  (activation_write),
    .activation_address_o(activation_address),
    .activation_count_o  (activation_count),
    .activation_data_o   (activation_data),
    .weight_valid_o      (weight_valid),
    .weight_ready_i      (weight_ready),
    .weight_row_o        (weight_row),
    .parameter_write_o   (parameter_write),
    .parameter_address_o (parameter_address),
    .parameter_data_o    (parameter_data),
    .table_write_o       (table_write),
    .table_address_o     (table_address),
    .table_data_o        (table_data),
    .table_read_o        (table_read),
    .table_read_address_o(table_read_address),
    .table_read_data_i   (table_read_data),
    .command_valid_o     (command_valid),
    .command_ready_i     (command_ready),
    .command_o           (command),
    .read_done_i         (read_done),
    .drain_done_i        (drain_done),
    .command_error_i     (command_error),
    .command_error_code_i(command_error_code),
    .output_read_o       (output_read),
    .output_address_o    (output_address),
    .output_data_i       (output_data),
    .cause_i             (cause),
    .core_busy_i         (core_busy),
    .tile_i              (tile),
    .position_i          (position)
  );

  accelerator_core #(
    .Rows           (Rows),
    .Columns        (Columns),
    .PeKind         (PeKind),
    .FractionBits   (FractionBits),
    .SetLowestBit   (SetLowestBit),
    .Kind           (Kind),
    .Lanes          (Lanes),
    .BusBytes       (BusBytes),
    .ActivationDepth(ActivationDepth),
    .WeightRows     (WeightRows),
    .SumDepth       (SumDepth),
    .OutputDepth    (OutputDepth),
    .ParameterDepth (ParameterDepth),
    .TableEntries   (TableEntries)
  ) u_core (
    .clk_i               (clk_i),
    .rst_ni              (rst_ni),
    .clear_i             (core_clear),
    .activation_write_i  (activation_write),
    .activation_address_i(activation_address),
    .activation_count_i  (activation_count),
    .activation_data_i   (activation_data),
    .weight_valid_i      (weight_valid),
    .weight_ready_o      (weight_ready),
    .weight_row_i        (weight_row),
    .weight_rows_o       (unused_weight_rows),
    .parameter_write_i   (parameter_write),
    .parameter_address_i (parameter_address),
    .parameter_data_i    (parameter_data),
    .table_write_i       (table_write),
    .table_address_i     (table_address),
    .table_data_i        (table_data),
    .table_read_i        (table_read),
    .table_read_address_i(table_read_address),
    .table_read_data_o   (table_read_data),
    .command_valid_i     (command_valid),
    .command_ready_o     (command_ready),
    .command_i           (command),
    .read_done_o         (read_done),
    .drain_done_o        (drain_done),
    .command_error_o     (command_error),
    .command_error_code_o(command_error_code),
    .output_read_i       (output_read),
    .output_address_i    (output_address),
    .output_data_o       (output_data),
    .cause_o             (cause),
    .busy_o              (core_busy),
    .tile_o              (tile),
    .position_o          (position)
  );

endmodule
