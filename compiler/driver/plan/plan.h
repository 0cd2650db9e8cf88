// `wfc plan`: a forecast, what the target's system will be asked, and what a run or an earlier plan
// says, gathered in one value and shown as text, as JSON and as a page.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "llvm/Support/JSON.h"

#include "compiler/driver/build.h"
#include "compiler/forecast/forecast.h"

namespace wfc::driver::plan {

/// What becomes of a run that is there already: `wfr start --dry-run --json`.
struct RunSeen {
  std::string folder;
  std::string state;         ///< the hash of its record when it was looked at
  llvm::json::Object fates;  ///< as wfr told it
  bool isNew = false;        ///< there is no run yet
};

/// A difference from an earlier plan, or from what a run was made from.
struct Change {
  enum Kind : uint8_t { Added, Removed, Changed } kind = Changed;
  std::string what;              ///< `model`, or a word for all of it: `node-hours`
  std::vector<std::string> how;  ///< `instances 13, was 12`
};

struct Plan {
  ir::Module module;
  forecast::Forecast forecast;
  std::vector<target::Calls> calls;
  std::string target, source, artifact;  ///< artifact: the hash of what will be executed
  std::optional<RunSeen> run;
  std::string saved;    ///< the file it was saved to; empty: none
  std::string against;  ///< what the changes are measured from; empty: nothing
  std::vector<Change> changes;
  /// Of the site, on the shared disk; none: it says nothing.
  std::optional<int64_t> quotaBytes, quotaFiles;

  /// Whether starting it would do something.
  bool hasWork() const;
};

/// For a terminal.
std::string textOf(const Plan& plan, bool hasColour);
/// The stable form, docs/how-to/plan.md.
llvm::json::Object jsonOf(const Plan& plan);
/// One page that needs nothing else.
std::string pageOf(const Plan& plan);

/// The changes from one plan's JSON to another's.
std::vector<Change> changesBetween(const llvm::json::Object& before, const llvm::json::Object& now);

/// Asks wfr what becomes of a run if it is given these artifacts, and compares the plan with what
/// the run was made from. False, with a report, if that cannot be told.
bool lookAtRun(Session& session, const target::Artifacts& artifacts, const std::string& project,
               const std::string& run, Plan& plan);
/// Reports where a run may have more on the shared disk at once than the site allows.
void compareWithQuota(Session& session, const site::Site& site, const Plan& plan);
/// Compares with a saved plan. False, with a report, if it is none.
bool compareWith(Session& session, const std::string& path, Plan& plan);
/// The file `NAME.wfplan`; `project` is the flow's folder as seen from where that will lie.
std::string savedText(const Plan& plan, const target::Artifacts& artifacts,
                      const std::string& project);

// ---- words and numbers that the three forms share

/// `1,000,000`
std::string grouped(uint64_t number);
/// `12`, `≤ 12`, `found by the run`, `no end`
std::string countText(const forecast::Count& count);
/// `0.25`, `7.5`, `1,234`
std::string hoursText(double hours);
/// `45s`, `5min`, `2h 30min`, `14d 15h`
std::string spanText(double hours);
/// `1.5 GiB`
std::string bytesText(double bytes);
/// `1,000 files and folders`
std::string filesText(double count);
/// `50 TiB, 1,000,000 files and folders`; empty: the site has no quota
std::string quotaText(const Plan& plan);
/// `13 × model → score`
std::string pathText(const Plan& plan);

}  // namespace wfc::driver::plan
