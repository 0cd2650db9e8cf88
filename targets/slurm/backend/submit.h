// From something to submit to its call of sbatch, noted in the table before and after. The scripts
// say what is the flow's; what belongs to the run (account, folder, log, comment, dependencies) is
// added here, on the command line.
#pragma once

#include <optional>
#include <string>

#include "runtime/engine/engine.h"
#include "runtime/ledger/folder.h"
#include "targets/slurm/backend/calls.h"
#include "targets/slurm/backend/facts.h"
#include "targets/slurm/backend/table.h"

namespace wfc::slurm {

/// One array (or plain job) of a family.
struct Work {
  uint32_t family = 0;
  uint32_t offset = 0;
  std::vector<uint32_t> indices;
  bool isSingle = false, isHeld = false;
  int64_t limit = 0, nice = 0;
  int64_t beginSeconds = 0;  ///< not to start before so long from now
  std::string dependency;
  /// Set: needs that the script does not state, or others than it states.
  std::optional<run::Needs> stated;
};

class Submitter {
 public:
  Submitter(const std::string& run, const run::RunHeader& header, const ir::Module& module,
            Calls& calls, Table& table)
      : run_(run), header_(header), module_(module), facts_(module), calls_(calls), table_(table) {}

  Submitted work(const Work& work, const run::Needs& needs);
  /// The job that holds the nodes of a pool, not to start before so long from now.
  Submitted pool(const ir::Pool& pool, int64_t beginSeconds);
  /// The next sweep, `after` seconds from now.
  Submitted sweep(int64_t after, bool isHeld);
  /// The end job behind a dependency, or, without one, `after` seconds from now.
  Submitted end(const std::string& dependency, int64_t after, bool isHeld);
  /// Finds the ids of submissions that were cut off before sbatch's answer was noted. False: SLURM
  /// does not answer.
  bool findCutOff();

  const Facts& facts() const { return facts_; }
  Calls& calls() { return calls_; }
  Table& table() { return table_; }

 private:
  Submitted send(Entry entry, Submission submission);
  std::vector<std::string> common(const std::string& account, const std::string& log) const;
  Submitted small(Entry::Kind kind, const std::string& name, std::vector<std::string> more,
                  bool isHeld);
  std::string run_;
  const run::RunHeader& header_;
  const ir::Module& module_;
  Facts facts_;
  Calls& calls_;
  Table& table_;
};

/// A time (ms since 1970) as SLURM's programs read it, in whole seconds.
std::string localTime(int64_t ms);

/// Minutes for --time: what a body may use and the site's margin, within the partition's longest.
int64_t minutesFor(const Facts& facts, uint32_t family, const run::Needs& needs);

}  // namespace wfc::slurm
