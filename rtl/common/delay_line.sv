// Delays a word by Stages cycles. Stages is at least 1. With Resettable = 0 the contents are unknown
// for Stages cycles after power-up: for data whose validity travels elsewhere.
module delay_line #(
  parameter int Bits = 1,
  parameter int Stages = 1,
  parameter int Resettable = 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic [Bits-1:0] data_i,
  output logic [Bits-1:0] data_o
);

  logic [Bits*Stages-1:0] stages_d;
  logic [Bits*Stages-1:0] stages_q;

  if (Stages == 1) begin : gen_single
    assign stages_d = data_i;
  end else begin : gen_chain
    assign stages_d = {stages_q[Bits*(Stages-1)-1:0], data_i};
  end

  if (Resettable != 0) begin : gen_reset
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) stages_q <= '0;
      else stages_q <= stages_d;
    end
  end else begin : gen_no_reset
    logic unused_rst_n;
    assign unused_rst_n = rst_ni;
    always_ff @(posedge clk_i) stages_q <= stages_d;
  end

  assign data_o = stages_q[Bits*Stages-1 -: Bits];

endmodule
