// Values of expensive questions, each asked once, kept on disk so that a run that stops can be
// taken up again.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "host/result/json_journal.hpp"

namespace mbm {

// Names of a line of the journal, and what it is, for messages.
struct ValueJournalNames {
  std::string question;
  std::string value;
  std::string line;
};

// Both types with to_json and from_json for nlohmann::json; questions are ordered.
template <typename Question, typename Value>
class ValueJournal {
 public:
  // In `folder`, journal.jsonl; an empty folder keeps nothing. `answer` finds a value that neither
  // this run nor an earlier one knows. Errors are those of JsonJournal.
  ValueJournal(const std::string& folder, const nlohmann::json& configuration,
               ValueJournalNames names, std::function<Value(const Question&)> answer)
      : names_(std::move(names)), answer_(std::move(answer)) {
    if (folder.empty()) return;
    journal_.emplace(std::filesystem::path(folder) / "journal.jsonl", configuration, names_.line,
                     [this](const nlohmann::json& line) {
                       known_[line.at(names_.question).template get<Question>()] =
                           line.at(names_.value).template get<Value>();
                     });
  }

  bool knows(const Question& question) const { return known_.contains(question); }

  Value value(const Question& question) {
    const auto found = known_.find(question);
    if (found != known_.end()) return found->second;
    const Value value = answer_(question);
    known_[question] = value;
    if (journal_) journal_->append({{names_.question, question}, {names_.value, value}});
    return value;
  }

 private:
  ValueJournalNames names_;
  std::function<Value(const Question&)> answer_;
  std::map<Question, Value> known_;
  std::optional<JsonJournal> journal_;
};

}  // namespace mbm
