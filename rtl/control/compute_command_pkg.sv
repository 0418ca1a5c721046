// Fields of the commands of the compute unit, as bits of the 512-bit command record (word w is
// 32 w and up). Words 0 to 2 hold the opcode and the fences.
package compute_command_pkg;

  localparam int OPCODE_LSB = 0;
  localparam int OPCODE_BITS = 8;

  // Opcodes.
  localparam int OPCODE_CONVOLVE = 16;
  localparam int OPCODE_MAXIMUM = 17;
  localparam int OPCODE_RESIZE = 18;  // nearest, bilinear
  localparam int OPCODE_ADD = 19;
  localparam int OPCODE_RESCALE = 20;

  // CONVOLVE
  // Output rows n of the pass.
  localparam int CONVOLVE_ROWS_LSB = 128;
  localparam int CONVOLVE_ROWS_BITS = 16;
  // Output columns m.
  localparam int CONVOLVE_COLUMNS_LSB = 144;
  localparam int CONVOLVE_COLUMNS_BITS = 16;
  // Tap rows i.
  localparam int CONVOLVE_KERNEL_ROWS_LSB = 160;
  localparam int CONVOLVE_KERNEL_ROWS_BITS = 8;
  // Runs j of a tap row.
  localparam int CONVOLVE_RUNS_LSB = 168;
  localparam int CONVOLVE_RUNS_BITS = 8;
  // Chunks k of a run.
  localparam int CONVOLVE_CHUNKS_LSB = 176;
  localparam int CONVOLVE_CHUNKS_BITS = 16;
  // Rows of the array that the last chunk of a run uses, 1..R.
  localparam int CONVOLVE_LAST_ROWS_LSB = 192;
  localparam int CONVOLVE_LAST_ROWS_BITS = 6;
  // Columns of the array in use, 1..C.
  localparam int CONVOLVE_CHANNELS_LSB = 198;
  localparam int CONVOLVE_CHANNELS_BITS = 6;
  // Of a partial sum, 8..32; of a reduction that of its first command counts.
  localparam int CONVOLVE_SUM_BITS_LSB = 204;
  localparam int CONVOLVE_SUM_BITS_BITS = 6;
  // Starts sums.
  localparam int CONVOLVE_FIRST_LSB = 210;
  localparam int CONVOLVE_FIRST_BITS = 1;
  // Ends sums.
  localparam int CONVOLVE_LAST_LSB = 211;
  localparam int CONVOLVE_LAST_BITS = 1;
  // Rounding: 1 floor, 0 nearest.
  localparam int CONVOLVE_FLOOR_LSB = 212;
  localparam int CONVOLVE_FLOOR_BITS = 1;
  // Results are log codes.
  localparam int CONVOLVE_LOG_OUTPUT_LSB = 213;
  localparam int CONVOLVE_LOG_OUTPUT_BITS = 1;
  // Activations are log codes (kind log).
  localparam int CONVOLVE_LOG_ACTIVATIONS_LSB = 214;
  localparam int CONVOLVE_LOG_ACTIVATIONS_BITS = 1;
  // Weights are log codes (kind log).
  localparam int CONVOLVE_LOG_WEIGHTS_LSB = 215;
  localparam int CONVOLVE_LOG_WEIGHTS_BITS = 1;
  // First element of the ring of rows, in units of 16 elements.
  localparam int CONVOLVE_RING_BASE_LSB = 224;
  localparam int CONVOLVE_RING_BASE_BITS = 16;
  // Where row y_first lies in the ring, in units of 16 elements (of y_first mod ring rows).
  localparam int CONVOLVE_RING_FIRST_LSB = 240;
  localparam int CONVOLVE_RING_FIRST_BITS = 16;
  // Elements of the ring, in units of 16.
  localparam int CONVOLVE_RING_SIZE_LSB = 256;
  localparam int CONVOLVE_RING_SIZE_BITS = 16;
  // Y_step rows in the ring, modulo its size, in units of 16.
  localparam int CONVOLVE_RING_ROW_STEP_LSB = 272;
  localparam int CONVOLVE_RING_ROW_STEP_BITS = 16;
  // Tap_y_step rows in the ring, modulo its size, in units of 16.
  localparam int CONVOLVE_RING_TAP_STEP_LSB = 288;
  localparam int CONVOLVE_RING_TAP_STEP_BITS = 16;
  // Input rows from an output row to the next.
  localparam int CONVOLVE_Y_STEP_LSB = 304;
  localparam int CONVOLVE_Y_STEP_BITS = 8;
  // Input rows from a tap row to the next: dilation.
  localparam int CONVOLVE_TAP_Y_STEP_LSB = 312;
  localparam int CONVOLVE_TAP_Y_STEP_BITS = 8;
  // Input row of the first output row and tap, two's complement.
  localparam int CONVOLVE_Y_FIRST_LSB = 320;
  localparam int CONVOLVE_Y_FIRST_BITS = 16;
  // Rows of the input.
  localparam int CONVOLVE_HEIGHT_LSB = 336;
  localparam int CONVOLVE_HEIGHT_BITS = 16;
  // Element within the row of the first position and tap, two's complement.
  localparam int CONVOLVE_U_FIRST_LSB = 352;
  localparam int CONVOLVE_U_FIRST_BITS = 24;
  // Elements of a row of the input that exist: width * channels.
  localparam int CONVOLVE_ROW_ELEMENTS_LSB = 384;
  localparam int CONVOLVE_ROW_ELEMENTS_BITS = 22;
  // Of a result, two's complement.
  localparam int CONVOLVE_LOWEST_LSB = 406;
  localparam int CONVOLVE_LOWEST_BITS = 9;
  // Elements from an output column to the next.
  localparam int CONVOLVE_COLUMN_STEP_LSB = 416;
  localparam int CONVOLVE_COLUMN_STEP_BITS = 16;
  // Elements from a run, or tap, to the next.
  localparam int CONVOLVE_TAP_STEP_LSB = 432;
  localparam int CONVOLVE_TAP_STEP_BITS = 16;
  // Element of the output buffer of the first result.
  localparam int CONVOLVE_OUTPUT_ADDRESS_LSB = 448;
  localparam int CONVOLVE_OUTPUT_ADDRESS_BITS = 22;
  // Of a result, two's complement.
  localparam int CONVOLVE_HIGHEST_LSB = 470;
  localparam int CONVOLVE_HIGHEST_BITS = 9;
  // Elements of the output buffer from a position to the next.
  localparam int CONVOLVE_POSITION_PITCH_LSB = 480;
  localparam int CONVOLVE_POSITION_PITCH_BITS = 16;
  // Channel of the parameters of column 0.
  localparam int CONVOLVE_PARAMETER_FIRST_LSB = 496;
  localparam int CONVOLVE_PARAMETER_FIRST_BITS = 16;

  // MAXIMUM
  // Output rows n of the pass.
  localparam int MAXIMUM_ROWS_LSB = 128;
  localparam int MAXIMUM_ROWS_BITS = 16;
  // Output columns m.
  localparam int MAXIMUM_COLUMNS_LSB = 144;
  localparam int MAXIMUM_COLUMNS_BITS = 16;
  // Rows of the window.
  localparam int MAXIMUM_WINDOW_ROWS_LSB = 160;
  localparam int MAXIMUM_WINDOW_ROWS_BITS = 8;
  // Columns of the window.
  localparam int MAXIMUM_WINDOW_COLUMNS_LSB = 168;
  localparam int MAXIMUM_WINDOW_COLUMNS_BITS = 8;
  // Of input and output.
  localparam int MAXIMUM_CHANNELS_LSB = 176;
  localparam int MAXIMUM_CHANNELS_BITS = 16;
  // First element of the ring of rows, in units of 16 elements.
  localparam int MAXIMUM_RING_BASE_LSB = 224;
  localparam int MAXIMUM_RING_BASE_BITS = 16;
  // Where row y_first lies in the ring, in units of 16 elements (of y_first mod ring rows).
  localparam int MAXIMUM_RING_FIRST_LSB = 240;
  localparam int MAXIMUM_RING_FIRST_BITS = 16;
  // Elements of the ring, in units of 16.
  localparam int MAXIMUM_RING_SIZE_LSB = 256;
  localparam int MAXIMUM_RING_SIZE_BITS = 16;
  // Y_step rows in the ring, modulo its size, in units of 16.
  localparam int MAXIMUM_RING_ROW_STEP_LSB = 272;
  localparam int MAXIMUM_RING_ROW_STEP_BITS = 16;
  // Tap_y_step rows in the ring, modulo its size, in units of 16.
  localparam int MAXIMUM_RING_TAP_STEP_LSB = 288;
  localparam int MAXIMUM_RING_TAP_STEP_BITS = 16;
  // Input rows from an output row to the next.
  localparam int MAXIMUM_Y_STEP_LSB = 304;
  localparam int MAXIMUM_Y_STEP_BITS = 8;
  // Input row of the first output row and tap, two's complement.
  localparam int MAXIMUM_Y_FIRST_LSB = 320;
  localparam int MAXIMUM_Y_FIRST_BITS = 16;
  // Rows of the input.
  localparam int MAXIMUM_HEIGHT_LSB = 336;
  localparam int MAXIMUM_HEIGHT_BITS = 16;
  // Element within the row of the first position and tap, two's complement.
  localparam int MAXIMUM_U_FIRST_LSB = 352;
  localparam int MAXIMUM_U_FIRST_BITS = 24;
  // Elements of a row of the input that exist: width * channels.
  localparam int MAXIMUM_ROW_ELEMENTS_LSB = 384;
  localparam int MAXIMUM_ROW_ELEMENTS_BITS = 22;
  // Of a result, two's complement.
  localparam int MAXIMUM_LOWEST_LSB = 406;
  localparam int MAXIMUM_LOWEST_BITS = 9;
  // Elements from an output column to the next.
  localparam int MAXIMUM_COLUMN_STEP_LSB = 416;
  localparam int MAXIMUM_COLUMN_STEP_BITS = 16;
  // Elements from a run, or tap, to the next.
  localparam int MAXIMUM_TAP_STEP_LSB = 432;
  localparam int MAXIMUM_TAP_STEP_BITS = 16;
  // Element of the output buffer of the first result.
  localparam int MAXIMUM_OUTPUT_ADDRESS_LSB = 448;
  localparam int MAXIMUM_OUTPUT_ADDRESS_BITS = 22;
  // Of a result, two's complement.
  localparam int MAXIMUM_HIGHEST_LSB = 470;
  localparam int MAXIMUM_HIGHEST_BITS = 9;
  // Elements of the output buffer from a position to the next.
  localparam int MAXIMUM_POSITION_PITCH_LSB = 480;
  localparam int MAXIMUM_POSITION_PITCH_BITS = 16;

  // RESIZE
  // Fraction from an output row to the next; a carry is one more input row.
  localparam int RESIZE_FRACTION_Y_STEP_LSB = 96;
  localparam int RESIZE_FRACTION_Y_STEP_BITS = 16;
  // Fraction from an output column to the next.
  localparam int RESIZE_FRACTION_X_STEP_LSB = 112;
  localparam int RESIZE_FRACTION_X_STEP_BITS = 16;
  // Output rows n of the pass.
  localparam int RESIZE_ROWS_LSB = 128;
  localparam int RESIZE_ROWS_BITS = 16;
  // Output columns m.
  localparam int RESIZE_COLUMNS_LSB = 144;
  localparam int RESIZE_COLUMNS_BITS = 16;
  // Fraction of the first column, in 65,536ths.
  localparam int RESIZE_FRACTION_X_FIRST_LSB = 160;
  localparam int RESIZE_FRACTION_X_FIRST_BITS = 16;
  // Of input and output.
  localparam int RESIZE_CHANNELS_LSB = 176;
  localparam int RESIZE_CHANNELS_BITS = 16;
  // 1 bilinear, 0 nearest.
  localparam int RESIZE_BILINEAR_LSB = 210;
  localparam int RESIZE_BILINEAR_BITS = 1;
  // First element of the ring of rows, in units of 16 elements.
  localparam int RESIZE_RING_BASE_LSB = 224;
  localparam int RESIZE_RING_BASE_BITS = 16;
  // Where row y_first lies in the ring, in units of 16 elements (of y_first mod ring rows).
  localparam int RESIZE_RING_FIRST_LSB = 240;
  localparam int RESIZE_RING_FIRST_BITS = 16;
  // Elements of the ring, in units of 16.
  localparam int RESIZE_RING_SIZE_LSB = 256;
  localparam int RESIZE_RING_SIZE_BITS = 16;
  // Y_step rows in the ring, modulo its size, in units of 16.
  localparam int RESIZE_RING_ROW_STEP_LSB = 272;
  localparam int RESIZE_RING_ROW_STEP_BITS = 16;
  // Tap_y_step rows in the ring, modulo its size, in units of 16.
  localparam int RESIZE_RING_TAP_STEP_LSB = 288;
  localparam int RESIZE_RING_TAP_STEP_BITS = 16;
  // Input rows from an output row to the next.
  localparam int RESIZE_Y_STEP_LSB = 304;
  localparam int RESIZE_Y_STEP_BITS = 8;
  // Input row of the first output row and tap, two's complement.
  localparam int RESIZE_Y_FIRST_LSB = 320;
  localparam int RESIZE_Y_FIRST_BITS = 16;
  // Rows of the input.
  localparam int RESIZE_HEIGHT_LSB = 336;
  localparam int RESIZE_HEIGHT_BITS = 16;
  // Element within the row of the first position and tap, two's complement.
  localparam int RESIZE_U_FIRST_LSB = 352;
  localparam int RESIZE_U_FIRST_BITS = 24;
  // Elements of a row of the input that exist: width * channels.
  localparam int RESIZE_ROW_ELEMENTS_LSB = 384;
  localparam int RESIZE_ROW_ELEMENTS_BITS = 22;
  // Of a result, two's complement.
  localparam int RESIZE_LOWEST_LSB = 406;
  localparam int RESIZE_LOWEST_BITS = 9;
  // Elements from an output column to the next.
  localparam int RESIZE_COLUMN_STEP_LSB = 416;
  localparam int RESIZE_COLUMN_STEP_BITS = 16;
  // Elements from a run, or tap, to the next.
  localparam int RESIZE_TAP_STEP_LSB = 432;
  localparam int RESIZE_TAP_STEP_BITS = 16;
  // Element of the output buffer of the first result.
  localparam int RESIZE_OUTPUT_ADDRESS_LSB = 448;
  localparam int RESIZE_OUTPUT_ADDRESS_BITS = 22;
  // Of a result, two's complement.
  localparam int RESIZE_HIGHEST_LSB = 470;
  localparam int RESIZE_HIGHEST_BITS = 9;
  // Elements of the output buffer from a position to the next.
  localparam int RESIZE_POSITION_PITCH_LSB = 480;
  localparam int RESIZE_POSITION_PITCH_BITS = 16;
  // Fraction of the first row.
  localparam int RESIZE_FRACTION_Y_FIRST_LSB = 496;
  localparam int RESIZE_FRACTION_Y_FIRST_BITS = 16;

  // ADD
  // Of the first tensor.
  localparam int ADD_MULTIPLIER_LSB = 96;
  localparam int ADD_MULTIPLIER_BITS = 16;
  // Of the second tensor.
  localparam int ADD_SECOND_MULTIPLIER_LSB = 112;
  localparam int ADD_SECOND_MULTIPLIER_BITS = 16;
  // Output rows n of the pass.
  localparam int ADD_ROWS_LSB = 128;
  localparam int ADD_ROWS_BITS = 16;
  // Output columns m.
  localparam int ADD_COLUMNS_LSB = 144;
  localparam int ADD_COLUMNS_BITS = 16;
  // Elements from the first tensor to the second, modulo the depth, in units of 16.
  localparam int ADD_SECOND_LSB = 160;
  localparam int ADD_SECOND_BITS = 16;
  // Of input and output.
  localparam int ADD_CHANNELS_LSB = 176;
  localparam int ADD_CHANNELS_BITS = 16;
  // 0..47.
  localparam int ADD_SHIFT_LSB = 192;
  localparam int ADD_SHIFT_BITS = 6;
  // Rounding: 1 floor, 0 nearest.
  localparam int ADD_FLOOR_LSB = 212;
  localparam int ADD_FLOOR_BITS = 1;
  // Results are log codes.
  localparam int ADD_LOG_OUTPUT_LSB = 213;
  localparam int ADD_LOG_OUTPUT_BITS = 1;
  // First element of the ring of rows, in units of 16 elements.
  localparam int ADD_RING_BASE_LSB = 224;
  localparam int ADD_RING_BASE_BITS = 16;
  // Where row y_first lies in the ring, in units of 16 elements (of y_first mod ring rows).
  localparam int ADD_RING_FIRST_LSB = 240;
  localparam int ADD_RING_FIRST_BITS = 16;
  // Elements of the ring, in units of 16.
  localparam int ADD_RING_SIZE_LSB = 256;
  localparam int ADD_RING_SIZE_BITS = 16;
  // Y_step rows in the ring, modulo its size, in units of 16.
  localparam int ADD_RING_ROW_STEP_LSB = 272;
  localparam int ADD_RING_ROW_STEP_BITS = 16;
  // Tap_y_step rows in the ring, modulo its size, in units of 16.
  localparam int ADD_RING_TAP_STEP_LSB = 288;
  localparam int ADD_RING_TAP_STEP_BITS = 16;
  // Input rows from an output row to the next.
  localparam int ADD_Y_STEP_LSB = 304;
  localparam int ADD_Y_STEP_BITS = 8;
  // Input row of the first output row and tap, two's complement.
  localparam int ADD_Y_FIRST_LSB = 320;
  localparam int ADD_Y_FIRST_BITS = 16;
  // Rows of the input.
  localparam int ADD_HEIGHT_LSB = 336;
  localparam int ADD_HEIGHT_BITS = 16;
  // Element within the row of the first position and tap, two's complement.
  localparam int ADD_U_FIRST_LSB = 352;
  localparam int ADD_U_FIRST_BITS = 24;
  // Elements of a row of the input that exist: width * channels.
  localparam int ADD_ROW_ELEMENTS_LSB = 384;
  localparam int ADD_ROW_ELEMENTS_BITS = 22;
  // Of a result, two's complement.
  localparam int ADD_LOWEST_LSB = 406;
  localparam int ADD_LOWEST_BITS = 9;
  // Elements from an output column to the next.
  localparam int ADD_COLUMN_STEP_LSB = 416;
  localparam int ADD_COLUMN_STEP_BITS = 16;
  // Elements from a run, or tap, to the next.
  localparam int ADD_TAP_STEP_LSB = 432;
  localparam int ADD_TAP_STEP_BITS = 16;
  // Element of the output buffer of the first result.
  localparam int ADD_OUTPUT_ADDRESS_LSB = 448;
  localparam int ADD_OUTPUT_ADDRESS_BITS = 22;
  // Of a result, two's complement.
  localparam int ADD_HIGHEST_LSB = 470;
  localparam int ADD_HIGHEST_BITS = 9;
  // Elements of the output buffer from a position to the next.
  localparam int ADD_POSITION_PITCH_LSB = 480;
  localparam int ADD_POSITION_PITCH_BITS = 16;

  // RESCALE
  // Of codes that are not negative.
  localparam int RESCALE_MULTIPLIER_LSB = 96;
  localparam int RESCALE_MULTIPLIER_BITS = 16;
  // Of negative codes.
  localparam int RESCALE_NEGATIVE_MULTIPLIER_LSB = 112;
  localparam int RESCALE_NEGATIVE_MULTIPLIER_BITS = 16;
  // Output rows n of the pass.
  localparam int RESCALE_ROWS_LSB = 128;
  localparam int RESCALE_ROWS_BITS = 16;
  // Output columns m.
  localparam int RESCALE_COLUMNS_LSB = 144;
  localparam int RESCALE_COLUMNS_BITS = 16;
  // Of input and output.
  localparam int RESCALE_CHANNELS_LSB = 176;
  localparam int RESCALE_CHANNELS_BITS = 16;
  // 0..47.
  localparam int RESCALE_SHIFT_LSB = 192;
  localparam int RESCALE_SHIFT_BITS = 6;
  // Rounding: 1 floor, 0 nearest.
  localparam int RESCALE_FLOOR_LSB = 212;
  localparam int RESCALE_FLOOR_BITS = 1;
  // Results are log codes.
  localparam int RESCALE_LOG_OUTPUT_LSB = 213;
  localparam int RESCALE_LOG_OUTPUT_BITS = 1;
  // First element of the ring of rows, in units of 16 elements.
  localparam int RESCALE_RING_BASE_LSB = 224;
  localparam int RESCALE_RING_BASE_BITS = 16;
  // Where row y_first lies in the ring, in units of 16 elements (of y_first mod ring rows).
  localparam int RESCALE_RING_FIRST_LSB = 240;
  localparam int RESCALE_RING_FIRST_BITS = 16;
  // Elements of the ring, in units of 16.
  localparam int RESCALE_RING_SIZE_LSB = 256;
  localparam int RESCALE_RING_SIZE_BITS = 16;
  // Y_step rows in the ring, modulo its size, in units of 16.
  localparam int RESCALE_RING_ROW_STEP_LSB = 272;
  localparam int RESCALE_RING_ROW_STEP_BITS = 16;
  // Tap_y_step rows in the ring, modulo its size, in units of 16.
  localparam int RESCALE_RING_TAP_STEP_LSB = 288;
  localparam int RESCALE_RING_TAP_STEP_BITS = 16;
  // Input rows from an output row to the next.
  localparam int RESCALE_Y_STEP_LSB = 304;
  localparam int RESCALE_Y_STEP_BITS = 8;
  // Input row of the first output row and tap, two's complement.
  localparam int RESCALE_Y_FIRST_LSB = 320;
  localparam int RESCALE_Y_FIRST_BITS = 16;
  // Rows of the input.
  localparam int RESCALE_HEIGHT_LSB = 336;
  localparam int RESCALE_HEIGHT_BITS = 16;
  // Element within the row of the first position and tap, two's complement.
  localparam int RESCALE_U_FIRST_LSB = 352;
  localparam int RESCALE_U_FIRST_BITS = 24;
  // Elements of a row of the input that exist: width * channels.
  localparam int RESCALE_ROW_ELEMENTS_LSB = 384;
  localparam int RESCALE_ROW_ELEMENTS_BITS = 22;
  // Of a result, two's complement.
  localparam int RESCALE_LOWEST_LSB = 406;
  localparam int RESCALE_LOWEST_BITS = 9;
  // Elements from an output column to the next.
  localparam int RESCALE_COLUMN_STEP_LSB = 416;
  localparam int RESCALE_COLUMN_STEP_BITS = 16;
  // Elements from a run, or tap, to the next.
  localparam int RESCALE_TAP_STEP_LSB = 432;
  localparam int RESCALE_TAP_STEP_BITS = 16;
  // Element of the output buffer of the first result.
  localparam int RESCALE_OUTPUT_ADDRESS_LSB = 448;
  localparam int RESCALE_OUTPUT_ADDRESS_BITS = 22;
  // Of a result, two's complement.
  localparam int RESCALE_HIGHEST_LSB = 470;
  localparam int RESCALE_HIGHEST_BITS = 9;
  // Elements of the output buffer from a position to the next.
  localparam int RESCALE_POSITION_PITCH_LSB = 480;
  localparam int RESCALE_POSITION_PITCH_BITS = 16;

endpackage
