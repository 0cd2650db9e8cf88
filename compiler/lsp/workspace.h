// The texts that an editor has open, over those on disk, and what is known of each.
//
// A text is looked at when somebody asks and not before, and what was found stays until it, or a
// file that it reads, changes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/base/filesystem.h"
#include "compiler/check/sound_scripts.h"
#include "compiler/diag/emitter.h"
#include "compiler/lsp/index.h"
#include "compiler/lsp/outline.h"
#include "compiler/lsp/text.h"
#include "compiler/source/sources.h"
#include "compiler/syntax/readings.h"
#include "compiler/syntax/tree.h"

namespace wfc::lsp {

/// What the rest of the program does for the server.
struct Services {
  const base::FileSystem& files;
  /// Source of a module of the standard library by name, or empty.
  std::function<llvm::StringRef(llvm::StringRef)> stdlib;
  /// The picture of a flow, as SVG; the box of a family says so by `data-family`.
  std::function<std::string(ir::Module)> picture;
  /// How the last run of a file ended, in a few words; empty where none is known.
  std::function<std::string(const std::string& path)> lastRun;
  /// What an editor can do with a file, each a command of wfc: `build`, `run`.
  std::vector<std::string> actions;
  std::string version;
};

/// The names of a text: what each stands for, and those that it declares.
struct Names {
  Index index;
  std::vector<Symbol> outline;
  /// Where a name is declared, and its place in the outline; in order.
  std::vector<std::pair<uint32_t, int>> declarations;
};

/// All that is known of one text. Never changes.
struct Snapshot {
  std::string path;
  Text text;
  source::Sources sources;
  source::FileId file = 0;
  syntax::Tree tree;
  std::vector<ir::Module> modules;  ///< by number of the flow
  std::vector<diag::Diagnostic> reports;
  std::set<std::string> asked;  ///< the files it reads, or would read

  const Index& index() const { return names().index; }
  const std::vector<Symbol>& outline() const { return names().outline; }
  const Symbol* declaredAt(source::Range at) const;
  bool isOwn(source::Range range) const { return range.file == file; }

 private:
  friend class Workspace;
  /// Made when first asked for: of most letters nothing is asked but what is wrong.
  const Names& names() const;
  mutable std::vector<Fact> facts_;
  mutable std::optional<Names> names_;
};

struct Document {
  Text text;
  int64_t version = 0;
  std::string uri;
  bool isStale = true;        ///< its reports are not those of the text
  check::SoundScripts sound;  ///< of the last look at it
};

/// A place in a text, of whatever file.
struct Spot {
  std::string path;
  uint32_t begin = 0, end = 0;
  auto operator<=>(const Spot&) const = default;
};

class Workspace {
 public:
  explicit Workspace(const Services& services);

  void open(const std::string& path, Document document);
  void close(const std::string& path);
  /// For a change of an open text; then tell with `changed`.
  Document* find(const std::string& path);
  /// The text at this path is another one, on disk or in the editor.
  void changed(const std::string& path);
  std::map<std::string, Document>& documents() { return documents_; }

  /// What is known of a text; null if there is no such file.
  std::shared_ptr<const Snapshot> at(const std::string& path);
  /// What was last known of a text, perhaps some letters ago; `at` where nothing was.
  std::shared_ptr<const Snapshot> lastAt(const std::string& path);
  /// The names that may stand at an offset, as the check has them.
  std::vector<std::string> choices(const std::string& path, uint32_t begin, uint32_t end);
  /// Every `.wf` below the folders, and every open one.
  std::vector<std::string> allPaths() const;
  /// Forgets what is known of files that nobody has open.
  void forgetClosed();
  /// Gives back the memory of what was known of texts before they changed. That takes a tenth of
  /// what looking at a text takes, so it is done when nobody waits.
  void tidy() { past_.clear(); }
  /// The text of a file as it is now, open or not.
  std::optional<std::string> textOf(const std::string& path) const;

  std::vector<std::string> folders;

 private:
  class Overlay;
  std::shared_ptr<const Snapshot> look(const std::string& path, Text text);

  const Services& services_;
  syntax::Readings readings_;
  std::map<std::string, Document> documents_;
  std::map<std::string, std::shared_ptr<const Snapshot>> known_;
  std::map<std::string, std::shared_ptr<const Snapshot>> last_;  ///< of open texts
  std::vector<std::shared_ptr<const Snapshot>> past_;
};

/// The folder of a path.
std::string folderOf(const std::string& path);
/// `file:///a%20b` and `/a b`.
std::string pathOf(llvm::StringRef uri);
std::string uriOf(llvm::StringRef path);

}  // namespace wfc::lsp
