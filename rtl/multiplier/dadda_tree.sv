// Adds columns of bits down to two rows with full and half adders, as few as Dadda needs (Alta
// Frequenza 34, 1965): each stage brings every column to the next height of 2, 3, 4, 6, 9, 13, ...
//
// Bit i of column c is bits_i[c * Slots + i] and counts 2^c; where Present has a zero there is none.
// row_a_o + row_b_o = the sum of all bits modulo 2^Columns. Combinational.
module dadda_tree #(
  parameter int Columns = 16,
  parameter int Slots = 8,  // most bits of a column, at least 2
  parameter logic [Columns*Slots-1:0] Present = '1
) (
  input  logic [Columns*Slots-1:0] bits_i,
  output logic [Columns-1:0]       row_a_o,
  output logic [Columns-1:0]       row_b_o
);

  // Bits that are present below slot `slot` of column `column`.
  function automatic integer present_below(input integer column, input integer slot);
    begin
      present_below = 0;
      for (int i = 0; i < slot; i = i + 1) begin
        if (Present[column*Slots + i]) present_below = present_below + 1;
      end
    end
  endfunction

  // Stages that a column of `height` bits needs: heights of 2, 3, 4, 6, ... that are below it.
  function automatic integer stages(input integer height);
    integer limit;
    begin
      stages = 0;
      limit = 2;
      for (int i = 0; i < 16; i = i + 1) begin
        if (limit < height) begin
          stages = stages + 1;
          limit = (limit * 3) / 2;
        end
      end
    end
  endfunction

  function automatic integer tallest(input integer least);
    integer height;
    begin
      tallest = least;
      for (int c = 0; c < Columns; c = c + 1) begin
        height = 0;
        for (int i = 0; i < Slots; i = i + 1) begin
          if (Present[c*Slots + i]) height = height + 1;
        end
        if (height > tallest) tallest = height;
      end
    end
  endfunction

  localparam int TALLEST = tallest(2);
  localparam int STAGES = stages(TALLEST);

  // Entry {carries, half, full, height} of column c in stage s, 8 bits each, at s * Columns + c. All in one
  // call: tools evaluate constant functions slowly.
  function automatic [32*Columns*STAGES-1:0] reduction(input integer unused);
    logic [8*Columns-1:0] heights;
    integer limit;
    integer height;
    integer carries;
    integer excess;
    begin
      reduction = (32*Columns*STAGES)'(unused);
      for (int c = 0; c < Columns; c = c + 1) begin
        height = 0;
        for (int i = 0; i < Slots; i = i + 1) begin
          if (Present[c*Slots + i]) height = height + 1;
        end
        heights[8*c +: 8] = 8'(height);
      end
      for (int s = 0; s < STAGES; s = s + 1) begin
        limit = 2;
        for (int i = s + 1; i < STAGES; i = i + 1) limit = (limit * 3) / 2;
        carries = 0;
        for (int c = 0; c < Columns; c = c + 1) begin
          height = 32'(heights[8*c +: 8]);
          excess = height + carries - limit;
          if (excess < 0) excess = 0;
          reduction[32*(s*Columns + c) +: 32] =
              {8'(carries), 8'(excess % 2), 8'(excess / 2), 8'(height)};
          heights[8*c +: 8] = 8'(height + carries - excess);
          carries = excess / 2 + excess % 2;
        end
      end
    end
  endfunction

  localparam logic [32*Columns*STAGES-1:0] REDUCTION = reduction(0);

  // gen_stage[s].bits is what stage s leaves; stage 0 only packs the bits that are present.
  for (genvar s = 0; s <= STAGES; s++) begin : gen_stage
    logic [Columns*Slots-1:0] bits;

    for (genvar c = 0; c < Columns; c++) begin : gen_column
      if (s == 0) begin : gen_pack
        for (genvar i = 0; i < Slots; i++) begin : gen_slot
          if (Present[c*Slots + i]) begin : gen_present
            assign bits[c*Slots + present_below(c, i)] = bits_i[c*Slots + i];
          end else begin : gen_absent
            logic unused_bit;
            assign unused_bit = bits_i[c*Slots + i];
          end
          if (i >= present_below(c, Slots)) begin : gen_empty
            assign bits[c*Slots + i] = 1'b0;
          end
        end
      end else begin : gen_reduce
        localparam int HEIGHT_IN = 32'(REDUCTION[32*((s-1)*Columns + c) +: 8]);
        localparam int FULL_ADDERS = 32'(REDUCTION[32*((s-1)*Columns + c) + 8 +: 8]);
        localparam int HALF_ADDERS = 32'(REDUCTION[32*((s-1)*Columns + c) + 16 +: 8]);
        localparam int CARRIES_IN = 32'(REDUCTION[32*((s-1)*Columns + c) + 24 +: 8]);
        localparam int TAKEN = 3 * FULL_ADDERS + 2 * HALF_ADDERS;
        localparam int ADDERS = FULL_ADDERS + HALF_ADDERS;
        localparam int OWN = ADDERS + HEIGHT_IN - TAKEN;  // bits of this column that stay

        logic [Slots-1:0] in;
        logic [Slots-1:0] carry;  // to the next column
        logic             unused_high;
        assign in = gen_stage[s-1].bits[c*Slots +: Slots];
        assign unused_high = ^{in, carry};

        for (genvar f = 0; f < FULL_ADDERS; f++) begin : gen_full
          assign bits[c*Slots + f] = in[3*f] ^ in[3*f+1] ^ in[3*f+2];
          assign carry[f] = (in[3*f] & in[3*f+1]) | (in[3*f+2] & (in[3*f] ^ in[3*f+1]));
        end
        for (genvar h = 0; h < HALF_ADDERS; h++) begin : gen_half
          assign bits[c*Slots + FULL_ADDERS + h] = in[3*FULL_ADDERS + 2*h] ^ in[3*FULL_ADDERS + 2*h + 1];
          assign carry[FULL_ADDERS+h] = in[3*FULL_ADDERS + 2*h] & in[3*FULL_ADDERS + 2*h + 1];
        end
        for (genvar i = TAKEN; i < HEIGHT_IN; i++) begin : gen_left
          assign bits[c*Slots + ADDERS + i - TAKEN] = in[i];
        end
        for (genvar i = 0; i < CARRIES_IN; i++) begin : gen_carry
          assign bits[c*Slots + OWN + i] = gen_stage[s].gen_column[c-1].gen_reduce.carry[i];
        end
        if (OWN + CARRIES_IN < Slots) begin : gen_empty
          assign bits[c*Slots + OWN + CARRIES_IN +: Slots - OWN - CARRIES_IN] = '0;
        end
        if (ADDERS < Slots) begin : gen_no_carry
          assign carry[Slots-1:ADDERS] = '0;
        end
      end
    end
  end

  for (genvar c = 0; c < Columns; c++) begin : gen_row
    assign row_a_o[c] = gen_stage[STAGES].bits[c*Slots];
    assign row_b_o[c] = gen_stage[STAGES].bits[c*Slots + 1];
  end

endmodule
