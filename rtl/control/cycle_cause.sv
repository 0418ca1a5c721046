// The one cause (registers::CAUSE_*) that a cycle of a run is put down to. Combinational.
//
// What the core says comes first, but for weights that are still on the bus. A compute command that
// waits for a load is put down to that load's state on the bus: data under way, an address not
// accepted, else the load itself. Otherwise the machine drains, or is idle.
module cycle_cause (
  input  logic [2:0] core_i,                 // registers::CORE_*
  // The next compute command waits for loads.
  input  logic       waits_activations_i,
  input  logic       waits_others_i,
  // The loads on the bus.
  input  logic       activations_requesting_i,
  input  logic       activations_receiving_i,
  input  logic       others_requesting_i,
  input  logic       others_receiving_i,
  input  logic       storing_i,
  output logic [3:0] cause_o
);

  logic requesting;
  logic receiving;

  always_comb begin
    requesting = others_requesting_i;
    receiving = others_receiving_i;
    if (core_i != 3'(registers::CORE_WEIGHTS)) begin
      requesting = (waits_activations_i & activations_requesting_i) |
                   (waits_others_i & others_requesting_i);
      receiving = (waits_activations_i & activations_receiving_i) |
                  (waits_others_i & others_receiving_i);
    end

    case (core_i)
      3'(registers::CORE_COMPUTING): cause_o = 4'(registers::CAUSE_COMPUTE);
      3'(registers::CORE_TABLE): cause_o = 4'(registers::CAUSE_TABLE);
      3'(registers::CORE_PARTIAL_SUMS): cause_o = 4'(registers::CAUSE_PARTIAL_SUMS);
      default: begin
        if (receiving) cause_o = 4'(registers::CAUSE_BUS_DATA);
        else if (requesting) cause_o = 4'(registers::CAUSE_BUS_REQUEST);
        else if (core_i == 3'(registers::CORE_WEIGHTS)) cause_o = 4'(registers::CAUSE_WEIGHTS);
        else if (waits_activations_i | waits_others_i) cause_o = 4'(registers::CAUSE_ACTIVATIONS);
        else if (core_i == 3'(registers::CORE_DRAINING) || storing_i) begin
          cause_o = 4'(registers::CAUSE_DRAIN);
        end else cause_o = 4'(registers::CAUSE_IDLE);
      end
    endcase
  end

endmodule
