// Results of the other commands as one HTML page.
#pragma once

#include <string>
#include <vector>

#include "host/report/result_input.hpp"

namespace mbm {

// The page of `results`, in their order, with an overview and, at the end, heat maps of the
// multipliers that they name. Throws Error(input) as add_section.
std::string report_html(const std::string& title, const std::vector<ResultInput>& results);

}  // namespace mbm
