// A small processor that runs the commands of compact_accelerator: one accumulator of 16 bits, 512
// words of data, 1,280 instructions (rtl/control/micro_program.asm says what they do).
//
// An instruction is {operation[3:0], operand[11:0]} and takes two cycles, LDX three:
//   0 LD d (bit 11: INC, adds 1 to the word and gives it)   1 ST d   2 ADD d (bit 11: with carry)
//   3 SUB d (bit 11: DEC)   4 AND d (bit 11: or)   5 LDI value, signed
//   6 JMP      7 JZ       8 JNZ     9 JN (negative)      10 JC (carry: of SUB, no borrow)  11 CALL, four deep
//   12 LDX d   13 STX d: the word of the address space at the address in d
//   14 IN, OUT (bit 11) port     15 by bits 2..0: RET, SHR, SHL, LOW byte, HIGH byte, ASR,
//   SHL and SHR by four
// The address space: what bus_read_i gives in the cycle after bus_address_o; from 0xf000 on the
// processor's own data. IN and OUT wait while port_wait_i is 1.
module micro_sequencer #(
  parameter int Rows = 2,
  parameter int Columns = 2,
  parameter int PeKind = mbm_pkg::PE_EXACT,
  parameter int FractionBits = 7,
  parameter int Kind = mbm_pkg::PRODUCT_MBM,
  parameter int ActivationDepth = 1024,
  parameter int WeightRows = 1024,
  parameter int SumDepth = 64,
  parameter int OutputDepth = 512,
  parameter int ParameterDepth = 32,
  parameter int MemoryBytes = 4096
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  // Address space.
  output logic [15:0] bus_address_o,
  output logic        bus_read_o,
  output logic        bus_write_o,
  output logic [15:0] accumulator_o,  // what is written, to the address space and to ports
  input  logic [15:0] bus_data_i,
  // Ports.
  output logic [4:0]  port_o,
  output logic        port_in_o,      // in the cycle in which port_data_i is taken
  output logic        port_out_o,
  input  logic        port_wait_i,
  input  logic [15:0] port_data_i
);

  localparam logic [3:0] LD = 4'd0;
  localparam logic [3:0] ST = 4'd1;
  localparam logic [3:0] ADD = 4'd2;
  localparam logic [3:0] SUB = 4'd3;
  localparam logic [3:0] AND = 4'd4;
  localparam logic [3:0] LDI = 4'd5;
  localparam logic [3:0] JMP = 4'd6;
  localparam logic [3:0] JZ = 4'd7;
  localparam logic [3:0] JNZ = 4'd8;
  localparam logic [3:0] JN = 4'd9;
  localparam logic [3:0] JC = 4'd10;
  localparam logic [3:0] CALL = 4'd11;
  localparam logic [3:0] LDX = 4'd12;
  localparam logic [3:0] STX = 4'd13;
  localparam logic [3:0] PORT = 4'd14;

  logic [1:0]  state_q;    // 0: read data, 1: execute, 2: take a word of the address space, 3: start
  logic [10:0] pc_q;
  logic [10:0] pc_next;
  logic [15:0] instruction;
  logic [3:0]  operation;
  logic        flag;       // bit 11 of the operand
  logic [15:0] a_q;
  logic        carry_q;
  logic [43:0] return_q;
  logic        execute;
  logic        step;       // the instruction ends
  logic        waits;
  logic        jumps;
  logic        own;        // LDX, STX of the processor's data
  logic        returns;

  logic        own_q;
  logic [15:0] data_q;
  logic [8:0]  read_address;
  logic [8:0]  write_address;
  logic        write;

  logic        increments;
  logic        decrements;
  logic        borrows;
  logic        carry;
  logic [15:0] first;
  logic [15:0] second;
  logic [16:0] sum;
  logic [15:0] misc;

  assign operation = instruction[15:12];
  assign flag = instruction[11];
  assign execute = state_q == 2'd1;
  assign own = &data_q[15:12];
  assign returns = (operation == 4'd15) & (instruction[2:0] == 3'd0);
  assign waits = (operation == PORT) & port_wait_i;
  assign step = (execute & (operation != LDX) & ~waits) | (state_q == 2'd2) | (state_q == 2'd3);

  always_comb begin
    case (operation)
      JMP, CALL: jumps = 1'b1;
      JZ: jumps = a_q == 16'd0;
      JNZ: jumps = a_q != 16'd0;
      JN: jumps = a_q[15];
      JC: jumps = carry_q;
      default: jumps = 1'b0;
    endcase
  end

  always_comb begin
    if (state_q == 2'd3) pc_next = 11'd0;
    else if (jumps) pc_next = instruction[10:0];
    else if (returns) pc_next = return_q[10:0];
    else pc_next = pc_q + 11'd1;
  end

  micro_program u_program (
    .clk_i    (clk_i),
    .read_i   (step),
    .address_i(pc_next),
    .data_o   (instruction)
  );

  assign increments = (operation == LD) & flag;
  assign decrements = (operation == SUB) & flag;
  assign borrows = (operation == SUB) & ~flag;
  assign first = (a_q & {16{~increments}}) | {16{decrements}};
  assign second = data_q ^ {16{borrows}};
  assign carry = (operation == ADD) ? flag & carry_q : borrows | increments;
  assign sum = {1'b0, first} + {1'b0, second} + 17'(carry);

  always_comb begin
    case (instruction[2:0])
      3'd1: misc = {1'b0, a_q[15:1]};
      3'd2: misc = {a_q[14:0], 1'b0};
      3'd3: misc = {8'd0, a_q[7:0]};
      3'd4: misc = {8'd0, a_q[15:8]};
      3'd5: misc = {a_q[15], a_q[15:1]};
      3'd6: misc = {a_q[11:0], 4'd0};
      3'd7: misc = {4'd0, a_q[15:4]};
      default: misc = a_q;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q  <= 2'd3;
      pc_q     <= '0;
      a_q      <= '0;
      carry_q  <= 1'b0;
      return_q <= '0;
    end else begin
      case (state_q)
        2'd0: state_q <= 2'd1;
        2'd1: begin
          if (operation == LDX) state_q <= 2'd2;
          else if (!waits) state_q <= 2'd0;
        end
        default: state_q <= 2'd0;
      endcase
      if (step) pc_q <= pc_next;
      if (execute && operation == CALL) return_q <= {return_q[32:0], pc_q + 11'd1};
      if (execute && returns) return_q <= {return_q[10:0], return_q[43:11]};
      if (execute && (operation == ADD || operation == SUB || increments)) carry_q <= sum[16];
      if (state_q == 2'd2) a_q <= own_q ? data_q : bus_data_i;
      else if (execute) begin
        case (operation)
          LD: a_q <= flag ? sum[15:0] : data_q;
          ADD, SUB: a_q <= sum[15:0];
          AND: a_q <= flag ? (a_q | data_q) : (a_q & data_q);
          LDI: a_q <= {{4{flag}}, instruction[11:0]};
          PORT: if (!flag) a_q <= port_data_i;
          4'd15: a_q <= misc;
          default: a_q <= a_q;
        endcase
      end
    end
  end

  assign accumulator_o = a_q;
  assign bus_address_o = data_q;
  assign bus_read_o = execute & (operation == LDX);
  assign bus_write_o = execute & (operation == STX) & ~own;
  assign port_o = instruction[4:0];
  assign port_in_o = execute & (operation == PORT) & ~flag & ~port_wait_i;
  assign port_out_o = execute & (operation == PORT) & flag & ~port_wait_i;

  // Data. What the registers of parameters hold is there from the start.
  logic [15:0] memory [0:511];

  assign read_address = execute ? data_q[8:0] : instruction[8:0];
  assign write = execute & ((operation == ST) | increments | decrements | ((operation == STX) & own));
  assign write_address = (operation == STX) ? data_q[8:0] : instruction[8:0];

  always_ff @(posedge clk_i) begin
    own_q <= own;
    data_q <= memory[read_address];
    if (write) memory[write_address] <= (increments | decrements) ? sum[15:0] : a_q;
  end

  initial begin
    for (int i = 0; i < 512; i = i + 1) memory[i] = 16'd0;
    memory[registers::REG_ID / 2] = registers::ID_RESET[15:0];
    memory[registers::REG_ID / 2 + 1] = registers::ID_RESET[31:16];
    memory[registers::REG_VERSION / 2] = registers::VERSION_RESET[15:0];
    memory[registers::REG_VERSION / 2 + 1] = registers::VERSION_RESET[31:16];
    memory[registers::REG_ROWS / 2] = 16'(Rows);
    memory[registers::REG_COLUMNS / 2] = 16'(Columns);
    memory[registers::REG_PE_KIND / 2] = 16'(PeKind);
    memory[registers::REG_FRACTION_BITS / 2] = 16'(FractionBits);
    memory[registers::REG_LOG_KIND / 2] = 16'(Kind);
    memory[registers::REG_LANES / 2] = 16'd1;
    memory[registers::REG_BUS_BYTES / 2] = 16'd4;
    memory[registers::REG_ACTIVATION_DEPTH / 2] = 16'(ActivationDepth);
    memory[registers::REG_WEIGHT_ROWS / 2] = 16'(WeightRows);
    memory[registers::REG_SUM_DEPTH / 2] = 16'(SumDepth);
    memory[registers::REG_OUTPUT_DEPTH / 2] = 16'(OutputDepth);
    memory[registers::REG_PARAMETER_DEPTH / 2] = 16'(ParameterDepth);
    memory[registers::REG_TABLE_ENTRIES / 2] = 16'd1;
    memory[micro_data::VARIABLE_MEMORY_BYTES] = 16'(MemoryBytes);
    for (int i = 0; i < micro_data::CONSTANTS; i = i + 1) begin
      memory[micro_data::FIRST_CONSTANT + i] = micro_data::VALUES[16*i +: 16];
    end
  end

endmodule
