// wfc-render: renders reports written down in a small text, so that each form can be tested on
// reports no single flow would produce. It is a test program and never shipped.
//
//   wfc-render SCRIPT [text|colour|json|sarif|github]
//
// A script line is one of
//   file PATH                       a source, read relative to the script
//   error|warning|note ID TEXT      a new report
//   at|label|fix PATH N <TEXT> WORDS   the N-th occurrence of TEXT in PATH, and what is said there
//   hint WORDS, help WORDS          the report's note and help; \n is a line end
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/filesystem.h"
#include "compiler/diag/emitter.h"
#include "compiler/diag/present.h"
#include "compiler/diag/sink.h"

namespace {

using namespace wfc;

std::string_view word(std::string_view& line) {
  size_t end = std::min(line.find(' '), line.size());
  std::string_view result = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return result;
}

std::string unescaped(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    bool isNewLine = text.substr(i, 2) == "\\n";
    result += isNewLine ? '\n' : text[i];
    if (isNewLine) ++i;
  }
  return result;
}

/// `PATH N <TEXT> WORDS`: the place; `line` is left with the words.
source::Range place(const source::Sources& sources, std::string_view& line) {
  source::FileId file = sources.find(word(line));
  int count = std::stoi(std::string(word(line)));
  size_t close = line.find("> ") == line.npos ? line.size() - 1 : line.find("> ");
  std::string_view needle = line.substr(1, close - 1);
  line.remove_prefix(std::min(close + 2, line.size()));
  size_t at = sources.text(file).find(needle);
  while (--count > 0) at = sources.text(file).find(needle, at + 1);
  return {file, static_cast<uint32_t>(at), static_cast<uint32_t>(at + needle.size())};
}

void readLine(std::string_view line, const source::Sources& sources,
              std::vector<diag::Diagnostic>& diagnostics) {
  std::string_view kind = word(line);
  if (kind == "error" || kind == "warning" || kind == "note") {
    diag::Diagnostic d;
    d.severity = kind == "error"     ? diag::Severity::Error
                 : kind == "warning" ? diag::Severity::Warning
                                     : diag::Severity::Note;
    d.id = word(line);
    const diag::Entry* entry = diag::findEntry(d.id);
    d.name = entry != nullptr ? entry->name : "made-up";
    d.text = unescaped(line);
    diagnostics.push_back(std::move(d));
    return;
  }
  if (diagnostics.empty()) return;
  diag::Diagnostic& d = diagnostics.back();
  if (kind == "hint") d.note = unescaped(line);
  if (kind == "help") d.help = unescaped(line);
  if (kind != "at" && kind != "label" && kind != "fix") return;
  source::Range range = place(sources, line);
  if (kind == "at") {
    d.at = range;
    d.label = line;
  } else if (kind == "label") {
    d.labels.push_back({range, std::string(line)});
  } else {
    d.fix = diag::Fix{range, unescaped(line)};
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  std::string script = argv[1], form = argc > 2 ? argv[2] : "text";
  auto files = base::realFileSystem();
  auto text = files->read(script);
  if (!text) return 2;
  source::Sources sources;
  std::vector<diag::Diagnostic> diagnostics;
  for (std::string_view rest = *text; !rest.empty();) {
    size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with("file ")) {
      std::string path(line.substr(5));
      auto source = files->read(script.substr(0, script.rfind('/') + 1) + path);
      if (!source) return 2;
      sources.add(path, *source);
    } else {
      readLine(line, sources, diagnostics);
    }
  }
  diag::Emitter emitter;
  for (diag::Diagnostic& d : diagnostics) emitter.add(std::move(d));
  diag::RenderOptions options;
  options.colour = form == "colour";
  options.format = diag::parseFormat(form).value_or(diag::Format::Text);
  std::string out = diag::render(sources, diag::present(sources, emitter.take(), {}), options);
  std::fwrite(out.data(), 1, out.size(), stdout);
  return emitter.hasErrors() ? 1 : 0;
}
