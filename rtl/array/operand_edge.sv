// What an operand becomes where it enters the grid: {sign, enabled, payload} as the processing
// elements of the kind take it.
//
// Kind `log`: the payload is the logarithm of the magnitude, or, with log_code_i (Width = 8 only), of
// the number whose log code {characteristic[2:0], fraction[3:0]} the magnitude holds; `enabled` is 0
// for the number 0 too. Other kinds: the payload is the magnitude.
module operand_edge #(
  parameter int PeKind = mbm_pkg::PE_LOG,
  parameter int Width = 8,
  parameter int FractionBits = Width - 1,
  parameter int SetLowestBit = 0,
  parameter int PayloadBits = $clog2(Width) + FractionBits
) (
  input  logic                   enable_i,
  input  logic                   log_code_i,
  input  logic                   sign_i,
  input  logic [Width-1:0]       magnitude_i,
  output logic [PayloadBits+1:0] operand_o
);

  if (PeKind == mbm_pkg::PE_LOG) begin : gen_log
    logic                   encoded_nonzero;
    logic                   nonzero;
    logic [PayloadBits-1:0] encoded;
    logic [PayloadBits-1:0] logarithm;

    log_encoder #(
      .Width       (Width),
      .FractionBits(FractionBits),
      .SetLowestBit(SetLowestBit)
    ) u_encoder (
      .value_i    (magnitude_i),
      .nonzero_o  (encoded_nonzero),
      .logarithm_o(encoded)
    );

    if (Width == 8) begin : gen_code
      // Aligned at the binary point; a longer fraction gets zeros, a shorter one is cut.
      logic [FractionBits+6:0] code;
      assign code = (FractionBits+7)'(magnitude_i[6:0]) << FractionBits;
      assign logarithm = (code[FractionBits+6:4] & {PayloadBits{log_code_i}}) |
                         (encoded & {PayloadBits{~log_code_i}});
      assign nonzero = (log_code_i & (|magnitude_i[6:0])) | (~log_code_i & encoded_nonzero);
      logic unused_code;
      assign unused_code = ^code[3:0];
    end else begin : gen_no_code
      logic unused_log_code;
      assign unused_log_code = log_code_i;
      assign logarithm = encoded;
      assign nonzero = encoded_nonzero;
    end

    assign operand_o = {sign_i, enable_i & nonzero, logarithm};
  end else begin : gen_magnitude
    logic unused_log_code;
    assign unused_log_code = log_code_i;
    assign operand_o = {sign_i, enable_i, magnitude_i};
  end

endmodule
