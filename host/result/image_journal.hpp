// Results of images in order, kept on disk so that a run that stops can be taken up again.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/result/json_journal.hpp"

namespace mbm {

// `Image` is what a run finds out about an image, with to_json and from_json for nlohmann::json.
template <typename Image>
class ImageJournal {
 public:
  // In `folder`, journal.jsonl; an empty folder keeps nothing. Errors are those of JsonJournal.
  ImageJournal(const std::string& folder, const nlohmann::json& configuration,
               const std::string& what) {
    if (folder.empty()) return;
    journal_.emplace(std::filesystem::path(folder) / "journal.jsonl", configuration, what,
                     [this](const nlohmann::json& line) { done_.push_back(line.get<Image>()); });
  }

  // The first images, as an earlier run found them.
  const std::vector<Image>& done() const { return done_; }

  void append(const Image& image) {
    if (journal_) journal_->append(image);
  }

 private:
  std::vector<Image> done_;
  std::optional<JsonJournal> journal_;
};

}  // namespace mbm
