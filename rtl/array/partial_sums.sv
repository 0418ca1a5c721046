// Partial sums at the foot of a column: two banks of Depth sums, one filled while the other is
// drained.
//
// The control of a sum comes one cycle before the sum itself, so that the memory is read in time.
// first_i starts a sum at address_i instead of adding to it. An address must not come in two successive
// cycles unless it starts anew. Each addition saturates to the two's complement of b bits, whose largest
// number 2^(b-1) - 1 ceiling_i holds for each bank, constant while the bank is filled.
//
// drain_sum_o follows drain_address_i by a cycle; the bank must not be filled meanwhile.
//
// The comments to Verilator let all instances run the same code: see processing_row.
module partial_sums #(
  parameter int Depth = 1024,
  parameter int AddressBits = $clog2(Depth)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  // Control, one cycle ahead of sum_i.
  input  logic                   valid_i /*verilator public_flat_rd*/,
  input  logic                   first_i /*verilator public_flat_rd*/,
  input  logic                   bank_i /*verilator public_flat_rd*/,
  input  logic [AddressBits-1:0] address_i /*verilator public_flat_rd*/,
  // Sum of the column, two's complement.
  input  logic [31:0]            sum_i /*verilator public_flat_rd*/,
  input  logic [2*32-1:0]        ceiling_i,
  // Results.
  input  logic                   drain_bank_i,
  input  logic [AddressBits-1:0] drain_address_i,
  output logic [31:0]            drain_sum_o
);
  /* verilator no_inline_module */

  logic [31:0]            memory0 [0:Depth-1];
  logic [31:0]            memory1 [0:Depth-1];
  logic                   fill0;
  logic                   fill1;
  logic [AddressBits-1:0] read_address0;
  logic [AddressBits-1:0] read_address1;
  logic [31:0]            read0_q;
  logic [31:0]            read1_q;
  logic                   write0_q;
  logic                   write1_q;
  logic                   bank_q;
  logic                   keep_q;  // add to what the memory holds
  logic [AddressBits-1:0] address_q;
  logic                   drain_bank_q;
  logic [31:0]            kept;
  logic [31:0]            ceiling;
  logic [32:0]            total;
  logic                   above;
  logic                   below;
  logic [31:0]            saturated;

  assign fill0 = valid_i & ~bank_i;
  assign fill1 = valid_i & bank_i;
  assign read_address0 = (address_i & {AddressBits{fill0}}) |
                         (drain_address_i & {AddressBits{~fill0}});
  assign read_address1 = (address_i & {AddressBits{fill1}}) |
                         (drain_address_i & {AddressBits{~fill1}});

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      write0_q <= 1'b0;
      write1_q <= 1'b0;
    end else begin
      write0_q <= fill0;
      write1_q <= fill1;
    end
  end

  always_ff @(posedge clk_i) begin
    read0_q <= memory0[read_address0];
    read1_q <= memory1[read_address1];
    bank_q <= bank_i;
    keep_q <= ~first_i;
    address_q <= address_i;
    drain_bank_q <= drain_bank_i;
    if (write0_q) memory0[address_q] <= saturated;
    if (write1_q) memory1[address_q] <= saturated;
  end

  // No conditional operator: there is one of this for each column, and branches cost in simulation.
  assign kept = ((read0_q & {32{~bank_q}}) | (read1_q & {32{bank_q}})) & {32{keep_q}};
  assign ceiling = (ceiling_i[31:0] & {32{~bank_q}}) | (ceiling_i[63:32] & {32{bank_q}});
  assign total = {kept[31], kept} + {sum_i[31], sum_i};
  assign above = ~total[32] & (|(total[31:0] & ~ceiling));
  assign below = total[32] & (|(~total[31:0] & ~ceiling));
  assign saturated = (total[31:0] & {32{~(above | below)}}) | (ceiling & {32{above}}) |
                     (~ceiling & {32{below}});

  assign drain_sum_o = (read0_q & {32{~drain_bank_q}}) | (read1_q & {32{drain_bank_q}});

endmodule
