// The registers of rtl/control/registers.toml behind the AXI4-Lite slave. Reads and writes of a
// cycle are independent; a write takes effect from the next cycle on, its pulses come in its own
// cycle.
module register_file #(
  parameter int Rows = 16,
  parameter int Columns = 16,
  parameter int PeKind = 1,
  parameter int FractionBits = 7,
  parameter int Kind = 1,
  parameter int Lanes = 4,
  parameter int BusBytes = 16,
  parameter int ActivationDepth = 262144,
  parameter int WeightRows = 128,
  parameter int SumDepth = 1024,
  parameter int OutputDepth = 131072,
  parameter int ParameterDepth = 4096,
  parameter int TableEntries = 16
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  // From the slave.
  input  logic        write_i,
  input  logic [11:0] write_address_i,
  input  logic [31:0] write_data_i,
  input  logic [3:0]  write_strobe_i,
  output logic        write_error_o,
  input  logic [11:0] read_address_i,
  output logic [31:0] read_data_o,
  output logic        read_error_o,
  // Control.
  output logic        start_o,
  output logic        reset_o,
  output logic        snapshot_o,
  output logic        check_table_o,
  output logic        read_table_o,      // the entry table_address_o of the next cycle
  output logic [15:0] table_address_o,
  output logic [25:0] command_base_o,
  output logic [23:0] command_count_o,
  output logic [31:0] watchdog_o,
  output logic        interrupt_o,
  // Status.
  input  logic        busy_i,
  input  logic        done_i,
  input  logic        error_i,
  input  logic        stopping_i,
  input  logic        resetting_i,
  input  logic        bus_stuck_i,
  input  logic        table_busy_i,
  input  logic [7:0]  error_code_i,
  input  logic [23:0] error_index_i,
  input  logic [31:0] error_detail_i,
  input  logic [15:0] table_entry_i,
  input  logic [31:0] table_crc_i,
  input  logic        done_event_i,
  input  logic        error_event_i,
  output logic [5:0]  counter_word_o,
  input  logic [31:0] counter_i
);

  localparam int COUNTER_WORDS = 2 * registers::COUNTERS;

  logic [31:0] base_q;
  logic [31:0] count_q;
  logic [31:0] watchdog_q;
  logic [31:0] enable_q;
  logic [31:0] interrupt_q;
  logic [31:0] scratch_q;
  logic [31:0] table_address_q;
  logic [31:0] mask;
  logic [31:0] written;    // bits written as 1
  logic        machine_busy;
  logic        known;      // a register that can be written
  logic        refused;
  logic        accepted;
  logic        control;
  logic        start;
  logic        reset;
  logic        check;
  logic        unused_bits;
  logic [31:0] status;
  logic [11:0] counter_offset;
  logic        is_counter;
  logic [31:0] value;
  logic        read_known;

  // Writes.
  for (genvar i = 0; i < 4; i = i + 1) begin : gen_mask
    assign mask[8*i +: 8] = {8{write_strobe_i[i]}};
  end
  assign written = write_data_i & mask;
  assign machine_busy = busy_i | table_busy_i;

  always_comb begin
    known = 1'b1;
    refused = 1'b0;
    control = 1'b0;
    case (write_address_i)
      registers::REG_CONTROL: begin
        control = 1'b1;
        refused = (start & (machine_busy | error_i | reset)) | (check & machine_busy);
      end
      registers::REG_COMMAND_BASE, registers::REG_COMMAND_COUNT,
      registers::REG_TABLE_ADDRESS: refused = machine_busy;
      registers::REG_WATCHDOG, registers::REG_INTERRUPT_ENABLE,
      registers::REG_INTERRUPT_STATUS, registers::REG_SCRATCH: refused = 1'b0;
      default: known = 1'b0;
    endcase
  end
  assign start = written[registers::CONTROL_START_LSB];
  assign reset = written[registers::CONTROL_RESET_LSB];
  assign check = written[registers::CONTROL_CHECK_TABLE_LSB];
  assign write_error_o = ~known | refused;
  assign accepted = write_i & known & ~refused;
  assign start_o = accepted & control & start;
  assign reset_o = accepted & control & reset;
  assign snapshot_o = accepted & control & written[registers::CONTROL_SNAPSHOT_LSB];
  assign check_table_o = accepted & control & check;
  assign read_table_o = accepted & (write_address_i == registers::REG_TABLE_ADDRESS);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      base_q          <= registers::COMMAND_BASE_RESET;
      count_q         <= registers::COMMAND_COUNT_RESET;
      watchdog_q      <= registers::WATCHDOG_RESET;
      enable_q        <= registers::INTERRUPT_ENABLE_RESET;
      interrupt_q     <= registers::INTERRUPT_STATUS_RESET;
      scratch_q       <= registers::SCRATCH_RESET;
      table_address_q <= registers::TABLE_ADDRESS_RESET;
    end else if (clear_i) begin
      base_q          <= registers::COMMAND_BASE_RESET;
      count_q         <= registers::COMMAND_COUNT_RESET;
      watchdog_q      <= registers::WATCHDOG_RESET;
      enable_q        <= registers::INTERRUPT_ENABLE_RESET;
      interrupt_q     <= registers::INTERRUPT_STATUS_RESET;
      scratch_q       <= registers::SCRATCH_RESET;
      table_address_q <= registers::TABLE_ADDRESS_RESET;
    end else begin
      if (accepted) begin
        case (write_address_i)
          registers::REG_COMMAND_BASE:
            base_q <= ((base_q & ~mask) | written) & 32'hffffffc0;
          registers::REG_COMMAND_COUNT:
            count_q <= ((count_q & ~mask) | written) & 32'h00ffffff;
          registers::REG_WATCHDOG: watchdog_q <= (watchdog_q & ~mask) | written;
          registers::REG_INTERRUPT_ENABLE: enable_q <= ((enable_q & ~mask) | written) & 32'd3;
          registers::REG_SCRATCH: scratch_q <= (scratch_q & ~mask) | written;
          registers::REG_TABLE_ADDRESS:
            table_address_q <= ((table_address_q & ~mask) | written) & 32'h0000ffff;
          default: scratch_q <= scratch_q;
        endcase
      end
      interrupt_q <= (interrupt_q & ~(written & {32{accepted &&
                      write_address_i == registers::REG_INTERRUPT_STATUS}})) |
                     (32'(done_event_i) << registers::INTERRUPT_STATUS_DONE_LSB) |
                     (32'(error_event_i) << registers::INTERRUPT_STATUS_ERROR_LSB);
    end
  end

  assign command_base_o = base_q[31:6];
  assign command_count_o = count_q[23:0];
  assign watchdog_o = watchdog_q;
  assign table_address_o = table_address_q[15:0];
  assign interrupt_o = |(interrupt_q & enable_q);

  // Reads.
  assign counter_offset = read_address_i - registers::REG_COUNTERS;
  assign is_counter = read_address_i >= registers::REG_COUNTERS &&
                      counter_offset < 12'(4 * COUNTER_WORDS);
  assign counter_word_o = counter_offset[7:2];
  assign unused_bits = &{1'b0, counter_offset[11:8], counter_offset[1:0]};

  assign status = (32'(machine_busy) << registers::STATUS_BUSY_LSB) |
                  (32'(done_i) << registers::STATUS_DONE_LSB) |
                  (32'(error_i) << registers::STATUS_ERROR_LSB) |
                  (32'(stopping_i) << registers::STATUS_STOPPING_LSB) |
                  (32'(resetting_i) << registers::STATUS_RESETTING_LSB) |
                  (32'(bus_stuck_i) << registers::STATUS_BUS_STUCK_LSB) |
                  (32'(table_busy_i) << registers::STATUS_TABLE_BUSY_LSB) |
                  (32'(error_code_i) << registers::STATUS_ERROR_CODE_LSB);

  always_comb begin
    read_known = 1'b1;
    case (read_address_i)
      registers::REG_ID: value = registers::ID_RESET;
      registers::REG_VERSION: value = registers::VERSION_RESET;
      registers::REG_ROWS: value = 32'(Rows);
      registers::REG_COLUMNS: value = 32'(Columns);
      registers::REG_PE_KIND: value = 32'(PeKind);
      registers::REG_FRACTION_BITS: value = 32'(FractionBits);
      registers::REG_LOG_KIND: value = 32'(Kind);
      registers::REG_LANES: value = 32'(Lanes);
      registers::REG_BUS_BYTES: value = 32'(BusBytes);
      registers::REG_ACTIVATION_DEPTH: value = 32'(ActivationDepth);
      registers::REG_WEIGHT_ROWS: value = 32'(WeightRows);
      registers::REG_SUM_DEPTH: value = 32'(SumDepth);
      registers::REG_OUTPUT_DEPTH: value = 32'(OutputDepth);
      registers::REG_PARAMETER_DEPTH: value = 32'(ParameterDepth);
      registers::REG_TABLE_ENTRIES: value = 32'(TableEntries);
      registers::REG_CONTROL: value = '0;
      registers::REG_STATUS: value = status;
      registers::REG_ERROR_COMMAND: value = 32'(error_index_i);
      registers::REG_ERROR_DETAIL: value = error_detail_i;
      registers::REG_COMMAND_BASE: value = base_q;
      registers::REG_COMMAND_COUNT: value = count_q;
      registers::REG_WATCHDOG: value = watchdog_q;
      registers::REG_INTERRUPT_ENABLE: value = enable_q;
      registers::REG_INTERRUPT_STATUS: value = interrupt_q;
      registers::REG_SCRATCH: value = scratch_q;
      registers::REG_TABLE_ADDRESS: value = table_address_q;
      registers::REG_TABLE_DATA: value = 32'(table_entry_i);
      registers::REG_TABLE_CRC: value = table_crc_i;
      default: begin
        value = counter_i;
        read_known = is_counter;
      end
    endcase
    read_data_o = value & {32{read_known}};
    read_error_o = ~read_known;
  end

endmodule
