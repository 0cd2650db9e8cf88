// From the plan to a Job: evaluates arguments, paths and needs of one attempt. No process and no
// file is touched here.
#include "runtime/attempt/job.h"

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringExtras.h>

#include "compiler/ir/body.h"
#include "compiler/ir/eval.h"
#include "compiler/ir/planned.h"

#include "runtime/abi/abi.h"
#include "runtime/attempt/recipe.h"
#include "runtime/attempt/run.h"
#include "runtime/attempt/script.h"
#include "runtime/engine/members.h"

namespace wfc::run {

namespace {

/// Makes one job; the first mistake stays in `error`.
class Maker {
 public:
  Maker(const Engine& engine, const Launch& launch, Job& job)
      : m_(engine.plan().module()),
        engine_(engine),
        launch_(launch),
        family_(m_.families[launch.instance.family]),
        job_(job) {}

  std::string make(bool isRecipe) {
    const ir::Task& task = m_[family_.task];
    scope_ = engine_.scopeOf(launch_.instance, launch_.attempt);
    makeOutputs(task);
    auto special = scope_.special;
    scope_.special = [this, special](llvm::StringRef name) -> std::optional<ir::Value> {
      if (name == "values") return ir::Value::text(job_.work + "/values.json", ir::Value::Path);
      if (name == "tmp") return ir::Value::text(job_.work + "/tmp", ir::Value::Path);
      if (name == "run") return ir::Value::text(job_.run, ir::Value::Path);
      return special(name);
    };
    scope_.output = [this](uint32_t output) -> std::optional<ir::Value> {
      for (const JobOutput& o : job_.outputs) {
        if (o.output == output)
          return ir::Value::text(o.work, o.isSet ? ir::Value::Set : ir::Value::Path);
      }
      return std::nullopt;
    };
    for (const ir::Hole& secret : task.secrets) addSecret(secret);
    job_.script = makeScript(task.body, task);
    for (const ir::Check& check : task.checks)
      job_.checks.push_back({check.everyMs, check.afterMs, makeScript(check.body, task)});
    for (const ir::EnvVar& variable : task.env)
      job_.env.push_back({variable.name, textOf(variable.value)});
    if (task.container.valid()) job_.container = textOf(task.container);
    auto containers = m_.siteFacts.find("containers");
    if (containers != m_.siteFacts.end() && containers->second != "none")
      job_.containers = containers->second;
    job_.modules = task.modules;
    job_.conda = task.conda;
    for (const ir::Fill& fill : task.fills) makeFill(fill);
    for (auto [status, outcome] : task.exits) job_.exits[status] = static_cast<uint8_t>(outcome);
    job_.timeMs = launch_.needs.timeMs;
    job_.memory = launch_.needs.memory;
    makeResume(task);
    makeCopies();
    makeInputs();
    makeMounts();
    job_.wantsTmp = wantsTmp();
    if (isRecipe) makeRecipeInputs();
    return error_;
  }

 private:
  void addSecret(const ir::Hole& hole) {
    JobSecret& made = job_.secrets.emplace_back();
    made.variable = hole.variable;
    made.command = textOf(hole.value);
    for (const ir::Secret& secret : m_.secrets) {
      if (secret.command == made.command) made.lifeMs = secret.lifeMs;
    }
  }

  /// Most bodies want no scratch folder, and making one is as dear as the rest together.
  bool wantsTmp() const {
    if (job_.script.text.find(abi::kTmp) != std::string::npos || !job_.fills.empty()) return true;
    return std::any_of(job_.script.variables.begin(), job_.script.variables.end(),
                       [&](const Variable& v) {
                         return (v.text + v.json).find(job_.work + "/tmp") != std::string::npos;
                       });
  }

  std::optional<ir::Value> valueOf(ir::ExprId expr) {
    ir::Result result = ir::evaluate(m_, expr, scope_);
    if (result) return result.value;
    if (error_.empty()) error_ = fmt::format("{}: {}", place(m_, m_[expr].loc), result.error);
    return std::nullopt;
  }

  std::string checked(std::string text, llvm::StringRef what) {
    if (text.find('\0') != std::string::npos && error_.empty())
      error_ = fmt::format("the value of `{}` holds a NUL byte", what.str());
    return text;
  }

  std::string textOf(ir::ExprId expr) {
    std::optional<ir::Value> value = valueOf(expr);
    return value ? checked(ir::toText(m_, *value), "an expression") : "";
  }

  /// Of each hole in the pattern of a set, what it must be.
  std::vector<uint8_t> keysOf(const ir::Type& type, llvm::StringRef pattern) {
    std::vector<uint8_t> kinds;
    if (type.kind != ir::Type::Set || m_.types[type.element].kind != ir::Type::Artifact)
      return kinds;
    const std::vector<ir::Field>& keys = m_[m_.types[type.element].artifact].keys;
    for (const std::string& name : patternNames(pattern)) {
      auto key = llvm::find_if(keys, [&](const ir::Field& field) { return field.name == name; });
      kinds.push_back(key == keys.end() ? ir::Type::String : m_.types[key->type].kind);
    }
    return kinds;
  }

  void makeOutputs(const ir::Task& task) {
    for (uint32_t n = 0; n < task.outputs.size(); ++n) {
      const ir::Output& output = task.outputs[n];
      const ir::Type& type = m_.types[output.type];
      if (output.small) {
        bool isOption = type.kind == ir::Type::Option;
        ir::Type::Kind kind = isOption ? m_.types[type.element].kind : type.kind;
        job_.smalls.push_back(
            {n, output.name, job_.work + "/values.json", static_cast<uint8_t>(kind), isOption});
        continue;
      }
      JobOutput& o = job_.outputs.emplace_back();
      o.output = n;
      o.name = output.name;
      o.record = engine_.pathOf(launch_.instance, n);
      if (("/" + o.record + "/").find("/../") != std::string::npos && error_.empty())
        error_ = fmt::format("the path of output `{}` leads out of the run: {}", o.name, o.record);
      o.place = o.record.starts_with("/") ? o.record : job_.run + "/" + o.record;
      std::string base = o.place.substr(o.place.rfind('/') + 1);
      o.isOnNode = family_.disk == ir::Family::OnNode;
      o.work = fmt::format("{}/{}", o.isOnNode ? job_.nodeWork : job_.work, base);
      for (const JobOutput& other : job_.outputs) {
        if (&other != &o && other.work == o.work)
          o.work = fmt::format("{}/{}.{}", o.work.substr(0, o.work.rfind('/')), n, base);
      }
      o.isSet = type.kind == ir::Type::Set;
      o.pattern = output.pattern;
      o.keys = keysOf(type, output.pattern);
      if (type.kind == ir::Type::Artifact) {
        const ir::Kind& kind = m_[type.artifact];
        o.isDir = kind.isDir;
        o.magic = kind.magic;
        o.probe = kind.probe;
        o.schema = kind.schema;
      }
      o.isDir = (o.isDir || o.isSet) && !ir::isPacked(m_, family_);
      o.isCheckpoint = task.resume.output == static_cast<int>(n);
      // A checkpoint outlives its attempt, and its node.
      if (o.isCheckpoint)
        o.work = fmt::format("{}.checkpoint/{}", job_.work.substr(0, job_.work.rfind('.')), base);
    }
    for (JobSmall& small : job_.smalls) {
      const std::string& flag = task.outputs[small.output].valuesFlag;
      for (const JobOutput& o : job_.outputs) {
        if (!flag.empty() && o.name == flag) small.from = o.work;
      }
    }
  }

  void addWords(Variable& variable, const ir::Hole& hole, const ir::Value& value) {
    auto add = [&](const ir::Value& item) {
      if (!hole.flag.empty()) variable.words.push_back(hole.flag);
      variable.words.push_back(checked(ir::toText(m_, item), hole.variable));
    };
    if (value.isNone()) return;
    if (value.kind == ir::Value::List || value.kind == ir::Value::Set) {
      for (size_t n = 0; n < value.size(); ++n) add(value.at(n));
    } else {
      add(value);
    }
  }

  Script makeScript(const ir::Body& body, const ir::Task& task) {
    Script script;
    script.language = body.language;
    for (const ir::Hole& hole : body.holes) {
      Variable variable;
      variable.name = hole.variable;
      bool isSecret = false;
      for (const ir::Hole& secret : task.secrets) isSecret |= secret.variable == hole.variable;
      // Its value comes by the environment and is in no file of ours.
      if (isSecret) continue;
      std::optional<ir::Value> value = valueOf(hole.value);
      if (!value) continue;
      variable.isUnset = value->isNone() || (hole.isSwitch && !value->truth());
      variable.isList = hole.list;
      if (body.language == ir::Body::Python)
        variable.json = checked(ir::variableJson(m_, *value), hole.variable);
      else if (variable.isList)
        addWords(variable, hole, *value), variable.isUnset = false;
      else if (!variable.isUnset)
        variable.text = checked(ir::toText(m_, *value), hole.variable);
      // A plain hole without a value is an empty word; only optional ones are left out.
      if (!hole.optional && !hole.isSwitch) variable.isUnset = false;
      script.variables.push_back(std::move(variable));
    }
    script.text = ir::bodyCode(body);
    return script;
  }

  void makeFill(const ir::Fill& fill) {
    JobFill& made = job_.fills.emplace_back();
    made.from = textOf(fill.from);
    if (!made.from.starts_with("/")) made.from = job_.project + "/" + made.from;
    for (const JobOutput& output : job_.outputs) {
      if (output.isDir && made.to.empty()) made.to = output.work;
    }
    if (made.to.empty()) made.to = job_.work + "/tmp";
    std::optional<ir::Value> with = valueOf(fill.with);
    if (!with) return;
    if (with->kind == ir::Value::Record) {
      const std::vector<ir::Field>& fields = m_.types[with->type].fields;
      for (size_t n = 0; n < with->size() && n < fields.size(); ++n)
        made.fields[fields[n].name] = ir::toText(m_, with->at(n));
    } else if (with->kind == ir::Value::Map) {
      for (size_t n = 0; n + 1 < with->size(); n += 2)
        made.fields[ir::toText(m_, with->at(n))] = ir::toText(m_, with->at(n + 1));
    }
  }

  void makeResume(const ir::Task& task) {
    if (task.resume.output < 0) return;
    job_.leadMs = task.resume.leadMs;
    // Slices in a row before this one; the last that is allowed is judged as timed out.
    int64_t row = 0;
    for (const Attempt& attempt : engine_.attemptsOf(launch_.instance)) {
      if (attempt.n >= launch_.attempt || attempt.n == 0 || attempt.uncounted || attempt.isPast)
        continue;
      row = attempt.slice ? row + 1 : 0;
    }
    job_.isTimeSlice = row + 1 < task.resume.slices;
  }

  void makeCopies() {
    for (const Wait& wait : engine_.plan().family(launch_.instance.family).waits) {
      const ir::Ref& ref = m_[wait.ref];
      const ir::Family& made = m_[ref.families.front()];
      if (made.disk != ir::Family::OnEveryNode || ref.valueless) continue;
      for (InstanceId producer : engine_.namedBy(launch_.instance, wait))
        addCopy(producer, ir::isPacked(m_, made));
    }
  }

  void addCopy(InstanceId producer, bool isPacked) {
    JobCopy& copy = job_.copies.emplace_back();
    copy.of = engine_.idOf(producer);
    copy.from = job_.run + "/" + engine_.pathOf(producer, 0);
    copy.to = engine_.copyOf(producer);
    copy.isPacked = isPacked;
    copy.name = copy.to.substr(engine_.nodeFolder().size() + 1);
    std::vector<Attempt> attempts = engine_.attemptsOf(producer);
    if (attempts.empty()) return;
    for (const Details::Output& output : engine_.detailsOf(attempts.back()).outputs) {
      copy.hash = output.hash;
      copy.bytes = output.bytes;
    }
  }

  /// What it is given as files, its templates and the schemas of its outputs.
  void makeInputs() {
    std::map<std::string, bool> paths;
    auto add = [&](const ir::Value& value, auto& self) -> void {
      bool isFile =
          value.kind == ir::Value::File || (value.kind == ir::Value::Set && !value.s.empty());
      if (isFile)
        paths[value.s] = false;
      else if (value.kind == ir::Value::Path)
        paths.try_emplace(value.s, true);
      else
        for (size_t n = 0; n < value.size(); ++n) self(value.at(n), self);
    };
    for (uint32_t n = 0; n < family_.args.size(); ++n) {
      if (const ir::Value* value = scope_.input(n)) add(*value, add);
    }
    for (const JobFill& fill : job_.fills) paths[fill.from] = false;
    for (const JobOutput& output : job_.outputs)
      if (!output.schema.empty()) paths[output.schema] = false;
    for (const auto& [path, isPath] : paths) {
      JobInput input{path.starts_with("/") ? path : job_.project + "/" + path, {}, isPath};
      bool isInside = llvm::StringRef(input.path).starts_with(job_.run + "/") ||
                      llvm::StringRef(input.path).starts_with(engine_.nodeFolder() + "/");
      (isInside ? inside_ : job_.outside).push_back(std::move(input));
    }
  }

  void makeRecipeInputs() {
    std::map<std::string, std::string> hashes;
    if (!inside_.empty()) {
      for (const Wait& wait : engine_.plan().family(launch_.instance.family).waits) {
        for (InstanceId producer : engine_.namedBy(launch_.instance, wait)) {
          std::vector<Attempt> attempts = engine_.attemptsOf(producer);
          if (attempts.empty() || attempts.back().isPast) continue;
          bool isCopied = m_.families[producer.family].disk == ir::Family::OnEveryNode;
          for (const Details::Output& o : engine_.detailsOf(attempts.back()).outputs)
            hashes[isCopied                  ? engine_.copyOf(producer)
                   : o.path.starts_with("/") ? o.path
                                             : job_.run + "/" + o.path] = o.hash;
        }
      }
    }
    job_.kept.inputs = job_.outside;
    for (JobInput& input : inside_) {
      auto known = hashes.find(input.path);
      if (known != hashes.end()) input.hash = known->second;
      job_.kept.inputs.push_back(input);
    }
  }

  void makeMounts() {
    if (job_.container.empty()) return;
    job_.mounts.push_back({job_.work, true});
    auto add = [&](const ir::Value& value, auto& self) -> void {
      if (value.kind == ir::Value::File || (value.kind == ir::Value::Set && !value.s.empty()))
        job_.mounts.push_back({value.s, false});
      else if (value.kind == ir::Value::Path)
        job_.mounts.push_back(
            {value.s.starts_with("/") ? value.s : job_.project + "/" + value.s, false});
      else
        for (size_t n = 0; n < value.size(); ++n) self(value.at(n), self);
    };
    for (uint32_t n = 0; n < family_.args.size(); ++n) {
      if (const ir::Value* value = scope_.input(n)) add(*value, add);
    }
    for (const JobOutput& output : job_.outputs) {
      if (output.isCheckpoint)
        job_.mounts.push_back({output.work.substr(0, output.work.rfind('/')), true});
    }
  }

  const ir::Module& m_;
  const Engine& engine_;
  const Launch& launch_;
  const ir::Family& family_;
  Job& job_;
  ir::Scope scope_;
  std::string error_;
  /// What it reads that instances made.
  std::vector<JobInput> inside_;
};

/// Where it runs and what it is called.
void placeJob(const Engine& engine, const std::string& run, const std::string& project,
              const Launch& launch, Job& job) {
  job.instance = engine.idOf(launch.instance);
  job.attempt = launch.attempt;
  job.run = run;
  job.project = project;
  job.work = workFolder(run, job.instance, launch.attempt);
  job.log = logFile(run, job.instance, launch.attempt);
  job.asksGpus = launch.needs.gpus > 0;
  const ir::Family& family = engine.plan().module().families[launch.instance.family];
  if (family.disk == ir::Family::OnNode)
    job.nodeWork = engine.nodeFolder() + job.work.substr(run.size());
}

}  // namespace

std::string makeJob(const Engine& engine, const std::string& run, const std::string& project,
                    const Launch& launch, Job& job) {
  placeJob(engine, run, project, launch, job);
  std::string error = Maker(engine, launch, job).make(false);
  std::optional<Kept> kept = engine.keptOf(launch.instance);
  Job recipe;
  if (!error.empty() || !kept ||
      !makeRecipeJob(engine, run, project, launch.instance, recipe).empty())
    return error;
  Details made = engine.detailsOf(kept->attempt);
  job.kept.attempt = kept->attempt.n;
  job.kept.wanted = kept->recipe;
  job.kept.recipe = recipeOf(recipe).text();
  job.kept.inputs = std::move(recipe.kept.inputs);
  job.kept.outcome = static_cast<uint8_t>(kept->attempt.outcome);
  job.kept.outside = made.inputs;
  for (const Details::Output& o : made.outputs)
    job.kept.outputs.push_back({o.output, o.bytes, o.hash, o.inodes});
  for (const Details::Small& value : made.values)
    job.kept.values.push_back({value.output, value.json});
  return error;
}

std::string makeRecipeJob(const Engine& engine, const std::string& run, const std::string& project,
                          InstanceId instance, Job& job) {
  Launch launch{instance, 1, engine.needsOf(instance, 1)};
  placeJob(engine, run, project, launch, job);
  return Maker(engine, launch, job).make(true);
}

}  // namespace wfc::run
