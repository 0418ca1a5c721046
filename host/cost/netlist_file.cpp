#include "host/cost/netlist_file.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

nlohmann::json modules_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) fail(ErrorKind::input, "cannot open {}", path.string());
  try {
    return nlohmann::json::parse(file).at("modules");
  } catch (const nlohmann::json::exception& error) {
    fail(ErrorKind::input, "{}: no netlist: {}", path.string(), error.what());
  }
}

// A parameterised module has a name that ends in its own, as "$paramod$...\top" does.
const nlohmann::json& module_of(const nlohmann::json& modules, const std::string& top,
                                const std::string& file) {
  for (const auto& [name, module] : modules.items()) {
    const auto& attributes = module.value("attributes", nlohmann::json::object());
    if (name == top || attributes.contains("top")) return module;
  }
  fail(ErrorKind::input, "{}: no module {} found", file, top);
}

class NetlistReader {
 public:
  NetlistReader(const nlohmann::json& module, const CellLibrary& library, std::string file)
      : module_(module), library_(library), file_(std::move(file)) {}

  GateNetlist read(const std::string& name) {
    netlist_.name = name;
    netlist_.nets = {"0", "1"};
    for (const auto& [port_name, port] : module_.at("ports").items()) {
      NetlistPort& result = netlist_.ports[port_name];
      result.output = port.at("direction") == "output";
      for (const auto& bit : port.at("bits")) result.nets.push_back(net(bit));
    }
    for (const auto& [instance_name, cell] : module_.at("cells").items()) {
      read_instance(instance_name, cell);
    }
    name_nets();
    return std::move(netlist_);
  }

 private:
  std::int32_t net(const nlohmann::json& bit) {
    if (bit.is_string()) {
      if (bit == "1") return kNetOne;
      return kNetZero;  // an undefined bit as well
    }
    const auto [place, added] = numbers_.try_emplace(
        bit.get<std::int64_t>(), static_cast<std::int32_t>(netlist_.nets.size()));
    if (added) netlist_.nets.push_back("net" + std::to_string(place->first));
    return place->second;
  }

  void read_instance(const std::string& name, const nlohmann::json& cell) {
    const std::string type = cell.at("type");
    const auto found = library_.cells.find(type);
    if (found == library_.cells.end()) {
      fail(ErrorKind::input, "{}: instance {} is a {}, a cell of {} expected", file_, name, type,
           library_.name);
    }
    GateInstance instance{name, &found->second,
                          std::vector<std::int32_t>(found->second.pins.size(), -1)};
    for (const auto& [pin, bits] : cell.at("connections").items()) {
      if (bits.size() != 1) {
        fail(ErrorKind::input, "{}: instance {}: {} bits at pin {} found, 1 expected", file_, name,
             bits.size(), pin);
      }
      instance.nets[static_cast<std::size_t>(found->second.pin(pin))] = net(bits.at(0));
    }
    netlist_.instances.push_back(std::move(instance));
  }

  // Names that the designer gave, where there are any.
  void name_nets() {
    for (const auto& [net_name, entry] : module_.at("netnames").items()) {
      const auto& bits = entry.at("bits");
      for (std::size_t i = 0; i < bits.size(); ++i) {
        if (!bits.at(i).is_number()) continue;
        const auto found = numbers_.find(bits.at(i).get<std::int64_t>());
        if (found == numbers_.end()) continue;
        std::string& name = netlist_.nets[static_cast<std::size_t>(found->second)];
        const bool generated = entry.value("hide_name", 0) != 0;
        if (!generated || name.starts_with("net")) {
          name = bits.size() == 1 ? net_name : net_name + "[" + std::to_string(i) + "]";
        }
      }
    }
  }

  const nlohmann::json& module_;
  const CellLibrary& library_;
  std::string file_;
  GateNetlist netlist_;
  std::map<std::int64_t, std::int32_t> numbers_;
};

HierarchyArea& add_area(const nlohmann::json& modules, const nlohmann::json& module,
                        const std::string& path, const std::string& name,
                        const CellLibrary& library, std::vector<HierarchyArea>& areas) {
  const std::size_t place = areas.size();
  areas.push_back({path, name});
  double area = 0;
  std::int64_t cells = 0;
  for (const auto& [instance, cell] : module.at("cells").items()) {
    const std::string type = cell.at("type");
    const auto found = library.cells.find(type);
    if (found != library.cells.end()) {
      area += found->second.area_um2;
      ++cells;
      continue;
    }
    if (!modules.contains(type)) {
      fail(ErrorKind::input, "netlist: instance {} is a {}, neither a cell of {} nor a module",
           instance, type, library.name);
    }
    // "$paramod\name\WIDTH=..." or "$paramod$hash\name"
    std::string shown = type;
    if (const std::size_t slash = type.find('\\'); slash != std::string::npos) {
      const std::size_t end = type.find('\\', slash + 1);
      shown = type.substr(slash + 1, end == std::string::npos ? end : end - slash - 1);
    }
    const std::string inner = path.empty() ? instance : path + "." + instance;
    const HierarchyArea part = add_area(modules, modules.at(type), inner, shown, library, areas);
    area += part.area_um2;
    cells += part.cells;
  }
  areas[place].area_um2 = area;
  areas[place].cells = cells;
  return areas[place];
}

}  // namespace

GateNetlist read_netlist(const std::filesystem::path& path, const std::string& top,
                         const CellLibrary& library) {
  const nlohmann::json modules = modules_of(path);
  try {
    return NetlistReader(module_of(modules, top, path.string()), library, path.string()).read(top);
  } catch (const nlohmann::json::exception& error) {
    fail(ErrorKind::input, "{}: no netlist: {}", path.string(), error.what());
  }
}

std::vector<HierarchyArea> read_hierarchy(const std::filesystem::path& path, const std::string& top,
                                          const CellLibrary& library) {
  const nlohmann::json modules = modules_of(path);
  std::vector<HierarchyArea> areas;
  add_area(modules, module_of(modules, top, path.string()), "", top, library, areas);
  return areas;
}

}  // namespace mbm
