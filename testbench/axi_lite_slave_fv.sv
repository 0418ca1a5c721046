// Properties of axi_lite_slave: every request has one answer and no answer is without request; an
// answer is what the registers said in the cycle of its access, and stays until it is taken; an
// access comes in the cycle in which all it needs is there.
module axi_lite_slave_fv #(
  parameter int AddressBits = 4
) (
  input logic                   clk_i,
  input logic                   rst_ni,
  input logic                   awvalid_i,
  input logic [AddressBits-1:0] awaddr_i,
  input logic                   wvalid_i,
  input logic [31:0]            wdata_i,
  input logic [3:0]             wstrb_i,
  input logic                   bready_i,
  input logic                   arvalid_i,
  input logic [AddressBits-1:0] araddr_i,
  input logic                   rready_i,
  input logic                   write_error_i,
  input logic [31:0]            read_data_i,
  input logic                   read_error_i
);

  logic                   awready;
  logic                   wready;
  logic                   bvalid;
  logic [1:0]             bresp;
  logic                   arready;
  logic                   rvalid;
  logic [31:0]            rdata;
  logic [1:0]             rresp;
  logic                   write;
  logic [AddressBits-1:0] write_address;
  logic [31:0]            write_data;
  logic [3:0]             write_strobe;
  logic                   read;
  logic [AddressBits-1:0] read_address;

  axi_lite_slave #(.AddressBits(AddressBits)) u_slave (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .awvalid_i      (awvalid_i),
    .awready_o      (awready),
    .awaddr_i       (awaddr_i),
    .wvalid_i       (wvalid_i),
    .wready_o       (wready),
    .wdata_i        (wdata_i),
    .wstrb_i        (wstrb_i),
    .bvalid_o       (bvalid),
    .bready_i       (bready_i),
    .bresp_o        (bresp),
    .arvalid_i      (arvalid_i),
    .arready_o      (arready),
    .araddr_i       (araddr_i),
    .rvalid_o       (rvalid),
    .rready_i       (rready_i),
    .rdata_o        (rdata),
    .rresp_o        (rresp),
    .write_o        (write),
    .write_address_o(write_address),
    .write_data_o   (write_data),
    .write_strobe_o (write_strobe),
    .write_error_i  (write_error_i),
    .read_o         (read),
    .read_address_o (read_address),
    .read_data_i    (read_data_i),
    .read_error_i   (read_error_i)
  );

  logic        begun_q = 1'b0;
  logic [7:0]  aw_q;           // requests and answers, modulo 256
  logic [7:0]  w_q;
  logic [7:0]  b_q;
  logic [7:0]  ar_q;
  logic [7:0]  r_q;
  logic [AddressBits-1:0] last_aw_q;
  logic [35:0] last_w_q;
  logic [AddressBits-1:0] last_ar_q;
  logic        write_refused_q;
  logic [32:0] read_answer_q;
  logic        b_waits_q;
  logic        r_waits_q;
  logic [1:0]  b_answer_q;
  logic [33:0] r_answer_q;
  logic [7:0]  writes_open;    // requests without an answer taken
  logic [7:0]  data_open;
  logic [7:0]  reads_open;

  assign writes_open = aw_q - b_q;
  assign data_open = w_q - b_q;
  assign reads_open = ar_q - r_q;

  always_ff @(posedge clk_i) begin
    begun_q    <= 1'b1;
    b_waits_q  <= rst_ni & bvalid & ~bready_i;
    r_waits_q  <= rst_ni & rvalid & ~rready_i;
    b_answer_q <= bresp;
    r_answer_q <= {rresp, rdata};
    if (!rst_ni) begin
      aw_q <= '0;
      w_q  <= '0;
      b_q  <= '0;
      ar_q <= '0;
      r_q  <= '0;
    end else begin
      aw_q <= aw_q + (awvalid_i & awready);
      w_q  <= w_q + (wvalid_i & wready);
      b_q  <= b_q + (bvalid & bready_i);
      ar_q <= ar_q + (arvalid_i & arready);
      r_q  <= r_q + (rvalid & rready_i);
      if (awvalid_i && awready) last_aw_q <= awaddr_i;
      if (wvalid_i && wready) last_w_q <= {wstrb_i, wdata_i};
      if (arvalid_i && arready) last_ar_q <= araddr_i;
      if (write) write_refused_q <= write_error_i;
      if (read) read_answer_q <= {read_error_i, read_data_i};
    end
  end

  // A full buffer holds one request that was accepted and not used.
  always_comb begin
    assume (rst_ni == begun_q);
    if (begun_q) begin
      assert (writes_open == 8'(!awready) + 8'(bvalid));
      assert (data_open == 8'(!wready) + 8'(bvalid));
      assert (reads_open == 8'(!arready) + 8'(rvalid));
      // An access comes as soon as it can, and for what was asked.
      assert (write == ((awvalid_i || !awready) && (wvalid_i || !wready) && (!bvalid || bready_i)));
      assert (read == ((arvalid_i || !arready) && (!rvalid || rready_i)));
      if (write) begin
        assert (write_address == {(awready ? awaddr_i[AddressBits-1:2] :
                                             last_aw_q[AddressBits-1:2]), 2'b00});
        assert ({write_strobe, write_data} == (wready ? {wstrb_i, wdata_i} : last_w_q));
      end
      if (read) begin
        assert (read_address == {(arready ? araddr_i[AddressBits-1:2] :
                                            last_ar_q[AddressBits-1:2]), 2'b00});
      end
      // Answers.
      if (bvalid) assert (bresp == (write_refused_q ? 2'b10 : 2'b00));
      if (rvalid) assert ({rresp, rdata} == {read_answer_q[32], 1'b0, read_answer_q[31:0]});
      if (b_waits_q) assert (bvalid && bresp == b_answer_q);
      if (r_waits_q) assert (rvalid && {rresp, rdata} == r_answer_q);
    end
  end

  // What the buffers hold is the last request: for the induction.
  (* hierconn *) wire [AddressBits-3:0] \u_slave.u_write_address.data_q ;
  (* hierconn *) wire [35:0]            \u_slave.u_write_data.data_q ;
  (* hierconn *) wire [AddressBits-3:0] \u_slave.u_read_address.data_q ;
  always_comb begin
    if (begun_q) begin
      if (!awready) assert (\u_slave.u_write_address.data_q == last_aw_q[AddressBits-1:2]);
      if (!wready) assert (\u_slave.u_write_data.data_q == last_w_q);
      if (!arready) assert (\u_slave.u_read_address.data_q == last_ar_q[AddressBits-1:2]);
    end
  end

endmodule
