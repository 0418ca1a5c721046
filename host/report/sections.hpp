// The sections of a report: one for each result, by its schema.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "host/report/page.hpp"
#include "host/report/result_input.hpp"

namespace mbm {

// Adds the section of `input`: heading, source, command, figures and tables. Throws Error(input)
// that names the file if its schema is unknown or if it is not what the schema says.
void add_section(Page& page, const ResultInput& input);

// mbm.depth-study: metrics, changes against float layer by layer, depth maps.
void add_depth_study(Page& page, const ResultInput& input);
// mbm.decomposition
void add_decomposition(Page& page, const ResultInput& input);
// mbm.compatibility
void add_compatibility(Page& page, const ResultInput& input);
// mbm.search
void add_search(Page& page, const ResultInput& input);
// mbm.network-run
void add_network_run(Page& page, const ResultInput& input);
// mbm.simulation
void add_simulation(Page& page, const ResultInput& input);

}  // namespace mbm
