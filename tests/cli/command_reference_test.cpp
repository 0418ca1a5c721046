// Completion, manual page and --version say what the parser and the machine say.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "host/cli/command_line.hpp"
#include "host/cli/command_reference.hpp"
#include "tests/support/command.hpp"

namespace mbm {
namespace {

struct Documented {
  std::string path;  // "mbm sweep widths"
  std::set<std::string> words;
};

// The options and verbs that --help prints, which comes from CLI11's own formatter.
void collect_help(const CLI::App& app, const std::string& path, std::vector<Documented>& found) {
  const std::string help = app.help();
  Documented here{path, {}};
  std::vector<std::string> verbs;
  bool in_verbs = false;
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("Subcommands:")) in_verbs = true;
    std::smatch match;
    if (!in_verbs && std::regex_search(line, match, std::regex("^  (-[^ ]+)"))) {
      std::istringstream names(match[1].str());
      for (std::string name; std::getline(names, name, ',');) here.words.insert(name);
    } else if (in_verbs && std::regex_search(line, match, std::regex("^  ([a-z-]+)( |$)"))) {
      here.words.insert(match[1].str());
      verbs.push_back(match[1].str());
    }
  }
  found.push_back(here);
  for (const std::string& verb : verbs) {
    collect_help(*app.get_subcommand(verb), path + " " + verb, found);
  }
}

class CommandReference : public ::testing::Test {
 protected:
  CommandReference() {
    add_commands(application_);
    collect_help(application_, "mbm", documented_);
  }

  // What bash offers behind "mbm WORDS".
  std::set<std::string> completions(const std::vector<std::string>& words) {
    const test::TemporaryFolder folder;
    test::write_bytes(folder / "completion", bash_completion(application_));
    std::string line = "bash -c 'source " + (folder / "completion").string() + "; COMP_WORDS=(mbm";
    for (const std::string& word : words) line += " \"" + word + "\"";
    line += "); COMP_CWORD=" + std::to_string(words.size()) +
            "; _mbm; printf \"%s\\n\" \"${COMPREPLY[@]}\"'";
    const test::ShellResult result = test::run_shell(line);
    EXPECT_EQ(result.exit_code, 0) << line;
    std::set<std::string> found;
    std::istringstream offered(result.output);
    for (std::string word; offered >> word;) found.insert(word);
    return found;
  }

  CLI::App application_{"", "mbm"};
  std::vector<Documented> documented_;
};

TEST_F(CommandReference, HelpHasVerbsWithinVerbs) {
  EXPECT_GT(documented_.size(), 25U);
  const auto widths = std::find_if(documented_.begin(), documented_.end(), [](const auto& verb) {
    return verb.path == "mbm sweep widths";
  });
  ASSERT_NE(widths, documented_.end());
  EXPECT_TRUE(widths->words.contains("--network"));
}

TEST_F(CommandReference, CompletionOffersAllThatHelpShows) {
  for (const Documented& verb : documented_) {
    std::istringstream path(verb.path.substr(3));
    std::vector<std::string> words{std::istream_iterator<std::string>(path), {}};
    words.emplace_back("");
    EXPECT_EQ(completions(words), verb.words) << verb.path;
  }
}

TEST_F(CommandReference, CompletionKnowsValuesOfOptions) {
  EXPECT_EQ(completions({"run", "--format", ""}), (std::set<std::string>{"text", "json", "csv"}));
  EXPECT_EQ(completions({"doctor", "--format", "j"}), (std::set<std::string>{"json"}));
  EXPECT_EQ(completions({"run", "--network", "fast"}), (std::set<std::string>{"fastdepth"}));
  EXPECT_EQ(completions({"run", "--out", ""}), std::set<std::string>{});  // files
  EXPECT_EQ(completions({"sw"}), (std::set<std::string>{"sweep"}));
}

// The name of every verb and option, as roff writes it.
TEST_F(CommandReference, ManualHasAllThatHelpShows) {
  const std::string page = manual_page(application_, "1.2.3");
  const auto roff = [](const std::string& text) {
    return std::regex_replace(text, std::regex("-"), "\\-");
  };
  for (const Documented& verb : documented_) {
    std::size_t place = 0;
    if (verb.path != "mbm") {
      place = page.find(".SS \\&" + roff(verb.path) + "\n");
      ASSERT_NE(place, std::string::npos) << verb.path;
    }
    const std::string section = page.substr(place, page.find("\n.S", place + 1) - place);
    for (const std::string& word : verb.words) {
      const bool is_option = word.starts_with("-");
      const std::string& text = is_option && verb.path != "mbm" ? section : page;
      EXPECT_NE(text.find(roff(word)), std::string::npos) << verb.path << " " << word;
    }
  }
  EXPECT_NE(page.find("\"mbm 1.2.3\""), std::string::npos);
  EXPECT_EQ(page.find("\\-\\-no\\-such\\-option"), std::string::npos);
}

TEST_F(CommandReference, ManualIsWellFormed) {
  if (test::run_shell("command -v groff").exit_code != 0) GTEST_SKIP() << "groff is missing";
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "mbm.1", manual_page(application_, "1.2.3"));
  const std::string path = (folder / "mbm.1").string();
  const test::ShellResult result =
      test::run_shell("groff -man -ww -b -z -Tutf8 " + path + " 2>&1 | grep -v 'break\\|adjust'");
  EXPECT_EQ(result.output, "");
  test::write_bytes(folder / "mbm.1", ".TH MBM 1\n.if \\n(xx\\q\n");
  EXPECT_NE(test::run_shell("groff -man -ww -b -z -Tutf8 " + path + " 2>&1").output, "");
}

TEST(Version, HasWhatABugReportNeeds) {
  const test::CommandResult result = test::run_mbm("--version");
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_TRUE(std::regex_search(result.output, std::regex("^mbm \\d+\\.\\d+\\.\\d+ \\(numerics")));
  for (const char* line :
       {"revision: ", "compiler: ", "libtorch: 1.", "oneDNN: ", "processor: ", "instruction sets: ",
        "plans of the CPU engine: ", "accelerators: 16x16-exact, ", "data and Verilog: "}) {
    EXPECT_NE(result.output.find(std::string("\n") + line), std::string::npos) << line;
  }
  const test::ShellResult flags = test::run_shell("grep -m1 '^flags' /proc/cpuinfo");
  EXPECT_EQ(result.output.find("avx2") != std::string::npos,
            flags.output.find(" avx2") != std::string::npos);
}

}  // namespace
}  // namespace mbm
