// Properties of fifo: a word comes out as it went in, in its place; none is lost or made up; an
// offered word stays. One word, chosen by the solver, is followed from its writing to its reading.
module fifo_fv #(
  parameter int Bits = 4
) (
  input logic            clk_i,
  input logic            rst_ni,
  input logic            clear_i,
  input logic            write_valid_i,
  input logic [Bits-1:0] write_data_i,
  input logic            read_ready_i,
  input logic            follow_i       // the word written in this cycle, if it is the first
);

  localparam int DEPTH = 4;
  localparam int ADDRESS_BITS = $clog2(DEPTH);

  logic            write_ready;
  logic            read_valid;
  logic [Bits-1:0] read_data;
  logic            write;
  logic            read;

  fifo #(
    .Bits (Bits),
    .Depth(DEPTH)
  ) u_fifo (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clear_i      (clear_i),
    .write_valid_i(write_valid_i),
    .write_ready_o(write_ready),
    .write_data_i (write_data_i),
    .read_valid_o (read_valid),
    .read_ready_i (read_ready_i),
    .read_data_o  (read_data)
  );

  assign write = write_valid_i & write_ready;
  assign read = read_valid & read_ready_i;

  // Signals inside, for the invariants.
  (* hierconn *) wire [ADDRESS_BITS:0] \u_fifo.write_q ;
  (* hierconn *) wire [ADDRESS_BITS:0] \u_fifo.read_q ;
  (* hierconn *) wire [Bits-1:0] \u_fifo.u_memory.memory[0] ;
  (* hierconn *) wire [Bits-1:0] \u_fifo.u_memory.memory[1] ;
  (* hierconn *) wire [Bits-1:0] \u_fifo.u_memory.memory[2] ;
  (* hierconn *) wire [Bits-1:0] \u_fifo.u_memory.memory[3] ;

  logic                    begun_q = 1'b0;
  logic [ADDRESS_BITS+1:0] held_q;      // words inside
  logic                    followed_q;  // the chosen word is inside,
  logic [ADDRESS_BITS+1:0] ahead_q;     // behind so many others,
  logic [Bits-1:0]         word_q;      // and is this
  logic                    done_q;
  logic [ADDRESS_BITS:0]   in_ram;

  assign in_ram = \u_fifo.write_q - \u_fifo.read_q ;

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    if (!rst_ni || clear_i) begin
      held_q     <= '0;
      followed_q <= 1'b0;
      done_q     <= 1'b0;
    end else begin
      held_q <= held_q + (ADDRESS_BITS+2)'(write) - (ADDRESS_BITS+2)'(read);
      if (write && follow_i && !followed_q && !done_q) begin
        followed_q <= 1'b1;
        ahead_q    <= held_q - (ADDRESS_BITS+2)'(read);
        word_q     <= write_data_i;
      end else if (followed_q && read) begin
        ahead_q <= ahead_q - 1'b1;
        if (ahead_q == '0) begin
          followed_q <= 1'b0;
          done_q     <= 1'b1;
        end
      end
    end
  end

  logic            waits_q;
  logic [Bits-1:0] waiting_q;
  always_ff @(posedge clk_i) begin
    waits_q   <= rst_ni & ~clear_i & read_valid & ~read_ready_i;
    waiting_q <= read_data;
  end

  // Where the chosen word lies while it is in the RAM.
  logic [ADDRESS_BITS-1:0] place;
  logic [Bits-1:0]         stored;
  assign place = ADDRESS_BITS'(\u_fifo.read_q ) + ADDRESS_BITS'(ahead_q) - ADDRESS_BITS'(read_valid);
  always_comb begin
    case (place)
      2'd0: stored = \u_fifo.u_memory.memory[0] ;
      2'd1: stored = \u_fifo.u_memory.memory[1] ;
      2'd2: stored = \u_fifo.u_memory.memory[2] ;
      default: stored = \u_fifo.u_memory.memory[3] ;
    endcase
  end

  always_comb begin
    assume (rst_ni == begun_q);
    if (begun_q) begin
      assert (held_q <= DEPTH + 1);
      assert (held_q == (ADDRESS_BITS+2)'(in_ram) + (ADDRESS_BITS+2)'(read_valid));
      assert (in_ram <= DEPTH);
      assert (!read_valid || held_q != 0);
      assert (!followed_q || ahead_q < held_q);
      if (followed_q && ahead_q == 0 && read_valid) assert (read_data == word_q);
      if (followed_q && (ahead_q != 0 || !read_valid)) assert (stored == word_q);
      if (waits_q) assert (read_valid && read_data == waiting_q);
    end
  end

endmodule
