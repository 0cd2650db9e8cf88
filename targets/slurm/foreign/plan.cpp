// From scripts to jobs in order; everything that a flow cannot say becomes a refusal.
#include "targets/slurm/foreign/plan.h"

#include <algorithm>

#include "fmt/format.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/ir/body.h"

namespace wfc::targets::slurm::foreign {

using llvm::StringRef;
using source::Range;

namespace {

/// Commands of a submitting script that do nothing to the jobs.
constexpr StringRef kHarmless =
    " sbatch echo printf set exit true : squeue awk cut sed grep tr tail head basename dirname "
    "sleep "
    "wait ";

std::string fileNameOf(StringRef path) { return path.substr(path.rfind('/') + 1).str(); }

class Planner {
 public:
  Planner(const target::Reading& reading, Library& library, std::vector<Chain>& chains)
      : reading_(reading), library_(library), chains_(chains) {}

  Plan run() {
    std::vector<const Script*> scripts;
    for (source::FileId file : reading_.files) {
      const Script* script = library_.read(file);
      plan_.files.push_back(fileNameOf(script->path));
      if (!submits(*script))
        scripts.push_back(script);
      else if (script->directives.empty())
        chains_.push_back(readChain(library_, *script));
      else
        refuse(script->directives.front(), "a job that submits others",
               "what it submits is decided while it runs");
    }
    if (chains_.size() > 1)
      refuse(chains_[1].driver->range(0, 0), "a second script that submits",
             "the order between the two is not told");
    if (chains_.empty())
      for (const Script* script : scripts) node({script}, nullptr, script->range(0, 0));
    else
      chain(chains_.front(), scripts);
    partitions();
    return std::move(plan_);
  }

 private:
  void refuse(Range at, std::string what, std::string why) {
    plan_.refusals.push_back({at, std::move(what), std::move(why)});
  }

  /// A task that names no partition goes to any that a site has.
  void partitions() {
    auto names = [](const Node& node) { return !node.wants.partition.empty(); };
    if (std::none_of(plan_.nodes.begin(), plan_.nodes.end(), names)) return;
    for (const Node& node : plan_.nodes)
      if (!names(node))
        refuse(node.at, "a job without `--partition` beside others with one",
               "where it goes without is a setting of the cluster");
  }

  void chain(const Chain& chain, const std::vector<const Script*>& scripts) {
    surroundings(*chain.driver);
    for (const Unset& unset : chain.unset)
      refuse(unset.at, fmt::format("a dependency on `${}`", unset.name), "nothing sets it");
    std::set<const Script*> used;
    for (const Submission& submission : chain.submissions) {
      used.insert(submission.script);
      one(submission);
    }
    for (const Script* script : scripts)
      if (!used.contains(script))
        refuse(script->range(0, 0), fmt::format("`{}`", fileNameOf(script->path)),
               fmt::format("`{}` does not submit it", fileNameOf(chain.driver->path)));
  }

  /// What the submitting script does beside submitting.
  void surroundings(const Script& driver) {
    for (const ir::ShellCommand& command : driver.shell.commands) {
      StringRef name = command.words.empty() ? StringRef() : StringRef(command.words[0].text);
      if (ir::declaresNames(name)) {
        for (const ir::ShellAssignment& one : command.assignments) exported(driver, one);
      } else if (name == "mkdir") {
        madeFolder(driver, command);
      } else if (!name.empty() && !isAmong(kHarmless, name) && !name.ends_with("/sbatch")) {
        refuse(driver.range(command.words[0].begin, command.words.back().end),
               fmt::format("`{}` in the script that submits", name.str()),
               "a run begins with the first job");
      }
    }
  }

  void exported(const Script& driver, const ir::ShellAssignment& one) {
    Range at = driver.range(one.value.begin, one.value.end);
    bool isKnown = !one.isArray && StringRef(one.value.text).find(ir::kHoleByte) == StringRef::npos;
    if (isKnown)
      around_.push_back(fmt::format("export {}={}", one.name, ir::shellWord(one.value.text)));
    else
      refuse(at, fmt::format("`{}`, which jobs inherit", one.name),
             "its value is not a plain text");
  }

  void madeFolder(const Script& driver, const ir::ShellCommand& command) {
    std::string line = "mkdir -p";
    for (const ir::ShellWord& word : llvm::ArrayRef(command.words).drop_front()) {
      StringRef text(word.text);
      bool isPlain = text.find(ir::kHoleByte) == StringRef::npos &&
                     text.find_first_of("*?{[") == StringRef::npos;
      if (text == "-p" || text == "--parents") continue;
      if (!isPlain || text.starts_with("-"))
        return refuse(driver.range(word.begin, word.end), "this folder",
                      "its name is not a plain text");
      line += " " + ir::shellWord(text);
    }
    around_.push_back(line);
  }

  void one(const Submission& submission) {
    if (submission.isConditional)
      return refuse(submission.at, "a submission in a loop, a condition or a function",
                    "how often it is done is not told; an array or a list of lines tells it");
    if (submission.name.empty())
      return refuse(submission.at, "a submission without a script",
                    "put the command of `--wrap` into a script");
    if (!submission.script)
      return refuse(
          submission.scriptAt, fmt::format("the script of this submission"),
          submission.isScriptKnown ? "it cannot be read" : "its name is not a plain text");
    node({submission.script, &submission.options, chains_.front().driver}, &submission,
         submission.at);
  }

  void node(const Job& job, const Submission* submission, Range at) {
    Node node;
    node.job = job;
    node.at = at;
    node.name = nameOf(job);
    node.wants = wantsOf(job, plan_.refusals);
    node.indices = job.array();
    interpreter(*job.script);
    if (job.script->components > 1)
      refuse(job.script->directives.front(), "a heterogeneous job", "a task has one kind of nodes");
    if (!job.script->late.empty())
      refuse(job.script->late.front(), "a directive behind the first command",
             "sbatch does not read it");
    if (!job.script->others.empty())
      refuse(job.script->others.front(), "a directive of another scheduler",
             "write it for `#SBATCH`");
    if (node.indices && node.indices->runs.size() > 1 && node.indices->count() > 10000)
      refuse(job.find("array")->at, "this array", "a list of indices has at most 10,000");
    node.body = job.script->text.substr(job.script->bodyBegin).str();
    if (job.script->directives.empty()) {
      size_t end = job.script->text.find('\n');
      node.body = job.script->text.starts_with("#!") && end != StringRef::npos
                      ? job.script->text.substr(end + 1).str()
                      : job.script->text.str();
    }
    if (StringRef(node.body).contains("\"\"\""))
      refuse(job.script->range(job.script->bodyBegin, job.script->text.size()),
             "a script with `\"\"\"` in it", "three quotes end the text of a body");
    if (submission)
      order(*submission, node);
    else if (const Given* given = job.find("dependency"))
      refuse(given->at, "a dependency in a script", "the script that submits tells the order");
    before(submission, node);
    plan_.nodes.push_back(std::move(node));
    if (submission) nodeOf_.emplace(submission, plan_.nodes.size() - 1);
  }

  void interpreter(const Script& script) {
    StringRef line(script.interpreter);
    bool isShell =
        script.isShell && !line.contains("zsh") && !line.contains("ksh") && !line.empty();
    if (!isShell)
      refuse(script.range(0, std::min(script.text.find('\n'), script.text.size())),
             "this interpreter", "bodies are of bash, sh or Python");
  }

  std::string nameOf(const Job& job) {
    std::string stem = fileNameOf(job.script->path);
    stem = stem.substr(0, stem.find('.'));
    return names_.like(stem, "job_");
  }

  void order(const Submission& submission, Node& node) {
    auto cannot = [&](StringRef what, StringRef why) {
      const Given* given = node.job.find("dependency");
      refuse(given ? given->at : submission.at, what.str(), why.str());
    };
    if (submission.waitsForAny) cannot("`?` in a dependency", "a task waits for all it names");
    for (const Submission::Wait& wait : submission.waits) {
      if (!wait.isKnown) {
        cannot("this dependency", "which jobs it names is not told by the script");
        continue;
      }
      bool isKnownKind =
          wait.kind == "afterok" || wait.kind == "afterany" || wait.kind == "aftercorr";
      if (!isKnownKind) {
        cannot(fmt::format("`{}`", wait.kind), "tasks wait for others to end, well or in any way");
        continue;
      }
      for (size_t job : wait.jobs) {
        auto known = nodeOf_.find(&chains_.front().submissions[job]);
        if (known == nodeOf_.end()) continue;  // it was refused itself
        Node::After after{known->second, Node::After::Ok};
        if (wait.kind == "afterany") after.how = Node::After::Ended;
        if (wait.kind == "aftercorr") sameIndex(node, after, cannot);
        node.after.push_back(after);
      }
    }
  }

  template <class Cannot>
  void sameIndex(const Node& node, Node::After& after, const Cannot& cannot) {
    const std::optional<Indices>& other = plan_.nodes[after.node].indices;
    if (!other && !node.indices) return;
    if (other && node.indices && other->all() == node.indices->all())
      after.how = Node::After::SameIndex;
    else
      cannot("`aftercorr` between different arrays",
             "members that have no counterpart wait for ever");
  }

  /// What SLURM gives a script, or a command line, and a body has not by itself.
  void before(const Submission* submission, Node& node) {
    const Job& job = node.job;
    StringRef body(node.body);
    StringRef flags = StringRef(job.script->interpreter).split(' ').second;
    node.before.emplace_back("set +e +u +o pipefail");
    if (job.find("chdir")) node.before.push_back("cd " + ir::shellWord(job.value("chdir")));
    if (body.contains("SLURM_SUBMIT_DIR")) node.before.emplace_back("export SLURM_SUBMIT_DIR=$PWD");
    if (flags.contains("-l")) node.before.emplace_back(". /etc/profile");
    for (const std::string& line : around_) node.before.push_back(line);
    variables(node);
    if (node.indices) array(node);
    std::string jobName =
        job.find("job-name") ? job.value("job-name") : fileNameOf(job.script->path);
    if (body.contains("SLURM_JOB_NAME"))
      node.before.push_back("export SLURM_JOB_NAME=" + ir::shellWord(jobName));
    if (body.contains("SLURM_NTASKS_PER_NODE") && job.tasksPerNode())
      node.before.push_back(fmt::format("export SLURM_NTASKS_PER_NODE={}", *job.tasksPerNode()));
    if (submission) arguments(*submission, node);
    for (const char* letter : {"e", "u", "x"})
      if (flags.starts_with("-") && flags.contains(letter) && !flags.contains("--"))
        node.before.push_back(fmt::format("set -{}", letter));
  }

  /// `--export=ALL,A=b`.
  void variables(Node& node) {
    const Given* given = node.job.find("export");
    if (!given) return;
    llvm::SmallVector<StringRef> parts;
    StringRef(given->value).split(parts, ',');
    if (parts.empty() || parts[0] != "ALL")
      return refuse(given->at, fmt::format("`--export={}`", given->value),
                    "a body has the environment of who starts the run");
    for (StringRef part : llvm::ArrayRef(parts).drop_front()) {
      auto [name, value] = part.split('=');
      if (!part.contains('=') || value.find_first_of("$\1\2\3") != StringRef::npos)
        return refuse(given->at, fmt::format("`{}` in `--export`", name.str()),
                      "its value is not a plain text");
      node.before.push_back(fmt::format("export {}={}", name.str(), ir::shellWord(value)));
    }
  }

  static void array(Node& node) {
    const Indices& indices = *node.indices;
    StringRef body(node.body);
    node.before.push_back(fmt::format("export SLURM_ARRAY_TASK_ID=@{{{}}}", kIndexName.str()));
    auto add = [&](StringRef name, int64_t value) {
      if (body.contains(name))
        node.before.push_back(fmt::format("export {}={}", name.str(), value));
    };
    add("SLURM_ARRAY_TASK_COUNT", indices.count());
    add("SLURM_ARRAY_TASK_MIN",
        indices.count() <= 1000000 ? indices.all().front() : indices.runs[0].first);
    add("SLURM_ARRAY_TASK_MAX", indices.most());
    add("SLURM_ARRAY_TASK_STEP", indices.runs[0].step);
  }

  void arguments(const Submission& submission, Node& node) {
    if (submission.arguments.empty()) return;
    std::string line = "set --";
    for (StringRef argument : submission.arguments) {
      if (argument.find_first_of("$\1\2\3`") != StringRef::npos)
        return refuse(submission.at, "an argument of the script", "its value is not a plain text");
      line += " " + ir::shellWord(argument);
    }
    node.before.push_back(line);
  }

  const target::Reading& reading_;
  Library& library_;
  std::vector<Chain>& chains_;
  Plan plan_;
  target::FlowNames names_{reading_.isReserved, {"main"}};
  std::vector<std::string> around_;  ///< lines that every body begins with
  std::map<const Submission*, size_t> nodeOf_;
};

}  // namespace

Plan planOf(const target::Reading& reading, Library& library, std::vector<Chain>& chains) {
  return Planner(reading, library, chains).run();
}

}  // namespace wfc::targets::slurm::foreign
