#include "host/cost/liberty_file.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "cmodel/common/error.hpp"
#include "host/cost/liberty_group.hpp"
#include "host/format/quote.hpp"
#include "host/format/sha256.hpp"

namespace mbm {
namespace {

double number_of(const std::string& text, const std::string& where) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || *end != '\0' || !std::isfinite(value)) {
    fail(ErrorKind::input, "{}: {} found, a number expected", where, quote(text));
  }
  return value;
}

std::vector<double> numbers_of(const std::vector<std::string>& texts, const std::string& where) {
  std::vector<double> values;
  for (const std::string& text : texts) {
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::size_t first = rest.find_first_not_of(", \t\n\r\\");
      if (first == std::string_view::npos) break;
      const std::size_t end = std::min(rest.find_first_of(", \t\n\r\\", first), rest.size());
      values.push_back(number_of(std::string(rest.substr(first, end - first)), where));
      rest.remove_prefix(end);
    }
  }
  return values;
}

// How the file's units compare with ours.
struct Units {
  double time = 1;         // ns
  double capacitance = 1;  // fF
  double leakage = 1;      // nW
  double energy = 1;       // fJ: of capacitance and voltage
};

double prefix_of(const std::string& unit, const std::string& where) {
  // "1ns", "100ps", "1pW"
  char* end = nullptr;
  const double count = std::strtod(unit.c_str(), &end);
  static const std::map<char, double> kPrefixes = {{'m', 1e-3},  {'u', 1e-6},  {'n', 1e-9},
                                                   {'p', 1e-12}, {'f', 1e-15}, {'k', 1e3}};
  if (end == unit.c_str() || *end == '\0')
    fail(ErrorKind::input, "{}: {} found, a unit expected", where, quote(unit));
  if (end[1] == '\0') return count;
  const auto found = kPrefixes.find(*end);
  if (found == kPrefixes.end())
    fail(ErrorKind::input, "{}: {} found, a unit expected", where, quote(unit));
  return count * found->second;
}

Units units_of(const LibertyGroup& library, const std::string& file) {
  Units units;
  units.time = prefix_of(library.value("time_unit", "1ns"), file + ": time_unit") / 1e-9;
  units.leakage =
      prefix_of(library.value("leakage_power_unit", "1nW"), file + ": leakage_power_unit") / 1e-9;
  const double volt = prefix_of(library.value("voltage_unit", "1V"), file + ": voltage_unit");
  if (const auto* capacitance = library.find("capacitive_load_unit")) {
    if (capacitance->size() != 2)
      fail(ErrorKind::input, "{}: capacitive_load_unit: {} values found, 2 expected", file,
           capacitance->size());
    std::string unit = "1" + capacitance->at(1);
    std::ranges::transform(unit, unit.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    units.capacitance = number_of(capacitance->at(0), file + ": capacitive_load_unit") *
                        prefix_of(unit, file + ": capacitive_load_unit") / 1e-15;
  }
  units.energy = units.capacitance * volt * volt;
  return units;
}

// Which way round the axes of a template are.
struct Template {
  std::vector<std::string> variables;
  std::vector<std::vector<double>> axes;
};

class LibraryReader {
 public:
  LibraryReader(const LibertyGroup& group, const std::string& file)
      : group_(group), file_(file), units_(units_of(group, file)) {}

  CellLibrary read() {
    CellLibrary library;
    if (group_.kind != "library")
      fail(ErrorKind::input, "{}: group {} found, library expected", file_, quote(group_.kind));
    library.name = group_.arguments.empty() ? file_ : group_.arguments.front();
    library.voltage = number_of(group_.value("nom_voltage", ""), file_ + ": nom_voltage");
    library.slew_derate = number_of(group_.value("slew_derate_from_library", "1"),
                                    file_ + ": slew_derate_from_library");
    for (const LibertyGroup& group : group_.groups) {
      if (group.kind == "lu_table_template" || group.kind == "power_lut_template")
        read_template(group);
    }
    library.wire_load = wire_load();
    for (const LibertyGroup& group : group_.groups) {
      if (group.kind != "cell") continue;
      if (group.arguments.size() != 1)
        fail(ErrorKind::input, "{}: a cell without a name found", file_);
      LibraryCell cell = read_cell(group);
      library.cells.emplace(cell.name, std::move(cell));
    }
    if (library.cells.empty()) fail(ErrorKind::input, "{}: no cells found", file_);
    return library;
  }

 private:
  std::string where() const { return fmt::format("{}, cell {}", file_, cell_); }

  void read_template(const LibertyGroup& group) {
    Template axes;
    for (int i = 1; i <= 3; ++i) {
      const std::string variable = group.value(fmt::format("variable_{}", i));
      if (variable.empty()) break;
      axes.variables.push_back(variable);
      const auto* points = group.find(fmt::format("index_{}", i));
      axes.axes.push_back(points == nullptr ? std::vector<double>{}
                                            : numbers_of(*points, file_ + ": template"));
    }
    templates_[group.arguments.empty() ? "" : group.arguments.front()] = std::move(axes);
  }

  std::optional<WireLoad> wire_load() const {
    const std::string wanted = group_.value("default_wire_load");
    for (const LibertyGroup& group : group_.groups) {
      if (group.kind != "wire_load" || group.arguments.empty() || group.arguments.front() != wanted)
        continue;
      WireLoad result;
      result.ff_per_length =
          number_of(group.value("capacitance", "0"), file_ + ": wire_load") * units_.capacitance;
      result.slope = number_of(group.value("slope", "0"), file_ + ": wire_load");
      for (const auto& [key, values] : group.attributes) {
        if (key != "fanout_length" || values.size() < 2) continue;
        result.lengths[static_cast<int>(number_of(values[0], file_ + ": fanout_length"))] =
            number_of(values[1], file_ + ": fanout_length");
      }
      return result;
    }
    return std::nullopt;
  }

  // Values of a table in `unit`; axes in ns and fF whatever their order in the file.
  LookupTable table(const LibertyGroup& group, double unit) const {
    const std::string name = group.arguments.empty() ? "" : group.arguments.front();
    LookupTable result;
    const auto* values = group.find("values");
    if (values == nullptr) fail(ErrorKind::input, "{}: a table without values found", where());
    std::vector<double> numbers = numbers_of(*values, where());
    Template axes;
    if (name != "scalar") {
      const auto found = templates_.find(name);
      if (found == templates_.end())
        fail(ErrorKind::input, "{}: table of template {} found, a known template expected", where(),
             quote(name));
      axes = found->second;
    }
    for (std::size_t i = 0; i < axes.axes.size(); ++i) {
      if (const auto* points = group.find(fmt::format("index_{}", i + 1)))
        axes.axes[i] = numbers_of(*points, where());
      if (!std::ranges::is_sorted(axes.axes[i]))
        fail(ErrorKind::input, "{}: a table whose index_{} descends found", where(), i + 1);
    }
    std::size_t expected = 1;
    for (const auto& axis : axes.axes) expected *= axis.size();
    if (axes.axes.size() > 2 || expected != numbers.size()) {
      fail(ErrorKind::input, "{}: a table of {} values found, {} expected", where(), numbers.size(),
           expected);
    }
    const auto is_load = [](const std::string& variable) {
      return variable == "total_output_net_capacitance";
    };
    for (double& number : numbers) number *= unit;
    for (std::size_t i = 0; i < axes.axes.size(); ++i) {
      const bool load = is_load(axes.variables[i]);
      for (double& point : axes.axes[i]) point *= load ? units_.capacitance : units_.time;
      (load ? result.loads_ff : result.slews_ns) = axes.axes[i];
    }
    result.values = numbers;
    if (axes.axes.size() == 2 && is_load(axes.variables[0])) {
      const std::size_t rows = result.slews_ns.size();
      const std::size_t columns = result.loads_ff.size();
      for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = 0; c < columns; ++c)
          result.values[r * columns + c] = numbers[c * rows + r];
      }
    }
    return result;
  }

  std::optional<BooleanExpression> expression(const std::string& text) const {
    if (text.empty()) return std::nullopt;
    try {
      return BooleanExpression(text, names_);
    } catch (const Error& error) {
      fail(ErrorKind::input, "{}: {}", where(), error.what());
    }
  }

  int pin_index(const std::string& name) const {
    const auto found = std::ranges::find(names_, name);
    return found == names_.end() ? -1 : static_cast<int>(found - names_.begin());
  }

  PowerArc power_arc(const LibertyGroup& group) const {
    PowerArc arc;
    arc.when = expression(group.value("when"));
    for (const LibertyGroup& one : group.groups) {
      if (one.kind == "rise_power" || one.kind == "power") arc.rise_fj = table(one, units_.energy);
      if (one.kind == "fall_power" || one.kind == "power") arc.fall_fj = table(one, units_.energy);
    }
    return arc;
  }

  // Arcs that no simulated logic has (constraints, three-state) are left out.
  std::optional<TimingArc> timing_arc(const LibertyGroup& group, int related) const {
    const std::string type = group.value("timing_type", "combinational");
    TimingArc arc;
    arc.from_clock = type == "rising_edge" || type == "falling_edge";
    if (!arc.from_clock && !type.starts_with("combinational")) return std::nullopt;
    arc.related_pin = related;
    arc.when = expression(group.value("when"));
    arc.negative_unate = group.value("timing_sense") == "negative_unate";
    arc.positive_unate = group.value("timing_sense") == "positive_unate";
    for (const LibertyGroup& one : group.groups) {
      if (one.kind == "cell_rise") arc.cell_rise_ns = table(one, units_.time);
      if (one.kind == "cell_fall") arc.cell_fall_ns = table(one, units_.time);
      if (one.kind == "rise_transition") arc.rise_transition_ns = table(one, units_.time);
      if (one.kind == "fall_transition") arc.fall_transition_ns = table(one, units_.time);
    }
    return arc;
  }

  static std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> result;
    std::size_t place = 0;
    while (place < text.size()) {
      const std::size_t end = std::min(text.find_first_of(" ,", place), text.size());
      if (end > place) result.push_back(text.substr(place, end - place));
      place = end + 1;
    }
    return result;
  }

  CellPin read_pin(const LibertyGroup& group) const {
    CellPin pin;
    pin.name = group.arguments.front();
    pin.output = group.value("direction") != "input";
    pin.clock = group.value("clock") == "true";
    const double capacitance = number_of(group.value("capacitance", "0"), where());
    const double rise =
        number_of(group.value("rise_capacitance", fmt::format("{}", capacitance)), where());
    const double fall =
        number_of(group.value("fall_capacitance", fmt::format("{}", capacitance)), where());
    pin.capacitance_ff = (rise + fall) / 2 * units_.capacitance;
    if (pin.output && group.value("three_state").empty())
      pin.function = expression(group.value("function"));
    for (const LibertyGroup& one : group.groups) {
      if (one.kind == "internal_power") {
        const PowerArc arc = power_arc(one);
        const std::vector<std::string> related = words(one.value("related_pin"));
        if (related.empty()) pin.power.push_back(arc);
        for (const std::string& name : related) {
          pin.power.push_back(arc);
          pin.power.back().related_pin = pin_index(name);
        }
      } else if (one.kind == "timing") {
        for (const std::string& name : words(one.value("related_pin"))) {
          if (auto arc = timing_arc(one, pin_index(name))) pin.timing.push_back(std::move(*arc));
        }
      }
    }
    return pin;
  }

  LibraryCell read_cell(const LibertyGroup& group) {
    LibraryCell cell;
    cell.name = cell_ = group.arguments.front();
    cell.area_um2 = number_of(group.value("area", "0"), where());
    cell.leakage_nw = number_of(group.value("cell_leakage_power", "0"), where()) * units_.leakage;
    names_.clear();
    const LibertyGroup* state = nullptr;
    for (const LibertyGroup& one : group.groups) {
      if (one.kind == "pin" && one.arguments.size() == 1) names_.push_back(one.arguments.front());
      if (one.kind == "ff" || one.kind == "latch" || one.kind == "statetable" ||
          one.kind == "ff_bank" || one.kind == "latch_bank")
        state = &one;
    }
    for (const char* words : {"lpflow", "probe", "dly", "macro"}) {
      cell.excluded = cell.excluded || cell.name.find(words) != std::string::npos;
    }
    cell.excluded = cell.excluded || group.value("dont_use") == "true";
    if (names_.size() > 60) {
      cell.latch = true;
      return cell;
    }
    if (state != nullptr && state->kind != "ff") cell.latch = true;
    if (state != nullptr && state->arguments.size() == 2 && state->kind != "statetable") {
      names_.insert(names_.end(), state->arguments.begin(), state->arguments.end());
    }
    if (state != nullptr && state->kind == "statetable") return cell;  // its functions name tables
    if (state != nullptr && state->kind == "ff") {
      const auto clocked = expression(state->value("clocked_on"));
      const auto next = expression(state->value("next_state"));
      if (!clocked || !next)
        fail(ErrorKind::input, "{}: a flip-flop without clocked_on or next_state found", where());
      cell.flip_flop = FlipFlop{*clocked, *next, expression(state->value("clear")),
                                expression(state->value("preset"))};
    }
    for (const LibertyGroup& one : group.groups) {
      if (one.kind == "pin" && one.arguments.size() == 1) cell.pins.push_back(read_pin(one));
      if (one.kind == "leakage_power" && !one.value("when").empty() && !excluded_rail(one)) {
        cell.leakage_states.push_back(
            {*expression(one.value("when")),
             number_of(one.value("value", "0"), where()) * units_.leakage});
      }
    }
    return cell;
  }

  // Leakage of a ground rail is that of the supply once more.
  static bool excluded_rail(const LibertyGroup& group) {
    const std::string rail = group.value("related_pg_pin");
    return rail == "VGND" || rail == "VSS" || rail == "VNB";
  }

  const LibertyGroup& group_;
  const std::string& file_;
  Units units_;
  std::map<std::string, Template> templates_;
  std::string cell_;
  std::vector<std::string> names_;  // of the cell's pins and state variables
};

std::string bytes_of(const std::filesystem::path& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) fail(ErrorKind::input, "cannot open {}", path.string());
  std::string text;
  std::array<char, 1 << 16> buffer;
  int count = 0;
  while ((count = gzread(file, buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  const bool whole = count == 0 && gzclose_r(file) == Z_OK;
  if (!whole) fail(ErrorKind::input, "cannot read {}: damaged or not a file", path.string());
  return text;
}

// `text` without the groups of excluded cells.
std::string usable_text(const std::string& text, const LibertyGroup& group,
                        const CellLibrary& library) {
  std::string result;
  std::size_t done = 0;
  for (const LibertyGroup& one : group.groups) {
    if (one.kind != "cell" || !library.cell(one.arguments.front()).excluded) continue;
    result.append(text, done, one.first_byte - done);
    done = one.end_byte;
  }
  return result.append(text, done);
}

}  // namespace

CellLibrary parse_liberty(const std::string& text, const std::string& file) {
  return LibraryReader(parse_liberty_text(text, file), file).read();
}

LibertyFile read_liberty(const std::filesystem::path& path) {
  LibertyFile result;
  const std::string text = bytes_of(path);
  const std::string file = path.string();
  const LibertyGroup group = parse_liberty_text(text, file);
  result.library = LibraryReader(group, file).read();
  result.text = usable_text(text, group, result.library);
  result.sha256 = sha256_of_file(path);
  return result;
}

}  // namespace mbm
