// See dispatch.h.
#include "targets/nomad/backend/dispatch.h"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

#include "fmt/format.h"

#include "compiler/ir/planned.h"

#include "runtime/attempt/outputs.h"
#include "runtime/attempt/script_job.h"
#include "targets/nomad/backend/attempt.h"
#include "targets/nomad/backend/verdict.h"
#include "targets/nomad/job.h"

namespace wfc::nomad {

namespace {

using llvm::json::Object;
using run::AttemptSignals;
using run::Launch;
using run::News;

/// Nomad's own queue need not hold more than what keeps its nodes busy.
constexpr int64_t kMost = 200;
/// So many starts before the loop looks at everything else again.
constexpr size_t kBatch = 32;
constexpr int64_t kInboxMs = 100, kLookMs = 3000, kRetryMs = 2000;
/// In so many lists in a row a job must be queued before a word is said about it.
constexpr int kLooksQueued = 3;
/// After so long a refusal is final.
constexpr int64_t kPatienceMs = 120000;

}  // namespace

Dispatch::Dispatch(const run::Controller& controller, const Jobs& jobs, int most)
    : c_(controller), jobs_(jobs), api_(controller.run()) {
  const ir::Module& module = controller.view().plan->module();
  most_ = static_cast<size_t>(most > 0 ? most : ir::factNumber(module, "limit.submit", kMost));
  rate_ = static_cast<size_t>(ir::factNumber(module, "limit.rate_count"));
  perMs_ = ir::factNumber(module, "limit.rate_ms");
  lostAfterMs_ = ir::factNumber(module, "lost_after_ms", 3600000);
  for (const auto& [key, text] : module.siteFacts) {
    llvm::StringRef name(key);
    if (name.consume_front("licence.")) licences_[name.str()] = ir::factNumber(module, key);
  }
}

void Dispatch::hold(const Launch& launch, int64_t sign) {
  for (const auto& [name, count] : launch.needs.licences) licences_[name] -= sign * count;
}

bool Dispatch::isTooSoon() {
  int64_t now = run::nowMs();
  while (!recent_.empty() && now - recent_.front() >= perMs_) recent_.pop_front();
  return rate_ > 0 && recent_.size() >= rate_;
}

run::Fit Dispatch::take(const Launch& launch) {
  if (works_.size() >= most_ || batch_ >= kBatch || isTooSoon()) return run::Fit::Full;
  for (const auto& [name, count] : launch.needs.licences)
    if (licences_[name] < count) return run::Fit::TooLarge;
  hold(launch, 1);
  ++batch_;
  if (rate_ > 0) recent_.push_back(run::nowMs());
  works_[launch.instance] = {launch, engine().idOf(launch.instance), {}, {}};
  return run::Fit::Taken;
}

std::string Dispatch::tooLarge(const Launch& launch) const {
  const ir::Module& module = c_.view().plan->module();
  for (const auto& [name, count] : launch.needs.licences)
    if (ir::factNumber(module, "licence." + name) < count)
      return fmt::format("it needs {} licences of {}", count, name);
  return {};
}

/// Writes down what is to be done. One that lies there is the one that was dispatched.
std::string Dispatch::prepare(Work& work) const {
  std::string path = jobFile(c_.run(), work.name, work.launch.attempt);
  if (std::optional<std::string> bytes = run::readFile(path)) {
    work.hash = hashOf(*bytes);
    return {};
  }
  const ir::Module& module = c_.view().plan->module();
  const ir::Family& family = module.families[work.launch.instance.family];
  run::Job job;
  std::string wrong = run::makeJob(engine(), c_.run(), c_.view().header.project, work.launch, job);
  // The driver has entered the image already.
  if (ir::fact(module, "driver") == "docker") job.container.clear();
  std::string script = fmt::format("{}/{}.sh", c_.run(), targets::nomad::stemOf(family));
  if (wrong.empty()) wrong = run::useScript(engine(), work.launch, {script}, job);
  if (!wrong.empty()) return wrong;
  // One that was undone is dispatched anew, under the same number perhaps: its file tells them
  // apart.
  std::string bytes = fmt::format("{}\n", run::nowMs()) + run::pack(job);
  work.hash = hashOf(bytes);
  bool isWritten =
      run::makeFolders(path.substr(0, path.rfind('/'))) && run::writeWhole(path, bytes);
  return isWritten ? "" : fmt::format("cannot write {}", path);
}

Answer Dispatch::ensureRegistered(const Launch& launch, const std::string& id) {
  if (registered_.contains(id)) return {200, {}};
  Answer answer = api_.get("/v1/job/" + Api::word(id));
  llvm::json::Value value = answer.json();
  const Object* job = answer.isGood() ? value.getAsObject() : nullptr;
  if (job == nullptr || job->getBoolean("Stop").value_or(false))
    answer = registerJob(api_, jobs_.taskJob(launch.instance.family, launch.needs));
  if (answer.isGood()) registered_.insert(id);
  return answer;
}

Answer Dispatch::dispatch(Work& work) {
  std::string id = jobs_.idOf(work.launch.instance.family, work.launch.needs);
  if (Answer registered = ensureRegistered(work.launch, id); !registered.isGood())
    return registered;
  std::string token = jobs_.tokenOf(work.name, work.launch.attempt, work.hash);
  std::string key = llvm::StringRef(work.name).split('[').second.rtrim(']').str();
  std::string prefix = fmt::format("{}-{}", targets::nomad::idText(key, 40), work.launch.attempt);
  Answer answer =
      api_.post(fmt::format("/v1/job/{}/dispatch?idempotency_token={}", Api::word(id), token),
                Object{{"Meta", Object{{"instance", work.name},
                                       {"attempt", std::to_string(work.launch.attempt)},
                                       {"hash", work.hash}}},
                       {"IdPrefixTemplate", key.empty() ? prefix.substr(1) : prefix}});
  llvm::json::Value value = answer.json();
  const Object* object = answer.isGood() ? value.getAsObject() : nullptr;
  std::string child =
      object == nullptr ? "" : object->getString("DispatchedJobID").value_or("").str();
  // It may have been taken away since.
  if (child.empty()) registered_.erase(id);
  work.child = child;
  return answer;
}

/// Nomad may be away for a while: it is asked again in `wait`.
void Dispatch::tryDispatch(Work& work) {
  if (refusedSince_ != 0) return;
  Answer answer = dispatch(work);
  if (!work.child.empty()) return;
  refusedSince_ = run::nowMs();
  if (answer.text == refusal_) return;
  refusal_ = answer.text;
  fmt::print("{} is not taken by Nomad, which is asked again: {}\n", work.name, answer.text);
  std::fflush(stdout);
}

run::Started Dispatch::start(const Launch& launch) {
  Work& work = works_[launch.instance];
  if (launch.attempt > 1) run::removeAll(run::workFolder(c_.run(), work.name, launch.attempt - 1));
  if (std::string wrong = prepare(work); !wrong.empty()) return {wrong, {}, false};
  tryDispatch(work);
  return {{}, work.child, true};
}

bool Dispatch::adopt(const Launch& launch) {
  hold(launch, 1);
  works_[launch.instance] = {launch, engine().idOf(launch.instance), {}, {}};
  Work& work = works_[launch.instance];
  if (prepare(work).empty()) {
    // The token finds the dispatch that was made, or makes the one that was not.
    tryDispatch(work);
    return true;
  }
  forget(launch.instance);
  return false;
}

void Dispatch::forget(run::InstanceId instance) {
  auto found = works_.find(instance);
  if (found == works_.end()) return;
  const Work& work = found->second;
  hold(work.launch, -1);
  ::unlink(jobFile(c_.run(), work.name, work.launch.attempt).c_str());
  ::unlink(wishFile(c_.run(), work.name, work.launch.attempt).c_str());
  ::unlink((run::workFolder(c_.run(), work.name, work.launch.attempt) + ".vars").c_str());
  works_.erase(found);
}

void Dispatch::tell(run::InstanceId instance, AttemptSignals::Wish wish) {
  auto found = works_.find(instance);
  if (found == works_.end()) return;
  Work& work = found->second;
  work.wish = wish;
  writeWish(c_.run(), work.name, work.launch.attempt, wish);
  // What still stands in Nomad's queue would hear of it only when it is placed.
  std::string claimed = run::workFolder(c_.run(), work.name, work.launch.attempt);
  if (!work.child.empty() && ::access(claimed.c_str(), F_OK) != 0)
    api_.remove("/v1/job/" + Api::word(work.child));
}

void Dispatch::retryDispatches(News& news) {
  int64_t now = run::nowMs();
  if (refusedSince_ == 0 || now - retriedAt_ < kRetryMs) return;
  retriedAt_ = now;
  bool isAway = false;
  for (auto& [instance, work] : works_) {
    if (!work.child.empty()) continue;
    if (work.wish != AttemptSignals::GoOn) resolve(work, news);
    if (work.wish != AttemptSignals::GoOn || isAway) continue;
    Answer answer = dispatch(work);
    if (!work.child.empty()) continue;
    isAway = !answer.isFinal() || now - refusedSince_ < kPatienceMs;
    if (!isAway)
      news.gone.push_back({instance, work.launch.attempt, "Nomad does not take it: " + answer.text,
                           false, ir::Outcome::Failed});
  }
  if (isAway) return;
  refusedSince_ = 0;
  refusal_.clear();
}

/// One list of all jobs of the run that live; what misses from two of them in a row is no more, and
/// what a node has that does not answer may be.
void Dispatch::look(News& news) {
  int64_t now = run::nowMs();
  if (works_.empty() || now - lookedAt_ < kLookMs) return;
  lookedAt_ = now;
  std::optional<std::vector<Listed>> jobs = listJobs(api_, jobs_.tag());
  if (!jobs) return;
  std::map<std::string, Listed> alive;
  for (const Listed& job : *jobs) alive[job.id] = job;
  for (auto& [instance, work] : works_) {
    if (work.child.empty()) continue;
    auto found = alive.find(work.child);
    bool isGone = found == alive.end() || found->second.isUnknown;
    work.missed = isGone ? work.missed + 1 : 0;
    if (work.missed >= 2) resolve(work, news);
    bool isNews = found != alive.end() && found->second.isQueued && ++work.queued == kLooksQueued;
    if (isNews) tellQueued(work);
  }
}

/// A need that no node has would be waited for in silence.
void Dispatch::tellQueued(const Work& work) {
  std::string why = whyQueued(api_, work.child);
  std::string& told = told_[work.launch.instance.family];
  if (why.empty() || why == told) return;
  told = why;
  fmt::print("{} waits in Nomad's queue: {}\n", work.name, why);
  std::fflush(stdout);
}

/// An end in the inbox comes before all of this: the loop looks there first.
void Dispatch::resolve(const Work& work, News& news) const {
  // As long as the wrapper lives, its own word is waited for, whatever Nomad says of it.
  if (showsLife(c_.run(), work.name, work.launch.attempt)) return;
  Verdict verdict;
  if (work.wish == AttemptSignals::Stop)
    verdict = {true, ir::Outcome::Cancelled, true, "stopped"};
  else if (work.wish == AttemptSignals::Deadline)
    verdict = {true, ir::Outcome::TimedOut, false, "its deadline passed"};
  else
    verdict = verdictOf(api_, work.child, lostAfterMs_);
  if (!verdict.isKnown) return;
  // A node that comes back must not go on with it.
  if (verdict.outcome == ir::Outcome::NodeLost) api_.remove("/v1/job/" + Api::word(work.child));
  if (std::optional<run::Claim> claim = run::readClaim(c_.run(), work.name, work.launch.attempt))
    run::endLeftovers(*claim);
  news.gone.push_back({work.launch.instance, work.launch.attempt, verdict.why, verdict.isUncounted,
                       verdict.outcome});
}

News Dispatch::wait(int64_t ms) {
  batch_ = 0;
  News news;
  ::usleep(static_cast<useconds_t>(std::clamp<int64_t>(ms, 1, kInboxMs) * 1000));
  news.hasInbox = true;
  retryDispatches(news);
  look(news);
  return news;
}

}  // namespace wfc::nomad
