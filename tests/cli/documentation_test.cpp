// What the documents say can be done can be done: commands are accepted and run, links lead
// somewhere, names of the glossary exist, the table of the README is that of the results.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

#include "host/cli/command_line.hpp"
#include "tests/support/command.hpp"
#include "tests/support/data.hpp"

namespace mbm {
namespace {

namespace fs = std::filesystem;

struct Line {
  std::string text;
  int number;
};

struct Document {
  std::string name;  // below the project's folder
  std::vector<Line> lines;
};

Document read_document(const fs::path& path) {
  Document document{fs::relative(path, test::source_folder()).string(), {}};
  std::ifstream file(path);
  int number = 0;
  for (std::string text; std::getline(file, text);) document.lines.push_back({text, ++number});
  return document;
}

const std::vector<Document>& documents() {
  static const std::vector<Document> kDocuments = [] {
    std::vector<fs::path> paths{test::source_folder() / "README.md",
                                test::source_folder() / "data/default/README.md"};
    for (const auto& entry : fs::recursive_directory_iterator(test::source_folder() / "docs")) {
      if (entry.path().extension() == ".md") paths.push_back(entry.path());
    }
    std::sort(paths.begin() + 2, paths.end());
    std::vector<Document> read;
    for (const fs::path& path : paths) read.push_back(read_document(path));
    return read;
  }();
  return kDocuments;
}

// A command that a reader can copy, on one line.
struct Command {
  std::string document;
  int line;
  std::string text;

  std::string place() const { return document + ":" + std::to_string(line) + ": " + text; }
};

std::string without_comment(std::string text) {
  const std::size_t comment = std::min(text.find("  # "), text.find(" # "));
  if (comment != std::string::npos) text.resize(comment);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

// Lines of indented blocks and of fences that begin as a command does, joined where they go on.
std::vector<Command> commands_of(const Document& document) {
  static const std::regex kCommand(
      "^(    )?(\\$ )?((build/release/)?mbm |scripts/|cmake |cd |awk |sed |cp |cmp |protoc ).*");
  std::vector<Command> commands;
  bool fenced = false;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    std::string text = document.lines[i].text;
    if (text.starts_with("```")) fenced = !fenced;
    if (!fenced && !text.starts_with("    ")) continue;
    if (!std::regex_match(text, kCommand)) continue;
    const int number = document.lines[i].number;
    while (text.ends_with("\\") && i + 1 < document.lines.size()) {
      text.pop_back();
      text += std::regex_replace(document.lines[++i].text, std::regex("^ +"), "");
    }
    text = std::regex_replace(text, std::regex("^( {4})?(\\$ )?"), "");
    // A quotation goes on over lines.
    while (std::count(text.begin(), text.end(), '\'') % 2 != 0 && i + 1 < document.lines.size()) {
      text += "\n" + std::regex_replace(document.lines[++i].text, std::regex("^ {4}"), "");
    }
    commands.push_back({document.name, number, without_comment(text)});
  }
  return commands;
}

std::vector<Command> all_commands() {
  std::vector<Command> all;
  for (const Document& document : documents()) {
    const std::vector<Command> commands = commands_of(document);
    all.insert(all.end(), commands.begin(), commands.end());
  }
  return all;
}

// What stands behind "mbm", if `text` calls it: without redirections.
std::optional<std::string> arguments_of(const std::string& text) {
  static const std::regex kCall("^(build/release/)?mbm (.*)$");
  std::smatch match;
  if (!std::regex_match(text, match, kCall)) return std::nullopt;
  return std::regex_replace(match[2].str(), std::regex(" *([>|&].*)$"), "");
}

// Parses and checks, and ends before any verb begins its work.
class ParserOnly : public CLI::App {
 public:
  ParserOnly() : CLI::App("", "mbm") { add_commands(*this); }

 private:
  void pre_callback() override { throw CLI::Success(); }
};

// Nothing if the parser takes `arguments`, else what it says; nothing is run.
std::string refusal(const std::string& arguments) {
  ParserOnly application;
  try {
    application.parse(arguments, false);
  } catch (const CLI::Success&) {
  } catch (const CLI::ParseError& error) {
    const std::string reason = error.what();
    if (reason.find("File does not exist") == std::string::npos) return reason;  // the reader's
  }
  return "";
}

TEST(Documentation, CommandsAreAccepted) {
  int checked = 0;
  for (const Command& command : all_commands()) {
    const auto arguments = arguments_of(command.text);
    if (!arguments) continue;
    EXPECT_EQ(refusal(*arguments), "") << command.place();
    ++checked;
  }
  EXPECT_GT(checked, 40);
  EXPECT_NE(refusal("run --no-such-option"), "");
  EXPECT_NE(refusal("run --format html"), "");
  EXPECT_NE(refusal("walk"), "");
}

// Verbs and options that running text names, which may have capitals in place of values.
std::string unknown_word(const std::string& arguments) {
  const ParserOnly application;
  const CLI::App* verb = &application;
  std::istringstream words(arguments);
  for (std::string word; words >> word;) {
    if (word.starts_with("--")) {
      const std::string name = word.substr(0, word.find('='));
      if (verb->get_option_no_throw(name) == nullptr && word != "--help") return word;
    } else if (!word.starts_with("-")) {
      const auto below =
          verb->get_subcommands([&](const CLI::App* child) { return child->get_name() == word; });
      if (!below.empty()) {
        verb = below.front();
      } else if (verb == &application && !std::isupper(static_cast<unsigned char>(word[0]))) {
        return word;
      }
    }
  }
  return "";
}

TEST(Documentation, NamesOfVerbsAndOptionsInTextExist) {
  static const std::regex kSpan("`(build/release/)?mbm ([^`]*)`");
  int checked = 0;
  for (const Document& document : documents()) {
    for (const Line& line : document.lines) {
      for (std::sregex_iterator span(line.text.begin(), line.text.end(), kSpan), end; span != end;
           ++span) {
        std::string arguments = (*span)[2].str();
        if (arguments == "...") continue;
        std::replace(arguments.begin(), arguments.end(), ',', ' ');
        EXPECT_EQ(unknown_word((*span)[2].str()), "")
            << document.name << ":" << line.number << ": " << span->str();
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 40);
  EXPECT_EQ(unknown_word("sweep widths --no-such"), "--no-such");
  EXPECT_EQ(unknown_word("walk"), "walk");
}

// Scripts exist, and their help names the options that the documents give them.
TEST(Documentation, ScriptsExistAndKnowTheirOptions) {
  static const std::regex kScript("\\bscripts/([a-z-]+)");
  static const std::regex kOption(" (--[a-z-]+)");
  for (const Document& document : documents()) {
    for (const Line& line : document.lines) {
      for (std::sregex_iterator script(line.text.begin(), line.text.end(), kScript), end;
           script != end; ++script) {
        EXPECT_TRUE(fs::exists(test::source_folder() / "scripts" / (*script)[1].str()))
            << document.name << ":" << line.number << ": " << script->str();
      }
    }
  }
  for (const Command& command : all_commands()) {
    std::smatch script;
    if (!std::regex_search(command.text, script, std::regex("^scripts/[a-z-]+"))) continue;
    const std::string text = test::read_bytes(test::source_folder() / script.str());
    for (std::sregex_iterator option(command.text.begin(), command.text.end(), kOption), end;
         option != end; ++option) {
      EXPECT_NE(text.find((*option)[1].str()), std::string::npos) << command.place();
    }
  }
}

// The anchor that GitHub gives a heading.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char letter : heading) {
    const auto code = static_cast<unsigned char>(letter);
    if (std::isalnum(code) || letter == '-' || letter == '_') {
      anchor += static_cast<char>(std::tolower(code));
    } else if (letter == ' ') {
      anchor += '-';
    }
  }
  return anchor;
}

bool has_anchor(const fs::path& path, const std::string& anchor) {
  for (const Line& line : read_document(path).lines) {
    std::smatch heading;
    if (std::regex_match(line.text, heading, std::regex("^#+ (.*)$")) &&
        anchor_of(heading[1].str()) == anchor) {
      return true;
    }
  }
  return false;
}

// Nothing if `target`, seen from `folder`, is there, else what is missing.
std::string dead_link(const fs::path& file, const std::string& target) {
  const std::string path = target.substr(0, target.find('#'));
  const fs::path found = path.empty() ? file : file.parent_path() / path;
  if (!fs::exists(found)) return "no file " + found.string();
  const std::size_t anchor = target.find('#');
  if (anchor == std::string::npos || has_anchor(found, target.substr(anchor + 1))) return "";
  return "no heading for " + target;
}

TEST(Documentation, LinksLeadSomewhere) {
  static const std::regex kLink("\\]\\(([^) ]+)\\)");
  int checked = 0;
  for (const Document& document : documents()) {
    const fs::path file = test::source_folder() / document.name;
    for (const Line& line : document.lines) {
      if (line.text.starts_with("    ")) continue;
      for (std::sregex_iterator link(line.text.begin(), line.text.end(), kLink), end; link != end;
           ++link) {
        const std::string target = (*link)[1].str();
        if (target.starts_with("http")) continue;
        EXPECT_EQ(dead_link(file, target), "") << document.name << ":" << line.number;
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 60);
  const fs::path readme = test::source_folder() / "README.md";
  EXPECT_NE(dead_link(readme, "docs/no-such.md"), "");
  EXPECT_NE(dead_link(readme, "docs/numerics.md#no-such-heading"), "");
  EXPECT_EQ(dead_link(readme, "#limits"), "");
}

// All text of the sources below `folders`.
std::string sources_of(const std::vector<std::string>& folders) {
  std::string text;
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(test::source_folder() / folder)) {
      const std::string ending = entry.path().extension().string();
      text += fs::relative(entry.path(), test::source_folder()).string() + "\n";
      if (ending == ".hpp" || ending == ".cpp" || ending == ".sv" || ending == ".toml") {
        text += test::read_bytes(entry.path());
      }
    }
  }
  return text;
}

TEST(Documentation, NamesOfTheGlossaryExist) {
  const std::string help = test::run_shell(test::mbm_binary().string() + " manual").output;
  const std::vector<std::pair<std::size_t, std::string>> columns{
      {3, std::regex_replace(help, std::regex("\\\\"), "")},
      {4, sources_of({"cmodel", "host", "sim"})},
      {5, sources_of({"rtl"})}};
  const Document glossary = read_document(test::source_folder() / "docs/glossary.md");
  static const std::regex kName("`([^`]+)`");
  int checked = 0;
  for (const Line& line : glossary.lines) {
    if (!line.text.starts_with("| ") || line.text.starts_with("| name")) continue;
    std::vector<std::string> cells;
    std::istringstream row(line.text);
    for (std::string cell; std::getline(row, cell, '|');) cells.push_back(cell);
    ASSERT_GE(cells.size(), 6U) << line.number;
    for (const auto& [column, text] : columns) {
      for (std::sregex_iterator name(cells[column].begin(), cells[column].end(), kName), end;
           name != end; ++name) {
        const std::string wanted = std::regex_replace((*name)[1].str(), std::regex("^mbm\\+"), "+");
        std::istringstream words(wanted);
        for (std::string word; words >> word; ++checked) {
          EXPECT_NE(text.find(word), std::string::npos)
              << "glossary.md:" << line.number << ": " << word;
        }
      }
    }
  }
  EXPECT_GT(checked, 60);
  EXPECT_EQ(columns[1].second.find("NoSuchNameInAnySource"), std::string::npos);
}

TEST(Documentation, TablesAreThoseOfTheResults) {
  const std::string script = (test::source_folder() / "scripts/update-tables").string();
  const test::ShellResult result = test::run_shell(script + " --check 2>&1");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_EQ(test::run_shell(script + " --no-such-option 2>&1").exit_code, 2);

  // Twins: in a copy with one digit of a table changed.
  const test::TemporaryFolder folder;
  for (const char* part : {"scripts/update-tables", "README.md", "docs/cost.md", "docs/results"}) {
    fs::create_directories((folder / part).parent_path());
    fs::copy(test::source_folder() / part, folder / part, fs::copy_options::recursive);
  }
  const std::string copy = (folder / "scripts/update-tables").string();
  for (const auto& [file, row] :
       {std::pair("README.md", "| float | "), std::pair("docs/cost.md", "| `pe/log2:w2+drop6` | "),
        std::pair("docs/cost.md", "| partial-sum memory | ")}) {
    const std::string text = test::read_bytes(folder / file);
    std::string changed = text;
    const std::size_t digit = text.find_first_of("0123456789", text.find(row) + std::strlen(row));
    changed[digit] = changed[digit] == '1' ? '2' : '1';
    test::write_bytes(folder / file, changed);
    EXPECT_EQ(test::run_shell(copy + " --check 2>&1").exit_code, 1) << file;
    EXPECT_EQ(test::run_shell(copy + " && " + copy + " --check").exit_code, 0) << file;
    EXPECT_EQ(test::read_bytes(folder / file), text);
  }
}

constexpr const char* kExtending = "docs/extending.md";  // has patches, and a walk of its own

// Which commands a test cannot run, and why.
const std::vector<std::pair<const char*, const char*>> kNotRun{
    {"/dev/", "needs a board, or another program behind it"},
    {"board serve|board program", "does not end, or needs a board"},
    {"--data nyu|--data NYU|model\\.safetensors", "needs NYU Depth v2"},
    {"--data mnist|lenet5\\.npz", "needs MNIST; tests/cli/lenet_test.cpp does the same"},
    {"net\\.onnx|mul8u_17C8|performance\\.json", "needs a file of the reader"},
    {"(platform|alone|shared|hundred)\\.toml",
     "takes minutes; tests/cli/platform_test.cpp does the same"},
    {"^scripts/(quickstart|test|build|fpga|plot-performance)|^cmake|^cd |cpack",
     "builds; CI and the test Installation do it"},
    {"train ", "takes minutes; tests/cli/train_test.cpp does the same"},
    {"^mbm cost", "needs a cell library; tests/cli/cost_test.cpp does the same"},
};

// Those that take more than some seconds.
const std::vector<const char*> kSlow{"board selftest",
                                     "--cell lut",
                                     "multiplier prove",
                                     "multiplier list",
                                     "simulate --layers decoder",
                                     "simulate --layers conv3",
                                     "width 16",
                                     "-widths"};

// Those that show what is said when something is wrong.
const std::map<std::string, int> kExitCodes{{"--golden broken.csv", 1},
                                            {"sim:hx8k --board ICEB", 5},
                                            {"board read 0x008 --target sim:hx8k", 5}};

bool matches(const std::string& text, const char* pattern) {
  return std::regex_search(text, std::regex(pattern));
}

bool can_run(const std::string& text) {
  return std::none_of(kNotRun.begin(), kNotRun.end(),
                      [&](const auto& entry) { return matches(text, entry.first); });
}

bool is_slow(const std::string& text) {
  return std::any_of(kSlow.begin(), kSlow.end(),
                     [&](const char* pattern) { return matches(text, pattern); });
}

// A folder in which the commands of a document find what they name.
class Walk {
 public:
  Walk() {
    fs::create_directories(folder_ / "build/release");
    fs::create_symlink(test::mbm_binary(), folder_ / "build/release/mbm");
    run("mbm multiplier export mbm > my.csv");
    run("sed 's/^9,9,.*/9,9,1/' my.csv > broken.csv");
  }

  test::ShellResult run(const std::string& command) const {
    return test::run_shell("cd " + (folder_ / "").string() + " && export PATH=" +
                           test::build_folder().string() + ":$PATH && ( " + command + " ) 2>&1");
  }

 private:
  test::TemporaryFolder folder_;
};

// Every document is walked from its first command to its last, since later ones need what earlier
// ones made.
void walk_documents(bool slow) {
  int run = 0;
  for (const Document& document : documents()) {
    if (document.name == kExtending) continue;
    const Walk walk;
    for (const Command& command : commands_of(document)) {
      if (!can_run(command.text) || (is_slow(command.text) && !slow)) continue;
      int expected = 0;
      for (const auto& [part, code] : kExitCodes) {
        if (command.text.find(part) != std::string::npos) expected = code;
      }
      const auto start = std::chrono::steady_clock::now();
      const test::ShellResult result = walk.run(command.text);
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
      std::printf("%6.1f s  %s\n", took.count(), command.place().c_str());
      EXPECT_EQ(result.exit_code, expected) << command.place() << "\n" << result.output;
      ++run;
    }
  }
  EXPECT_GT(run, slow ? 25 : 15);
}

TEST(Documentation, QuickCommandsRun) {
  walk_documents(false);
  EXPECT_EQ(Walk().run("mbm multiplier error nobody").exit_code, 2);
}

TEST(DocumentationSlow, CommandsRun) {
  walk_documents(true);
}

// The patches of a document, each with the line where it begins.
std::vector<Command> patches_of(const Document& document) {
  std::vector<Command> patches;
  bool inside = false;
  for (const Line& line : document.lines) {
    if (line.text == "```diff") {
      patches.push_back({document.name, line.number, ""});
      inside = true;
    } else if (line.text == "```") {
      inside = false;
    } else if (inside) {
      patches.back().text += line.text + "\n";
    }
  }
  return patches;
}

const Document& extending() {
  return *std::find_if(documents().begin(), documents().end(),
                       [](const Document& document) { return document.name == kExtending; });
}

std::string apply_patch(const fs::path& folder, const Command& patch, const std::string& options) {
  const test::TemporaryFolder temporary;
  test::write_bytes(temporary / "step.patch", patch.text);
  const test::ShellResult result =
      test::run_shell("cd " + folder.string() + " && git apply " + options + " " +
                      (temporary / "step.patch").string() + " 2>&1");
  return result.exit_code == 0 ? "" : result.output;
}

TEST(Documentation, PatchesOfExtendingFitTheSources) {
  const std::vector<Command> patches = patches_of(extending());
  EXPECT_EQ(patches.size(), 4U);
  for (const Command& patch : patches) {
    EXPECT_EQ(apply_patch(test::source_folder(), patch, "--check"), "")
        << patch.document << ":" << patch.line;
  }
  Command wrong = patches.front();
  wrong.text = std::regex_replace(wrong.text, std::regex("rounding_families"), "other_families");
  wrong.text = std::regex_replace(wrong.text, std::regex("iterative_families"), "no_families");
  EXPECT_NE(apply_patch(test::source_folder(), wrong, "--check"), "");
}

// In a copy of the sources below the build folder, where a compiler cache knows them. Built before
// a command that comes behind a patch.
TEST(DocumentationSlow, ExtendingIsFollowed) {
  const fs::path folder = test::build_folder() / "extending";
  fs::remove_all(folder);
  fs::create_directories(folder);
  const auto run = [&](const std::string& command) {
    return test::run_shell("cd " + folder.string() +
                           " && export PATH=" + (folder / "build/release").string() +
                           ":$PATH && ( " + command + " ) 2>&1");
  };
  ASSERT_EQ(run("tar cf - -C " + test::source_folder().string() +
                " --exclude=./build --exclude=./.git --exclude=./results . | tar xf -")
                .exit_code,
            0);
  const test::ShellResult configured =
      run("git init -q && cmake --preset release -DMBM_BUILD_TESTS=OFF -DMBM_BUILD_BENCHMARKS=OFF "
          "-DMBM_ACCELERATORS=16x16-lut");
  ASSERT_EQ(configured.exit_code, 0) << configured.output;

  std::vector<Command> steps = patches_of(extending());
  const std::size_t patches = steps.size();
  for (const Command& command : commands_of(extending())) steps.push_back(command);
  std::stable_sort(steps.begin(), steps.end(),
                   [](const Command& a, const Command& b) { return a.line < b.line; });
  bool built = false;
  std::size_t applied = 0;
  for (const Command& step : steps) {
    if (step.text.starts_with("---")) {
      EXPECT_EQ(apply_patch(folder, step, ""), "") << step.line;
      built = false;
      ++applied;
      continue;
    }
    if (step.text.starts_with("scripts/fpga")) continue;  // Fpga.BitstreamsSlow has real boards
    if (!built && step.text.starts_with("mbm ")) {
      const test::ShellResult build = run("scripts/build release mbm");
      ASSERT_EQ(build.exit_code, 0) << build.output.substr(build.output.size() / 2);
      built = true;
    }
    const test::ShellResult result = run(step.text);
    EXPECT_EQ(result.exit_code, 0) << step.place() << "\n" << result.output;
  }
  EXPECT_EQ(applied, patches);
  fs::remove_all(folder);
}

// A reason that no command has is one that was forgotten here.
TEST(Documentation, ReasonsNotToRunAreOfUse) {
  const std::vector<Command> commands = all_commands();
  for (const auto& [pattern, reason] : kNotRun) {
    EXPECT_TRUE(std::any_of(
        commands.begin(), commands.end(),
        [&, &wanted = pattern](const Command& command) { return matches(command.text, wanted); }))
        << pattern << ": " << reason;
  }
}

}  // namespace
}  // namespace mbm
