// Frames from a serial line become accesses of registers and memory, and answers go back:
// docs/serial-protocol.md is its specification.
//
// A frame is done only if its checksum is right. One that is a repetition of the last one, by its
// sequence number, is answered again; if it writes, it does not write again.
//
// An access of the bus is held until bus_done_i; it is given up after 2^22 cycles. Registers from
// 0x800 on are the board's own.
module serial_bridge #(
  parameter int ClocksPerBit = 12,
  parameter int IdleClocks = 65535,              // a frame that does not go on is given up
  parameter logic [31:0] BoardId = 32'h0,        // four letters
  parameter int MemoryBytes = 0,
  parameter int ClockHertz = 12000000,
  parameter logic [31:0] Features = 32'h0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        line_i,
  output logic        line_o,
  input  logic        interrupt_i,
  output logic        frame_o,         // a good frame came
  // Registers and memory, words of 32 bits.
  output logic        bus_valid_o,
  output logic        bus_memory_o,
  output logic        bus_write_o,
  output logic [31:0] bus_address_o,   // of bytes
  output logic [31:0] bus_data_o,
  input  logic        bus_done_i,
  input  logic        bus_error_i,
  input  logic [31:0] bus_data_i
);

  localparam logic [7:0] REQUEST = 8'h5a;
  localparam logic [7:0] ANSWER = 8'ha5;
  localparam int MOST_WORDS = 32;

  localparam logic [3:0] OP_PING = 4'd0;
  localparam logic [3:0] OP_READ_REGISTERS = 4'd1;
  localparam logic [3:0] OP_WRITE_REGISTERS = 4'd2;
  localparam logic [3:0] OP_READ_MEMORY = 4'd3;
  localparam logic [3:0] OP_WRITE_MEMORY = 4'd4;
  localparam logic [3:0] OP_ECHO = 4'd5;

  localparam logic [3:0] STATUS_OK = 4'd0;
  localparam logic [3:0] STATUS_REFUSED = 4'd1;
  localparam logic [3:0] STATUS_BAD_REQUEST = 4'd2;
  localparam logic [3:0] STATUS_CHECKSUM = 4'd3;
  localparam logic [3:0] STATUS_INCOMPLETE = 4'd4;
  localparam logic [3:0] STATUS_NO_ANSWER = 4'd5;

  localparam logic [3:0] IDLE = 4'd0;
  localparam logic [3:0] HEADER = 4'd1;
  localparam logic [3:0] PAYLOAD = 4'd2;
  localparam logic [3:0] CHECK = 4'd3;
  localparam logic [3:0] DECIDE = 4'd4;
  localparam logic [3:0] GATHER = 4'd5;   // a word of the buffer for the bus
  localparam logic [3:0] ACCESS = 4'd6;
  localparam logic [3:0] SCATTER = 4'd7;  // a word of the bus for the buffer
  localparam logic [3:0] SEND_HEADER = 4'd8;
  localparam logic [3:0] SEND_PAYLOAD = 4'd9;
  localparam logic [3:0] SEND_CHECK = 4'd10;

  logic        received;
  logic [7:0]  byte_in;
  logic        sends;
  logic        sent;
  logic [7:0]  byte_out;

  logic [3:0]  state_q;
  logic [7:0]  place_q;       // of the byte in its part of the frame
  logic [7:0]  sequence_q;
  logic [7:0]  last_sequence_q;
  logic        any_sequence_q;
  logic [7:0]  operation_q;
  logic [7:0]  count_q;       // words
  logic [7:0]  left_q;
  logic [31:0] address_q;
  logic [31:0] word_q;
  logic [3:0]  status_q;
  logic [3:0]  last_status_q;
  logic        repeated_q;
  logic [21:0] wait_q;
  logic [31:0] crc;
  logic [31:0] cycles_q;
  logic [15:0] errors_q;      // frames given up

  logic        reading_frame;
  logic        payload_end;
  logic        has_payload;
  logic        writes;
  logic        reads;
  logic        registers_wanted;
  logic        good_request;
  logic        own_registers;
  logic        own_known;
  logic [31:0] own_data;
  logic        access_done;
  logic        access_error;
  logic [31:0] access_data;
  logic        idle_end;

  uart_receiver #(.ClocksPerBit(ClocksPerBit)) u_receiver (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .line_i (line_i),
    .valid_o(received),
    .data_o (byte_in)
  );

  uart_transmitter #(.ClocksPerBit(ClocksPerBit)) u_transmitter (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .valid_i(sends),
    .ready_o(sent),
    .data_i (byte_out),
    .line_o (line_o)
  );

  crc32 #(.Bits(8)) u_crc (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .start_i((state_q == IDLE) | (state_q == DECIDE)),
    .valid_i((received & ((state_q == HEADER) | (state_q == PAYLOAD))) |
             (sends & sent & (((state_q == SEND_HEADER) & (place_q != '0)) |
                              (state_q == SEND_PAYLOAD)))),
    .data_i ((state_q[3]) ? byte_out : byte_in),
    .crc_o  (crc)
  );

  // The buffer: bytes of the payload, either way.
  logic       buffer_write;
  logic [7:0] buffer_in;
  logic [7:0] buffer_out;
  logic [6:0] buffer_read;

  assign buffer_write = (state_q == SCATTER) | ((state_q == PAYLOAD) & received);
  assign buffer_in = (state_q == SCATTER) ? word_q[7:0] : byte_in;

  dual_port_ram #(
    .Bits (8),
    .Depth(4 * MOST_WORDS)
  ) u_buffer (
    .clk_i          (clk_i),
    .write_i        (buffer_write),
    .write_address_i(place_q[6:0]),
    .data_i         (buffer_in),
    .read_i         (1'b1),
    .read_address_i (buffer_read),
    .data_o         (buffer_out)
  );

  assign has_payload = (operation_q[3:0] == OP_WRITE_REGISTERS) |
                       (operation_q[3:0] == OP_WRITE_MEMORY) | (operation_q[3:0] == OP_ECHO);
  assign writes = (operation_q[3:0] == OP_WRITE_REGISTERS) | (operation_q[3:0] == OP_WRITE_MEMORY);
  assign reads = (operation_q[3:0] == OP_READ_REGISTERS) | (operation_q[3:0] == OP_READ_MEMORY);
  assign registers_wanted = ~operation_q[0] ? operation_q[1] : ~operation_q[1];
  assign good_request = (operation_q <= {4'd0, OP_ECHO}) & (count_q <= 8'(MOST_WORDS)) &
                        (address_q[1:0] == 2'd0);
  assign reading_frame = (state_q == HEADER) | (state_q == PAYLOAD) | (state_q == CHECK);
  assign idle_end = wait_q[15:0] == 16'(IdleClocks);
  assign payload_end = place_q == {count_q[5:0], 2'b11} - 8'd4;

  // Registers of the board.
  assign own_registers = registers_wanted & address_q[11];

  always_comb begin
    own_known = ~writes;
    case (address_q[10:2])
      9'd0: own_data = BoardId;
      9'd1: own_data = 32'h00010000;
      9'd2: own_data = 32'(MemoryBytes);
      9'd3: own_data = 32'(ClockHertz);
      9'd4: own_data = Features;
      9'd5: own_data = cycles_q;
      9'd6: own_data = 32'(ClocksPerBit);
      9'd7: own_data = {16'd0, errors_q};
      default: begin
        own_data = '0;
        own_known = 1'b0;
      end
    endcase
  end

  assign bus_valid_o = (state_q == ACCESS) & ~own_registers;
  assign bus_memory_o = ~registers_wanted;
  assign bus_write_o = writes;
  assign bus_address_o = address_q;
  assign bus_data_o = word_q;
  assign access_done = own_registers | bus_done_i | (&wait_q);
  assign access_error = own_registers ? ~own_known : bus_error_i | ~bus_done_i;
  assign access_data = own_registers ? own_data : bus_data_i;
  assign frame_o = (state_q == DECIDE) & (status_q == STATUS_OK);

  // What is sent.
  assign sends = state_q[3] & sent;
  always_comb begin
    byte_out = buffer_out;
    if (state_q == SEND_HEADER) begin
      case (place_q[1:0])
        2'd0: byte_out = ANSWER;
        2'd1: byte_out = sequence_q;
        2'd2: byte_out = {interrupt_i, repeated_q, 2'b00, status_q};
        default: byte_out = left_q;
      endcase
    end else if (state_q == SEND_CHECK) begin
      case (place_q[1:0])
        2'd0: byte_out = crc[7:0];
        2'd1: byte_out = crc[15:8];
        2'd2: byte_out = crc[23:16];
        default: byte_out = crc[31:24];
      endcase
    end
  end

  // Where the buffer is read: the byte of the present state in the next cycle.
  always_comb begin
    buffer_read = place_q[6:0];
    if (state_q == SEND_HEADER) buffer_read = '0;
    else if ((state_q == SEND_PAYLOAD && sends) || state_q == GATHER) buffer_read = place_q[6:0] + 7'd1;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q        <= IDLE;
      place_q        <= '0;
      any_sequence_q <= 1'b0;
      wait_q         <= '0;
      errors_q       <= '0;
      cycles_q       <= '0;
      status_q       <= '0;
      last_status_q  <= '0;
      repeated_q     <= 1'b0;
    end else begin
      cycles_q <= cycles_q + 32'd1;
      if (received || (state_q != ACCESS && !reading_frame)) wait_q <= '0;
      else wait_q <= wait_q + 22'd1;
      case (state_q)
        IDLE: begin
          place_q    <= '0;
          status_q   <= STATUS_OK;
          repeated_q <= 1'b0;
          if (received && byte_in == REQUEST) state_q <= HEADER;
        end
        HEADER: if (received) begin
          place_q <= place_q + 8'd1;
          if (place_q == 8'd6) begin
            place_q <= '0;
            state_q <= (has_payload && count_q != '0 && count_q <= 8'(MOST_WORDS)) ? PAYLOAD : CHECK;
          end
        end
        PAYLOAD: if (received) begin
          place_q <= place_q + 8'd1;
          if (payload_end) begin
            place_q <= '0;
            state_q <= CHECK;
          end
        end
        CHECK: if (received) begin
          place_q <= place_q + 8'd1;
          if (byte_in != crc[{place_q[1:0], 3'd0} +: 8]) status_q <= STATUS_CHECKSUM;
          if (place_q == 8'd3) begin
            place_q <= '0;
            state_q <= DECIDE;
          end
        end
        DECIDE: begin
          place_q <= '0;
          left_q  <= count_q;
          state_q <= SEND_HEADER;
          if (status_q != STATUS_OK) begin
            left_q   <= '0;
            errors_q <= errors_q + 16'd1;
          end else if (!good_request) begin
            left_q   <= '0;
            status_q <= STATUS_BAD_REQUEST;
          end else begin
            last_sequence_q <= sequence_q;
            any_sequence_q  <= 1'b1;
            repeated_q      <= any_sequence_q & (sequence_q == last_sequence_q);
            if (writes) begin
              left_q <= '0;
              if (any_sequence_q && sequence_q == last_sequence_q) status_q <= last_status_q;
              else if (count_q != '0) begin
                left_q  <= count_q;
                state_q <= GATHER;
              end
            end else if (reads && count_q != '0) begin
              state_q <= ACCESS;
            end else if (operation_q[3:0] == OP_PING) begin
              left_q <= '0;
            end
          end
        end
        GATHER: begin
          place_q <= place_q + 8'd1;
          if (place_q[1:0] == 2'd3) state_q <= ACCESS;
        end
        ACCESS: if (access_done) begin
          if (access_error && status_q == STATUS_OK) begin
            status_q <= (&wait_q) ? STATUS_NO_ANSWER : STATUS_REFUSED;
          end
          last_status_q <= access_error ? STATUS_REFUSED : status_q;
          left_q <= left_q - 8'd1;
          if (writes) begin
            state_q <= (left_q == 8'd1) ? SEND_HEADER : GATHER;
            if (left_q == 8'd1) place_q <= '0;
          end else begin
            state_q <= SCATTER;
          end
        end
        SCATTER: begin
          place_q <= place_q + 8'd1;
          if (place_q[1:0] == 2'd3) begin
            state_q <= ACCESS;
            if (left_q == '0) begin
              place_q <= '0;
              left_q  <= count_q;
              state_q <= SEND_HEADER;
            end
          end
        end
        SEND_HEADER: if (sends) begin
          place_q <= place_q + 8'd1;
          if (place_q == 8'd3) begin
            place_q <= '0;
            state_q <= (left_q == '0) ? SEND_CHECK : SEND_PAYLOAD;
          end
        end
        SEND_PAYLOAD: if (sends) begin
          place_q <= place_q + 8'd1;
          if (place_q == {left_q[5:0], 2'b11} - 8'd4) begin
            place_q <= '0;
            state_q <= SEND_CHECK;
          end
        end
        SEND_CHECK: if (sends) begin
          place_q <= place_q + 8'd1;
          if (place_q == 8'd3) state_q <= IDLE;
        end
        default: state_q <= IDLE;
      endcase
      if (reading_frame && !received && idle_end) begin
        state_q  <= DECIDE;
        status_q <= STATUS_INCOMPLETE;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == HEADER && received) begin
      case (place_q[2:0])
        3'd0: sequence_q <= byte_in;
        3'd1: operation_q <= byte_in;
        3'd2: count_q <= byte_in;
        default: address_q <= {byte_in, address_q[31:8]};
      endcase
    end else if (state_q == ACCESS && access_done) begin
      address_q <= address_q + 32'd4;
    end
    if (state_q == GATHER) word_q <= {buffer_out, word_q[31:8]};
    else if (state_q == SCATTER) word_q <= {8'd0, word_q[31:8]};
    else if (state_q == ACCESS && access_done && reads) word_q <= access_data;
  end

endmodule
