// See hands.h. Ends arrive over sockets from living attendants; those of attempts that
// outlived an earlier engine come through the inbox, and their wrappers are looked at five times a
// second.
#include "targets/local/backend/hands.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <signal.h>
#include <thread>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/BLAKE3.h>

#include "compiler/ir/planned.h"

#include "runtime/attempt/outputs.h"

namespace wfc::local {

using run::InstanceId;

namespace {

constexpr int64_t kLookMs = 200;
/// As many attempts as may end between two commits.
constexpr size_t kSpares = 256;

}  // namespace

LocalHands::LocalHands(run::Controller& controller, int jobs)
    : c_(controller),
      attendants_(controller.run()),
      machine_(controller.view().plan->module().siteFacts, jobs) {
  controller.spares().keep(kSpares);
}

std::string LocalHands::idOf(InstanceId instance) const { return c_.view().engine->idOf(instance); }

std::optional<run::Claim> LocalHands::claimOf(InstanceId instance, uint32_t attempt) const {
  return run::readClaim(c_.run(), idOf(instance), attempt);
}

run::Fit LocalHands::take(const run::Launch& launch) {
  run::Held held;
  run::Fit fit = machine_.take(launch, held);
  if (fit == run::Fit::Taken) works_[launch.instance] = {launch.attempt, held, std::nullopt, false};
  return fit;
}

std::string LocalHands::tooLarge(const run::Launch& launch) const {
  return machine_.tooLarge(launch);
}

std::string LocalHands::openRay(InstanceId instance, std::string& address) {
  const ir::Module& module = c_.view().plan->module();
  const ir::Pool* pool = ir::poolNamed(module, module.families[instance.family].pool);
  if (pool == nullptr || !pool->placement.notes.contains("ray")) return {};
  std::unique_ptr<run::RayCluster>& ray = rays_[pool->name];
  if (ray == nullptr || ray->isLost()) {
    // Paths of one machine differ, and so do their hashes.
    std::string of = c_.run() + " " + pool->name;
    auto mark = llvm::BLAKE3::hash<5>(
        llvm::ArrayRef(reinterpret_cast<const uint8_t*>(of.data()), of.size()));
    ray = std::make_unique<run::RayCluster>(
        run::RayCluster::programOf(pool->placement.notes.at("ray"), c_.view().header.project),
        c_.run() + "/logs", llvm::toHex(mark, true));
    int64_t cpus = std::max<int64_t>(1, std::thread::hardware_concurrency());
    if (auto stated = pool->placement.notes.find("cpus"); stated != pool->placement.notes.end())
      (void)llvm::StringRef(stated->second).getAsInteger(10, cpus);
    std::string wrong =
        ray->open({{"localhost", cpus}}, nullptr, [this] { return c_.isStopAsked(); });
    if (!wrong.empty()) {
      ray = nullptr;
      return "there is no Ray cluster: " + wrong;
    }
  }
  address = ray->address();
  return {};
}

run::Started LocalHands::start(const run::Launch& launch) {
  run::Job job;
  std::string wrong =
      run::makeJob(*c_.view().engine, c_.run(), c_.view().header.project, launch, job);
  if (!wrong.empty()) return {wrong, {}, false};
  Work& work = works_[launch.instance];
  for (size_t n = 0; n < work.held.gpus.size(); ++n)
    job.gpus += fmt::format("{}{}", n == 0 ? "" : ",", work.held.gpus[n]);
  if (wrong = openRay(launch.instance, job.ray); !wrong.empty()) return {wrong, {}, false};
  job.spare = c_.spares().take();
  if (launch.attempt > 1)
    run::removeAll(run::workFolder(c_.run(), job.instance, launch.attempt - 1));
  work.attendant = attendants_.start(job);
  if (!work.attendant)
    return {fmt::format("no process could be made: {}", std::strerror(errno)), {}, false};
  busy_[*work.attendant] = launch.instance;
  return {};
}

bool LocalHands::adopt(const run::Launch& launch) {
  std::optional<run::Claim> claim = claimOf(launch.instance, launch.attempt);
  if (claim && run::lives(claim->wrapper) != 0) {
    works_[launch.instance] = {launch.attempt, machine_.adopt(launch), std::nullopt, true};
    ++adopted_;
    return true;
  }
  if (claim) run::endLeftovers(*claim);
  return false;
}

void LocalHands::forget(InstanceId instance) {
  auto work = works_.find(instance);
  if (work == works_.end()) return;
  machine_.give(work->second.held);
  if (work->second.attendant) busy_.erase(*work->second.attendant);
  adopted_ -= work->second.isAdopted ? 1 : 0;
  works_.erase(work);
}

void LocalHands::tell(InstanceId instance, run::AttemptSignals::Wish wish) {
  auto work = works_.find(instance);
  if (work == works_.end()) return;
  if (work->second.attendant) {
    attendants_.tell(*work->second.attendant, wish);
    return;
  }
  // Adopted ones listen to nobody: their bodies are ended, and their wrappers record it.
  std::optional<run::Claim> claim = claimOf(instance, work->second.attempt);
  bool isOurs =
      wish == run::AttemptSignals::Stop && claim && claim->body && run::lives(*claim->body) == 1;
  if (isOurs) ::kill(-claim->body->pid, SIGTERM);
}

void LocalHands::hear(const run::Done& done, run::News& news) {
  auto found = busy_.find(done.attendant);
  if (found == busy_.end()) return;
  InstanceId instance = found->second;
  Work& work = works_[instance];
  if (!done.isDead && !done.isConflict) {
    news.ends.push_back({instance, work.attempt, done.lines});
    return;
  }
  // Somebody else has claimed it, and is waited for if it lives; or the attendant was killed.
  busy_.erase(found);
  work.attendant.reset();
  work.isAdopted = true;
  ++adopted_;
  lookedAt_ = 0;
}

void LocalHands::lookAtAdopted(run::News& news) {
  int64_t now = run::nowMs();
  if (adopted_ == 0 || now - lookedAt_ < kLookMs) return;
  lookedAt_ = now;
  news.hasInbox = true;
  for (const auto& [instance, work] : works_) {
    if (!work.isAdopted) continue;
    std::optional<run::Claim> claim = claimOf(instance, work.attempt);
    if (claim && run::lives(claim->wrapper) != 0) continue;
    if (claim) run::endLeftovers(*claim);
    news.gone.push_back({instance, work.attempt, "its wrapper died", true, ir::Outcome::NodeLost});
  }
}

run::News LocalHands::wait(int64_t ms) {
  run::News news;
  if (adopted_ > 0) ms = std::min(ms, kLookMs);
  for (const run::Done& done : attendants_.wait(ms)) hear(done, news);
  lookAtAdopted(news);
  return news;
}

}  // namespace wfc::local
