// One pass over a run under its lease: take in what jobs left, bury what died without a word,
// decide, write down for Rocoto what may start, and run rocotorun.
#pragma once

#include <string>

#include "runtime/backend.h"
#include "runtime/control/controller.h"
#include "targets/rocoto/outline.h"

namespace wfc::rocoto {

class Pass {
 public:
  explicit Pass(run::Controller& controller)
      : c_(controller), outline_(targets::rocoto::outlineOf(*controller.view().plan)) {}

  /// What a pass came to.
  enum class Went {
    On,       ///< more is to come
    Over,     ///< the run is; `exit` is its status
    Stopped,  ///< a person wants it, and nothing runs any more
    Lost,     ///< the disk, or Rocoto; `exit` says so
  };
  Went once();

  int exit() const { return exit_; }
  /// The next instant at which something may be decided without news (ms); 0: none.
  int64_t next() const { return next_; }
  /// A person asked to stop; what runs has been told.
  bool isStopping() const { return isStopping_; }
  /// Something has come that a pass could take in.
  bool hasNews() const;

 private:
  /// Behind Rocoto.
  const run::Scheduler* scheduler() const;
  void buryDead();
  bool decide();
  void choose();
  Went runRocoto();
  bool callRocotorun();
  std::string whyFailed(int status) const;
  void takeOutOfCron() const;
  Went lost(const std::string& why);
  Went stopping();

  run::Controller& c_;
  targets::rocoto::Outline outline_;
  run::Decisions decisions_;
  int64_t next_ = 0;
  int exit_ = 0;
  unsigned failures_ = 0, idle_ = 0;
  bool isStopping_ = false;
  std::string said_;
};

void say(const std::string& line);

}  // namespace wfc::rocoto
