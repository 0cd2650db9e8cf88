// What is at a position of a checked text: the one place that answers it. Hover, definition,
// references, rename and tokens all ask here.
//
// Made of what the check tells of names, types and families as it looks at them.
#pragma once

#include <vector>

#include "compiler/check/watcher.h"

namespace wfc::lsp {

/// What is known of one name of the text.
struct Fact {
  source::Range at;
  source::Range declaredAt = {};  ///< nowhere: a word of the language, or the declaration itself
  ir::TypeId type{};              ///< of the module of `flow`
  ir::FamilyId family{};          ///< of the module of `flow`
  uint32_t flow = 0;
  bool isSet = false;  ///< an ordered set of such elements
};

class Index {
 public:
  Index() = default;
  /// Of what was told, in the order in which it was.
  explicit Index(std::vector<Fact> told);
  /// By position; two facts of one place are of a name that stands for two things.
  const std::vector<Fact>& all() const { return facts_; }
  /// Those of the name at an offset, or just before it.
  llvm::ArrayRef<Fact> at(uint32_t offset) const;

 private:
  std::vector<Fact> facts_;
};

/// Listens to the check of one file.
class Collector final : public check::Watcher {
 public:
  explicit Collector(source::FileId file) : file_(file) {}

  void onName(source::Range at, source::Range declaredAt) override;
  void onType(source::Range at, size_t flow, ir::TypeId type, bool isSet) override;
  void onFamily(source::Range at, size_t flow, ir::FamilyId family) override;
  void onUnknown(source::Range, llvm::ArrayRef<std::string>) override {}
  void onModule(size_t flow, ir::Module module) override;

  /// What an index is made of.
  std::vector<Fact> facts;
  /// Of the flows after the first one; its place is left empty.
  std::vector<ir::Module> modules;

 private:
  void add(Fact fact) {
    if (fact.at.file == file_ && fact.at.begin < fact.at.end) facts.push_back(fact);
  }
  source::FileId file_;
};

/// Hears which names may stand at one place.
class Chooser final : public check::Watcher {
 public:
  Chooser(source::FileId file, uint32_t offset) : file_(file), offset_(offset) {}

  void onName(source::Range, source::Range) override {}
  void onType(source::Range, size_t, ir::TypeId, bool) override {}
  void onFamily(source::Range, size_t, ir::FamilyId) override {}
  void onUnknown(source::Range at, llvm::ArrayRef<std::string> known) override;
  void onModule(size_t, ir::Module) override {}

  std::vector<std::string> known;

 private:
  source::FileId file_;
  uint32_t offset_;
};

}  // namespace wfc::lsp
