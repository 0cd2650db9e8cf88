// See resources_of.h.
#include "targets/rocoto/foreign/resources_of.h"

#include "fmt/format.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Regex.h"

#include "compiler/ir/features.h"

namespace wfc::targets::rocoto::foreign {

namespace {

bool readNodes(llvm::StringRef text, Asked& asked) {
  llvm::SmallVector<llvm::StringRef> match;
  if (!llvm::Regex("^([0-9]+):ppn=([0-9]+)(:tpp=([0-9]+))?$").match(text.trim(), &match))
    return false;
  if (!match[4].empty()) (void)match[4].getAsInteger(10, asked.threads);
  return !match[1].getAsInteger(10, asked.nodes) && !match[2].getAsInteger(10, asked.perNode) &&
         asked.nodes > 0;
}

bool readMemory(llvm::StringRef text, Asked& asked) {
  if (text.trim().empty()) return true;
  llvm::SmallVector<llvm::StringRef> match;
  int64_t amount = 0;
  if (!llvm::Regex("^([0-9]+) *([MmGgTt])[Bb]?$").match(text.trim(), &match) ||
      match[1].getAsInteger(10, amount))
    return false;
  char unit = llvm::toLower(match[2][0]);
  asked.memory = unit == 'm' ? amount : unit == 'g' ? amount * 1024 : amount * 1024 * 1024;
  return true;
}

/// An option of SLURM's that says what a tag of Rocoto's says; it stands behind that and wins.
std::string* tagFor(llvm::StringRef option, Asked& asked) {
  if (option == "--partition" || option == "-p") return &asked.partition;
  if (option == "--qos" || option == "-q") return &asked.queue;
  if (option == "--account" || option == "-A") return &asked.account;
  return nullptr;
}

void readNative(llvm::StringRef text, Asked& asked) {
  llvm::SmallVector<llvm::StringRef> words;
  text.split(words, ' ', -1, false);
  for (size_t n = 0; n < words.size(); ++n) {
    llvm::StringRef word = words[n].trim(), whole = word;
    // `-p NAME` and `--qos=NAME`
    auto [option, value] = word.split('=');
    bool isApart = word.starts_with("-") && !word.contains('=') && n + 1 < words.size() &&
                   !words[n + 1].starts_with("-");
    if (isApart) value = words[++n].trim();
    if (std::string* tag = tagFor(option, asked); tag != nullptr && !value.empty())
      *tag = value.str();
    else if (word == "--exclusive")
      asked.isExclusive = true;
    else if (word.consume_front("--gres=gpu:") || word.consume_front("--gpus-per-node="))
      asked.gpus = word.str();
    else if (auto features = ir::featuresIn(value);
             (option == "--constraint" || option == "-C") && features)
      asked.features = *features;
    else if (whole != "--no-requeue" && !whole.empty())
      asked.others.insert(isApart ? fmt::format("{} {}", whole, value) : whole.str());
  }
}

}  // namespace

std::optional<Asked> askedBy(const Task& task, std::string& problem) {
  Asked asked;
  if (task.item("cores") != nullptr) {
    asked.isCores = true;
    if (llvm::StringRef(task.written("cores")).trim().getAsInteger(10, asked.perNode))
      problem = "`<cores>` that is no number";
  } else if (!readNodes(task.written("nodes"), asked)) {
    problem = fmt::format("nodes of several kinds, `{}`", task.written("nodes"));
  }
  std::optional<int64_t> seconds = secondsOf(task.written("walltime"));
  asked.seconds = seconds.value_or(0);
  if (asked.seconds <= 0) problem = fmt::format("the walltime `{}`", task.written("walltime"));
  if (!readMemory(task.written("memory"), asked))
    problem = fmt::format("the memory `{}`", task.written("memory"));
  asked.partition = task.written("partition");
  asked.queue = task.written("queue");
  asked.account = task.written("account");
  asked.isExclusive = task.item("exclusive") != nullptr;
  for (const TimeString& native : task.natives) {
    if (!native.isConstant()) problem = "a `<native>` that differs by cycle";
    readNative(native.written(), asked);
  }
  return problem.empty() ? std::optional(asked) : std::nullopt;
}

}  // namespace wfc::targets::rocoto::foreign
