// A document as the text of a flow and of a site.
#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/diag/catalog/audit.h"
#include "compiler/target/text/quoted.h"

#include "targets/rocoto/foreign/audit.h"
#include "targets/rocoto/foreign/foreign.h"
#include "targets/rocoto/foreign/relations.h"
#include "targets/rocoto/foreign/resources_of.h"

namespace wfc::targets::rocoto::foreign {

namespace {

/// Where in a loop of cycles: in each of them, in the first, or in all others.
enum Part { Always, First, Later };

/// The calls inside one list of loops.
struct Block {
  size_t loop = 0;  ///< the last of them
  std::vector<std::string> lines;
  std::vector<Block> inner;                   ///< in order of appearance
  std::map<std::string, std::string> awaits;  ///< names by text
  size_t count = 0;                           ///< lines that are awaits, at the beginning

  Block& in(size_t of) {
    for (Block& block : inner)
      if (block.loop == of) return block;
    inner.emplace_back().loop = of;
    return inner.back();
  }
};

class Importer {
 public:
  Importer(const target::Reading& reading, const Document& document)
      : reading_(reading),
        document_(document),
        flow_(flowOf(document, reading.isReserved, refusals_)) {}

  std::optional<target::Imported> import() {
    leaveOut();
    if (refusals_.empty())
      for (const TaskFamily& family : flow_.families) add(family);
    if (!refusals_.empty()) {
      std::set<std::pair<source::Range, std::string>> said;
      for (const Refusal& refusal : refusals_)
        if (said.insert({refusal.at, refusal.what}).second)
          reading_.emitter.report(refusal.at,
                                  diag::CannotImport{.what = refusal.what, .why = refusal.why});
      return std::nullopt;
    }
    for (const auto& [task, time] : flow_.gone)
      leave(fmt::format("`{}` in the cycle {}", task->name.str(), stampOf(time)),
            "it never runs there, and the flow has no such instance", task->dependency->at);
    for (const auto& [what, why] : leftOut_)
      reading_.emitter.report(why.second, diag::ImportLeavesOut{.what = what, .why = why.first});
    return target::Imported{
        flowText(), siteText(),
        fmt::format("{} tasks in {} families", document_.tasks.size(), flow_.families.size())};
  }

 private:
  void refuse(source::Range at, std::string what, std::string why = {}) {
    refusals_.push_back({at, std::move(what), std::move(why)});
  }
  void leave(const std::string& what, const std::string& why, source::Range at) {
    leftOut_.emplace(what, std::pair{why, at});
  }

  // ---- what a flow leaves to the runtime, or has no word for

  void leaveOut() {
    const Node& root = document_.xml.root;
    if (document_.scheduler != "slurm")
      leave(fmt::format("scheduler `{}`", document_.scheduler),
            "the flow is built for Rocoto over SLURM", root.attribute("scheduler")->value.at());
    for (const char* name : {"taskthrottle", "corethrottle", "cyclelifespan"})
      if (const Attribute* attribute = root.attribute(name))
        leave(fmt::format("`{}`", name), "a flow limits families and loops, not the whole",
              attribute->at);
    for (const CycleDef& def : document_.cycledefs)
      if (document_.isRealtime && def.activation != document_.cycledefs.front().activation)
        refuse(def.node->at, "`activation_offset` that differs between groups",
               "a cycle of several groups begins with the first of them");
    if (flow_.cycles.size() > 1)
      if (const Attribute* attribute = root.attribute("cyclethrottle"))
        leave("`cyclethrottle`",
              "the groups of cycles are loops of their own, and a limit is one loop's",
              attribute->at);
    for (const Metatask& metatask : document_.metatasks)
      if (metatask.throttle > 0 && metatask.variables.front().values.size() == 1)
        leave("`throttle` of a metatask of one value", "it is no loop of the flow",
              metatask.node->attribute("throttle")->at);
    for (const Task& task : document_.tasks) {
      for (const char* name : {"deadline", "hangdependency", "rewind"})
        if (const Node* node = task.node.child(name))
          refuse(node->at, fmt::format("`<{}>`", name),
                 "the runtime has its own ways, and none that means the same");
      for (const char* name : {"jobname", "join", "stdout", "stderr"})
        if (const Node* node = task.node.child(name))
          leave(fmt::format("`<{}>`", name), "names of jobs and places of logs are the runtime's",
                node->at);
      for (const char* name : {"nodesize", "shared"})
        if (const Node* node = task.node.child(name))
          leave(fmt::format("`<{}>`", name), "SLURM needs none", node->at);
      if (const Attribute* final = task.node.attribute("final"))
        leave("`final`", "a cycle is done when all of it has ended", final->at);
      if (task.node.attribute("maxtries") == nullptr)
        leave("tries without end", "a task without `maxtries` is tried once", task.node.at);
    }
  }

  // ---- tasks

  void add(const TaskFamily& family) {
    std::vector<Branch> branches = branchesOf(document_, flow_, family, refusals_);
    Texts texts(flow_, family, true);
    Refusal refusal;
    std::string body = bodyOf(family, texts, refusal),
                environment = environmentOf(family, texts, refusal);
    if (!refusal.what.empty()) return refusals_.push_back(refusal);
    std::optional<Asked> asked = sameFor(family);
    if (!asked || branches.empty()) return;
    std::vector<std::string> parameters, arguments;
    if (texts.uses().cycle) {
      parameters.push_back("cycle: Time");
      arguments.push_back("cycle: c.start");
    }
    for (const auto& [loop, variable] : texts.uses().variables) {
      std::string name = texts.parameter(loop, variable), value = flow_.loops[loop].field(variable);
      parameters.push_back(name + ": String");
      arguments.push_back(fmt::format("{}: {}", name, value));
    }
    tasks_ +=
        fmt::format("task {}({}) {{\n{}{}{}{}}}\n\n", family.name, fmt::join(parameters, ", "),
                    needsText(*asked, family), environment, retries(family), body);
    addCalls(family, branches, fmt::format("{}({})", family.name, fmt::join(arguments, ", ")));
  }

  std::string bodyOf(const TaskFamily& family, Texts& texts, Refusal& refusal) {
    const Node* command = family.origin->child("command");
    std::optional<std::string> script = texts.script(timeStringOf(*command), refusal);
    if (!script) return {};
    // Rocoto's job is a script of /bin/sh, which goes on after a failure.
    std::string lenient =
        script->find_first_of("\n;|&$`(<") == std::string::npos ? "" : "set +e +u +o pipefail\n";
    return fmt::format("sh \"\"\"\n{}{}\n\"\"\"\n", lenient, *script);
  }

  std::string environmentOf(const TaskFamily& family, Texts& texts, Refusal& refusal) {
    std::vector<std::string> all;
    std::map<std::string, size_t> last;
    for (const Node& child : family.origin->children) {
      if (child.name != "envar") continue;
      const Node *name = child.child("name"), *value = child.child("value");
      std::string known = name != nullptr ? timeStringOf(*name).written() : "";
      if (known.find_first_of("#@") != std::string::npos)
        refusal = {child.at, "a variable whose name differs", ""};
      std::optional<std::string> text = value == nullptr
                                            ? std::optional<std::string>("")
                                            : texts.string(timeStringOf(*value), refusal);
      if (!text) return {};
      std::string line = fmt::format("{} = \"{}\"", known, *text);
      // The last one of a name counts.
      auto [before, isNew] = last.emplace(known, all.size());
      if (isNew)
        all.push_back(line);
      else
        all[before->second] = line;
    }
    return all.empty() ? "" : fmt::format("env {}\n", fmt::join(all, ",\n    "));
  }

  /// What all members of a family ask for alike.
  std::optional<Asked> sameFor(const TaskFamily& family) {
    std::optional<Asked> first;
    for (const Task* member : family.members) {
      std::string problem;
      std::optional<Asked> asked = askedBy(*member, problem);
      if (!asked) return refuse(family.origin->at, problem), std::nullopt;
      if (first && *first != *asked)
        return refuse(family.origin->at, "resources that differ within a metatask",
                      "give each size a task of its own"),
               std::nullopt;
      first = asked;
    }
    for (const std::string& option : first->others)
      leave(fmt::format("`{}` in `<native>`", option), "a flow has no word for it",
            family.origin->child("native")->at);
    if (first->isCores && first->perNode > 1)
      leave("`<cores>`", "so many tasks are asked for on one node",
            family.origin->child("cores")->at);
    if (first->memory == 0)
      leave("memory that is not stated",
            "the site file states 2 GiB for such tasks; put there what your site gives",
            family.origin->at);
    if (first->partition.empty())
      leave("a partition that is not named", "the site file calls it `default`; put its name there",
            family.origin->at);
    return first;
  }

  std::string needsText(const Asked& asked, const TaskFamily&) {
    std::vector<std::string> all;
    if (asked.nodes > 1) all.push_back(fmt::format("nodes {}", asked.nodes));
    if (asked.nodes * asked.perNode > 1)
      all.push_back(fmt::format("tasks {}", asked.nodes * asked.perNode));
    all.push_back(fmt::format("cpus {}", asked.threads));
    if (asked.memory > 0)
      all.push_back(asked.memory % 1024 == 0 ? fmt::format("memory {}GiB", asked.memory / 1024)
                                             : fmt::format("memory {}MiB", asked.memory));
    all.push_back("time " + durationText(asked.seconds));
    if (!asked.gpus.empty()) {
      auto [model, count] = llvm::StringRef(asked.gpus).rsplit(':');
      all.push_back(count.empty() ? fmt::format("gpus {}", model)
                                  : fmt::format("gpus {} of {}", count, model));
    }
    if (asked.isExclusive) all.push_back("exclusive");
    for (const std::string& feature : asked.features)
      all.push_back("feature " + target::flowString(feature));
    std::string partition = asked.partition.empty() ? "default" : asked.partition;
    all.push_back("partition " + target::flowString(partition));
    if (!asked.queue.empty()) all.push_back("qos " + target::flowString(asked.queue));
    if (!asked.account.empty()) all.push_back("account " + target::flowString(asked.account));
    accounts_.insert(asked.account);
    Partition& known = partitions_[partition];
    if (asked.queue.empty())
      known.hasNone = true;
    else
      known.queues.insert(asked.queue);
    return fmt::format("needs {}\n", fmt::join(all, ", "));
  }

  static std::string retries(const TaskFamily& family) {
    int64_t tries = 0;
    (void)family.members.front()->node.value("maxtries").trim().getAsInteger(10, tries);
    return tries < 2
               ? ""
               : fmt::format("retry {} on failed, timed_out, out_of_memory, preempted, node_lost\n",
                             tries - 1);
  }

  // ---- calls

  void addCalls(const TaskFamily& family, const std::vector<Branch>& branches,
                const std::string& call) {
    const std::string first = "c is first";
    if (branches.size() == 2 &&
        (branches[0].condition == first || branches[1].condition == first)) {
      for (const Branch& branch : branches)
        place(family, branch.condition == first ? First : Later,
              callText(family, branch, call, branch.condition == first ? First : Later));
      return;
    }
    Part part = family.isLater ? Later : Always;
    place(family, part,
          branches.size() == 1 ? callText(family, branches[0], call, part)
                               : branchText(family, branches, call));
  }

  void place(const TaskFamily& family, Part part, std::string text) {
    Block* block = &blocks_[{family.cycles, part}];
    for (size_t loop : family.loops) block = &block->in(loop);
    block->lines.push_back(std::move(text));
  }

  std::string branchText(const TaskFamily& family, const std::vector<Branch>& branches,
                         const std::string& call) {
    const std::optional<std::string>&one = branches[0].condition, &other = branches[1].condition;
    bool isFirst =
        one && !one->empty() && (!other || other->empty() || one->size() <= other->size());
    if (!isFirst && !(other && !other->empty()))
      return refuse(family.origin->at, "cycles that no short condition tells"), "";
    const Branch &then = branches[isFirst ? 0 : 1], &otherwise = branches[isFirst ? 1 : 0];
    return fmt::format("if {} {{\n{}}} else {{\n{}}}\n", isFirst ? *one : *other,
                       callText(family, then, call, std::nullopt),
                       callText(family, otherwise, call, std::nullopt));
  }

  /// Waits stand with the call, or in the block of its part.
  std::string callText(const TaskFamily& family, const Branch& branch, const std::string& call,
                       std::optional<Part> part) {
    std::vector<std::string> after = branch.after;
    std::string before;
    for (const Await& await : branch.awaits) {
      Block* block = &blocks_[{family.cycles, part.value_or(Always)}];
      for (size_t n = 0; n < await.depth; ++n) block = &block->in(family.loops[n]);
      std::string& name = part ? block->awaits[await.text] : local_[before + await.text];
      if (!part || name.empty()) {
        name = awaited_.like(family.name + (await.text.find("await \"") == 0 ? "_input" : "_time"));
        std::string line = fmt::format("{} = {}\n", name, await.text);
        if (part)
          block->lines.insert(block->lines.begin() + static_cast<long>(block->count++), line);
        else
          before += line;
      }
      if (!llvm::is_contained(after, name)) after.push_back(name);
    }
    if (document_.isRealtime) after.push_back("due_" + flow_.cycles[family.cycles].name);
    std::string text = before + call;
    if (!after.empty()) text += fmt::format("  after {}", fmt::join(after, ", "));
    return text + limits(family) + "\n";
  }

  std::string limits(const TaskFamily& family) {
    int64_t most = 0;
    const Attribute* throttle = family.origin->attribute("throttle");
    if (throttle != nullptr && family.loops.empty())
      (void)llvm::StringRef(throttle->value.str()).trim().getAsInteger(10, most);
    else if (throttle != nullptr)
      leave("`throttle` of a task in a metatask", "a limit of a flow counts the whole family",
            throttle->at);
    for (size_t loop : family.loops) {
      const Metatask& metatask = *flow_.loops[loop].metatask;
      if (metatask.throttle == 0) continue;
      auto isIn = [&](const TaskFamily& other) { return llvm::is_contained(other.loops, loop); };
      if (llvm::count_if(flow_.families, isIn) == 1)
        most = most == 0 ? metatask.throttle : std::min<int64_t>(most, metatask.throttle);
      else
        leave("`throttle` of a metatask of several tasks", "a limit of a flow counts one family",
              metatask.node->attribute("throttle")->at);
    }
    return most > 0 ? fmt::format("  limit {}", most) : "";
  }

  // ---- the texts

  std::string flowText() {
    std::string text =
        fmt::format("//! Imported from {}.\n\n",
                    std::string(llvm::StringRef(reading_.sources.path(document_.file).data(),
                                                reading_.sources.path(document_.file).size())
                                    .rsplit('/')
                                    .second));
    if (llvm::StringRef(text).contains("from .")) text = "//! Imported.\n\n";
    std::set<std::string> lists;
    for (const ListLoop& loop : flow_.loops)
      if (lists.insert(loop.set).second) text += listText(loop);
    text += tasks_;
    text += fmt::format("flow {} {{\n", "workflow");
    for (const CycleLoop& cycles : flow_.cycles)
      text +=
          fmt::format("{} = every {} from {} until {}\n", cycles.name, durationText(cycles.step),
                      timeText(cycles.times.front()), timeText(cycles.times.back()));
    for (size_t n = 0; n < flow_.cycles.size(); ++n) {
      text += fmt::format("for c in {}{} {{\n", flow_.cycles[n].name, cycleLimit());
      if (document_.isRealtime) text += due(flow_.cycles[n].name);
      write(blocks_[{n, Always}], text);
      std::string first, later;
      write(blocks_[{n, First}], first);
      write(blocks_[{n, Later}], later);
      if (!first.empty())
        text += fmt::format("if c is first {{\n{}}} else {{\n{}}}\n", first, later);
      if (first.empty() && !later.empty())
        text += fmt::format("if not (c is first) {{\n{}}}\n", later);
      text += "}\n";
    }
    return text + "}\n";
  }

  /// One loop of cycles is limited as the document is; several would each have a limit of their
  /// own.
  std::string cycleLimit() const {
    bool isWhole = document_.cyclethrottle >= static_cast<int64_t>(flow_.cycles[0].times.size());
    return isWhole || flow_.cycles.size() > 1 ? ""
                                              : fmt::format("  limit {}", document_.cyclethrottle);
  }

  /// A realtime cycle begins at its time.
  std::string due(const std::string& cycles) {
    int64_t offset = document_.cycledefs.front().activation;
    std::string text = fmt::format("due_{} = await c.start", cycles);
    if (offset != 0)
      text += fmt::format(" {} {}", offset < 0 ? "-" : "+", durationText(std::abs(offset)));
    return text + "\n";
  }

  static std::string listText(const ListLoop& loop) {
    std::string text;
    if (loop.record.empty()) {
      std::vector<std::string> values;
      for (size_t n = 0; n < loop.size(); ++n)
        values.push_back(target::flowString(loop.value(0, n)));
      return fmt::format("{} = [{}]\n\n", loop.set, fmt::join(values, ", "));
    }
    std::vector<std::string> fields, rows;
    for (size_t v = 0; v < loop.fields.size(); ++v)
      fields.push_back(fmt::format("{}: String{}", loop.fields[v], loop.isKey[v] ? " key" : ""));
    for (size_t n = 0; n < loop.size(); ++n) {
      std::vector<std::string> values;
      for (size_t v = 0; v < loop.fields.size(); ++v)
        values.push_back(target::flowString(loop.value(v, n)));
      rows.push_back(fmt::format("{}({})", loop.record, fmt::join(values, ", ")));
    }
    return fmt::format("record {} {{ {} }}\n{} = [\n{}\n]\n\n", loop.record,
                       fmt::join(fields, ", "), loop.set, fmt::join(rows, ",\n"));
  }

  void write(const Block& block, std::string& text) const {
    for (const std::string& line : block.lines) text += line;
    for (const Block& inner : block.inner) {
      const auto& loop = flow_.loops[inner.loop];
      text += fmt::format("for {} in {} {{\n", loop.variable, loop.set);
      write(inner, text);
      text += "}\n";
    }
  }

  std::string siteText() const {
    std::string text =
        "# What the document says of its machine. Sizes of nodes are not in it: state nodes, "
        "cores, memory and walltime of each\n"
        "# partition and take `oversubscribe` out, and every need is checked against them.\n"
        "name = \"imported\"\nscheduler = \"slurm\"\noversubscribe = true\n";
    std::vector<std::string> accounts;
    for (const std::string& account : accounts_)
      if (!account.empty()) accounts.push_back(fmt::format("{0} = {0}", target::quoted(account)));
    if (!accounts.empty()) text += fmt::format("accounts = {{ {} }}\n", fmt::join(accounts, ", "));
    text += "\n[defaults]\nmemory = \"2GiB\"\n";
    for (const auto& [name, partition] : partitions_) {
      text += fmt::format("\n[partitions.{}]\n", target::quoted(name));
      std::vector<std::string> queues;
      for (const std::string& queue : partition.queues) queues.push_back(target::quoted(queue));
      if (!queues.empty()) text += fmt::format("qos = [{}]\n", fmt::join(queues, ", "));
    }
    return text;
  }

  struct Partition {
    std::set<std::string> queues;
    bool hasNone = false;
  };

  const target::Reading& reading_;
  const Document& document_;
  std::vector<Refusal> refusals_;
  FlowOf flow_;
  std::map<std::string, std::pair<std::string, source::Range>> leftOut_;
  std::string tasks_;
  std::map<std::pair<size_t, Part>, Block> blocks_;
  std::map<std::string, std::string> local_;
  target::FlowNames awaited_{reading_.isReserved, {"c"}};
  std::set<std::string> accounts_;
  std::map<std::string, Partition> partitions_;
};

/// Mistakes of form, and metatasks that come to nothing. Other errors Rocoto takes in silence, and
/// so the import does: a text stays as it is, what never runs is left out.
bool isRefusedByRocoto(const diag::Diagnostic& report) {
  bool isOfForm = report.severity == diag::Severity::Error && report.id <= "WF1014";
  bool isMetatask = report.id == "WF1019" && report.text.find("metatask") != std::string::npos;
  return isOfForm || isMetatask || report.id == "WF1034" || report.id == "WF1035";
}

}  // namespace

std::optional<target::Imported> Documents::import(const target::Reading& reading) const {
  if (reading.files.size() > 1) {
    reading.emitter.report({reading.files[1], 0, 0},
                           diag::CannotImport{.what = "several documents at once",
                                              .why = "each is a workflow of its own"});
    return std::nullopt;
  }
  std::optional<Xml> xml = readXml(reading, reading.files.front());
  if (!xml) return std::nullopt;
  Document document = documentOf(reading.files.front(), std::move(*xml));
  // What Rocoto refuses is no workflow; what it takes in silence is the audit's to say.
  diag::Emitter found;
  target::Reading quiet{reading.sources,    reading.files, reading.read,
                        reading.isReserved, reading.site,  found};
  Audit audit(quiet, document);
  auditGrammar(audit);
  auditMetatasks(audit);
  auditCycles(audit);
  auditNames(audit);
  for (diag::Diagnostic& report : found.take())
    if (isRefusedByRocoto(report)) reading.emitter.add(std::move(report));
  if (reading.emitter.hasErrors()) return std::nullopt;
  return Importer(reading, document).import();
}

}  // namespace wfc::targets::rocoto::foreign
