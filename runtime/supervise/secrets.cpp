// See secrets.h.
#include "runtime/supervise/secrets.h"

#include <cstdlib>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/Support/Base64.h>

#include "runtime/abi/abi.h"
#include "runtime/ledger/folder.h"

namespace wfc::supervise {

SecretsToSend::SecretsToSend() {
  const char* names = std::getenv(std::string(run::abi::kSecrets).c_str());
  llvm::SmallVector<llvm::StringRef> words;
  llvm::StringRef(names == nullptr ? "" : names).split(words, ' ', -1, false);
  for (llvm::StringRef word : words) sent_[word.str()];
}

std::string SecretsToSend::orders() {
  std::string text;
  for (auto& [name, sent] : sent_) {
    const char* path = std::getenv(name.c_str());
    std::string now = run::readFile(path == nullptr ? "" : path).value_or("");
    bool isNew = sent.empty() || (!now.empty() && now != sent);
    if (!isNew) continue;
    text += fmt::format("secret {} {}\n", name, llvm::encodeBase64(now));
    sent = now;
  }
  return text;
}

void SecretsToKeep::take(llvm::StringRef words) {
  auto [name, value] = words.split(' ');
  std::vector<char> bytes;
  if (llvm::errorToBool(llvm::decodeBase64(value, bytes))) return;
  files_[name.str()].put(llvm::StringRef(bytes.data(), bytes.size()));
}

void SecretsToKeep::addTo(run::Environment& env) const {
  for (const auto& [name, file] : files_) env.push_back({name, file.path()});
}

}  // namespace wfc::supervise
