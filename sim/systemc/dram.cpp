#include "sim/systemc/dram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace mbm {

Dram::Dram(const sc_core::sc_module_name& name, const DramOptions& options)
    : sc_module(name),
      socket("socket"),
      options_(options),
      timing_(options),
      bytes_(static_cast<std::size_t>(options.bytes)) {
  socket.register_nb_transport_fw(this, &Dram::forward);
  socket.register_transport_dbg(this, &Dram::debug);
  SC_HAS_PROCESS(Dram);
  SC_METHOD(act);
  sensitive << act_event_;
  dont_initialize();
}

void Dram::act() {
  answer();
  serve();
  Cycle next = INT64_MAX;
  if (!answers_.empty()) next = answers_.begin()->first;
  if (!queue_.empty()) next = std::min(next, timing_.decision_cycle());
  if (next != INT64_MAX) act_event_.notify(until_late(next));
}

tlm::tlm_sync_enum Dram::forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                 sc_core::sc_time&) {
  if (queue_.size() == static_cast<std::size_t>(options_.queue)) {
    blocked_ = &payload;
    return tlm::TLM_ACCEPTED;
  }
  queue_.push_back({&payload, present_cycle()});
  act_event_.notify(until_late(present_cycle()));
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

unsigned Dram::debug(tlm::tlm_generic_payload& payload) {
  const std::uint64_t address = payload.get_address();
  const unsigned count = payload.get_data_length();
  if (address > bytes_.size() || count > bytes_.size() - address) return 0;
  unsigned char* place = bytes_.data() + address;
  if (payload.is_write()) {
    std::memcpy(place, payload.get_data_ptr(), count);
  } else {
    std::memcpy(payload.get_data_ptr(), place, count);
  }
  return count;
}

// The place in the queue of what is served next: only the oldest of each port and direction may be.
std::size_t Dram::choose(Cycle now) const {
  if (options_.policy == MemoryPolicy::first_come || now - queue_[0].since > kMostPatient) return 0;
  for (std::size_t i = 0; i < queue_.size(); ++i) {
    const tlm::tlm_generic_payload& one = *queue_[i].payload;
    const auto same_stream = [&](const Request& other) {
      return burst_of(*other.payload).port == burst_of(one).port &&
             other.payload->is_write() == one.is_write();
    };
    const auto before = queue_.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::any_of(queue_.begin(), before, same_stream)) continue;
    if (timing_.row_is_open(now, static_cast<std::int64_t>(one.get_address()))) return i;
  }
  return 0;
}

void Dram::serve() {
  const Cycle now = present_cycle();
  while (!queue_.empty() && timing_.decision_cycle() <= now) {
    const std::size_t chosen = choose(now);
    tlm::tlm_generic_payload& payload = *queue_[chosen].payload;
    queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(chosen));
    BurstExtension& burst = burst_of(payload);
    const DramTiming::Slot slot =
        timing_.schedule(now, {.address = static_cast<std::int64_t>(payload.get_address()),
                               .bytes = payload.get_data_length(),
                               .beats = burst.beats,
                               .write = payload.is_write()});
    burst.cycles_per_beat = slot.cycles_per_beat;
    answers_.emplace(payload.is_write() ? slot.end : slot.start, &payload);
    if (blocked_ != nullptr) {
      queue_.push_back({blocked_, now});
      tlm::tlm_generic_payload& taken = *blocked_;
      blocked_ = nullptr;
      tlm::tlm_phase phase = tlm::END_REQ;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      socket->nb_transport_bw(taken, phase, delay);
    }
  }
}

void Dram::move(tlm::tlm_generic_payload& payload) {
  unsigned char* place = bytes_.data() + payload.get_address();
  const unsigned count = payload.get_data_length();
  if (payload.is_read()) {
    std::memcpy(payload.get_data_ptr(), place, count);
    return;
  }
  for (unsigned i = 0; i < count; ++i) {
    if (payload.get_byte_enable_ptr()[i] == TLM_BYTE_ENABLED) place[i] = payload.get_data_ptr()[i];
  }
}

void Dram::answer() {
  const Cycle now = present_cycle();
  while (!answers_.empty() && answers_.begin()->first <= now) {
    tlm::tlm_generic_payload& payload = *answers_.begin()->second;
    answers_.erase(answers_.begin());
    move(payload);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(payload, phase, delay);
  }
}

std::string Dram::state() const {
  return fmt::format("{} requests wait, {} are being answered",
                     queue_.size() + (blocked_ != nullptr ? 1 : 0), answers_.size());
}

}  // namespace mbm
