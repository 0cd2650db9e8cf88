// The run's copy of the document: markers, entities, and the programs of Rocoto run over it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "runtime/control/controller.h"
#include "targets/rocoto/document.h"

namespace wfc::rocoto {

/// Where Rocoto is: ROCOTO_HOME/bin, or by PATH.
std::string program(const std::string& name);

/// What stands in a run's folder for Rocoto to read.
class RunDocument {
 public:
  RunDocument(run::Controller& controller, const targets::rocoto::Outline& outline)
      : c_(controller), outline_(outline) {}

  /// Members that ask for the same grown or varying needs, and those needs.
  struct Group {
    uint32_t family = 0;
    run::Needs needs;
    std::set<run::InstanceId> members;
  };
  /// Those which may start now and whose needs the plain entities do not state.
  std::vector<Group> groups() const;

  /// Writes markers and entities: for everybody but those with other needs, or for one group.
  /// False: the disk refuses.
  bool write(const Group* only) const;

 private:
  bool writeMarkers(uint32_t family, const Group* only) const;
  bool writeEntities(const Group* only) const;
  bool hasOtherNeeds(run::InstanceId id) const;
  uint64_t throttle() const;
  run::Controller& c_;
  const targets::rocoto::Outline& outline_;
};

/// Resolves the accounts that the document names and keeps them with the run, because cron knows no
/// environment. Empty, or which cannot be.
std::string keepAccounts(const std::string& run, const ir::Module& module);

/// Whether an instance may start: ready, or handed over and not begun.
bool mayStart(const run::Instance& instance);
bool hasEndedWell(const run::Instance& instance);

/// The seconds that a variable of the environment says, at least one, or those given; in
/// milliseconds.
int64_t millisecondsOf(const char* variable, int64_t seconds);

/// One rocotorun over the run's document, its words in logs/rocotorun.log. Exit status; -1: it
/// could not be started; run::kTimedOut: it came to no end, and was ended. `said`: its words of
/// this time.
int rocotorun(const std::string& run, std::string& said);

/// Reopened after it had ended well: Rocoto would never submit it again.
bool isTakenBack(const run::Engine& engine, run::InstanceId id);
/// Lets Rocoto forget the successes that were taken back, by rocotorewind.
void takeBack(const run::Controller& controller, const targets::rocoto::Outline& outline);

/// Makes an empty file, and the folders above it. False: the disk refuses.
bool touch(const std::string& path);

/// A job that Rocoto knows, by rocotostat.
struct KnownJob {
  std::string cycle, task, job, state;
};
std::vector<KnownJob> knownJobs(const std::string& run);

}  // namespace wfc::rocoto
