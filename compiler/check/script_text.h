// A script as one text in which every byte knows its place in the source, although indentation was
// taken away and escapes were resolved. A hole is one byte. Private to check/.
#pragma once

#include "compiler/check/session.h"
#include "compiler/ir/shell_reader.h"

namespace wfc::check {

using ir::kHoleByte;

struct ScriptText {
  std::string text;
  std::vector<uint32_t> at, end;  ///< of each byte: where it begins and ends in the source
  std::vector<int> part;          ///< of a hole: the index of its part; else -1
  source::FileId file{};

  ScriptText(const Session& s, const syntax::Expr& script);
  Range range(size_t from, size_t to) const;
};

}  // namespace wfc::check
