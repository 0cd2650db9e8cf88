// The hands of the local loop: attendants (attendants.h) at work on what the machine (machine.h)
// has.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "runtime/control/attendants.h"
#include "runtime/control/controller.h"
#include "runtime/control/hands.h"
#include "runtime/control/machine.h"
#include "runtime/control/ray.h"

namespace wfc::local {

class LocalHands : public run::Hands {
 public:
  LocalHands(run::Controller& controller, int jobs);

  run::Fit take(const run::Launch& launch) override;
  std::string tooLarge(const run::Launch& launch) const override;
  run::Started start(const run::Launch& launch) override;
  bool adopt(const run::Launch& launch) override;
  void forget(run::InstanceId instance) override;
  void tell(run::InstanceId instance, run::AttemptSignals::Wish wish) override;
  run::News wait(int64_t ms) override;

 private:
  struct Work {
    uint32_t attempt = 0;
    run::Held held;
    std::optional<size_t> attendant;
    /// Some wrapper works on it that does not listen to us.
    bool isAdopted = false;
  };
  std::string idOf(run::InstanceId instance) const;
  std::optional<run::Claim> claimOf(run::InstanceId instance, uint32_t attempt) const;
  /// The address of the cluster that the pool of a family wants, which it opens where there is none
  /// yet. Empty, or why there is none.
  std::string openRay(run::InstanceId instance, std::string& address);
  void hear(const run::Done& done, run::News& news);
  void lookAtAdopted(run::News& news);

  run::Controller& c_;
  run::Attendants attendants_;
  run::Machine machine_;
  std::map<run::InstanceId, Work> works_;
  /// Who works on what.
  std::map<size_t, run::InstanceId> busy_;
  /// By pool. Of this machine alone, as it is the one node.
  std::map<std::string, std::unique_ptr<run::RayCluster>> rays_;
  size_t adopted_ = 0;
  int64_t lookedAt_ = 0;
};

}  // namespace wfc::local
