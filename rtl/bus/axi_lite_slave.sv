// AXI4-Lite slave for a block of registers.
//
// 1. Address and data of a write may come in any order; write_o is 1 in the cycle in which both are
//    there and the last answer is taken. The answer follows in the next cycle: OKAY, or SLVERR if
//    write_error_i was 1 in the cycle of write_o.
// 2. read_o is 1 in the cycle in which an address is there and the last data are taken; read_data_i
//    and read_error_i of that cycle are the answer in the next one.
// 3. Every request has one answer, in order; an answer stays until it is taken.
// Addresses are bytes, of whole words: the two lowest bits given out are 0.
module axi_lite_slave #(
  parameter int AddressBits = 12
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  // AXI4-Lite.
  input  logic                   awvalid_i,
  output logic                   awready_o,
  input  logic [AddressBits-1:0] awaddr_i,
  input  logic                   wvalid_i,
  output logic                   wready_o,
  input  logic [31:0]            wdata_i,
  input  logic [3:0]             wstrb_i,
  output logic                   bvalid_o,
  input  logic                   bready_i,
  output logic [1:0]             bresp_o,
  input  logic                   arvalid_i,
  output logic                   arready_o,
  input  logic [AddressBits-1:0] araddr_i,
  output logic                   rvalid_o,
  input  logic                   rready_i,
  output logic [31:0]            rdata_o,
  output logic [1:0]             rresp_o,
  // Registers.
  output logic                   write_o,
  output logic [AddressBits-1:0] write_address_o,
  output logic [31:0]            write_data_o,
  output logic [3:0]             write_strobe_o,
  input  logic                   write_error_i,
  output logic                   read_o,
  output logic [AddressBits-1:0] read_address_o,
  input  logic [31:0]            read_data_i,
  input  logic                   read_error_i
);

  localparam logic [1:0] OKAY = 2'b00;
  localparam logic [1:0] SLVERR = 2'b10;

  logic                   aw_valid;
  logic                   w_valid;
  logic                   ar_valid;
  logic [3:0]             unused_byte_address;
  logic                   bvalid_q;
  logic                   rvalid_q;

  skid_buffer #(.Bits(AddressBits-2)) u_write_address (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .valid_i(awvalid_i),
    .ready_o(awready_o),
    .data_i (awaddr_i[AddressBits-1:2]),
    .valid_o(aw_valid),
    .ready_i(write_o),
    .data_o (write_address_o[AddressBits-1:2])
  );

  skid_buffer #(.Bits(36)) u_write_data (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .valid_i(wvalid_i),
    .ready_o(wready_o),
    .data_i ({wstrb_i, wdata_i}),
    .valid_o(w_valid),
    .ready_i(write_o),
    .data_o ({write_strobe_o, write_data_o})
  );

  skid_buffer #(.Bits(AddressBits-2)) u_read_address (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .valid_i(arvalid_i),
    .ready_o(arready_o),
    .data_i (araddr_i[AddressBits-1:2]),
    .valid_o(ar_valid),
    .ready_i(read_o),
    .data_o (read_address_o[AddressBits-1:2])
  );

  assign write_o = aw_valid & w_valid & (~bvalid_q | bready_i);
  assign read_o = ar_valid & (~rvalid_q | rready_i);
  assign write_address_o[1:0] = 2'b00;
  assign read_address_o[1:0] = 2'b00;
  assign unused_byte_address = {awaddr_i[1:0], araddr_i[1:0]};
  assign bvalid_o = bvalid_q;
  assign rvalid_o = rvalid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      bvalid_q <= 1'b0;
      rvalid_q <= 1'b0;
    end else begin
      bvalid_q <= write_o | (bvalid_q & ~bready_i);
      rvalid_q <= read_o | (rvalid_q & ~rready_i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (write_o) bresp_o <= write_error_i ? SLVERR : OKAY;
    if (read_o) begin
      rdata_o <= read_data_i;
      rresp_o <= read_error_i ? SLVERR : OKAY;
    end
  end

endmodule
