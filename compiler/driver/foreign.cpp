// Finds out whose documents files are, and opens what they name.
#include "compiler/driver/foreign.h"

#include <filesystem>

#include "fmt/format.h"

#include "compiler/base/suggest.h"
#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/arguments.h"
#include "compiler/syntax/token.h"

#include "targets/registry.h"

namespace wfc::driver {

namespace {

std::vector<const target::Target*> readers() {
  std::vector<const target::Target*> all;
  for (const target::Target* target : targets::all())
    if (target->foreign() != nullptr) all.push_back(target);
  return all;
}

/// The target that `--from` names; null, with a report, where it reads no documents.
const target::Target* wanted(Session& session) {
  std::string name = session.arguments.value("from");
  std::vector<std::string_view> names;
  for (const target::Target* target : readers()) {
    if (target->name() == name) return target;
    names.push_back(std::string_view(target->name()));
  }
  rejectValue(session.emitter, "--from", name, names);
  return nullptr;
}

}  // namespace

std::vector<Documents> documentsOf(Session& session) {
  std::vector<Documents> all;
  const target::Target* from = nullptr;
  if (session.arguments.has("from") && (from = wanted(session)) == nullptr) return all;
  for (const std::string& word : session.arguments.positional) {
    // Spelled as `read` spells it, so that a file has one name.
    std::string path = std::filesystem::path(word).lexically_normal().generic_string();
    source::FileId file = session.read(path);
    if (file == 0) continue;
    std::string_view text = session.sources.text(file);
    const target::Target* reader = from;
    std::vector<std::string> what;
    for (const target::Target* target : readers()) {
      what.push_back(target->foreign()->what().str());
      if (reader == nullptr && target->foreign()->reads(path, {text.data(), text.size()}))
        reader = target;
    }
    if (reader == nullptr) {
      session.emitter.report(
          {},
          diag::UnknownDocument{.path = path, .known = fmt::format("{}", fmt::join(what, ", "))});
      continue;
    }
    auto known = llvm::find_if(all, [&](const Documents& d) { return d.target == reader; });
    if (known == all.end()) known = all.insert(all.end(), {reader, {}});
    known->files.push_back(file);
  }
  return all;
}

target::Reading readingOf(Session& session, llvm::ArrayRef<source::FileId> files,
                          const site::Site* site) {
  auto read = [&session](source::FileId from, llvm::StringRef name) -> source::FileId {
    std::string folder = folderOf(std::string(session.sources.path(from)));
    std::filesystem::path path = std::filesystem::path(folder) / name.str();
    std::string known = path.lexically_normal().generic_string();
    if (source::FileId file = session.sources.find(known)) return file;
    llvm::ErrorOr<std::string> text = session.files->read(known);
    return text ? session.sources.add(known, std::move(*text)) : 0;
  };
  return {
      .sources = session.sources,
      .files = files,
      .read = read,
      .isReserved = [](llvm::StringRef word) { return syntax::isReserved(syntax::keyword(word)); },
      .site = site,
      .emitter = session.emitter};
}

}  // namespace wfc::driver
