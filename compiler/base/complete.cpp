// Completions: the shells' scripts only ask, and the program answers from its table and from what
// lies there. See manual.h.
#include <algorithm>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringExtras.h>

#include "compiler/base/manual.h"

namespace wfc::base {

namespace {

constexpr const char* kBash = R"(# Completions of PROGRAM for bash.
_PROGRAM() {
  local lines
  mapfile -t lines < <("${COMP_WORDS[0]}" complete line "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  COMPREPLY=("${lines[@]:1}")
  COMPREPLY=("${COMPREPLY[@]%%$'\t'*}")
  case ${lines[0]} in
    files) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]#=}") ;;
    folders) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "${COMP_WORDS[COMP_CWORD]#=}") ;;
  esac
}
complete -o filenames -F _PROGRAM PROGRAM
)";

constexpr const char* kZsh = R"(#compdef PROGRAM
# Completions of PROGRAM for zsh.
_PROGRAM() {
  local -a lines plain shown
  local line
  lines=("${(@f)$(${~words[1]} complete words "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "${(@)lines[2,-1]}"; do
    [[ -n $line ]] || continue
    plain+=("${line%%$'\t'*}")
    shown+=("${line/$'\t'/  -- }")
  done
  (( $#plain )) && compadd -l -d shown -a plain
  case $lines[1] in
    files) _files ;;
    folders) _files -/ ;;
  esac
}
if [[ $funcstack[1] == _PROGRAM ]]; then _PROGRAM "$@"; else compdef _PROGRAM PROGRAM; fi
)";

constexpr const char* kFish = R"(# Completions of PROGRAM for fish.
function __complete_PROGRAM
  set -l words (commandline -opc) (commandline -ct)
  set -l lines ($words[1] complete words $words[2..-1] 2>/dev/null)
  set -q lines[2]; and printf '%s\n' $lines[2..-1]
  switch "$lines[1]"
    case files
      __fish_complete_path (commandline -ct)
    case folders
      __fish_complete_directories (commandline -ct)
  end
end
complete -c PROGRAM -f -a '(__complete_PROGRAM)'
)";

/// The words of a line as bash sees them, quotes and backslashes taken off; the last may be empty.
/// `isQuoted`: it began with a quote.
std::vector<std::string> wordsOf(llvm::StringRef line, bool& isQuoted) {
  std::vector<std::string> words(1);
  char quote = 0;
  isQuoted = false;
  for (size_t n = 0; n < line.size(); ++n) {
    char c = line[n];
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      isQuoted |= words.back().empty();
      quote = c;
    } else if (c == '\\' && quote != '\'' && n + 1 < line.size()) {
      words.back() += line[++n];
    } else if (quote == 0 && (c == ' ' || c == '\t')) {
      if (!words.back().empty()) words.emplace_back();
      isQuoted = false;
    } else {
      words.back() += c;
    }
  }
  return words;
}

struct Answer {
  std::string other = "none";
  std::vector<Candidate> words;
};

class Completer {
 public:
  Completer(const Manual& manual, const Values& values) : manual_(manual), values_(values) {}

  Answer of(llvm::ArrayRef<std::string> words) {
    words_ = words;
    prefix_ = words.back();
    const ManualCommand* command = nullptr;
    llvm::ArrayRef<ManualCommand> level = manual_.commands;
    size_t at = 0;
    for (; !level.empty() && at + 1 < words.size(); ++at) {
      command = find(level, words[at]);
      if (command == nullptr) return answer_;
      level = command->verbs;
    }
    if (!level.empty()) {
      for (const ManualCommand& each : level) add(each.name, each.summary);
      return answer_;
    }
    inside(*command, words.drop_front(at));
    return answer_;
  }

 private:
  static const ManualCommand* find(llvm::ArrayRef<ManualCommand> level, llvm::StringRef name) {
    for (const ManualCommand& each : level)
      if (each.name == name) return &each;
    return nullptr;
  }

  const ManualFlag* flagOf(const ManualCommand& command, llvm::StringRef word) {
    for (llvm::ArrayRef<ManualFlag> flags :
         {llvm::ArrayRef<ManualFlag>(command.flags), llvm::ArrayRef<ManualFlag>(manual_.common)})
      for (const ManualFlag& flag : flags)
        if (flag.name == word || (!flag.brief.empty() && flag.brief == word)) return &flag;
    return nullptr;
  }

  void add(llvm::StringRef word, llvm::StringRef about) {
    if (word.starts_with(prefix_)) answer_.words.push_back({lead_ + word.str(), about.str()});
  }

  /// `rest` is what stands behind the command; its last is being written.
  void inside(const ManualCommand& command, llvm::ArrayRef<std::string> rest) {
    size_t positional = 0;
    for (size_t n = 0; n + 1 < rest.size(); ++n) {
      llvm::StringRef word = rest[n];
      if (!word.starts_with("-") || word == "-") {
        ++positional;
        continue;
      }
      const ManualFlag* flag = flagOf(command, word);
      bool takes = flag != nullptr && !flag->value.empty() && !flag->isOptionalValue;
      if (takes && n + 2 == rest.size()) return value(flag->value);
      if (takes) ++n;
    }
    auto [name, given] = llvm::StringRef(rest.back()).split('=');
    if (name.starts_with("--") && llvm::StringRef(rest.back()).contains('=')) {
      const ManualFlag* flag = flagOf(command, name);
      if (flag == nullptr || flag->value.empty()) return;
      lead_ = name.str() + "=";
      prefix_ = given;
      return value(flag->value);
    }
    if (prefix_.starts_with("-")) return flags(command);
    argument(command, positional);
  }

  void flags(const ManualCommand& command) {
    for (llvm::ArrayRef<ManualFlag> flags :
         {llvm::ArrayRef<ManualFlag>(command.flags), llvm::ArrayRef<ManualFlag>(manual_.common)})
      for (const ManualFlag& flag : flags) add(flag.name, flag.help);
  }

  /// The word at a place: `RUN [SELECTOR…]` has two, of which the last may come again.
  void argument(const ManualCommand& command, size_t place) {
    llvm::SmallVector<llvm::StringRef> kinds;
    llvm::StringRef(command.words).split(kinds, ' ', -1, false);
    if (kinds.empty()) return;
    if (place >= kinds.size() && !kinds.back().contains("…")) return;
    value(kinds[std::min(place, kinds.size() - 1)]);
  }

  void value(llvm::StringRef kind) {
    kind.consume_front("[");
    kind.consume_back("]");
    bool isList = kind.consume_back("…");
    isList |= kind.consume_back(",");
    if (isList && prefix_.contains(',') && !prefix_.contains('[')) {
      lead_ += prefix_.substr(0, prefix_.rfind(',') + 1).str();
      prefix_ = prefix_.substr(prefix_.rfind(',') + 1);
    }
    if (std::optional<std::vector<Candidate>> known = values_(kind, words_.drop_back(), prefix_)) {
      for (const Candidate& each : *known) add(each.word, each.about);
      return;
    }
    llvm::SmallVector<llvm::StringRef> choices;
    kind.split(choices, '|');
    for (llvm::StringRef choice : choices) {
      bool isName = llvm::any_of(choice, [](char c) { return c >= 'A' && c <= 'Z'; });
      if (!isName) add(choice, "");
      if (choice == "DIR" || choice == "FOLDER") answer_.other = "folders";
      for (llvm::StringRef file :
           {"FILE", "SRC", "DST", "ARCHIVE", "LINK", "PATTERN", "COMMAND", "FILES", "RASTER"})
        if (choice == file) answer_.other = "files";
    }
  }

  const Manual& manual_;
  const Values& values_;
  llvm::ArrayRef<std::string> words_;
  llvm::StringRef prefix_;
  std::string lead_;  ///< before each word of the answer
  Answer answer_;
};

}  // namespace

std::string completions(const Manual& manual, llvm::ArrayRef<std::string> arguments,
                        const Values& values) {
  bool isLine = !arguments.empty() && arguments[0] == "line", isQuoted = false;
  std::vector<std::string> words = arguments.drop_front(arguments.empty() ? 0 : 1);
  if (isLine && !words.empty()) {
    words = wordsOf(words[0], isQuoted);
    words.erase(words.begin());
  }
  if (words.empty()) words.emplace_back();
  // zsh and fish give the last one as it was typed.
  if (!isLine) words.back() = llvm::join(wordsOf(words.back(), isQuoted), " ");
  Answer answer = Completer(manual, values).of(words);
  // bash breaks words at these, and wants what comes behind the last.
  size_t cut =
      isLine && !isQuoted ? llvm::StringRef(words.back()).find_last_of("=:") : std::string::npos;
  std::string text = answer.other + "\n";
  for (const Candidate& each : answer.words)
    text += fmt::format(
        "{}{}{}\n", cut == std::string::npos ? each.word : each.word.substr(cut + 1),
        each.about.empty() ? "" : "\t", llvm::StringRef(each.about).split('\n').first.str());
  return text;
}

std::string completionScript(llvm::StringRef program, llvm::StringRef shell) {
  llvm::StringRef script = shell == "bash"   ? kBash
                           : shell == "zsh"  ? kZsh
                           : shell == "fish" ? kFish
                                             : "";
  llvm::SmallVector<llvm::StringRef> pieces;
  script.split(pieces, "PROGRAM");
  return llvm::join(pieces, program);
}

bool printAside(const Manual& manual, llvm::ArrayRef<std::string> args) {
  std::string text;
  if (args[0] == "--version") text = fmt::format("{} {}\n", manual.program, version());
  if (args[0] == "docs") text = manPage(manual);
  if (args[0] == "completion" && args.size() == 2) text = completionScript(manual.program, args[1]);
  if (args[0] == "complete")
    text = completions(manual, args.drop_front(), [](auto&&...) { return std::nullopt; });
  fmt::print("{}", text);
  return !text.empty();
}

}  // namespace wfc::base
