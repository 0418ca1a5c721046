// Constants that several modules and their users share.
package mbm_pkg;

  // How a logarithmic product treats the sum of two logarithms (parameter Kind).
  localparam int PRODUCT_MITCHELL = 0;       // linear antilogarithm, no correction (Mitchell 1962)
  localparam int PRODUCT_MBM = 1;            // corrected as the paper's printed errors demand
  localparam int PRODUCT_MBM_REFERENCE = 2;  // corrected as the depth study's table, Width = 8 only

endpackage
