// Tasks: parameters (a program's, then the task's own), outputs, and the scope in which clauses and
// bodies are read. A task whose types depend on an enum parameter is made once for each value it is
// called with.
#include <algorithm>

#include "compiler/base/suggest.h"
#include "compiler/check/names.h"
#include "compiler/check/session.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

using syntax::TypeRef;

static void namesInType(const TypeRef* type, std::vector<std::string>& names) {
  if (!type) return;
  for (const syntax::Expr* arg : type->args)
    if (arg->kind == syntax::ExprKind::Name) names.push_back(arg->name.text.str());
  namesInType(type->element, names);
  namesInType(type->key, names);
}

/// The program of `task x = program`, or nothing.
static Found programOf(Session& s, const syntax::Decl& decl, Unit& unit) {
  const auto& task = std::get<syntax::TaskDecl>(decl.as);
  if (!task.program) return {};
  Place place{.scope = &unit.scope, .unit = &unit};
  if (s.isBroken(&decl)) return {};
  Found found = findDecl(s, *task.program, place);
  if (!found.decl) s.broken.push_back(&decl);
  if (found.decl && !std::holds_alternative<syntax::ProgramDecl>(found.decl->as)) {
    if (!isUnread(*found.decl))
      s.report(task.program->range, diag::NotAProgram{.name = found.decl->name.text.str(),
                                                      .declaredAt = found.decl->name.range});
    s.broken.push_back(&decl);
    return {};
  }
  return found;
}

static std::string underscored(StringRef name) {
  std::string text = name.str();
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

static TaskHead makeHead(Session& s, const syntax::Decl& decl, Unit& unit) {
  const auto& task = std::get<syntax::TaskDecl>(decl.as);
  TaskHead head;
  head.program = programOf(s, decl, unit);
  head.params.reserve(task.params.size());
  std::vector<std::string> named;
  if (head.program.decl)
    for (const syntax::Flag& flag : std::get<syntax::ProgramDecl>(head.program.decl->as).flags) {
      namesInType(flag.type, named);
      if (flag.role == syntax::Flag::In)
        head.params.push_back({{s.keep(underscored(flag.name.text)), flag.name.range},
                               flag.type,
                               flag.value,
                               &flag,
                               head.program.unit});
    }
  for (const syntax::Param& param : task.params) {
    namesInType(param.type, named);
    head.params.push_back({param.name, param.type, param.value, nullptr, &unit});
  }
  for (const syntax::Output& output : task.outputs) namesInType(output.type, named);
  for (const TaskParam& param : head.params)
    if (std::find(named.begin(), named.end(), param.name.text) != named.end())
      head.dependent.push_back(param.name.text.str());
  return head;
}

const TaskHead& taskHead(Session& s, const syntax::Decl& decl, Unit& unit) {
  auto known = s.taskHeads.find(&decl);
  if (known != s.taskHeads.end()) return known->second;
  return s.taskHeads.emplace(&decl, makeHead(s, decl, unit)).first->second;
}

namespace {

/// Makes one ir::Task.
class TaskMaker {
 public:
  TaskMaker(Session& s, const syntax::Decl& decl, Unit& unit)
      : s_(s),
        decl_(decl),
        unit_(unit),
        written_(std::get<syntax::TaskDecl>(decl.as)),
        head_(taskHead(s, decl, unit)) {
    typePlace_ = {.scope = s.newScope(&unit.scope), .unit = &unit};
    place_ = {.scope = s.newScope(&taskWords()),
              .unit = &unit,
              .loops = {},
              .guards = {},
              .task = &task_,
              .inBody = false};
  }

  ir::Task make(const llvm::StringMap<ir::Value>& dependent) {
    task_.name = decl_.name.text.str();
    task_.doc = decl_.doc.str();
    task_.loc = s_.loc(decl_.name.range);
    task_.noData = written_.noData;
    bindDependent(dependent);
    task_.inputs.reserve(head_.params.size());
    for (const TaskParam& param : head_.params) addInput(param);
    const Found& program = head_.program;
    if (program.decl)
      addProgramOutputs(std::get<syntax::ProgramDecl>(program.decl->as), *program.unit);
    task_.outputs.reserve(task_.outputs.size() + written_.outputs.size());
    for (const syntax::Output& output : written_.outputs) addOutput(output);
    checkClauses(s_, written_.clauses, place_, task_);
    addBody(program);
    reportUnusedInputs();
    reportUnwrittenOutputs();
    // Nobody looks into a task from outside, and there may be many.
    place_.scope->names = {};
    return std::move(task_);
  }

 private:
  void bindDependent(const llvm::StringMap<ir::Value>& dependent) {
    for (const std::string& name : head_.dependent) {
      auto param = std::find_if(head_.params.begin(), head_.params.end(),
                                [&](const TaskParam& p) { return p.name.text == name; });
      Place at{.scope = &param->unit->scope, .unit = param->unit};
      ir::TypeId type = resolveType(s_, *param->type, at);
      ir::Value value = ir::Value::scalar(ir::Value::Enum, 0);
      value.type = type;
      if (auto it = dependent.find(name); it != dependent.end()) value = it->second;
      Symbol symbol;
      symbol.operand = s_.constantOperand(value, type, param->name.range);
      define(s_, *typePlace_.scope, param->name, symbol);
    }
  }

  ir::TypeId typeOf(const TypeRef* type, Unit& unit) {
    if (!type) return basic(TK::Error);
    Place place{.scope = typePlace_.scope, .unit = &unit};
    return resolveType(s_, *type, place);
  }

  void addInput(const TaskParam& param) {
    ir::Input input;
    input.name = param.name.text.str();
    input.type = typeOf(param.type, *param.unit);
    input.many =
        param.type && (param.type->kind == TypeRef::Some || param.type->kind == TypeRef::Many);
    input.some = param.type && param.type->kind == TypeRef::Some;
    if (s_.module.types[input.type].kind == TK::Secret && param.flag)
      s_.report(param.name.range, diag::SecretVisible{.where = "a command line"});
    Symbol symbol;
    symbol.operand = s_.value(s_.make(ir::Op::Input, input.type, {}, param.name.range,
                                      static_cast<uint32_t>(task_.inputs.size())),
                              param.name.range);
    symbol.mayBeUnused = param.flag != nullptr;
    define(s_, *place_.scope, param.name, symbol);
    task_.inputs.push_back(std::move(input));
  }

  void addProgramOutputs(const syntax::ProgramDecl& program, Unit& unit) {
    for (const syntax::Flag& flag : program.flags) {
      if (flag.role == syntax::Flag::In) continue;
      for (const syntax::Param& value : flag.values) {
        ir::Output small;
        small.name = value.name.text.str();
        small.type = typeOf(value.type, unit);
        small.small = true;
        small.loc = s_.loc(value.range);
        task_.outputs.push_back(std::move(small));
      }
      if (!flag.values.empty()) continue;
      ir::Output output;
      output.name = underscored(flag.name.text);
      output.type = typeOf(flag.type, unit);
      output.loc = s_.loc(flag.range);
      if (flag.role == syntax::Flag::Resume)
        task_.resume.output = static_cast<int>(task_.outputs.size());
      if (flag.type && flag.type->pattern) addPath(*flag.type->pattern, output);
      addSizes(flag.size, flag.files, output);
      defineOutput({s_.keep(output.name), flag.name.range}, output);
      task_.outputs.push_back(std::move(output));
    }
  }

  void addOutput(const syntax::Output& written) {
    ir::Output output;
    output.name = written.name.text.str();
    output.type = typeOf(written.type, unit_);
    output.loc = s_.loc(written.range);
    TK kind = s_.module.types[output.type].kind;
    output.small = kind != TK::Artifact && kind != TK::Set && kind != TK::Error;
    if (kind == TK::Set && written.type->pattern)
      if (auto pattern = checkConstant(s_, *written.type->pattern, typePlace_, basic(TK::String),
                                       "the pattern of a set"))
        output.pattern = checkPattern(*pattern, output, written.type->pattern->range);
    if (written.path)
      output.path = checkAs(s_, *written.path, place_, basic(TK::String), "the path of an output");
    addSizes(written.size, written.files, output);
    if (!output.small) defineOutput(written.name, output);
    task_.outputs.push_back(std::move(output));
  }

  /// How large an output will be, and of how many files: for budgets, and for plans.
  void addSizes(const syntax::Expr* size, const syntax::Expr* files, ir::Output& output) {
    if (size) output.size = checkAs(s_, *size, place_, basic(TK::Bytes), "the size of an output");
    if (!files) return;
    const ir::Type& type = s_.module.types[output.type];
    bool isFile = type.kind == TK::Artifact && !s_.module[type.artifact].isDir;
    if (isFile) s_.report(files->range, diag::FilesOfFile{.output = output.name});
    output.files = checkAs(s_, *files, place_, basic(TK::Int), "the number of files of an output");
  }

  /// `at "…"` of a program's output: the pattern of a set, or the path of a file.
  void addPath(const syntax::Expr& at, ir::Output& output) {
    if (s_.module.types[output.type].kind != TK::Set) {
      output.path = checkAs(s_, at, place_, basic(TK::String), "the path of an output");
      return;
    }
    auto pattern = checkConstant(s_, at, typePlace_, basic(TK::String), "the pattern of a set");
    if (pattern) output.pattern = checkPattern(*pattern, output, at.range);
  }

  /// Every hole of a pattern is a key of the kind, and every key is there.
  std::string checkPattern(const ir::Value& pattern, const ir::Output& output, Range at) {
    const ir::Kind& kind =
        s_.module[s_.module.types[s_.module.types[output.type].element].artifact];
    std::vector<std::string> known, found;
    for (const ir::Field& field : kind.keys) known.push_back(field.name);
    StringRef rest = pattern.s;
    while (rest.contains('<')) {
      std::string name = rest.split('<').second.split('>').first.str();
      rest = rest.split('<').second.split('>').second;
      found.push_back(name);
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      auto best = base::suggest(std::string_view(name), known);
      s_.report(at,
                diag::UnknownMember{
                    .name = name,
                    .owner = "the key of `" + kind.name + "`",
                    .hint = best ? "" : allOf(known),
                    .fix = best ? std::optional(diag::Fix{{}, std::string(*best)}) : std::nullopt});
    }
    for (const std::string& name : known)
      if (std::find(found.begin(), found.end(), name) == found.end())
        s_.report(at, diag::PatternLacksKey{.key = name, .kind = kind.name});
    return pattern.s;
  }

  void defineOutput(const syntax::Name& name, const ir::Output& output) {
    Symbol symbol;
    symbol.mayBeUnused = true;
    symbol.operand = s_.value(s_.make(ir::Op::Output, output.type, {}, name.range,
                                      static_cast<uint32_t>(task_.outputs.size())),
                              name.range);
    define(s_, *place_.scope, name, symbol);
  }

  const Scope& taskWords() {
    Scope& words = unit_.taskWords;
    if (words.parent) return words;
    words.parent = &unit_.scope;
    for (const char* name : {"values", "tmp"}) special(name, TK::Path);
    for (const char* name : {"instance", "run"}) special(name, TK::String);
    special("attempt", TK::Int);
    return words;
  }

  void special(const char* name, TK kind) {
    Symbol symbol;
    symbol.mayBeUnused = true;
    symbol.operand = s_.value(s_.make(ir::Op::Special, basic(kind), {}, {}, name), {});
    unit_.taskWords.names[name] = symbol;
  }

  void addBody(const Found& program) {
    place_.inBody = true;
    const syntax::Clauses& clauses = written_.clauses;
    if (program.decl) {
      if (!clauses.scripts.empty())
        s_.report(clauses.scripts[0].range,
                  diag::TwoBodies{.task = task_.name, .firstAt = written_.program->range});
      programBody(s_, std::get<syntax::ProgramDecl>(program.decl->as), task_, place_,
                  written_.program->range);
      return;
    }
    if (clauses.scripts.size() > 1)
      s_.report(clauses.scripts[1].range,
                diag::TwoBodies{.task = task_.name, .firstAt = clauses.scripts[0].range});
    if (clauses.scripts.empty() && clauses.fills.empty() && !written_.program)
      s_.report(decl_.name.range, diag::NoBody{.task = task_.name});
    if (clauses.scripts.empty()) return;
    unit_.taskWords.findHere("values")->used = false;
    checkBody(s_, clauses.scripts[0], place_, task_, task_.body);
  }

  void reportUnusedInputs() {
    if (s_.emitter.hasErrors()) return;
    for (const syntax::Param& param : written_.params) {
      const Symbol* symbol = place_.scope->findHere(param.name.text);
      bool inTypes = false;
      if (const Symbol* type = typePlace_.scope->findHere(param.name.text)) inTypes = type->used;
      bool isOrderOnly = symbol && isArtifact(s_, symbol->operand.type);
      if (symbol && !symbol->used && !inTypes && !isOrderOnly && !s_.isError(symbol->operand.type))
        s_.report(param.name.range,
                  diag::UnusedParameter{.name = param.name.text.str(), .task = task_.name});
    }
  }

  /// A script that never names an output cannot write it. A template may fill one, and a program
  /// is told all of its own.
  void reportUnwrittenOutputs() {
    if (s_.emitter.hasErrors() || written_.clauses.scripts.empty()) return;
    if (!written_.clauses.fills.empty() || written_.program) return;
    bool namesValues = unit_.taskWords.findHere("values")->used;
    for (size_t n = 0; n < written_.outputs.size(); ++n) {
      const syntax::Name& name = written_.outputs[n].name;
      const Symbol* symbol = place_.scope->findHere(name.text);
      bool isSmall = task_.outputs[n].small;
      if (isSmall ? namesValues : !symbol || symbol->used) continue;
      bool isSet = s_.module.types[task_.outputs[n].type].kind == TK::Set;
      s_.report(name.range, diag::UnwrittenOutput{.output = name.text.str(),
                                                  .task = task_.name,
                                                  .word = isSmall ? "@{values}"
                                                          : isSet ? "@{" + name.text.str() + ".dir}"
                                                                  : "@{" + name.text.str() + "}"});
    }
  }

  Session& s_;
  const syntax::Decl& decl_;
  Unit& unit_;
  const syntax::TaskDecl& written_;
  ir::Task task_;
  Place typePlace_, place_;
  const TaskHead& head_;
};

}  // namespace

ir::TaskId resolveTask(Session& s, const syntax::Decl& decl, Unit& unit,
                       llvm::StringMap<ir::Value> dependent) {
  std::string key;
  for (const std::string& name : taskHead(s, decl, unit).dependent)
    if (auto it = dependent.find(name); it != dependent.end())
      key += "," + ir::keyText(s.module, it->second);
  for (const auto& [known, id] : s.tasks[&decl])
    if (known == key) return id;
  TaskMaker maker(s, decl, unit);
  ir::Task task = maker.make(dependent);
  // Two declarations of one name (of two modules, or for two dependent values) stay apart.
  if (size_t same = s.taskNames[task.name]++) task.name += "." + std::to_string(same + 1);
  s.module.tasks.push_back(std::move(task));
  ir::TaskId id{static_cast<uint32_t>(s.module.tasks.size() - 1)};
  s.tasks[&decl].emplace_back(key, id);
  return id;
}

}  // namespace wfc::check
