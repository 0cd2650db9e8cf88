// The man pages of wfr and what its completions know: runs that lie there, instances, limits,
// causes.
#include <algorithm>
#include <filesystem>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/abi/abi.h"
#include "runtime/control/controller.h"
#include "runtime/move/command.h"
#include "runtime/verbs/verbs.h"

namespace wfc::run {

namespace {

namespace fs = std::filesystem;
using Candidates = std::vector<base::Candidate>;

base::ManualCommand pageOf(const Verb& verb) {
  base::ManualCommand page{.name = verb.name.str(),
                           .words = verb.words.str(),
                           .summary = verb.summary.str(),
                           .help = verb.help.str(),
                           .flags = base::manualFlags(verb.flags)};
  if (verb.name == "move") page.verbs = moveManual().commands;
  return page;
}

/// Who presses a key waits: larger records are not read for it.
constexpr uintmax_t kMostRead = 8 << 20;
constexpr size_t kMostNames = 300, kMostFolders = 2000;

bool isCheapToRead(const std::string& run) {
  std::error_code error;
  uintmax_t bytes = 0;
  for (const fs::directory_entry& file :
       fs::directory_iterator(fmt::format("{}/{}", run, abi::kLedgerDir), error))
    bytes += file.file_size(error);
  return bytes <= kMostRead;
}

/// Families, and behind a bracket the instances of one.
Candidates instancesOf(const std::string& run, llvm::StringRef prefix, bool isSelector) {
  Candidates found;
  std::string error;
  std::string folder = absolute(run);
  if (!isCheapToRead(folder)) return found;
  std::unique_ptr<RunView> view = RunView::read(folder, error);
  if (!view) return found;
  view->engine->settle(nowMs());
  if (isSelector && prefix.contains(':') && prefix.rfind(':') > prefix.rfind(']') + 1) {
    for (llvm::StringRef state : selectorStates())
      found.push_back(
          {fmt::format("{}:{}", prefix.substr(0, prefix.rfind(':')).str(), state.str()), ""});
    return found;
  }
  llvm::StringRef family = prefix.split('[').first;
  bool isInside = prefix.contains('[');
  std::vector<std::string> loops;
  view->engine->forEach([&](InstanceId id) {
    if (found.size() >= kMostNames) return;
    const std::string& name = view->plan->module().families[id.family].name;
    bool isPlain = view->engine->idOf(id) == name;
    if (!isInside && !isPlain && (loops.empty() || loops.back() != name)) {
      loops.push_back(name);
      found.push_back({isSelector ? name : name + "[", ""});
    }
    if (isInside ? name == family : isPlain)
      found.push_back({view->engine->idOf(id), stateName(view->engine->state().at(id)).str()});
  });
  return found;
}

Candidates limitsOf(const std::string& run) {
  std::string error;
  std::unique_ptr<RunView> view = RunView::read(absolute(run), error);
  Candidates found;
  if (!view) return found;
  for (const ir::Limit& limit : view->plan->module().limits)
    found.push_back({fmt::format("limit.{}=", limit.name), fmt::format("now {}", limit.count)});
  return found;
}

std::optional<Candidates> values(llvm::StringRef kind, llvm::ArrayRef<std::string> words,
                                 llvm::StringRef prefix) {
  // The first word behind the verb that is no flag.
  auto run = [&] {
    for (size_t n = 1; n < words.size(); ++n)
      if (!llvm::StringRef(words[n]).starts_with("-")) return words[n];
    return std::string();
  };
  if (kind == "RUN" || kind == "OUT") {
    Candidates folders;
    for (std::string& folder :
         foldersWith(kind == "RUN" ? abi::kHeaderFile : abi::kManifestFile, prefix))
      folders.push_back({std::move(folder), ""});
    return folders;
  }
  if (kind == "INSTANCE") return instancesOf(run(), prefix, false);
  if (kind == "SELECTOR") return instancesOf(run(), prefix, true);
  if (kind == "limit.NAME=COUNT") return limitsOf(run());
  if (kind == "SHELL") return Candidates{{"bash", ""}, {"zsh", ""}, {"fish", ""}};
  if (kind != "CAUSE" && kind != "VERB") return std::nullopt;
  Candidates known;
  if (kind == "CAUSE")
    for (llvm::StringRef state : selectorStates()) known.push_back({state.str(), ""});
  else
    for (const Verb& verb : verbs())
      if (!verb.isHidden) known.push_back({verb.name.str(), verb.summary.str()});
  return known;
}

base::Manual manual() {
  base::Manual manual{.program = "wfr", .summary = "runs what wfc built"};
  for (const Verb& verb : verbs())
    if (!verb.isHidden) manual.commands.push_back(pageOf(verb));
  manual.sections = {{"SELECTORS", std::string(kAboutSelectors)}};
  manual.seeAlso = {"wfc", "wfr-move", "wfr-geo", "wfr-torch", "wfr-s3"};
  return manual;
}

}  // namespace

std::vector<std::string> foldersWith(std::string_view file, llvm::StringRef prefix) {
  std::string lead = prefix.substr(0, prefix.rfind('/') + 1).str();
  if (!prefix.contains('/')) lead.clear();
  std::vector<std::string> found;
  size_t seen = 0;
  std::vector<std::pair<std::string, int>> level = {{lead, 0}};
  while (!level.empty() && seen < kMostFolders) {
    auto [folder, depth] = level.back();
    level.pop_back();
    std::error_code error;
    for (const fs::directory_entry& entry :
         fs::directory_iterator(folder.empty() ? "." : folder, error)) {
      std::string name = entry.path().filename().string();
      if (++seen >= kMostFolders || !entry.is_directory(error)) continue;
      // What `wfc run` keeps is hidden, and a run all the same.
      if (name.starts_with(".") && name != ".wfc") continue;
      std::string path = folder + name;
      if (fs::is_regular_file(fs::path(path) / file, error))
        found.push_back(path);
      else if (depth < 2)
        level.push_back({path + "/", depth + 1});
    }
  }
  llvm::sort(found);
  return found;
}

base::Manual moveManual() {
  base::Manual manual{.program = "wfr move",
                      .summary = "moves data, verified, whole or not at all"};
  for (const move::Command& command : move::commands())
    manual.commands.push_back({.name = command.name.str(),
                               .words = command.words.str(),
                               .summary = command.summary.str(),
                               .help = command.help.str(),
                               .flags = base::manualFlags(command.flags)});
  manual.sections = {{"EXIT STATUS", std::string(move::kExits)}};
  manual.seeAlso = {"wfr"};
  return manual;
}

int verbComplete(llvm::ArrayRef<std::string> args) {
  fmt::print("{}", base::completions(manual(), args, values));
  return abi::Good;
}

int verbCompletion(const Given& given) {
  std::string script = base::completionScript("wfr", given.words[0]);
  if (script.empty())
    return wrongUse(
        fmt::format("no completions for `{}`; there are bash, zsh and fish", given.words[0]));
  fmt::print("{}", script);
  return abi::Good;
}

int verbDocs(const Given& given) {
  bool isMove = given.words.size() > 1 && given.words[1] == "move";
  if (given.words[0] != "man" || (given.words.size() > 1 && !isMove))
    return wrongUse("usage: wfr docs man [move]");
  fmt::print("{}", base::manPage(isMove ? moveManual() : manual()));
  return abi::Good;
}

}  // namespace wfc::run
