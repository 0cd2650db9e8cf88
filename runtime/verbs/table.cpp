// The table, and the reading of a command line by it.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/abi/abi.h"
#include "runtime/engine/state.h"
#include "runtime/move/command.h"
#include "runtime/supervise/command.h"
#include "runtime/verbs/verbs.h"

namespace wfc::run {

namespace {

/// Starts a run and says how it goes.
std::vector<Verb> startVerbs() {
  return {
      {"start",
       "OUT",
       "starts a run, or goes on with one",
       "OUT is the folder of artifacts that `wfc build` wrote, or a plan that `wfc plan -o` "
       "saved:\n"
       "then that is executed and nothing else, and refused if the run has moved since. A run's "
       "folder is made if it is not "
       "there; one that is there goes on where it\n"
       "stood. If it was made from other artifacts, what would be reused, rerun and orphaned is "
       "said, and nothing done; with --adopt the\n"
       "run goes on with the new ones.\n"
       "Exit status with --wait: 0 all good, 1 some failed or were cancelled, 3 stopped, 4 lost "
       "control (start again), 5 another\n"
       "controller holds the run.",
       {{"--run", "DIR", "the run's folder"},
        {"--wait", "", "come back when it is over"},
        {"--adopt", "", "go on with other artifacts, or with inputs that changed"},
        {"--dry-run", "", "say what --adopt would do, and do nothing", "-n"},
        {"--json", "", "say it as JSON"},
        {"--cron", "", "let cron go on with it, where the target's steps are called by cron"},
        {"--jobs", "N", "at most N tasks at once, whatever the machine has", "-j"},
        {"--only", "SELECTOR", "start nothing else"},
        {"--until", "SELECTOR", "start it and what it needs, nothing else"},
        {"--skip", "SELECTOR", "start everything but it, and what needs it"},
        {"--stop-after", "N", "leave after N more attempts have ended (for tests)"},
        {"--project", "DIR", "the folder of the flow, if it is not where the artifacts say"}},
       1,
       1,
       verbStart},
      {"status",
       "RUN",
       "what is done, runs and waits",
       "Counts by family and state, then what failed.",
       {{"--json", "",
         "the same and every instance, one document; its shape is documented and stable"},
        {"--all", "",
         "with --json: all instances, however many; else what failed and what runs is told first, "
         "10,000 at most"}},
       1,
       1,
       verbStatus},
      {"why",
       "RUN [INSTANCE] | JOB",
       "why an instance is where it is, or why a run failed",
       "INSTANCE is an id such as `model[2025-03-02]`, or a scheduler's job id; JOB is such an id "
       "alone, "
       "where the scheduler or a run below the current folder knows it. Shows the outcome, "
       "what it waits for, the end of its\n"
       "log and the line of the flow that it comes from. Without one: what failed by itself, or "
       "what "
       "the run waits for.",
       {{"--json", "", "the same as JSON"}},
       1,
       2,
       verbWhy}};
}

/// Looks closer, stops, takes back.
std::vector<Verb> askVerbs() {
  return {
      {"log",
       "RUN INSTANCE",
       "prints the log of an instance",
       "The log of its last attempt.",
       {{"--attempt", "N", "of that attempt"},
        {"--follow", "", "go on until the attempt ends", "-f"}},
       2,
       2,
       verbLog},
      {"outputs",
       "RUN [SELECTOR…]",
       "where that lies which was made",
       "A line for each file, folder or set of an instance that is ok, `model[2025-03-02].model  "
       "PATH  SIZE`, and for each small value\n"
       "that it told, `score[2025-03-02].rmse = 0.3`. Without selectors of all. `wfr help "
       "selectors` tells what selectors are.\n"
       "Exit status: 0 all of them have made theirs or have nothing to make, 1 some have not.",
       {{"--paths", "", "the paths alone, for other programs"}, {"--json", "", "the same as JSON"}},
       1,
       1000,
       verbOutputs},
      {"stop",
       "RUN",
       "ends what runs and starts nothing more",
       "What has not ended stays waiting: `wfr start` goes on with it.",
       {},
       1,
       1,
       verbStop},
      {"retry",
       "RUN [SELECTOR…]",
       "lets failed instances wait again",
       "With what was cancelled because of them. Without selectors all that failed. "
       "`wfr help selectors` tells what they are.",
       {{"--outcome", "CAUSE,…", "only those that ended so: failed, timed_out, node_lost …"},
        {"--dry-run", "", "say which, and do nothing", "-n"},
        {"--json", "", "the same as JSON"}},
       1,
       1000,
       verbRetry},
      {"rewind",
       "RUN SELECTOR…",
       "takes instances back, with everything downstream",
       "What runs of it is ended; outputs are withdrawn, links return to the newest version that "
       "is "
       "left, checkpoints go. Producers\n"
       "whose outputs are gone are taken back too. `wfr help selectors` tells what selectors are.",
       {{"--outcome", "CAUSE,…", "only those that stand so: ok, failed, running …"},
        {"--dry-run", "", "say which, and do nothing", "-n"},
        {"--json", "", "the same as JSON"}},
       1,
       1000,
       verbRewind}};
}

/// What else is changed about a run.
std::vector<Verb> changeVerbs() {
  return {
      {"drift",
       "RUN",
       "compares what a run works with, and what the scheduler holds, with what was built",
       "The artifacts are compared with their manifest, the run's copies of them too, and each job "
       "that the scheduler holds for the run with\n"
       "what it was built for. Nothing is changed.\n"
       "Exit status: 0 the same, 10 something differs, 4 the scheduler was not reached.",
       {{"--artifacts", "OUT",
         "compare with these instead of those that the run was started from"}},
       1,
       1,
       verbDrift},
      {"hold",
       "RUN SELECTOR…",
       "starts nothing of it until it is released",
       "What runs goes on; members that are not known yet are held too. `wfr help selectors` tells "
       "what selectors are.",
       {{"--dry-run", "", "say how many, and do nothing", "-n"}},
       1,
       1000,
       verbHold},
      {"release",
       "RUN [SELECTOR…]",
       "lets what was held start",
       "Without selectors everything.",
       {{"--dry-run", "", "say how many, and do nothing", "-n"}},
       1,
       1000,
       verbRelease},
      {"set",
       "RUN limit.NAME=COUNT…",
       "changes a limit while the run goes on",
       "NAME is the family's or the loop's, as `wfr set RUN limit.` lists them. What runs above a "
       "lower count runs to its end.",
       {},
       2,
       1000,
       verbSet}};
}

/// Reports, and what is left.
std::vector<Verb> afterVerbs() {
  return {
      {"report",
       "RUN",
       "writes the account of a run as one HTML file",
       "Graph, course of time, what was asked for and used, every instance, provenance. The file "
       "needs nothing beside it.",
       {{"--output", "FILE", "where; else RUN/report.html", "-o"},
        {"--json", "", "the same as JSON, on standard output if there is no -o"},
        {"--crate", "", "make the run's folder a Workflow Run RO-Crate, when it has ended"},
        {"--license", "ADDRESS", "of what is in the crate"}},
       1,
       1,
       verbReport},
      {"watch",
       "RUN",
       "shows a run as it goes on",
       "Counts, what runs and for how long, what ended last. q quits. Without a terminal a line "
       "for "
       "each change, until nobody works on it.",
       {},
       1,
       1,
       verbWatch},
      {"clean",
       "RUN",
       "removes what nobody needs any more",
       "Work folders of attempts that have ended, checkpoints of instances that have, leftovers of "
       "temporaries; after --adopt the records of before, with outputs that the flow has no more. "
       "All other outputs, and logs, stay.",
       {{"--dry-run", "", "say how much, and do nothing", "-n"}},
       1,
       1,
       verbClean}};
}

/// Data and programs.
std::vector<Verb> dataVerbs() {
  return {
      {"purge",
       "RUN",
       "removes a run, and nothing that is not its own",
       "What runs of it is ended first. Outputs that the flow writes outside of the run's folder "
       "stay.",
       {{"--yes", "", "without asking", "-y"}},
       1,
       1,
       verbPurge},
      {"move",
       "VERB …",
       "moves data; `wfr move --help`",
       "",
       {},
       1,
       1000,
       nullptr,
       false,
       move::runCommand},
      {"supervise", "[FLAG]… -- COMMAND…", supervise::kSummary, supervise::kHelp,
       std::vector<Flag>(supervise::flags().begin(), supervise::flags().end()), 1, 1000, nullptr,
       false, supervise::runCommand}};
}

/// Called by what `wfc build` makes, and help.
std::vector<Verb> ownVerbs() {
  return {{"task",
           "RUN INSTANCE",
           "runs one attempt; what schedulers' scripts call",
           "Claims the attempt, runs its body and leaves its end in the run's inbox.",
           {},
           0,
           8,
           verbTask},
          {"step",
           "RUN",
           "one pass over a run without a controller",
           "What bodies and sweeps call at their end.",
           {},
           1,
           64,
           verbStep,
           true},
          {"plan-submission",
           "OUT",
           "prints what start would submit",
           "",
           {},
           1,
           1,
           verbPlanSubmission,
           true},
          {"completion",
           "SHELL",
           "prints completions for bash, zsh or fish",
           "For bash: source <(wfr completion bash)",
           {},
           1,
           1,
           verbCompletion},
          {"complete",
           "HOW WORD…",
           "answers completion scripts",
           "",
           {},
           1,
           1000,
           nullptr,
           true,
           verbComplete},
          {"docs", "man [move]", "prints a man page", "", {}, 1, 2, verbDocs, true},
          {"help", "[VERB]", "help on a verb", "", {}, 0, 1, verbHelp}};
}

}  // namespace

llvm::ArrayRef<Verb> verbs() {
  static const std::vector<Verb> table = [] {
    std::vector<Verb> all;
    for (const auto& some :
         {startVerbs(), askVerbs(), changeVerbs(), afterVerbs(), dataVerbs(), ownVerbs()})
      all.insert(all.end(), some.begin(), some.end());
    return all;
  }();
  return table;
}

int cannotWrite(const std::string& run) {
  fmt::print(stderr, "wfr: cannot write in {}: {}\n", run, std::strerror(errno));
  return abi::LostControl;
}

int wrongUse(const std::string& text) {
  fmt::print(stderr, "wfr: {}\n", text);
  return abi::WrongUse;
}

std::string absolute(const std::string& path) {
  std::error_code error;
  std::filesystem::path whole = std::filesystem::absolute(path, error).lexically_normal();
  std::string text = whole.string();
  return text.size() > 1 && text.ends_with("/") ? text.substr(0, text.size() - 1) : text;
}

bool isOnlyQueued(const Attempt& attempt) {
  return attempt.started == 0 && (!attempt.hasEnded || attempt.uncounted);
}

namespace {

int runVerb(const Verb& verb, llvm::ArrayRef<std::string> args) {
  if (verb.all != nullptr) return verb.all(args);
  Given given;
  std::string wrong =
      base::readWords("wfr " + verb.name.str(), verb.flags, args, given, !verb.isHidden);
  if (!wrong.empty()) return wrongUse(wrong);
  if (given.wantsHelp) {
    given.words = {verb.name.str()};
    return verbHelp(given);
  }
  if (given.words.size() < verb.least || given.words.size() > verb.most)
    return wrongUse(fmt::format("usage: wfr {} {}; see `wfr help {}`", verb.name.str(),
                                verb.words.str(), verb.name.str()));
  return verb.run(given);
}

}  // namespace

int runCommand(llvm::ArrayRef<std::string> args) {
  if (args.empty()) {
    verbHelp({});
    return abi::WrongUse;
  }
  if (args[0] == "--help" || args[0] == "-h") return verbHelp({});
  if (args[0] == "--version") {
    fmt::print("wfr {}\n", base::version());
    return abi::Good;
  }
  std::vector<std::string> names;
  for (const Verb& verb : verbs()) {
    if (verb.name == args[0]) return runVerb(verb, args.drop_front());
    if (!verb.isHidden) names.push_back(verb.name.str());
  }
  return wrongUse(fmt::format("there is no verb `{}`{}", args[0], base::nearestOf(args[0], names)));
}

}  // namespace wfc::run
