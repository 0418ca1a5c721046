#include "host/report/result_input.hpp"

#include <algorithm>

#include "cmodel/common/error.hpp"
#include "host/format/input_file.hpp"
#include "host/format/json_document.hpp"

namespace mbm {
namespace {

namespace fs = std::filesystem;

// Files below `folder` whose names end in `ending`, in order.
std::vector<fs::path> files_below(const fs::path& folder, const std::string& ending) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().filename().string().ends_with(ending)) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<ResultPicture> read_pictures(const fs::path& folder, std::size_t most) {
  std::vector<ResultPicture> pictures;
  for (const std::string ending : {"-panel.png", "-errors.png"}) {
    for (const fs::path& file : files_below(folder, ending)) {
      if (pictures.size() >= most) return pictures;
      ResultPicture picture{file.filename().string(), read_whole_file(file), {}};
      const fs::path sidecar = fs::path(file).replace_extension(".json");
      if (fs::exists(sidecar)) {
        picture.description = JsonDocument(sidecar, "the scale of a picture").value();
      }
      pictures.push_back(std::move(picture));
    }
  }
  return pictures;
}

ResultInput read_result(const fs::path& path) {
  const JsonDocument document(path, "a result of mbm");
  return {path.string(), {}, document.value(), document.root()["schema"].text(), {}};
}

// The folder of a result.json, another file as it is.
fs::path place_of(const ResultInput& result) {
  const fs::path path = fs::absolute(result.name).lexically_normal();
  return path.filename() == "result.json" ? path.parent_path() : path;
}

void set_titles(std::vector<ResultInput>& results) {
  fs::path shared = place_of(results.front()).parent_path();
  for (const ResultInput& result : results) {
    const fs::path place = place_of(result).parent_path();
    const auto end = std::mismatch(shared.begin(), shared.end(), place.begin(), place.end()).first;
    fs::path common;
    for (auto part = shared.begin(); part != end; ++part) common /= *part;
    shared = common;
  }
  for (ResultInput& result : results) {
    result.title = place_of(result).lexically_relative(shared).string();
  }
}

}  // namespace

std::vector<ResultInput> read_results(const std::vector<fs::path>& paths, std::size_t pictures) {
  std::vector<ResultInput> results;
  for (const fs::path& path : paths) {
    if (!fs::is_directory(path)) {
      results.push_back(read_result(path));
      continue;
    }
    const std::vector<fs::path> files = files_below(path, "result.json");
    if (files.empty()) {
      fail(ErrorKind::input, "{}: no result.json in this folder or below, one expected",
           path.string());
    }
    for (const fs::path& file : files) {
      results.push_back(read_result(file));
      results.back().pictures = read_pictures(file.parent_path(), pictures);
    }
  }
  if (!results.empty()) set_titles(results);
  return results;
}

}  // namespace mbm
