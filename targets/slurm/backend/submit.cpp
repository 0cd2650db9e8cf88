// The options of every job, and the recovery of submissions that were cut off.
#include "targets/slurm/backend/submit.h"

#include <algorithm>
#include <ctime>

#include <fmt/format.h>

#include "targets/slurm/backend/ahead.h"
#include "targets/slurm/backend/files.h"

namespace wfc::slurm {

namespace {

/// sbatch reads `%x` in file names.
std::string withoutPatterns(const std::string& text) {
  std::string result;
  for (char c : text) result += c == '%' ? "%%" : std::string(1, c);
  return result;
}

void addNeeds(const Facts& facts, uint32_t family, const run::Needs& needs,
              std::vector<std::string>& options) {
  if (needs.memory > 0)
    options.push_back(fmt::format("--mem={}M", (needs.memory + (1 << 20) - 1) >> 20));
  if (needs.timeMs > 0)
    options.push_back(fmt::format("--time={}", minutesFor(facts, family, needs)));
  if (needs.nodes > 1) options.push_back(fmt::format("--nodes={}", needs.nodes));
  options.push_back(fmt::format("--ntasks={}", needs.tasks));
  options.push_back(fmt::format("--cpus-per-task={}", needs.cpus));
  if (needs.gpus > 0) options.push_back(facts.gpuOption(needs));
  std::string licences;
  for (const auto& [name, count] : needs.licences)
    licences += fmt::format("{}{}:{}", licences.empty() ? "" : ",", name, count);
  if (!licences.empty()) options.push_back("--licenses=" + licences);
}

}  // namespace

int64_t minutesFor(const Facts& facts, uint32_t family, const run::Needs& needs) {
  int64_t ms = needs.timeMs + facts.marginMs();
  if (int64_t most = facts.walltimeMs(family); most > 0) ms = std::min(ms, most);
  return std::max<int64_t>(1, (ms + 59999) / 60000);
}

std::vector<std::string> Submitter::common(const std::string& account,
                                           const std::string& log) const {
  std::vector<std::string> options;
  if (!account.empty()) options.push_back("--account=" + account);
  options.push_back("--chdir=" + header_.project);
  options.push_back(
      fmt::format("--output={}/{}/jobs/{}", withoutPatterns(run_), run::abi::kLogsDir, log));
  return options;
}

Submitted Submitter::send(Entry entry, Submission submission) {
  size_t at = table_.intend(std::move(entry));
  if (!table_.isSound()) return {"", Refusal::Down, "the run's folder cannot be written"};
  submission.options.push_back("--comment=" + table_.commentOf(table_.entries()[at]));
  if (table_.entries()[at].isHeld) submission.options.push_back("--hold");
  submission.environment.emplace_back("WFR", run_ + "/bin/wfr");
  submission.environment.emplace_back("WFR_RUN", run_);
  Submitted submitted = calls_.submit(submission);
  // Where slurmctld does not answer, it may still have taken the job: the token will tell.
  if (submitted.refusal != Refusal::Down) table_.answered(at, submitted.id);
  return submitted;
}

Submitted Submitter::work(const Work& work, const run::Needs& needs) {
  const ir::Family& family = module_.families[work.family];
  std::string account, error;
  if (!facts_.account(needs, account, error)) return {"", Refusal::Refused, error};
  std::string log =
      withoutPatterns(plainName(family.name)) + (work.isSingle ? "-%j.log" : "-%A_%a.log");
  Submission submission{common(account, log), scriptOf(run_, family.name), false, {}};
  if (!work.isSingle) {
    std::string limit = work.limit > 0 ? fmt::format("%{}", work.limit) : "";
    submission.options.push_back(fmt::format("--array={}{}", rangesText(work.indices), limit));
  }
  if (work.offset > 0)
    submission.environment.emplace_back("WFR_OFFSET", fmt::format("{}", work.offset));
  if (work.nice > 0) submission.options.push_back(fmt::format("--nice={}", work.nice));
  if (work.beginSeconds > 0)
    submission.options.push_back(fmt::format("--begin=now+{}", work.beginSeconds));
  if (!work.dependency.empty()) {
    submission.options.push_back("--dependency=" + work.dependency);
    submission.options.push_back("--kill-on-invalid-dep=yes");
  } else if (work.isHeld) {
    // Dependencies of single indices come later; the flag belongs to the job.
    submission.options.push_back("--kill-on-invalid-dep=yes");
  }
  if (work.stated) addNeeds(facts_, work.family, *work.stated, submission.options);
  Entry entry;
  entry.family = family.name;
  entry.offset = work.offset;
  entry.indices = work.indices;
  entry.isSingle = work.isSingle;
  entry.isHeld = work.isHeld;
  return send(std::move(entry), std::move(submission));
}

Submitted Submitter::pool(const ir::Pool& pool, int64_t beginSeconds) {
  run::Needs needs;
  auto named = pool.placement.notes.find("account");
  if (named != pool.placement.notes.end()) needs.names.emplace_back("account", named->second);
  std::string account, error;
  if (!facts_.account(needs, account, error)) return {"", Refusal::Refused, error};
  std::string log = withoutPatterns(plainName(pool.name)) + "-%j.log";
  Entry entry;
  entry.kind = Entry::Pool;
  entry.family = pool.name;
  entry.isSingle = true;
  std::vector<std::string> options = common(account, log);
  if (beginSeconds > 0) options.push_back(fmt::format("--begin=now+{}", beginSeconds));
  return send(std::move(entry), {std::move(options), scriptOf(run_, pool.name), false, {}});
}

Submitted Submitter::small(Entry::Kind kind, const std::string& name, std::vector<std::string> more,
                           bool isHeld) {
  std::string account, error;
  if (!facts_.account({}, account, error)) return {"", Refusal::Refused, error};
  SmallJobs where = facts_.smallJobs();
  Submission submission{common(account, name + ".log"), {}, true, {}};
  submission.options.push_back(fmt::format("--job-name={}.{}.{}", plainName(header_.flow), name,
                                           table_.commentPrefix().substr(4, 8)));
  if (!where.partition.empty()) submission.options.push_back("--partition=" + where.partition);
  if (!where.qos.empty()) submission.options.push_back("--qos=" + where.qos);
  for (const char* option :
       {"--ntasks=1", "--cpus-per-task=1", "--mem=500M", "--time=30", "--open-mode=append"})
    submission.options.emplace_back(option);
  for (std::string& option : more) submission.options.push_back(std::move(option));
  submission.script = fmt::format("#!/bin/bash\nexec \"$WFR\" step \"$WFR_RUN\" {}\n", name);
  Entry entry;
  entry.kind = kind;
  entry.family = "-";
  entry.isSingle = true;
  entry.isHeld = isHeld;
  return send(std::move(entry), std::move(submission));
}

Submitted Submitter::sweep(int64_t after, bool isHeld) {
  return small(Entry::Sweep, "sweep",
               {fmt::format("--begin=now+{}", after), "--dependency=singleton"}, isHeld);
}

Submitted Submitter::end(const std::string& dependency, int64_t after, bool isHeld) {
  std::string when =
      dependency.empty() ? fmt::format("--begin=now+{}", after) : "--dependency=" + dependency;
  return small(Entry::End, "end", {when}, isHeld);
}

bool Submitter::findCutOff() {
  std::vector<size_t> cutOff;
  for (size_t n = 0; n < table_.entries().size(); ++n) {
    if (table_.entries()[n].id.empty() && !table_.entries()[n].isGone) cutOff.push_back(n);
  }
  if (cutOff.empty()) return true;
  std::optional<std::vector<QueueRow>> rows = calls_.queue(table_.commentPrefix());
  if (!rows) return false;
  if (facts_.hasSacct()) {
    for (QueueRow& row : calls_.historyOf(table_.commentPrefix(), localTime(header_.created)))
      rows->push_back(std::move(row));
  }
  for (size_t n : cutOff) {
    std::string comment = table_.commentOf(table_.entries()[n]), id;
    for (const QueueRow& row : *rows) {
      if (row.comment == comment) id = row.job.substr(0, row.job.find('_'));
    }
    table_.answered(n, id);
  }
  return true;
}

std::string localTime(int64_t ms) {
  std::time_t seconds = ms / 1000;
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  return text;
}

}  // namespace wfc::slurm
