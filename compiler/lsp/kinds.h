// What each kind of symbol is called in the protocol: one row a kind, for the outline, completion
// and tokens. Private to lsp/.
#pragma once

#include "compiler/lsp/outline.h"

namespace wfc::lsp {

struct KindRow {
  int symbol;         ///< SymbolKind
  int completion;     ///< CompletionItemKind
  const char* token;  ///< of the legend of semantic tokens
};

/// By Kind.
constexpr KindRow kKinds[] = {
    {2, 9, "namespace"},     // Module
    {5, 7, "type"},          // FileKind
    {5, 7, "class"},         // Program
    {7, 10, "property"},     // Flag
    {10, 13, "enum"},        // Enum
    {22, 20, "enumMember"},  // Enumerator
    {23, 22, "struct"},      // Record
    {8, 5, "property"},      // Field
    {12, 3, "function"},     // Task
    {13, 6, "parameter"},    // Param
    {7, 10, "property"},     // Output
    {12, 3, "function"},     // Flow
    {13, 6, "variable"},     // Family
    {14, 21, "variable"},    // Value
    {13, 6, "variable"},     // LoopVariable
    {19, 9, "variable"},     // Pool
    {20, 21, "variable"},    // Secret
};

constexpr const KindRow& rowOf(Kind kind) { return kKinds[static_cast<size_t>(kind)]; }

}  // namespace wfc::lsp
