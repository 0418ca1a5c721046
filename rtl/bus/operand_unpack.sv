// Bytes of memory as operands {sign, magnitude[7:0]}, in the format of registers::FORMAT_*: element
// 0 from the lowest byte. CODE16 gives BusBytes / 2 operands, the others above them are 0. Minus
// zero does not come out. Combinational.
module operand_unpack #(
  parameter int BusBytes = 16
) (
  input  logic [1:0]            format_i,
  input  logic [8*BusBytes-1:0] bytes_i,
  output logic [9*BusBytes-1:0] operands_o
);

  for (genvar i = 0; i < BusBytes; i = i + 1) begin : gen_operands
    logic [7:0] narrow;  // of a format of one byte
    logic       sign;
    logic [8:0] operand;
    logic [8:0] log_code;
    logic [8:0] number;
    logic [8:0] code;    // of CODE16

    assign narrow = bytes_i[8*i +: 8];
    assign sign = narrow[7] & (format_i != 2'(registers::FORMAT_UNSIGNED8));

    assign log_code = {sign & (|narrow[6:0]), 1'b0, narrow[6:0]};
    assign number = {sign, (narrow ^ {8{sign}}) + 8'(sign)};
    always_comb begin
      case (format_i)
        2'(registers::FORMAT_UNSIGNED8): operand = {1'b0, narrow};
        2'(registers::FORMAT_LOG8): operand = log_code;
        default: operand = number;
      endcase
    end

    if (i < BusBytes / 2) begin : gen_code
      logic [15:0] pair;
      logic [6:0]  high_unused;
      assign pair = bytes_i[16*i +: 16];
      assign high_unused = pair[14:8];
      assign code = {pair[15], (pair[7:0] ^ {8{pair[15]}}) + 8'(pair[15])};
    end else begin : gen_no_code
      assign code = '0;
    end

    assign operands_o[9*i +: 9] = (format_i == 2'(registers::FORMAT_CODE16)) ? code : operand;
  end

endmodule
