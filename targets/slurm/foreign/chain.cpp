// The reader of scripts that submit others: one walk over the commands in the order of the text.
//
// A value is followed as text in which \2N\2 stands for the id of submission N, \3N\3 for the
// sentence that sbatch prints of it, and kHoleByte for what is not known.
#include "targets/slurm/foreign/chain.h"

#include <algorithm>

#include "fmt/format.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/base/suggest.h"

namespace wfc::targets::slurm::foreign {

using ir::ShellCommand;
using ir::ShellPiece;
using ir::ShellWord;
using llvm::StringRef;

namespace {

constexpr char kId = '\2', kSentence = '\3';

size_t beginOf(const ShellCommand& command) {
  size_t begin = SIZE_MAX;
  if (!command.words.empty()) begin = command.words[0].begin;
  for (const ir::ShellAssignment& one : command.assignments)
    begin = std::min(begin, one.value.begin);
  return begin;
}

bool isSbatch(const ShellCommand& command) {
  StringRef name = command.words.empty() ? StringRef() : StringRef(command.words[0].text);
  return name == "sbatch" || name.ends_with("/sbatch");
}

/// How deep in loops, conditions and functions each place of a text is.
class Depths {
 public:
  explicit Depths(const Script& script) {
    std::vector<std::pair<size_t, size_t>> taken(script.shell.comments.begin(),
                                                 script.shell.comments.end());
    for (const ShellCommand& command : script.shell.commands) {
      for (const ShellWord& word : command.words) taken.emplace_back(word.begin, word.end);
      for (const ShellWord& word : command.targets) taken.emplace_back(word.begin, word.end);
      for (const ir::ShellAssignment& one : command.assignments)
        taken.emplace_back(one.value.begin, one.value.end);
      if (!command.words.empty() && command.words[0].text == "case")
        changes_.emplace_back(command.words[0].begin, 1);
    }
    std::sort(taken.begin(), taken.end());
    size_t at = 0;
    for (auto [begin, end] : taken) {
      if (begin > at) between(script.text, at, begin);
      at = std::max(at, end);
    }
    between(script.text, at, script.text.size());
    std::sort(changes_.begin(), changes_.end());
  }

  bool isInside(size_t place) const {
    int depth = 0;
    for (auto [at, change] : changes_)
      if (at < place) depth += change;
    return depth > 0;
  }

 private:
  void between(StringRef text, size_t begin, size_t end) {
    for (size_t at = begin; at < end;) {
      StringRef rest = text.slice(at, end);
      StringRef word = rest.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; });
      if (word == "do" || word == "if" || (word.empty() && rest.front() == '{'))
        changes_.emplace_back(at, 1);
      else if (word == "done" || word == "fi" || word == "esac" ||
               (word.empty() && rest.front() == '}'))
        changes_.emplace_back(at, -1);
      at += std::max<size_t>(1, word.size());
    }
  }

  std::vector<std::pair<size_t, int>> changes_;
};

class ChainReader {
 public:
  ChainReader(Library& library, const Script& driver)
      : library_(library), script_(driver), depths_(driver) {
    chain_.driver = &driver;
  }

  Chain run() {
    for (const ShellCommand& command : script_.shell.commands) order_.push_back(&command);
    // An assignment stands before the commands in its value, and is done after them: it is taken
    // where its value ends.
    auto place = [](const ShellCommand* command) {
      size_t place = beginOf(*command);
      for (const ir::ShellAssignment& one : command->assignments)
        place = std::max(place, one.value.end);
      return command->words.empty() ? place : command->words[0].begin;
    };
    std::stable_sort(order_.begin(), order_.end(),
                     [&](auto* a, auto* b) { return place(a) < place(b); });
    for (const ShellCommand* command : order_) collect(*command);
    for (const ShellCommand* command : order_) {
      if (isSbatch(*command)) submission(*command);
      for (const ir::ShellAssignment& one : command->assignments) assign(one);
    }
    return std::move(chain_);
  }

 private:
  StringRef slice(size_t begin, size_t end) const { return script_.text.slice(begin, end); }

  /// Names that are set in ways that are not followed.
  void collect(const ShellCommand& command) {
    if (command.words.empty()) return;
    StringRef name = command.words[0].text;
    if (name == "." || name == "source" || name == "eval" || name == "read" || name == "getopts" ||
        name == "mapfile" || name == "readarray")
      setsUnseen_ = true;
    if (name == "cd" || name == "pushd") movesAbout_ = true;
    if ((name == "for" || name == "select") && command.words.size() > 1)
      values_[command.words[1].text] = std::string(1, ir::kHoleByte);
  }

  std::string textOf(const ShellWord& word) const {
    std::string text;
    for (const ShellPiece& piece : word.pieces) text += textOf(piece);
    return text;
  }

  std::string textOf(const ShellPiece& piece) const {
    if (piece.kind == ShellPiece::Text) return slice(piece.begin, piece.end).str();
    if (piece.kind == ShellPiece::Variable) {
      auto known = values_.find(piece.name);
      if (known == values_.end()) return "$" + piece.name;
      std::string text = known->second;
      // `${out##* }` and `${out//[^0-9]/}` take the id out of the sentence.
      if (piece.op == '#' || piece.op == '/')
        std::replace(text.begin(), text.end(), kSentence, kId);
      return text;
    }
    if (piece.kind == ShellPiece::Command) return command(piece);
    return std::string(1, ir::kHoleByte);
  }

  /// `$(sbatch …)`, `$(echo "$out" | awk …)`.
  std::string command(const ShellPiece& piece) const {
    size_t count = 0;
    std::string inner;
    for (size_t n = 0; n < chain_.submissions.size(); ++n)
      if (piece.begin <= chain_.submissions[n].at.begin &&
          chain_.submissions[n].at.begin < piece.end)
        inner = fmt::format("{0}{1}{0}", kSentence, n);
    for (const ShellCommand* command : order_) {
      if (command->words.empty()) continue;
      size_t begin = command->words[0].begin;
      if (begin < piece.begin || begin >= piece.end) continue;
      ++count;
      if (command->words[0].text != "echo" || !inner.empty()) continue;
      for (const ShellWord& word : command->words)
        if (std::string text = textOf(word); text.find(kSentence) != std::string::npos)
          inner = text;
    }
    if (inner.empty()) return std::string(1, ir::kHoleByte);
    bool isWhole = inner.front() == kSentence && inner.back() == kSentence &&
                   std::count(inner.begin(), inner.end(), kSentence) == 2;
    size_t job = 0;
    StringRef(inner).trim(kSentence).getAsInteger(10, job);
    bool isId = isWhole && job < chain_.submissions.size() &&
                (chain_.submissions[job].isParsable || count > 1);
    if (isId) std::replace(inner.begin(), inner.end(), kSentence, kId);
    return inner;
  }

  void assign(const ir::ShellAssignment& one) {
    std::string text = one.isArray ? std::string(1, ir::kHoleByte) : textOf(one.value);
    for (Submission& submission : chain_.submissions) {
      bool isInside = one.value.begin <= submission.at.begin && submission.at.begin < one.value.end;
      if (!isInside) continue;
      submission.assignedAt =
          script_.range(one.value.begin - one.name.size() - 1, one.value.begin - 1);
      submission.isCut = !submission.isParsable && text.find(kId) != std::string::npos;
    }
    // What is added to in a loop is not followed.
    bool isLoop = depths_.isInside(one.value.begin);
    bool isAdded = one.value.begin >= 2 && script_.text[one.value.begin - 2] == '+';
    if (isLoop || isAdded) text = ir::kHoleByte;
    values_[one.name] = std::move(text);
  }

  void submission(const ShellCommand& command) {
    Submission made;
    made.at = script_.range(command.words[0].begin, command.words[0].end);
    made.isConditional = depths_.isInside(command.words[0].begin);
    std::vector<Word> words;
    for (size_t n = 1; n < command.words.size(); ++n)
      words.push_back(
          {textOf(command.words[n]), script_.range(command.words[n].begin, command.words[n].end)});
    size_t rest = 0;
    made.options = readOptions(words, &rest);
    for (const Given& given : made.options) {
      if (!given.option) continue;
      if (given.option->name == "parsable") made.isParsable = true;
      if (given.option->name == "wrap") made.wrapped = given.value;
      if (given.option->name == "dependency") waits(made, given);
    }
    if (rest < words.size()) {
      made.name = words[rest].text;
      made.scriptAt = words[rest].at;
      for (size_t n = rest + 1; n < words.size(); ++n) made.arguments.push_back(words[n].text);
      find(made);
    }
    chain_.submissions.push_back(std::move(made));
  }

  void find(Submission& made) {
    StringRef name(made.name);
    made.isScriptKnown = name.find_first_of("$\1\2\3~") == StringRef::npos;
    if (!made.isScriptKnown) return;
    // It is submitted from somewhere: the folder of this script, or one above.
    for (const char* above : {"", "../", "../../"})
      if (!made.script && !name.starts_with("/"))
        made.script = library_.read(script_, above + name.str());
    if (name.starts_with("/")) made.script = library_.read(script_, name);
    if (!made.script && !movesAbout_ && !name.starts_with("/"))
      chain_.missing.push_back(made.scriptAt);
  }

  /// `afterok:\2 0\2:\2 1\2,afterany:…`.
  void waits(Submission& made, const Given& given) {
    Dependencies all = readDependencies(given.value, true);
    made.waitsForAny = all.isAnyOf;
    for (const Clause& clause : all.clauses) {
      Submission::Wait wait{clause.kind.empty() ? "afterany" : clause.kind, {}, true};
      // The separators may be in a variable's value that is not known.
      if (clause.kind.find_first_of("$\1\2\3") != std::string::npos) wait = {"", {}, false};
      for (const std::string& id : clause.ids) job(wait, id, given);
      if (clause.kind != "singleton" && clause.ids.empty()) wait.isKnown = false;
      made.waits.push_back(std::move(wait));
    }
  }

  void job(Submission::Wait& wait, StringRef id, const Given& given) {
    size_t number = 0;
    char mark = id.empty() ? '\0' : id.front();
    bool isMarked =
        (mark == kId || mark == kSentence) &&
        !id.drop_front().take_until([&](char c) { return c == mark; }).getAsInteger(10, number);
    if (isMarked && number < chain_.submissions.size()) {
      wait.jobs.push_back(number);
      if (mark == kSentence) chain_.sentences.push_back({variableOf(number), given.at, number});
      return;
    }
    wait.isKnown = false;
    if (id.starts_with("$")) unset(id.drop_front(), given);
  }

  std::string variableOf(size_t job) const {
    for (const auto& [name, value] : values_)
      if (value == fmt::format("{0}{1}{0}", kSentence, job)) return name;
    return "it";
  }

  /// A variable that nothing in this script has set before.
  void unset(StringRef name, const Given& given) {
    bool isName = !name.empty() && (llvm::isAlpha(name.front()) || name.front() == '_') &&
                  llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_'; });
    if (!isName || setsUnseen_ || depths_.isInside(given.at.begin)) return;
    std::vector<std::string> names;
    bool isSetLater = false;
    for (const ShellCommand* command : order_)
      for (const ir::ShellAssignment& one : command->assignments) {
        names.push_back(one.name);
        isSetLater = isSetLater || one.name == name;
      }
    std::optional<std::string_view> near =
        base::suggest(std::string_view(name), std::span<const std::string>(names));
    // A name in capitals may come from outside.
    if (name == name.upper() && !near && !isSetLater) return;
    chain_.unset.push_back({name.str(),
                            isSetLater ? "it is set further down"
                            : near     ? fmt::format("did you mean `${}`?", *near)
                                       : "",
                            given.valueAt});
  }

  Library& library_;
  const Script& script_;
  Depths depths_;
  Chain chain_;
  std::vector<const ShellCommand*> order_;
  std::map<std::string, std::string> values_;
  bool setsUnseen_ = false, movesAbout_ = false;
};

}  // namespace

bool submits(const Script& script) {
  return std::any_of(script.shell.commands.begin(), script.shell.commands.end(), isSbatch);
}

const Script* Library::read(source::FileId file) {
  if (file == 0) return nullptr;
  std::unique_ptr<Script>& script = scripts_[file];
  if (!script) script = std::make_unique<Script>(readScript(reading_.sources, file));
  return script.get();
}

const Script* Library::read(const Script& from, StringRef path) {
  return read(reading_.read(from.file, path));
}

Chain readChain(Library& library, const Script& driver) {
  return ChainReader(library, driver).run();
}

}  // namespace wfc::targets::slurm::foreign
