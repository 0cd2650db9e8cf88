// The module from the text form: names first, then the header, kinds and types.
//
// Tasks are in parse_task.cpp, the flow graph in parse_flow.cpp. Types of expressions that the text
// leaves out are inferred at the end, when everything they depend on is there.
#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringSwitch.h>

#include "compiler/ir/parser.h"
#include "compiler/ir/text_names.h"

namespace wfc::ir {

// ---- lines

Loc Parser::loc() {
  Loc loc;
  if (!s_.eatWord("loc")) return loc;
  s_.expect("(");
  loc.file = s_.number();
  s_.expect(":");
  loc.line = s_.number();
  s_.expect(":");
  loc.column = s_.number();
  s_.expect(")");
  return loc;
}

Loc Parser::takeLoc() {
  Loc found = loc();
  const Loc& forExprs = found.file != 0 ? found : blockLoc_;
  for (size_t n = firstExpr_; n < m_.exprs.size(); ++n) m_.exprs[n].loc = forExprs;
  firstExpr_ = m_.exprs.size();
  return found;
}

Loc Parser::endLine() {
  Loc found = takeLoc();
  s_.endLine();
  return found;
}

void Parser::openBlock() {
  s_.expect("{");
  s_.endLine();
}

bool Parser::inBlock() {
  if (s_.failed() || s_.eat("}")) return false;
  if (s_.atEnd()) s_.fail("a block without an end");
  return !s_.failed();
}

int64_t Parser::duration() {
  (void)s_.peek();
  size_t before = s_.position();
  std::optional<Value> value = parseQuantity(s_.literal());
  if (value && value->kind == Value::Duration && value->j == 0) return value->i;
  s_.moveTo(before);
  s_.fail("expected a duration without months");
  return 0;
}

Outcome Parser::outcome() {
  std::string name = s_.word().str();
  std::optional<Outcome> found = outcomeNamed(name);
  if (!found) s_.fail(fmt::format("there is no outcome `{}`", name));
  return found.value_or(Outcome::Failed);
}

std::vector<Outcome> Parser::outcomes() {
  std::vector<Outcome> list;
  do list.push_back(outcome());
  while (s_.eat(","));
  return list;
}

std::map<std::string, std::string> Parser::textMap() {
  std::map<std::string, std::string> map;
  s_.expect("{");
  while (!s_.failed() && !s_.eat("}")) {
    std::string key = s_.string();
    s_.expect("=");
    map[key] = s_.string();
    if (!s_.eat(",") && s_.peek() != '}') s_.fail("expected `,`");
  }
  return map;
}

// ---- names

uint32_t Parser::declareName(Table& table, const Scanner::Name& name, size_t next) {
  auto [it, isNew] = table.try_emplace(name.key, static_cast<uint32_t>(next));
  if (!isNew) s_.fail(fmt::format("`{}` is declared twice", name.text));
  return it->second;
}

static std::optional<Type::Kind> nominalKind(llvm::StringRef keyword) {
  if (keyword == "enum") return Type::Enum;
  return keyword == "record" ? std::optional(Type::Record) : std::nullopt;
}

// The scanner stands behind the keyword.
void Parser::declareLine(llvm::StringRef keyword, Line& line) {
  char sigil = line.entry == Entry::Space || line.entry == Entry::Loop || line.entry == Entry::Ref
                   ? '%'
                   : '@';
  s_.expect(llvm::StringRef(&sigil, 1));
  bool isPath = line.entry == Entry::Task || line.entry == Entry::Family;
  Scanner::Name name = isPath ? s_.pathName() : s_.name();
  if (s_.failed()) return;
  auto grow = [&](auto& table, Table& names) {
    line.index = declareName(names, name, table.size());
    table.emplace_back();
  };
  switch (line.entry) {
    case Entry::Kind:
    case Entry::Nominal: {
      if (types_.count(name.key)) return s_.fail(fmt::format("`{}` is declared twice", name.text));
      if (line.entry == Entry::Kind) return declareKind(name, line);
      Type type;
      type.kind = *nominalKind(keyword);
      type.name = name.text;
      types_[name.key] = m_.types.add(std::move(type));
      line.index = types_[name.key].index();
      return;
    }
    case Entry::Task:
      grow(m_.tasks, tasks_);
      m_.tasks.back().name = name.text;
      return;
    case Entry::Space:
      grow(m_.spaces, spaces_);
      m_.spaces.back().name = name.text;
      return;
    case Entry::Loop:
      grow(m_.loops, loops_);
      m_.loops.back().variable = name.text;
      return;
    case Entry::Ref:
      if (loops_.count(name.key)) return s_.fail(fmt::format("`{}` is a loop too", name.text));
      return grow(m_.refs, refs_);
    default:
      grow(m_.families, families_);
      m_.families.back().name = name.text;
  }
}

void Parser::declareKind(const Scanner::Name& name, Line& line) {
  line.index = static_cast<uint32_t>(m_.kinds.size());
  m_.kinds.emplace_back();
  m_.kinds.back().name = name.text;
  m_.kinds.back().isDir = name.text == "dir";
  KindId id(line.index);
  kinds_[name.key] = id;
  types_[name.key] = m_.types.artifact(id);
}

void Parser::declareBasics() {
  uint32_t kind = Type::None;
  for (llvm::StringRef name : basicTypeNames().drop_back(2)) types_[name] = TypeId(kind++);
  types_["Span"] = m_.types.span(true);
  types_["TimeSpan"] = m_.types.span(false);
  Line ignored{Entry::Kind, 0, 0, 0};
  declareKind({"file", "file"}, ignored);
  declareKind({"dir", "dir"}, ignored);
}

static std::optional<int> entryOf(llvm::StringRef keyword) {
  return llvm::StringSwitch<std::optional<int>>(keyword)
      .Cases("wfir", "flow", "site", "target", "publish_root", "fact", "file", "made_from", 0)
      .Case("kind", 1)
      .Cases("enum", "record", 2)
      .Case("task", 3)
      .Case("space", 4)
      .Case("loop", 5)
      .Case("ref", 6)
      .Cases("family", "wait", "hook", 7)
      .Case("limit", 8)
      .Cases("publish", "budget", "stop_after", "pool", "place", "secret", 9)
      .Default(std::nullopt);
}

void Parser::declare() {
  declareBasics();
  for (size_t at = 0; at < text_.size() && !s_.failed();) {
    llvm::StringRef rest = text_.substr(at);
    bool isEntry = !llvm::StringRef(" \t\r\n}").contains(rest.front()) && !rest.starts_with("//");
    if (isEntry) {
      s_.moveTo(at);
      llvm::StringRef keyword = s_.word();
      std::optional<int> entry = entryOf(keyword);
      if (!entry) return s_.fail(fmt::format("`{}` begins no line", keyword.str()));
      if (!lines_.empty()) lines_.back().end = at;
      Line line{static_cast<Entry>(*entry), at, text_.size(), 0};
      if (line.entry != Entry::Header && line.entry < Entry::Limit) declareLine(keyword, line);
      lines_.push_back(line);
    }
    size_t end = rest.find('\n');
    at = end == llvm::StringRef::npos ? text_.size() : at + end + 1;
  }
}

// ---- header and types

void Parser::firstLine() {
  s_.skipSpace();
  s_.expectWord("wfir");
  if (s_.number() != 1) s_.fail("this is not version 1 of the text form");
  s_.expectWord("stage");
  if (s_.eatWord("planned"))
    m_.stage = Stage::Planned;
  else if (s_.eatWord("legal"))
    m_.stage = Stage::Legal;
  else
    s_.expectWord("checked");
  s_.endLine();
}

void Parser::headerLine() {
  llvm::StringRef keyword = s_.word();
  if (keyword == "wfir") return s_.fail("a second first line");
  if (keyword == "file") {
    m_.files.push_back(s_.string());
  } else if (keyword == "fact") {
    std::string key = s_.string();
    m_.siteFacts[std::move(key)] = s_.string();
  } else if (keyword == "made_from") {
    std::string path = s_.string();
    m_.made_from.push_back({std::move(path), s_.string()});
  } else {
    std::string& field = keyword == "flow"     ? m_.flow
                         : keyword == "site"   ? m_.site
                         : keyword == "target" ? m_.target
                                               : m_.publishRoot;
    field = s_.string();
  }
  endLine();
}

void Parser::kindLine(uint32_t n) {
  s_.word();
  s_.expect("@");
  s_.name();
  s_.expect("=");
  Kind kind;
  kind.name = m_.kinds[n].name;
  kind.isDir = s_.eatWord("dir");
  if (!kind.isDir) s_.expectWord("file");
  if (s_.peek() == '"') kind.extension = s_.string();
  if (s_.eatWord("keys")) {
    s_.expect("(");
    kind.keys = fieldList(")");
  }
  if (s_.eatWord("magic")) kind.magic = s_.string();
  if (s_.eatWord("probe")) kind.probe = s_.string();
  if (s_.eatWord("schema")) kind.schema = s_.string();
  if (s_.eatWord("attrs")) kind.attrs = textMap();
  kind.loc = endLine();
  m_.kinds[n] = std::move(kind);
}

std::vector<Field> Parser::enumerators() {
  std::vector<Field> fields;
  while (!s_.failed() && !s_.eat("}")) {
    Field field;
    field.name = s_.anyWord();
    if (s_.eat("=")) field.value = Value::text(s_.string());
    fields.push_back(std::move(field));
    if (!s_.eat(",") && s_.peek() != '}') s_.fail("expected `,`");
  }
  return fields;
}

void Parser::nominalLine(uint32_t n) {
  bool isEnum = s_.word() == "enum";
  s_.expect("@");
  s_.name();
  s_.expect("{");
  std::vector<Field> fields = isEnum ? enumerators() : fieldList("}");
  endLine();
  m_.types.edit(TypeId(n)).fields = std::move(fields);
}

void Parser::read(const Line& line) {
  s_.moveTo(line.at);
  blockLoc_ = {};
  switch (line.entry) {
    case Entry::Header:
      headerLine();
      break;
    case Entry::Kind:
      kindLine(line.index);
      break;
    case Entry::Nominal:
      nominalLine(line.index);
      break;
    case Entry::Task:
      taskLine(line.index);
      break;
    case Entry::Space:
      spaceLine(line.index);
      break;
    case Entry::Loop:
      loopLine(line.index);
      break;
    case Entry::Ref:
      refLine(line.index);
      break;
    case Entry::Family:
      familyLine(line.index);
      break;
    case Entry::Limit:
      limitLine();
      break;
    default:
      tailLine();
  }
  s_.skipSpace();
  if (!s_.failed() && s_.position() != line.end) s_.fail("this line belongs to no block");
}

void Parser::inferTypes() {
  for (uint32_t n = 0; n < m_.exprs.size(); ++n) {
    if (m_.exprs[n].type.valid()) continue;
    const Task* task = taskOf_[n] ? &m_.tasks[*taskOf_[n]] : nullptr;
    m_.exprs[n].type = inferType(m_, m_.types, task, ExprId(n));
  }
}

ParseResult Parser::run() {
  firstLine();
  declare();
  // Enumerators are named by values anywhere, so nominal types go before kinds with default fields.
  constexpr Entry kOrder[] = {Entry::Header, Entry::Nominal, Entry::Kind, Entry::Task,
                              Entry::Space,  Entry::Loop,    Entry::Ref,  Entry::Family,
                              Entry::Limit,  Entry::Tail};
  for (Entry entry : kOrder)
    for (size_t n = 0; n < lines_.size() && !s_.failed(); ++n)
      if (lines_[n].entry == entry && n > 0) read(lines_[n]);
  if (!s_.failed()) inferTypes();
  ParseResult result;
  if (s_.failed()) {
    result.error = s_.error();
    result.line = s_.errorLine();
  } else {
    result.module = std::move(m_);
  }
  return result;
}

ParseResult parse(llvm::StringRef text) { return Parser(text).run(); }

}  // namespace wfc::ir
