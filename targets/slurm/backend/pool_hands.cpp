// See pool_hands.h.
#include "targets/slurm/backend/pool_hands.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <poll.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/Support/Base64.h>

#include "compiler/ir/planned.h"

#include "runtime/attempt/script_job.h"
#include "targets/slurm/backend/files.h"
#include "targets/slurm/backend/reconcile.h"
#include "targets/slurm/backend/step.h"

namespace wfc::slurm {

namespace {

using run::Fit;
using run::InstanceId;
using run::Launch;
using run::Phase;

constexpr int64_t kPassMs = 2000;
/// Between two looks at the queue.
constexpr int64_t kAskMs = 60000;
/// Nodes that nobody works on are given back after so long, unless the site says otherwise; the
/// pool opens again when there is work.
constexpr int64_t kIdleMs = 600000;
/// An allocation begins for so long.
constexpr int64_t kBeginMs = 60000;
/// A worker is given so long to let its attempts end.
constexpr int64_t kCloseMs = 20000;

}  // namespace

bool hasPoolEnded(const run::Engine& engine, llvm::StringRef pool) {
  const ir::Module& module = engine.plan().module();
  for (uint32_t f = 0; f < module.families.size(); ++f) {
    const ir::Family& family = module.families[f];
    if (family.pool != pool) continue;
    for (ir::LoopId loop : family.loops) {
      for (const run::Brood& brood : engine.state().loops[loop.index()].broods)
        if (brood.state == run::Brood::Unread || brood.state == run::Brood::Open) return false;
    }
    for (const run::Instance& instance : engine.state().families[f].instances)
      if (instance.phase != Phase::Ended && instance.phase != Phase::Absent) return false;
  }
  return true;
}

PoolHands::PoolHands(run::Controller& controller, Submitter& submitter, std::string pool,
                     int64_t endAt, bool (*isTold)())
    : c_(controller),
      submitter_(submitter),
      pool_(std::move(pool)),
      openedAt_(run::nowMs()),
      endAt_(endAt),
      isTold_(isTold),
      idleMs_(ir::factNumber(controller.view().plan->module(), "pool_idle_ms", kIdleMs)),
      busyAt_(run::nowMs()) {}

PoolHands::~PoolHands() {
  c_.onRemove = nullptr;
  for (PoolNode& node : nodes_) node.close();
  for (PoolNode& node : nodes_) node.await(kCloseMs);
}

std::string PoolHands::open() {
  nodes_ = nodesOfOwnJob();
  if (nodes_.empty()) return "this is no job that has nodes for a pool";
  c_.onRemove = [this](InstanceId made, const std::string& path) {
    std::vector<run::Attempt> attempts = c_.engine().attemptsOf(made);
    if (!attempts.empty()) remove(c_.engine().detailsOf(attempts.back()).node, path);
  };
  if (std::string wrong = openRay(); !wrong.empty()) return wrong;
  std::vector<std::string> words = {nodeFolderOf(c_.view())};
  if (nodes_.size() > 1)
    words.push_back(ir::fact(c_.view().plan->module(), "local_disk.scatter_rate"));
  for (PoolNode& node : nodes_) {
    if (!node.open(c_.run(), words))
      return fmt::format("no worker could be started: {}", std::strerror(errno));
  }
  return {};
}

std::string PoolHands::openRay() {
  const ir::Pool* pool = ir::poolNamed(c_.engine().plan().module(), pool_);
  if (pool == nullptr || !pool->placement.notes.contains("ray")) return {};
  std::string program =
      run::RayCluster::programOf(pool->placement.notes.at("ray"), c_.view().header.project);
  std::vector<run::RayNode> nodes;
  for (const PoolNode& node : nodes_) nodes.push_back({node.name(), node.cpus()});
  ray_ = std::make_unique<run::RayCluster>(program, c_.run() + "/logs", ownJob());
  auto on = [](const run::RayNode& node) { return onNode(node.name, node.cpus, "ray"); };
  std::string wrong = ray_->open(nodes, on, [this] { return isTold_(); });
  if (!wrong.empty()) return "there is no Ray cluster: " + wrong;
  std::printf("wfr: a Ray cluster of %zu nodes, at %s\n", nodes.size(), ray_->address().c_str());
  return {};
}

bool PoolHands::isOfPool(InstanceId instance) const {
  return c_.engine().plan().module().families[instance.family].pool == pool_;
}

Fit PoolHands::take(const Launch& launch) {
  if (!isOfPool(launch.instance)) return Fit::TooLarge;
  if (end_) return Fit::Full;
  if (isTooLateFor(launch.needs.timeMs)) {
    isTooLate_ = true;
    return Fit::TooLarge;
  }
  bool isFull = true;
  // Round, so that all nodes get their share.
  for (size_t n = 0; n < nodes_.size(); ++n) {
    size_t at = (next_ + n) % nodes_.size();
    PoolNode& node = nodes_[at];
    if (!node.machine || !node.isOpen() || node.isEnding) continue;
    if (!launch.node.empty() && node.name() != launch.node) continue;
    run::Held held;
    Fit fit = node.machine->take(launch, held);
    isFull &= fit == Fit::Full;
    if (fit != Fit::Taken) continue;
    works_[launch.instance] = {launch.attempt, at, held};
    next_ = at + 1;
    return Fit::Taken;
  }
  if (!launch.node.empty()) return Fit::NodeFull;
  // It would wait for ever, in this allocation and in every other.
  if (std::string why = beyondAll(launch); !why.empty()) {
    works_[launch.instance] = {launch.attempt, nodes_.size(), {}, why};
    return Fit::Taken;
  }
  return isFull ? Fit::Full : Fit::TooLarge;
}

bool PoolHands::isTooLateFor(int64_t timeMs) const {
  int64_t now = run::nowMs();
  // What needs all of an allocation never has all of it: it begins with one.
  bool isWhole = timeMs > endAt_ - openedAt_ && now - openedAt_ < kBeginMs;
  return endAt_ - now < timeMs && !isWhole;
}

/// Why no node can ever hold it; empty: one can.
std::string PoolHands::beyondAll(const Launch& launch) const {
  std::string why;
  for (const PoolNode& node : nodes_) {
    // One that has not said what it has may have room.
    if (node.isOpen() && !node.machine) return {};
    if (!node.isOpen()) continue;
    why = node.machine->tooLarge(launch);
    if (why.empty()) return {};
  }
  return why.empty() ? why : why + " (a node of its pool)";
}

bool PoolHands::isThere(const run::Details& made) const {
  return made.job == ownJob() &&
         std::any_of(nodes_.begin(), nodes_.end(), [&](const PoolNode& node) {
           return node.name() == made.node && node.isOpen();
         });
}

/// An output on the disk of a node, whose last reader has ended.
void PoolHands::remove(const std::string& node, const std::string& path) {
  for (PoolNode& each : nodes_)
    if (each.name() == node && each.isOpen())
      each.send(fmt::format("remove - {}", llvm::encodeBase64(path)));
}

void PoolHands::nameSources(run::Job& job, Work& work) {
  for (run::JobCopy& copy : job.copies) {
    if (nodes_[work.node].peer.empty()) continue;
    copy.isGivenOn = true;
    if (copy.isPacked) work.archives.push_back(copy.whole(copy.to));
    for (size_t above : tree_.above(copy.to, work.node))
      if (nodes_[above].isOpen() && !nodes_[above].peer.empty())
        copy.peers.push_back({nodes_[above].name(), nodes_[above].peer});
  }
}

/// An archive is of no use once every node has unpacked it.
void PoolHands::noteArrived(const Work& work) {
  std::vector<size_t> open;
  for (size_t n = 0; n < nodes_.size(); ++n)
    if (nodes_[n].isOpen()) open.push_back(n);
  for (const std::string& archive : work.archives) {
    if (!tree_.hasArrived(archive, work.node, open)) continue;
    for (size_t n : open) remove(nodes_[n].name(), archive);
  }
}

std::string PoolHands::startOn(const Launch& launch, Work& work) {
  run::Job job;
  const run::Engine& engine = c_.engine();
  std::string wrong = run::makeJob(engine, c_.run(), c_.view().header.project, launch, job);
  const ir::Family& family = engine.plan().module().families[launch.instance.family];
  if (wrong.empty())
    wrong = run::useScript(engine, launch, {"bash", scriptOf(c_.run(), family.name)}, job);
  if (!wrong.empty()) return wrong;
  for (size_t n = 0; n < work.held.gpus.size(); ++n)
    job.gpus += fmt::format("{}{}", n == 0 ? "" : ",", work.held.gpus[n]);
  if (ray_) job.ray = ray_->address();
  nameSources(job, work);
  work.ticket = std::to_string(++tickets_);
  byTicket_[work.ticket] = launch.instance;
  // A broken line is heard of at the next wait.
  nodes_[work.node].send(fmt::format("run {} {}", work.ticket, llvm::encodeBase64(run::pack(job))));
  return {};
}

run::Started PoolHands::start(const Launch& launch) {
  Work& work = works_[launch.instance];
  return {work.wrong.empty() ? startOn(launch, work) : work.wrong, ownJob(), false};
}

/// Workers end with their controller, so nothing that ran in the pool lives.
bool PoolHands::adopt(const Launch& launch) { return !isOfPool(launch.instance); }

void PoolHands::forget(InstanceId instance) {
  auto work = works_.find(instance);
  if (work == works_.end()) return;
  std::string name = c_.engine().idOf(instance);
  ::unlink((run::workFolder(c_.run(), name, work->second.attempt) + ".vars").c_str());
  bool isHeld = work->second.node < nodes_.size() && nodes_[work->second.node].machine;
  if (isHeld) nodes_[work->second.node].machine->give(work->second.held);
  byTicket_.erase(work->second.ticket);
  works_.erase(work);
  busyAt_ = run::nowMs();
}

void PoolHands::tell(InstanceId instance, run::AttemptSignals::Wish wish) {
  auto work = works_.find(instance);
  if (work == works_.end() || work->second.node >= nodes_.size()) return;
  nodes_[work->second.node].send(
      fmt::format("tell {} {}", work->second.ticket, static_cast<int>(wish)));
}

std::optional<bool> PoolHands::isDone() {
  if (!works_.empty()) return false;
  bool hasNodes =
      std::any_of(nodes_.begin(), nodes_.end(), [](const PoolNode& node) { return node.isOpen(); });
  bool isAtRest =
      hasPoolEnded(c_.engine(), pool_) || c_.isStopAsked() || run::nowMs() - busyAt_ > idleMs_;
  if (isAtRest)
    end_ = AllocationEnd();
  else if (!end_ && isTooLate_)
    end_ = {ir::Outcome::TimedOut, false, "what is left needs more time than it had left"};
  else if (!end_ && !hasNodes)
    end_ = {ir::Outcome::NodeLost, false, "its nodes were lost"};
  return end_.has_value();
}

void PoolHands::greet(PoolNode& node, llvm::StringRef words) {
  int64_t memory = 0, gpus = 0;
  (void)words.consumeInteger(10, memory);
  words.consume_front(" ");
  (void)words.consumeInteger(10, gpus);
  node.peer = words.trim().str();
  node.machine.emplace(node.cpus(), memory, gpus);
}

void PoolHands::hear(size_t n, llvm::StringRef line, run::News& news) {
  PoolNode& node = nodes_[n];
  auto [verb, rest] = line.split(' ');
  auto [ticket, argument] = rest.split(' ');
  if (verb == "hello") return greet(node, rest);
  if (verb == "told") node.isEnding = true;
  auto found = byTicket_.find(ticket.str());
  if (found == byTicket_.end()) return;
  InstanceId instance = found->second;
  uint32_t attempt = works_[instance].attempt;
  std::vector<char> bytes;
  if (verb == "end" && !llvm::errorToBool(llvm::decodeBase64(argument, bytes))) {
    noteArrived(works_[instance]);
    news.ends.push_back({instance, attempt, std::string(bytes.begin(), bytes.end())});
  } else {
    news.gone.push_back({instance, attempt, "its wrapper died", true, ir::Outcome::NodeLost});
  }
}

/// The line to a worker broke: its node is lost, with all that ran there.
void PoolHands::lose(size_t n, run::News& news) {
  std::string why = fmt::format("the node {} of its pool was lost", nodes_[n].name());
  bool isTold = end_ || nodes_[n].isEnding;
  std::printf("wfr: the line to the worker on %s broke\n", nodes_[n].name().c_str());
  for (const auto& [instance, work] : works_) {
    if (work.node == n)
      news.gone.push_back({instance, work.attempt, why, isTold, ir::Outcome::NodeLost});
  }
  nodes_[n].close();
  nodes_[n].await(0);
}

/// What any step does: ends of other jobs in, what follows from them out.
void PoolHands::passOver() {
  int64_t now = run::nowMs();
  bool isDue = now - passedAt_ >= kPassMs;
  if (!isDue || c_.isStopAsked()) return;
  passedAt_ = now;
  if (!c_.reopenLost([this](const run::Details& made) { return isThere(made); }, now)) return;
  if (now - askedAt_ >= kAskMs) {
    askedAt_ = now;
    reconcile(c_, submitter_);
  }
  StepResult result;
  std::string error = advanceOnce(c_, submitter_, StepKind::Body, result);
  if (!error.empty()) std::printf("wfr: %s\n", error.c_str());
}

run::News PoolHands::wait(int64_t ms) {
  std::vector<pollfd> polls;
  std::vector<size_t> which;
  for (size_t n = 0; n < nodes_.size(); ++n) {
    if (!nodes_[n].isOpen()) continue;
    polls.push_back({nodes_[n].descriptor(), POLLIN, 0});
    which.push_back(n);
  }
  run::News news;
  isTooLate_ = false;
  if (!end_ && isTold_()) {
    Cause cause = own_.cause(c_.run());
    end_ = {cause.outcome, cause.uncounted, cause.why.str()};
  }
  if (!end_ && ray_ && ray_->isLost())
    end_ = {ir::Outcome::Failed, false, "the head of its Ray cluster has ended"};
  if (end_) ms = std::min<int64_t>(ms, 100);
  ::poll(polls.data(), polls.size(), static_cast<int>(std::min(ms, kPassMs)));
  for (size_t n = 0; n < polls.size(); ++n) {
    if (polls[n].revents == 0) continue;
    auto hearLine = [&](llvm::StringRef line) { hear(which[n], line, news); };
    if (!nodes_[which[n]].receive(hearLine)) lose(which[n], news);
  }
  passOver();
  news.hasInbox = true;
  return news;
}

}  // namespace wfc::slurm
