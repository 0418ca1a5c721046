#include "host/evaluation/layer_assignment.hpp"

#include "cmodel/common/error.hpp"
#include "host/format/json_document.hpp"
#include "host/result/search_result.hpp"

namespace mbm {

LayerAssignment read_assignment(const std::filesystem::path& path, const std::string& network) {
  const JsonDocument document(path, "a result of mbm search");
  const JsonPlace root = document.root();
  root.require_schema(kSearchSchema, kSearchSchemaVersion);
  root["network"].require_text(network);
  if (!root.contains("chosen")) {
    fail(ErrorKind::input, "{}chosen: not there; the search found no assignment within its budget",
         root.name());
  }
  const JsonPlace layers = root["chosen"]["layers"];
  LayerAssignment assignment;
  for (const std::string& layer : layers.keys()) {
    assignment.multipliers[layer] = layers[layer].text();
  }
  return assignment;
}

}  // namespace mbm
