#include "host/cli/command_reference.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <sstream>
#include <vector>

#include "cmodel/multiplier/multiplier.hpp"
#include "host/network/network.hpp"

namespace mbm {
namespace {

// A verb with the words that lead to it: "mbm sweep widths".
struct Verb {
  std::string path;
  const CLI::App* app;
};

// Those that --help shows.
std::vector<const CLI::App*> children_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* verb) { return !verb->get_group().empty(); });
}

std::vector<Verb> verbs_below(const CLI::App& app, const std::string& path) {
  std::vector<Verb> verbs{{path, &app}};
  for (const CLI::App* child : children_of(app)) {
    const std::vector<Verb> below = verbs_below(*child, path + " " + child->get_name());
    verbs.insert(verbs.end(), below.begin(), below.end());
  }
  return verbs;
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return !option->get_group().empty(); });
}

// "-q", "--quiet"
std::vector<std::string> dashed_names(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0 && option.get_type_size_max() > 0;
}

// The values that `option` has a list of: those it admits, else those that are known by name.
std::vector<std::string> known_values(const CLI::Option& option) {
  const std::string type = option.get_type_name();  // "TEXT:{text,json,csv}"
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}');
  std::vector<std::string> values;
  if (open != std::string::npos && close != std::string::npos) {
    std::istringstream list(type.substr(open + 1, close - open - 1));
    for (std::string value; std::getline(list, value, ',');) values.push_back(value);
  } else if (option.check_lname("network")) {
    values = network_names();
  } else if (option.check_lname("multiplier")) {
    for (const MultiplierFamily& family : multiplier_families()) values.emplace_back(family.name);
  }
  return values;
}

// One branch of a bash case that tries `words`.
std::string completion_branch(const std::string& pattern, const std::vector<std::string>& words) {
  return fmt::format("    \"{}\") words=\"{}\" ;;\n", pattern, fmt::join(words, " "));
}

std::vector<std::string> words_of(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* child : children_of(app)) words.push_back(child->get_name());
  for (const CLI::Option* option : options_of(app)) {
    for (const std::string& name : dashed_names(*option)) words.push_back(name);
  }
  return words;
}

// Text that roff prints as it is.
std::string roff(const std::string& text) {
  std::string safe;
  for (const char letter : text) {
    if (letter == '\\') {
      safe += "\\e";
    } else if (letter == '-') {
      safe += "\\-";
    } else {
      safe += letter;
    }
    if (letter == '\n') safe += "\\&";  // a line must not begin with a dot or a quote
  }
  return "\\&" + safe;
}

// The sentences of a description, then its examples as they stand.
std::string roff_description(const std::string& description) {
  const std::size_t example = description.find("\nExample");
  std::string page = roff(description.substr(0, example)) + "\n";
  if (example != std::string::npos) {
    page += ".PP\n.nf\n" + roff(description.substr(example + 1)) + "\n.fi\n";
  }
  return page;
}

std::string roff_option(const CLI::Option& option) {
  std::vector<std::string> names = dashed_names(option);
  for (std::string& name : names) name = "\\fB" + roff(name) + "\\fR";
  if (names.empty()) names.push_back("\\fI" + roff(option.get_name()) + "\\fR");
  std::string value;
  if (takes_value(option)) {
    value = " \\fI" + roff(option.get_type_name()) + "\\fR";
    if (!option.get_default_str().empty()) value += roff(" (" + option.get_default_str() + ")");
  }
  return fmt::format(".TP\n{}{}\n{}\n", fmt::join(names, ", "), value,
                     roff(option.get_description()));
}

constexpr const char* kManualEnd =
    ".SH EXIT STATUS\n"
    "0 done; 1 a check failed; 2 usage; 3 bad input file; 4 a tool is missing; 5 device; 6 "
    "timeout; "
    "7 internal error.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n\\fBMBM_DATA\\fR\nFolder of the reference data that mbm doctor looks for.\n"
    ".TP\n\\fBPATH\\fR\nWhere the tools that mbm doctor lists are looked for.\n"
    ".SH OUTPUT\n"
    "Results go to standard output, messages and progress to standard error.\n";

}  // namespace

std::string bash_completion(const CLI::App& application) {
  const std::vector<Verb> verbs = verbs_below(application, application.get_name());
  std::vector<std::string> paths;
  std::vector<std::string> free_values;  // options whose value may be a file
  std::string words;
  std::string values;
  for (const Verb& verb : verbs) {
    paths.push_back(fmt::format("\"{}\"", verb.path));
    words += completion_branch(verb.path, words_of(*verb.app));
    for (const CLI::Option* option : options_of(*verb.app)) {
      if (!takes_value(*option)) continue;
      const std::vector<std::string> known = known_values(*option);
      for (const std::string& name : dashed_names(*option)) {
        const std::string pattern = verb.path + " " + name;
        if (known.empty()) {
          free_values.push_back(fmt::format("\"{}\"", pattern));
        } else {
          values += completion_branch(pattern, known);
        }
      }
    }
  }
  return fmt::format(
      "# Completion of mbm in bash; made by 'mbm completion bash'.\n"
      "_mbm() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}\n"
      "  local path=mbm words= index\n"
      "  for ((index = 1; index < COMP_CWORD; ++index)); do\n"
      "    case \"$path ${{COMP_WORDS[index]}}\" in\n"
      "      {}) path+=\" ${{COMP_WORDS[index]}}\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$path $previous\" in\n"
      "{}"
      "    {}) words=' ' ;; # any file\n"
      "  esac\n"
      "  [[ -n $words ]] || case \"$path\" in\n"
      "{}"
      "  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
      "}}\n"
      "complete -o bashdefault -o default -F _mbm mbm\n",
      fmt::join(paths, " | "), values, fmt::join(free_values, " | "), words);
}

std::string manual_page(const CLI::App& application, const std::string& version) {
  std::string page = fmt::format(
      ".TH MBM 1 \"\" \"mbm {}\"\n.SH NAME\nmbm \\- {}\n.SH SYNOPSIS\n\\fBmbm\\fR \\fIVERB\\fR "
      "[\\fIOPTION\\fR]...\n",
      version, roff(application.get_description()));
  for (const Verb& verb : verbs_below(application, application.get_name())) {
    if (verb.app == &application) {
      page += ".SH OPTIONS\n";
    } else {
      page +=
          fmt::format(".SS {}\n{}", roff(verb.path), roff_description(verb.app->get_description()));
    }
    for (const CLI::Option* option : options_of(*verb.app)) page += roff_option(*option);
    if (verb.app == &application) page += ".SH VERBS\n";
  }
  return page + kManualEnd;
}

void add_reference_commands(CLI::App& application) {
  CLI::App* completion = application.add_subcommand("completion", "Completion for a shell");
  completion->group("");
  completion->require_subcommand(1);
  completion->add_subcommand("bash", "Completion for bash")->callback([&application] {
    fmt::print("{}", bash_completion(application));
  });
  CLI::App* manual = application.add_subcommand("manual", "The manual page, for man(1)");
  manual->group("");
  manual->callback([&application] { fmt::print("{}", manual_page(application, MBM_VERSION)); });
}

}  // namespace mbm
