// Rotates Elements (a power of two) elements: element e of data_o is element (e + amount_i) mod Elements of
// data_i; with Left = 1 element (e - amount_i) mod Elements.
module rotator #(
  parameter int Bits = 9,
  parameter int Elements = 16,
  parameter int Left = 0,
  parameter int AmountBits = (Elements > 1) ? $clog2(Elements) : 1
) (
  input  logic [AmountBits-1:0]    amount_i,
  input  logic [Elements*Bits-1:0] data_i,
  output logic [Elements*Bits-1:0] data_o
);

  if (Elements == 1) begin : gen_wire
    logic unused_amount;
    assign unused_amount = ^amount_i;
    assign data_o = data_i;
  end else begin : gen_rotate
    for (genvar s = 0; s < AmountBits; s++) begin : gen_stage
      localparam int SHIFT = ((Left != 0) ? Elements - (1 << s) : (1 << s)) * Bits;
      logic [Elements*Bits-1:0] in;
      logic [Elements*Bits-1:0] out;
      if (s == 0) begin : gen_first
        assign in = data_i;
      end else begin : gen_next
        assign in = gen_stage[s-1].out;
      end
      assign out = amount_i[s] ? {in[SHIFT-1:0], in[Elements*Bits-1:SHIFT]} : in;
    end
    assign data_o = gen_stage[AmountBits-1].out;
  end

endmodule
