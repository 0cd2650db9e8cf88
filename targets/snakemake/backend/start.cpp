// Round after round, under the lease: write what is known into index.json, run Snakemake until it
// ends, take in what its jobs left, decide. A round that changed nothing is the end of our wits,
// and Snakemake's own words are shown.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/attempt/outputs.h"
#include "runtime/attempt/run.h"
#include "runtime/control/hold.h"
#include "runtime/control/outside.h"
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

std::string countsText(const run::Engine& engine) {
  run::Counts counts = engine.counts();
  std::string text;
  auto add = [&](uint64_t count, llvm::StringRef what) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what.str());
  };
  for (size_t n = 0; n < std::size(counts.ended); ++n)
    add(counts.ended[n], ir::name(static_cast<ir::Outcome>(n)));
  add(counts.running, "running");
  add(counts.ready + counts.delayed, "ready");
  add(counts.waiting, "waiting");
  return fmt::format("{} of {}", text.empty() ? "0" : text, counts.total);
}

class Rounds {
 public:
  Rounds(Controller& controller, const run::StartOptions& options)
      : c_(controller),
        options_(options),
        snakemake_(controller.run()),
        shapes_(targets::snakemake::shapesOf(*controller.view().plan)) {}

  int run() {
    // One that outlived its start is in the middle of a round.
    if (snakemake_.adopt()) say("Snakemake still runs; it is waited for");
    while (true) {
      if (int exit = watchRound(); exit >= 0) return exit;
      if (int exit = waitForAttempts(); exit >= 0) return exit;
      if (int exit = prepareRound(); exit >= 0) return exit;
      before_ = countsText(c_.engine()) + attemptsText();
      snakemake_.unlock();
      if (std::string wrong = snakemake_.start(options_.jobs); !wrong.empty()) return fail(wrong);
    }
  }

 private:
  /// Until Snakemake has ended. -1: go on.
  int watchRound() {
    while (!snakemake_.hasEnded(200)) {
      if (int exit = tick(); exit >= 0) return exit;
    }
    return tick();
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
    std::string text = countsText(c_.engine());
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
    run::writeWhole(fmt::format("{}/{}", c_.run(), run::abi::kStopFile), fmt::format("{}\n", now),
                    true);
    say("stopping; what runs is ended");
    run::Record record;
    record.kind = run::Record::Stop;
    record.time = now;
    c_.take(record);
    snakemake_.end();
  }

  /// Attempts that outlived their Snakemake are waited for, those that died without a word buried.
  int waitForAttempts() {
    while (true) {
      bool isAlive = false;
      for (auto [id, attempt] : c_.running()) {
        std::string name = c_.engine().idOf(id);
        std::optional<run::Claim> claim = run::readClaim(c_.run(), name, attempt);
        if (claim && run::lives(claim->wrapper) != 0) {
          isAlive = true;
          continue;
        }
        // It may have left its end just before it went.
        c_.ingest();
        if (hasEnded(id, attempt)) continue;
        if (claim) run::endLeftovers(*claim);
        bury(name, attempt);
      }
      if (int exit = tick(); exit >= 0) return exit;
      if (!isAlive) return -1;
      ::usleep(200000);
    }
  }

  bool hasEnded(InstanceId id, uint32_t n) const {
    for (const run::Attempt* attempt : c_.engine().attemptsOf(id))
      if (attempt->n == n) return attempt->hasEnded;
    return false;
  }

  void bury(const std::string& name, uint32_t attempt) {
    run::Record record;
    record.kind = run::Record::End;
    record.time = record.started = record.ended = run::nowMs();
    record.instance = name;
    record.attempt = attempt;
    record.outcome = ir::Outcome::NodeLost;
    record.uncounted = true;
    record.text = "its wrapper died";
    c_.take(record);
    run::removeAll(run::workFolder(c_.run(), name, attempt));
  }

  /// Waits until something can start, and writes down for Snakemake what. -1: a round may begin.
  int prepareRound() {
    while (true) {
      if (int exit = tick(); exit >= 0) return exit;
      if (isStopping_) return stopped();
      if (decisions_.isOver && decisions_.hooks.empty()) return finish();
      run::Counts counts = c_.engine().counts();
      if (counts.ready > 0 && counts.delayed == 0) break;
      if (decisions_.next == 0 && again_ == 0 && counts.ready == 0)
        return fail("nothing can go on; `wfr status` names what waits");
      if (decisions_.next == 0 && again_ == 0) break;
      int64_t ms = 500;
      if (decisions_.next > 0) ms = std::clamp<int64_t>(decisions_.next - run::nowMs(), 1, ms);
      ::usleep(static_cast<useconds_t>(ms * 1000));
    }
    if (!before_.empty() && before_ == countsText(c_.engine()) + attemptsText())
      return fail(fmt::format("Snakemake ended and nothing has changed; {} says\n{}",
                              snakemake_.logPath(), snakemake_.lastWords()));
    touchMarkers();
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
  /// must not be asked for again.
  void touchMarkers() const {
    c_.engine().forEach([&](InstanceId id) {
      const run::Instance& instance = c_.engine().state().at(id);
      const Shape& shape = shapes_[id.family];
      bool isWell = instance.outcome == ir::Outcome::Ok ||
                    instance.outcome == ir::Outcome::NoData ||
                    instance.outcome == ir::Outcome::Skipped;
      if (!shape.isRule || instance.phase != Phase::Ended || !isWell) return;
      std::string path = c_.run() + "/" + targets::snakemake::markerOf(c_.engine(), shape, id);
      if (::access(path.c_str(), F_OK) == 0) return;
      run::makeFolders(path.substr(0, path.rfind('/')));
      run::writeWhole(path, "");
    });
  }

  int finish() {
    c_.close(run::nowMs());
    if (!c_.commit()) return failOnDisk();
    say(countsText(c_.engine()));
    return c_.engine().exitStatus();
  }

  int stopped() {
    if (!c_.commit()) return failOnDisk();
    say(countsText(c_.engine()));
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
  int64_t saidAt_ = 0, again_ = 0;
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
