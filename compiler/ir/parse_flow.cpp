// The flow graph from the text form: the mirror of print.cpp from spaces on.
#include <fmt/format.h>

#include "compiler/ir/parser.h"

namespace wfc::ir {

uint32_t Parser::named(const Table& table, char sigil, bool path, llvm::StringRef what) {
  s_.expect(llvm::StringRef(&sigil, 1));
  Scanner::Name name = path ? s_.pathName() : s_.name();
  auto it = table.find(name.key);
  if (it != table.end()) return it->second;
  s_.fail(fmt::format("there is no {} `{}{}`", what.str(), sigil, name.text));
  return 0;
}

std::vector<FamilyId> Parser::familyList() {
  std::vector<FamilyId> list;
  do list.push_back(familyName());
  while (s_.eat(","));
  return list;
}

std::vector<LoopId> Parser::loopList() {
  std::vector<LoopId> list;
  do list.push_back(loopName());
  while (s_.eat(","));
  return list;
}

// ---- spaces and loops

static int64_t bound(Scanner& scanner) {
  (void)scanner.peek();
  if (scanner.eatWord("open")) return INT64_MAX;
  llvm::StringRef text = scanner.literal();
  if (std::optional<int64_t> at = parseInstant(text)) return *at;
  if (std::optional<int64_t> days = parseDate(text)) return *days * 86400;
  scanner.fail("expected a date or time");
  return 0;
}

void Parser::cycle(Space& space) {
  space.kind = Space::Cycle;
  space.lo = bound(s_);
  s_.expect("..");
  space.hi = bound(s_);
  s_.expectWord("by");
  space.step = value();
  if (space.step.kind != Value::Duration) s_.fail("a cycle's step is a duration");
}

// `15 .. 0`, for ranges and slices.
void Parser::bounds(Space& space) {
  space.lo = s_.integer();
  s_.expect("..");
  space.hi = s_.integer();
}

void Parser::derivedSpace(Space& space, Space::Kind kind) {
  space.kind = kind;
  if (kind == Space::EveryNth || kind == Space::Batches) space.n = s_.integer();
  if (kind == Space::Slice) bounds(space);
  if (kind != Space::Reverse) s_.expectWord("of");
  space.base = spaceName();
  if (kind != Space::Groups) return;
  s_.expectWord("by");
  do space.by.push_back(expr());
  while (s_.eat(","));
}

void Parser::spaceKind(Space& space) {
  if (s_.eat("[")) return values(space.values, "]");
  if (s_.eatWord("cycle")) return cycle(space);
  if (s_.eatWord("every_nth")) return derivedSpace(space, Space::EveryNth);
  if (s_.eatWord("reverse")) return derivedSpace(space, Space::Reverse);
  if (s_.eatWord("slice")) return derivedSpace(space, Space::Slice);
  if (s_.eatWord("batches")) return derivedSpace(space, Space::Batches);
  if (s_.eatWord("groups")) return derivedSpace(space, Space::Groups);
  if (s_.eatWord("range")) {
    space.kind = Space::Range;
    bounds(space);
    s_.expectWord("by");
    space.n = s_.integer();
  } else if (s_.eatWord("product")) {
    space.kind = Space::Product;
    s_.expect("(");
    while (!s_.failed() && !s_.eat(")")) {
      space.factors.push_back(spaceName());
      if (!s_.eat(",") && s_.peek() != ')') s_.fail("expected `,`");
    }
  } else if (s_.eatWord("files")) {
    space.kind = Space::Files;
    space.text = s_.string();
  } else if (s_.eatWord("set_of")) {
    space.kind = Space::SetOf;
    space.ref = refName();
  } else if (s_.eatWord("members")) {
    space.kind = Space::Members;
    space.ref = refName();
  } else if (s_.eatWord("repeat")) {
    space.kind = Space::Repeat;
    space.hi = s_.integer();
  } else {
    s_.fail("expected a kind of space");
  }
}

void Parser::spaceLine(uint32_t n) {
  s_.word();
  s_.expect("%");
  Space space;
  space.name = s_.name().text;
  s_.expect(":");
  space.element = type();
  s_.expect("=");
  spaceKind(space);
  space.loc = endLine();
  m_.spaces[n] = std::move(space);
}

void Parser::loopLine(uint32_t n) {
  s_.word();
  s_.expect("%");
  Loop loop;
  loop.variable = s_.name().text;
  s_.expectWord("in");
  loop.space = spaceName();
  if (s_.eatWord("inside")) loop.parent = loopName();
  if (s_.eatWord("until")) loop.until = expr();
  if (s_.eatWord("pool")) loop.pool = s_.string();
  loop.loc = endLine();
  m_.loops[n] = std::move(loop);
}

// ---- references

int64_t Parser::offset() {
  bool negative = s_.eat("-");
  if (!negative && !s_.eat("+")) return 0;
  int64_t n = s_.integer();
  return negative && n != INT64_MIN ? -n : n;
}

IndexPattern Parser::pattern() {
  IndexPattern p;
  if (s_.eat("=")) return p;
  if (s_.eat("*")) {
    p.kind = IndexPattern::All;
    return p;
  }
  if (s_.eatWord("where")) {
    p.kind = IndexPattern::Where;
    p.a = expr();
    return p;
  }
  bool isUpTo = s_.eat("..");
  p.a = expr();
  p.offset = offset();
  p.kind = isUpTo ? IndexPattern::UpTo : IndexPattern::At;
  if (isUpTo || !s_.eat("..")) return p;
  p.kind = IndexPattern::From;
  if (s_.peek() == ']' || s_.peek() == ',') return p;
  p.kind = IndexPattern::Between;
  p.b = expr();
  p.offsetB = offset();
  return p;
}

static std::optional<Demand> demand(Scanner& scanner) {
  if (scanner.eatWord("all")) return Demand::All;
  if (scanner.eatWord("ok")) return Demand::Ok;
  if (scanner.eatWord("at_least")) return Demand::AtLeast;
  if (scanner.eatWord("first")) return Demand::First;
  if (scanner.eatWord("ended")) return Demand::Ended;
  return std::nullopt;
}

void Parser::refLine(uint32_t n) {
  s_.word();
  s_.expect("%");
  s_.name();
  s_.expect("=");
  Ref ref;
  ref.stream = s_.eatWord("stream");
  std::optional<Demand> found = demand(s_);
  if (!found) s_.fail("expected a demand: all, ok, at_least, first or ended");
  ref.demand = found.value_or(Demand::All);
  bool atLoop = s_.eatWord("loop");
  if (!atLoop && s_.peek() != '@' && s_.peek() != '!') {
    ref.count = expr();
    s_.expectWord("of");
    atLoop = s_.eatWord("loop");
  }
  // A reference whose families had an error is kept, for verify to reject.
  if (!atLoop && !s_.eat("!")) ref.families = familyList();
  if (s_.eat("[")) {
    do ref.indices.push_back(pattern());
    while (s_.eat(","));
    s_.expect("]");
  }
  if (atLoop || s_.eatWord("loop")) ref.loop = loopName();
  if (s_.eatWord("output")) ref.output = s_.number();
  ref.valueless = s_.eatWord("valueless");
  ref.single = s_.eatWord("single");
  ref.fallback = s_.eatWord("fallback");
  ref.ifMade = s_.eatWord("if_made");
  if (s_.eatWord("otherwise")) ref.otherwise = expr();
  ref.loc = endLine();
  m_.refs[n] = std::move(ref);
}

// ---- families

void Parser::familyHead(Family& family) {
  if (s_.eat("=")) family.task = taskName();
  if (s_.eatWord("over")) family.loops = loopList();
  if (s_.eatWord("on")) {
    family.hook.event = s_.anyWord();
    if (s_.eat("(")) {
      family.hook.outcomes = outcomes();
      s_.expect(")");
    }
    if (s_.eatWord("of")) family.hook.of = familyList();
  }
  if (s_.eatWord("priority")) family.priority = s_.integer();
  if (s_.eatWord("deadline")) family.deadlineMs = duration();
  family.temp = s_.eatWord("temp");
  family.keep = s_.eatWord("keep");
  family.keepOnFailed = s_.eatWord("keep_on_failed");
  if (s_.eatWord("pool")) family.pool = s_.string();
  if (s_.eatWord("on_node")) family.disk = Family::OnNode;
  if (s_.eatWord("on_every_node")) family.disk = Family::OnEveryNode;
  if (s_.eatWord("store")) family.store = s_.string();
  if (s_.eatWord("text")) family.text = s_.string();
  family.loc = blockLoc_ = takeLoc();
}

Family::Awaited Parser::awaited() {
  auto bytes = [this] {
    Value size = value();
    if (size.kind != Value::Bytes) s_.fail("expected a size");
    return size.i;
  };
  Family::Awaited awaited;
  awaited.what = expr();
  if (s_.eatWord("age")) awaited.ageMs = duration();
  if (s_.eatWord("size")) awaited.bytes = bytes();
  if (s_.eatWord("free")) awaited.freeBytes = bytes();
  return awaited;
}

void Parser::waitEntry(Family& family) {
  Family::WaitFor& wait = family.wait;
  do {
    std::vector<Family::Awaited>& all = wait.any.emplace_back();
    do all.push_back(awaited());
    while (s_.eatWord("and"));
  } while (s_.eatWord("or"));
  if (s_.eatWord("timeout")) wait.timeoutMs = duration();
  wait.timeoutIsNoData = s_.eatWord("no_data");
}

void Parser::argEntry(Family& family) {
  std::string name = s_.anyWord();
  if (family.task.valid()) {
    const std::vector<Input>& inputs = m_[family.task].inputs;
    size_t n = family.args.size();
    bool fits = n < inputs.size() ? inputs[n].name == name : name == "_";
    if (!fits) s_.fail(fmt::format("`{}` is not the input at this position", name));
  }
  s_.expect("=");
  family.args.push_back(expr());
}

void Parser::familyEntry(Family& family) {
  if (s_.eatWord("when")) {
    Guard guard;
    guard.condition = expr();
    guard.wanted = !s_.eatWord("is_false");
    guard.isStatic = !s_.eatWord("at_run_time");
    guard.loc = endLine();
    family.guards.push_back(guard);
    return;
  }
  if (s_.eatWord("arg"))
    argEntry(family);
  else if (s_.eatWord("after"))
    family.afters.push_back(refName());
  else if (s_.eatWord("for"))
    waitEntry(family);
  else
    s_.fail("this is no part of a family");
  endLine();
}

void Parser::familyLine(uint32_t n) {
  llvm::StringRef role = s_.word();
  s_.expect("@");
  Family family;
  family.role = role == "wait" ? Family::Wait : role == "hook" ? Family::Hook : Family::Work;
  family.name = s_.pathName().text;
  familyHead(family);
  if (s_.eat("{")) {
    s_.endLine();
    while (inBlock()) familyEntry(family);
  }
  s_.endLine();
  m_.families[n] = std::move(family);
}

// ---- the rest of the flow

void Parser::limitLine() {
  s_.word();
  Limit limit;
  limit.count = s_.integer();
  if (s_.eatWord("refill")) limit.refill = s_.integer();
  if (s_.eatWord("per")) limit.perMs = duration();
  if (s_.eatWord("loop")) limit.loop = loopName();
  if (s_.eatWord("of")) limit.families = familyList();
  if (s_.eatWord("name")) limit.name = s_.string();
  limit.loc = endLine();
  m_.limits.push_back(std::move(limit));
}

void Parser::publishLine() {
  Publish publish;
  publish.ref = refName();
  s_.expectWord("at");
  publish.at = expr();
  if (s_.eatWord("over")) publish.loops = loopList();
  publish.shared = s_.eatWord("shared");
  publish.loc = endLine();
  m_.publishes.push_back(std::move(publish));
}

void Parser::placed(Placement& placement) {
  if (s_.eatWord("partition")) placement.partition = s_.string();
  if (s_.eatWord("qos")) placement.qos = s_.string();
  if (s_.eatWord("notes")) placement.notes = textMap();
}

void Parser::placeLine() {
  Placement placement;
  placement.family = familyName();
  placed(placement);
  endLine();
  m_.placements.push_back(std::move(placement));
}

void Parser::poolLine() {
  Pool pool;
  pool.name = s_.string();
  s_.expectWord("of");
  pool.task = taskName();
  placed(pool.placement);
  pool.loc = endLine();
  m_.pools.push_back(std::move(pool));
}

void Parser::tailLine() {
  llvm::StringRef keyword = s_.word();
  if (keyword == "publish") return publishLine();
  if (keyword == "place") return placeLine();
  if (keyword == "pool") return poolLine();
  if (keyword == "secret") {
    Secret secret;
    secret.command = s_.string();
    s_.expectWord("for");
    secret.lifeMs = duration();
    endLine();
    m_.secrets.push_back(std::move(secret));
    return;
  }
  if (keyword == "budget") {
    Budget budget;
    budget.resource = s_.string();
    budget.amount = value();
    budget.loc = endLine();
    m_.budgets.push_back(std::move(budget));
    return;
  }
  StopAfter stop;
  stop.count = s_.integer();
  stop.outcome = outcome();
  if (s_.eatWord("of")) stop.families = familyList();
  stop.loc = endLine();
  m_.stops.push_back(std::move(stop));
}

}  // namespace wfc::ir
