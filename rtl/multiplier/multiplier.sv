// Any multiplier of the library, unsigned, by family and parameters (mbm_pkg::FAMILY_*).
module multiplier #(
  parameter int Width = 8,
  parameter int Family = mbm_pkg::FAMILY_MBM,
  parameter int ParameterA = 0,
  parameter int ParameterB = 0,
  parameter int TwoStage = 0
) (
  input  logic               clk_i,  // of the pipeline cut
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] product_o
);

  if (Family == mbm_pkg::FAMILY_EXACT) begin : gen_exact
    exact_multiplier #(
      .Width   (Width),
      .TwoStage(TwoStage)
    ) u_multiplier (
      .clk_i    (clk_i),
      .a_i      (a_i),
      .b_i      (b_i),
      .product_o(product_o)
    );
  end else if (Family == mbm_pkg::FAMILY_MITCHELL) begin : gen_mitchell
    mitchell_multiplier #(
      .Width       (Width),
      .DroppedBits (ParameterA),
      .SetLowestBit(ParameterB),
      .TwoStage    (TwoStage)
    ) u_multiplier (
      .clk_i    (clk_i),
      .a_i      (a_i),
      .b_i      (b_i),
      .product_o(product_o)
    );
  end else if (Family == mbm_pkg::FAMILY_MBM) begin : gen_mbm
    mbm_multiplier #(
      .Width      (Width),
      .DroppedBits(ParameterA),
      .TwoStage   (TwoStage)
    ) u_multiplier (
      .clk_i    (clk_i),
      .a_i      (a_i),
      .b_i      (b_i),
      .product_o(product_o)
    );
  end else if (Family == mbm_pkg::FAMILY_MBM_REFERENCE) begin : gen_mbm_reference
    mbm_multiplier #(
      .Width    (Width),
      .Reference(1),
      .TwoStage (TwoStage)
    ) u_multiplier (
      .clk_i    (clk_i),
      .a_i      (a_i),
      .b_i      (b_i),
      .product_o(product_o)
    );
  end else if (Family == mbm_pkg::FAMILY_MBM_FOLDED) begin : gen_mbm_folded
    mbm_folded_multiplier #(
      .Width      (Width),
      .DroppedBits(ParameterA),
      .Constant   (ParameterB),
      .TwoStage   (TwoStage)
    ) u_multiplier (
      .clk_i    (clk_i),
      .a_i      (a_i),
      .b_i      (b_i),
      .product_o(product_o)
    );
  end else if (Family == mbm_pkg::FAMILY_LOG2) begin : gen_log2
    log2_multiplier #(
      .Width      (Width),
      .DroppedBits(ParameterA),
      .TwoStage   (TwoStage)
    ) u_multiplier (
      .clk_i    (clk_i),
      .a_i      (a_i),
      .b_i      (b_i),
      .product_o(product_o)
    );
  end else if (Family == mbm_pkg::FAMILY_LOG2_CORRECTED) begin : gen_log2_corrected
    log2_multiplier #(
      .Width      (Width),
      .DroppedBits(ParameterA),
      .Corrected  (1),
      .TwoStage   (TwoStage)
    ) u_multiplier (
      .clk_i    (clk_i),
      .a_i      (a_i),
      .b_i      (b_i),
      .product_o(product_o)
    );
  end else if (Family == mbm_pkg::FAMILY_REALM) begin : gen_realm
    realm_multiplier #(
      .Width      (Width),
      .DroppedBits(ParameterA),
      .Grid       (ParameterB),
      .TwoStage   (TwoStage)
    ) u_multiplier (
      .clk_i    (clk_i),
      .a_i      (a_i),
      .b_i      (b_i),
      .product_o(product_o)
    );
  end else if (Family == mbm_pkg::FAMILY_DRUM) begin : gen_drum
    drum_multiplier #(
      .Width   (Width),
      .KeptBits(ParameterA),
      .TwoStage(TwoStage)
    ) u_multiplier (
      .clk_i    (clk_i),
      .a_i      (a_i),
      .b_i      (b_i),
      .product_o(product_o)
    );
  end else if (Family == mbm_pkg::FAMILY_TOSAM) begin : gen_tosam
    tosam_multiplier #(
      .Width      (Width),
      .ProductBits(ParameterA),
      .SumBits    (ParameterB),
      .TwoStage   (TwoStage)
    ) u_multiplier (
      .clk_i    (clk_i),
      .a_i      (a_i),
      .b_i      (b_i),
      .product_o(product_o)
    );
  end

endmodule
