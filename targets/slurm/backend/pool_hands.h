// The hands of a pool's controller: what runs in the pool goes to the workers on its nodes; what
// does not is left to passes over the ledger, as every step makes them, taken here again and again.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/control/controller.h"
#include "runtime/control/copy_tree.h"
#include "runtime/control/hands.h"
#include "runtime/control/ray.h"
#include "targets/slurm/backend/pool_node.h"
#include "targets/slurm/backend/submit.h"
#include "targets/slurm/backend/told.h"

namespace wfc::slurm {

class PoolHands : public run::Hands {
 public:
  /// `endAt`: when SLURM ends the job (ms); INT64_MAX: unknown. `isTold`: the scheduler, or a
  /// person, ends it now.
  PoolHands(run::Controller& controller, Submitter& submitter, std::string pool, int64_t endAt,
            bool (*isTold)());
  ~PoolHands() override;

  /// Empty, or why there are no workers.
  std::string open();
  /// How the allocation ended, once the loop is over.
  AllocationEnd end() const { return end_.value_or(AllocationEnd()); }

  run::Fit take(const run::Launch& launch) override;
  run::Started start(const run::Launch& launch) override;
  bool adopt(const run::Launch& launch) override;
  void forget(run::InstanceId instance) override;
  void tell(run::InstanceId instance, run::AttemptSignals::Wish wish) override;
  std::optional<bool> isDone() override;
  run::News wait(int64_t ms) override;

 private:
  struct Work {
    uint32_t attempt = 0;
    size_t node = 0;
    run::Held held;
    std::string wrong = {};  ///< why it cannot start on any node, and fails
    std::string ticket = {};
    std::vector<std::string> archives = {};  ///< of copies that it brings to its node
  };
  std::string beyondAll(const run::Launch& launch) const;
  /// The cluster that the flow wants, if it does: empty, or why there is none.
  std::string openRay();
  bool isOfPool(run::InstanceId instance) const;
  /// SLURM would end the allocation before it has had its time.
  bool isTooLateFor(int64_t timeMs) const;
  std::string startOn(const run::Launch& launch, Work& work);
  void greet(PoolNode& node, llvm::StringRef words);
  void hear(size_t node, llvm::StringRef line, run::News& news);
  void lose(size_t node, run::News& news);
  void passOver();
  /// Of what is scattered, which nodes the one that it runs on may ask.
  void nameSources(run::Job& job, Work& work);
  void noteArrived(const Work& work);
  /// What an attempt left on the disk of its node.
  bool isThere(const run::Details& made) const;
  void remove(const std::string& node, const std::string& path);

  run::Controller& c_;
  Submitter& submitter_;
  std::string pool_;
  const int64_t openedAt_, endAt_;
  bool (*isTold_)();
  const int64_t idleMs_;
  int64_t busyAt_ = 0, passedAt_ = 0, askedAt_ = 0;
  /// Tasks end before it does: it is declared first.
  std::unique_ptr<run::RayCluster> ray_;
  std::vector<PoolNode> nodes_;
  run::CopyTree tree_;
  std::map<run::InstanceId, Work> works_;
  std::map<std::string, run::InstanceId> byTicket_;
  uint64_t tickets_ = 0;
  size_t next_ = 0;
  OwnEnd own_;
  /// Nothing more is begun, and what runs is waited for.
  std::optional<AllocationEnd> end_;
  /// Something ready needs more time than the job has left.
  bool isTooLate_ = false;
};

/// Whether every instance that runs in the pool has ended, and no more can come.
bool hasPoolEnded(const run::Engine& engine, llvm::StringRef pool);

}  // namespace wfc::slurm
