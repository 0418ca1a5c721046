// What an accelerator was built with (docs/accelerator.md, section 1). Software reads it from the
// read-only registers of the device.
#pragma once

#include <cstdint>
#include <string>

namespace mbm {

// Kinds of processing elements, numbered as the register PE_KIND.
enum class ElementKind : std::uint8_t { exact = 0, log = 1, lut = 2 };

struct AcceleratorParameters {
  std::int64_t rows = 16;
  std::int64_t columns = 16;
  ElementKind kind = ElementKind::log;
  std::int64_t fraction_bits = 7;
  std::int64_t log_kind = 1;  // mbm_pkg::PRODUCT_*
  std::int64_t lanes = 8;     // elements the post-processor does a cycle
  std::int64_t bus_bytes = 16;
  std::int64_t activation_depth = 262144;  // elements
  std::int64_t weight_rows = 128;          // rows of the weight FIFO
  std::int64_t sum_depth = 1024;           // positions of a bank of partial sums
  std::int64_t output_depth = 131072;      // elements
  std::int64_t parameter_depth = 4096;     // channels
  std::int64_t table_entries = 16;         // of a product row, written in a cycle

  bool operator==(const AcceleratorParameters&) const = default;

  // The default accelerator with a grid of rows x columns: lanes and weight FIFO follow its size.
  static AcceleratorParameters of_size(std::int64_t rows, std::int64_t columns);

  // Throws Error(usage) that names the first parameter out of range.
  void validate() const;

  std::string description() const;  // "32x32 log, 8 lanes, 16-byte bus"
};

// Places and steps of a ring of rows are in units of so many elements.
inline constexpr std::int64_t kRingUnit = 16;

}  // namespace mbm
