#include "host/result/study_journal.hpp"

#include <fstream>
#include <sstream>
#include <utility>

#include "cmodel/common/error.hpp"
#include "host/format/atomic_file.hpp"

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
    : path_(std::move(path)) {
  if (std::filesystem::exists(path_)) {
    read(configuration);
  } else {
    write_file(path_, configuration.dump() + "\n");
  }
}

void StudyJournal::read(const json& configuration) {
  std::ifstream file(path_, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  std::string text = content.str();
  text.erase(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
  std::istringstream lines(text);
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    try {
      const json parsed = json::parse(line);
      if (number == 1 && parsed != configuration) {
        fail(ErrorKind::usage,
             "{}: belongs to a run with other options; choose another --out or remove it",
             path_.string());
      }
      if (number > 1) pieces_.push_back(piece_from_json(parsed));
    } catch (const json::exception& error) {
      fail(ErrorKind::input, "{}:{}: not a piece of a study ({})", path_.string(), number,
           error.what());
    }
  }
  if (number == 0) text = configuration.dump() + "\n";
  write_file(path_, text);
}

void StudyJournal::append(const StudyPiece& piece) {
  std::ofstream file(path_, std::ios::binary | std::ios::app);
  file << to_json(piece).dump() << '\n' << std::flush;
  if (!file) fail(ErrorKind::input, "cannot write {}", path_.string());
}

}  // namespace mbm
