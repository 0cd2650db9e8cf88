// The table of commands. A new one is a row here and a file beside.
#include "compiler/driver/command.h"

namespace wfc::driver {

namespace {

#define WFC_COMPILE_FLAGS                                                                      \
  {"target", 't', "T", "what to build for (default: local); `wfc targets` lists them", false}, \
      {"site", 's', "FILE", "the site to build for, a TOML file", false},                      \
      {"param", 'p', "NAME=VALUE", "a parameter of the flow", false},                          \
      {"flow", 0, "NAME", "which flow of the file, where there are several", false}, {         \
    "shellcheck", 0, "auto|always|never",                                                      \
        "have shellcheck read scripts (default: auto in `wfc check`, else never)", false       \
  }

constexpr Flag kBuild[] = {
    WFC_COMPILE_FLAGS,
    {"output", 'o', "DIR", "where the artifacts go (default: out/TARGET beside FILE)", false},
    {"check", 0, "", "write nothing; list what is stale and leave with 1", false},
    {"emit-ir", 0, "STAGE", "print the module instead: checked, planned or legal", true}};
constexpr Flag kCheck[] = {WFC_COMPILE_FLAGS};
constexpr Flag kFmt[] = {
    {"check", 0, "", "write nothing; list what has another layout and leave with 1", false},
    {"diff", 0, "", "write nothing; show what would change", false}};
constexpr Flag kPlan[] = {
    WFC_COMPILE_FLAGS,
    {"output", 'o', "NAME.wfplan", "save it; `wfr start NAME.wfplan` executes that alone", false},
    {"run", 0, "DIR", "what of a run would be reused, rerun and orphaned, and why", false},
    {"html", 0, "FILE", "write it as one page, with graph, table and times", false},
    {"against", 0, "NAME.wfplan", "what changes against an earlier plan", false},
    {"detailed-exitcode", 0, "", "leave with 10 if there is something to do, 0 if not", false}};
constexpr Flag kRun[] = {
    WFC_COMPILE_FLAGS,
    {"run", 0, "DIR", "the run's folder (default: one in .wfc beside FILE)", false},
    {"adopt", 0, "", "go on with the run before, though the flow was changed since", false},
    {"jobs", 'j', "N", "at most N tasks at once, whatever the machine has", false}};
constexpr Flag kTargets[] = {
    {"table", 0, "", "every capability and how each target carries it", false}};
constexpr Flag kOpt[] = {{"pass", 0, "NAME", "run this pass; may be repeated", false},
                         {"target", 't', "T", "the target that passes ask", false},
                         {"site", 's', "FILE", "the site that passes ask", false},
                         {"list", 0, "", "list the passes", false}};
constexpr Flag kSite[] = {
    {"target", 't', "T", "whose scheduler to ask (default: the first that answers)", false},
    {"output", 'o', "FILE", "write it there", false}};
constexpr Flag kDrift[] = {{"artifacts", 0, "OUT",
                            "compare with these instead of those that the run was started from",
                            false}};
constexpr Flag kGraph[] = {
    {"as", 0, "svg|dot", "how to draw it (default: svg)", false},
    {"instances", 0, "", "a box for each instance, where they are 500 at most", false},
    {"output", 'o', "FILE", "write it there", false},
    {"param", 'p', "NAME=VALUE", "a parameter of the flow", false},
    {"flow", 0, "NAME", "which flow of the file, where there are several", false}};
constexpr Flag kAudit[] = {
    {"from", 0, "TARGET", "whose documents they are (default: by their look)", false},
    {"site", 's', "FILE", "the site they are for, a TOML file: what it lacks is reported", false}};
constexpr Flag kImport[] = {
    {"from", 0, "TARGET", "whose documents they are (default: by their look)", false},
    {"output", 'o', "NAME.wf", "where the flow goes, NAME.toml beside it (default: beside FILE)",
     false},
    {"force", 0, "", "write over files that are there", false}};

#undef WFC_COMPILE_FLAGS

constexpr size_t kAny = 1000000;

}  // namespace

llvm::ArrayRef<Command> commands() {
  static const Command kCommands[] = {
      {"build", "FILE", "turn a flow into artifacts", kBuild, runBuild, 1, 1},
      {"check", "FILE…", "report mistakes, write nothing", kCheck, runCheck, 1, kAny},
      {"plan", "FILE", "what a run will ask for, before anything is submitted", kPlan, runPlan, 1,
       1},
      {"run", "FILE", "build for this machine, start, and wait", kRun, runRun, 1, 1},
      {"fmt", "FILE|FOLDER…", "give texts the one layout; `-` is standard input", kFmt, runFmt, 1,
       kAny},
      {"explain",
       "[ID|NAME]",
       "what a report means, with an example; without a name, all of them",
       {},
       runExplain,
       0,
       1},
      {"targets", "", "what can be built for", kTargets, runTargets, 0, 0},
      {"graph", "FILE", "a picture of the flow: families and what orders them", kGraph, runGraph, 1,
       1},
      {"drift", "RUN", "whether a run, and what the scheduler holds for it, is what was built",
       kDrift, runDrift, 1, 1},
      {"audit", "FILE…", "what is wrong with documents written for another system", kAudit,
       runAudit, 1, kAny},
      {"import", "FILE…", "turn documents of another system into a flow and a site", kImport,
       runImport, 1, kAny},
      {"lsp",
       "",
       "the language server, for editors: on standard input and output",
       {},
       runLsp,
       0,
       0},
      {"site", "discover", "write a site file from a live scheduler", kSite, runSite, 1, 1},
      {"opt", "[FILE.wfir]", "run passes over a module's text", kOpt, runOpt, 0, 1},
      {"completion", "bash|zsh|fish", "a completion script for a shell", {}, runCompletion, 1, 1},
      {"docs",
       "targets|man|stdlib",
       "print a generated page: of docs/, or the man page",
       {},
       runDocs,
       1,
       1,
       true},
  };
  return kCommands;
}

llvm::ArrayRef<Flag> commonFlags() {
  static constexpr Flag kCommon[] = {
      {"format", 0, "text|json|sarif|github", "how reports are written", false},
      {"color", 0, "auto|always|never", "colours of reports; NO_COLOR is respected", false},
      {"all", 0, "", "show more than fifty reports", false},
      {"help", 'h', "", "this text", false},
  };
  return kCommon;
}

std::string Arguments::value(const std::string& flag, const std::string& otherwise) const {
  auto it = flags.find(flag);
  return it == flags.end() ? otherwise : it->second.back();
}

std::vector<std::string> Arguments::values(const std::string& flag) const {
  auto it = flags.find(flag);
  return it == flags.end() ? std::vector<std::string>() : it->second;
}

}  // namespace wfc::driver
