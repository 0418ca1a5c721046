// How the lanes walk along an output row of a RESIZE command: which input columns an output needs,
// and the taps, a cycle each, that it takes to read those that are not there yet.
#pragma once

#include <cstdint>
#include <vector>

#include "cmodel/array/command.hpp"

namespace mbm {

struct ResizeOutput {
  std::int64_t left = 0;    // element of the row at which the column begins
  std::int64_t right = 0;   // bilinear: of the second column
  std::int64_t weight = 0;  // bilinear: of the second column, in 256ths
  std::int64_t taps = 1;    // cycles of a group of lanes
};

// The outputs of a row, all rows and groups of lanes alike. Bilinear: a column is an upper and a
// lower tap. The first output reads two columns, as every one does if the whole step of columns is
// not 0; else an output has those of the one before it, or, where the fraction carries, one more.
// An output without a new column is computed while the upper tap of the column after its own is
// read. A column behind the last one is the last one.
std::vector<ResizeOutput> resize_row(const Resize& resize);

// The taps of all of them.
std::int64_t resize_row_taps(const Resize& resize);

}  // namespace mbm
