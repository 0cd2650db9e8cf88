// expat's events into nodes with places.
//
// expat is kept from replacing entities inside content, and they are replaced here: a text is
// appended with the place of its declaration, and one with markup is parsed by a parser of its own.
#include "targets/rocoto/foreign/xml.h"

#include <cstring>
#include <expat.h>
#include <map>
#include <memory>

#include "fmt/format.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

#include "compiler/base/suggest.h"
#include "compiler/diag/catalog/audit.h"

namespace wfc::targets::rocoto::foreign {

namespace {

// What entities may grow to, and how deep elements and entities may nest.
constexpr size_t kMostBytes = size_t(64) << 20, kDeepest = 200, kMostNodes = 1000000,
                 kMostReferences = 200000;

using Parser = std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)>;

/// A text that a parser is at, and where it stands.
struct Frame {
  XML_Parser parser;
  llvm::StringRef text;
  source::Range at;   ///< of all of the text
  source::Range use;  ///< the outermost reference that led here
  /// Whether bytes of the text are bytes of the source.
  bool isSame() const { return at.end - at.begin == text.size(); }
  source::Range place(size_t begin, size_t end) const {
    if (!isSame()) return at;
    return {at.file, at.begin + static_cast<uint32_t>(begin),
            at.begin + static_cast<uint32_t>(end)};
  }
};

class XmlReader {
 public:
  XmlReader(const target::Reading& reading) : reading_(reading) {}

  std::optional<Xml> read(source::FileId file) {
    std::string_view text = reading_.sources.text(file);
    Parser parser(XML_ParserCreate(nullptr), XML_ParserFree);
    prepare(parser.get());
    open_ = {&top_};
    parse({parser.get(), {text.data(), text.size()}, whole(file), {}});
    if (isBroken_) return std::nullopt;
    xml_.root = std::move(top_.children.front());
    return std::move(xml_);
  }

 private:
  source::Range whole(source::FileId file) const {
    return {file, 0, static_cast<uint32_t>(reading_.sources.text(file).size())};
  }

  Frame& frame() { return frames_.back(); }

  void prepare(XML_Parser parser) {
    XML_SetUserData(parser, this);
    XML_SetElementHandler(
        parser, [](void* self, const char* name, const char**) { of(self).begin(name); },
        [](void* self, const char*) { of(self).end(); });
    XML_SetCharacterDataHandler(parser, [](void* self, const char* text, int length) {
      of(self).characters({text, static_cast<size_t>(length)});
    });
    // A default handler keeps expat from replacing entities itself.
    XML_SetDefaultHandler(parser, [](void*, const char*, int) {});
    XML_SetSkippedEntityHandler(parser, [](void* self, const char* name, int isParameter) {
      if (isParameter == 0) of(self).reference(name);
    });
    XML_SetParamEntityParsing(parser, XML_PARAM_ENTITY_PARSING_ALWAYS);
    XML_SetExternalEntityRefHandler(parser, external);
    XML_SetEntityDeclHandler(parser, [](void* self, const char* name, int isParameter,
                                        const char* value, int length, const char*,
                                        const char* system, const char*, const char*) {
      if (isParameter != 0) return;
      std::string text = value == nullptr ? "" : std::string(value, static_cast<size_t>(length));
      of(self).declare({name, {}, std::move(text), system == nullptr ? "" : system});
    });
  }

  static XmlReader& of(void* self) { return *static_cast<XmlReader*>(self); }

  void parse(Frame next) {
    if (frames_.size() >= kDeepest) return tooMuch(next.use, "nests too deep");
    frames_.push_back(next);
    XML_Status status =
        XML_Parse(next.parser, next.text.data(), static_cast<int>(next.text.size()), 1);
    if (status != XML_STATUS_OK && !isBroken_) {
      isBroken_ = true;
      XML_Error code = XML_GetErrorCode(next.parser);
      size_t at = static_cast<size_t>(std::max<long long>(0, XML_GetErrorByteIndex(next.parser)));
      at = std::min(at, next.text.size());
      complain(code, frame().place(at, std::min(at + 1, next.text.size())));
    }
    frames_.pop_back();
  }

  void complain(XML_Error code, source::Range at) {
    if (code == XML_ERROR_UNDEFINED_ENTITY) {
      std::string name = nameAfter(at);
      at.end = std::max(at.end, at.begin + static_cast<uint32_t>(name.size()) + 2);
      return undefined(name, at);
    }
    std::string what = XML_ErrorString(code);
    std::string open = open_.size() > 1 ? fmt::format("`<{}>` is open", open_.back()->name) : "";
    diag::MalformedXml report;
    report.what = what;
    report.hint = open;
    if (open_.size() > 1) report.openAt = open_.back()->at;
    reading_.emitter.report(at, std::move(report));
  }

  /// The name of the entity that a reference at this place names.
  std::string nameAfter(source::Range at) const {
    std::string_view text = reading_.sources.text(at.file);
    size_t end = text.find(';', at.begin);
    if (end == std::string_view::npos || end <= at.begin + 1) return {};
    return std::string(text.substr(at.begin + 1, end - at.begin - 1));
  }

  void stop() {
    isBroken_ = true;
    for (Frame& frame : frames_) XML_StopParser(frame.parser, XML_FALSE);
  }

  void tooMuch(source::Range at, const std::string& what) {
    if (!isBroken_) reading_.emitter.report(at, diag::EntityTooLarge{.what = what});
    stop();
  }

  // ---- events

  source::Range here() {
    Frame& at = frame();
    size_t begin = static_cast<size_t>(std::max<long long>(0, XML_GetCurrentByteIndex(at.parser)));
    size_t length = static_cast<size_t>(std::max(0, XML_GetCurrentByteCount(at.parser)));
    begin = std::min(begin, at.text.size());
    return at.place(begin, std::min(begin + length, at.text.size()));
  }

  llvm::StringRef raw() {
    Frame& at = frame();
    long long begin = XML_GetCurrentByteIndex(at.parser);
    if (begin < 0) return {};
    return at.text.substr(static_cast<size_t>(begin),
                          static_cast<size_t>(XML_GetCurrentByteCount(at.parser)));
  }

  void begin(llvm::StringRef name) {
    if (open_.size() > kDeepest || ++nodes_ > kMostNodes)
      return tooMuch(here(), "holds more elements than are read");
    Node node;
    node.name = name.str();
    node.all = here();
    node.at = node.all;
    if (frame().isSame())
      node.at.end = std::min(node.at.end, node.at.begin + static_cast<uint32_t>(name.size()) + 1);
    readAttributes(node);
    open_.back()->children.push_back(std::move(node));
    open_.push_back(&open_.back()->children.back());
  }

  void end() {
    if (open_.size() < 2) return;
    open_.back()->all = join(open_.back()->all, here());
    open_.pop_back();
  }

  void add(llvm::StringRef text, source::Range from, source::Range use) {
    bytes_ += text.size();
    if (bytes_ > kMostBytes) return tooMuch(use.valid() ? use : from, "grows beyond 64 MiB");
    std::vector<Node>& children = open_.back()->children;
    if (children.empty() || children.back().isElement()) children.emplace_back();
    children.back().text.append(text, from, use);
  }

  void characters(llvm::StringRef text) {
    if (open_.size() > 1) add(text, here(), frame().use);
  }

  void reference(llvm::StringRef name) {
    if (isBroken_ || open_.size() < 2) return;
    source::Range at = here(), use = frame().use.valid() ? frame().use : at;
    Entity* entity = find(name);
    if (entity == nullptr) return undefined(name.str(), at);
    if (++references_ > kMostReferences) return tooMuch(at, "replaces entities without end");
    if (!enter(*entity, at)) return;
    // A copy: declarations do not move while content is read, but nothing says so.
    std::string text = entity->text;
    source::Range from = entity->at;
    if (llvm::StringRef(text).find_first_of("<&") == llvm::StringRef::npos) {
      add(text, from, use);
    } else {
      Parser parser(XML_ExternalEntityParserCreate(frame().parser, "", "UTF-8"), XML_ParserFree);
      parse({parser.get(), text, from, use});
      if (isBroken_) stop();
    }
    active_.pop_back();
  }

  void undefined(const std::string& name, source::Range at) {
    std::vector<std::string> names;
    for (const Entity& entity : xml_.entities) names.push_back(entity.name);
    auto near = base::suggest(name, names);
    diag::UndefinedEntity report;
    report.entity = name;
    if (near) report.hint = fmt::format("did you mean `&{};`?", *near);
    if (near) report.fix = diag::Fix{at, fmt::format("&{};", *near)};
    reading_.emitter.report(at, std::move(report));
    stop();
  }

  bool enter(Entity& entity, source::Range at) {
    entity.isUsed = true;
    if (llvm::is_contained(active_, entity.name)) {
      tooMuch(at, fmt::format("`&{};` holds itself", entity.name));
      return false;
    }
    active_.push_back(entity.name);
    return true;
  }

  Entity* find(llvm::StringRef name) {
    auto it = byName_.find(name.str());
    return it == byName_.end() ? nullptr : &xml_.entities[it->second];
  }

  // ---- attributes

  /// Reads them from the tag's own text: expat's are without places.
  void readAttributes(Node& node) {
    llvm::StringRef tag = raw();
    source::Range all = here();
    auto place = [&](size_t begin, size_t end) {
      if (all.end - all.begin != tag.size()) return all;
      return source::Range{all.file, all.begin + static_cast<uint32_t>(begin),
                           all.begin + static_cast<uint32_t>(end)};
    };
    for (size_t at = 1 + node.name.size(); at < tag.size();) {
      if (llvm::isSpace(tag[at])) {
        ++at;
        continue;
      }
      size_t equals = tag.find('=', at);
      size_t quote = tag.find_first_of("\"'", equals);
      if (equals == llvm::StringRef::npos || quote == llvm::StringRef::npos) return;
      size_t end = tag.find(tag[quote], quote + 1);
      if (end == llvm::StringRef::npos) return;
      llvm::StringRef name = tag.slice(at, equals).trim();
      Attribute attribute{name.str(), place(at, at + name.size()), {}};
      expand(tag.slice(quote + 1, end), place(quote + 1, end), frame().use, attribute.value);
      node.attributes.push_back(std::move(attribute));
      at = end + 1;
    }
  }

  /// The value of an attribute: references replaced, line ends as blanks.
  void expand(llvm::StringRef text, source::Range from, source::Range use, Text& value) {
    auto place = [&](size_t begin, size_t end) {
      if (from.end - from.begin != text.size()) return from;
      return source::Range{from.file, from.begin + static_cast<uint32_t>(begin),
                           from.begin + static_cast<uint32_t>(end)};
    };
    for (size_t at = 0; at < text.size() && !isBroken_;) {
      size_t mark = std::min(text.find('&', at), text.size());
      std::string plain = text.slice(at, mark).str();
      for (char& c : plain)
        if (llvm::isSpace(c)) c = ' ';
      value.append(plain, place(at, mark), use);
      if (mark == text.size()) return;
      size_t end = text.find(';', mark);
      if (end == llvm::StringRef::npos) return;
      llvm::StringRef name = text.slice(mark + 1, end);
      source::Range here = place(mark, end + 1);
      replace(name, here, use.valid() ? use : here, value);
      at = end + 1;
    }
  }

  void replace(llvm::StringRef name, source::Range at, source::Range use, Text& value) {
    if (std::string character = characterOf(name); !character.empty())
      return value.append(character, at, use);
    Entity* entity = find(name);
    if (entity == nullptr) return undefined(name.str(), at);
    if (active_.size() > kDeepest || value.size() > (1u << 20))
      return tooMuch(at, "grows beyond a megabyte");
    if (!enter(*entity, at)) return;
    std::string text = entity->text;
    expand(text, entity->at, use, value);
    active_.pop_back();
  }

  static std::string characterOf(llvm::StringRef name) {
    static constexpr std::pair<llvm::StringRef, llvm::StringRef> kNamed[] = {
        {"lt", "<"}, {"gt", ">"}, {"amp", "&"}, {"quot", "\""}, {"apos", "'"}};
    for (auto [known, text] : kNamed)
      if (name == known) return text.str();
    unsigned code = 0;
    if (!name.consume_front("#")) return {};
    bool isHex = name.consume_front("x");
    if (name.getAsInteger(isHex ? 16 : 10, code)) return {};
    char buffer[8];
    char* end = buffer;
    return llvm::ConvertCodePointToUTF8(code, end) ? std::string(buffer, end) : std::string();
  }

  // ---- declarations

  void declare(Entity entity) {
    entity.at = valueAt();
    byName_.emplace(entity.name, xml_.entities.size());
    xml_.entities.push_back(std::move(entity));
  }

  /// Where the literal of a declaration is written, if it stands right here.
  source::Range valueAt() {
    Frame& at = frame();
    size_t begin = static_cast<size_t>(std::max<long long>(0, XML_GetCurrentByteIndex(at.parser)));
    if (begin >= at.text.size()) return at.at;
    llvm::StringRef rest = at.text.substr(begin);
    if (!rest.starts_with("\"") && !rest.starts_with("'")) return at.place(begin, begin + 1);
    size_t end = rest.find(rest[0], 1);
    llvm::StringRef literal = rest.slice(1, end);
    return at.place(begin + 1, begin + 1 + literal.size());
  }

  static int external(XML_Parser parser, const char* context, const char*, const char* system,
                      const char*) {
    XmlReader& self = of(XML_GetUserData(parser));
    return self.readExternal(parser, context, system != nullptr ? system : "") ? XML_STATUS_OK
                                                                               : XML_STATUS_ERROR;
  }

  bool readExternal(XML_Parser parser, const char* context, const std::string& path) {
    source::Range at = here();
    source::FileId file = reading_.read(frame().at.file, path);
    if (file == 0) {
      reading_.emitter.report(at, diag::UnreadableEntity{.path = path});
      stop();
      return false;
    }
    if (llvm::count_if(frames_, [&](const Frame& f) { return f.at.file == file && f.isSame(); }) >
        4) {
      tooMuch(at, fmt::format("`{}` holds itself", path));
      return false;
    }
    for (Entity& entity : xml_.entities)
      if (entity.system == path) entity.isUsed = true;
    std::string_view text = reading_.sources.text(file);
    Parser inner(XML_ExternalEntityParserCreate(parser, context, nullptr), XML_ParserFree);
    parse({inner.get(), {text.data(), text.size()}, whole(file), {}});
    return !isBroken_;
  }

  const target::Reading& reading_;
  Xml xml_;
  Node top_;
  std::vector<Node*> open_;
  std::vector<Frame> frames_;
  std::vector<std::string> active_;
  std::map<std::string, size_t> byName_;
  size_t bytes_ = 0, nodes_ = 0, references_ = 0;
  bool isBroken_ = false;
};

}  // namespace

const Attribute* Node::attribute(llvm::StringRef wanted) const {
  auto it = llvm::find_if(attributes, [&](const Attribute& a) { return a.name == wanted; });
  return it == attributes.end() ? nullptr : &*it;
}

llvm::StringRef Node::value(llvm::StringRef wanted) const {
  const Attribute* found = attribute(wanted);
  return found == nullptr ? llvm::StringRef() : llvm::StringRef(found->value.str());
}

const Node* Node::child(llvm::StringRef wanted) const {
  auto it = llvm::find_if(children, [&](const Node& n) { return n.name == wanted; });
  return it == children.end() ? nullptr : &*it;
}

Text Node::content() const {
  Text all;
  for (const Node& child : children)
    if (!child.isElement()) all.append(child.text);
  return all;
}

std::optional<Xml> readXml(const target::Reading& reading, source::FileId file) {
  return XmlReader(reading).read(file);
}

}  // namespace wfc::targets::rocoto::foreign
