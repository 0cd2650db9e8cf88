// Mistakes of quoting and word splitting inside scripts, found before a job has waited a night for
// them. Bodies of `sh` and `bash` both run in bash with `set -euo pipefail`; a hole arrives as a
// variable that the writer of bodies quotes by its place (compiler/ir/body.h).
//
// It warns only where the script alone proves the point; style is shellcheck's business. Of Python
// it reads the quotes, no more.
#include <algorithm>
#include <map>

#include "llvm/ADT/StringExtras.h"

#include "compiler/check/script_text.h"
#include "compiler/diag/catalog/check.h"
#include "compiler/ir/python_reader.h"

namespace wfc::check {

namespace {

using ir::ShellAssignment, ir::ShellCommand, ir::ShellPiece, ir::ShellWord;
using Names = std::set<StringRef>;

bool isIdentifier(StringRef name) {
  return !name.empty() && (llvm::isAlpha(name.front()) || name.front() == '_');
}

/// By convention the environment's.
bool isCapital(StringRef name) {
  return name.find_if([](char c) { return llvm::isLower(c); }) == StringRef::npos;
}

/// Variables that hold one word wherever they come from.
bool isAlwaysWord(StringRef name) {
  static const Names words{"?",   "#",    "$",    "!",       "-",      "0",       "RANDOM",
                           "UID", "EUID", "PPID", "SECONDS", "LINENO", "BASHPID", "HOSTNAME"};
  return words.count(name) || name.starts_with("SLURM_") || name.starts_with("OMP_");
}

bool isScheduler(StringRef name) {
  return Names{"sbatch", "salloc", "qsub", "bsub", "msub"}.count(name) != 0;
}

/// The placeholder that `text` begins with: `<YOUR_PROJECT>`, `@USER@`, `${{ … }}`; its length or
/// 0.
size_t placeholderLength(StringRef text) {
  if (text.starts_with("${{"))
    return std::min(text.size(), text.find("}}") == StringRef::npos ? 3 : text.find("}}") + 2);
  for (StringRef plain : {"your-project-code", "your_project_code", "CHANGEME", "CHANGE_ME"})
    if (text.starts_with(plain)) return plain.size();
  if (text.starts_with_insensitive("<your")) {
    size_t end = text.find_first_of(">\n\"'", 1);
    return end != StringRef::npos && text[end] == '>' ? end + 1 : 0;
  }
  if (text.size() < 3 || text[0] != '@' || !llvm::isUpper(text[1])) return 0;
  size_t n = 1;
  while (n < text.size() && (llvm::isUpper(text[n]) || llvm::isDigit(text[n]) || text[n] == '_'))
    ++n;
  return n < text.size() && text[n] == '@' ? n + 1 : 0;
}

class ShellLint {
 public:
  ShellLint(Session& s, const ScriptText& script, Place& place, const ir::Body& body)
      : s_(s), script_(script), place_(place), body_(body), shell_(ir::readShell(script.text)) {}

  void run() {
    for (size_t at : shell_.brokenLines) {
      Range range = script_.range(
          at, std::min(script_.text.find_first_not_of(" \t", at + 1), script_.text.size()));
      s_.report(range, diag::BlankAfterBackslash{.fix = diag::Fix{range, "\\"}});
    }
    if (!shell_.unclosed.empty()) {  // all else would be read in the wrong quotes
      size_t first = *std::min_element(shell_.unclosed.begin(), shell_.unclosed.end());
      StringRef opening =
          StringRef(script_.text)
              .substr(first, StringRef("$<>").contains(script_.text[first]) ? 2 : 1);
      s_.report(script_.range(first, first + opening.size()),
                diag::UnclosedQuote{.opening = opening.str()});
      return;
    }
    collect();
    for (const ShellPiece& piece : shell_.pieces)
      piece.kind == ShellPiece::Hole ? hole(piece) : variable(piece);
    for (auto [begin, end] : shell_.comments) directive(begin, end);
    for (const ShellCommand& command : shell_.commands) {
      splitting(command);
      gluedLists(command);
      counting(command);
      if (command.words.empty()) continue;
      code(command);
      removal(command);
      jobs(command);
      dates(command);
    }
  }

 private:
  /// What the script itself says of a variable's values.
  struct Known {
    bool isWord = true;
    bool isNeverEmpty = true;
  };

  StringRef slice(size_t begin, size_t end) const {
    return StringRef(script_.text).slice(begin, end);
  }
  Range range(const ShellPiece& piece) const { return script_.range(piece.begin, piece.end); }

  const ir::Hole* holeOf(const ShellPiece& piece) const {
    int part = script_.part[piece.begin];
    if (part < 0 || static_cast<size_t>(part) >= body_.pieces.size()) return nullptr;
    int index = body_.pieces[static_cast<size_t>(part)].hole;
    return index < 0 || static_cast<size_t>(index) >= body_.holes.size()
               ? nullptr
               : &body_.holes[static_cast<size_t>(index)];
  }

  TK typeOf(const ShellPiece& piece) const {
    const ir::Hole* hole = holeOf(piece);
    return hole && hole->value.valid() ? s_.module.types[s_.module[hole->value].type].kind
                                       : TK::Error;
  }

  // -- what is set, and to what

  bool isWord(const ShellPiece& piece) const {
    switch (piece.kind) {
      case ShellPiece::Text:
        return slice(piece.begin, piece.end).find_first_of(" \t\n*?[") == StringRef::npos;
      case ShellPiece::Arithmetic:
        return true;
      case ShellPiece::Variable:
        return piece.op == 'l' || isAlwaysWord(piece.name);
      case ShellPiece::Hole: {
        TK type = typeOf(piece);
        return type == TK::Int || type == TK::Float || type == TK::Bool || type == TK::Date ||
               type == TK::Error;
      }
      case ShellPiece::Command: {
        StringRef program =
            slice(piece.begin, piece.end).ltrim("$(`").ltrim().take_while([](char c) {
              return llvm::isAlnum(c);
            });
        return Names{"nproc", "hostname", "id", "wc", "seq", "expr", "uname", "mktemp"}.count(
                   program) != 0;
      }
    }
    return false;
  }

  bool isNeverEmpty(const ShellWord& word) const {
    if (word.pieces.empty()) return false;
    const ShellPiece& first = word.pieces.front();
    if (first.kind == ShellPiece::Hole)
      return typeOf(first) != TK::String && typeOf(first) != TK::Option;
    if (first.kind == ShellPiece::Text) return first.end > first.begin;
    return first.kind == ShellPiece::Arithmetic ||
           (first.kind == ShellPiece::Command && slice(first.begin, first.end).contains("mktemp"));
  }

  void note(StringRef name, const ShellWord& value) {
    Known& known = set_[name.str()];
    known.isWord = known.isWord && std::all_of(value.pieces.begin(), value.pieces.end(),
                                               [&](const ShellPiece& p) { return isWord(p); });
    known.isNeverEmpty = known.isNeverEmpty && isNeverEmpty(value);
  }

  void noteUnknown(StringRef name) { set_[name.str()] = {false, false}; }

  void collect() {
    for (const std::string& name : shell_.counted) set_.try_emplace(name);
    for (const ShellPiece& piece : shell_.pieces)
      if (piece.kind == ShellPiece::Variable && piece.op == '=') noteUnknown(piece.name);
    for (const ShellCommand& command : shell_.commands) {
      for (const ShellAssignment& assignment : command.assignments)
        assignment.isArray ? noteUnknown(assignment.name) : note(assignment.name, assignment.value);
      if (!command.words.empty()) collectFrom(command.words);
    }
  }

  void collectFrom(const std::vector<ShellWord>& words) {
    StringRef command = words[0].text;
    if ((command == "for" || command == "select") && words.size() > 1) {
      for (size_t i = 3; i < words.size(); ++i) note(words[1].text, words[i]);
      if (words.size() < 4) noteUnknown(words[1].text);
    } else if (Names{"read", "mapfile", "readarray", "getopts", "let"}.count(command)) {
      for (const ShellWord& word : words)
        noteUnknown(
            StringRef(word.text).take_while([](char c) { return llvm::isAlnum(c) || c == '_'; }));
    } else if (ir::declaresNames(command)) {
      for (const ShellWord& word : words) set_.try_emplace(word.text);
    } else if (command == "printf" && words.size() > 2 && words[1].text == "-v") {
      noteUnknown(words[2].text);
    }
    setsAnything_ =
        setsAnything_ ||
        Names{".", "source", "eval", "module", "ml", "conda", "spack", "load"}.count(command) != 0;
  }

  // -- the rules

  /// A variable that is neither set here nor the environment's.
  void variable(const ShellPiece& piece) {
    if (piece.kind != ShellPiece::Variable || !isIdentifier(piece.name) || isCapital(piece.name))
      return;
    if (set_.count(piece.name) || StringRef("-=+?!").contains(piece.op == 0 ? 'x' : piece.op))
      return;
    if (StringRef(piece.name).ends_with("_proxy") || !reported_.insert(piece.name).second) return;
    if (place_.task)
      for (const ir::EnvVar& variable : place_.task->env)
        if (variable.name == piece.name) return;
    const Symbol* symbol = place_.scope->find(piece.name);
    bool isValue =
        symbol && (symbol->kind == Symbol::Operand ||
                   (symbol->decl && std::holds_alternative<syntax::ConstDecl>(symbol->decl->as)));
    if (!isValue) {
      if (!setsAnything_) s_.report(range(piece), diag::UndeclaredInput{.name = piece.name});
      return;
    }
    symbol->used = true;
    bool isWhole = piece.op == 0;
    s_.report(range(piece),
              diag::UnmarkedInput{
                  .name = piece.name,
                  .fix = isWhole ? std::optional(diag::Fix{range(piece), "@{" + piece.name + "}"})
                                 : std::nullopt});
  }

  void hole(const ShellPiece& piece) {
    const ir::Hole* hole = holeOf(piece);
    if (piece.quote == 'H') s_.report(range(piece), diag::HoleInHeredoc{});
    if (piece.quote == 'a') counted(piece);
    if (hole && hole->list && (piece.quote == '"' || piece.quote == '\'' || piece.quote == '$'))
      s_.report(range(piece), diag::ListInQuotes{});
  }

  /// Bash evaluates what it counts with: `a[$(command)]` in a text runs the command.
  void counted(const ShellPiece& piece) {
    const ir::Hole* hole = holeOf(piece);
    if (!hole || hole->raw || !hole->value.valid()) return;
    const ir::Types& types = s_.module.types;
    ir::Expr value = s_.module[hole->value];
    bool isFormat = value.op == ir::Op::Format && !value.args.empty();
    ir::Type type = types[isFormat ? s_.module[value.args[0]].type : value.type];
    if (type.kind == TK::Option) type = types[type.element];
    bool isNumber = type.kind == TK::Int || type.kind == TK::Error ||
                    (isFormat && (type.kind == TK::Duration || type.kind == TK::Bytes ||
                                  type.kind == TK::Length || type.kind == TK::Date ||
                                  type.kind == TK::Instant));
    if (isNumber) return;
    StringRef text = s_.text(range(piece));
    bool isPlain = type.kind == TK::String && !isFormat && text.consume_front("@{");
    std::optional<diag::Fix> fix;
    if (isPlain) fix = diag::Fix{range(piece), ("@{int(" + text.drop_back() + ")}").str()};
    s_.report(range(piece),
              diag::TextInArithmetic{.type = typeText(s_, value.type), .fix = std::move(fix)});
  }

  /// `[[ a -gt b ]]` and `let` count, too.
  void counting(const ShellCommand& command) {
    static const Names operators{"-eq", "-ne", "-lt", "-le", "-gt", "-ge"};
    const std::vector<ShellWord>& words = command.words;
    if (words.empty() || (words[0].text != "[[" && words[0].text != "let")) return;
    for (size_t n = 1; n < words.size(); ++n) {
      bool isCounted = words[0].text == "let" || operators.count(words[n - 1].text) ||
                       (n + 1 < words.size() && operators.count(words[n + 1].text));
      for (const ShellPiece& piece : words[n].pieces)
        if (isCounted && piece.kind == ShellPiece::Hole && piece.quote != 'a') counted(piece);
    }
  }

  void directive(size_t begin, size_t end) {
    if (begin > 0 && script_.text[begin - 1] != '\n') return;
    StringRef word = slice(begin, end).take_until([](char c) { return c == ' ' || c == '\t'; });
    if (Names{"#SBATCH", "#PBS", "#BSUB", "#COBALT", "#FLUX:"}.count(word))
      s_.report(script_.range(begin, end), diag::DirectiveInBody{.directive = word.str()});
  }

  void splitting(const ShellCommand& command) {
    StringRef name = command.words.empty() ? StringRef() : StringRef(command.words[0].text);
    if (name == "[[" || name == "case") return;
    bool isLoop = name == "for" || name == "select";
    for (const ShellWord& word : command.words) splittingIn(word, isLoop);
    for (const ShellWord& word : command.targets) splittingIn(word, false);
  }

  void splittingIn(const ShellWord& word, bool isLoop) {
    for (const ShellPiece& piece : word.pieces) {
      if (piece.kind != ShellPiece::Variable || piece.quote != 0) continue;
      std::string text = s_.text(range(piece)).str();
      if (piece.name == "@" || piece.name == "*" || piece.op == '@') {
        s_.report(
            range(piece),
            diag::SplitArguments{.text = text, .fix = diag::Fix{range(piece), "\"" + text + "\""}});
        continue;
      }
      auto known = set_.find(piece.name);
      bool isSafe = isLoop || piece.op == 'l' || piece.op == '+' || isAlwaysWord(piece.name) ||
                    (known != set_.end() && known->second.isWord && piece.op == 0);
      if (isSafe || !reportedSplit_.insert(piece.name).second || reported_.count(piece.name))
        continue;
      s_.report(
          range(piece),
          diag::SplitExpansion{.text = text, .fix = diag::Fix{range(piece), "\"" + text + "\""}});
    }
  }

  void gluedLists(const ShellCommand& command) {
    for (const ShellWord& word : command.words)
      for (const ShellPiece& piece : word.pieces)
        if (const ir::Hole* list =
                piece.kind == ShellPiece::Hole && piece.quote == 0 && word.pieces.size() > 1
                    ? holeOf(piece)
                    : nullptr;
            list && list->list)
          s_.report(range(piece), diag::GluedList{});
  }

  /// A value that becomes part of another program's text: `bash -c 'echo @{x}'`.
  void code(const ShellCommand& command) {
    static const Names shells{"sh",     "bash",    "dash", "zsh",     "ksh",  "perl",
                              "python", "python3", "ruby", "Rscript", "julia"};
    static const Names readers{"ssh", "eval", "awk", "gawk", "mawk"};
    StringRef by;
    bool isCode = false;
    for (const ShellWord& word : command.words) {
      StringRef text = word.text, base = text.substr(text.rfind('/') + 1);
      if (isCode && word.pieces.size() > 1 && codeHole(word, by)) return;
      if (!by.empty() && isCode && shells.count(by)) return;  // what follows are arguments
      if (by.empty() && (shells.count(base) || readers.count(base)))
        by = base, isCode = base == "eval" || base == "ssh";
      else if (shells.count(by))
        isCode = text.starts_with("-") && !text.starts_with("--") &&
                 (text.ends_with("c") || text.ends_with("e"));
      else if (by.ends_with("awk"))
        isCode = text != "-v" && text != "-F" && text != "-f";
    }
  }

  bool codeHole(const ShellWord& word, StringRef by) {
    for (const ShellPiece& piece : word.pieces) {
      bool isInside = piece.kind == ShellPiece::Hole && StringRef("\"'$").contains(piece.quote);
      TK type = isInside ? typeOf(piece) : TK::Error;
      if (!isInside || type == TK::Int || type == TK::Float || type == TK::Bool ||
          type == TK::Error)
        continue;
      s_.report(range(piece), diag::HoleInCode{.command = by.str()});
      return true;
    }
    return false;
  }

  /// `rm -r "$x/…"` where x may be empty.
  void removal(const ShellCommand& command) {
    auto rm = std::find_if(command.words.begin(), command.words.end(),
                           [](const ShellWord& w) { return w.text == "rm"; });
    bool isDeep = std::any_of(rm, command.words.end(), [](const ShellWord& w) {
      return w.text == "--recursive" ||
             (w.text.size() > 1 && w.text[0] == '-' && w.text[1] != '-' &&
              StringRef(w.text).find_first_of("rR") != StringRef::npos);
    });
    if (rm == command.words.end() || !isDeep) return;
    for (auto word = rm; word != command.words.end(); ++word) {
      if (word->pieces.empty() || word->pieces.front().kind != ShellPiece::Variable) continue;
      const ShellPiece& first = word->pieces.front();
      StringRef rest = slice(first.end, word->end).ltrim('"');
      auto known = set_.find(first.name);
      bool isSafe =
          first.op == '?' || first.op == '-' || (known != set_.end() && known->second.isNeverEmpty);
      if (!rest.starts_with("/") || isSafe || first.name == "HOME" || reported_.count(first.name))
        continue;
      s_.report(range(first),
                diag::UnsafeRemove{
                    .name = first.name,
                    .rest = rest.rtrim('"').str(),
                    .fix = first.op == 0
                               ? std::optional(diag::Fix{range(first), "${" + first.name + ":?}"})
                               : std::nullopt});
      reportedSplit_.insert(first.name);
    }
  }

  void jobs(const ShellCommand& command) {
    StringRef name = command.words[0].text;
    if (isScheduler(name))
      return s_.report(script_.range(command.words[0].begin, command.words[0].end),
                       diag::HiddenJob{.command = name.str()});
    if (name != "srun") return;
    static const Names bare{"--exclusive",  "--overlap", "--exact",   "--label", "--unbuffered",
                            "--multi-prog", "--pty",     "--verbose", "--quiet", "--overcommit",
                            "-l",           "-u",        "-v",        "-Q",      "-O"};
    for (size_t i = 1;
         i < command.words.size() && StringRef(command.words[i].text).starts_with("-"); ++i) {
      StringRef option = StringRef(command.words[i].text).split('=').first;
      bool isNeed = Names{"--mem",
                          "--mem-per-cpu",
                          "--mem-per-gpu",
                          "--time",
                          "--partition",
                          "--qos",
                          "--account",
                          "-t",
                          "-p",
                          "-q",
                          "-A"}
                        .count(option) != 0;
      if (isNeed)
        s_.report(script_.range(command.words[i].begin, command.words[i].end),
                  diag::NeedsInScript{.command = name.str(), .option = option.str()});
      bool takesNext = !command.words[i].text.empty() &&
                       !StringRef(command.words[i].text).contains('=') && !bare.count(option) &&
                       (option.starts_with("--") || option.size() == 2);
      i += takesNext;
    }
  }

  void dates(const ShellCommand& command) {
    const std::vector<ShellWord>& words = command.words;
    StringRef name = words[0].text;
    StringRef whole = slice(words[0].begin, words.back().end);
    bool isReckoning = false;
    if (name == "expr") {
      bool adds = std::any_of(words.begin(), words.end(),
                              [](const ShellWord& w) { return w.text == "+" || w.text == "-"; });
      isReckoning = adds && namesTime(whole, true);
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
      s_.report(script_.range(words[0].begin, words.back().end),
                diag::ShellDateArithmetic{.command = name.str()});
  }

  static bool namesTime(StringRef text, bool evenDate) {
    for (StringRef unit : {"day", "week", "month", "year", "hour", "minute", "ago", "tomorrow"})
      if (text.contains_insensitive(unit)) return true;
    return evenDate && text.contains_insensitive("date");
  }

  Session& s_;
  const ScriptText& script_;
  Place& place_;
  const ir::Body& body_;
  ir::ShellText shell_;
  std::map<std::string, Known> set_;
  bool setsAnything_ = false;
  std::set<std::string> reported_, reportedSplit_;
};

/// Holes inside the strings of Python, where the value would be the text of a name.
void lintPython(Session& s, const ScriptText& script, const ir::Body& body) {
  std::vector<size_t> holes;
  for (size_t i = 0; i < script.text.size(); ++i)
    if (script.part[i] >= 0 && body.pieces[static_cast<size_t>(script.part[i])].hole >= 0)
      holes.push_back(i);
  std::vector<ir::PythonPlace> places = ir::readPython(script.text, holes);
  for (size_t n = 0; n < holes.size(); ++n)
    if (places[n].kind == ir::PythonPlace::String)
      s.report(script.range(holes[n], holes[n] + 1), diag::HoleInPythonString{});
}

}  // namespace

void lintPlaceholders(Session& s, StringRef text, Range at) {
  for (size_t i = 0; i < text.size(); ++i)
    if (size_t length = placeholderLength(text.substr(i))) {
      s.report(at, diag::Placeholder{.text = text.substr(i, length).str()});
      return;
    }
}

void lintScript(Session& s, const syntax::Script& script, Place& place, const ir::Body& body) {
  ScriptText text(s, *script.text);
  for (size_t i = 0; i < text.text.size(); ++i) {
    if (text.text[i] == '#' && (i == 0 || text.text[i - 1] == '\n'))
      i = std::min(text.text.find('\n', i), text.text.size() - 1);
    size_t length = placeholderLength(StringRef(text.text).substr(i));
    if (!length) continue;
    s.report(text.range(i, i + length), diag::Placeholder{.text = text.text.substr(i, length)});
    i += length;
  }
  if (body.language == ir::Body::Python) return lintPython(s, text, body);
  ShellLint(s, text, place, body).run();
  if (s.request.onScript)
    s.request.onScript({body, text.file, std::move(text.at), std::move(text.end)});
}

}  // namespace wfc::check
