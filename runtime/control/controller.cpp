// The holder of a run. Order is everything here: what an attempt left is on the disk before the
// journal says so; the journal is on the disk before the inbox is emptied; and what the engine
// decided is in the journal before anybody acts on it.
#include "runtime/control/controller.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "runtime/attempt/outputs.h"
#include "runtime/control/adopt.h"
#include "runtime/control/outside.h"

namespace wfc::run {

std::unique_ptr<Controller> Controller::open(const std::string& run, const ControlOptions& options,
                                             std::string& error, int& exit) {
  std::unique_ptr<Controller> controller(new Controller());
  Lease::Holder holder;
  errno = 0;
  controller->lease_ = Lease::take(run, options.leaseMs, options.job, holder, options.isGone);
  controller->leaseMs_ = options.leaseMs;
  controller->renewedAt_ = nowMs();
  controller->spares_ = std::make_unique<Spares>(run);
  if (!controller->lease_) {
    bool isHeld = holder.name.pid != 0;
    exit = isHeld ? abi::Refused : abi::LostControl;
    error = isHeld ? fmt::format("{} is held by process {} on {}", run, holder.name.pid,
                                 holder.name.host)
                   : fmt::format("cannot write in {}: {}", run, std::strerror(errno));
    return nullptr;
  }
  if (isHalfAdopted(run)) finishAdoption(run);
  controller->view_ = RunView::read(run, error);
  if (!controller->view_) {
    exit = abi::WrongUse;
    return nullptr;
  }
  controller->journal_ = Journal::open(run);
  if (!controller->journal_) {
    exit = abi::LostControl;
    error = fmt::format("cannot write the ledger of {}: {}", run, std::strerror(errno));
    return nullptr;
  }
  // What it writes itself is read from where it writes: another node may fold the rest meanwhile.
  controller->ownFirst_ = controller->view_->history.end();
  auto lines = [own = controller.get()](uint64_t place) {
    return place < own->ownFirst_ ? own->view_->history.lineAt(place)
                                  : own->journal_->lineAt(place - own->ownFirst_);
  };
  controller->engine().setLines(lines);
  std::string own = ownName().text();
  if (!options.isVisit) {
    Record record;
    record.kind = Record::Run;
    record.time = nowMs();
    record.text = controller->view_->header.artifact;
    record.job = own;
    controller->take(record);
  }
  // Ends that were folded while reading are still to be journalled.
  controller->ingest();
  return controller;
}

Controller::~Controller() {
  finishBehind();
  if (journal_ && !isLost_) commit();
}

void Controller::take(const Record& record) {
  if (takeOne(record) && !early_.empty()) takeEarly();
}

bool Controller::takeOne(const Record& record) {
  Record plain = record;
  plain.place = ownFirst_ + journal_->next();
  if (!engine().apply(plain).empty()) return false;
  journal_->add(plain);
  if (record.kind == Record::End && record.outcome == ir::Outcome::Ok)
    finished_.push_back(fmt::format("{}.{}", record.instance.str(), record.attempt));
  return true;
}

bool Controller::takeFile(const InboxFile& file) {
  llvm::BumpPtrAllocator memory;
  llvm::StringSaver saver(memory);
  Record record;
  bool areKnown = true;
  for (const std::string& line : file.lines)
    if (decode(line, record, saver)) areKnown &= takeOne(record);
  if (areKnown) removable_.push_back(file.path);
  return areKnown;
}

void Controller::takeEarly() {
  // What one of them tells may make another known.
  for (bool isNews = true; isNews;)
    isNews = std::erase_if(early_, [&](const InboxFile& file) { return takeFile(file); }) > 0;
}

size_t Controller::ingest() {
  std::vector<InboxFile> files = readInbox(run());
  size_t count = 0;
  for (InboxFile& file : files) {
    // Taken in already, and not yet removed; or kept until it is known.
    auto isEarly = [&](const InboxFile& early) { return early.path == file.path; };
    if (std::find(removable_.begin(), removable_.end(), file.path) != removable_.end() ||
        std::any_of(early_.begin(), early_.end(), isEarly))
      continue;
    ++count;
    if (!takeFile(file)) early_.push_back(std::move(file));
  }
  takeEarly();
  return count;
}

Decisions Controller::advance(int64_t now) {
  while (true) {
    Decisions decisions = engine().settle(now);
    for (const Record& record : decisions.records) journal_->add(record);
    if (decisions.hasAsked && reopen(decisions, now)) continue;
    bool hasMore =
        !decisions.reads.empty() || !decisions.publishes.empty() || !decisions.removals.empty();
    // A publish that cannot be made is reported once and not tried for ever.
    size_t before = decisions.publishes.size();
    carryOut(decisions, now);
    if (isLost_) return decisions;
    if (!hasMore || (before > 0 && decisions.publishes.size() == before &&
                     decisions.reads.empty() && decisions.removals.empty())) {
      withdraw();
      return decisions;
    }
  }
}

void Controller::carryOut(Decisions& decisions, int64_t now) {
  for (const ReadFiles& read : decisions.reads) {
    std::vector<std::string> paths = globFiles(view_->header.project, read.pattern);
    Record record;
    record.kind = Record::Set;
    record.time = now;
    record.number = read.space.index();
    for (const std::string& path : paths) record.members.push_back(path);
    take(record);
  }
  // Links and removals are only for what is acknowledged.
  bool isFinal = !decisions.publishes.empty() || !decisions.removals.empty();
  if (isLost_ || (isFinal && !commit())) return;
  moveLinks(decisions, now);
  const ir::Module& module = engine().plan().module();
  for (InstanceId id : decisions.removals) {
    const ir::Family& family = module.families[id.family];
    for (uint32_t n = 0; n < module[family.task].outputs.size(); ++n) {
      if (module[family.task].outputs[n].small) continue;
      std::string path = engine().pathOf(id, n);
      if (onRemove && family.disk == ir::Family::OnNode) onRemove(id, path);
      removeAll(path.starts_with("/") ? path : run() + "/" + path);
    }
    Record record;
    record.kind = Record::Removed;
    record.time = now;
    std::string name = engine().idOf(id);
    record.instance = name;
    take(record);
  }
  decisions.removals.clear();
}

void Controller::moveLinks(Decisions& decisions, int64_t now) {
  const ir::Module& module = engine().plan().module();
  std::vector<MoveLink> failed;
  for (const MoveLink& move : decisions.publishes) {
    std::string root = module.publishRoot.empty() ? fmt::format("{}/{}", run(), abi::kPublishedDir)
                                                  : module.publishRoot;
    std::string wrong = moveLink(root, run(), move);
    if (!wrong.empty()) {
      fmt::print(stderr, "wfr: {}\n", wrong);
      failed.push_back(move);
      continue;
    }
    Record record;
    record.kind = Record::Publish;
    record.time = now;
    record.number = move.publish;
    std::string producer = move.targets.empty() ? "" : engine().idOf(move.producer);
    record.instance = producer;
    std::string iteration = std::to_string(move.iteration);
    record.job = iteration;
    record.text = move.link;
    for (const std::string& target : move.targets) record.members.push_back(target);
    take(record);
  }
  decisions.publishes = std::move(failed);
}

std::vector<Launch> Controller::choose(int64_t now, const std::function<Fit(const Launch&)>& take) {
  return engine().choose(now, take);
}

void Controller::noteSubmit(const Launch& launch, llvm::StringRef job, int64_t now) {
  Record record;
  record.kind = Record::Submit;
  record.time = now;
  std::string id = engine().idOf(launch.instance);
  record.instance = id;
  record.attempt = launch.attempt;
  record.job = job;
  take(record);
}

void Controller::noteStart(const Launch& launch, llvm::StringRef job, llvm::StringRef node,
                           int64_t now) {
  Record record;
  record.kind = Record::Start;
  record.time = now;
  std::string id = engine().idOf(launch.instance);
  record.instance = id;
  record.attempt = launch.attempt;
  record.job = job;
  record.node = node;
  take(record);
}

bool Controller::hasUncommitted() const { return journal_->isDirty() || !removable_.empty(); }

void Controller::cleanUp(const std::vector<std::string>& inbox,
                         const std::vector<std::string>& finished) {
  for (const std::string& path : inbox) ::unlink(path.c_str());
  for (const std::string& name : finished) {
    size_t dot = name.rfind('.');
    std::string work = workFolder(run(), llvm::StringRef(name).take_front(dot),
                                  static_cast<uint32_t>(std::stoul(name.substr(dot + 1))));
    spares_->put(work);
  }
}

bool Controller::finishBehind() {
  if (behind_.joinable()) behind_.join();
  errno = behindError_;
  return behindError_ == 0;
}

bool Controller::commit(bool withOutputs) {
  // Once refused, what was to follow is not known any more: only reading it all again helps.
  if (!isLost_ && (!finishBehind() || !journal_->sync(withOutputs))) {
    isLost_ = true;
    lostError_ = errno;
  }
  if (isLost_) {
    errno = lostError_;
    return false;
  }
  cleanUp(std::exchange(removable_, {}), std::exchange(finished_, {}));
  return true;
}

bool Controller::commitBehind() {
  if (isCommitting()) return true;
  if (!finishBehind()) return false;
  isBehindDone_ = false;
  journal_->setAside();
  behind_ = std::thread(
      [this, inbox = std::exchange(removable_, {}), finished = std::exchange(finished_, {})] {
        errno = 0;
        if (!journal_->writeBehind(true))
          behindError_ = errno == 0 ? EIO : errno;
        else
          cleanUp(inbox, finished);
        isBehindDone_ = true;
      });
  return true;
}

bool Controller::isStopAsked() const {
  return ::access(fmt::format("{}/{}", run(), abi::kStopFile).c_str(), F_OK) == 0;
}

bool Controller::renew(int64_t now) {
  if (now - renewedAt_ < leaseMs_ / 3) return true;
  renewedAt_ = now;
  return lease_->renew(leaseMs_);
}

std::vector<std::pair<InstanceId, uint32_t>> Controller::running() const {
  std::vector<std::pair<InstanceId, uint32_t>> found;
  view_->engine->forEach([&](InstanceId id) {
    if (view_->engine->state().at(id).phase != Phase::Running) return;
    if (view_->plan->module().families[id.family].role != ir::Family::Work) return;
    std::vector<Attempt> attempts = view_->engine->attemptsOf(id);
    if (!attempts.empty() && !attempts.back().hasEnded) found.push_back({id, attempts.back().n});
  });
  return found;
}

void Controller::close(int64_t now) {
  Record record;
  record.kind = Record::Close;
  record.time = now;
  record.outcome = engine().exitStatus() == abi::Good ? ir::Outcome::Ok : ir::Outcome::Failed;
  take(record);
  // Nobody has become who they are of.
  for (const InboxFile& file : early_) removable_.push_back(file.path);
  early_.clear();
}

}  // namespace wfc::run
