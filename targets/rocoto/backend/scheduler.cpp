// See scheduler.h.
#include "targets/rocoto/backend/scheduler.h"

#include <cstdlib>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringExtras.h>

#include "runtime/attempt/process.h"
#include "runtime/attempt/run.h"

namespace wfc::rocoto {

namespace {

/// Whatever takes longer does not answer.
constexpr int64_t kPatienceMs = 60000;

using llvm::StringRef;
using States = std::map<std::string, std::string>;

/// How an attempt outside of SLURM is called: by its process.
constexpr StringRef kProcess = "pid ";

bool isJob(StringRef job) { return !job.empty() && llvm::all_of(job, llvm::isDigit); }

/// Lines `ID|STATE`; of a state only the first word counts (`CANCELLED by 0`).
void readStates(StringRef text, States& states) {
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    text = rest;
    auto [id, state] = line.trim().split('|');
    if (!state.empty()) states[id.str()] = state.split(' ').first.str();
  }
}

/// What the scheduler's word counts for where the attempt left none (semantics §12 "Attempts").
struct Cause {
  StringRef state;
  ir::Outcome outcome;
};
constexpr Cause kCauses[] = {
    {"TIMEOUT", ir::Outcome::TimedOut},
    {"DEADLINE", ir::Outcome::TimedOut},
    {"OUT_OF_MEMORY", ir::Outcome::OutOfMemory},
    {"NODE_FAIL", ir::Outcome::NodeLost},
    {"BOOT_FAIL", ir::Outcome::NodeLost},
    {"PREEMPTED", ir::Outcome::Preempted},
    {"CANCELLED", ir::Outcome::Cancelled},
    {"REVOKED", ir::Outcome::Cancelled},
    {"FAILED", ir::Outcome::Failed},
    {"COMPLETED", ir::Outcome::Failed},
};

}  // namespace

std::optional<States> jobStates() {
  std::string text;
  run::Spawn what;
  what.argv = {"squeue", "--me", "--noheader", "--states=all", "--format=%i|%T"};
  if (run::runForOutput(what, text, kPatienceMs) != 0) return std::nullopt;
  States states;
  readStates(text, states);
  return states;
}

bool isOver(StringRef state) {
  return llvm::any_of(kCauses, [&](const Cause& cause) { return cause.state == state; });
}

std::string lastState(const std::string& job, const States& states) {
  auto found = states.find(job);
  if (found != states.end()) return found->second;
  std::string text;
  run::Spawn what;
  what.argv = {"sacct",       "--noheader",           "--allocations",
               "--parsable2", "--format=JobID,State", "--jobs=" + job};
  States past;
  if (run::runForOutput(what, text, kPatienceMs) == 0) readStates(text, past);
  found = past.find(job);
  return found == past.end() ? "" : found->second;
}

std::string inQueue(const std::string& job) {
  std::string text;
  run::Spawn what;
  what.argv = {"squeue", "--me", "--noheader", "--jobs=" + job, "--format=%T|%r|%S"};
  if (run::runForOutput(what, text, kPatienceMs) != 0) return {};
  auto [state, rest] = StringRef(text).trim().split('|');
  auto [reason, start] = rest.split('|');
  std::string words = state.lower();
  if (!reason.empty() && reason != "None") words += fmt::format(" ({})", reason.str());
  if (state == "PENDING" && start != "N/A")
    words += fmt::format(", expected to start {}", start.str());
  return words;
}

void cancel(llvm::ArrayRef<std::string> jobs) {
  std::string text;
  run::Spawn what;
  what.argv = {"scancel"};
  what.argv.insert(what.argv.end(), jobs.begin(), jobs.end());
  if (!jobs.empty()) run::runForOutput(what, text, kPatienceMs);
}

std::string ownJob() {
  const char* job = std::getenv("SLURM_JOB_ID");
  return job == nullptr ? fmt::format("{}{}", kProcess, ::getpid()) : job;
}

const States* Watcher::states() {
  if (!hasAsked_) states_ = jobStates();
  hasAsked_ = true;
  return states_ ? &*states_ : nullptr;
}

std::optional<run::Record> Watcher::endOf(const run::Engine& engine, run::InstanceId id,
                                          uint32_t attempt) {
  name_ = engine.idOf(id);
  std::optional<run::Claim> claim = run::readClaim(run_, name_, attempt);
  std::vector<const run::Attempt*> attempts = engine.attemptsOf(id);
  std::string job = attempts.empty() ? "" : engine.detailsOf(*attempts.back()).job;
  int alive = claim ? run::lives(claim->wrapper) : -1;
  // Begun a moment ago: its body does not run yet.
  if (StringRef own(job); !claim && own.consume_front(kProcess)) {
    int pid = 0;
    alive = !own.getAsInteger(10, pid) && run::processName(pid).started != 0 ? 1 : 0;
  }
  if (alive == 1) return std::nullopt;
  std::string state;
  if (isJob(job)) {
    const States* known = states();
    if (known != nullptr) state = lastState(job, *known);
    // Its scheduler does not answer, or still has it.
    if (alive < 0 && (known == nullptr || (!state.empty() && !isOver(state)))) return std::nullopt;
  } else if (alive < 0 && claim) {
    return std::nullopt;
  }
  if (claim) run::endLeftovers(*claim);
  run::Record end;
  end.kind = run::Record::End;
  end.time = end.started = end.ended = run::nowMs();
  end.instance = name_;
  end.attempt = attempt;
  end.outcome = ir::Outcome::NodeLost;
  end.uncounted = true;
  why_ = "its wrapper died";
  for (const Cause& cause : kCauses) {
    if (cause.state != state) continue;
    end.outcome = cause.outcome;
    end.uncounted = false;
    why_ = fmt::format("the job ended {} without a record of its end [job {}]", state, job);
  }
  end.text = why_;
  return end;
}

}  // namespace wfc::rocoto
