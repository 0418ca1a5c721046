// Where results go: the channels of a position in groups of at most Lanes, position after position.
module result_walk #(
  parameter int Lanes = 4,
  parameter int AddressBits = 17
) (
  input  logic                       clk_i,
  input  logic                       load_i,  // begins with the values below
  input  logic [15:0]                next_channels_i,
  input  logic [AddressBits-1:0]     next_address_i,
  input  logic [15:0]                channels_i,        // of the loaded walk
  input  logic [15:0]                position_pitch_i,  // elements from a position to the next
  input  logic                       advance_i,
  output logic [15:0]                channel_o,     // first of the group
  output logic [$clog2(Lanes+1)-1:0] count_o,       // channels of the group
  output logic                       last_group_o,  // of the position
  output logic [AddressBits-1:0]     address_o
);

  logic [15:0]            channel_q;
  logic [15:0]            left_q;  // channels of the position from channel_q on
  logic [AddressBits-1:0] position_q;

  assign last_group_o = left_q <= 16'(Lanes);
  assign count_o = last_group_o ? ($clog2(Lanes+1))'(left_q) : ($clog2(Lanes+1))'(Lanes);
  assign channel_o = channel_q;
  assign address_o = position_q + AddressBits'(channel_q);

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      channel_q  <= '0;
      left_q     <= next_channels_i;
      position_q <= next_address_i;
    end else if (advance_i) begin
      if (last_group_o) begin
        channel_q  <= '0;
        left_q     <= channels_i;
        position_q <= position_q + AddressBits'(position_pitch_i);
      end else begin
        channel_q <= channel_q + 16'(Lanes);
        left_q    <= left_q - 16'(Lanes);
      end
    end
  end

  // Small buffers have short addresses.
  logic unused_pitch;
  assign unused_pitch = ^{position_pitch_i, channel_q};

endmodule
