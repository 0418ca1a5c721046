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
// mbm.platform
void add_platform(Page& page, const ResultInput& input);
// mbm.platform-sweep
void add_platform_sweep(Page& page, const ResultInput& input);
// mbm.width-sweep
void add_width_sweep(Page& page, const ResultInput& input);
// mbm.cost-area
void add_cost_area(Page& page, const ResultInput& input);
// mbm.cost-energy
void add_cost_energy(Page& page, const ResultInput& input);
// mbm.cost-components
void add_cost_components(Page& page, const ResultInput& input);
// mbm.cost-network
void add_cost_network(Page& page, const ResultInput& input);
// mbm.cost-comparison
void add_cost_comparison(Page& page, const ResultInput& input);

// A number times `scale`, with so many digits behind the point.
std::string rounded(const nlohmann::json& value, int digits, double scale = 1.0);

// Shares of cycles on top of one another, a series for each cause that some layer has: `layers` are
// objects with "cycles" and "causes", named by their `key`.
Chart cause_chart(const nlohmann::json& layers, const char* key);

}  // namespace mbm
