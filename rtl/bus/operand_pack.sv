// Operands {sign, magnitude[7:0]} as bytes of memory, in the format of registers::FORMAT_*: element
// 0 in the lowest byte. INT8 saturates to -127..127, UNSIGNED8 makes negative operands 0; CODE16
// takes the BusBytes / 2 lowest operands. Combinational.
module operand_pack #(
  parameter int BusBytes = 16
) (
  input  logic [1:0]            format_i,
  input  logic [9*BusBytes-1:0] operands_i,
  output logic [8*BusBytes-1:0] bytes_o
);

  logic [8*BusBytes-1:0] narrow;
  logic [8*BusBytes-1:0] wide;

  for (genvar i = 0; i < BusBytes; i = i + 1) begin : gen_operands
    logic       sign;
    logic [7:0] magnitude;
    logic [6:0] saturated;
    logic [7:0] log_code;
    logic [7:0] value;

    assign {sign, magnitude} = operands_i[9*i +: 9];
    assign saturated = magnitude[6:0] | {7{magnitude[7]}};

    assign log_code = {sign, magnitude[6:0]};
    always_comb begin
      case (format_i)
        2'(registers::FORMAT_UNSIGNED8): value = magnitude & {8{~sign}};
        2'(registers::FORMAT_LOG8): value = log_code;
        default: value = ({1'b0, saturated} ^ {8{sign}}) + 8'(sign);
      endcase
    end

    assign narrow[8*i +: 8] = value;
    if (i < BusBytes / 2) begin : gen_wide
      assign wide[16*i +: 16] = ({8'b0, magnitude} ^ {16{sign}}) + 16'(sign);
    end
  end

  assign bytes_o = (format_i == 2'(registers::FORMAT_CODE16)) ? wide : narrow;

endmodule
