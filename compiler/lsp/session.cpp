// See session.h.
#include "compiler/lsp/session.h"

namespace wfc::lsp {

In In::operator[](StringRef key) const {
  const json::Object* object = value_ ? value_->getAsObject() : nullptr;
  return In(object ? object->get(key) : nullptr);
}

std::vector<In> In::items() const {
  std::vector<In> all;
  if (const json::Array* array = value_ ? value_->getAsArray() : nullptr)
    for (const json::Value& item : *array) all.emplace_back(&item);
  return all;
}

StringRef In::text() const {
  std::optional<StringRef> text = value_ ? value_->getAsString() : std::nullopt;
  return text.value_or("");
}

std::optional<int64_t> In::number() const { return value_ ? value_->getAsInteger() : std::nullopt; }

bool In::isTrue() const { return value_ && value_->getAsBoolean().value_or(false); }

json::Value Session::positionOf(const Text& text, uint32_t offset) const {
  Position position = text.positionOf(offset, client.unit);
  return json::Object{{"line", int64_t(position.line)}, {"character", int64_t(position.character)}};
}

json::Value Session::rangeOf(const Text& text, uint32_t begin, uint32_t end) const {
  return json::Object{{"start", positionOf(text, begin)}, {"end", positionOf(text, end)}};
}

void Session::writeRange(json::OStream& out, StringRef name, const Text& text,
                         source::Range range) const {
  auto write = [&](StringRef end, uint32_t offset) {
    Position position = text.positionOf(offset, client.unit);
    out.attributeObject(end, [&] {
      out.attribute("line", int64_t(position.line));
      out.attribute("character", int64_t(position.character));
    });
  };
  out.attributeObject(name, [&] {
    write("start", range.begin);
    write("end", range.end);
  });
}

json::Value Session::locationOf(const Spot& spot) {
  bool isOurs = StringRef(spot.path).starts_with("<");
  if (isOurs && !client.hasStdlib) return nullptr;
  Document* open = workspace.find(spot.path);
  std::optional<std::string> text = open ? std::nullopt : workspace.textOf(spot.path);
  if (!open && !text) return nullptr;
  return json::Object{{"uri", open ? open->uri : uriOf(spot.path)},
                      {"range", rangeOf(open ? open->text : Text(*text), spot.begin, spot.end)}};
}

uint32_t Session::offsetOf(const Text& text, In position) const {
  auto bounded = [](In number) {
    int64_t given = number.number().value_or(0);
    return static_cast<uint32_t>(std::clamp<int64_t>(given, 0, UINT32_MAX));
  };
  return text.offsetOf({bounded(position["line"]), bounded(position["character"])}, client.unit);
}

json::Value Session::markup(const std::string& markdown) const {
  if (client.hasMarkdown) return json::Object{{"kind", "markdown"}, {"value", clean(markdown)}};
  std::string plain;
  StringRef rest = markdown;
  while (!rest.empty()) {
    auto [line, more] = rest.split('\n');
    if (!line.starts_with("```")) plain += line.str() + "\n";
    rest = more;
  }
  return json::Object{{"kind", "plaintext"}, {"value", clean(StringRef(plain).trim())}};
}

std::string pathIn(In params) { return pathOf(params["textDocument"]["uri"].text()); }

Asked askedIn(Session& session, In params) {
  Asked asked{session.workspace.at(pathIn(params)), 0};
  if (asked) asked.offset = session.offsetOf(asked.snapshot->text, params["position"]);
  return asked;
}

std::string clean(StringRef text) { return json::isUTF8(text) ? text.str() : json::fixUTF8(text); }

}  // namespace wfc::lsp
