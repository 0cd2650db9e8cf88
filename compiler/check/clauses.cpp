// Clauses of a task: needs, environment, retries, resume, exit codes, checks, templates.
#include <algorithm>
#include <iterator>

#include "compiler/check/names.h"
#include "compiler/check/session.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

struct NeedRule {
  StringRef key;
  TK type;
  bool isOfPool = false;  ///< asked for by pools alone
};
static constexpr NeedRule kNeeds[] = {
    {"nodes", TK::Int},        {"tasks", TK::Int},       {"cpus", TK::Int},
    {"gpus", TK::Int},         {"memory", TK::Bytes},    {"time", TK::Duration},
    {"disk", TK::Bytes},       {"licences", TK::Int},    {"exclusive", TK::Bool},
    {"partition", TK::String}, {"qos", TK::String},      {"account", TK::String},
    {"feature", TK::String},   {"ray", TK::String, true}};

static const NeedRule* needRule(StringRef key) {
  const NeedRule* rule = llvm::find_if(kNeeds, [&](const NeedRule& r) { return r.key == key; });
  return rule == std::end(kNeeds) ? nullptr : rule;
}

static void unknownNeed(Session& s, const syntax::Name& key, const Place& place) {
  if (key.text.empty()) return;  // made up where one was missing
  std::vector<std::string> known;
  for (const NeedRule& rule : kNeeds)
    if (place.isPool || !rule.isOfPool) known.push_back(rule.key.str());
  reportMember(s, key, "the needs of a task", known);
}

/// A constant need must be positive; zero cores or bytes would be dropped or mean "all" to a
/// scheduler.
static void checkPositive(Session& s, ir::ExprId value, StringRef key, Range range) {
  std::optional<ir::Value> known = s.constantOf(value);
  if (!known || known->kind == ir::Value::String || known->kind == ir::Value::Bool) return;
  bool zeroIsFine = key == "gpus" || key == "licences" || key == "disk";
  if (known->i < 0 || (known->i == 0 && !zeroIsFine) || known->j != 0)
    s.report(range,
             diag::NeedNotPositive{.need = key.str(), .value = ir::toText(s.module, *known)});
}

/// Of licences and features a task may need several.
static bool isSame(const ir::Need& old, const syntax::Need& need) {
  return old.key == need.key.text && old.key != "feature" &&
         (old.key != "licences" || old.of == need.of.text);
}

static void checkNeeds(Session& s, const syntax::Clauses& clauses, Place& place, ir::Task& task) {
  task.needs.reserve(clauses.needs.size());
  for (const syntax::Need& need : clauses.needs) {
    const NeedRule* rule = needRule(need.key.text);
    if (!rule) {
      unknownNeed(s, need.key, place);
      continue;
    }
    if (rule->isOfPool && !place.isPool)
      s.report(need.range, diag::RayOutsidePool{.task = task.name});
    for (const ir::Need& old : task.needs)
      if (isSame(old, need))
        s.report(need.range, diag::NeedTwice{.need = old.key, .firstAt = s.rangeOf(old.loc)});
    ir::Need entry;
    entry.key = need.key.text.str();
    entry.of = need.of.text.str();
    entry.loc = s.loc(need.range);
    entry.value = need.value
                      ? checkAs(s, *need.value, place, basic(rule->type), "`" + entry.key + "`")
                      : s.constant(ir::Value::boolean(true), basic(TK::Bool), need.range);
    checkPositive(s, entry.value, entry.key, need.range);
    if (entry.key == "licences" && entry.of.empty()) s.report(need.range, diag::LicenceNeedsName{});
    task.needs.push_back(std::move(entry));
  }
}

int64_t checkDuration(Session& s, const syntax::Expr& expr, Place& place, StringRef what) {
  auto value = checkConstant(s, expr, place, basic(TK::Duration), what);
  if (!value) return 0;
  if (value->j != 0 || value->i < 0) s.report(expr.range, diag::CalendarTime{.what = what.str()});
  return value->i;
}

int64_t checkCount(Session& s, const syntax::Expr& expr, Place& place, StringRef what,
                   int64_t least) {
  auto value = checkConstant(s, expr, place, basic(TK::Int), what);
  if (!value) return 0;
  if (value->i >= least) return value->i;
  s.report(expr.range, diag::TooSmall{.what = what.str(),
                                      .least = std::to_string(least),
                                      .value = std::to_string(value->i)});
  return 0;
}

std::optional<ir::Outcome> checkOutcome(Session& s, const syntax::Name& name, bool causesOnly) {
  static const std::vector<std::string> causes{"failed", "timed_out", "out_of_memory", "preempted",
                                               "node_lost"};
  static const std::vector<std::string> all{"ok",        "no_data",       "failed",
                                            "timed_out", "out_of_memory", "preempted",
                                            "node_lost", "cancelled",     "skipped"};
  const std::vector<std::string>& known = causesOnly ? causes : all;
  if (std::find(known.begin(), known.end(), name.text) != known.end())
    return ir::outcomeNamed(name.text);
  s.report(name.range,
           diag::UnknownOutcome{.name = name.text.str(), .fix = nearest(s, name, known)});
  return std::nullopt;
}

static void checkGrowth(Session& s, const syntax::Growth& growth, Place& place,
                        const ir::Task& task, ir::Retry& retry) {
  const NeedRule* rule = needRule(growth.key.text);
  bool grows =
      rule && (rule->type == TK::Int || rule->type == TK::Bytes || rule->type == TK::Duration);
  if (!grows) return unknownNeed(s, growth.key, place);
  ir::Growth entry;
  entry.key = growth.key.text.str();
  entry.multiply = growth.op == "*";
  Operand by = asValue(s, checkExpr(s, *growth.by, place), place);
  if (by.kind == Operand::Error) return;
  entry.by = convert(s, by, entry.multiply ? basic(TK::Float) : basic(rule->type), "the growth");
  if (s.module[entry.by].op == ir::Op::Error) return;
  // A site states cores, memory and time where a task does not.
  bool isStated =
      llvm::is_contained({"cpus", "memory", "time"}, growth.key.text) ||
      llvm::any_of(task.needs, [&](const ir::Need& need) { return need.key == entry.key; });
  if (!isStated)
    s.report(
        growth.key.range,
        diag::UnknownMember{
            .name = entry.key, .owner = "the needs of `" + task.name + "`", .hint = "", .fix = {}});
  std::optional<ir::Value> value = s.constantOf(entry.by);
  bool shrinks = value && (entry.multiply ? value->f < 1 : value->i < 0);
  if (!value || shrinks) s.report(growth.range, diag::BadGrowth{.need = entry.key});
  retry.growths.push_back(std::move(entry));
}

static void checkRetries(Session& s, const syntax::Clauses& clauses, Place& place, ir::Task& task) {
  for (const syntax::Retry& written : clauses.retries) {
    ir::Retry retry;
    retry.loc = s.loc(written.range);
    retry.causes.reserve(written.causes.size());
    retry.count = checkCount(s, *written.count, place, "the number of retries");
    auto add = [&](ir::Outcome outcome, Range range) {
      for (const ir::Retry& old : task.retries)
        if (std::find(old.causes.begin(), old.causes.end(), outcome) != old.causes.end())
          s.report(range, diag::CauseTwice{.cause = ir::name(outcome).str(),
                                           .firstAt = s.rangeOf(old.loc)});
      if (std::find(retry.causes.begin(), retry.causes.end(), outcome) != retry.causes.end())
        s.report(range, diag::CauseTwice{.cause = ir::name(outcome).str(),
                                         .firstAt = s.rangeOf(retry.loc)});
      retry.causes.push_back(outcome);
    };
    for (const syntax::Name& cause : written.causes)
      if (auto outcome = checkOutcome(s, cause, true)) add(*outcome, cause.range);
    if (written.causes.empty()) add(ir::Outcome::Failed, written.range);
    for (const syntax::Growth& growth : written.growths) checkGrowth(s, growth, place, task, retry);
    if (written.delay) retry.delayMs = checkDuration(s, *written.delay, place, "the delay");
    if (written.growing)
      if (auto factor = checkConstant(s, *written.growing, place, basic(TK::Float),
                                      "the growth of the delay"))
        retry.growing = factor->f;
    task.retries.push_back(std::move(retry));
  }
}

static void checkResume(Session& s, const syntax::Clauses& clauses, Place& place, ir::Task& task) {
  if (clauses.resumes.size() > 1)
    s.report(clauses.resumes[1].range,
             diag::ClauseTwice{.clause = "resume", .firstAt = clauses.resumes[0].range});
  if (clauses.resumes.empty()) return;
  const syntax::Resume& written = clauses.resumes[0];
  std::vector<std::string> known;
  int found = -1;
  for (size_t i = 0; i < task.outputs.size(); ++i) {
    known.push_back(task.outputs[i].name);
    if (task.outputs[i].name == written.output.text && !task.outputs[i].small)
      found = static_cast<int>(i);
  }
  if (found < 0) {
    reportMember(s, written.output, "the outputs of `" + task.name + "`", known);
  } else {
    s.named(written.output.range, outputDeclaredAt(s, task.outputs[static_cast<size_t>(found)]));
  }
  task.resume.output = found;
  task.resume.loc = s.loc(written.range);
  if (written.lead)
    task.resume.leadMs = checkDuration(s, *written.lead, place, "the lead of the signal");
  if (written.slices)
    task.resume.slices = checkCount(s, *written.slices, place, "the number of slices");
  for (const ir::Need& need : task.needs)
    if (std::optional<ir::Value> time =
            need.key == "time" ? s.constantOf(need.value) : std::nullopt;
        time && time->i <= task.resume.leadMs)
      s.report(
          written.range,
          diag::LeadTooLong{.lead = ir::toText(s.module, ir::Value::scalar(ir::Value::Duration,
                                                                           task.resume.leadMs)),
                            .time = ir::toText(s.module, *time)});
}

static void checkExits(Session& s, const syntax::Clauses& clauses, Place& place, ir::Task& task) {
  for (const syntax::ExitRule& rule : clauses.exits) {
    auto outcome = checkOutcome(s, rule.outcome, false);
    if (outcome == ir::Outcome::NoData && !task.noData)
      s.report(rule.range, diag::NoDataUndeclared{.task = task.name});
    for (const syntax::Expr* code : rule.codes) {
      bool isRange = code->kind == syntax::ExprKind::Range && code->a && code->b;
      int64_t lo = checkCount(s, isRange ? *code->a : *code, place, "an exit code", 1);
      int64_t hi = isRange ? checkCount(s, *code->b, place, "an exit code", 1) : lo;
      if (hi > 255) s.report(code->range, diag::ExitCodeRange{.code = std::to_string(hi)});
      for (int64_t n = lo; outcome && n > 0 && n <= std::min<int64_t>(hi, 255); ++n)
        if (!task.exits.emplace(static_cast<int>(n), *outcome).second)
          s.report(code->range, diag::ExitTwice{.code = std::to_string(n)});
    }
  }
}

static void checkEnvironment(Session& s, const syntax::Clauses& clauses, Place& place,
                             ir::Task& task) {
  for (const syntax::EnvVar& variable : clauses.env) {
    for (const ir::EnvVar& old : task.env)
      if (old.name == variable.name.text)
        s.report(variable.name.range, diag::DuplicateKey{.key = old.name, .firstAt = {}});
    Operand value = asValue(s, checkExpr(s, *variable.value, place), place);
    if (value.kind == Operand::Error) continue;
    const ir::Type& type = s.module.types[value.type];
    if (type.kind == TK::Secret) {
      ir::Hole secret;
      secret.variable = variable.name.text.str();
      secret.value = value.expr;
      task.secrets.push_back(std::move(secret));
      continue;
    }
    if (type.kind == TK::List || type.kind == TK::Map || type.kind == TK::Record ||
        type.kind == TK::Set) {
      s.report(value.range, diag::NotAText{.type = typeText(s, value.type)});
      continue;
    }
    task.env.push_back({variable.name.text.str(), value.expr});
  }
  for (const syntax::Expr* module : clauses.modules)
    if (auto text = checkConstant(s, *module, place, basic(TK::String), "a module"))
      task.modules.push_back(text->s);
  if (clauses.conda)
    if (auto text =
            checkConstant(s, *clauses.conda, place, basic(TK::String), "the conda environment"))
      task.conda = text->s;
  if (clauses.container)
    task.container = checkAs(s, *clauses.container, place, basic(TK::String), "the container");
}

void checkClauses(Session& s, const syntax::Clauses& clauses, Place& place, ir::Task& task) {
  checkNeeds(s, clauses, place, task);
  checkRetries(s, clauses, place, task);
  checkResume(s, clauses, place, task);
  checkExits(s, clauses, place, task);
  checkEnvironment(s, clauses, place, task);
  for (const syntax::Fill& fill : clauses.fills) {
    Operand with = asValue(s, checkExpr(s, *fill.with, place), place);
    if (with.kind == Operand::Value && s.module.types[with.type].kind != TK::Record)
      s.report(fill.with->range, diag::TypeMismatch{.what = "what a template is filled with",
                                                    .expected = "a record",
                                                    .found = typeText(s, with.type),
                                                    .hint = "",
                                                    .declaredAt = {}});
    task.fills.push_back({checkAs(s, *fill.from, place, basic(TK::Path), "the template"),
                          with.kind == Operand::Value ? with.expr : s.errorExpr(fill.range)});
  }
  for (const syntax::Check& check : clauses.checks) {
    ir::Check entry;
    if (check.every)
      entry.everyMs = checkDuration(s, *check.every, place, "the interval of a check");
    if (check.after) entry.afterMs = checkDuration(s, *check.after, place, "the start of a check");
    checkBody(s, check.script, place, task, entry.body);
    task.checks.push_back(std::move(entry));
  }
}

}  // namespace wfc::check
