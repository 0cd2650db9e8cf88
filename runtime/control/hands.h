// Who runs the attempts of a living loop (loop.h): children on this machine, or jobs of a scheduler
// that knows no graph. Hands start what they are given, hear how it ends, and pass on wishes; they
// decide nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/attempt/run.h"
#include "runtime/engine/engine.h"

namespace wfc::run {

/// An attempt that was given to hands.
struct Started {
  std::string wrong;      ///< why it could not be started; empty: it was
  std::string job;        ///< the scheduler's name for it, if it has one
  bool isQueued = false;  ///< it is in a queue; its wrapper says when it begins
};

/// What hands have heard since they were last asked.
struct News {
  struct End {
    InstanceId instance;
    uint32_t attempt = 0;
    std::string lines;  ///< its records
  };
  struct Gone {
    InstanceId instance;
    uint32_t attempt = 0;
    std::string why;           ///< in words, should the inbox hold no end of it
    bool isUncounted = false;  ///< then it counts against no limit of retries
    ir::Outcome outcome = ir::Outcome::NodeLost;
  };
  std::vector<End> ends;
  /// They live no more. An end in the inbox counts; without one this is their end.
  std::vector<Gone> gone;
  /// Wrappers may have left records in the inbox.
  bool hasInbox = false;
};

class Hands {
 public:
  virtual ~Hands() = default;
  /// Is there room for it now? Taken: it is held for `start`, which follows.
  virtual Fit take(const Launch& launch) = 0;
  /// Why there will never be room for it; empty: there may be.
  virtual std::string tooLarge(const Launch&) const { return {}; }
  /// Starts what was taken. Starting one (instance, attempt) twice, by a controller after a crash
  /// too, must not run it twice.
  virtual Started start(const Launch& launch) = 0;
  /// The record says that it is at work: false if it lives no more and nothing is left of it.
  virtual bool adopt(const Launch& launch) = 0;
  /// The loop knows of its end; what it held is free.
  virtual void forget(InstanceId instance) = 0;
  virtual void tell(InstanceId instance, AttemptSignals::Wish wish) = 0;
  /// Whether the loop is to leave the run to others now, though it is not over; nullopt: nobody
  /// else works on it.
  virtual std::optional<bool> isDone() { return std::nullopt; }
  /// Waits up to `ms` for news.
  virtual News wait(int64_t ms) = 0;
};

}  // namespace wfc::run
