// Mistakes of quoting and word splitting inside scripts, found before a job has waited a night for
// them. Bodies of `sh` and `bash` both run in bash with `set -euo pipefail`; a hole arrives as a
// variable that the writer of bodies quotes by its place (compiler/ir/body.h).
//
// It warns only where the script alone proves the point; style is shellcheck's business. Of Python
// it reads the quotes, no more.
#include <algorithm>
#include <map>

#include "llvm/ADT/StringExtras.h"

#include "compiler/check/shell_rules.h"
#include "compiler/diag/catalog/check.h"
#include "compiler/ir/python_reader.h"

namespace wfc::check {

namespace {

using ir::ShellAssignment, ir::ShellCommand, ir::ShellPiece, ir::ShellWord;

bool isIdentifier(StringRef name) {
  return !name.empty() && (llvm::isAlpha(name.front()) || name.front() == '_');
}

/// By convention the environment's.
bool isCapital(StringRef name) {
  return name.find_if([](char c) { return llvm::isLower(c); }) == StringRef::npos;
}

/// Variables that hold one word wherever they come from.
bool isAlwaysWord(StringRef name) {
  static constexpr StringRef words[] = {"?",       "#",      "$",       "!",       "-",
                                        "0",       "RANDOM", "UID",     "EUID",    "PPID",
                                        "SECONDS", "LINENO", "BASHPID", "HOSTNAME"};
  return llvm::is_contained(words, name) || name.starts_with("SLURM_") || name.starts_with("OMP_");
}

/// The placeholder that `text` begins with: `<YOUR_PROJECT>`, `@USER@`, `${{ … }}`; its length or
/// 0.
size_t placeholderLength(StringRef text) {
  if (!StringRef("$yC<@").contains(text.front())) return 0;
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

class ShellLint : ShellScript {
 public:
  ShellLint(Session& s, const ScriptText& script, Place& place, const ir::Body& body)
      : ShellScript{s, script, place, body, text_}, text_(ir::readShell(script.text)) {}

  /// True if a rule had to look at what stands around the script.
  bool looksAround() const { return looksAround_; }

  void run() {
    for (size_t at : shell.brokenLines) {
      Range range = script.range(
          at, std::min(script.text.find_first_not_of(" \t", at + 1), script.text.size()));
      s.report(range, diag::BlankAfterBackslash{.fix = diag::Fix{range, "\\"}});
    }
    if (!shell.unclosed.empty()) {  // all else would be read in the wrong quotes
      size_t first = *std::min_element(shell.unclosed.begin(), shell.unclosed.end());
      StringRef opening = StringRef(script.text)
                              .substr(first, StringRef("$<>").contains(script.text[first]) ? 2 : 1);
      s.report(script.range(first, first + opening.size()),
               diag::UnclosedQuote{.opening = opening.str()});
      return;
    }
    collect();
    for (const ShellPiece& piece : shell.pieces)
      piece.kind == ShellPiece::Hole ? hole(piece) : variable(piece);
    for (auto [begin, end] : shell.comments) directive(begin, end);
    lintCommands(*this);
    for (const ShellCommand& command : shell.commands) {
      splitting(command);
      gluedLists(command);
      counting(command);
      if (command.words.empty()) continue;
      removal(command);
    }
  }

 private:
  /// What the script itself says of a variable's values.
  struct Known {
    bool isWord = true;
    bool isNeverEmpty = true;
  };

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
        return llvm::is_contained(
            {"nproc", "hostname", "id", "wc", "seq", "expr", "uname", "mktemp"}, program);
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
    for (const std::string& name : shell.counted) set_.try_emplace(name);
    for (const ShellPiece& piece : shell.pieces)
      if (piece.kind == ShellPiece::Variable && piece.op == '=') noteUnknown(piece.name);
    for (const ShellCommand& command : shell.commands) {
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
    } else if (llvm::is_contained({"read", "mapfile", "readarray", "getopts", "let"}, command)) {
      for (const ShellWord& word : words)
        noteUnknown(
            StringRef(word.text).take_while([](char c) { return llvm::isAlnum(c) || c == '_'; }));
    } else if (ir::declaresNames(command)) {
      for (const ShellWord& word : words) set_.try_emplace(word.text);
    } else if (command == "printf" && words.size() > 2 && words[1].text == "-v") {
      noteUnknown(words[2].text);
    }
    setsAnything_ = setsAnything_ ||
                    llvm::is_contained(
                        {".", "source", "eval", "module", "ml", "conda", "spack", "load"}, command);
  }

  // -- the rules

  /// `$@` or `$1` in a script that has no arguments: only a function or `set` gives it some.
  bool isArgument(const ShellPiece& piece) const {
    StringRef name = piece.kind == ShellPiece::Variable ? StringRef(piece.name) : StringRef();
    bool isNumber = !name.empty() && name.find_first_not_of("0123456789") == StringRef::npos;
    if (name != "@" && name != "*" && (!isNumber || name == "0")) return false;
    StringRef text = script.text;
    bool hasFunctions = text.contains("()") || text.contains("function ");
    return piece.op == 0 && !hasFunctions && !setsAnything_ &&
           std::none_of(shell.commands.begin(), shell.commands.end(), [](const ShellCommand& c) {
             return !c.words.empty() && c.words[0].text == "set";
           });
  }

  /// A variable that is neither set here nor the environment's.
  void variable(const ShellPiece& piece) {
    if (isArgument(piece))
      return s.report(range(piece), diag::NoArguments{.text = s.text(range(piece)).str()});
    if (piece.kind != ShellPiece::Variable || !isIdentifier(piece.name) || isCapital(piece.name))
      return;
    if (set_.count(piece.name) || StringRef("-=+?!").contains(piece.op == 0 ? 'x' : piece.op))
      return;
    if (StringRef(piece.name).ends_with("_proxy") || !reported_.insert(piece.name).second) return;
    looksAround_ = true;
    if (place.task)
      for (const ir::EnvVar& variable : place.task->env)
        if (variable.name == piece.name) return;
    const Symbol* symbol = place.scope->find(piece.name);
    bool isValue =
        symbol && (symbol->kind == Symbol::Operand ||
                   (symbol->decl && std::holds_alternative<syntax::ConstDecl>(symbol->decl->as)));
    if (!isValue) {
      if (!setsAnything_) s.report(range(piece), diag::UndeclaredInput{.name = piece.name});
      return;
    }
    symbol->used = true;
    bool isWhole = piece.op == 0;
    s.report(range(piece),
             diag::UnmarkedInput{
                 .name = piece.name,
                 .fix = isWhole ? std::optional(diag::Fix{range(piece), "@{" + piece.name + "}"})
                                : std::nullopt});
  }

  void hole(const ShellPiece& piece) {
    const ir::Hole* hole = holeOf(piece);
    if (piece.quote == 'H') s.report(range(piece), diag::HoleInHeredoc{});
    if (piece.quote == 'a') counted(piece);
    if (hole && hole->list && (piece.quote == '"' || piece.quote == '\'' || piece.quote == '$'))
      s.report(range(piece), diag::ListInQuotes{});
  }

  /// Bash evaluates what it counts with: `a[$(command)]` in a text runs the command.
  void counted(const ShellPiece& piece) {
    const ir::Hole* hole = holeOf(piece);
    if (!hole || hole->raw || !hole->value.valid()) return;
    const ir::Types& types = s.module.types;
    ir::Expr value = s.module[hole->value];
    bool isFormat = value.op == ir::Op::Format && !value.args.empty();
    ir::Type type = types[isFormat ? s.module[value.args[0]].type : value.type];
    if (type.kind == TK::Option) type = types[type.element];
    bool isNumber = type.kind == TK::Int || type.kind == TK::Error ||
                    (isFormat && (type.kind == TK::Duration || type.kind == TK::Bytes ||
                                  type.kind == TK::Length || type.kind == TK::Date ||
                                  type.kind == TK::Instant));
    if (isNumber) return;
    StringRef text = s.text(range(piece));
    bool isPlain = type.kind == TK::String && !isFormat && text.consume_front("@{");
    std::optional<diag::Fix> fix;
    if (isPlain) fix = diag::Fix{range(piece), ("@{int(" + text.drop_back() + ")}").str()};
    s.report(range(piece),
             diag::TextInArithmetic{.type = typeText(s, value.type), .fix = std::move(fix)});
  }

  /// `[[ a -gt b ]]` and `let` count, too.
  void counting(const ShellCommand& command) {
    static constexpr StringRef operators[] = {"-eq", "-ne", "-lt", "-le", "-gt", "-ge"};
    const std::vector<ShellWord>& words = command.words;
    if (words.empty() || (words[0].text != "[[" && words[0].text != "let")) return;
    for (size_t n = 1; n < words.size(); ++n) {
      bool isCounted = words[0].text == "let" || llvm::is_contained(operators, words[n - 1].text) ||
                       (n + 1 < words.size() && llvm::is_contained(operators, words[n + 1].text));
      for (const ShellPiece& piece : words[n].pieces)
        if (isCounted && piece.kind == ShellPiece::Hole && piece.quote != 'a') counted(piece);
    }
  }

  void directive(size_t begin, size_t end) {
    if (begin > 0 && script.text[begin - 1] != '\n') return;
    StringRef word = slice(begin, end).take_until([](char c) { return c == ' ' || c == '\t'; });
    if (llvm::is_contained({"#SBATCH", "#PBS", "#BSUB", "#COBALT", "#FLUX:"}, word))
      s.report(script.range(begin, end), diag::DirectiveInBody{.directive = word.str()});
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
      if (piece.kind != ShellPiece::Variable || piece.quote != 0 || isArgument(piece)) continue;
      std::string text = s.text(range(piece)).str();
      if (piece.name == "@" || piece.name == "*" || piece.op == '@') {
        s.report(
            range(piece),
            diag::SplitArguments{.text = text, .fix = diag::Fix{range(piece), "\"" + text + "\""}});
        continue;
      }
      auto known = set_.find(piece.name);
      bool isSafe = isLoop || piece.op == 'l' || piece.op == '+' || isAlwaysWord(piece.name) ||
                    (known != set_.end() && known->second.isWord && piece.op == 0);
      if (isSafe || !reportedSplit_.insert(piece.name).second || reported_.count(piece.name))
        continue;
      s.report(range(piece), diag::SplitExpansion{
                                 .text = text, .fix = diag::Fix{range(piece), "\"" + text + "\""}});
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
          s.report(range(piece), diag::GluedList{});
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
      s.report(range(first),
               diag::UnsafeRemove{
                   .name = first.name,
                   .rest = rest.rtrim('"').str(),
                   .fix = first.op == 0
                              ? std::optional(diag::Fix{range(first), "${" + first.name + ":?}"})
                              : std::nullopt});
      reportedSplit_.insert(first.name);
    }
  }

  ir::ShellText text_;
  std::map<std::string, Known> set_;
  bool setsAnything_ = false, looksAround_ = false;
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

/// All that the rules see of a script: its text, and of which kind the values of its holes are.
static std::string seenOf(const Session& s, const syntax::Script& script, const ir::Body& body) {
  std::string seen(1, static_cast<char>(body.language));
  auto add = [&](auto number) {
    seen.append(reinterpret_cast<const char*>(&number), sizeof number);
  };
  auto addType = [&](ir::TypeId id) {
    const ir::Type& type = s.module.types[id];
    add(type.kind);
    add(s.module.types[type.element].kind);
  };
  for (size_t n = 0; n < script.text->parts.size(); ++n) {
    const syntax::StringPart& part = script.text->parts[n];
    int index = body.pieces[n].hole;
    add(index);
    if (!part.hole) {
      add(part.text.size());
      seen += part.text;
    }
    if (index < 0) continue;
    const ir::Hole& hole = body.holes[static_cast<size_t>(index)];
    add(hole.list);
    add(hole.raw);
    if (!hole.value.valid()) continue;
    const ir::Expr& value = s.module[hole.value];
    add(value.op);
    addType(value.type);
    if (value.op == ir::Op::Format && !value.args.empty()) addType(s.module[value.args[0]].type);
  }
  return seen;
}

/// False if a rule looked at more than the script.
static bool isLintedAlone(Session& s, const syntax::Script& script, Place& place,
                          const ir::Body& body) {
  ScriptText text(s, *script.text);
  for (size_t i = 0; i < text.text.size(); ++i) {
    if (text.text[i] == '#' && (i == 0 || text.text[i - 1] == '\n'))
      i = std::min(text.text.find('\n', i), text.text.size() - 1);
    size_t length = placeholderLength(StringRef(text.text).substr(i));
    if (!length) continue;
    s.report(text.range(i, i + length), diag::Placeholder{.text = text.text.substr(i, length)});
    i += length;
  }
  if (body.language == ir::Body::Python) {
    lintPython(s, text, body);
    return true;
  }
  ShellLint lint(s, text, place, body);
  lint.run();
  if (s.request.onScript)
    s.request.onScript({body, text.file, std::move(text.at), std::move(text.end)});
  return !lint.looksAround();
}

void lintScript(Session& s, const syntax::Script& script, Place& place, const ir::Body& body) {
  SoundScripts* sound = s.request.sound;
  std::string seen = sound ? seenOf(s, script, body) : "";
  if (sound && sound->contains(seen)) return;
  size_t before = s.emitter.countAdded();
  bool isAlone = isLintedAlone(s, script, place, body);
  if (sound && isAlone && s.emitter.countAdded() == before) sound->add(seen);
}

}  // namespace wfc::check
