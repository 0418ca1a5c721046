#include "sim/systemc/burst.hpp"

namespace mbm {

BurstPool::~BurstPool() {
  for (const auto& entry : all_) {
    entry->payload.clear_extension(&entry->extension);
  }
}

tlm::tlm_generic_payload& BurstPool::take(bool write, std::uint64_t address, std::size_t bytes,
                                          std::int64_t beats) {
  if (free_.empty()) {
    all_.push_back(std::make_unique<Entry>());
    all_.back()->payload.set_mm(this);
    all_.back()->payload.set_extension(&all_.back()->extension);
    free_.push_back(all_.back().get());
  }
  Entry& entry = *free_.back();
  free_.pop_back();
  entry.data.assign(bytes, 0);
  entry.enables.assign(bytes, write ? TLM_BYTE_DISABLED : TLM_BYTE_ENABLED);
  entry.extension = BurstExtension();
  entry.extension.beats = beats;
  tlm::tlm_generic_payload& payload = entry.payload;
  payload.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload.set_address(address);
  payload.set_data_ptr(entry.data.data());
  payload.set_data_length(static_cast<unsigned>(bytes));
  payload.set_streaming_width(static_cast<unsigned>(bytes));
  payload.set_byte_enable_ptr(entry.enables.data());
  payload.set_byte_enable_length(static_cast<unsigned>(bytes));
  payload.set_dmi_allowed(false);
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  payload.acquire();
  return payload;
}

void BurstPool::free(tlm::tlm_generic_payload* payload) {
  for (const auto& entry : all_) {
    if (&entry->payload != payload) continue;
    free_.push_back(entry.get());
    return;
  }
}

}  // namespace mbm
