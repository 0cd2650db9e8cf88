// See saved.h.
#include "runtime/control/saved.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/BLAKE3.h>
#include <llvm/Support/JSON.h>

#include "runtime/abi/abi.h"
#include "runtime/ledger/folder.h"
#include "runtime/move/stream.h"

namespace wfc::run {

namespace {

namespace fs = std::filesystem;

constexpr llvm::StringLiteral kMagic = "wfplan 1 ";

std::string hashOfText(llvm::StringRef text) {
  return move::hexOf(move::digestOf(llvm::arrayRefFromStringRef(text)));
}

/// Below the folder it is written in, and nowhere else.
bool isInside(llvm::StringRef path) {
  fs::path normal = fs::path(path.str()).lexically_normal();
  return !path.empty() && !normal.is_absolute() && *normal.begin() != "..";
}

}  // namespace

std::string stateOf(const std::string& run) {
  std::optional<std::string> header = readFile(fmt::format("{}/{}", run, abi::kHeaderFile));
  if (!header) return "new";
  // The journals, and ends that wait to be taken in; the lease comes and goes without a change.
  std::vector<std::string> files;
  std::error_code error;
  std::string ledger = fmt::format("{}/{}", run, abi::kLedgerDir);
  for (const fs::directory_entry& entry : fs::directory_iterator(ledger, error))
    if (llvm::StringRef(entry.path().filename().string()).starts_with(abi::kJournalPrefix))
      files.push_back(entry.path().string());
  std::string inbox = fmt::format("{}/{}", run, abi::kInboxDir);
  for (const fs::directory_entry& entry : fs::directory_iterator(inbox, error))
    if (entry.is_regular_file(error)) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  llvm::BLAKE3 hasher;
  hasher.update(*header);
  for (const std::string& file : files) hasher.update(readFile(file).value_or(""));
  return move::hexOf(hasher.final<32>()).substr(0, 32);
}

bool isSavedPlan(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

std::string readSavedPlan(const std::string& path, SavedPlan& plan) {
  std::optional<std::string> file = readFile(path);
  if (!file) return fmt::format("cannot read {}: {}", path, std::strerror(errno));
  auto [line, text] = llvm::StringRef(*file).split('\n');
  if (!line.consume_front(kMagic)) return fmt::format("{} is no saved plan of `wfc plan`", path);
  plan.name = fs::path(path).filename().string();
  if (hashOfText(text) != line)
    return fmt::format("{} is damaged: what it holds is not what was saved; plan again", path);
  plan.text = text.str();
  plan.hash = line.str();
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(plan.text);
  if (!value) return fmt::format("{}: {}", path, llvm::toString(value.takeError()));
  const llvm::json::Object* object = value->getAsObject();
  auto field = [&](llvm::StringRef name) {
    return object ? object->getString(name).value_or("").str() : std::string();
  };
  plan.seen = field("seen");
  fs::path folder = fs::absolute(path).parent_path();
  plan.project = (folder / field("project")).lexically_normal().string();
  if (plan.project.size() > 1 && plan.project.back() == '/') plan.project.pop_back();
  if (!object || !object->getArray("artifacts") || plan.seen.empty())
    return fmt::format("{} is no saved plan of this version", path);
  return {};
}

std::string unpack(const SavedPlan& plan, const std::string& run, std::string& folder) {
  folder = fmt::format("{}/{}/{}", run, abi::kPlansDir, plan.hash.substr(0, 12));
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(plan.text);
  if (!value) return llvm::toString(value.takeError());
  for (const llvm::json::Value& each : *value->getAsObject()->getArray("artifacts")) {
    const llvm::json::Object* artifact = each.getAsObject();
    std::string path = artifact ? artifact->getString("path").value_or("").str() : "";
    if (!isInside(path)) return fmt::format("{} names a file outside: `{}`", plan.name, path);
    std::string to = fmt::format("{}/{}", folder, path);
    std::error_code error;
    bool isMade = makeFolders(fs::path(to).parent_path().string()) &&
                  writeWhole(to, artifact->getString("text").value_or(""), true);
    if (!isMade) return fmt::format("cannot write {}: {}", to, std::strerror(errno));
    if (artifact->getBoolean("executable").value_or(false))
      fs::permissions(to, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                      fs::perm_options::add, error);
  }
  return {};
}

}  // namespace wfc::run
