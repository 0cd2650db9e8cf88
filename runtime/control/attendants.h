// Attendants: processes of their own sessions, each of which runs one attempt after another and
// tells the engine over a socket. They are forked once, so an attempt costs one spawn of its body
// and nothing more; and they outlive the engine: an attendant whose engine is gone finishes its
// attempt, leaves the end in the inbox, and goes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/attempt/run.h"

namespace wfc::run {

/// What an attendant says when it is done.
struct Done {
  size_t attendant = 0;
  /// The attempt's records; empty: somebody else had claimed it, or the attendant died (`isDead`).
  std::string lines;
  bool isConflict = false, isDead = false;
};

/// A job of a scheduler in which attendants work.
struct WithinJob {
  std::string job, node;  ///< what ends say of where they were; no job: the attendant itself
};

class Attendants {
 public:
  explicit Attendants(std::string run, WithinJob within = {})
      : run_(std::move(run)), within_(std::move(within)) {}
  ~Attendants();
  Attendants(const Attendants&) = delete;
  Attendants& operator=(const Attendants&) = delete;

  /// Hands the job to an idle attendant, or a new one. Its number, or nullopt when no process can
  /// be made.
  std::optional<size_t> start(const Job& job);
  /// AttemptSignals::Stop or ::Deadline for what an attendant runs.
  void tell(size_t attendant, int wish);
  /// Waits up to `ms` (-1: for ever) for news, or until `also` can be read.
  std::vector<Done> wait(int64_t ms, int also = -1);
  int pidOf(size_t attendant) const { return attendants_[attendant].pid; }

 private:
  struct Attendant {
    int pid = -1, fd = -1;
    bool isBusy = false;
    std::string received;
  };
  bool fork(Attendant& attendant);
  void receive(size_t index, std::vector<Done>& done);

  std::string run_;
  WithinJob within_;
  std::vector<Attendant> attendants_;
  std::vector<size_t> idle_;
};

}  // namespace wfc::run
