// From Trees to a Module: names, types, units, signatures, families and their relations. One file
// per concept of the language. The only stage that knows both what was written and what is meant;
// nothing below it sees a Tree.
//
// Reports every independent mistake it finds; a node that has an error gets the Error type and
// stays silent afterwards. The module is complete (stage checked) only if the emitter has no error.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/base/filesystem.h"
#include "compiler/check/sound_scripts.h"
#include "compiler/check/watcher.h"
#include "compiler/diag/emitter.h"
#include "compiler/ir/module.h"
#include "compiler/syntax/readings.h"
#include "compiler/syntax/tree.h"

namespace wfc::check {

/// A script of sh or bash as it was checked, for who reads it further.
struct Script {
  ir::Body body;
  source::FileId file = 0;
  /// Of each byte of the pieces, in which a hole is one byte: where it begins and ends in the file.
  std::vector<uint32_t> at, end;
};

/// What the compilation is given beside the text.
struct Request {
  const base::FileSystem& files;  ///< to read imports, `rows` and `records`
  std::string folder;             ///< of the main file; data and imports are relative to it
  std::vector<std::pair<std::string, std::string>> params;  ///< `-p name=value`
  bool partial = false;  ///< a parameter without a value is no mistake (`wfc check`)
  std::string flow;      ///< which flow of the file; empty: the only one (or the exported one)
  /// Source of a module of the standard library by name, or empty.
  std::function<llvm::StringRef(llvm::StringRef)> stdlib;
  /// Told of every script, if set.
  std::function<void(Script)> onScript = nullptr;
  syntax::Readings* before = nullptr;  ///< what the grammar read before, of imports too
  SoundScripts* sound = nullptr;       ///< scripts known to be so; not together with onScript
  Watcher* watcher = nullptr;          ///< told of names, types and families, if set
  /// Only what is said of names at this place of the main file matters.
  std::optional<uint32_t> at = std::nullopt;
};

/// Checks `main` and what it imports. New source files are added to `sources`.
/// A file without a flow gives a module with no families (a library): its declarations are checked
/// all the same.
ir::Module check(source::Sources& sources, const syntax::Tree& main, const Request& request,
                 diag::Emitter& emitter);

/// A type as reports name it.
std::string typeText(const ir::Module& module, ir::TypeId type);

}  // namespace wfc::check
