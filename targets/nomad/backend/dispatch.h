// The coordinator's hands: an attempt is a dispatch of its family's job. What hands are told lies
// in the run's folder (attempt.h), and so does what is heard: ends come by the inbox. Nomad is
// asked, every few seconds, only for what lives no more without having left an end.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "runtime/control/controller.h"
#include "runtime/control/hands.h"
#include "targets/nomad/backend/jobs.h"

namespace wfc::nomad {

class Dispatch final : public run::Hands {
 public:
  /// `jobs` > 0: no more attempts at once than that.
  Dispatch(const run::Controller& controller, const Jobs& jobs, int most);

  run::Fit take(const run::Launch& launch) override;
  std::string tooLarge(const run::Launch& launch) const override;
  run::Started start(const run::Launch& launch) override;
  bool adopt(const run::Launch& launch) override;
  void forget(run::InstanceId instance) override;
  void tell(run::InstanceId instance, run::AttemptSignals::Wish wish) override;
  run::News wait(int64_t ms) override;

 private:
  struct Work {
    run::Launch launch;
    std::string name;   ///< of the instance
    std::string child;  ///< the dispatched job; empty: not dispatched yet
    std::string hash;
    run::AttemptSignals::Wish wish = run::AttemptSignals::GoOn;
    int missed = 0;  ///< so many lists in a row had no such job
    int queued = 0;  ///< in so many it had no place
  };
  const run::Engine& engine() const { return *c_.view().engine; }
  void hold(const run::Launch& launch, int64_t sign);
  std::string prepare(Work& work) const;
  Answer ensureRegistered(const run::Launch& launch, const std::string& id);
  Answer dispatch(Work& work);
  void tryDispatch(Work& work);
  void retryDispatches(run::News& news);
  void look(run::News& news);
  void tellQueued(const Work& work);
  bool isTooSoon();
  void resolve(const Work& work, run::News& news) const;

  const run::Controller& c_;
  const Jobs& jobs_;
  Api api_;
  size_t most_;
  std::map<run::InstanceId, Work> works_;
  std::set<std::string> registered_;
  std::map<std::string, int64_t> licences_;
  int64_t lostAfterMs_ = 0, lookedAt_ = 0, retriedAt_ = 0, refusedSince_ = 0;
  size_t batch_ = 0;
  /// The site's rate: so many dispatches in so many ms; 0: none.
  size_t rate_ = 0;
  int64_t perMs_ = 0;
  std::deque<int64_t> recent_;
  std::map<uint32_t, std::string> told_;  ///< by family: why one of it waits
  std::string refusal_;                   ///< the last one told
};

}  // namespace wfc::nomad
