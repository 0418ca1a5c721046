// Properties of skid_buffer: what goes in comes out, in order, once; an offered word stays if the
// sender keeps to that rule; ready_o does not depend on this cycle's inputs (it is a register).
module skid_buffer_fv #(
  parameter int Bits = 4
) (
  input logic            clk_i,
  input logic            rst_ni,
  input logic            valid_i,
  input logic [Bits-1:0] data_i,
  input logic            ready_i
);

  logic            ready;
  logic            valid;
  logic [Bits-1:0] data;
  logic            begun_q = 1'b0;
  logic            held_q;       // one word is inside,
  logic [Bits-1:0] word_q;       // this one
  logic            sender_waits_q;
  logic [Bits-1:0] sender_word_q;
  logic            waits_q;
  logic [Bits-1:0] waiting_q;

  skid_buffer #(.Bits(Bits)) u_buffer (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .valid_i(valid_i),
    .ready_o(ready),
    .data_i (data_i),
    .valid_o(valid),
    .ready_i(ready_i),
    .data_o (data)
  );

  (* hierconn *) wire            \u_buffer.full_q ;
  (* hierconn *) wire [Bits-1:0] \u_buffer.data_q ;

  always_ff @(posedge clk_i) begin
    begun_q        <= 1'b1;
    sender_waits_q <= rst_ni & valid_i & ~ready;
    sender_word_q  <= data_i;
    waits_q        <= rst_ni & valid & ~ready_i;
    waiting_q      <= data;
    if (!rst_ni) held_q <= 1'b0;
    else begin
      held_q <= held_q + (valid_i & ready) - (valid & ready_i);
      if (valid_i && ready) word_q <= data_i;
    end
  end

  always_comb begin
    assume (rst_ni == begun_q);
    if (sender_waits_q) assume (valid_i && data_i == sender_word_q);
    if (begun_q) begin
      assert (\u_buffer.full_q == held_q);
      if (held_q) assert (\u_buffer.data_q == word_q);
      assert (ready == !held_q);
      assert (valid == (held_q || valid_i));
      if (held_q) assert (data == word_q);
      if (!held_q && valid) assert (data == data_i);
      if (waits_q) assert (valid && data == waiting_q);
    end
  end

endmodule
