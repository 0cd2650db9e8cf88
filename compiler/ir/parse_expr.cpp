// Expressions, values and types from the text form: the mirror of print_expr.cpp.
#include <cmath>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

#include "compiler/ir/parser.h"
#include "compiler/ir/text_names.h"

namespace wfc::ir {

// Deeper nesting than this is a mistake, or an attack on the stack.
static constexpr unsigned kDeepest = 500;
// Fields of fields; also these become levels of the tree.
static constexpr unsigned kLongest = 50;

namespace {

/// Counts a level of nesting while it lives.
class Level {
 public:
  Level(unsigned& depth, Scanner& scanner) : depth_(depth) {
    if (++depth_ > kDeepest) scanner.fail("nested too deeply");
  }
  ~Level() { --depth_; }

 private:
  unsigned& depth_;
};

}  // namespace

// ---- types

TypeId Parser::namedType(const Scanner::Name& name) {
  auto it = types_.find(name.key);
  if (it != types_.end()) return it->second;
  s_.fail(fmt::format("there is no type `{}`", name.text));
  return Types::basic(Type::Error);
}

TypeId Parser::typeAtom() {
  Level level(depth_, s_);
  if (s_.eat("!")) return Types::basic(Type::Error);
  if (s_.eat("(")) {
    TypeId inner = type();
    s_.expect(")");
    return inner;
  }
  if (s_.eat("[")) {
    TypeId first = type();
    TypeId id = s_.eat(":") ? m_.types.map(first, type()) : m_.types.list(first);
    s_.expect("]");
    return id;
  }
  (void)s_.peek();
  size_t before = s_.position();
  if (s_.eatWord("set") && s_.eatWord("of")) return m_.types.set(typeAtom());
  s_.moveTo(before);
  return namedType(s_.name());
}

TypeId Parser::type() {
  TypeId id = typeAtom();
  while (s_.eat("?")) id = m_.types.option(id);
  return id;
}

std::vector<Field> Parser::fieldList(llvm::StringRef close) {
  std::vector<Field> fields;
  while (!s_.failed() && !s_.eat(close)) {
    Field field;
    field.name = s_.anyWord();
    s_.expect(":");
    field.type = type();
    field.key = s_.eatWord("key");
    if (s_.eat("=")) field.value = value();
    fields.push_back(std::move(field));
    if (!s_.eat(",") && s_.peek() != close.front()) s_.fail("expected `,`");
  }
  return fields;
}

// ---- values

// Items up to the closing sign, separated by commas, or for maps by `=` and comma in turn.
void Parser::values(std::vector<Value>& values, llvm::StringRef close) {
  Level level(depth_, s_);
  bool isMap = close == "}";
  while (!s_.failed() && !s_.eat(close)) {
    values.push_back(value());
    if (isMap) {
      s_.expect("=");
      values.push_back(value());
    }
    if (!s_.eat(",") && s_.peek() != close.front()) s_.fail("expected `,`");
  }
}

Value Parser::literal() {
  llvm::StringRef text = s_.literal();
  if (std::optional<int64_t> days = parseDate(text)) return Value::scalar(Value::Date, *days);
  if (std::optional<int64_t> at = parseInstant(text)) return Value::scalar(Value::Instant, *at);
  int64_t n;
  if (!text.getAsInteger(10, n)) return Value::integer(n);
  if (std::optional<Value> amount = parseQuantity(text)) return *amount;
  double d;
  bool isFloat = text == "-inf" || (!text.empty() && llvm::isDigit(text.back()) &&
                                    text.find_first_of(".e") != llvm::StringRef::npos);
  if (isFloat && !text.getAsDouble(d)) return Value::real(d);
  s_.fail(fmt::format("`{}` is no value", text.str()));
  return {};
}

Value Parser::spanValue() {
  s_.expect("(");
  Value from = literal();
  s_.expect(",");
  Value to = literal();
  s_.expect(")");
  bool dates = from.kind == Value::Date;
  if (from.kind != to.kind || (!dates && from.kind != Value::Instant)) {
    s_.fail("a span has two dates or two times");
    return {};
  }
  int64_t unit = dates ? 86400 : 1;
  Value span = Value::scalar(Value::Span, from.i * unit, to.i * unit);
  span.type = m_.types.span(dates);
  return span;
}

Value Parser::fileValue() {
  Value file = Value::text("", Value::File);
  if (!s_.eat("!")) {
    s_.expect("@");
    Scanner::Name name = s_.name();
    auto kind = kinds_.find(name.key);
    if (kind == kinds_.end())
      s_.fail(fmt::format("there is no kind `{}`", name.text));
    else
      file.type = m_.types.artifact(kind->second);
  }
  file.s = s_.string();
  file.j = s_.eatWord("outside");
  if (s_.eat("(")) {
    std::vector<Value> keys;
    values(keys, ")");
    file.items = std::make_shared<const std::vector<Value>>(std::move(keys));
  }
  return file;
}

Value Parser::enumerator(TypeId type) {
  std::string name = s_.anyWord();
  const std::vector<Field>& fields = m_.types[type].fields;
  for (size_t n = 0; n < fields.size(); ++n) {
    if (fields[n].name != name) continue;
    Value value = Value::scalar(Value::Enum, static_cast<int64_t>(n));
    value.type = type;
    return value;
  }
  s_.fail(fmt::format("there is no enumerator `{}`", name));
  return {};
}

Value Parser::enumOrRecord() {
  TypeId type = namedType(s_.name());
  if (s_.eat(".")) return enumerator(type);
  s_.expect("(");
  std::vector<Value> items;
  values(items, ")");
  return Value::composite(Value::Record, std::move(items), type);
}

Value Parser::value() {
  Level level(depth_, s_);
  char next = s_.peek();
  if (llvm::isDigit(next) || next == '-') return literal();
  if (next == '"') return Value::text(s_.string());
  std::vector<Value> items;
  if (s_.eat("[")) {
    values(items, "]");
    return Value::composite(Value::List, std::move(items));
  }
  if (s_.eat("{")) {
    values(items, "}");
    return Value::composite(Value::Map, std::move(items));
  }
  if (s_.eat("@")) return enumOrRecord();
  if (s_.eatWord("path")) return Value::text(s_.string(), Value::Path);
  if (s_.eatWord("none")) return {};
  if (s_.eatWord("true")) return Value::boolean(true);
  if (s_.eatWord("false")) return Value::boolean(false);
  if (s_.eatWord("inf")) return Value::real(HUGE_VAL);
  if (s_.eatWord("nan")) return Value::real(std::nan(""));
  if (s_.eatWord("span")) return spanValue();
  if (s_.eatWord("file")) return fileValue();
  if (s_.eatWord("set")) {
    Value set = Value::text(s_.string(), Value::Set);
    s_.expect("[");
    values(items, "]");
    set.items = std::make_shared<const std::vector<Value>>(std::move(items));
    return set;
  }
  s_.fail("expected a value");
  return {};
}

// ---- expressions

ExprId Parser::add(Expr expr) {
  m_.exprs.push_back(std::move(expr));
  taskOf_.push_back(task_);
  return ExprId(static_cast<uint32_t>(m_.exprs.size() - 1));
}

ExprId Parser::constant(Value value) {
  Expr expr;
  expr.op = Op::Const;
  expr.value = std::move(value);
  return add(std::move(expr));
}

void Parser::args(std::vector<ExprId>& args, llvm::StringRef close) {
  while (!s_.failed() && !s_.eat(close)) {
    args.push_back(expr());
    if (!s_.eat(",") && s_.peek() != close.front()) s_.fail("expected `,`");
  }
}

ExprId Parser::parenthesised() {
  ExprId inner = expr();
  if (s_.eat(":")) {
    TypeId written = type();
    if (!s_.failed()) m_.exprs[inner.index()].type = written;
  }
  s_.expect(")");
  return inner;
}

ExprId Parser::listExpr() {
  Expr list;
  list.op = Op::List;
  args(list.args, "]");
  return add(std::move(list));
}

ExprId Parser::mapExpr() {
  Expr map;
  map.op = Op::Map;
  while (!s_.failed() && !s_.eat("}")) {
    map.args.push_back(expr());
    s_.expect("=");
    map.args.push_back(expr());
    if (!s_.eat(",") && s_.peek() != '}') s_.fail("expected `,`");
  }
  return add(std::move(map));
}

// `%w`: a loop's element or a reference's value.
ExprId Parser::variable() {
  Scanner::Name name = s_.name();
  Expr variable;
  auto loop = loops_.find(name.key);
  auto ref = refs_.find(name.key);
  if (loop == loops_.end() && ref == refs_.end())
    s_.fail(fmt::format("there is no `%{}`", name.text));
  variable.op = loop != loops_.end() ? Op::LoopVar : Op::Ref;
  if (!s_.failed()) variable.index = loop != loops_.end() ? loop->second : ref->second;
  return add(std::move(variable));
}

// `@Fim.extent` or `@Member(…)`.
ExprId Parser::atName() {
  TypeId id = namedType(s_.name());
  if (s_.eat(".")) return constant(enumerator(id));
  Expr record;
  record.op = Op::Record;
  record.type = id;
  s_.expect("(");
  args(record.args, ")");
  return add(std::move(record));
}

template <class T>
static std::optional<uint32_t> position(const std::vector<T>& table, llvm::StringRef name) {
  for (uint32_t n = 0; n < table.size(); ++n)
    if (table[n].name == name) return n;
  return std::nullopt;
}

// `in.data`, `out.map`, `needs.memory`, `this.tmp`.
ExprId Parser::member(llvm::StringRef of) {
  Expr expr;
  expr.op = of == "in"      ? Op::Input
            : of == "out"   ? Op::Output
            : of == "needs" ? Op::Need
                            : Op::Special;
  bool isNumbered = expr.op == Op::Input || expr.op == Op::Output;
  if (isNumbered && s_.eat("#")) {
    expr.index = s_.number();
    return add(std::move(expr));
  }
  std::string name = s_.anyWord();
  if (isNumbered) {
    std::optional<uint32_t> at;
    if (task_)
      at = expr.op == Op::Input ? position(m_.tasks[*task_].inputs, name)
                                : position(m_.tasks[*task_].outputs, name);
    if (!at) s_.fail(fmt::format("there is no `{}.{}` here", of.str(), name));
    expr.index = at.value_or(0);
  } else {
    expr.text = std::move(name);
  }
  return add(std::move(expr));
}

ExprId Parser::operation(Op op) {
  Expr expr;
  expr.op = op;
  if (op == Op::IsFirst || op == Op::IsLast) {
    expr.index = loopName().index();
    s_.expect(")");
    return add(std::move(expr));
  }
  while (!s_.failed() && !s_.eat(")")) {
    // The format stands last, as a bare string.
    size_t before = s_.position();
    if (op == Op::Format && expr.args.size() == 1 && s_.peek() == '"') {
      expr.text = s_.string();
      s_.expect(")");
      break;
    }
    s_.moveTo(before);
    expr.args.push_back(this->expr());
    if (!s_.eat(",") && s_.peek() != ')') s_.fail("expected `,`");
  }
  return add(std::move(expr));
}

ExprId Parser::call(std::string name) {
  Expr call;
  call.op = Op::Call;
  call.text = std::move(name);
  s_.expect("(");
  args(call.args, ")");
  return add(std::move(call));
}

ExprId Parser::wordExpr() {
  size_t before = s_.position();
  llvm::StringRef word = s_.word();
  bool isMember = word == "in" || word == "out" || word == "needs" || word == "this";
  if (isMember && s_.eat(".")) return member(word);
  if (word == "const") return constant(value());
  if (word == "call" && s_.peek() == '"') return call(s_.string());
  if (s_.peek() == '(' && word != "span") {
    std::optional<Op> op = opNamed(word);
    if (!op) return call(word.str());
    s_.expect("(");
    return operation(*op);
  }
  s_.moveTo(before);
  return constant(value());
}

ExprId Parser::primary() {
  if (s_.eat("(")) return parenthesised();
  if (s_.eat("[")) return listExpr();
  if (s_.eat("{")) return mapExpr();
  if (s_.eat("%")) return variable();
  if (s_.eat("@")) return atName();
  if (s_.eat("!")) return add(Expr());
  if (s_.atWord()) return wordExpr();
  return constant(value());
}

ExprId Parser::postfix(ExprId base) {
  Expr expr;
  expr.args.push_back(base);
  if (s_.eat("[")) {
    expr.op = Op::Index;
    expr.args.push_back(this->expr());
    s_.expect("]");
  } else {
    s_.expect(".");
    expr.op = Op::Field;
    expr.text = s_.anyWord();
  }
  return add(std::move(expr));
}

ExprId Parser::expr() {
  Level level(depth_, s_);
  ExprId id = primary();
  unsigned length = 0;
  while (!s_.failed()) {
    size_t before = s_.position();
    bool isRange = s_.eat("..");
    s_.moveTo(before);
    if (isRange || (s_.peek() != '.' && s_.peek() != '[')) break;
    if (++length > kLongest) s_.fail("nested too deeply");
    id = postfix(id);
  }
  return id;
}

}  // namespace wfc::ir
