#include "sim/systemc/bus_transactor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr std::uint8_t kOkay = 0;
constexpr std::uint8_t kSlaveError = 2;
constexpr std::uint8_t kDecodeError = 3;

std::uint8_t response_of(const tlm::tlm_generic_payload& payload) {
  if (payload.is_response_ok()) return kOkay;
  return payload.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE ? kDecodeError
                                                                          : kSlaveError;
}

}  // namespace

BusTransactor::BusTransactor(const sc_core::sc_module_name& name, std::int64_t bus_bytes)
    : sc_module(name), socket("socket"), bus_bytes_(static_cast<std::size_t>(bus_bytes)) {
  socket.register_nb_transport_bw(this, &BusTransactor::backward);
  SC_HAS_PROCESS(BusTransactor);
  SC_METHOD(send_requests);
  sensitive << send_event_;
  dont_initialize();
}

BusTransactor::~BusTransactor() = default;

tlm::tlm_sync_enum BusTransactor::backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                           sc_core::sc_time&) {
  if (phase == tlm::END_REQ) {
    arrive(payload, false);
    request_pending_ = false;
    requests_.pop_front();
    if (!requests_.empty()) send_event_.notify(until_edge(present_cycle() + 1));
    return tlm::TLM_ACCEPTED;
  }
  if (phase == tlm::BEGIN_RESP) {
    arrive(payload, true);
    return tlm::TLM_COMPLETED;
  }
  fail(ErrorKind::internal, "{}: an unexpected phase of the bus protocol", name());
}

void BusTransactor::arrive(tlm::tlm_generic_payload& payload, bool answer) {
  arrivals_.push_back({present_cycle() + 2, &payload, answer});
  ++transfers_;
  activity_.notify(sc_core::SC_ZERO_TIME);
}

void BusTransactor::request(tlm::tlm_generic_payload& payload) {
  if (!requests_.empty()) ++queued_requests_;
  requests_.push_back(&payload);
  ++requests_held_;
  if (requests_.size() == 1) send();
}

void BusTransactor::send_requests() {
  if (!requests_.empty() && !request_pending_) send();
}

void BusTransactor::send() {
  request_pending_ = true;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  if (socket->nb_transport_fw(*requests_.front(), phase, delay) != tlm::TLM_ACCEPTED) {
    fail(ErrorKind::internal, "{}: the interconnect answers at once", name());
  }
}

Cycle BusTransactor::beat_cycle(const Read& read) const {
  if (read.first == kNever) return kNever;
  const double rate = burst_of(*read.payload).cycles_per_beat;
  return read.first + static_cast<Cycle>(std::floor(static_cast<double>(read.beat) * rate));
}

Cycle BusTransactor::next_change() const {
  Cycle next = kNever;
  if (!arrivals_.empty()) next = arrivals_.front().cycle;
  if (!reads_.empty()) next = std::min(next, beat_cycle(reads_.front()));
  return next <= cycle_ ? cycle_ + 1 : next;
}

const AxiSlave& BusTransactor::slave(Cycle cycle) {
  cycle_ = cycle;
  for (; !arrivals_.empty() && arrivals_.front().cycle <= cycle; arrivals_.pop_front()) {
    const Arrival& arrival = arrivals_.front();
    const bool write = arrival.payload->is_write();
    if (!arrival.answer) {
      --requests_held_;
      if (write) beats_held_ -= static_cast<std::size_t>(burst_of(*arrival.payload).beats);
    } else if (write) {
      answers_.push_back(arrival.payload);
    } else {
      const auto read = std::ranges::find(reads_, arrival.payload, &Read::payload);
      read->first = arrival.cycle;
    }
  }
  slave_.arready = requests_held_ < kRequests;
  slave_.awready = requests_held_ < kRequests && write_addresses_.size() < kWriteAddresses;
  slave_.wready = beats_held_ < kWriteBeats;
  slave_.rvalid = !reads_.empty() && beat_cycle(reads_.front()) <= cycle;
  if (slave_.rvalid) {
    const Read& read = reads_.front();
    const auto offset = static_cast<std::size_t>(read.beat) * bus_bytes_;
    std::memcpy(slave_.rdata.data(), read.payload->get_data_ptr() + offset, bus_bytes_);
    slave_.rlast = read.beat + 1 == burst_of(*read.payload).beats;
    slave_.rresp = response_of(*read.payload);
  }
  slave_.bvalid = !answers_.empty();
  if (slave_.bvalid) slave_.bresp = response_of(*answers_.front());
  return slave_;
}

void BusTransactor::clock(const AxiMaster& master) {
  if (slave_.rvalid && master.rready) {
    ++transfers_;
    Read& read = reads_.front();
    if (++read.beat == burst_of(*read.payload).beats) {
      read.payload->release();
      reads_.pop_front();
    }
  }
  if (slave_.bvalid && master.bready) {
    ++transfers_;
    answers_.front()->release();
    answers_.pop_front();
  }
  if (master.arvalid && slave_.arready) {
    const std::int64_t beats = master.arlen + 1;
    tlm::tlm_generic_payload& payload =
        pool_.take(false, master.araddr, static_cast<std::size_t>(beats) * bus_bytes_, beats);
    reads_.push_back({&payload});
    request(payload);
  }
  if (master.awvalid && slave_.awready) {
    write_addresses_.push_back({master.awaddr, master.awlen + 1});
  }
  if (master.wvalid && slave_.wready) {
    ++transfers_;
    ++beats_held_;
    write_beats_.push_back({master.wdata, master.wstrb, master.wlast});
  }
  collect_writes();
}

// Bursts whose address and beats are all there are sent.
void BusTransactor::collect_writes() {
  while (!write_addresses_.empty()) {
    const auto [address, beats] = write_addresses_.front();
    if (static_cast<std::int64_t>(write_beats_.size()) < beats) return;
    tlm::tlm_generic_payload& payload =
        pool_.take(true, address, static_cast<std::size_t>(beats) * bus_bytes_, beats);
    for (std::int64_t i = 0; i < beats; ++i) {
      const WriteBeat& beat = write_beats_.front();
      if (beat.last != (i + 1 == beats)) {
        fail(ErrorKind::device, "{}: the master breaks AXI: WLAST is at the wrong beat", name());
      }
      const auto offset = static_cast<std::size_t>(i) * bus_bytes_;
      std::memcpy(payload.get_data_ptr() + offset, beat.data.data(), bus_bytes_);
      for (std::size_t b = 0; b < bus_bytes_; ++b) {
        if ((beat.strobe >> b & 1U) != 0) {
          payload.get_byte_enable_ptr()[offset + b] = TLM_BYTE_ENABLED;
        }
      }
      write_beats_.pop_front();
    }
    write_addresses_.pop_front();
    request(payload);
  }
}

std::string BusTransactor::state() const {
  std::string text = fmt::format("{} requests not taken", requests_.size());
  if (!requests_.empty()) {
    text += fmt::format(" (first: {} {:#x})", requests_.front()->is_write() ? "write" : "read",
                        requests_.front()->get_address());
  }
  const auto waiting =
      std::ranges::find_if(reads_, [](const Read& r) { return r.first == kNever; });
  if (waiting != reads_.end()) {
    const std::uint64_t address = waiting->payload->get_address() -
                                  static_cast<std::uint64_t>(burst_of(*waiting->payload).window);
    text += fmt::format(", {} reads not answered (first: {:#x})",
                        std::ranges::distance(waiting, reads_.end()), address);
  }
  return text;
}

}  // namespace mbm
