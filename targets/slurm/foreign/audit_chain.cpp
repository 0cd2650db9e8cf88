// What is wrong with a script that submits others.
#include "fmt/format.h"

#include "compiler/diag/catalog/audit.h"

#include "targets/slurm/foreign/chain.h"

namespace wfc::targets::slurm::foreign {

namespace {

bool hasSameIndices(const Job& one, const Job& other) {
  std::optional<Indices> a = one.array(), b = other.array();
  return a && b && a->count() > 1 && a->runs == b->runs;
}

}  // namespace

void auditChain(const Chain& chain, const site::Site* site, diag::Emitter& emitter) {
  const Script& driver = *chain.driver;
  for (const source::Range& at : chain.missing)
    emitter.report(at, diag::NoSuchScript{.script = driver.text.slice(at.begin, at.end).str()});
  for (const Unset& unset : chain.unset)
    emitter.report(unset.at, diag::DependencyNotSet{.name = unset.name, .hint = unset.near});
  for (const Chain::Sentence& sentence : chain.sentences) {
    const Submission& job = chain.submissions[sentence.job];
    source::Range end{job.at.file, job.at.end, job.at.end};
    emitter.report(sentence.at, diag::IdIsASentence{.name = sentence.name,
                                                    .setAt = job.at,
                                                    .fix = diag::Fix{end, " --parsable"}});
  }
  for (const Submission& submission : chain.submissions) {
    auditOptions(submission.options, true, site, emitter);
    if (submission.isCut) emitter.report(submission.at, diag::IdCutOutOfASentence{});
    if (!submission.script) continue;
    Job job{submission.script, &submission.options, chain.driver};
    for (const Submission::Wait& wait : submission.waits) {
      if (wait.kind != "afterok" || wait.jobs.size() != 1) continue;
      const Submission& other = chain.submissions[wait.jobs.front()];
      if (!other.script || !hasSameIndices(job, {other.script, &other.options, chain.driver}))
        continue;
      emitter.report(submission.at,
                     diag::WholeArrayWaitedFor{.name = other.name, .arrayAt = other.at});
    }
  }
}

}  // namespace wfc::targets::slurm::foreign
