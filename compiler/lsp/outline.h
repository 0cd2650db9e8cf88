// What a file declares, in the order of its text: the one walk over a Tree that everything an
// editor asks about declarations is answered from.
#pragma once

#include <vector>

#include "compiler/syntax/tree.h"

namespace wfc::lsp {

enum class Kind : uint8_t {
  Module,  ///< an import
  FileKind,
  Program,
  Flag,
  Enum,
  Enumerator,
  Record,
  Field,
  Task,
  Param,
  Output,
  Flow,
  Family,  ///< bound to a call
  Value,
  LoopVariable,
  Pool,
  Secret,
};

struct Symbol {
  Kind kind = Kind::Value;
  llvm::StringRef name, doc;
  source::Range nameAt, range;
  /// What is shown of it: its text, without what stands between braces.
  source::Range head;
  int parent = -1;
  bool isExported = false;
  /// Of a Flag: a file or a value that the program makes.
  bool isOutput = false;
  /// Of a Task: the name of the program that it runs, if it runs one.
  source::Range program;
};

/// Parents stand before their parts. Views into the tree and its text.
std::vector<Symbol> outlineOf(const syntax::Tree& tree);

}  // namespace wfc::lsp
