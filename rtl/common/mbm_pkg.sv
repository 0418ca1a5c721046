// Constants that several modules and their users share.
package mbm_pkg;

  // How a logarithmic product treats the sum of two logarithms (parameter Kind).
  localparam int PRODUCT_MITCHELL = 0;       // linear antilogarithm, no correction (Mitchell 1962)
  localparam int PRODUCT_MBM = 1;            // corrected as the paper's printed errors demand
  localparam int PRODUCT_MBM_REFERENCE = 2;  // corrected as the depth study's table, Width = 8 only

  // Multiplier families (parameter Family) and what their two parameters are.
  localparam int FAMILY_EXACT = 0;           // -, -
  localparam int FAMILY_MITCHELL = 1;        // fraction bits dropped, lowest kept bit set
  localparam int FAMILY_MBM = 2;             // fraction bits dropped, -
  localparam int FAMILY_MBM_REFERENCE = 3;   // -, -
  localparam int FAMILY_MBM_FOLDED = 4;      // fraction bits dropped, constant in 128ths
  localparam int FAMILY_LOG2 = 5;            // fraction bits dropped, -
  localparam int FAMILY_LOG2_CORRECTED = 6;  // fraction bits dropped, -
  localparam int FAMILY_REALM = 7;           // fraction bits dropped, grid
  localparam int FAMILY_DRUM = 8;            // bits kept, -
  localparam int FAMILY_TOSAM = 9;           // fraction bits of the product, of the sum

  // Kinds of processing elements (parameter PeKind).
  localparam int PE_EXACT = 0;  // integer product
  localparam int PE_LOG = 1;    // logarithmic product, operands encoded at the edge
  localparam int PE_LUT = 2;    // rows of a product table

  // What a cycle of the compute core is spent on.
  localparam int CAUSE_NO_COMMAND = 0;
  localparam int CAUSE_COMPUTING = 1;     // a position or a tap enters
  localparam int CAUSE_WEIGHTS = 2;       // the next tile's weights are not in the array
  localparam int CAUSE_TABLE = 3;         // they are, but not their rows of the product table
  localparam int CAUSE_PARTIAL_SUMS = 4;  // both banks of partial sums are in use
  localparam int CAUSE_DRAINING = 5;      // nothing enters until results have left, or none is to come

endpackage
