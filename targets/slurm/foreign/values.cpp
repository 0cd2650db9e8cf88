// The readers of values; each accepts what 22.05 accepts.
#include "targets/slurm/foreign/values.h"

#include <algorithm>
#include <set>

#include "fmt/format.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

namespace wfc::targets::slurm::foreign {

using llvm::StringRef;

namespace {

constexpr int64_t kMiB = 1 << 20;

/// A number that can be multiplied by another without a thought; none that is meant is longer.
bool isDigits(StringRef text) {
  return !text.empty() && text.size() < 10 && llvm::all_of(text, llvm::isDigit);
}

int64_t numberOf(StringRef digits) {
  int64_t value = 0;
  digits.getAsInteger(10, value);
  return value;
}

std::optional<Indices::Run> readRun(StringRef text) {
  Indices::Run run;
  auto [range, step] = text.split(':');
  bool hasStep = text.contains(':');
  auto [first, last] = range.split('-');
  bool hasLast = range.contains('-');
  if (!isDigits(first) || (hasLast && !isDigits(last))) return std::nullopt;
  if (hasStep && (!isDigits(step) || !hasLast)) return std::nullopt;
  run.first = numberOf(first);
  run.last = hasLast ? numberOf(last) : run.first;
  run.step = hasStep ? numberOf(step) : 1;
  if (run.last < run.first || run.step <= 0) return std::nullopt;
  return run;
}

constexpr StringRef kSignals =
    " HUP INT QUIT ABRT KILL ALRM TERM USR1 USR2 URG CONT STOP TSTP TTIN TTOU ";

constexpr StringRef kKinds =
    " after afterany afterburstbuffer aftercorr afternotok afterok expand singleton ";

bool isJobId(StringRef text) {
  StringRef id = text.split('+').first;
  auto [job, index] = id.split('_');
  return isDigits(job) && (!id.contains('_') || index == "*" || isDigits(index)) &&
         (!text.contains('+') || isDigits(text.split('+').second));
}

std::string wrongClause(const Clause& clause, bool mayHoldVariables) {
  if (clause.kind.empty()) return {};
  if (!isAmong(kKinds, clause.kind))
    return fmt::format("`{}` is no kind of dependency", clause.kind);
  if (clause.kind == "singleton") return clause.ids.empty() ? "" : "`singleton` takes no job";
  if (clause.ids.empty()) return fmt::format("`{}` names no job", clause.kind);
  for (StringRef id : clause.ids) {
    if (id.empty()) return "a job is missing";
    if (!mayHoldVariables && !isJobId(id)) return fmt::format("`{}` is no job id", id.str());
  }
  return {};
}

std::string wrongWords(const Option& option, StringRef value) {
  llvm::SmallVector<StringRef> words;
  if (option.form == Form::WordList)
    value.split(words, ',');
  else
    words.push_back(value);
  bool isUpper = StringRef(option.words).contains('A');
  for (StringRef word : words)
    if (!isAmong(option.words, isUpper ? word.upper() : word.lower()))
      return fmt::format("`{}` is none of{}", word.str(), option.words.rtrim().str());
  return {};
}

/// What is wrong with a size or a time is often that it is written for something else.
std::string hintOnTime(StringRef value) {
  if (value.contains('.')) return "fractions are not taken";
  if (llvm::any_of(value, llvm::isAlpha)) return "units are not taken";
  if (value.count(':') == 3) return "days stand before a hyphen: `1-02:03:04`";
  return "it has no such form";
}

std::string hintOnMemory(StringRef value) {
  if (value.contains('.')) return "fractions are not taken; a smaller unit says the same";
  if (value.ends_with_insensitive("ib") || value.ends_with_insensitive("i"))
    return "the units are `K M G T`, which are of 1024";
  return "it is no size";
}

}  // namespace

bool isAmong(StringRef list, StringRef word) { return list.contains(" " + word.str() + " "); }

std::optional<int64_t> readNumber(StringRef text) {
  text.consume_front("+");
  if (!isDigits(text)) return std::nullopt;
  return numberOf(text);
}

std::optional<int64_t> readTime(StringRef text) {
  if (text.equals_insensitive("infinite") || text.equals_insensitive("unlimited")) return 0;
  auto [days, rest] = text.split('-');
  bool hasDays = text.contains('-');
  if (!hasDays) rest = text;
  if (hasDays && (!isDigits(days) || rest.empty()))
    return isDigits(days) && rest.empty() ? std::optional<int64_t>(numberOf(days) * 86400000)
                                          : std::nullopt;
  llvm::SmallVector<StringRef> parts;
  rest.split(parts, ':');
  if (parts.size() > 3) return std::nullopt;
  for (StringRef part : parts)
    if (!isDigits(part)) return std::nullopt;
  // Without days the last part is of seconds, unless it is the only one; with days the first is of
  // hours.
  int64_t units[3] = {3600, 60, 1};
  size_t from = hasDays ? 0 : parts.size() == 1 ? 1 : 3 - parts.size();
  int64_t seconds = hasDays ? numberOf(days) * 86400 : 0;
  for (size_t n = 0; n < parts.size(); ++n) seconds += numberOf(parts[n]) * units[from + n];
  return seconds * 1000;
}

std::optional<int64_t> readMemory(StringRef text) {
  text.consume_front("+");
  StringRef digits = text.take_while(llvm::isDigit), unit = text.drop_front(digits.size());
  if (!isDigits(digits)) return std::nullopt;
  int64_t value = numberOf(digits);
  std::string upper = unit.upper();
  StringRef letter(upper);
  if (letter.size() == 2) letter.consume_back("B");
  if (letter.empty() || letter == "M") return value * kMiB;
  if (letter == "K") return value * 1024;
  if (letter == "G") return value * 1024 * kMiB;
  if (letter == "T" && value < 1000000) return value * 1024 * 1024 * kMiB;
  return std::nullopt;
}

std::optional<Range64> readNodes(StringRef text) {
  auto [least, most] = text.split('-');
  if (!isDigits(least)) return std::nullopt;
  if (!text.contains('-')) return Range64{numberOf(least), numberOf(least)};
  if (!isDigits(most) || numberOf(most) < numberOf(least)) return std::nullopt;
  return Range64{numberOf(least), numberOf(most)};
}

int64_t Indices::count() const {
  if (runs.size() == 1) return (runs[0].last - runs[0].first) / runs[0].step + 1;
  int64_t sum = 0;
  for (const Run& run : runs) sum += (run.last - run.first) / run.step + 1;
  return sum < 1000000 ? static_cast<int64_t>(all().size()) : sum;
}

int64_t Indices::most() const {
  int64_t most = 0;
  for (const Run& run : runs) most = std::max(most, run.last - (run.last - run.first) % run.step);
  return most;
}

std::vector<int64_t> Indices::all() const {
  std::set<int64_t> set;
  for (const Run& run : runs)
    for (int64_t n = run.first; n <= run.last && set.size() < 1000000; n += run.step) set.insert(n);
  return {set.begin(), set.end()};
}

std::optional<Indices> readArray(StringRef text) {
  Indices indices;
  auto [list, limit] = text.split('%');
  indices.limit = std::max<int64_t>(0, isDigits(limit) ? numberOf(limit) : 0);
  if (list.consume_front("[")) list.consume_back("]");
  llvm::SmallVector<StringRef> parts;
  list.split(parts, ',', -1, false);
  for (StringRef part : parts) {
    std::optional<Indices::Run> run = readRun(part);
    if (!run) return std::nullopt;
    indices.runs.push_back(*run);
  }
  if (indices.runs.empty()) return std::nullopt;
  return indices;
}

Dependencies readDependencies(StringRef text, bool mayHoldVariables) {
  Dependencies result;
  if (text.empty()) return result;
  result.isAnyOf = text.contains('?');
  if (result.isAnyOf && text.contains(',')) result.wrong = "`,` and `?` cannot be mixed";
  llvm::SmallVector<StringRef> parts;
  StringRef rest = text;
  for (size_t sign = rest.find_first_of(",?"); sign != StringRef::npos;
       rest = rest.substr(sign + 1), sign = rest.find_first_of(",?"))
    parts.push_back(rest.take_front(sign));
  parts.push_back(rest);
  for (StringRef part : parts) {
    Clause clause;
    llvm::SmallVector<StringRef> words;
    part.split(words, ':');
    bool isBare = isJobId(part) || (mayHoldVariables && words.size() == 1 && !part.empty() &&
                                    !llvm::isAlpha(part.front()));
    if (isBare) {
      clause.ids.push_back(part.str());
    } else {
      clause.kind = words[0].str();
      for (StringRef id : llvm::ArrayRef(words).drop_front()) clause.ids.push_back(id.str());
      if (part.empty()) result.wrong = "a dependency is missing beside the comma";
      if (result.wrong.empty()) result.wrong = wrongClause(clause, mayHoldVariables);
    }
    result.clauses.push_back(std::move(clause));
  }
  return result;
}

std::optional<Gpu> readGpus(StringRef text) {
  Gpu gpu;
  auto [model, count] = text.rsplit(':');
  if (!text.contains(':')) {
    if (isDigits(text)) return Gpu{{}, numberOf(text)};
    return text.empty() ? std::nullopt : std::optional<Gpu>(Gpu{text.str(), 1});
  }
  if (model.empty() || !isDigits(count)) return std::nullopt;
  return Gpu{model.str(), numberOf(count)};
}

GresList readGres(StringRef text) {
  GresList list;
  if (text == "none" || text == "NONE") return list;
  llvm::SmallVector<StringRef> parts;
  text.split(parts, ',');
  for (StringRef part : parts) {
    auto [name, rest] = part.split(':');
    bool isValid = !name.empty() && !part.contains('=') && (!part.contains(':') || !rest.empty());
    list.isValid = list.isValid && isValid;
    if (name != "gpu") continue;
    std::optional<Gpu> gpu = rest.empty() ? Gpu{{}, 1} : readGpus(rest.split('(').first);
    if (gpu)
      list.gpus.push_back(*gpu);
    else
      list.isValid = false;
  }
  return list;
}

std::string whyWrong(const Option& option, StringRef value) {
  switch (option.form) {
    case Form::None:
    case Form::Text:
    case Form::Pattern:
      return {};
    case Form::Count:
    case Form::Number: {
      std::optional<int64_t> number = readNumber(value);
      if (!number) return "it is no whole number";
      return *number == 0 && option.form == Form::Count ? "it must be above 0" : "";
    }
    case Form::Nodes:
      return readNodes(value) ? "" : "it is neither a number nor a range of numbers";
    case Form::Time:
      return readTime(value) ? "" : hintOnTime(value);
    case Form::Memory:
      return readMemory(value) ? "" : hintOnMemory(value);
    case Form::Array:
      return readArray(value) ? "" : "it is no list of indices";
    case Form::Dependency:
      return readDependencies(value, false).wrong;
    case Form::Signal: {
      auto [signal, time] = value.split('@');
      for (StringRef prefix : {"RB:", "BR:", "B:", "R:"})
        if (signal.consume_front(prefix)) break;
      std::string name = signal.upper();
      StringRef bare(name);
      bare.consume_front("SIG");
      bool isName = isDigits(signal) || isAmong(kSignals, bare);
      bool isTime = !value.contains('@') || (isDigits(time) && numberOf(time) <= 65535);
      return !isName  ? "it names no signal"
             : isTime ? ""
                      : "the time is in whole seconds, 65535 at most";
    }
    case Form::Gres:
      return readGres(value).isValid ? "" : "it is no list of resources";
    case Form::Gpus:
      return readGpus(value) ? "" : "it is no number of GPUs";
    case Form::Words:
    case Form::WordList:
      return wrongWords(option, value);
  }
  return {};
}

StringRef formText(Form form) {
  switch (form) {
    case Form::Nodes:
      return "`2` or `2-4`";
    case Form::Time:
      return "minutes, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`, "
             "`days-hours:minutes:seconds`";
    case Form::Memory:
      return "a whole number with `K`, `M`, `G` or `T`; without, it is of MiB";
    case Form::Array:
      return "`0-9`, `1,3,5`, `0-99:10`, with `%4` behind it for four at once";
    case Form::Dependency:
      return "`afterok:ID:ID,afterany:ID`; `after afterany afternotok aftercorr afterok singleton`";
    case Form::Signal:
      return "`USR1@60`, `B:TERM@120`";
    case Form::Gres:
      return "`gpu:2`, `gpu:MODEL:2`";
    case Form::Gpus:
      return "`2`, `MODEL:2`";
    default:
      return "";
  }
}

}  // namespace wfc::targets::slurm::foreign
