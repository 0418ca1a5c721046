// What can be costed, by name: modules of rtl/, multipliers, processing elements.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cmodel/energy/element_form.hpp"
#include "host/cost/synthesis.hpp"

namespace mbm {

enum class DesignKind : std::uint8_t { module, multiplier, element };

struct CostDesign {
  std::string name;
  DesignKind kind = DesignKind::module;
  CostModule module;
  ElementForm form;                   // of an element; width of a multiplier
  std::optional<ProductTable> table;  // what a multiplier or an element computes
  std::string accuracy;  // the multiplier, as `mbm run` knows it, whose products these are;
                         // "exact" of form.width bits
};

// The design called `name`:
//
//   MODULE           a module of rtl/files.f, with `parameters`
//   exact-dadda[:W]  exact multipliers of W = 5..8 bits: Dadda tree, Booth tree, as Yosys builds
//   `*` exact-booth[:W] exact[:W] MULTIPLIER       of `mbm multiplier list`, or a file with a
//   product table: its module if it has RTL,
//                    else a circuit of the table
//   pe/ELEMENT       a processing element for a 16-row array: exact[:W], exact-dadda[:W],
//                    exact-booth[:W], fused[:W] (sum added within the Dadda tree), fused-twos[:W]
//                    (two's complement of W + 1 bits), fused-booth[:W] (two's complement), mbm,
//                    mitchell[:wF], log2:wF, log2-corrected:wF; and after it, each once: +gated
//                    (zeros do not switch), +static (shift by the weight's characteristic last),
//                    +dropD (D low bits of products are not added)
//
// Throws Error(usage) that says what is wrong with the name.
CostDesign find_design(const std::string& name,
                       const std::map<std::string, std::int64_t>& parameters);

}  // namespace mbm
