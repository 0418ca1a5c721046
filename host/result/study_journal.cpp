#include "host/result/study_journal.hpp"

#include <utility>

namespace mbm {
namespace {

using nlohmann::json;

json to_json(const StudyPiece& piece) {
  json images = json::array();
  for (std::size_t i = 0; i < piece.images.size(); ++i) {
    images.push_back({{"image", piece.images[i]},
                      {"float", piece.exact_float[i]},
                      {"control", piece.metrics[i].control},
                      {"columns", piece.metrics[i].columns}});
  }
  return {{"first", piece.first},
          {"variant", piece.variant},
          {"images", images},
          {"saturated", piece.saturated},
          {"plans", piece.plans}};
}

StudyPiece piece_from_json(const json& line) {
  StudyPiece piece;
  piece.first = line.at("first");
  piece.variant = line.at("variant");
  for (const json& image : line.at("images")) {
    piece.images.push_back(image.at("image"));
    piece.exact_float.push_back(image.at("float"));
    piece.metrics.push_back({image.at("control"), image.at("columns")});
  }
  piece.saturated = line.at("saturated").get<std::vector<std::int64_t>>();
  piece.plans = line.at("plans").get<std::vector<std::string>>();
  return piece;
}

}  // namespace

StudyJournal::StudyJournal(std::filesystem::path path, const json& configuration)
    : journal_(std::move(path), configuration, "a piece of a study",
               [this](const json& line) { pieces_.push_back(piece_from_json(line)); }) {}

void StudyJournal::append(const StudyPiece& piece) {
  journal_.append(to_json(piece));
}

}  // namespace mbm
