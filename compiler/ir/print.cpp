// The module in the text form: header, kinds and types, tasks, then the flow graph, table by table.
//
// Each line at the left margin begins one entity, so that the parser learns all names from those
// lines alone before it reads anything.
#include "compiler/ir/printer.h"
#include "compiler/ir/text.h"

namespace wfc::ir {

static std::string textMap(llvm::StringRef name, const std::map<std::string, std::string>& map) {
  std::string text;
  for (const auto& [key, value] : map)
    text += (text.empty() ? "" : ", ") + quoted(key) + " = " + quoted(value);
  return text.empty() ? "" : fmt::format(" {} {{{}}}", name.str(), text);
}

static std::string outcomeList(const std::vector<Outcome>& outcomes) {
  std::string text;
  for (Outcome outcome : outcomes) text += (text.empty() ? "" : ", ") + ir::name(outcome).str();
  return text;
}

void Printer::header() {
  static constexpr const char* kStages[] = {"checked", "planned", "legal"};
  line("wfir 1 stage {}", kStages[static_cast<size_t>(m_.stage)]);
  if (!m_.flow.empty()) line("flow {}", quoted(m_.flow));
  if (!m_.site.empty()) line("site {}", quoted(m_.site));
  if (!m_.target.empty()) line("target {}", quoted(m_.target));
  if (!m_.publishRoot.empty()) line("publish_root {}", quoted(m_.publishRoot));
  for (const auto& [key, value] : m_.siteFacts) line("fact {} {}", quoted(key), quoted(value));
  for (const std::string& file : m_.files) line("file {}", quoted(file));
  for (const FileHash& made : m_.made_from)
    line("made_from {} {}", quoted(made.path), quoted(made.hash));
}

void Printer::kind(uint32_t n) {
  const Kind& kind = m_.kinds[n];
  std::string extension = kind.extension.empty() ? "" : " " + quoted(kind.extension);
  std::string keys = kind.keys.empty() ? "" : " keys (" + fieldList(kind.keys) + ")";
  line("kind {} = {}{}{}{}{}{}{}{}", names_.kinds[n], kind.isDir ? "dir" : "file", extension, keys,
       textAttr("magic", kind.magic), textAttr("probe", kind.probe),
       textAttr("schema", kind.schema), textMap("attrs", kind.attrs), locText(kind.loc));
}

void Printer::nominal(uint32_t n) {
  const Type& type = m_.types[TypeId(n)];
  if (type.kind == Type::Record)
    return line("record {} {{ {} }}", names_.types[n], fieldList(type.fields));
  std::string text;
  for (const Field& field : type.fields) {
    text += (text.empty() ? "" : ", ") + word(field.name);
    if (field.value) text += " = " + quoted(field.value->s);
  }
  line("enum {} {{ {} }}", names_.types[n], text);
}

// ---- spaces and loops

std::string Printer::spaceKind(const Space& space) {
  std::string base = name(names_.spaces, space.base);
  switch (space.kind) {
    case Space::List: {
      std::string text;
      for (const Value& v : space.values) text += (text.empty() ? "" : ", ") + value(v);
      return "[" + text + "]";
    }
    case Space::Range:
      return fmt::format("range {} .. {} by {}", space.lo, space.hi, space.n);
    case Space::Cycle:
      return fmt::format("cycle {} .. {} by {}", instantText(space.lo),
                         space.hi == INT64_MAX ? "open" : instantText(space.hi), value(space.step));
    case Space::Product:
      return "product(" + nameList(names_.spaces, space.factors) + ")";
    case Space::EveryNth:
      return fmt::format("every_nth {} of {}", space.n, base);
    case Space::Reverse:
      return "reverse " + base;
    case Space::Slice:
      return fmt::format("slice {} .. {} of {}", space.lo, space.hi, base);
    case Space::Files:
      return "files " + quoted(space.text);
    case Space::SetOf:
      return "set_of " + name(names_.refs, space.ref);
    case Space::Members:
      return "members " + name(names_.refs, space.ref);
    case Space::Batches:
      return fmt::format("batches {} of {}", space.n, base);
    case Space::Groups: {
      std::string by;
      for (ExprId e : space.by) by += (by.empty() ? "" : ", ") + expr(e);
      return fmt::format("groups of {} by {}", base, by);
    }
    case Space::Repeat:
      return fmt::format("repeat {}", space.hi);
  }
  return "!";
}

void Printer::space(uint32_t n) {
  const Space& space = m_.spaces[n];
  line("space {}: {} = {}{}", names_.spaces[n], type(space.element), spaceKind(space),
       locText(space.loc));
}

void Printer::loop(uint32_t n) {
  const Loop& loop = m_.loops[n];
  std::string parent = loop.parent.valid() ? " inside " + name(names_.loops, loop.parent) : "";
  std::string until = loop.until.valid() ? " until " + expr(loop.until) : "";
  line("loop {} in {}{}{}{}{}", names_.loops[n], name(names_.spaces, loop.space), parent, until,
       textAttr("pool", loop.pool), locText(loop.loc));
}

// ---- references

static std::string offsetText(int64_t offset) {
  if (offset == 0) return "";
  if (offset > 0) return fmt::format(" + {}", offset);
  return fmt::format(" - {}", uint64_t{0} - static_cast<uint64_t>(offset));
}

std::string Printer::pattern(const IndexPattern& p) {
  std::string a = p.kind == IndexPattern::Same || p.kind == IndexPattern::All ? "" : expr(p.a);
  switch (p.kind) {
    case IndexPattern::Same:
      return "=";
    case IndexPattern::At:
      return a + offsetText(p.offset);
    case IndexPattern::All:
      return "*";
    case IndexPattern::UpTo:
      return ".. " + a + offsetText(p.offset);
    case IndexPattern::From:
      return a + offsetText(p.offset) + " ..";
    case IndexPattern::Between:
      return a + offsetText(p.offset) + " .. " + expr(p.b) + offsetText(p.offsetB);
    case IndexPattern::Where:
      return "where " + a;
  }
  return "!";
}

static llvm::StringRef demandName(Demand demand) {
  switch (demand) {
    case Demand::All:
      return "all";
    case Demand::Ok:
      return "ok";
    case Demand::AtLeast:
      return "at_least";
    case Demand::First:
      return "first";
    case Demand::Ended:
      return "ended";
  }
  return "all";
}

void Printer::ref(uint32_t n) {
  const Ref& ref = m_.refs[n];
  std::string text = ref.stream ? "stream " : "";
  text += demandName(ref.demand);
  if (ref.count.valid()) text += " " + expr(ref.count) + " of";
  if (!ref.families.empty()) text += " " + nameList(names_.families, ref.families);
  if (ref.families.empty() && !ref.loop.valid()) text += " !";
  if (!ref.indices.empty()) {
    std::string indices;
    for (const IndexPattern& p : ref.indices) indices += (indices.empty() ? "" : ", ") + pattern(p);
    text += "[" + indices + "]";
  }
  if (ref.loop.valid()) text += " loop " + name(names_.loops, ref.loop);
  if (ref.output != 0) text += fmt::format(" output {}", ref.output);
  if (ref.valueless) text += " valueless";
  if (ref.single) text += " single";
  if (ref.fallback) text += " fallback";
  if (ref.ifMade) text += " if_made";
  if (ref.otherwise.valid()) text += " otherwise " + expr(ref.otherwise);
  line("ref {} = {}{}", names_.refs[n], text, locText(ref.loc));
}

// ---- families

std::string Printer::familyHead(const Family& family, const std::string& name) {
  static constexpr const char* kRoles[] = {"family", "wait", "hook"};
  std::string text = fmt::format("{} {}", kRoles[family.role], name);
  if (family.task.valid()) text += " = " + Printer::name(names_.tasks, family.task);
  if (!family.loops.empty()) text += " over " + nameList(names_.loops, family.loops);
  if (family.role == Family::Hook) {
    text += " on " + word(family.hook.event);
    if (!family.hook.outcomes.empty()) text += " (" + outcomeList(family.hook.outcomes) + ")";
    if (!family.hook.of.empty()) text += " of " + nameList(names_.families, family.hook.of);
  }
  if (family.priority != 0) text += fmt::format(" priority {}", family.priority);
  if (family.deadlineMs != 0) text += " deadline " + duration(family.deadlineMs);
  if (family.temp) text += " temp";
  if (family.keep) text += " keep";
  if (family.keepOnFailed) text += " keep_on_failed";
  text += textAttr("pool", family.pool);
  if (family.disk == Family::OnNode) text += " on_node";
  if (family.disk == Family::OnEveryNode) text += " on_every_node";
  text += textAttr("store", family.store);
  return text + textAttr("text", family.text) + locText(family.loc);
}

std::string Printer::awaited(const Family::Awaited& awaited) {
  auto bytes = [this](int64_t n) { return value(Value::scalar(Value::Bytes, n)); };
  std::string text = expr(awaited.what);
  if (awaited.ageMs != 0) text += " age " + duration(awaited.ageMs);
  if (awaited.bytes != 0) text += " size " + bytes(awaited.bytes);
  if (awaited.freeBytes != 0) text += " free " + bytes(awaited.freeBytes);
  return text;
}

void Printer::familyBody(const Family& family) {
  for (const Guard& guard : family.guards)
    line("  when {}{}{}{}", expr(guard.condition), guard.wanted ? "" : " is_false",
         guard.isStatic ? "" : " at_run_time", locText(guard.loc));
  if (family.role == Family::Wait) {
    std::string text;
    for (const std::vector<Family::Awaited>& all : family.wait.any)
      for (const Family::Awaited& each : all)
        text += (&each != all.data() ? " and " : text.empty() ? "" : " or ") + awaited(each);
    if (family.wait.timeoutMs != 0) text += " timeout " + duration(family.wait.timeoutMs);
    line("  for {}{}", text, family.wait.timeoutIsNoData ? " no_data" : "");
  }
  const std::vector<Input>* inputs = nullptr;
  if (family.task.valid() && family.task.index() < m_.tasks.size())
    inputs = &m_[family.task].inputs;
  for (size_t n = 0; n < family.args.size(); ++n)
    line("  arg {} = {}", inputs && n < inputs->size() ? word((*inputs)[n].name) : "_",
         expr(family.args[n]));
  for (RefId after : family.afters) line("  after {}", name(names_.refs, after));
}

void Printer::family(uint32_t n) {
  const Family& family = m_.families[n];
  std::string head = familyHead(family, names_.families[n]);
  bool isEmpty = family.guards.empty() && family.args.empty() && family.afters.empty() &&
                 family.role != Family::Wait;
  if (isEmpty) return line("{}", head);
  line("{} {{", head);
  familyBody(family);
  line("}}");
}

// ---- the rest of the flow

void Printer::limits() {
  for (const Limit& limit : m_.limits) {
    std::string text = std::to_string(limit.count);
    if (limit.refill >= 0) text += fmt::format(" refill {}", limit.refill);
    if (limit.perMs != 0) text += " per " + duration(limit.perMs);
    if (limit.loop.valid()) text += " loop " + name(names_.loops, limit.loop);
    if (!limit.families.empty()) text += " of " + nameList(names_.families, limit.families);
    line("limit {}{}{}", text, textAttr("name", limit.name), locText(limit.loc));
  }
}

void Printer::tail() {
  for (const Publish& publish : m_.publishes) {
    std::string over =
        publish.loops.empty() ? "" : " over " + nameList(names_.loops, publish.loops);
    line("publish {} at {}{}{}{}", name(names_.refs, publish.ref), expr(publish.at), over,
         publish.shared ? " shared" : "", locText(publish.loc));
  }
  for (const Secret& secret : m_.secrets)
    line("secret {} for {}", quoted(secret.command), duration(secret.lifeMs));
  for (const Budget& budget : m_.budgets)
    line("budget {} {}{}", quoted(budget.resource), value(budget.amount), locText(budget.loc));
  for (const StopAfter& stop : m_.stops) {
    std::string of = stop.families.empty() ? "" : " of " + nameList(names_.families, stop.families);
    line("stop_after {} {}{}{}", stop.count, ir::name(stop.outcome).str(), of, locText(stop.loc));
  }
  auto placed = [](const Placement& placement) {
    return textAttr("partition", placement.partition) + textAttr("qos", placement.qos) +
           textMap("notes", placement.notes);
  };
  for (const Pool& pool : m_.pools)
    line("pool {} of {}{}{}", quoted(pool.name), name(names_.tasks, pool.task),
         placed(pool.placement), locText(pool.loc));
  for (const Placement& placement : m_.placements)
    line("place {}{}", name(names_.families, placement.family), placed(placement));
}

std::string Printer::run() {
  header();
  // `file` and `dir` are kinds of every module.
  for (uint32_t n = 2; n < m_.kinds.size(); ++n) kind(n);
  // Enums first: the default of a record's field may name an enumerator.
  for (Type::Kind kind : {Type::Enum, Type::Record}) {
    for (uint32_t n = 0; n < m_.types.size(); ++n) {
      if (m_.types[TypeId(n)].kind == kind) nominal(n);
    }
  }
  for (uint32_t n = 0; n < m_.tasks.size(); ++n) task(n);
  for (uint32_t n = 0; n < m_.spaces.size(); ++n) space(n);
  for (uint32_t n = 0; n < m_.loops.size(); ++n) loop(n);
  for (uint32_t n = 0; n < m_.refs.size(); ++n) ref(n);
  for (uint32_t n = 0; n < m_.families.size(); ++n) family(n);
  limits();
  tail();
  return std::move(out_);
}

std::string print(const Module& module) { return Printer(module).run(); }

}  // namespace wfc::ir
