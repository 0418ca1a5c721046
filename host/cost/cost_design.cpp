#include "host/cost/cost_design.hpp"

#include <fmt/format.h>

#include <charconv>
#include <fstream>

#include "cmodel/common/error.hpp"
#include "cmodel/multiplier/multiplier.hpp"
#include "host/multiplier/resolve.hpp"
#include "host/multiplier/rtl_modules.hpp"
#include "host/multiplier/table_circuit.hpp"
#include "sim/project_folder.hpp"

namespace mbm {
namespace {

// Values of mbm_pkg.
constexpr int kPeExact = 0;
constexpr int kPeLog = 1;
constexpr int kPeMultiplier = 3;
constexpr int kProductMitchell = 0;
constexpr int kProductMbm = 1;
constexpr int kProductCorrected = 3;
constexpr int kArrayRows = 16;

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "name" or "name:VALUE" with `prefix` before the number; nullopt if `text` is another name.
std::optional<int> after_name(const std::string& text, const std::string& name,
                              std::string_view prefix, int otherwise, int least, int most) {
  if (text == name) return otherwise;
  if (!text.starts_with(name + ":")) return std::nullopt;
  std::string_view rest = std::string_view(text).substr(name.size() + 1);
  const bool good = rest.starts_with(prefix);
  if (good) rest.remove_prefix(prefix.size());
  const auto value = number(rest);
  if (!good || !value || *value < least || *value > most) {
    fail(ErrorKind::usage, "design '{}': {}:{}{}..{} expected", text, name, prefix, least, most);
  }
  return value;
}

int architecture_of(const std::string& base) {
  return base == "exact" ? 0 : base == "exact-dadda" ? 1 : 2;
}

std::string with_dropped(std::string multiplier, int dropped_bits) {
  if (dropped_bits > 0) multiplier += fmt::format(":drop{}", dropped_bits);
  return multiplier;
}

std::optional<CostDesign> exact_multiplier_design(const std::string& name) {
  for (const char* base : {"exact", "exact-dadda", "exact-booth"}) {
    const auto width = after_name(name, base, "", 8, 5, 8);
    if (!width) continue;
    CostDesign design;
    design.name = name;
    design.kind = DesignKind::multiplier;
    design.module = {
        "exact_multiplier", {{"Width", *width}, {"Architecture", architecture_of(base)}}, ""};
    design.form.width = *width;
    design.table = make_product_table("exact");
    design.accuracy = "exact";
    return design;
  }
  return std::nullopt;
}

// ".Width(8), .DroppedBits(2)"
std::map<std::string, std::int64_t> parse_parameters(const std::string& text) {
  std::map<std::string, std::int64_t> result;
  for (std::size_t place = 0; (place = text.find('.', place)) != std::string::npos; ++place) {
    const std::size_t open = text.find('(', place);
    const std::size_t close = text.find(')', open);
    result[text.substr(place + 1, open - place - 1)] =
        number(std::string_view(text).substr(open + 1, close - open - 1)).value_or(0);
  }
  return result;
}

CostDesign multiplier_design(const std::string& name) {
  CostDesign design;
  design.name = name;
  design.kind = DesignKind::multiplier;
  design.table = resolve_product_table(name);
  design.accuracy = name;
  const auto rtl = table_file_of(name) ? std::nullopt : rtl_instance_of(name);
  if (rtl) {
    design.module = {rtl->module, parse_parameters(rtl->parameters), ""};
  } else {
    design.module = {"table_multiplier", {}, table_circuit(*design.table)};
  }
  return design;
}

struct ElementFlags {
  bool gated = false;
  bool inside = false;
  bool static_shift = false;
  int dropped_bits = 0;
  int broken_columns = 0;
};

// The number of a flag such as "drop4"; nullopt if `flag` is another one.
std::optional<int> number_of_flag(std::string_view flag, std::string_view name) {
  if (!flag.starts_with(name)) return std::nullopt;
  const auto value = number(flag.substr(name.size()));
  return value && *value >= 1 && *value <= 8 ? value : std::nullopt;
}

// Takes "+flag"s off the end of `text`.
ElementFlags take_flags(std::string& text) {
  ElementFlags flags;
  for (std::size_t plus = text.rfind('+'); plus != std::string::npos; plus = text.rfind('+')) {
    const std::string flag = text.substr(plus + 1);
    if (flag == "gated" && !flags.gated) {
      flags.gated = true;
    } else if (flag == "inside" && !flags.inside) {
      flags.inside = true;
    } else if (flag == "static" && !flags.static_shift) {
      flags.static_shift = true;
    } else if (const auto bits = number_of_flag(flag, "drop"); bits && flags.dropped_bits == 0) {
      flags.dropped_bits = *bits;
    } else if (const auto columns = number_of_flag(flag, "broken");
               columns && flags.broken_columns == 0) {
      flags.broken_columns = *columns;
    } else {
      fail(ErrorKind::usage,
           "design: '+{}' found, +gated, +static, +inside, +drop1..8 or +broken1..8 expected, each "
           "once",
           flag);
    }
    text.resize(plus);
  }
  return flags;
}

// Bits that the sum of a column needs: products of 2 * width bits, sign, rows.
int sum_bits(int width, int dropped_bits) {
  return 2 * width + 5 - dropped_bits;
}

bool fused_element_design(const std::string& base, const ElementFlags& flags, CostDesign& design) {
  for (const char* fused : {"fused", "fused-twos", "fused-booth"}) {
    const bool twos = std::string_view(fused) != "fused";
    const auto width = after_name(base, fused, "", 8, 4, 8);
    if (!width) continue;
    if (flags.dropped_bits > 0 || flags.static_shift || flags.inside || (twos && flags.gated)) {
      fail(ErrorKind::usage, "design '{}': this element takes no +static, +inside or +dropD{}",
           design.name, twos ? ", no +gated" : "");
    }
    design.form = {twos ? OperandCoding::twos_complement : OperandCoding::magnitude,
                   *width,
                   7,
                   false,
                   0,
                   sum_bits(*width, 0)};
    design.module = {"fused_element",
                     {{"Width", *width},
                      {"TwosComplement", twos ? 1 : 0},
                      {"Booth", std::string_view(fused) == "fused-booth" ? 1 : 0},
                      {"ZeroGating", flags.gated ? 1 : 0},
                      {"SumBits", design.form.sum_bits}},
                     ""};
    design.accuracy = "exact";
    return true;
  }
  return false;
}

bool exact_element_design(const std::string& base, const ElementFlags& flags, CostDesign& design) {
  for (const char* exact : {"exact", "exact-dadda", "exact-booth"}) {
    const auto width = after_name(base, exact, "", 8, 4, 8);
    if (!width) continue;
    if (flags.static_shift || flags.inside) {
      fail(ErrorKind::usage, "design '{}': exact elements take no +static, no +inside",
           design.name);
    }
    const bool broken = flags.broken_columns > 0;
    if (broken && (architecture_of(exact) != 1 || flags.dropped_bits > 0)) {
      fail(ErrorKind::usage, "design '{}': +brokenC belongs to exact-dadda, without +dropD",
           design.name);
    }
    // Broken columns leave low bits that are always 0.
    const int dropped_bits = broken ? flags.broken_columns : flags.dropped_bits;
    design.form = {OperandCoding::magnitude,      *width, 7, false, dropped_bits,
                   sum_bits(*width, dropped_bits)};
    design.module.parameters = {{"PeKind", kPeExact},
                                {"Width", *width},
                                {"FractionBits", *width - 1},
                                {"Kind", 0},
                                {"Architecture", architecture_of(exact)},
                                {"PayloadBits", *width}};
    if (broken) design.module.parameters["BrokenColumns"] = flags.broken_columns;
    design.accuracy = broken ? fmt::format("broken-array:{}", flags.broken_columns)
                             : with_dropped("exact", flags.dropped_bits);
    return true;
  }
  return false;
}

bool log_element_design(const std::string& base, const ElementFlags& flags, CostDesign& design) {
  struct Kind {
    const char* name;
    int kind;
    bool true_logarithm;
  };
  for (const Kind& kind :
       {Kind{"mbm", kProductMbm, false}, Kind{"mitchell", kProductMitchell, false},
        Kind{"log2", kProductMitchell, true}, Kind{"log2-corrected", kProductCorrected, true}}) {
    const auto bits = after_name(base, kind.name, "w", 7, kind.kind == kProductMbm ? 7 : 1, 7);
    if (!bits) continue;
    if (flags.inside) {
      fail(ErrorKind::usage, "design '{}': +inside belongs to mbm and mitchell", design.name);
    }
    if (flags.static_shift && kind.kind == kProductMbm) {
      fail(ErrorKind::usage, "design '{}': MBM's correction takes no +static", design.name);
    }
    design.form = {
        OperandCoding::logarithm,       8, *bits, kind.true_logarithm, flags.dropped_bits,
        sum_bits(8, flags.dropped_bits)};
    design.module.parameters = {{"PeKind", kPeLog},
                                {"Width", 8},
                                {"FractionBits", *bits},
                                {"Kind", kind.kind},
                                {"StaticShift", flags.static_shift ? 1 : 0},
                                {"PayloadBits", 3 + *bits}};
    design.accuracy = kind.kind == kProductMbm ? "mbm" : fmt::format("{}:w{}", kind.name, *bits);
    if (design.accuracy == "mitchell:w7") design.accuracy = "mitchell";
    design.accuracy = with_dropped(design.accuracy, flags.dropped_bits);
    return true;
  }
  return false;
}

// A multiplier of the library as kind `multiplier` of processing_element takes it.
struct LibraryMultiplier {
  const char* module;
  int family;                    // mbm_pkg::FAMILY_*
  const char* first_parameter;   // of the module: ParameterA
  const char* second_parameter;  // ParameterB; "" for none
  bool edge_by_default;          // the element with coded operands is the one called by its name
};
constexpr LibraryMultiplier kLibraryMultipliers[] = {
    {"mitchell_multiplier", 1, "DroppedBits", "SetLowestBit", true},
    {"mbm_multiplier", 2, "DroppedBits", "", true},
    {"realm_multiplier", 7, "DroppedBits", "Grid", false},
    {"drum_multiplier", 8, "KeptBits", "", false},
    {"tosam_multiplier", 9, "ProductBits", "SumBits", false},
};

// An element with a whole multiplier inside, operands as magnitudes.
bool library_element_design(const std::string& base, const ElementFlags& flags,
                            CostDesign& design) {
  const std::string family = base.substr(0, base.find(':'));
  if (family != "mitchell" && family != "mbm" && family != "realm" && family != "drum" &&
      family != "tosam") {
    return false;
  }
  const auto rtl = rtl_instance_of(base);
  if (!rtl) return false;
  for (const LibraryMultiplier& entry : kLibraryMultipliers) {
    if (rtl->module != entry.module || (entry.edge_by_default && !flags.inside)) continue;
    if (flags.static_shift) {
      fail(ErrorKind::usage, "design '{}': an element with a multiplier inside takes no +static",
           design.name);
    }
    const auto parameters = parse_parameters(rtl->parameters);
    const auto value = [&](const std::string& name) {
      const auto found = parameters.find(name);
      return found == parameters.end() ? 0 : found->second;
    };
    design.form = {OperandCoding::magnitude,       8, 7, false, flags.dropped_bits,
                   sum_bits(8, flags.dropped_bits)};
    design.module.parameters = {{"PeKind", kPeMultiplier},
                                {"Width", 8},
                                {"FractionBits", 7},
                                {"Kind", 0},
                                {"Family", entry.family},
                                {"ParameterA", value(entry.first_parameter)},
                                {"ParameterB", value(entry.second_parameter)},
                                {"PayloadBits", 8}};
    design.accuracy = with_dropped(base, flags.dropped_bits);
    return true;
  }
  return false;
}

// Products of reduced operands, before low bits are dropped: see ElementForm::term.
ProductTable element_table(const CostDesign& design) {
  return make_product_table(design.accuracy.substr(0, design.accuracy.find(":drop")));
}

CostDesign element_design(const std::string& name) {
  CostDesign design;
  design.name = name;
  design.kind = DesignKind::element;
  design.module.module = "processing_element";
  std::string base = name.substr(3);
  const ElementFlags flags = take_flags(base);
  const bool fused = fused_element_design(base, flags, design);
  const bool exact = !fused && exact_element_design(base, flags, design);
  if (flags.broken_columns > 0 && !exact) {
    fail(ErrorKind::usage, "design '{}': +brokenC belongs to exact-dadda", name);
  }
  if (!fused) {
    if (!exact && !library_element_design(base, flags, design) &&
        !log_element_design(base, flags, design)) {
      fail(ErrorKind::usage,
           "design '{}': pe/exact, exact-dadda, exact-booth, fused, fused-twos, fused-booth, mbm, "
           "mitchell, log2, log2-corrected, realm, drum or tosam expected",
           name);
    }
    design.module.parameters["ZeroGating"] = flags.gated ? 1 : 0;
    design.module.parameters["DroppedBits"] = design.form.dropped_bits;
    design.module.parameters["SumBits"] = design.form.sum_bits;
  }
  design.table = element_table(design);
  return design;
}

bool is_module(const std::string& name) {
  std::ifstream list(project_folder() / "rtl/files.f");
  for (std::string line; std::getline(list, line);) {
    if (line.ends_with("/" + name + ".sv")) return true;
  }
  return false;
}

}  // namespace

CostDesign find_design(const std::string& name,
                       const std::map<std::string, std::int64_t>& parameters) {
  if (is_module(name)) {
    CostDesign design;
    design.name = name;
    design.module = {name, parameters, ""};
    return design;
  }
  if (!parameters.empty()) {
    fail(ErrorKind::usage, "--parameter: '{}' is no module of rtl/, whose parameters are free",
         name);
  }
  if (name.starts_with("pe/")) return element_design(name);
  if (auto design = exact_multiplier_design(name)) return std::move(*design);
  return multiplier_design(name);
}

}  // namespace mbm
