// The names that artifacts, bodies, wrappers and controllers share: variables of the environment,
// exit statuses, and the files of a run's folder. Scripts already written depend on them, so a name
// here never changes its meaning.
//
//   RUN/run         what the run is (runtime/ledger/folder.h)
//   RUN/plan.wfir   the plan, copied from the artifacts
//   RUN/ledger/     journal.N (append-only, one appender a file), the lease,
//                   inbox/ (ends that wait to be taken into the journal)
//   RUN/files/      outputs, complete or absent
//   RUN/work/       attempts at work, checkpoints
//   RUN/logs/       FAMILY/KEY.ATTEMPT.log
//   RUN/published/  links, unless the site says elsewhere
//   RUN/plans/      artifacts of saved plans that it was started from (runtime/control/saved.h)
//   RUN/past/N/     records of before the run was given other artifacts (runtime/control/adopt.h)
#pragma once

#include <string_view>

namespace wfc::run::abi {

/// Exit statuses of `wfr`, semantics §12 "Ends of a run".
enum Exit : int {
  Good = 0,
  SomeFailed = 1,
  WrongUse = 2,
  Stopped = 3,
  LostControl = 4,
  Refused = 5,
  Drifted = 10,
  OurBug = 70,
};

/// The instance's id, `model[2025-03-02]`; set in every body.
inline constexpr std::string_view kInstance = "WFR_INSTANCE";
/// Number of the attempt, from 1.
inline constexpr std::string_view kAttempt = "WFR_ATTEMPT";
/// Absolute path of the run's folder.
inline constexpr std::string_view kRun = "WFR_RUN";
/// A file with assignments that a body sources first; set when values are lists or too long for the
/// environment.
inline constexpr std::string_view kVars = "WFR_VARS";
/// The JSON file from which small outputs are read.
inline constexpr std::string_view kValues = "WFR_VALUES";
/// A scratch folder of the attempt, removed after it.
inline constexpr std::string_view kTmp = "WFR_TMP";
/// Path of the checkpoint of a task that resumes.
inline constexpr std::string_view kCheckpoint = "WFR_CHECKPOINT";
/// A file in which a body may say why it ended (runtime/attempt/said.h).
inline constexpr std::string_view kSaid = "WFR_SAID";
/// The variables of a body that hold paths of secrets, between blanks; each ends so.
inline constexpr std::string_view kSecrets = "WFR_SECRETS";
inline constexpr std::string_view kFileSuffix = "_FILE";
/// Path of the runtime itself; schedulers' scripts call it.
inline constexpr std::string_view kWfr = "WFR";

inline constexpr std::string_view kHeaderFile = "run";
inline constexpr std::string_view kPlanFile = "plan.wfir";
inline constexpr std::string_view kManifestFile = "manifest.json";
inline constexpr std::string_view kLedgerDir = "ledger";
inline constexpr std::string_view kJournalPrefix = "journal.";
inline constexpr std::string_view kInboxDir = "ledger/inbox";
inline constexpr std::string_view kLeaseFile = "ledger/lease";
inline constexpr std::string_view kStopFile = "ledger/stop";
inline constexpr std::string_view kWithdrawFile = "ledger/withdraw";
inline constexpr std::string_view kPartFile = "ledger/part";
inline constexpr std::string_view kInputsDir = "ledger/inputs";
inline constexpr std::string_view kFilesDir = "files";
inline constexpr std::string_view kWorkDir = "work";
/// The disk of a node, where this machine is the only one; below it, as on the disk of any node,
/// the folders above and the copies that each node has.
inline constexpr std::string_view kNodeDir = "node";
inline constexpr std::string_view kCopiesDir = "copies";
inline constexpr std::string_view kLogsDir = "logs";
inline constexpr std::string_view kPublishedDir = "published";
/// Records of before the run was given other artifacts, and one that takes its place.
inline constexpr std::string_view kPastDir = "past";
inline constexpr std::string_view kNextDir = "next";
/// Artifacts of saved plans that the run was started from.
inline constexpr std::string_view kPlansDir = "plans";

/// Longest value that travels in the environment; longer ones go through the file named by
/// WFR_VARS.
inline constexpr size_t kLongestVariable = 64 * 1024;

}  // namespace wfc::run::abi
