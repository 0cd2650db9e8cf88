// How a script is written: its first line, its directives, and their options and values.
#include <algorithm>

#include "fmt/format.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/diag/catalog/audit.h"
#include "compiler/site/placeholder.h"

#include "targets/slurm/foreign/job.h"

namespace wfc::targets::slurm::foreign {

using llvm::StringRef;
using source::Range;

namespace {

class ScriptAudit {
 public:
  ScriptAudit(const Script& script, diag::Emitter& emitter) : script_(script), emitter_(emitter) {}

  void run() {
    firstLine();
    lineEnds();
    for (const NearMiss& miss : script_.nearMisses)
      emitter_.report(miss.at, diag::MisspeltDirective{.found = slice(miss.at).str(),
                                                       .fix = diag::Fix{miss.at, "#SBATCH"}});
    if (!script_.find("ignore-pbs"))
      for (const Range& line : script_.others)
        emitter_.report(line, diag::DirectiveOfAnotherScheduler{});
    for (const Range& mark : script_.templated)
      emitter_.report(mark, diag::PlaceholderInDirective{.value = slice(mark).rtrim().str()});
    for (const Range& quote : script_.unclosed)
      emitter_.report(quote, diag::UnclosedQuoteInDirective{});
    for (const Range& word : script_.cut) cutWord(word);
    for (const Range& end : script_.continued) continued(end);
    for (const Range& line : script_.late) late(line);
  }

 private:
  StringRef slice(const Range& range) const { return script_.text.slice(range.begin, range.end); }

  void firstLine() {
    StringRef text = script_.text;
    if (text.starts_with("#!")) return;
    Range first = script_.range(0, std::min(text.find('\n'), text.size()));
    std::string hint;
    diag::Fix fix{script_.range(0, 0), "#!/bin/bash\n"};
    if (text.starts_with("\xEF\xBB\xBF")) {
      hint = "there is a mark of the byte order before it";
      fix = {script_.range(0, 3), text.substr(3).starts_with("#!") ? "" : "#!/bin/bash\n"};
    } else if (StringRef rest = text.ltrim(); rest.starts_with("#!")) {
      hint = "there are blanks before it";
      fix = {script_.range(0, text.size() - rest.size()), ""};
    } else if (text.contains("\n#!/")) {
      hint = "`#!` counts in the first line only";
    }
    emitter_.report(first, diag::NoInterpreter{.hint = hint, .fix = fix});
  }

  void lineEnds() {
    size_t at = script_.text.find("\r\n");
    if (at != StringRef::npos) emitter_.report(script_.range(at, at + 1), diag::LineEndsOfDos{});
  }

  void cutWord(const Range& word) {
    // A comment follows: only the blank before it is missing.
    char next = word.end + 1 < script_.text.size() ? script_.text[word.end + 1] : ' ';
    if (next == ' ' || next == '\t' || next == '\n' || next == '#' || next == '\r') return;
    size_t end = script_.text.find_first_of(" \t\r\n", word.end);
    end = std::min(end, script_.text.size());
    StringRef whole = script_.text.slice(word.begin, end);
    size_t sign = whole.find('=');
    std::optional<diag::Fix> fix;
    if (!whole.contains('"') && !whole.contains('\'')) {
      size_t begin = word.begin + (sign == StringRef::npos ? 0 : sign + 1);
      fix =
          diag::Fix{script_.range(begin, end), "\"" + script_.text.slice(begin, end).str() + "\""};
    }
    emitter_.report(script_.range(word.begin, end),
                    diag::CutWord{.word = slice(word).str(), .fix = std::move(fix)});
  }

  void continued(const Range& end) {
    size_t next = std::min(script_.text.find('\n', end.begin), script_.text.size());
    StringRef line = script_.text.substr(next).drop_front(next < script_.text.size() ? 1 : 0);
    line = line.take_until([](char c) { return c == '\n'; });
    if (line.trim().empty() || line.ltrim().starts_with("#")) return;
    emitter_.report(end, diag::ContinuedDirective{.commandAt = script_.firstCommand});
  }

  void late(const Range& line) {
    emitter_.report(line, diag::LateDirective{.directive = slice(line).rtrim().str(),
                                              .commandAt = script_.firstCommand});
  }

  const Script& script_;
  diag::Emitter& emitter_;
};

class OptionAudit {
 public:
  OptionAudit(bool isCommandLine, const site::Site* site, diag::Emitter& emitter)
      : isCommandLine_(isCommandLine), site_(site), emitter_(emitter) {}

  void one(const Given& given) {
    switch (given.fault) {
      case Given::Unknown:
        return unknown(given);
      case Given::Ambiguous:
        return emitter_.report(
            given.nameAt,
            diag::AmbiguousOption{
                .option = optionText(given),
                .several = fmt::format("`--{}`", fmt::join(given.shortFor, "`, `--"))});
      case Given::SingleDash:
        return emitter_.report(given.nameAt,
                               diag::SingleDash{.option = given.name,
                                                .letter = given.name.substr(0, 1),
                                                .rest = given.name.substr(1) + "…",
                                                .fix = diag::Fix{given.nameAt, "--" + given.name}});
      case Given::LacksValue:
        return emitter_.report(given.nameAt, diag::OptionWithoutValue{.option = optionText(given)});
      case Given::SurplusValue:
        return emitter_.report(given.at,
                               diag::SurplusValue{.option = optionText(given),
                                                  .fix = diag::Fix{given.at, "--" + given.name}});
      case Given::Stray:
        return stray(given);
      case Given::None:
        newer(given);
        if (given.hasValue) value(given);
    }
  }

 private:
  void unknown(const Given& given) {
    if (isOfPlugin(given.name))
      return emitter_.report(given.nameAt, diag::OptionOfPlugin{.option = optionText(given)});
    std::string hint;
    std::optional<diag::Fix> fix;
    auto write = [&](StringRef name) { fix = diag::Fix{given.nameAt, "--" + name.str()}; };
    if (const Stranger* stranger = strangerNamed(given.name)) {
      hint = stranger->why.str();
      if (!stranger->instead.empty()) {
        hint += fmt::format("; here it is `--{}`", stranger->instead.str());
        write(stranger->instead);
      }
    } else if (std::string near = given.name.size() > 1 ? nearestOption(given.name) : "";
               !near.empty()) {
      hint = fmt::format("did you mean `--{}`?", near);
      write(near);
    }
    emitter_.report(
        given.nameAt,
        diag::UnknownBatchOption{.option = optionText(given), .hint = hint, .fix = std::move(fix)});
  }

  void stray(const Given& given) {
    StringRef word(given.name);
    std::string hint;
    if (word.starts_with("\xE2\x80\x93") || word.starts_with("\xE2\x80\x94"))
      hint = "this is a long dash, as text editors make of `--`";
    else if (word == "=" || word.starts_with("="))
      hint = "no blanks stand around `=`";
    else if (optionNamed(word.split('=').first).option && word.contains('='))
      hint = fmt::format("an option begins with two dashes: `--{}`", word.str());
    emitter_.report(given.at, diag::StrayWord{.word = given.name, .hint = hint});
  }

  void newer(const Given& given) {
    if (!given.option->isNewer || site_ == nullptr) return;
    StringRef version(site_->version);
    int year = 0;
    bool isOlder = !version.split('.').first.getAsInteger(10, year) && year > 0 && year <= 22;
    if (isOlder)
      emitter_.report(given.nameAt,
                      diag::NewerOption{.version = site_->version, .option = optionText(given)});
  }

  void value(const Given& given) {
    StringRef text(given.value);
    const Option& option = *given.option;
    // What the shell puts there is not known, but the kinds of a dependency are.
    bool isOpen = isCommandLine_ && text.find_first_of("$`\1\2\3") != StringRef::npos;
    if (isOpen && option.form == Form::Dependency) return dependency(given);
    if (isOpen || (!isCommandLine_ && variable(given))) return;
    bool isFreeText = option.name == "comment" || option.name == "wrap" ||
                      option.name == "export" || option.name == "job-name" ||
                      option.name == "mail-user";
    if (!isFreeText && site::isPlaceholder(text))
      return emitter_.report(given.valueAt, diag::PlaceholderInDirective{.value = given.value});
    if (std::string why = whyWrong(option, text); !why.empty() && !isEmptyAllowed(given))
      return emitter_.report(given.valueAt, diag::WrongOptionValue{.value = given.value,
                                                                   .option = option.name.str(),
                                                                   .why = why,
                                                                   .form = formNote(option)});
    if (option.form == Form::Time) fewMinutes(given);
    if (option.form == Form::Memory) fewMegabytes(given);
    if (option.form == Form::Dependency && !isCommandLine_) numbers(given);
  }

  void dependency(const Given& given) {
    std::string why = readDependencies(given.value, true).wrong;
    // Its own text: what was followed of it is not what stands there.
    if (!why.empty() && StringRef(given.value).find_first_of("\1\2\3") != StringRef::npos)
      why = StringRef(why).starts_with("`\1") ? "" : why;
    if (!why.empty())
      emitter_.report(given.valueAt, diag::WrongOptionValue{.value = "this",
                                                            .option = "dependency",
                                                            .why = why,
                                                            .form = formNote(*given.option)});
  }

  /// An empty list is accepted, and is none.
  static bool isEmptyAllowed(const Given& given) {
    return given.value.empty() &&
           (given.option->form == Form::Array || given.option->form == Form::Dependency);
  }

  static std::string formNote(const Option& option) {
    std::string form = formText(option.form).str();
    return form.empty() ? "" : fmt::format("it is written {}", form);
  }

  /// Whether the value waits for a shell that does not come.
  bool variable(const Given& given) {
    StringRef text(given.value);
    size_t sign = text.find('$');
    bool isVariable = sign != StringRef::npos && sign + 1 < text.size() &&
                      (llvm::isAlpha(text[sign + 1]) || StringRef("_{(").contains(text[sign + 1]));
    bool isHome = given.option->form == Form::Pattern && text.starts_with("~");
    bool isCommand = text.count('`') >= 2;
    bool isForLater = given.option->name == "comment" || given.option->name == "wrap" ||
                      given.option->name == "export";
    if (isForLater || (!isVariable && !isHome && !isCommand)) return false;
    std::string what = given.value;
    if (isVariable) {
      StringRef rest = text.substr(sign);
      size_t end = rest.find_first_of(rest.starts_with("${")   ? "}"
                                      : rest.starts_with("$(") ? ")"
                                                               : "/.,:%-@ ",
                                      1);
      bool isClosed = rest.starts_with("${") || rest.starts_with("$(");
      what = rest.take_front(end == StringRef::npos ? rest.size() : end + isClosed).str();
    } else if (isHome) {
      what = "~";
    }
    emitter_.report(given.valueAt, diag::VariableInDirective{.what = what, .hint = instead(what)});
    return true;
  }

  static std::string instead(StringRef what) {
    if (what.contains("SLURM_ARRAY_TASK_ID")) return "in the name of a log, `%a` is the index";
    if (what.contains("SLURM_ARRAY_JOB_ID")) return "in the name of a log, `%A` is the array's job";
    if (what.contains("SLURM_JOB_NAME")) return "in the name of a log, `%x` is the job's name";
    if (what.contains("SLURM_JOB")) return "in the name of a log, `%j` is the job";
    if (what == "$USER" || what == "${USER}") return "in the name of a log, `%u` is the user";
    return "sbatch takes the text as it is; give it on the command line";
  }

  void fewMinutes(const Given& given) {
    StringRef text(given.value);
    int64_t first = 0;
    bool isShort = !text.contains('-') && text.count(':') == 1 &&
                   !text.split(':').first.getAsInteger(10, first) && first > 0 && first <= 24;
    if (!isShort) return;
    int64_t seconds = readTime(text).value_or(0) / 1000;
    std::string time = fmt::format("{} minute{}", seconds / 60, seconds / 60 == 1 ? "" : "s");
    if (seconds % 60 != 0) time += fmt::format(" and {} s", seconds % 60);
    emitter_.report(given.valueAt, diag::FewMinutes{.value = given.value, .time = time});
  }

  void fewMegabytes(const Given& given) {
    int64_t number = 0;
    if (StringRef(given.value).getAsInteger(10, number) || number == 0 || number >= 100) return;
    emitter_.report(given.valueAt,
                    diag::FewMegabytes{.option = given.option->name.str(),
                                       .value = given.value,
                                       .fix = diag::Fix{given.valueAt, given.value + "G"}});
  }

  void numbers(const Given& given) {
    for (const Clause& clause : readDependencies(given.value, false).clauses)
      if (!clause.ids.empty())
        return emitter_.report(given.valueAt, diag::DependencyOnNumber{.id = clause.ids.front()});
  }

  bool isCommandLine_;
  const site::Site* site_;
  diag::Emitter& emitter_;
};

}  // namespace

void auditOptions(const std::vector<Given>& given, bool isCommandLine, const site::Site* site,
                  diag::Emitter& emitter) {
  OptionAudit audit(isCommandLine, site, emitter);
  for (const Given& one : given) audit.one(one);
}

void auditScript(const Script& script, const site::Site* site, diag::Emitter& emitter) {
  ScriptAudit(script, emitter).run();
  auditOptions(script.given, false, site, emitter);
}

}  // namespace wfc::targets::slurm::foreign
