// drift: whether what a run works with, and what its scheduler holds, is still what was built.
// First files: the artifacts against their manifest, and the run's copies against it; then the
// target's own, which asks the scheduler. Nothing is changed.
#include <filesystem>

#include <fmt/format.h>
#include <llvm/Support/JSON.h>

#include "compiler/ir/body.h"

#include "runtime/attempt/outputs.h"
#include "runtime/backend.h"
#include "runtime/verbs/verbs.h"

namespace wfc::run {

namespace {

namespace fs = std::filesystem;

/// What the manifest says of the artifacts; false: there is none that says it.
struct Built {
  std::string hash;
  std::vector<std::pair<std::string, std::string>> files;  ///< path, hash
};

std::optional<Built> readBuilt(const std::string& out) {
  std::optional<std::string> text = readFile(fmt::format("{}/{}", out, abi::kManifestFile));
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text.value_or("null"));
  if (!value) llvm::consumeError(value.takeError());
  const llvm::json::Object* object = value ? value->getAsObject() : nullptr;
  if (object == nullptr) return std::nullopt;
  Built built{object->getString("hash").value_or("").str(), {}};
  const llvm::json::Array* files = object->getArray("artifacts");
  if (files == nullptr) return std::nullopt;
  for (const llvm::json::Value& file : *files)
    if (const llvm::json::Object* each = file.getAsObject())
      built.files.emplace_back(each->getString("path").value_or("").str(),
                               each->getString("hash").value_or("").str());
  return built;
}

/// Hash of a file; empty: there is none.
std::string hashOfFile(const std::string& path) {
  std::error_code error;
  uint64_t bytes = 0;
  std::string hash;
  bool isFile = fs::is_regular_file(path, error);
  return isFile && hashOf(path, bytes, hash) ? hash : "";
}

/// Tells each difference of files; the number of them.
size_t tellFiles(const std::string& run, const std::string& out, const Built& built,
                 const Backend& backend, const RunHeader& header) {
  size_t count = 0;
  auto tell = [&](const std::string& line) { fmt::print("{}\n", line), ++count; };
  bool isOther = built.hash != header.artifact;
  if (isOther)
    tell(
        fmt::format("{} is not what the run was started from ({:.12}, now {:.12}); `wfr start {} "
                    "--run {} --adopt` goes on with it",
                    out, header.artifact, built.hash, ir::shellWord(out), ir::shellWord(run)));
  for (const auto& [path, hash] : built.files) {
    std::string there = hashOfFile(out + "/" + path), ours = hashOfFile(run + "/" + path);
    if (there.empty())
      tell(fmt::format("{}/{} is gone", out, path));
    else if (there != hash)
      tell(fmt::format("{}/{} was edited after it was built; `wfc build` writes it again", out,
                       path));
    bool isOwn = llvm::is_contained(backend.rewritten, path);
    if (!ours.empty() && ours != hash && !isOwn)
      tell(fmt::format("{}/{}, with which the run works, is not {}", run, path,
                       isOther ? "the one of " + out : "what was built"));
  }
  return count;
}

}  // namespace

int verbDrift(const Given& given) {
  std::string run = absolute(given.words[0]);
  Outcomes<RunHeader> header = readHeader(run);
  if (!header) return wrongUse(header.error);
  const Backend* backend = findBackend(header->target);
  if (backend == nullptr)
    return wrongUse(fmt::format("this wfr knows no target `{}`", header->target));
  std::string out =
      given.has("--artifacts") ? absolute(given.get("--artifacts")) : header->artifacts;
  std::optional<Built> built = readBuilt(out);
  if (!built)
    return wrongUse(
        fmt::format("{} holds no artifacts with a {} that lists them", out, abi::kManifestFile));
  size_t count = tellFiles(run, out, *built, *backend, *header);
  if (backend->drift == nullptr) {
    if (count == 0) fmt::print("{} files are as built\n", built->files.size());
    return count == 0 ? abi::Good : abi::Drifted;
  }
  int live = backend->drift(run, out);
  return live == abi::Good && count > 0 ? static_cast<int>(abi::Drifted) : live;
}

}  // namespace wfc::run
