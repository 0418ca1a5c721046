// Prints what happens in a 2 x 2 grid, cycle by cycle, while it does two tiles of five positions:
// the timing diagram of docs/array.md. Mitchell's products of powers of two are exact.
module array_wave_tb;

  localparam int POSITIONS = 5;

  logic        clk;
  logic        rst_n;
  logic        weight_load;
  logic [15:0] weights;
  logic        activation_valid;
  logic        swap;
  logic [2:0]  position;
  logic [15:0] activations;
  logic [63:0] sums;
  // Whether a position comes to a column's foot, a cycle before its sum, and its number.
  logic [7:0]  controls;
  logic [7:0]  controls_q;

  processing_grid #(
    .Rows       (2),
    .Columns    (2),
    .Kind       (mbm_pkg::PRODUCT_MITCHELL),
    .TwoStage   (1),
    .ControlBits(4)
  ) u_grid (
    .clk_i                 (clk),
    .rst_ni                (rst_n),
    .weight_load_i         (weight_load),
    .weight_sign_i         (2'b00),
    .weight_magnitude_i    (weights),
    .column_enable_i       (2'b11),
    .log_weights_i         (1'b0),
    .swap_i                (swap),
    .activation_sign_i     (2'b00),
    .activation_magnitude_i(activations),
    .row_enable_i          (2'b11),
    .log_activations_i     (1'b0),
    .control_i             ({activation_valid, position}),
    .table_bank_i          (1'b0),
    .fill_i                (1'b0),
    .fill_magnitude_i      (8'd0),
    .fill_word_i           (4'd0),
    .fill_data_i           (256'd0),
    .sum_o                 (sums),
    .control_o             (controls)
  );

  always_ff @(posedge clk or negedge rst_n) begin
    if (!rst_n) controls_q <= 8'd0;
    else controls_q <= controls;
  end

  // Active weights, as the operands that their codes {sign, nonzero, characteristic, fraction} stand
  // for: powers of two here.
  logic [9:0] log_00;
  logic [9:0] log_01;
  logic [9:0] log_10;
  logic [9:0] log_11;
  assign log_00 = u_grid.gen_row[0].u_row.gen_column[0].u_pe.weight_q[9:0];
  assign log_01 = u_grid.gen_row[0].u_row.gen_column[1].u_pe.weight_q[9:0];
  assign log_10 = u_grid.gen_row[1].u_row.gen_column[0].u_pe.weight_q[9:0];
  assign log_11 = u_grid.gen_row[1].u_row.gen_column[1].u_pe.weight_q[9:0];

  task show_weight(input [9:0] log);
    if ((^log) === 1'bx) $write("    -");
    else $write("%5d", 32'd1 << log[9:7]);
  endtask

  task show_cycle(input integer cycle);
    begin
      $write("%5d  ", cycle);
      if (weight_load) $write("%4d %4d  ", weights[7:0], weights[15:8]);
      else $write("   -    -  ");
      if (activation_valid) begin
        $write("%5d %4d %4d  ", position, activations[7:0], activations[15:8]);
        $write("%s", swap ? "swap " : "     ");
      end else begin
        $write("    -    -    -       ");
      end
      show_weight(log_00);
      show_weight(log_01);
      show_weight(log_10);
      show_weight(log_11);
      if (controls_q[3]) $write("%7d", sums[31:0]);
      else $write("      -");
      if (controls_q[7]) $write("%7d", sums[63:32]);
      else $write("      -");
      $write("\n");
    end
  endtask

  initial begin
    clk = 1'b0;
    rst_n = 1'b1;
    weight_load = 1'b0;
    activation_valid = 1'b0;
    swap = 1'b0;
    position = 3'd0;
    weights = 16'd0;
    activations = 16'd0;
    #1 rst_n = 1'b0;
    #1 rst_n = 1'b1;
    $display("       weights    activations           active weights         sums");
    $display("cycle  c=0  c=1   pos. r=0  r=1        0,0  0,1  1,0  1,1    c=0    c=1");
    for (int i = 0; i < 19; i = i + 1) begin
      // Tile 0: rows (1, 2) and (4, 8); tile 1: (16, 32) and (64, 128); bottom rows first.
      weight_load = (i < 2) || (i >= 4 && i < 6);
      weights = (i == 0) ? {8'd8, 8'd4} :
                (i == 1) ? {8'd2, 8'd1} :
                (i == 4) ? {8'd128, 8'd64} : {8'd32, 8'd16};
      // Positions 0 to 4 of tile 0 from cycle 2 on, then those of tile 1.
      activation_valid = (i >= 2) && (i < 2 + 2 * POSITIONS);
      swap = (i == 2) || (i == 2 + POSITIONS);
      position = 3'((i < 2 + POSITIONS) ? i - 2 : i - 2 - POSITIONS);
      activations = {8'(i), 8'd1};
      #1 show_cycle(i);
      #1 clk = 1'b1;
      #2 clk = 1'b0;
    end
    $finish(0);
  end

endmodule
