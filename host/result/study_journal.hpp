// The finished pieces of a study, kept on disk so that a run that stops can be taken up again.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/evaluation/depth_study.hpp"
#include "host/result/json_journal.hpp"

namespace mbm {

// One JSON object a line: first the configuration, then a piece each.
class StudyJournal {
 public:
  // Opens `path` and reads the pieces of an earlier run with the same `configuration`; an
  // incomplete last line (the run was killed while it wrote) is dropped. Throws Error(usage) if the
  // journal belongs to another configuration, Error(input) if a line is malformed.
  StudyJournal(std::filesystem::path path, const nlohmann::json& configuration);

  // The pieces that were found on opening.
  const std::vector<StudyPiece>& pieces() const { return pieces_; }

  // Appends a piece and flushes it to disk.
  void append(const StudyPiece& piece);

 private:
  std::vector<StudyPiece> pieces_;
  JsonJournal journal_;
};

}  // namespace mbm
