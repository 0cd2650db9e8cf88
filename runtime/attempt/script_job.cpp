// Evaluates the holes of the body as runtime/attempt/job.cpp does, and hands their values over by
// name.
#include "runtime/attempt/script_job.h"

#include <fmt/format.h>

#include "compiler/ir/body.h"
#include "compiler/ir/eval.h"

#include "runtime/attempt/script.h"
#include "runtime/ledger/folder.h"

namespace wfc::run {

namespace {

using ir::Value;

class Variables {
 public:
  Variables(const Engine& engine, const Launch& launch, Job& job)
      : module_(engine.plan().module()),
        task_(module_[module_.families[launch.instance.family].task]),
        job_(job) {
    scope_ = engine.scopeOf(launch.instance, launch.attempt);
    auto special = scope_.special;
    scope_.special = [this, special](llvm::StringRef name) -> std::optional<Value> {
      if (name == "values") return Value::text(job_.work + "/values.json", Value::Path);
      if (name == "tmp") return Value::text(job_.work + "/tmp", Value::Path);
      if (name == "run") return Value::text(job_.run, Value::Path);
      return special(name);
    };
    scope_.output = [this](uint32_t output) -> std::optional<Value> {
      for (const JobOutput& o : job_.outputs) {
        if (o.output == output) return Value::text(o.work, o.isSet ? Value::Set : Value::Path);
      }
      return std::nullopt;
    };
  }

  /// Variables that must not be there, whatever the job's environment holds.
  const std::vector<std::string>& unset() const { return unset_; }

  std::string make() {
    bool isPython = task_.body.language == ir::Body::Python;
    for (const ir::Hole& hole : task_.body.holes) {
      if (isSecret(hole)) continue;
      ir::Result value = ir::evaluate(module_, hole.value, scope_);
      if (!value)
        return fmt::format("{}: {}", place(module_, module_[hole.value].loc), value.error);
      if (isPython)
        json_.emplace_back(hole.variable, ir::variableJson(module_, *value.value));
      else
        addShell(hole, *value.value);
    }
    std::string text = isPython ? ir::variablesFile(json_) : assignments_;
    if (text.empty()) return {};
    std::string path = job_.work + ".vars";
    makeFolders(path.substr(0, path.rfind('/')));
    if (!writeWhole(path, text)) return "cannot write " + path;
    job_.env.emplace_back(abi::kVars, path);
    job_.mounts.push_back({path, false});
    return {};
  }

 private:
  bool isSecret(const ir::Hole& hole) const {
    for (const ir::Hole& secret : task_.secrets) {
      if (secret.variable == hole.variable) return true;
    }
    return false;
  }

  void addShell(const ir::Hole& hole, const Value& value) {
    if (hole.list) return addArray(hole, value);
    bool isAbsent = hole.isSwitch ? !value.truth() : hole.optional && value.isNone();
    if (isAbsent) return unset_.push_back(hole.variable);
    std::string text = value.isNone() ? "" : ir::toText(module_, value);
    if (text.size() <= abi::kLongestVariable)
      job_.env.emplace_back(hole.variable, text);
    else
      assignments_ += fmt::format("{}={}\n", hole.variable, shellQuoted(text));
  }

  void addArray(const ir::Hole& hole, const Value& value) {
    std::vector<std::string> words;
    auto add = [&](const Value& item) {
      if (!hole.flag.empty()) words.push_back(hole.flag);
      words.push_back(ir::toText(module_, item));
    };
    if (value.kind == Value::List || value.kind == Value::Set) {
      for (size_t n = 0; n < value.size(); ++n) add(value.at(n));
    } else if (!value.isNone()) {
      add(value);
    }
    assignments_ += hole.variable + "=(";
    for (const std::string& word : words)
      assignments_ += (assignments_.back() == '(' ? "" : " ") + shellQuoted(word);
    assignments_ += ")\n";
  }

  const ir::Module& module_;
  const ir::Task& task_;
  Job& job_;
  ir::Scope scope_;
  std::vector<std::string> unset_;
  std::string assignments_;
  std::vector<std::pair<std::string, std::string>> json_;
};

}  // namespace

std::string useScript(const Engine& engine, const Launch& launch,
                      const std::vector<std::string>& command, Job& job) {
  Variables variables(engine, launch, job);
  std::string error = variables.make();
  std::string words;
  for (const std::string& name : variables.unset())
    words += (words.empty() ? " env -u " : " -u ") + name;
  for (const std::string& word : command) {
    words += " " + shellQuoted(word);
    if (!job.container.empty() && word.starts_with("/")) job.mounts.push_back({word, false});
  }
  job.script = {ir::Body::Bash, "exec" + words + "\n", {}};
  return error;
}

}  // namespace wfc::run
