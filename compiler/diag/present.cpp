// Silencing by comment, and the limit.
#include "compiler/diag/present.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "compiler/base/suggest.h"
#include "compiler/diag/catalog/driver.h"
#include "compiler/diag/emitter.h"

namespace wfc::diag {

namespace {

/// One name inside one comment.
struct Allow {
  source::Range at;
  std::string_view name;
  uint32_t line = 0;
  bool isUsed = false;
};

constexpr std::string_view kMarker = "wfc: allow(";

bool isBlank(char c) { return c == ' ' || c == '\t'; }

/// Whether `//` or `#` stands before this offset, up to blanks.
bool followsCommentStart(std::string_view text, size_t at) {
  while (at > 0 && isBlank(text[at - 1])) --at;
  std::string_view before = text.substr(0, at);
  return before.ends_with("//") || before.ends_with('#');
}

void findAllowsIn(const source::Sources& sources, source::FileId file, std::vector<Allow>& allows) {
  std::string_view text = sources.text(file);
  for (size_t at = text.find(kMarker); at != std::string_view::npos;
       at = text.find(kMarker, at + 1)) {
    size_t end = text.find_first_of(")\n", at);
    bool isClosed = end != std::string_view::npos && text[end] == ')';
    if (!isClosed || !followsCommentStart(text, at)) continue;
    uint32_t line = sources.lineColumn(file, static_cast<uint32_t>(at)).line;
    for (size_t begin = at + kMarker.size(); begin < end;) {
      size_t comma = std::min(text.find(',', begin), end);
      size_t from = begin, to = comma;
      while (from < to && isBlank(text[from])) ++from;
      while (to > from && isBlank(text[to - 1])) --to;
      source::Range range{file, static_cast<uint32_t>(from), static_cast<uint32_t>(to)};
      if (!range.empty()) allows.push_back({range, text.substr(from, to - from), line});
      begin = comma + 1;
    }
  }
}

bool silences(const Allow& allow, const Diagnostic& diagnostic, uint32_t line) {
  return allow.at.file == diagnostic.at.file && (line == allow.line || line == allow.line + 1) &&
         (allow.name == diagnostic.name || allow.name == diagnostic.id);
}

bool isSilenced(const source::Sources& sources, std::vector<Allow>& allows,
                const Diagnostic& diagnostic) {
  if (diagnostic.severity == Severity::Error || !diagnostic.at.valid()) return false;
  uint32_t line = sources.lineColumn(diagnostic.at.file, diagnostic.at.begin).line;
  bool found = false;
  for (Allow& allow : allows) {
    if (!silences(allow, diagnostic, line)) continue;
    allow.isUsed = true;
    found = true;
  }
  return found;
}

void reportAllow(const Allow& allow, Stage reached, Emitter& emitter) {
  const Entry* entry = findEntry(allow.name);
  if (entry == nullptr) {
    std::vector<std::string_view> names;
    for (const Entry& known : entries()) names.push_back(known.name);
    std::string near(base::suggest(allow.name, names).value_or(""));
    std::string note = near.empty() ? "" : "the nearest name is `" + near + "`";
    emitter.report(allow.at, UnknownAllow{.name = std::string(allow.name), .nearest = note});
  } else if (entry->severity == Severity::Error) {
    emitter.report(allow.at, AllowedError{.name = std::string(entry->name)});
  } else if (entry->stage <= reached || entry->stage == Stage::Driver) {
    emitter.report(allow.at, UnneededAllow{.name = std::string(entry->name)});
  }
}

}  // namespace

std::vector<Diagnostic> applyAllows(const source::Sources& sources,
                                    std::vector<Diagnostic> diagnostics, Stage reached) {
  std::vector<Allow> allows;
  for (source::FileId file = 1; file <= sources.count(); ++file) {
    findAllowsIn(sources, file, allows);
  }
  if (allows.empty()) return diagnostics;
  std::erase_if(diagnostics, [&](const Diagnostic& d) { return isSilenced(sources, allows, d); });
  Emitter emitter;
  for (Diagnostic& diagnostic : diagnostics) emitter.add(std::move(diagnostic));
  for (const Allow& allow : allows) {
    if (!allow.isUsed) reportAllow(allow, reached, emitter);
  }
  return emitter.take();
}

std::vector<Diagnostic> present(const source::Sources& sources, std::vector<Diagnostic> diagnostics,
                                const PresentOptions& options) {
  diagnostics = applyAllows(sources, std::move(diagnostics), options.reached);
  if (options.cap == 0 || diagnostics.size() <= options.cap) return diagnostics;
  size_t rest = diagnostics.size() - options.cap;
  std::stable_sort(
      diagnostics.begin(), diagnostics.end(),
      [](const Diagnostic& a, const Diagnostic& b) { return a.severity < b.severity; });
  diagnostics.resize(options.cap);
  std::stable_sort(diagnostics.begin(), diagnostics.end(), isBefore);
  diagnostics.push_back(MoreReports{.count = std::to_string(rest)}.build({}));
  return diagnostics;
}

}  // namespace wfc::diag
