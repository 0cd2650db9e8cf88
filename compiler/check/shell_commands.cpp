// What single commands of a script do that its writer did not mean: code made of values, jobs
// nobody knows of, dates reckoned in the shell, inputs removed, work that nothing waits for.
#include <algorithm>

#include "compiler/check/shell_rules.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

const ir::Hole* ShellScript::holeOf(const ir::ShellPiece& piece) const {
  int part = script.part[piece.begin];
  if (part < 0 || static_cast<size_t>(part) >= body.pieces.size()) return nullptr;
  int index = body.pieces[static_cast<size_t>(part)].hole;
  return index < 0 || static_cast<size_t>(index) >= body.holes.size()
             ? nullptr
             : &body.holes[static_cast<size_t>(index)];
}

TK ShellScript::typeOf(const ir::ShellPiece& piece) const {
  const ir::Hole* hole = holeOf(piece);
  return hole && hole->value.valid() ? s.module.types[s.module[hole->value].type].kind : TK::Error;
}

namespace {

using ir::ShellCommand, ir::ShellPiece, ir::ShellWord;

bool isScheduler(StringRef name) {
  return llvm::is_contained({"sbatch", "salloc", "qsub", "bsub", "msub"}, name);
}

class CommandRules : ShellScript {
 public:
  explicit CommandRules(const ShellScript& script) : ShellScript(script) {}

  void run() {
    for (const ShellCommand& command : shell.commands) {
      if (command.words.empty()) continue;
      code(command);
      jobs(command);
      dates(command);
      removedInput(command);
      leftBehind(command);
    }
  }

 private:
  /// A value that becomes part of another program's text: `bash -c 'echo @{x}'`.
  void code(const ShellCommand& command) {
    static constexpr StringRef shells[] = {"sh",     "bash",    "dash", "zsh",     "ksh",  "perl",
                                           "python", "python3", "ruby", "Rscript", "julia"};
    static constexpr StringRef readers[] = {"ssh", "eval", "awk", "gawk", "mawk"};
    StringRef by;
    bool isCode = false;
    for (const ShellWord& word : command.words) {
      StringRef text = word.text, base = text.substr(text.rfind('/') + 1);
      bool isOption = by.ends_with("awk") && text.starts_with("-");
      if (isCode && !isOption && word.pieces.size() > 1 && codeHole(word, by)) return;
      if (!by.empty() && isCode && llvm::is_contained(shells, by))
        return;  // what follows are arguments
      if (by.empty() && (llvm::is_contained(shells, base) || llvm::is_contained(readers, base)))
        by = base, isCode = !llvm::is_contained(shells, base);
      else if (llvm::is_contained(shells, by))
        isCode = text.starts_with("-") && !text.starts_with("--") &&
                 (text.ends_with("c") || text.ends_with("e"));
      else if (by.ends_with("awk")) {
        if (text.starts_with("-f") || (isCode && !isOption)) return;  // what follows are files
        isCode = text != "-v" && text != "-F";
      }
    }
  }

  bool codeHole(const ShellWord& word, StringRef by) {
    for (const ShellPiece& piece : word.pieces) {
      bool isInside = piece.kind == ShellPiece::Hole && StringRef("\"'$").contains(piece.quote);
      TK type = isInside ? typeOf(piece) : TK::Error;
      if (!isInside || type == TK::Int || type == TK::Float || type == TK::Bool ||
          type == TK::Error)
        continue;
      s.report(range(piece), diag::HoleInCode{.command = by.str()});
      return true;
    }
    return false;
  }

  void jobs(const ShellCommand& command) {
    StringRef name = command.words[0].text;
    if (isScheduler(name))
      return s.report(script.range(command.words[0].begin, command.words[0].end),
                      diag::HiddenJob{.command = name.str()});
    if (name != "srun") return;
    static constexpr StringRef bare[] = {"--exclusive",  "--overlap",    "--exact", "--label",
                                         "--unbuffered", "--multi-prog", "--pty",   "--verbose",
                                         "--quiet",      "--overcommit", "-l",      "-u",
                                         "-v",           "-Q",           "-O"};
    for (size_t i = 1;
         i < command.words.size() && StringRef(command.words[i].text).starts_with("-"); ++i) {
      StringRef option = StringRef(command.words[i].text).split('=').first;
      bool isNeed =
          llvm::is_contained({"--mem", "--mem-per-cpu", "--mem-per-gpu", "--time", "--partition",
                              "--qos", "--account", "-t", "-p", "-q", "-A"},
                             option);
      if (isNeed)
        s.report(script.range(command.words[i].begin, command.words[i].end),
                 diag::NeedsInScript{.command = name.str(), .option = option.str()});
      bool takesNext =
          !command.words[i].text.empty() && !StringRef(command.words[i].text).contains('=') &&
          !llvm::is_contained(bare, option) && (option.starts_with("--") || option.size() == 2);
      i += takesNext;
    }
  }

  void dates(const ShellCommand& command) {
    const std::vector<ShellWord>& words = command.words;
    StringRef name = words[0].text;
    StringRef whole = slice(words[0].begin, words.back().end);
    bool isReckoning = false;
    auto holdsDate = [this](const ShellWord& word) {
      return std::any_of(word.pieces.begin(), word.pieces.end(),
                         [this](const ShellPiece& piece) { return isDate(piece); });
    };
    if (name == "expr") {
      bool adds = std::any_of(words.begin(), words.end(),
                              [](const ShellWord& w) { return w.text == "+" || w.text == "-"; });
      isReckoning =
          adds && (namesTime(whole, true) || std::any_of(words.begin(), words.end(), holdsDate));
    } else if (name == "date" || name == "gdate") {
      for (size_t i = 1; i < words.size(); ++i) {
        StringRef word = words[i].text;
        bool isGiven =
            word.starts_with("-d") || word.starts_with("-ud") || word.starts_with("--date");
        isReckoning =
            isReckoning || word.starts_with("-v") ||
            (isGiven &&
             namesTime(slice(words[i].begin, words[std::min(i + 1, words.size() - 1)].end), false));
      }
    }
    if (isReckoning)
      s.report(script.range(words[0].begin, words.back().end),
               diag::ShellDateArithmetic{.command = name.str()});
  }

  static bool namesTime(StringRef text, bool evenDate) {
    for (StringRef unit : {"day", "week", "month", "year", "hour", "minute", "ago", "tomorrow"})
      if (text.contains_insensitive(unit)) return true;
    return evenDate && text.contains_insensitive("date");
  }

  /// A date, formatted or not.
  bool isDate(const ShellPiece& piece) const {
    const ir::Hole* hole = piece.kind == ShellPiece::Hole ? holeOf(piece) : nullptr;
    if (!hole || !hole->value.valid()) return false;
    const ir::Expr& value = s.module[hole->value];
    bool isFormat = value.op == ir::Op::Format && !value.args.empty();
    TK type = s.module.types[isFormat ? s.module[value.args[0]].type : value.type].kind;
    return type == TK::Date || type == TK::Instant;
  }

  /// An artifact that the task was given, or what lies below it.
  const ir::Hole* inputIn(const ShellWord& word) const {
    const ShellPiece* first = word.pieces.empty() ? nullptr : &word.pieces.front();
    const ir::Hole* hole = first && first->kind == ShellPiece::Hole ? holeOf(*first) : nullptr;
    if (!hole || !hole->value.valid()) return nullptr;
    const ir::Expr& value = s.module[hole->value];
    const ir::Type* type = &s.module.types[value.type];
    if (type->kind == TK::Option || type->kind == TK::List) type = &s.module.types[type->element];
    return value.op == ir::Op::Input && type->kind == TK::Artifact ? hole : nullptr;
  }

  /// `rm @{tile}`: other readers, a retry and a rewind need it again.
  void removedInput(const ShellCommand& command) {
    const std::vector<ShellWord>& words = command.words;
    StringRef name = words[0].text;
    bool isMove = name == "mv";
    bool isRemoving = isMove || llvm::is_contained({"rm", "rmdir", "unlink", "shred"}, name) ||
                      std::any_of(words.begin(), words.end(), [](const ShellWord& w) {
                        return w.text == "--remove-source-files" || w.text == "-delete";
                      });
    if (!isRemoving) return;
    for (size_t n = 1; n < words.size() - (isMove ? 1 : 0); ++n)
      if (inputIn(words[n]))
        s.report(range(words[n].pieces.front()),
                 diag::InputRemoved{.input = s.text(range(words[n].pieces.front())).str()});
  }

  /// `rsync … &` in a script that never waits: its end is the end of that, too.
  void leftBehind(const ShellCommand& command) {
    const ShellWord& last = command.targets.empty() ? command.words.back() : command.targets.back();
    StringRef rest = StringRef(script.text).substr(std::max(last.end, command.words.back().end));
    StringRef after = rest.ltrim(" \t\n;)}");
    while (after.consume_front("done") || after.consume_front("fi")) after = after.ltrim(" \t;)}");
    bool isBehind = after.starts_with("&") && !after.starts_with("&&") && !after.starts_with("&>");
    if (!isBehind || seesToIt()) return;
    size_t sign = script.text.size() - after.size();
    s.report(script.range(sign, sign + 1), diag::NeverWaitedFor{.command = command.words[0].text});
  }

  /// The script waits, or ends itself what it has started.
  bool seesToIt() const {
    return std::any_of(shell.commands.begin(), shell.commands.end(), [](const ShellCommand& c) {
      return !c.words.empty() &&
             llvm::is_contained({"wait", "kill", "pkill", "trap"}, c.words[0].text);
    });
  }
};

}  // namespace

void lintCommands(const ShellScript& script) { CommandRules(script).run(); }

}  // namespace wfc::check
