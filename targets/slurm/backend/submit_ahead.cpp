// Killed at any point, the next call comes here again, computes the same plan, and finds by family,
// offset and indices which of its arrays stand already. Updates are said again; release is last, so
// nothing starts before all edges are there.
#include "targets/slurm/backend/submit_ahead.h"

#include <cstdio>

#include <fmt/format.h>

#include "targets/slurm/backend/ahead.h"

namespace wfc::slurm {

namespace {

using run::InstanceId;
using run::kNone;

class Sender {
 public:
  Sender(run::Controller& controller, Submitter& submitter)
      : controller_(controller),
        engine_(controller.engine()),
        submitter_(submitter),
        table_(submitter.table()) {}

  std::string work() {
    plan();
    if (ahead_.arrays.empty() && !needsSmallJobs()) return {};
    if (submitter_.facts().maySubmitFromCompute() && !hasLive(Entry::Sweep)) {
      Submitted sweep = submitter_.sweep(sweepSeconds(), true);
      if (sweep.refusal != Refusal::None) return giveUp("the sweep", sweep);
    }
    for (uint32_t a = 0; a < ahead_.arrays.size(); ++a) {
      std::string error = submitArray(a);
      if (!error.empty()) return error;
    }
    if (!hasLive(Entry::End)) {
      Submitted end = submitter_.end(behindAll(), sweepSeconds(), true);
      if (end.refusal == Refusal::Full)
        std::fprintf(stderr, "wfr: the end job waits for room in the queue\n");
      else if (end.refusal != Refusal::None)
        return giveUp("the end job", end);
    }
    if (std::string error = sayIndices(); !error.empty()) return error;
    return release();
  }

 private:
  void plan() {
    AheadLimits limits;
    limits.arraySize = submitter_.facts().arraySize();
    limits.jobs = submitter_.facts().workJobs();
    limits.jobOf = [this](InstanceId id) {
      return table_.owner(engine_.plan().module().families[id.family].name, id.iteration, true);
    };
    ahead_ = planAhead(engine_, limits);
    ids_.resize(ahead_.arrays.size());
  }

  /// Nothing to submit ahead, but instances are left: steps need somebody to take them.
  bool needsSmallJobs() const {
    run::Counts counts = engine_.counts();
    return counts.waiting + counts.ready + counts.delayed + counts.running > 0;
  }

  bool hasLive(Entry::Kind kind) const {
    for (const Entry& entry : table_.entries()) {
      if (entry.kind == kind && !entry.isGone && !table_.isGone(entry.id)) return true;
    }
    return false;
  }

  const Entry* standing(const AheadArray& array) const {
    const std::string& family = engine_.plan().module().families[array.family].name;
    for (size_t n = 0; n < table_.entries().size(); ++n) {
      const Entry& entry = table_.entries()[n];
      bool isSame = entry.kind == Entry::Work && entry.family == family &&
                    entry.offset == array.offset && entry.indices == array.indices;
      if (isSame && table_.isWaiting(n) && !table_.isGone(entry.id)) return &entry;
    }
    return nullptr;
  }

  std::string idOf(uint32_t array) const { return ids_[array]; }

  /// An edge points to an array that did not get into the queue: then this one cannot either, and
  /// steps will start both.
  bool isLost(const std::vector<Edge>& edges) const {
    for (const Edge& edge : edges) {
      if (edge.array != kNone && lost_.contains(edge.array)) return true;
    }
    return false;
  }

  bool isLostArray(uint32_t a) const {
    if (isLost(ahead_.arrays[a].edges)) return true;
    for (const AheadIndex& index : ahead_.indices) {
      if (index.array == a && isLost(index.edges)) return true;
    }
    return false;
  }

  std::string submitArray(uint32_t a) {
    const AheadArray& array = ahead_.arrays[a];
    const std::string& family = engine_.plan().module().families[array.family].name;
    if (!lost_.empty() && isLostArray(a)) return lost_.insert(a), "";
    if (const Entry* entry = standing(array)) return ids_[a] = entry->id, "";
    Work work{array.family,
              array.offset,
              array.indices,
              array.isSingle,
              true,
              array.limit,
              array.nice,
              0,
              {},
              {}};
    work.dependency = dependencyText(array.edges, [this](uint32_t n) { return idOf(n); });
    run::Needs needs = engine_.needsOf({array.family, array.offset + array.indices.front()}, 1);
    if (array.isVaried) work.stated = needs;
    Submitted submitted = submitter_.work(work, needs);
    if (submitted.refusal == Refusal::Full && submitter_.facts().maySubmitFromCompute()) {
      std::fprintf(stderr, "wfr: `%s` does not fit into the queue now (%s); steps will submit it\n",
                   family.c_str(), submitted.error.c_str());
      lost_.insert(a);
      return {};
    }
    if (submitted.refusal != Refusal::None) return giveUp(fmt::format("`{}`", family), submitted);
    ids_[a] = submitted.id;
    return {};
  }

  /// All that was submitted, and what lives from before.
  std::string behindAll() const {
    std::string jobs;
    for (const std::string& id : ids_) {
      if (!id.empty()) jobs += ":" + id;
    }
    return jobs.empty() ? "" : "afterany" + jobs;
  }

  std::string sayIndices() {
    std::vector<std::string> lines;
    for (const AheadIndex& index : ahead_.indices) {
      if (lost_.contains(index.array)) continue;
      std::string job = ids_[index.array];
      if (index.index != kNone) job += fmt::format("_{}", index.index);
      std::string edges = dependencyText(index.edges, [this](uint32_t n) { return idOf(n); });
      lines.push_back(
          fmt::format("update JobId={} {}", job, edges.empty() ? "Nice=0" : "Dependency=" + edges));
    }
    if (lines.empty()) return {};
    std::vector<std::string> complaints = submitter_.calls().control(lines);
    // A start that was cut off after its release: what has begun began with its edges said.
    std::erase_if(complaints, [](const std::string& reply) {
      return reply.find("already finished") != std::string::npos ||
             reply.find("no longer pending") != std::string::npos;
    });
    if (complaints.empty()) return {};
    return fmt::format("scontrol refused {} of {} dependencies: {}; all jobs are held, start again",
                       complaints.size(), lines.size(), complaints.front());
  }

  std::string release() {
    std::vector<std::string> words = {"release"};
    for (size_t n = 0; n < table_.entries().size(); ++n) {
      const Entry& entry = table_.entries()[n];
      if (table_.isWaiting(n) && !entry.id.empty()) words.push_back(entry.id);
    }
    if (words.size() == 1) return {};
    Reply reply = submitter_.calls().scontrol(words);
    // Of an array with ended tasks it complains, having released the rest.
    bool isDone = reply.isGood() || reply.err.find("already finished") != std::string::npos;
    if (!isDone)
      return "the jobs are submitted and held, but could not be released: " + reply.complaint();
    table_.released();
    return {};
  }

  /// What was submitted stays held. Only where SLURM will never take a job is the rest taken back.
  std::string giveUp(const std::string& what, const Submitted& submitted) {
    if (submitted.refusal == Refusal::Down)
      return fmt::format("SLURM does not answer: {}; start again when it does", submitted.error);
    if (submitted.refusal == Refusal::Full)
      return fmt::format(
          "{} does not fit into the queue: {}; what is submitted is held, start again later", what,
          submitted.error);
    std::vector<std::string> jobs;
    for (size_t n = 0; n < table_.entries().size(); ++n) {
      if (table_.isWaiting(n) && !table_.entries()[n].id.empty())
        jobs.push_back(table_.entries()[n].id);
    }
    if (!jobs.empty() && submitter_.calls().cancel(jobs).isGood()) {
      for (size_t n = 0; n < table_.entries().size(); ++n) {
        if (table_.isWaiting(n)) table_.answered(n, "");
      }
    }
    return fmt::format("SLURM refused {}: {}; nothing was started", what, submitted.error);
  }

  run::Controller& controller_;
  run::Engine& engine_;
  Submitter& submitter_;
  Table& table_;
  Ahead ahead_;
  std::vector<std::string> ids_;
  std::set<uint32_t> lost_;
};

}  // namespace

std::string submitAhead(run::Controller& controller, Submitter& submitter) {
  return Sender(controller, submitter).work();
}

}  // namespace wfc::slurm
