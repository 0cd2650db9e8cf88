// Whether an attempt that the ledger knows to be at work still lives, and what it counts for where
// it left no word: by its wrapper's process where that is on this host, by the scheduler's word
// else.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "runtime/attempt/run.h"
#include "runtime/backend.h"
#include "runtime/control/controller.h"

namespace wfc::run {

class Watcher {
 public:
  Watcher(std::string run, const Scheduler* scheduler)
      : run_(std::move(run)), scheduler_(scheduler) {}
  /// The record of its end if the attempt is dead; nullopt: it lives, or nobody knows.
  std::optional<Record> endOf(const Engine& engine, InstanceId id, uint32_t attempt);

 private:
  JobWord wordOn(const std::string& job, const std::optional<Claim>& claim);
  bool isQueued(const std::string& job);
  std::string run_;
  const Scheduler* scheduler_;
  /// Jobs of the run that are not over, asked for once.
  std::optional<std::set<std::string>> jobs_;
  std::string name_, why_;  ///< the texts of the record handed out last
};

}  // namespace wfc::run
