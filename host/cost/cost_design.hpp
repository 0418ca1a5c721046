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
  // The multiplier, as `mbm run` knows it, whose products of codes of form.width bits these are,
  // for example "exact", "log2:w4:drop4"; "" of a module. `table` is without what an element drops.
  std::string accuracy;
};

// The design called `name`:
//
//   MODULE           a module of rtl/files.f, with `parameters`
//   exact-dadda[:W]  exact multipliers of W = 5..8 bits: Dadda tree, Booth tree, as Yosys builds
//   exact-booth[:W]  `*`
//   exact[:W]
//   MULTIPLIER       of `mbm multiplier list`, or a file with a product table: its module if it
//                    has RTL, else a circuit of the table
//   pe/ELEMENT       a processing element for a 16-row array: exact[:W], exact-dadda[:W],
//                    exact-booth[:W], fused[:W] (sum added within the Dadda tree), fused-twos[:W]
//                    (two's complement of W + 1 bits), fused-booth[:W] (two's complement), mbm,
//                    mitchell[:wF], log2:wF, log2-corrected:wF (operands coded at the edge of the
//                    array), realm:M[:tT], drum:K, tosam:H:T (the whole multiplier inside); and
//                    after it, each once: +gated (zeros do not switch), +static (shift by the
//                    weight's characteristic last), +inside (mbm, mitchell: the whole multiplier),
//                    +dropD (D low bits of products are not added), +brokenC (exact-dadda: the
//                    partial products of the C low columns are left out, their bits not added)
//
// Throws Error(usage) that says what is wrong with the name.
CostDesign find_design(const std::string& name,
                       const std::map<std::string, std::int64_t>& parameters);

}  // namespace mbm
