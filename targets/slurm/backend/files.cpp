// Names of files and folders of the back end.
#include "targets/slurm/backend/files.h"

#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

#include "runtime/abi/abi.h"
#include "runtime/ledger/folder.h"

namespace wfc::slurm {

std::string callsFolder(const std::string& run) {
  return fmt::format("{}/{}/calls", run, run::abi::kLedgerDir);
}

std::string jobsFolder(const std::string& run) {
  return fmt::format("{}/{}/jobs", run, run::abi::kLedgerDir);
}

std::string scriptsFolder(const std::string& run) { return run + "/jobs"; }

std::string scriptOf(const std::string& run, llvm::StringRef family) {
  return fmt::format("{}/{}.sbatch", scriptsFolder(run), plainName(family));
}

std::string plainName(llvm::StringRef name) {
  std::string result;
  for (char c : name) {
    if (llvm::isAlnum(c) || llvm::StringRef("._+-").contains(c))
      result += c;
    else if (c == '/')
      result += '.';
    else
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

static std::string refusalFile(const std::string& run, llvm::StringRef name) {
  return fmt::format("{}/{}/refused/{}", run, run::abi::kLedgerDir, plainName(name));
}

void noteRefusal(const std::string& run, llvm::StringRef name, const std::string& why) {
  std::string file = refusalFile(run, name);
  if (why.empty()) {
    ::unlink(file.c_str());
    return;
  }
  run::makeFolders(file.substr(0, file.rfind('/')));
  run::writeWhole(file, why);
}

std::string refusalOf(const std::string& run, llvm::StringRef name) {
  return run::readFile(refusalFile(run, name)).value_or("");
}

std::vector<std::string> filesIn(const std::string& folder) {
  std::vector<std::string> paths = run::visibleIn(folder);
  for (std::string& path : paths) path = fmt::format("{}/{}", folder, path);
  return paths;
}

}  // namespace wfc::slurm
