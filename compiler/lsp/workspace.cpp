// See workspace.h.
#include "compiler/lsp/workspace.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/check/check.h"
#include "compiler/diag/present.h"
#include "compiler/syntax/parse.h"

namespace wfc::lsp {

using llvm::StringRef;

namespace {

constexpr StringRef kStdlib = "<stdlib>/";
constexpr StringRef kStdlibUri = "wfc-stdlib:/";
constexpr size_t kMostFiles = 5000;
constexpr size_t kDeepestFolder = 16;

/// A name that nobody has.
constexpr StringRef kMarker = "wfc_cursor_here";

}  // namespace

/// Files as the editor has them where it has them open, with a note of what was asked for.
class Workspace::Overlay final : public base::FileSystem {
 public:
  explicit Overlay(const Workspace& workspace) : workspace_(workspace) {}
  mutable std::set<std::string> asked;

  llvm::ErrorOr<std::string> read(const std::string& path) const override {
    asked.insert(path);
    auto open = workspace_.documents_.find(path);
    if (open != workspace_.documents_.end()) return open->second.text.bytes();
    return workspace_.services_.files.read(path);
  }
  llvm::ErrorOr<std::vector<base::DirectoryEntry>> list(const std::string& path) const override {
    return workspace_.services_.files.list(path);
  }
  bool exists(const std::string& path) const override {
    return workspace_.documents_.contains(path) || workspace_.services_.files.exists(path);
  }
  std::error_code write(const std::string&, std::string_view, base::FileMode) override {
    return std::make_error_code(std::errc::read_only_file_system);
  }
  std::error_code writeFolder(const std::string&, llvm::ArrayRef<base::FolderFile>) override {
    return std::make_error_code(std::errc::read_only_file_system);
  }

 private:
  const Workspace& workspace_;
};

const Names& Snapshot::names() const {
  if (names_) return *names_;
  names_ = Names{Index(std::move(facts_)), outlineOf(tree), {}};
  auto& [index, outline, declarations] = *names_;
  for (size_t n = 0; n < outline.size(); ++n)
    declarations.emplace_back(outline[n].nameAt.begin, static_cast<int>(n));
  std::sort(declarations.begin(), declarations.end());
  return *names_;
}

const Symbol* Snapshot::declaredAt(source::Range at) const {
  if (!isOwn(at)) return nullptr;
  const auto& [index, outline, declarations] = names();
  auto it = std::lower_bound(declarations.begin(), declarations.end(), std::pair(at.begin, 0));
  bool isThere = it != declarations.end() && it->first == at.begin;
  return isThere ? &outline[static_cast<size_t>(it->second)] : nullptr;
}

Workspace::Workspace(const Services& services) : services_(services) {}

void Workspace::open(const std::string& path, Document document) {
  documents_[path] = std::move(document);
  changed(path);
}

void Workspace::close(const std::string& path) {
  documents_.erase(path);
  last_.erase(path);
  changed(path);
}

Document* Workspace::find(const std::string& path) {
  auto it = documents_.find(path);
  return it == documents_.end() ? nullptr : &it->second;
}

void Workspace::changed(const std::string& path) {
  for (auto it = known_.begin(); it != known_.end();) {
    bool isOf = it->first == path || it->second->asked.contains(path);
    if (Document* document = isOf ? find(it->first) : nullptr) document->isStale = true;
    it = isOf ? known_.erase(it) : std::next(it);
  }
  if (Document* document = find(path)) document->isStale = true;
}

std::optional<std::string> Workspace::textOf(const std::string& path) const {
  auto open = documents_.find(path);
  if (open != documents_.end()) return open->second.text.bytes();
  if (StringRef module = path; module.consume_front(kStdlib) && module.consume_back(".wf")) {
    StringRef text = services_.stdlib(module);
    return text.empty() ? std::nullopt : std::optional(text.str());
  }
  llvm::ErrorOr<std::string> text = services_.files.read(path);
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

std::shared_ptr<const Snapshot> Workspace::at(const std::string& path) {
  auto known = known_.find(path);
  if (const Document* document = find(path)) {
    if (known != known_.end()) return known->second;
    auto found = look(path, document->text);
    past_.push_back(std::exchange(last_[path], found));
    return known_[path] = found;
  }
  std::optional<std::string> text = textOf(path);
  if (!text) return nullptr;
  if (known != known_.end() && known->second->text.bytes() == *text) return known->second;
  return known_[path] = look(path, Text(std::move(*text)));
}

std::shared_ptr<const Snapshot> Workspace::lastAt(const std::string& path) {
  auto last = last_.find(path);
  return last == last_.end() ? at(path) : last->second;
}

std::shared_ptr<const Snapshot> Workspace::look(const std::string& path, Text text) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->path = path;
  snapshot->file = snapshot->sources.add(path, text.bytes());
  snapshot->text = std::move(text);
  auto open = documents_.find(path);
  check::SoundScripts* sound = open == documents_.end() ? nullptr : &open->second.sound;
  diag::Emitter emitter;
  snapshot->tree = syntax::parse(snapshot->sources, snapshot->file, emitter, nullptr, &readings_);
  Overlay overlay(*this);
  Collector collector(snapshot->file);
  check::Request request{.files = overlay,
                         .folder = folderOf(path),
                         .params = {},
                         .partial = true,
                         .flow = {},
                         .stdlib = services_.stdlib,
                         .before = &readings_,
                         .sound = sound,
                         .watcher = &collector};
  ir::Module module = check::check(snapshot->sources, snapshot->tree, request, emitter);
  if (sound) sound->tidy();
  collector.onModule(0, std::move(module));
  snapshot->modules = std::move(collector.modules);
  snapshot->facts_ = std::move(collector.facts);
  snapshot->reports = diag::applyAllows(snapshot->sources, emitter.take(), diag::Stage::Check);
  snapshot->asked = std::move(overlay.asked);
  return snapshot;
}

std::vector<std::string> Workspace::choices(const std::string& path, uint32_t begin, uint32_t end) {
  std::optional<std::string> text = textOf(path);
  if (!text || begin > text->size()) return {};
  text->replace(begin, end - begin, kMarker);
  source::Sources sources;
  source::FileId file = sources.add(path, std::move(*text));
  diag::Emitter emitter;
  syntax::Tree tree = syntax::parse(sources, file, emitter, nullptr, &readings_);
  Overlay overlay(*this);
  Chooser chooser(file, begin);
  check::Request request{.files = overlay,
                         .folder = folderOf(path),
                         .params = {},
                         .partial = true,
                         .flow = {},
                         .stdlib = services_.stdlib,
                         .before = &readings_,
                         .watcher = &chooser,
                         .at = begin};
  (void)check::check(sources, tree, request, emitter);
  std::vector<std::string> known = std::move(chooser.known);
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  std::erase(known, kMarker);
  return known;
}

std::vector<std::string> Workspace::allPaths() const {
  std::set<std::string> found;
  for (const auto& [path, document] : documents_) found.insert(path);
  std::vector<std::pair<std::string, size_t>> open;
  for (const std::string& folder : folders) open.emplace_back(folder, 0);
  while (!open.empty() && found.size() < kMostFiles) {
    auto [folder, depth] = std::move(open.back());
    open.pop_back();
    auto entries = services_.files.list(folder);
    if (!entries) continue;
    for (const base::DirectoryEntry& entry : *entries) {
      if (StringRef(entry.name).starts_with(".")) continue;
      std::string path = fmt::format("{}/{}", folder, entry.name);
      if (entry.isDirectory && depth < kDeepestFolder)
        open.emplace_back(std::move(path), depth + 1);
      else if (!entry.isDirectory && StringRef(entry.name).ends_with(".wf"))
        found.insert(std::move(path));
    }
  }
  return {found.begin(), found.end()};
}

void Workspace::forgetClosed() {
  std::erase_if(known_, [&](const auto& entry) { return !documents_.contains(entry.first); });
}

std::string folderOf(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string pathOf(StringRef uri) {
  StringRef rest = uri;
  if (rest.consume_front(kStdlibUri)) return (kStdlib + rest).str();
  if (!rest.consume_front("file://")) return uri.str();
  if (!rest.starts_with("/")) rest = rest.substr(std::min(rest.find('/'), rest.size()));
  std::string path;
  for (size_t n = 0; n < rest.size(); ++n) {
    bool isEscape = rest[n] == '%' && n + 2 < rest.size() && llvm::isHexDigit(rest[n + 1]) &&
                    llvm::isHexDigit(rest[n + 2]);
    path += isEscape ? static_cast<char>(llvm::hexFromNibbles(rest[n + 1], rest[n + 2])) : rest[n];
    if (isEscape) n += 2;
  }
  return path;
}

std::string uriOf(StringRef path) {
  StringRef rest = path;
  if (rest.consume_front(kStdlib)) return (kStdlibUri + rest).str();
  if (!path.starts_with("/")) return path.str();
  std::string uri = "file://";
  for (char c : path)
    if (llvm::isAlnum(c) || StringRef("/-._~").contains(c))
      uri += c;
    else
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return uri;
}

}  // namespace wfc::lsp
