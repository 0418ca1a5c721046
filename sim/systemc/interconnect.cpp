#include "sim/systemc/interconnect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cmodel/common/error.hpp"

namespace mbm {

Interconnect::Interconnect(const sc_core::sc_module_name& name, const InterconnectOptions& options,
                           std::size_t arrays, std::int64_t window, std::int64_t bus_bytes)
    : sc_module(name),
      ports("ports"),
      memory("memory"),
      options_(options),
      window_(window),
      bus_bytes_(bus_bytes),
      waiting_(arrays),
      turn_(arrays - 1) {
  ports.register_nb_transport_fw(this, &Interconnect::forward);
  ports.register_transport_dbg(this, &Interconnect::debug);
  memory.register_nb_transport_bw(this, &Interconnect::backward);
  SC_HAS_PROCESS(Interconnect);
  SC_METHOD(act);
  sensitive << act_event_;
  dont_initialize();
}

void Interconnect::wake(Cycle cycle) {
  act_event_.notify(until_middle(cycle));
}

void Interconnect::act() {
  deliver();
  pass_on();
  arbitrate();
}

double Interconnect::rate(const BurstExtension& burst) const {
  return std::max(burst.cycles_per_beat,
                  static_cast<double>(bus_bytes_) / options_.bytes_per_cycle);
}

bool Interconnect::in_window(const tlm::tlm_generic_payload& payload) const {
  const auto size = static_cast<std::uint64_t>(window_);
  return payload.get_address() <= size && payload.get_data_length() <= size - payload.get_address();
}

tlm::tlm_sync_enum Interconnect::forward(int port, tlm::tlm_generic_payload& payload,
                                         tlm::tlm_phase& phase, sc_core::sc_time&) {
  Waiting& waiting = waiting_.at(static_cast<std::size_t>(port));
  if (phase != tlm::BEGIN_REQ || waiting.payload != nullptr) {
    fail(ErrorKind::internal, "{}: a master breaks the bus protocol", name());
  }
  waiting = {&payload, present_cycle()};
  wake(present_cycle());
  return tlm::TLM_ACCEPTED;
}

unsigned Interconnect::debug(int port, tlm::tlm_generic_payload& payload) {
  if (!in_window(payload)) return 0;
  const std::uint64_t address = payload.get_address();
  const auto array = static_cast<std::uint64_t>(port) % waiting_.size();
  payload.set_address(address + array * static_cast<std::uint64_t>(window_));
  const unsigned bytes = memory->transport_dbg(payload);
  payload.set_address(address);
  return bytes;
}

// The port whose request is taken in this cycle; the number of ports if none waits.
std::size_t Interconnect::choose() const {
  for (std::size_t i = 1; i <= waiting_.size(); ++i) {
    const std::size_t port =
        options_.arbitration == Arbitration::fixed_priority ? i - 1 : (turn_ + i) % waiting_.size();
    if (waiting_[port].payload != nullptr) return port;
  }
  return waiting_.size();
}

void Interconnect::arbitrate() {
  // The paths are as long as the latency, and one place for each direction behind it.
  const auto full = [&](const Path& way) {
    return way.requests.size() > static_cast<std::size_t>(options_.latency);
  };
  if (full(paths_[0]) || full(paths_[1])) return;  // until pass_on() has made room
  const std::size_t port = choose();
  if (port == waiting_.size()) return;
  grant(port);
  const auto left =
      std::ranges::count_if(waiting_, [](const Waiting& w) { return w.payload != nullptr; });
  statistics_.waited_cycles += static_cast<std::uint64_t>(left);
  if (left > 0) wake(present_cycle() + 1);
}

void Interconnect::grant(std::size_t port) {
  turn_ = port;
  tlm::tlm_generic_payload& payload = *waiting_[port].payload;
  waiting_[port].payload = nullptr;
  ++statistics_.requests;
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  const Cycle now = present_cycle();
  BurstExtension& burst = burst_of(payload);
  burst.port = port;
  if (payload.is_read()) burst.flip = ++reads_ == options_.flip_request;
  ports[static_cast<int>(port)]->nb_transport_bw(payload, phase, delay);
  if (static_cast<std::int64_t>(statistics_.requests) == options_.drop_request) return;
  if (!in_window(payload)) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return answer_later(payload, now + 2 * options_.latency);
  }
  burst.window = static_cast<std::int64_t>(port) * window_;
  payload.set_address(payload.get_address() + static_cast<std::uint64_t>(burst.window));
  Path& way = path(payload);
  Cycle arrives = now + options_.latency;
  if (payload.is_write()) {
    // Its last beat arrives when all have passed; what they need beyond a cycle each is waited for.
    way.free = std::max(way.free, static_cast<double>(now - burst.beats)) +
               static_cast<double>(burst.beats) * static_cast<double>(bus_bytes_) /
                   options_.bytes_per_cycle;
    arrives = std::max(arrives, static_cast<Cycle>(std::ceil(way.free)) + options_.latency);
  }
  if (!way.requests.empty()) arrives = std::max(arrives, way.requests.back().first);
  way.requests.emplace_back(arrives, &payload);
  wake(arrives);
}

// Requests that have arrived go to the memory, reads before writes, one at a time.
void Interconnect::pass_on() {
  const Cycle now = present_cycle();
  for (Path& way : paths_) {
    while (!memory_busy_ && !way.requests.empty() && way.requests.front().first <= now) {
      tlm::tlm_generic_payload& payload = *way.requests.front().second;
      way.requests.pop_front();
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      memory_busy_ = memory->nb_transport_fw(payload, phase, delay) != tlm::TLM_UPDATED;
    }
    if (!memory_busy_ && !way.requests.empty()) wake(way.requests.front().first);
  }
}

tlm::tlm_sync_enum Interconnect::backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                          sc_core::sc_time&) {
  if (phase == tlm::END_REQ) {
    memory_busy_ = false;
    wake(present_cycle() + 1);
    return tlm::TLM_ACCEPTED;
  }
  const Cycle now = present_cycle();
  BurstExtension& burst = burst_of(payload);
  Cycle begins = now;
  if (payload.is_read()) {
    burst.cycles_per_beat = rate(burst);
    begins = std::max(now, static_cast<Cycle>(std::ceil(read_free_)));
    // A path wider than a bus carries beats of several bursts in a cycle.
    read_free_ = std::max(read_free_, static_cast<double>(now)) +
                 static_cast<double>(burst.beats) * static_cast<double>(bus_bytes_) /
                     options_.bytes_per_cycle;
    if (burst.flip) payload.get_data_ptr()[0] ^= 1U;
  }
  answer_later(payload, begins + options_.latency);
  return tlm::TLM_COMPLETED;
}

void Interconnect::answer_later(tlm::tlm_generic_payload& payload, Cycle cycle) {
  answers_.emplace(cycle, &payload);
  wake(answers_.begin()->first);
}

void Interconnect::deliver() {
  const Cycle now = present_cycle();
  while (!answers_.empty() && answers_.begin()->first <= now) {
    tlm::tlm_generic_payload& payload = *answers_.begin()->second;
    answers_.erase(answers_.begin());
    ++delivered_;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    ports[static_cast<int>(burst_of(payload).port)]->nb_transport_bw(payload, phase, delay);
  }
  if (!answers_.empty()) wake(answers_.begin()->first);
}

std::string Interconnect::state() const {
  const auto waiting =
      std::ranges::count_if(waiting_, [](const Waiting& w) { return w.payload != nullptr; });
  return fmt::format("{} requests taken, {} answered, {} on their way to the memory, {} wait",
                     statistics_.requests, delivered_,
                     paths_[0].requests.size() + paths_[1].requests.size(), waiting);
}

}  // namespace mbm
