// Whether what was built from an import is the workflow that was imported. Both are expanded as
// Rocoto does: every task of every cycle has to be there, with its command, variables, resources
// and what it waits for, and nothing else. The built document names scripts and waits for markers
// of the runtime; what stands behind those is asked of the very plan that the runtime reads.
#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/ir/eval.h"
#include "compiler/ir/features.h"

#include "runtime/engine/engine.h"
#include "targets/rocoto/foreign/families.h"
#include "targets/rocoto/foreign/foreign.h"
#include "targets/rocoto/foreign/resources_of.h"
#include "targets/rocoto/outline.h"

namespace wfc::targets::rocoto::foreign {

namespace {

constexpr size_t kMostDifferences = 20;

/// The document among the artifacts, with the entities beside it.
std::optional<Document> builtDocument(const target::Artifacts& artifacts) {
  source::Sources sources;
  diag::Emitter ignored;
  source::FileId main = 0;
  for (const target::Artifact& artifact : artifacts) {
    source::FileId file = sources.add(artifact.path, artifact.text);
    if (artifact.path == "workflow.xml") main = file;
  }
  auto read = [&](source::FileId, llvm::StringRef path) {
    return sources.find(std::string_view(path));
  };
  std::optional<Xml> xml = readXml({sources, {}, read, {}, nullptr, ignored}, main);
  if (!xml) return std::nullopt;
  return documentOf(main, std::move(*xml));
}

/// Blanks count for nothing in a script but where they separate, and quotes around a value neither.
std::string bare(llvm::StringRef script) {
  std::string text;
  for (char c : script.trim())
    if (c != '"' && c != '\'') text += c;
  return text;
}

class Comparison {
 public:
  Comparison(const Document& original, const target::IsReserved& isReserved, const Document& built,
             const ir::Module& module)
      : original_(original),
        built_(built),
        module_(module),
        plan_(module),
        engine_(plan_),
        flow_(flowOf(original, isReserved, refusals_)) {
    engine_.settle(0);
    outline_ = outlineOf(plan_);
  }

  std::vector<target::Difference> all() {
    size_t expected = 0;
    for (const TaskFamily& family : flow_.families)
      for (const Task* task : family.members)
        for (int64_t time : family.times) {
          if (differences_.size() >= kMostDifferences) return differences_;
          ++expected;
          one(family, *task, time);
        }
    size_t present = 0;
    engine_.forEach([&](run::InstanceId id) { present += isWork(id) ? 1 : 0; });
    if (present != expected && differences_.empty())
      differ(original_.xml.root.at,
             fmt::format("{} tasks in all cycles, not {}", present, expected));
    return differences_;
  }

 private:
  void differ(source::Range at, std::string what) { differences_.push_back({at, std::move(what)}); }

  bool isWork(run::InstanceId id) const {
    return module_.families[id.family].role == ir::Family::Work &&
           engine_.state().at(id).phase != run::Phase::Absent;
  }

  std::string idOf(const Task& task, int64_t time, const char* branch) const {
    const TaskFamily& family = flow_.families[flow_.familyOf.at(&task)];
    std::string id = family.name + branch + "[" + rendered("@Y-@m-@dT@H:@M:@SZ", time);
    for (size_t depth = 0; depth < family.loops.size(); ++depth)
      id += "," + flow_.loops[family.loops[depth]].keyOf(task.indices[depth]);
    return id + "]";
  }

  std::optional<run::InstanceId> find(const Task& task, int64_t time) const {
    for (const char* branch : {"", ".else"})
      if (std::optional<run::InstanceId> id = engine_.find(idOf(task, time, branch));
          id && isWork(*id))
        return id;
    return std::nullopt;
  }

  void one(const TaskFamily& family, const Task& task, int64_t time) {
    std::string name = fmt::format("`{}` of {}", task.name.str(), stampOf(time));
    std::optional<run::InstanceId> id = find(task, time);
    if (!id) return differ(family.origin->at, fmt::format("there is no {}", name));
    ir::Scope scope = engine_.scopeOf(*id, 1);
    const ir::Task& built = module_[module_.families[id->family].task];
    command(task, time, built, scope, name);
    variables(task, time, built, scope, name);
    resources(task, *id, name);
    waits(task, time, *id, name);
  }

  std::string value(ir::ExprId expression, const ir::Scope& scope) const {
    ir::Result result = ir::evaluate(module_, expression, scope);
    return result ? ir::toText(module_, *result.value) : result.error;
  }

  void command(const Task& task, int64_t time, const ir::Task& built, const ir::Scope& scope,
               const std::string& name) {
    std::string text;
    for (const ir::Piece& piece : built.body.pieces)
      text += piece.hole < 0
                  ? piece.text
                  : value(built.body.holes[static_cast<size_t>(piece.hole)].value, scope);
    llvm::StringRef inner = llvm::StringRef(text).trim();
    inner.consume_front("set +e +u +o pipefail\n");
    std::string wanted = task.item("command")->render(time);
    if (bare(inner) != bare(wanted))
      differ(task.item("command")->at,
             fmt::format("the command of {} is `{}`, not `{}`", name, inner.take_front(200).str(),
                         wanted.substr(0, 200)));
  }

  void variables(const Task& task, int64_t time, const ir::Task& built, const ir::Scope& scope,
                 const std::string& name) {
    std::map<std::string, std::string> wanted, is;
    for (const auto& [key, text] : task.variables) wanted[key.render(time)] = text.render(time);
    for (const ir::EnvVar& variable : built.env) is[variable.name] = value(variable.value, scope);
    for (const auto& [key, text] : wanted)
      if (!is.contains(key) || is[key] != text)
        return differ(task.node.at, fmt::format("the variable `{}` of {} is `{}`, not `{}`", key,
                                                name, is[key], text));
    if (is.size() != wanted.size())
      differ(task.node.at,
             fmt::format("{} has {} variables, not {}", name, is.size(), wanted.size()));
  }

  void resources(const Task& task, run::InstanceId id, const std::string& name) {
    Place place = placeOf(engine_, outline_, id);
    const Task* built = built_.find(place.task);
    std::string problem;
    std::optional<Asked> wanted = askedBy(task, problem),
                         is = built == nullptr ? std::nullopt : askedBy(*built, problem);
    if (!wanted || !is)
      return differ(task.node.at,
                    fmt::format("{} is not in the built document: {}", name, problem));
    std::optional<int64_t> cycle = instantOf(place.cycle);
    if (!cycle || !built_.isAt(*built, *cycle))
      return differ(task.node.at, fmt::format("{} does not run in its cycle", name));
    // What an import leaves out it has said.
    wanted->others.clear();
    is->others.clear();
    if (wanted->memory == 0) is->memory = 0;
    if (wanted->partition.empty()) is->partition.clear();
    if (wanted->isCores) is->isCores = true;
    if (*wanted == *is) return;
    auto text = [](const Asked& a) {
      return fmt::format(
          "{}:ppn={}:tpp={} {}s {}M partition={} queue={} account={} gpus={} exclusive={} "
          "features={}",
          a.nodes, a.perNode, a.threads, a.seconds, a.memory, a.partition, a.queue, a.account,
          a.gpus, a.isExclusive, ir::conditionOf(a.features));
    };
    differ(task.node.at, fmt::format("{} asks for {}, not {}", name, text(*is), text(*wanted)));
  }

  /// Everything that it waits for, as texts.
  void waits(const Task& task, int64_t time, run::InstanceId id, const std::string& name) {
    std::set<std::string> wanted, is;
    Refusal refusal;
    std::optional<std::vector<Need>> needs = needsOf(original_, flow_, task, time, refusal);
    for (const Need& need : needs ? *needs : std::vector<Need>()) wanted.insert(textOf(need));
    if (original_.isRealtime)
      wanted.insert("the time " + stampOf(time + original_.cycledefs.front().activation));
    for (const run::Wait& wait : plan_.family(id.family).waits) {
      if (module_[wait.ref].demand != ir::Demand::All) is.insert("something in another way");
      for (run::InstanceId named : engine_.namedBy(id, wait)) is.insert(textOf(named));
    }
    std::vector<std::string> missing, more;
    std::set_difference(wanted.begin(), wanted.end(), is.begin(), is.end(),
                        std::back_inserter(missing));
    std::set_difference(is.begin(), is.end(), wanted.begin(), wanted.end(),
                        std::back_inserter(more));
    source::Range at = task.dependency ? task.dependency->at : task.node.at;
    if (!missing.empty()) differ(at, fmt::format("{} does not wait for {}", name, missing.front()));
    if (!more.empty()) differ(at, fmt::format("{} waits for {}, too", name, more.front()));
  }

  static std::string textOf(const Need& need) {
    switch (need.kind) {
      case Need::OfTask:
        return fmt::format("`{}` of {}", need.producer->name.str(), stampOf(need.time));
      case Need::Instant:
        return "the time " + stampOf(need.time);
      case Need::File:
        return fileText(need.path, secondsOf(need.dependency->node->value("age")).value_or(0),
                        bytesOf(need.dependency->node->value("minsize")));
      case Need::Any:
        break;
    }
    return eitherText(need.any, [](const Need& part) { return textOf(part); });
  }

  std::string textOf(run::InstanceId id) {
    const ir::Family& family = module_.families[id.family];
    if (family.role == ir::Family::Work) {
      if (byId_.empty()) nameAll();
      return byId_[engine_.idOf(id)];
    }
    return eitherText(family.wait.any, [&](const ir::Family::Awaited& part) {
      std::string what = value(part.what, engine_.scopeOf(id, 0));
      std::optional<int64_t> instant = instantOfText(what);
      return instant ? "the time " + stampOf(*instant)
                     : fileText(what, part.ageMs / 1000, part.bytes);
    });
  }

  /// Alternatives of parts, in their order.
  template <typename Part>
  static std::string eitherText(const std::vector<std::vector<Part>>& any, auto text) {
    std::vector<std::string> alternatives;
    for (const std::vector<Part>& all : any)
      alternatives.push_back(llvm::join(llvm::map_range(all, text), " and "));
    return llvm::join(alternatives, " or ");
  }

  void nameAll() {
    for (const TaskFamily& family : flow_.families)
      for (const Task* task : family.members)
        for (int64_t time : family.times)
          for (const char* branch : {"", ".else"})
            byId_[idOf(*task, time, branch)] =
                fmt::format("`{}` of {}", task->name.str(), stampOf(time));
  }

  static std::string fileText(llvm::StringRef path, int64_t age, int64_t bytes) {
    return fmt::format("the file {} (age {}s, {} bytes)", path.str(), age, bytes);
  }

  /// `2025-01-01T06:00:00Z`
  static std::optional<int64_t> instantOfText(llvm::StringRef text) {
    if (text.size() != 20 || text[10] != 'T' || text.back() != 'Z') return std::nullopt;
    std::string digits;
    for (char c : text.take_front(16))
      if (c >= '0' && c <= '9') digits += c;
    return instantOf(digits);
  }

  static int64_t bytesOf(llvm::StringRef size) {
    int64_t bytes = 0;
    if (size.trim().empty() || size.trim().consumeInteger(10, bytes)) return 0;
    size_t unit =
        llvm::StringRef("BKMGTPE").find(llvm::StringRef(size.trim().take_back(1).upper()));
    return unit == llvm::StringRef::npos ? bytes : bytes << (10 * unit);
  }

  const Document& original_;
  const Document& built_;
  const ir::Module& module_;
  run::Plan plan_;
  run::Engine engine_;
  std::vector<Refusal> refusals_;
  FlowOf flow_;
  Outline outline_;
  std::map<std::string, std::string> byId_;
  std::vector<target::Difference> differences_;
};

}  // namespace

std::vector<target::Difference> Documents::compare(const target::Reading& reading,
                                                   const ir::Module& module,
                                                   const target::Artifacts& artifacts) const {
  std::optional<Xml> xml = readXml(reading, reading.files.front());
  std::optional<Document> built = builtDocument(artifacts);
  if (!xml || !built) return {{{reading.files.front(), 0, 0}, "the built document cannot be read"}};
  Document original = documentOf(reading.files.front(), std::move(*xml));
  return Comparison(original, reading.isReserved, *built, module).all();
}

}  // namespace wfc::targets::rocoto::foreign
