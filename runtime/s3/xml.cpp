// See xml.h.
#include "runtime/s3/xml.h"

#include <expat.h>

namespace wfc::s3 {

namespace {

/// No answer of a store is deeper.
constexpr size_t kDeepest = 32;

struct Reading {
  XML_Parser parser;
  Element root;
  std::vector<Element*> open{&root};
};

void XMLCALL onStart(void* data, const XML_Char* name, const XML_Char** /*attributes*/) {
  auto& reading = *static_cast<Reading*>(data);
  if (reading.open.size() > kDeepest) {
    XML_StopParser(reading.parser, XML_FALSE);
    return;
  }
  Element& parent = *reading.open.back();
  parent.children.push_back({name, {}, {}});
  reading.open.push_back(&parent.children.back());
}

void XMLCALL onEnd(void* data, const XML_Char* /*name*/) {
  static_cast<Reading*>(data)->open.pop_back();
}

void XMLCALL onText(void* data, const XML_Char* text, int size) {
  static_cast<Reading*>(data)->open.back()->text.append(text, static_cast<size_t>(size));
}

}  // namespace

const Element* Element::child(llvm::StringRef called) const {
  for (const Element& one : children) {
    if (one.name == called) return &one;
  }
  return nullptr;
}

std::string Element::textOf(llvm::StringRef called) const {
  const Element* found = child(called);
  return found == nullptr ? "" : found->text;
}

std::optional<Element> readXml(const std::string& text) {
  Reading reading;
  reading.parser = XML_ParserCreate(nullptr);
  XML_SetUserData(reading.parser, &reading);
  XML_SetElementHandler(reading.parser, onStart, onEnd);
  XML_SetCharacterDataHandler(reading.parser, onText);
  bool isGood =
      XML_Parse(reading.parser, text.data(), static_cast<int>(text.size()), 1) == XML_STATUS_OK;
  XML_ParserFree(reading.parser);
  if (!isGood || reading.root.children.empty()) return {};
  return std::move(reading.root.children.front());
}

std::string escaped(llvm::StringRef text) {
  std::string safe;
  for (char c : text)
    safe += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  return safe;
}

}  // namespace wfc::s3
