// `wfc explain WF0203`, or by name: the text of the catalogue, with its examples.
#include "fmt/format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include "compiler/base/writer.h"
#include "compiler/driver/arguments.h"
#include "compiler/driver/session.h"

namespace wfc::driver {

namespace {

std::string wrapped(std::string_view text) {
  std::string result;
  size_t column = 0;
  while (!text.empty()) {
    size_t end = text.find_first_of(" \n");
    std::string_view word = text.substr(0, end);
    if (column > 0 && column + 1 + word.size() > 88)
      result += '\n', column = 0;
    else if (column > 0)
      result += ' ', ++column;
    result += word;
    column += word.size();
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return result + "\n";
}

void writeExample(base::Writer& out, std::string_view title, std::string_view text) {
  if (text.empty()) return;
  out.line();
  out.line("{}:", title);
  auto inside = out.indent();
  out.write(text);
  if (!text.ends_with('\n')) out.line();
}

std::string textOf(const diag::Entry& entry) {
  base::Writer out;
  out.line("{}[{}] {}: {}", toString(entry.severity), entry.id, entry.name, entry.text);
  out.line();
  out.write(wrapped(entry.explain));
  writeExample(out, "reported", entry.bad);
  writeExample(out, "not reported", entry.good);
  return out.take();
}

std::string jsonOf(std::span<const diag::Entry> entries) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  for (const diag::Entry& entry : entries) {
    llvm::json::OStream json(stream);
    json.object([&] {
      json.attribute("id", std::string(entry.id));
      json.attribute("name", std::string(entry.name));
      json.attribute("severity", std::string(toString(entry.severity)));
      json.attribute("text", std::string(entry.text));
      json.attribute("explain", std::string(entry.explain));
      json.attribute("bad", std::string(entry.bad));
      json.attribute("good", std::string(entry.good));
    });
    stream << '\n';
  }
  return std::move(stream.str());
}

std::string listText() {
  std::string text;
  for (const diag::Entry& entry : diag::entries())
    text += fmt::format("{}  {:<8} {:<28} {}\n", entry.id, toString(entry.severity), entry.name,
                        entry.text);
  return text;
}

int unknown(Session& session, const std::string& name) {
  std::vector<std::string_view> known;
  for (const diag::Entry& entry : diag::entries())
    known.insert(known.end(), {entry.id, entry.name});
  rejectValue(session.emitter, "wfc explain", name, known, "the id or the name of a report");
  session.finish();
  return WrongUse;
}

}  // namespace

int runExplain(Session& session) {
  bool isJson = session.format() == diag::Format::Json;
  if (session.arguments.positional.empty()) {
    session.print(isJson ? jsonOf(diag::entries()) : listText());
    return session.finish();
  }
  const std::string& name = session.arguments.positional.front();
  const diag::Entry* entry = diag::findEntry(name);
  if (!entry) return unknown(session, name);
  session.print(isJson ? jsonOf({entry, 1}) : textOf(*entry));
  return session.finish();
}

}  // namespace wfc::driver
