// The one layout of a text, and texts that an editor cannot open itself.
#include "compiler/format/format.h"
#include "compiler/lsp/session.h"

namespace wfc::lsp {

Reply formatting(Session& session, In params) {
  auto snapshot = session.workspace.at(pathIn(params));
  if (!snapshot) return nullptr;
  source::Sources sources;
  diag::Emitter ignored;
  StringRef old = snapshot->text.bytes();
  std::optional<std::string> text =
      format::format(sources, sources.add(snapshot->path, old.str()), ignored);
  // What has mistakes has no layout, and says so by its reports.
  if (!text) return nullptr;
  json::Array edits;
  if (*text == old) return edits;
  // From the first line that differs to the last one, so that the cursor stays where it is.
  StringRef now = *text;
  size_t same = 0, most = std::min(old.size(), now.size());
  while (same < most && old[same] == now[same]) ++same;
  size_t line = old.take_front(same).rfind('\n');
  size_t begin = line == StringRef::npos ? 0 : line + 1;
  size_t tail = 0;
  while (tail < most - begin && old[old.size() - 1 - tail] == now[now.size() - 1 - tail]) ++tail;
  StringRef rest = old.take_back(tail);
  size_t end = rest.find('\n');
  tail = end == StringRef::npos ? 0 : rest.size() - end - 1;
  edits.push_back(
      json::Object{{"range", session.rangeOf(snapshot->text, static_cast<uint32_t>(begin),
                                             static_cast<uint32_t>(old.size() - tail))},
                   {"newText", clean(now.slice(begin, now.size() - tail))}});
  return edits;
}

Reply textOf(Session& session, In params) {
  std::optional<std::string> text = session.workspace.textOf(pathIn(params));
  if (!text) return Refusal{kInvalidParams, "there is no such text"};
  return clean(*text);
}

}  // namespace wfc::lsp
