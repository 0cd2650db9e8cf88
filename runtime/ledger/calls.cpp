// A file is written whole and never changed, so whoever sees it sees all of it. The sum says which
// files are in it: killed between its writing and their removal, nothing is counted twice.
#include "runtime/ledger/calls.h"

#include <set>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/ledger/folder.h"

namespace wfc::run {

namespace {

constexpr size_t kFewFiles = 32;
constexpr std::string_view kSum = "sum";

std::string folderOf(const std::string& run) {
  return fmt::format("{}/{}/calls", run, abi::kLedgerDir);
}

/// Reads `PROGRAM COUNT` lines into `counts` and `of NAME` lines into `names`.
void addFile(const std::string& path, CallCounts& counts, std::set<std::string>& names) {
  std::string text = readFile(path).value_or("");
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(text).split(lines, '\n', -1, false);
  for (llvm::StringRef line : lines) {
    auto [program, rest] = line.split(' ');
    uint64_t count = 0;
    if (program == "of")
      names.insert(rest.str());
    else if (!rest.getAsInteger(10, count))
      counts[program.str()] += count;
  }
}

struct Sum {
  CallCounts counts;
  std::set<std::string> in;     ///< names that the sum's file already held
  std::set<std::string> names;  ///< of all files but the sum's
};

/// A file that a fold removes while we read is in the new sum: then we begin anew.
Sum readAll(const std::string& run) {
  std::string folder = folderOf(run);
  Sum sum;
  for (int round = 0; round < 10; ++round) {
    sum = {};
    std::string before = readFile(fmt::format("{}/{}", folder, kSum)).value_or("");
    for (std::string& name : visibleIn(folder)) sum.names.insert(std::move(name));
    sum.names.erase(std::string(kSum));
    addFile(fmt::format("{}/{}", folder, kSum), sum.counts, sum.in);
    std::set<std::string> none;
    for (const std::string& name : sum.names) {
      if (!sum.in.contains(name)) addFile(folder + "/" + name, sum.counts, none);
    }
    if (before == readFile(fmt::format("{}/{}", folder, kSum)).value_or("")) break;
  }
  return sum;
}

}  // namespace

void noteCalls(const std::string& run, const CallCounts& counts) {
  std::string folder = folderOf(run), text;
  for (const auto& [program, count] : counts) text += fmt::format("{} {}\n", program, count);
  ProcessName name = ownName();
  if (!text.empty() && makeFolders(folder))
    writeWhole(fmt::format("{}/{}.{}.{}", folder, name.host, name.pid, nowMs()), text);
}

CallCounts countedCalls(const std::string& run) { return readAll(run).counts; }

void foldCalls(const std::string& run) {
  std::string folder = folderOf(run), text;
  if (visibleIn(folder).size() <= kFewFiles) return;
  Sum sum = readAll(run);
  for (const auto& [program, count] : sum.counts) text += fmt::format("{} {}\n", program, count);
  for (const std::string& name : sum.names) text += fmt::format("of {}\n", name);
  if (!writeWhole(fmt::format("{}/{}", folder, kSum), text, true)) return;
  for (const std::string& name : sum.names) ::unlink((folder + "/" + name).c_str());
}

}  // namespace wfc::run
