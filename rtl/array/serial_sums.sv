// Partial sums of a grid whose positions come at least Columns cycles apart: one saturating adder for
// all columns, since their sums leave the grid one after the other.
//
// control_i of a column, {valid, first, index}, comes a cycle before its sum. first starts a sum instead
// of adding to it. Each addition saturates to the numbers whose largest is ceiling_i. sum_o follows
// read_address_i, {index, column}, by a cycle; only while no sum comes.
module serial_sums #(
  parameter int Columns = 2,
  parameter int Depth = 64,
  parameter int IndexBits = $clog2(Depth),
  parameter int ControlBits = IndexBits + 2,
  parameter int AddressBits = IndexBits + $clog2(Columns)
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic [Columns*ControlBits-1:0] control_i,
  input  logic [Columns*32-1:0]          sum_i,
  input  logic [31:0]                    ceiling_i,
  input  logic [AddressBits-1:0]         read_address_i,
  output logic [31:0]                    sum_o
);

  localparam int COLUMN_BITS = $clog2(Columns);

  logic                   valid;
  logic                   first;
  logic [IndexBits-1:0]   index;
  logic [COLUMN_BITS-1:0] column;
  logic                   write_q;
  logic                   keep_q;
  logic [COLUMN_BITS-1:0] column_q;
  logic [AddressBits-1:0] address_q;
  logic [AddressBits-1:0] read_address;
  logic [31:0]            memory [0:Columns*Depth-1];
  logic [31:0]            read_q;
  logic [31:0]            added;
  logic [31:0]            kept;
  logic [32:0]            total;
  logic                   above;
  logic                   below;
  logic [31:0]            saturated;

  always_comb begin
    valid = 1'b0;
    first = 1'b0;
    index = '0;
    column = '0;
    for (int c = 0; c < Columns; c = c + 1) begin
      if (control_i[c*ControlBits+ControlBits-1]) begin
        valid = 1'b1;
        first = control_i[c*ControlBits+ControlBits-2];
        index = control_i[c*ControlBits +: IndexBits];
        column = COLUMN_BITS'(c);
      end
    end
  end

  assign read_address = valid ? {index, column} : read_address_i;
  assign added = sum_i[column_q*32 +: 32];
  assign kept = read_q & {32{keep_q}};
  assign total = {kept[31], kept} + {added[31], added};
  assign above = ~total[32] & (|(total[31:0] & ~ceiling_i));
  assign below = total[32] & (|(~total[31:0] & ~ceiling_i));

  always_comb begin
    saturated = total[31:0];
    if (above) saturated = ceiling_i;
    else if (below) saturated = ~ceiling_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) write_q <= 1'b0;
    else write_q <= valid;
  end

  always_ff @(posedge clk_i) begin
    keep_q <= ~first;
    column_q <= column;
    address_q <= {index, column};
    read_q <= memory[read_address];
    if (write_q) memory[address_q] <= saturated;
  end

  assign sum_o = read_q;

endmodule
