// Requantises finished partial sums and does the arithmetic of the vector commands, Lanes channels a
// cycle, in order, and writes the results to the output buffer.
//
// A convolution announces with finish_i that its sums are stored; finish_last_i says that they are to be
// drained from finish_bank_i. Their fields and the number of positions are taken from context_i then.
// Results of convolutions go through the lanes position by position, groups of at most Lanes channels of
// a position in successive cycles. A convolution that ends no sums passes through as an empty slot, so
// that done_o, one for each command, keeps their order. Vector taps enter with tap_i, only while idle_o.
//
// A slot that enters in cycle t (its sums, parameters or operands come from the memories in t + 1) is written
// in cycle t + 6, done_o comes in t + 7.
module post_processor #(
  parameter int Columns = 16,
  parameter int Lanes = 4,
  parameter int IndexBits = 10,      // of a position of a pass
  parameter int ParameterBits = 12,  // of a channel of the parameters
  parameter int OutputBits = 17      // of an element of the output buffer
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       clear_i,
  // Convolutions.
  input  logic                       finish_i,
  input  logic                       finish_last_i,
  input  logic                       finish_bank_i,
  input  logic [2*512-1:0]           context_i,         // command of each bank
  input  logic [2*IndexBits-1:0]     last_position_i,   // of each bank
  output logic [1:0]                 release_o,         // the bank has been read
  output logic                       drain_bank_o,
  output logic [IndexBits-1:0]       drain_position_o,
  input  logic [Columns*32-1:0]      sum_i,             // a cycle later
  output logic [ParameterBits-1:0]   parameter_o,
  input  logic [Lanes*71-1:0]        parameter_i,       // a cycle later
  // Taps of vector commands.
  output logic                       idle_o,            // no convolution is left
  input  logic                       tap_i,
  input  logic                       tap_inside_i,
  input  logic                       tap_first_i,       // of a sum
  input  logic                       tap_last_i,        // of a result
  input  logic                       tap_done_i,        // last tap of the command
  input  logic                       tap_column_end_i,  // bilinear RESIZE: of a column
  input  logic [7:0]                 tap_column_weight_i,
  input  logic [16:0]                tap_factor_i,
  input  logic [16:0]                tap_negative_factor_i,
  input  logic [511:0]               tap_command_i,
  input  logic [$clog2(Lanes+1)-1:0] tap_count_i,
  input  logic [OutputBits-1:0]      tap_address_i,
  input  logic [Lanes*9-1:0]         tap_operand_i,     // a cycle later
  // Output buffer.
  output logic                       write_o,
  output logic [OutputBits-1:0]      write_address_o,
  output logic [$clog2(Lanes+1)-1:0] write_count_o,
  output logic [Lanes*9-1:0]         write_data_o,
  output logic                       done_o,
  output logic                       busy_o
);

  localparam int COUNT_BITS = $clog2(Lanes + 1);
  localparam int GROUPS = Columns / Lanes;
  localparam int GROUP_BITS = (GROUPS > 1) ? $clog2(GROUPS) : 1;

  // Drains. Banks are drained in turn. Convolutions without results that were finished meanwhile wait
  // in two counts: before and after the drain that has not begun yet, if there is one.
  logic [1:0]           pending_q;
  logic                 bank_q;    // drained, or next
  logic                 active_q;
  logic [15:0]          empty_before_q;
  logic [15:0]          empty_after_q;
  logic [IndexBits-1:0] position_q;
  logic [511:0]         drain_command;
  logic                 start;
  logic                 drain_slot;
  logic                 drain_end;
  logic                 empty_slot;
  logic                 finish_empty;
  logic                 waiting;  // a drain has not begun
  logic                 empty_joins;
  logic                 empty_follows;
  logic [15:0]          channel;
  logic [COUNT_BITS-1:0] drain_count;
  logic                 last_group;
  logic [OutputBits-1:0] drain_address;

  assign drain_command = bank_q ? context_i[1023:512] : context_i[511:0];
  assign start = ~active_q & pending_q[bank_q] & (empty_before_q == '0);
  assign drain_slot = active_q;
  assign drain_end = drain_slot & last_group &
                     (position_q == (bank_q ? last_position_i[2*IndexBits-1:IndexBits]
                                            : last_position_i[IndexBits-1:0]));
  assign empty_slot = ~active_q & (empty_before_q != '0);
  assign finish_empty = finish_i & ~finish_last_i;
  assign waiting = active_q ? pending_q[~bank_q] : pending_q[bank_q];
  assign empty_joins = finish_empty & ~waiting;
  assign empty_follows = finish_empty & waiting;

  result_walk #(
    .Lanes      (Lanes),
    .AddressBits(OutputBits)
  ) u_walk (
    .clk_i           (clk_i),
    .load_i          (start),
    .next_channels_i (16'(drain_command[registers::CONVOLVE_CHANNELS_LSB +: 6])),
    .next_address_i  (drain_command[registers::CONVOLVE_OUTPUT_ADDRESS_LSB +: OutputBits]),
    .channels_i      (16'(drain_command[registers::CONVOLVE_CHANNELS_LSB +: 6])),
    .position_pitch_i(drain_command[registers::CONVOLVE_POSITION_PITCH_LSB +: 16]),
    .advance_i       (drain_slot),
    .channel_o       (channel),
    .count_o         (drain_count),
    .last_group_o    (last_group),
    .address_o       (drain_address)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      pending_q      <= '0;
      bank_q         <= 1'b0;
      active_q       <= 1'b0;
      empty_before_q <= '0;
      empty_after_q  <= '0;
    end else if (clear_i) begin
      pending_q      <= '0;
      bank_q         <= 1'b0;
      active_q       <= 1'b0;
      empty_before_q <= '0;
      empty_after_q  <= '0;
    end else begin
      if (finish_i & finish_last_i) pending_q[finish_bank_i] <= 1'b1;
      if (drain_end) begin
        pending_q[bank_q] <= 1'b0;
        bank_q            <= ~bank_q;
      end
      active_q <= start | (active_q & ~drain_end);
      if (start) begin
        empty_before_q <= empty_after_q + 16'(finish_empty);
        empty_after_q  <= '0;
      end else begin
        empty_before_q <= empty_before_q + 16'(empty_joins) - 16'(empty_slot);
        empty_after_q  <= empty_after_q + 16'(empty_follows);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (start) position_q <= '0;
    else if (drain_slot & last_group) position_q <= position_q + 1'b1;
  end

  assign release_o = {drain_end & bank_q, drain_end & ~bank_q};
  assign drain_bank_o = bank_q;
  assign drain_position_o = position_q;
  assign parameter_o = ParameterBits'(
      drain_command[registers::CONVOLVE_PARAMETER_FIRST_LSB +: 16] + channel);
  assign idle_o = (pending_q == '0) & (empty_before_q == '0);

  // The slot. Fields at the same place in all commands are named after CONVOLVE.
  localparam int SLOT_BITS = 9 + 9 + 2 + COUNT_BITS + OutputBits;

  logic [511:0]          command;
  logic                  valid1_q;
  logic                  vector1_q;
  logic [5:0]            tap_shift1_q;
  logic [16:0]           tap_factor1_q;
  logic [16:0]           tap_negative_factor1_q;
  logic [GROUP_BITS-1:0] group1_q;

  assign command = tap_i ? tap_command_i : drain_command;

  // The sum's shift; that of a tap: RESIZE has fixed ones, MAXIMUM none.
  logic [7:0] tap_opcode;
  logic [5:0] tap_shift;
  logic       tap_bilinear;
  logic       tap_scaled;

  assign tap_opcode = tap_command_i[registers::COMMAND_OPCODE_LSB +: 8];
  assign tap_bilinear = (tap_opcode == 8'(registers::OPCODE_RESIZE)) &
                        tap_command_i[registers::RESIZE_BILINEAR_LSB];
  assign tap_scaled = (tap_opcode == 8'(registers::OPCODE_ADD)) |
                      (tap_opcode == 8'(registers::OPCODE_RESCALE));
  assign tap_shift = tap_bilinear ? 6'd16 :
      tap_command_i[registers::ADD_SHIFT_LSB +: 6] & {6{tap_scaled}};

  logic maximum;
  logic floor;
  logic log_output;

  assign maximum = tap_i & (tap_opcode == 8'(registers::OPCODE_MAXIMUM));
  assign floor = command[registers::CONVOLVE_FLOOR_LSB] & (~tap_i | tap_scaled);
  assign log_output = command[registers::CONVOLVE_LOG_OUTPUT_LSB] & (~tap_i | tap_scaled);

  // Controls of the stages; bits of those that have passed are dropped by the tools.
  logic                 valid2_q, valid3_q, valid4_q, valid5_q;
  logic                 done1_q, done2_q, done3_q, done4_q, done5_q, done6_q;
  logic                 first1_q, first2_q, first3_q;
  logic                 inside1_q, inside2_q, inside3_q;
  logic                 maximum1_q, maximum2_q, maximum3_q;
  logic                 column1_q, column2_q, column3_q, column4_q;
  logic                 bilinear1_q, bilinear2_q, bilinear3_q, bilinear4_q;
  logic [7:0]           weight1_q, weight2_q, weight3_q, weight4_q;
  logic [SLOT_BITS-1:0] slot1_q, slot2_q, slot3_q, slot4_q, slot5_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {valid1_q, valid2_q, valid3_q, valid4_q, valid5_q, write_o} <= '0;
      {done1_q, done2_q, done3_q, done4_q, done5_q, done6_q, done_o} <= '0;
    end else if (clear_i) begin
      {valid1_q, valid2_q, valid3_q, valid4_q, valid5_q, write_o} <= '0;
      {done1_q, done2_q, done3_q, done4_q, done5_q, done6_q, done_o} <= '0;
    end else begin
      {valid1_q, valid2_q, valid3_q, valid4_q, valid5_q, write_o} <=
          {drain_slot | (tap_i & tap_last_i), valid1_q, valid2_q, valid3_q, valid4_q, valid5_q};
      {done1_q, done2_q, done3_q, done4_q, done5_q, done6_q, done_o} <=
          {drain_end | empty_slot | (tap_i & tap_done_i), done1_q, done2_q, done3_q, done4_q, done5_q,
           done6_q};
    end
  end

  always_ff @(posedge clk_i) begin
    vector1_q              <= tap_i;
    tap_shift1_q           <= tap_shift;
    tap_factor1_q          <= tap_factor_i;
    tap_negative_factor1_q <= tap_negative_factor_i;
    group1_q               <= GROUP_BITS'(channel >> $clog2(Lanes));
    {first1_q, first2_q, first3_q} <= {~tap_i | tap_first_i, first1_q, first2_q};
    {inside1_q, inside2_q, inside3_q} <= {~tap_i | tap_inside_i, inside1_q, inside2_q};
    {maximum1_q, maximum2_q, maximum3_q} <= {maximum, maximum1_q, maximum2_q};
    {column1_q, column2_q, column3_q, column4_q} <=
        {tap_i & tap_column_end_i, column1_q, column2_q, column3_q};
    {bilinear1_q, bilinear2_q, bilinear3_q, bilinear4_q} <=
        {tap_i & tap_bilinear, bilinear1_q, bilinear2_q, bilinear3_q};
    {weight1_q, weight2_q, weight3_q, weight4_q} <=
        {tap_column_weight_i, weight1_q, weight2_q, weight3_q};
    slot1_q <= {command[registers::CONVOLVE_LOWEST_LSB +: 9],
                command[registers::CONVOLVE_HIGHEST_LSB +: 9], log_output, floor,
                tap_i ? tap_count_i : drain_count, tap_i ? tap_address_i : drain_address};
    slot2_q <= slot1_q;
    slot3_q <= slot2_q;
    slot4_q <= slot3_q;
    slot5_q <= slot4_q;
    write_count_o <= slot5_q[OutputBits +: COUNT_BITS];
    write_address_o <= slot5_q[OutputBits-1:0];
  end

  assign busy_o = ~idle_o | valid1_q | valid2_q | valid3_q | valid4_q | valid5_q | write_o | done1_q |
                  done2_q | done3_q | done4_q | done5_q | done6_q | done_o;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [GROUPS*32-1:0] sums;
    logic [31:0]          sum;
    logic [8:0]           operand;
    logic [9:0]           code;  // two's complement
    logic [31:0]          bias;
    logic [15:0]          multiplier;
    logic [15:0]          negative_multiplier;
    logic [5:0]           shift;

    for (genvar g = 0; g < GROUPS; g++) begin : gen_group
      assign sums[g*32 +: 32] = sum_i[(g*Lanes+l)*32 +: 32];
    end
    if (GROUPS > 1) begin : gen_choice
      assign sum = sums[group1_q*32 +: 32];
    end else begin : gen_only
      assign sum = sums;
    end

    assign operand = tap_operand_i[l*9 +: 9];
    assign code = ({2'b00, operand[7:0]} ^ {10{operand[8]}}) + {9'd0, operand[8]};
    assign bias = parameter_i[l*71 +: 32];
    assign multiplier = parameter_i[l*71+32 +: 16];
    assign negative_multiplier = parameter_i[l*71+48 +: 16];
    assign shift = parameter_i[l*71+64 +: 6];

    post_lane u_lane (
      .clk_i            (clk_i),
      .operand_i        (vector1_q ? {{22{code[9]}}, code} : sum),
      .bias_i           (bias & {32{~vector1_q}}),
      .factor_i         (vector1_q ? tap_factor1_q : {1'b0, multiplier}),
      .negative_factor_i(vector1_q ? tap_negative_factor1_q : {1'b0, negative_multiplier}),
      .shift_i          (vector1_q ? tap_shift1_q : shift),
      .first3_i         (first3_q),
      .inside3_i        (inside3_q),
      .maximum3_i       (maximum3_q),
      .floor4_i         (slot4_q[OutputBits+COUNT_BITS]),
      .column4_i        (column4_q),
      .interpolate4_i   (bilinear4_q),
      .weight4_i        (weight4_q),
      .log5_i           (slot5_q[OutputBits+COUNT_BITS+1]),
      .lowest5_i        (slot5_q[SLOT_BITS-1 -: 9]),
      .highest5_i       (slot5_q[SLOT_BITS-10 -: 9]),
      .result_o         (write_data_o[l*9 +: 9])
    );

    // The spare bit of the parameters.
    logic unused_spare;
    assign unused_spare = parameter_i[l*71+70];
  end

  if (GROUPS == 1) begin : gen_no_groups
    logic unused_group;
    assign unused_group = ^group1_q;
  end

endmodule
