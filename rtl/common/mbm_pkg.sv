// Constants that several modules and their users share.
/* verilator lint_off UNUSEDPARAM */  // each design uses some of them
package mbm_pkg;

  // How a logarithmic product treats the sum of two logarithms (parameter Kind).
  localparam int PRODUCT_MITCHELL = 0;       // linear antilogarithm, no correction (Mitchell 1962)
  localparam int PRODUCT_MBM = 1;            // corrected as the paper's printed errors demand
  localparam int PRODUCT_MBM_REFERENCE = 2;  // corrected as the depth study's table, Width = 8 only
  localparam int PRODUCT_CORRECTED = 3;      // excess of the linear antilogarithm taken off (antilog_excess)

  // How an exact product is built (parameter Architecture).
  localparam int ARCHITECTURE_OPERATOR = 0;  // as the tool builds `*`
  localparam int ARCHITECTURE_DADDA = 1;     // tree_multiplier, an AND for each pair of bits
  localparam int ARCHITECTURE_BOOTH = 2;     // tree_multiplier, radix-4 digits

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
  localparam int PE_MULTIPLIER = 3;  // a multiplier of the library, on magnitudes

  // Why the compute core refuses a command.
  localparam int ERROR_OPCODE = 1;      // not one of its own
  localparam int ERROR_SIZE = 2;        // a count is 0
  localparam int ERROR_TILE = 3;        // rows or columns of the array in use: 0, or more than there are
  localparam int ERROR_RING = 4;        // a place or step is not below the ring's size, or the ring leaves
                                        // the scratchpad
  localparam int ERROR_SUM_BITS = 5;    // not 8..32
  localparam int ERROR_REDUCTION = 6;   // starts sums before the last ones were ended, or adds to none
  localparam int ERROR_BOUNDS = 7;      // exchanged, or -256
  localparam int ERROR_PARAMETERS = 8;  // channels that no parameters are held for, or shift above 47
  localparam int ERROR_LOG_CODES = 9;   // of operands, in a kind that has none
  localparam int ERROR_POSITIONS = 10;  // more positions than a bank of partial sums holds

endpackage
/* verilator lint_on UNUSEDPARAM */
