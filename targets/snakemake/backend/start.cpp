// Round after round, under the lease: write what is known into index.json, run Snakemake until it
// ends, take in what its jobs left, decide. A round that changed nothing is the end of our wits,
// and Snakemake's own words are shown.
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "compiler/ir/planned.h"

#include "runtime/attempt/outputs.h"
#include "runtime/attempt/run.h"
#include "runtime/control/account.h"
#include "runtime/control/hold.h"
#include "runtime/control/outside.h"
#include "runtime/control/watcher.h"
#include "targets/snakemake/backend/backend.h"
#include "targets/snakemake/backend/process.h"
#include "targets/snakemake/shape.h"

namespace wfc::snakemake {

namespace {

using run::Controller;
using run::Decisions;
using run::InstanceId;
using run::Phase;
using targets::snakemake::Shape;

void say(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

class Rounds {
 public:
  Rounds(Controller& controller, const run::StartOptions& options)
      : c_(controller),
        options_(options),
        snakemake_(controller.run()),
        shapes_(targets::snakemake::shapesOf(*controller.view().plan)),
        scheduler_(run::findScheduler(controller.view().plan->module().siteFacts)) {
    // What goes back to waiting is asked for anew: something will have changed.
    c_.onReopen = [this](const run::Reopening&) { before_.clear(); };
  }

  int run() {
    // One that outlived its start is in the middle of a round.
    if (snakemake_.adopt()) say("Snakemake still runs; it is waited for");
    while (true) {
      if (int exit = watchRound(); exit >= 0) return exit;
      if (int exit = waitForAttempts(); exit >= 0) return exit;
      if (int exit = prepareRound(); exit >= 0) return exit;
      before_ = run::countsText(c_.engine()) + attemptsText();
      snakemake_.unlock();
      std::string wrong;
      std::vector<std::string> words;
      if (!accounts(words, wrong)) return fail(wrong);
      if (options_.jobs > 0) words.push_back(scheduler_ == nullptr ? "--cores" : "--jobs");
      if (options_.jobs > 0) words.push_back(std::to_string(options_.jobs));
      if (wrong = snakemake_.start(words); !wrong.empty()) return fail(wrong);
    }
  }

 private:
  /// The accounts of a run on a cluster, as Snakemake wants to hear of them: the site's, and those
  /// that the flow names.
  bool accounts(std::vector<std::string>& words, std::string& wrong) const {
    std::string account;
    if (scheduler_ == nullptr) return true;
    const ir::Module& module = c_.view().plan->module();
    if (!run::resolveAccount(ir::fact(module, "account"), account, wrong)) return false;
    if (!account.empty()) words = {"--default-resources", "slurm_account=" + account};
    bool isFirst = true;
    for (const ir::Placement& placement : module.placements) {
      auto named = placement.notes.find("account");
      if (named == placement.notes.end()) continue;
      if (!run::resolveAccount(ir::fact(module, "account." + named->second), account, wrong))
        return false;
      if (std::exchange(isFirst, false)) words.emplace_back("--set-resources");
      words.push_back(
          fmt::format("{}:slurm_account={}", shapes_[placement.family.index()].rule, account));
    }
    return true;
  }

  /// Until Snakemake has ended. -1: go on.
  int watchRound() {
    quietSince_ = run::nowMs();
    while (!snakemake_.hasEnded(200)) {
      if (int exit = tick(); exit >= 0) return exit;
      if (waitsForNothing()) {
        say("Snakemake waits for jobs that are no more; it is ended");
        snakemake_.kill();
      }
    }
    return tick();
  }

  /// No attempt is at work, and no job of ours is in the queue, longer than Snakemake takes to see
  /// that: it never will. (Its plugin waits for ever for a job that was preempted, for one; and
  /// TERM has it wait for a lock that it holds itself, where it was just taking in the end of a
  /// job.)
  bool waitsForNothing() {
    int64_t now = run::nowMs();
    bool mayWait = scheduler_ == nullptr && !isStopping_;
    if (mayWait || !c_.running().empty()) quietSince_ = now;
    if (now - quietSince_ < patienceMs()) return false;
    quietSince_ = now;
    if (scheduler_ == nullptr) return true;
    std::optional<std::vector<std::string>> jobs = scheduler_->jobsIn(c_.run(), false);
    return jobs && jobs->empty();
  }

  /// Its plugin looks every three minutes at least; told to end, it has nothing more to look at.
  int64_t patienceMs() const {
    const char* own = std::getenv("WFR_SNAKEMAKE_PATIENCE");
    int64_t seconds = 0;
    bool isOwn = own != nullptr && !llvm::StringRef(own).getAsInteger(10, seconds) && seconds > 0;
    return (isOwn ? seconds : isStopping_ ? 20 : 300) * 1000;
  }

  /// Takes in, decides, carries out, commits. -1: go on.
  int tick() {
    int64_t now = run::nowMs();
    if (!c_.renew(now)) return fail("the lease was lost; somebody else took the run over");
    if (!isStopping_ && (run::isInterrupted() || c_.isStopAsked())) beginStop(now);
    c_.ingest();
    decisions_ = c_.advance(now);
    if (!decisions_.hooks.empty()) {
      if (!c_.commit()) return failOnDisk();
      run::runHooks(c_, decisions_);
      decisions_ = c_.advance(run::nowMs());
    }
    again_ = run::lookAtWatches(c_, decisions_, now);
    if (c_.hasUncommitted() && !c_.commit()) return failOnDisk();
    std::string text = run::countsText(c_.engine());
    if (text != said_ && now - saidAt_ > 1000) {
      said_ = text;
      saidAt_ = now;
      say(text);
    }
    return -1;
  }

  /// The attempts hear of it by the file; Snakemake lets them end and starts no more.
  void beginStop(int64_t now) {
    isStopping_ = true;
    quietSince_ = now;
    run::writeWhole(fmt::format("{}/{}", c_.run(), run::abi::kStopFile), fmt::format("{}\n", now),
                    true);
    say("stopping; what runs is ended");
    run::Record record;
    record.kind = run::Record::Stop;
    record.time = now;
    c_.take(record);
    snakemake_.end();
    if (scheduler_ != nullptr)
      scheduler_->cancel(scheduler_->jobsIn(c_.run(), true).value_or(std::vector<std::string>()));
  }

  /// Attempts that outlived their Snakemake are waited for, those that died without a word buried.
  int waitForAttempts() {
    while (true) {
      bool isAlive = false;
      run::Watcher watcher(c_.run(), scheduler_);
      for (auto [id, attempt] : c_.running()) {
        std::optional<run::Record> end = watcher.endOf(c_.engine(), id, attempt);
        isAlive |= !end;
        if (!end) continue;
        // It may have left its end just before it went.
        c_.ingest();
        if (hasEnded(id, attempt)) continue;
        c_.take(*end);
        run::removeAll(run::workFolder(c_.run(), c_.engine().idOf(id), attempt));
      }
      if (int exit = tick(); exit >= 0) return exit;
      if (!isAlive) return -1;
      ::usleep(200000);
    }
  }

  bool hasEnded(InstanceId id, uint32_t n) const {
    for (const run::Attempt& attempt : c_.engine().attemptsOf(id))
      if (attempt.n == n) return attempt.hasEnded;
    return false;
  }

  /// Waits until something can start, and writes down for Snakemake what. -1: a round may begin.
  int prepareRound() {
    while (true) {
      if (int exit = tick(); exit >= 0) return exit;
      if (isStopping_) return stopped();
      if (decisions_.isOver && decisions_.hooks.empty()) return finish();
      run::Counts counts = c_.engine().counts();
      uint64_t held = heldReady();
      counts.ready -= held;
      bool isIdle = counts.ready == 0 && counts.delayed == 0 && decisions_.next == 0 && again_ == 0;
      if (isIdle && c_.engine().isPart()) return finishPart();
      // What a person holds may be released.
      if (isIdle && held > 0) again_ = 500, before_.clear();
      if (counts.ready > 0 && counts.delayed == 0) break;
      if (decisions_.next == 0 && again_ == 0 && counts.ready == 0)
        return fail("nothing can go on; `wfr status` names what waits");
      if (decisions_.next == 0 && again_ == 0) break;
      int64_t ms = 500;
      if (decisions_.next > 0) ms = std::clamp<int64_t>(decisions_.next - run::nowMs(), 1, ms);
      ::usleep(static_cast<useconds_t>(ms * 1000));
    }
    if (!before_.empty() && before_ == run::countsText(c_.engine()) + attemptsText())
      return fail(fmt::format("Snakemake ended and nothing has changed; {} says\n{}",
                              snakemake_.logPath(), snakemake_.lastWords()));
    setMarkers();
    std::string index = targets::snakemake::indexText(c_.engine(), shapes_);
    if (!run::writeWhole(c_.run() + "/index.json", index)) return failOnDisk();
    return -1;
  }

  /// Attempts so far, so that a round with a retry is seen to have changed something.
  std::string attemptsText() const {
    uint64_t attempts = 0;
    c_.engine().forEach([&](InstanceId id) { attempts += c_.engine().attemptsOf(id).size(); });
    return fmt::format(" {}", attempts);
  }

  /// What ended well without its marker (Snakemake was killed, or it was skipped beside a failure)
  /// must not be asked for again; of what was taken back the marker goes.
  void setMarkers() const {
    c_.engine().forEach([&](InstanceId id) {
      const run::Instance& instance = c_.engine().state().at(id);
      const Shape& shape = shapes_[id.family];
      bool isWell = instance.outcome == ir::Outcome::Ok ||
                    instance.outcome == ir::Outcome::NoData ||
                    instance.outcome == ir::Outcome::Skipped;
      if (!shape.isRule) return;
      std::string path = c_.run() + "/" + targets::snakemake::markerOf(c_.engine(), shape, id);
      if (instance.phase != Phase::Ended || !isWell) {
        ::unlink(path.c_str());
        return;
      }
      if (::access(path.c_str(), F_OK) == 0) return;
      run::makeFolders(path.substr(0, path.rfind('/')));
      run::writeWhole(path, "");
    });
  }

  uint64_t heldReady() const {
    uint64_t held = 0;
    if (!c_.engine().hasHolds()) return held;
    c_.engine().forEach([&](InstanceId id) {
      held += c_.engine().state().at(id).phase == Phase::Ready && !c_.engine().mayStart(id);
    });
    return held;
  }

  int finishPart() {
    if (!c_.commit()) return failOnDisk();
    say("what was asked for has ended; a start without --only, --until or --skip goes on");
    return c_.engine().exitStatus();
  }

  int finish() {
    c_.close(run::nowMs());
    if (!c_.commit()) return failOnDisk();
    say(run::countsText(c_.engine()));
    return c_.engine().exitStatus();
  }

  int stopped() {
    if (!c_.commit()) return failOnDisk();
    say(run::countsText(c_.engine()));
    return run::abi::Stopped;
  }

  int fail(const std::string& why) {
    c_.commit();
    fmt::print(stderr, "wfr: {}\n", why);
    return run::abi::LostControl;
  }

  int failOnDisk() {
    fmt::print(stderr, "wfr: the ledger cannot be written ({}); mend that and start again\n",
               std::strerror(errno));
    return run::abi::LostControl;
  }

  Controller& c_;
  const run::StartOptions& options_;
  Process snakemake_;
  std::vector<Shape> shapes_;
  Decisions decisions_;
  std::string before_, said_;
  /// Behind Snakemake; null: it runs its jobs itself.
  const run::Scheduler* scheduler_;
  int64_t saidAt_ = 0, again_ = 0, quietSince_ = 0;
  bool isStopping_ = false;
};

}  // namespace

int start(const run::StartOptions& options) {
  run::Holding holding;
  holding.isBehind = !options.wait;
  holding.prepare = [&] {
    return run::copyOnce(options, {"Snakefile", "index.json", "profiles/default/config.yaml"});
  };
  holding.work = [&](Controller& controller) { return Rounds(controller, options).run(); };
  return run::hold(options, holding);
}

}  // namespace wfc::snakemake
