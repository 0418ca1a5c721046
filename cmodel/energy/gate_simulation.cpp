#include "cmodel/energy/gate_simulation.hpp"

#include <algorithm>
#include <cmath>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

std::size_t at(std::int32_t index) {
  return static_cast<std::size_t>(index);
}

bool bit(PinValues pins, int pin) {
  return (pins >> pin & 1U) != 0;
}

PinValues with_bit(PinValues pins, int pin, bool value) {
  return (pins & ~(PinValues{1} << pin)) | (PinValues{value ? 1U : 0U} << pin);
}

}  // namespace

GateSimulation::GateSimulation(const GateNetlist& netlist, const GateTiming& timing,
                               const GateEnergy* energy, GateDelay delay, double period_ns)
    : netlist_(netlist),
      timing_(timing),
      meter_(energy),
      delay_(delay),
      period_ns_(period_ns),
      unit_(delay == GateDelay::unit),
      order_(netlist.evaluation_order()),
      sinks_(netlist.nets.size()),
      offered_(netlist.nets.size(), 0),
      values_(netlist.nets.size(), 0),
      pins_(netlist.instances.size(), 0),
      toggles_(netlist.nets.size(), 0) {
  values_[kNetOne] = 1;
  describe_cells();
  find_clock();
  // A consistent beginning: every gate has seen its inputs, with delays as well as without.
  for (const std::int32_t i : flip_flops_) {
    const auto index = static_cast<int>(netlist_.instances[at(i)].cell->pins.size());
    pins_[at(i)] = with_bit(pins_[at(i)], index + 1, true);
    for (const Output& output : outputs_[at(i)]) {
      const std::int32_t net = netlist_.instances[at(i)].nets[at(output.pin)];
      if (net >= 0) values_[at(net)] = output_value(i, output) ? 1 : 0;
    }
  }
  settle_at_once();
  settled_ = pins_;
  account_leakage();
  clear();
}

void GateSimulation::describe_cells() {
  double fastest_clock = 0;
  for (std::size_t i = 0; i < netlist_.instances.size(); ++i) {
    const GateInstance& instance = netlist_.instances[i];
    auto& outputs = outputs_.emplace_back();
    pending_.emplace_back(instance.nets.size());
    if (instance.cell->flip_flop) flip_flops_.push_back(static_cast<std::int32_t>(i));
    for (std::size_t p = 0; p < instance.nets.size(); ++p) {
      const CellPin& pin = instance.cell->pins[p];
      if (!pin.output) {
        if (instance.nets[p] >= 0) {
          sinks_[at(instance.nets[p])].push_back(
              {static_cast<std::int32_t>(i), static_cast<int>(p)});
        }
        continue;
      }
      if (instance.nets[p] < 0) continue;
      Output& output = outputs.emplace_back();
      output.pin = static_cast<int>(p);
      for (int v = 0; v < 64; ++v) {
        if (bit(pin.function->variables(), v)) output.inputs.push_back(v);
      }
      output.tabulated = output.inputs.size() <= 6;
      for (std::uint64_t row = 0; output.tabulated && row < (1U << output.inputs.size()); ++row) {
        PinValues values = 0;
        for (std::size_t v = 0; v < output.inputs.size(); ++v) {
          values = with_bit(values, output.inputs[v], (row >> v & 1U) != 0);
        }
        output.table |= static_cast<std::uint64_t>(pin.function->value(values) ? 1 : 0) << row;
      }
      if (instance.cell->flip_flop) {
        for (const auto& [pair, delay] : timing_.delay_ns[i]) {
          fastest_clock = std::max(fastest_clock, std::min(delay.rise, delay.fall));
        }
      }
    }
  }
  clock_to_output_ = unit_ ? 1 : static_cast<std::int64_t>(std::lround(fastest_clock * 1e3));
}

void GateSimulation::find_clock() {
  for (const std::int32_t i : flip_flops_) {
    const GateInstance& instance = netlist_.instances[at(i)];
    const PinValues clocks = instance.cell->flip_flop->clocked_on.variables();
    int pin = 0;
    while (!bit(clocks, pin)) ++pin;
    clock_pins_.push_back(pin);
    const std::int32_t net = instance.nets[at(pin)];
    if (clocks >> pin != 1 || (clock_net_ >= 0 && net != clock_net_) ||
        !instance.cell->flip_flop->clocked_on.value(PinValues{1} << pin)) {
      fail(ErrorKind::input, "netlist {}: flip-flop {} is not clocked by the one rising clock",
           netlist_.name, instance.name);
    }
    clock_net_ = net;
  }
  if (clock_net_ < 0) return;
  for (const auto& [name, port] : netlist_.ports) {
    if (!port.output && port.nets == std::vector<std::int32_t>{clock_net_}) {
      values_[at(clock_net_)] = 1;
      for (std::size_t k = 0; k < flip_flops_.size(); ++k) {
        PinValues& pins = pins_[at(flip_flops_[k])];
        pins = with_bit(pins, clock_pins_[k], true);
      }
      return;
    }
  }
  fail(ErrorKind::input, "netlist {}: the clock {} is not an input", netlist_.name,
       netlist_.nets[at(clock_net_)]);
}

bool GateSimulation::output_value(std::int32_t instance, const Output& output) const {
  const PinValues pins = pins_[at(instance)];
  if (!output.tabulated) {
    return netlist_.instances[at(instance)].cell->pins[at(output.pin)].function->value(pins);
  }
  std::uint64_t row = 0;
  for (std::size_t v = 0; v < output.inputs.size(); ++v) {
    row |= (pins >> output.inputs[v] & 1U) << v;
  }
  return (output.table >> row & 1U) != 0;
}

std::size_t GateSimulation::place(const std::string& port, std::size_t index) const {
  const NetlistPort& found = netlist_.port(port);
  return at(found.nets.at(index));
}

void GateSimulation::set(const std::string& port, std::uint64_t value, std::size_t word) {
  const NetlistPort& found = netlist_.port(port);
  for (std::size_t i = 64 * word; i < std::min(found.nets.size(), 64 * word + 64); ++i) {
    offered_[at(found.nets[i])] = value >> (i % 64) & 1U;
  }
}

std::uint64_t GateSimulation::get(const std::string& port, std::size_t word) const {
  const NetlistPort& found = netlist_.port(port);
  std::uint64_t value = 0;
  for (std::size_t i = 64 * word; i < std::min(found.nets.size(), 64 * word + 64); ++i) {
    value |= std::uint64_t{values_[place(port, i)]} << (i % 64);
  }
  return value;
}

void GateSimulation::clear() {
  std::ranges::fill(toggles_, 0);
  cycles_ = 0;
  energy_ = {};
}

// The states that flip-flops take with the clock; asynchronous inputs act at the clock as well.
std::vector<std::uint8_t> GateSimulation::next_states() const {
  std::vector<std::uint8_t> states;
  for (const std::int32_t i : flip_flops_) {
    const FlipFlop& flip_flop = *netlist_.instances[at(i)].cell->flip_flop;
    const PinValues pins = pins_[at(i)];
    bool next = flip_flop.next_state.value(pins);
    if (flip_flop.preset && flip_flop.preset->value(pins)) next = true;
    if (flip_flop.clear && flip_flop.clear->value(pins)) next = false;
    states.push_back(next ? 1 : 0);
  }
  return states;
}

// Energy of an edge of the clock, with the data and states as they are.
void GateSimulation::clock_edge(bool rises) {
  clock_high_ = rises;
  for (std::size_t k = 0; k < flip_flops_.size(); ++k) {
    const std::int32_t i = flip_flops_[k];
    pins_[at(i)] = with_bit(pins_[at(i)], clock_pins_[k], rises);
    if (meter_ != nullptr) {
      energy_.clock += meter_->input_fj(i, clock_pins_[k], rises, pins_[at(i)]);
    }
  }
  if (meter_ != nullptr && clock_net_ >= 0) energy_.clock += meter_->net_fj(clock_net_);
}

void GateSimulation::account_output(std::int32_t instance, int pin, bool rises, PinValues causes) {
  const bool flip_flop = netlist_.instances[at(instance)].cell->flip_flop.has_value();
  (flip_flop ? energy_.sequential : energy_.combinational) +=
      meter_->output_fj(instance, pin, rises, pins_[at(instance)], causes);
}

void GateSimulation::account_leakage() {
  if (meter_ == nullptr) return;
  leakage_nw_ = 0;
  for (std::size_t i = 0; i < pins_.size(); ++i) {
    leakage_nw_ += meter_->leakage_nw(static_cast<std::int32_t>(i), pins_[i]);
  }
}

// --- without delays

void GateSimulation::settle_at_once() {
  const auto read_inputs = [&](std::int32_t i) {
    const GateInstance& instance = netlist_.instances[at(i)];
    PinValues pins = pins_[at(i)];
    for (std::size_t p = 0; p < instance.nets.size(); ++p) {
      if (instance.nets[p] < 0 || instance.nets[p] == clock_net_) continue;
      pins = with_bit(pins, static_cast<int>(p), values_[at(instance.nets[p])] != 0);
    }
    pins_[at(i)] = pins;
  };
  for (const std::int32_t i : order_) {
    read_inputs(i);
    for (const Output& output : outputs_[at(i)]) {
      const bool value = output_value(i, output);
      values_[at(netlist_.instances[at(i)].nets[at(output.pin)])] = value ? 1 : 0;
      pins_[at(i)] = with_bit(pins_[at(i)], output.pin, value);
    }
  }
  for (const std::int32_t i : flip_flops_) read_inputs(i);
}

// Books every pin that differs from the settled state before.
void GateSimulation::account_settled() {
  for (std::size_t i = 0; i < pins_.size(); ++i) {
    PinValues changed = pins_[i] ^ settled_[i];
    if (changed == 0) continue;
    const GateInstance& instance = netlist_.instances[i];
    const auto index = static_cast<std::int32_t>(i);
    PinValues causes = 0;
    for (std::size_t p = 0; p < instance.nets.size(); ++p) {
      if (!instance.cell->pins[p].output) causes |= changed & PinValues{1} << p;
    }
    if (instance.cell->flip_flop) causes = ~PinValues{0};
    for (std::size_t p = 0; p < instance.nets.size(); ++p) {
      const auto pin = static_cast<int>(p);
      if (!bit(changed, pin) || instance.nets[p] < 0 || instance.nets[p] == clock_net_) continue;
      const bool rises = bit(pins_[i], pin);
      if (instance.cell->pins[p].output) {
        account_output(index, pin, rises, causes);
      } else {
        (instance.cell->flip_flop ? energy_.sequential : energy_.combinational) +=
            meter_->input_fj(index, pin, rises, pins_[i]);
      }
    }
    leakage_nw_ += meter_->leakage_nw(index, pins_[i]) - meter_->leakage_nw(index, settled_[i]);
  }
}

void GateSimulation::change_inputs_and_states(const std::vector<std::uint8_t>& states) {
  const auto change = [&](std::int32_t net, bool value) {
    if (delay_ != GateDelay::zero) return set_net(net, value, clock_to_output_);
    values_[at(net)] = value ? 1 : 0;
  };
  for (std::size_t k = 0; k < flip_flops_.size(); ++k) {
    const std::int32_t i = flip_flops_[k];
    const GateInstance& instance = netlist_.instances[at(i)];
    const auto state = static_cast<int>(instance.cell->pins.size());
    pins_[at(i)] =
        with_bit(with_bit(pins_[at(i)], state, states[k] != 0), state + 1, states[k] == 0);
    for (const Output& output : outputs_[at(i)]) {
      const bool value = output_value(i, output);
      const std::int32_t net = instance.nets[at(output.pin)];
      if ((values_[at(net)] != 0) == value) continue;
      pins_[at(i)] = with_bit(pins_[at(i)], output.pin, value);
      if (meter_ != nullptr && delay_ != GateDelay::zero) {
        account_output(i, output.pin, value, ~PinValues{0});
      }
      change(net, value);
    }
  }
  for (const auto& [name, port] : netlist_.ports) {
    if (port.output) continue;
    for (const std::int32_t net : port.nets) {
      if (net != clock_net_ && values_[at(net)] != offered_[at(net)]) {
        change(net, offered_[at(net)] != 0);
      }
    }
  }
}

void GateSimulation::cycle() {
  clock_edge(true);
  const std::vector<std::uint8_t> states = next_states();
  if (delay_ == GateDelay::zero) {
    const std::vector<std::uint8_t> before = values_;
    change_inputs_and_states(states);
    settle_at_once();
    for (std::size_t net = 0; net < values_.size(); ++net) {
      if (values_[net] == before[net]) continue;
      ++toggles_[net];
      if (meter_ != nullptr) energy_.switching += meter_->net_fj(static_cast<std::int32_t>(net));
    }
    if (meter_ != nullptr) account_settled();
    settled_ = pins_;
    clock_edge(false);
  } else {
    change_inputs_and_states(states);
    settle_in_time();
    if (clock_high_) clock_edge(false);
    account_leakage();
  }
  ++cycles_;
  energy_.leakage += leakage_nw_ * period_ns_ * 1e-3;  // nW ns = 1e-18 J
}

// --- with delays

std::int64_t GateSimulation::delay_of(std::int32_t instance, int from, int to, bool rises) const {
  if (unit_) return 1;
  const auto& delays = timing_.delay_ns[at(instance)];
  const auto found = delays.find({from, to});
  if (found == delays.end()) return 1;
  const double delay = rises ? found->second.rise : found->second.fall;
  return std::max<std::int64_t>(1, std::lround(delay * 1e3));
}

void GateSimulation::set_net(std::int32_t net, bool value, std::int64_t time) {
  values_[at(net)] = value ? 1 : 0;
  ++toggles_[at(net)];
  latest_ = std::max(latest_, time);
  if (meter_ != nullptr) energy_.switching += meter_->net_fj(net);
  for (const Sink& sink : sinks_[at(net)]) {
    const GateInstance& instance = netlist_.instances[at(sink.instance)];
    pins_[at(sink.instance)] = with_bit(pins_[at(sink.instance)], sink.pin, value);
    if (meter_ != nullptr) {
      (instance.cell->flip_flop ? energy_.sequential : energy_.combinational) +=
          meter_->input_fj(sink.instance, sink.pin, value, pins_[at(sink.instance)]);
    }
    if (!instance.cell->flip_flop) {
      evaluate_later(sink.instance, PinValues{1} << sink.pin, time);
    }
  }
}

void GateSimulation::evaluate_later(std::int32_t instance, PinValues causes, std::int64_t time) {
  int from = 0;
  while (!bit(causes, from)) ++from;
  for (const Output& output : outputs_[at(instance)]) {
    const bool value = output_value(instance, output);
    Pending& pending = pending_[at(instance)][at(output.pin)];
    const bool now = bit(pins_[at(instance)], output.pin);
    if (pending.number >= 0 && pending.value == value) continue;
    pending.number = -1;  // what was under way does not come
    if (value == now) continue;
    pending = {event_number_, value};
    events_.push({time + delay_of(instance, from, output.pin, value), event_number_++, instance,
                  output.pin, value, causes});
  }
}

void GateSimulation::settle_in_time() {
  const std::int64_t half =
      unit_ ? std::int64_t{1} << 40 : static_cast<std::int64_t>(std::lround(period_ns_ * 500));
  while (!events_.empty()) {
    const Event event = events_.top();
    events_.pop();
    Pending& pending = pending_[at(event.instance)][at(event.pin)];
    if (pending.number != event.number) continue;
    pending.number = -1;
    if (clock_high_ && event.time > half) clock_edge(false);
    pins_[at(event.instance)] = with_bit(pins_[at(event.instance)], event.pin, event.value);
    if (meter_ != nullptr) account_output(event.instance, event.pin, event.value, event.causes);
    set_net(netlist_.instances[at(event.instance)].nets[at(event.pin)], event.value, event.time);
  }
}

}  // namespace mbm
