// The logs of a job, and what its commands do with the allocation.
#include <algorithm>
#include <set>

#include "fmt/format.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/diag/catalog/audit.h"

#include "targets/slurm/foreign/job.h"

namespace wfc::targets::slurm::foreign {

using llvm::StringRef;
using source::Range;

namespace {

class LogAudit {
 public:
  LogAudit(const Job& job, diag::Emitter& emitter) : job_(job), emitter_(emitter) {}

  void run() {
    for (StringRef name : {"output", "error"})
      if (const Given* given = job_.find(name); given && !given->value.empty()) log(*given);
  }

 private:
  void log(const Given& given) {
    StringRef path(given.value);
    bool isUnread = path.contains('$') || path.contains(ir::kHoleByte) || path.contains('\\') ||
                    path.starts_with("~") || path == "none" || path == "/dev/null";
    if (isUnread) return;
    bool isArray = job_.find("array") != nullptr;
    bool tellsMembers = marks(given, isArray);
    std::optional<Indices> indices = job_.array();
    if (indices && indices->count() > 1 && !tellsMembers)
      emitter_.report(given.at, diag::OneLogOfMany{.count = fmt::format("{}", indices->count())});
    folder(given);
  }

  /// Whether the name tells the members of an array apart.
  bool marks(const Given& given, bool isArray) {
    StringRef path(given.value);
    bool tells = false;
    for (size_t i = 0; i < path.size(); ++i) {
      if (path[i] != '%') continue;
      size_t end = i + 1;
      while (end < path.size() && llvm::isDigit(path[end])) ++end;
      char letter = end < path.size() ? path[end] : '\0';
      if (letter == '%') {
        i = end;
        continue;
      }
      tells = tells || letter == 'a' || letter == 'j' || letter == 'J';
      if (!letter || !kPatternLetters.contains(letter))
        unknown(given, path.slice(i, end + (letter ? 1 : 0)));
      else if (letter == 'a' && !isArray)
        emitter_.report(given.valueAt, diag::IndexInLogWithoutArray{});
      i = end;
    }
    return tells;
  }

  void unknown(const Given& given, StringRef mark) {
    std::string hint;
    char letter = mark.back();
    if (letter == 'J' || letter == 'd') hint = "the job is `%j`";
    if (letter == 'A') hint = "the array's job is `%A`";
    if (letter == 'U') hint = "the user is `%u`";
    if (letter == 'X') hint = "the job's name is `%x`";
    if (letter == 'i') hint = "the index is `%a`";
    emitter_.report(given.valueAt, diag::UnknownMarkInLog{.mark = mark.str(), .hint = hint});
  }

  void folder(const Given& given) {
    StringRef path(given.value);
    size_t slash = path.rfind('/');
    if (slash == StringRef::npos || slash == 0) return;
    StringRef folder = path.take_front(slash);
    if (folder == "." || folder == ".." || folder.ends_with("/..")) return;
    if (job_.driver && madeBy(*job_.driver, folder).valid()) return;
    Range made = madeBy(*job_.script, folder);
    bool hasMark = false;
    for (char letter : StringRef("AajJ"))
      hasMark = hasMark || folder.contains(fmt::format("%{}", letter));
    if (!made.valid() && !hasMark) {
      bool isAbsolute = folder.starts_with("/");
      if (!isAbsolute) emitter_.report(given.valueAt, diag::LogInFolder{.folder = folder.str()});
      return;
    }
    emitter_.report(given.valueAt,
                    diag::FolderOfLog{.folder = folder.str(),
                                      .hint = hasMark ? "its name is new with each job" : "",
                                      .madeAt = made});
  }

  /// `mkdir` of this folder in a script.
  static Range madeBy(const Script& script, StringRef folder) {
    StringRef bare = folder;
    bare.consume_front("./");
    for (const ir::ShellCommand& command : script.shell.commands) {
      if (command.words.empty() || command.words[0].text != "mkdir") continue;
      for (const ir::ShellWord& word : command.words) {
        StringRef text = StringRef(word.text).rtrim('/');
        text.consume_front("./");
        if (text == bare) return script.range(command.words[0].begin, word.end);
      }
    }
    return {};
  }

  const Job& job_;
  diag::Emitter& emitter_;
};

class BodyAudit {
 public:
  BodyAudit(const Job& job, diag::Emitter& emitter)
      : job_(job), script_(*job.script), emitter_(emitter) {}

  void run() {
    if (!script_.isShell) return;
    index();
    for (const ir::ShellCommand& command : script_.shell.commands) ranks(command);
    ending();
  }

 private:
  /// `$SLURM_ARRAY_TASK_ID` in a job that is none.
  void index() {
    if (job_.find("array") || script_.directives.empty()) return;
    for (const ir::ShellCommand& command : script_.shell.commands)
      for (const ir::ShellAssignment& assignment : command.assignments)
        if (StringRef(assignment.name).starts_with("SLURM_ARRAY_")) return;
    for (const ir::ShellPiece& piece : script_.shell.pieces) {
      if (piece.kind != ir::ShellPiece::Variable || piece.op == '-' || piece.op == '+' ||
          piece.op == '=' || piece.op == '?')
        continue;
      if (piece.name == "SLURM_ARRAY_TASK_ID" && !isTested())
        return emitter_.report(script_.range(piece.begin, piece.end),
                               diag::IndexWithoutArray{.name = piece.name});
    }
  }

  /// Whether some test asks if the index is set.
  bool isTested() const {
    for (const ir::ShellCommand& command : script_.shell.commands) {
      if (command.words.empty()) continue;
      StringRef name = command.words[0].text;
      if (name != "[" && name != "[[" && name != "test") continue;
      for (const ir::ShellWord& word : command.words)
        for (const ir::ShellPiece& piece : word.pieces)
          if (piece.name == "SLURM_ARRAY_TASK_ID") return true;
    }
    return false;
  }

  static std::optional<int64_t> rankCount(const ir::ShellCommand& command, bool isSrun) {
    for (size_t n = 1; n < command.words.size(); ++n) {
      StringRef word = command.words[n].text;
      if (!word.starts_with("-")) return std::nullopt;  // the program begins
      for (StringRef name : {"--ntasks", "-n", "-np", "--np"}) {
        StringRef value;
        if (word == name && n + 1 < command.words.size())
          value = command.words[n + 1].text;
        else if (name.starts_with("--") && word.starts_with((name + "=").str()))
          value = word.substr(name.size() + 1);
        else if (name == "-n" && isSrun && word.starts_with("-n") && word.size() > 2)
          value = word.drop_front(2);
        else
          continue;
        return readNumber(value);
      }
      // The value of an option stands alone.
      bool takesNext =
          word.size() == 2 && isSrun && optionOf(word[1]) && optionOf(word[1])->form != Form::None;
      if (takesNext) ++n;
    }
    return std::nullopt;
  }

  void ranks(const ir::ShellCommand& command) {
    if (command.words.empty() || script_.components > 1 || script_.directives.empty()) return;
    StringRef program = command.words[0].text;
    bool isSrun = program == "srun";
    if (!isSrun && program != "mpirun" && program != "mpiexec") return;
    std::optional<int64_t> ranks = rankCount(command, isSrun), tasks = job_.tasks();
    const Given* given = job_.find("ntasks") ? job_.find("ntasks") : job_.find("ntasks-per-node");
    if (!ranks || !tasks || !given || *ranks <= *tasks) return;
    for (StringRef other : {"gpus-per-task", "ntasks-per-gpu", "overcommit", "exclusive"})
      if (job_.find(other)) return;
    for (const ir::ShellWord& word : command.words) {
      StringRef text(word.text);
      if (text == "-O" || text.starts_with("--overcommit") || text.contains("oversubscribe"))
        return;
    }
    emitter_.report(
        script_.range(command.words[0].begin, command.words[0].end),
        diag::MoreRanksThanTasks{.program = program.str(),
                                 .ranks = fmt::format("{}", *ranks),
                                 .tasks = fmt::format("{} task{}", *tasks, *tasks == 1 ? "" : "s"),
                                 .tasksAt = given->at});
  }

  /// `exit 0` at the end, where nothing ends the script before.
  void ending() {
    const ir::ShellCommand* last = nullptr;
    bool doesWork = false, isChecked = script_.interpreter.find(" -e") != std::string::npos;
    for (const ir::ShellCommand& command : script_.shell.commands) {
      if (command.words.empty()) continue;
      StringRef name = command.words[0].text;
      bool setsE =
          name == "set" && std::any_of(command.words.begin(), command.words.end(), [](auto& w) {
            StringRef text(w.text);
            return text == "errexit" || (text.starts_with("-") && text.contains('e'));
          });
      isChecked = isChecked || setsE || name == "trap" ||
                  (name == "exit" && last != nullptr && isFailure(command));
      doesWork = doesWork || name == "srun" || name == "mpirun" || name == "mpiexec" ||
                 name == "python" || name == "python3" || name == "Rscript" ||
                 name == "apptainer" || name == "singularity" || name.starts_with("./");
      if (!last || command.words[0].begin > last->words[0].begin) last = &command;
    }
    bool hidesIt = last && doesWork && !isChecked && last->words[0].text == "exit" &&
                   last->words.size() == 2 && last->words[1].text == "0" && isLastLine(*last);
    if (hidesIt && !script_.directives.empty())
      emitter_.report(script_.range(last->words[0].begin, last->words[1].end),
                      diag::HiddenFailure{});
  }

  /// `exit` with anything but 0: somebody looks at how things ended.
  static bool isFailure(const ir::ShellCommand& command) {
    return command.words.size() > 1 && command.words[1].text != "0";
  }

  bool isLastLine(const ir::ShellCommand& command) const {
    size_t begin = command.words[0].begin;
    return begin == 0 || script_.text[begin - 1] == '\n';
  }

  const Job& job_;
  const Script& script_;
  diag::Emitter& emitter_;
};

}  // namespace

void auditLogs(const Job& job, diag::Emitter& emitter) { LogAudit(job, emitter).run(); }

void auditBody(const Job& job, diag::Emitter& emitter) { BodyAudit(job, emitter).run(); }

}  // namespace wfc::targets::slurm::foreign
