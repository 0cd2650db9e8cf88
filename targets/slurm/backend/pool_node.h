// A node of a pool and the light worker on it, as the controller of the pool sees them. The worker
// is a step of the pool's job, so its standard input and output are the line between the two: SLURM
// has authenticated it, it needs no port, and it breaks when the node does.
//
// Lines, words between blanks, bytes in Base64:
//
//   to the worker     run TICKET JOB      end what is left: its input is closed
//                     tell TICKET WISH    AttemptSignals::Wish
//                     remove - PATH       from the node's disk
//   from the worker   hello MEMORY GPUS PEER
//                                         bytes, a count; how `wfr move relay` asks it, or nothing
//                     end TICKET RECORDS
//                     taken TICKET        somebody else has claimed it
//                     dead TICKET         its attendant was killed
//                     told -              SLURM ends the allocation, or this part of it
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/control/machine.h"

namespace wfc::slurm {

/// The whole of a line, with its end. False: the line is broken.
bool sendLine(int descriptor, const std::string& line);
/// Reads what is there into `received` and calls `each` for every whole line. False: the line is
/// broken.
bool receiveLines(int descriptor, std::string& received,
                  const std::function<void(llvm::StringRef)>& each);

class PoolNode {
 public:
  PoolNode(std::string name, int64_t cpus) : name_(std::move(name)), cpus_(cpus) {}
  ~PoolNode();
  PoolNode(PoolNode&& other) noexcept;
  PoolNode& operator=(PoolNode&&) = delete;

  /// Starts the worker. `words`: see workForPool. False: no process can be made.
  bool open(const std::string& run, const std::vector<std::string>& words);
  /// The worker ends when it has nothing to do.
  void close();
  /// Waits for it up to so long, then ends it.
  void await(int64_t ms);
  /// False: the line is broken.
  bool send(const std::string& line) { return to_ >= 0 && sendLine(to_, line); }
  /// Calls `hear` with each whole line that has come. False: the line is broken, and with it the
  /// node lost.
  bool receive(const std::function<void(llvm::StringRef)>& hear);

  const std::string& name() const { return name_; }
  int64_t cpus() const { return cpus_; }
  int descriptor() const { return from_; }
  bool isOpen() const { return from_ >= 0; }
  /// What it has and what is taken of it; none before its worker has said hello.
  std::optional<run::Machine> machine;
  /// Its worker was told that it will be ended: nothing more is begun there.
  bool isEnding = false;
  /// How others ask it for what was scattered; empty: they cannot.
  std::string peer;

 private:
  std::string name_, received_;
  int64_t cpus_ = 1;
  int pid_ = -1, to_ = -1, from_ = -1;
};

/// The words before a command that is to run on a node of the job that this process runs in: with
/// the whole of it, whatever else runs there of this job; bodies are not bound to cores.
std::vector<std::string> onNode(const std::string& node, int64_t cpus, const std::string& step);

/// The nodes of the job that this process runs in, with their cores for it.
std::vector<PoolNode> nodesOfOwnJob();

/// The worker's side: runs what it is given until its input ends. The first of `words` is the run's
/// folder on the disk of this node (empty: the site says none), empty when it begins and gone when
/// it ends; the second, if there is one, how fast it gives what was scattered to other nodes, in
/// bytes a second (empty: as fast as it can). The exit status.
int workForPool(const std::string& run, llvm::ArrayRef<std::string> words);

}  // namespace wfc::slurm
