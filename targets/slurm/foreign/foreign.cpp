// The door to what reads batch scripts.
#include "targets/slurm/foreign/foreign.h"

#include "targets/slurm/foreign/chain.h"
#include "targets/slurm/slurm.h"

namespace wfc::targets::slurm {

const target::Foreign* Slurm::foreign() const {
  static const foreign::Scripts kScripts;
  return &kScripts;
}

namespace foreign {

namespace {

void auditJob(const Job& job, const target::Reading& reading) {
  for (size_t component = 0; component < job.script->components; ++component) {
    auditRequest(job, component, reading.emitter);
    if (reading.site) auditSite(job, component, *reading.site, reading.emitter);
  }
  auditLogs(job, reading.emitter);
  auditBody(job, reading.emitter);
}

}  // namespace

bool Scripts::reads(llvm::StringRef path, llvm::StringRef text) const {
  return looksLikeScript(path, text);
}

void Scripts::audit(const target::Reading& reading) const {
  Library library(reading);
  std::set<const Script*> submitted;
  std::vector<Chain> chains;
  for (source::FileId file : reading.files)
    if (const Script* script = library.read(file); submits(*script))
      chains.push_back(readChain(library, *script));
  for (const Chain& chain : chains) {
    auditChain(chain, reading.site, reading.emitter);
    for (const Submission& submission : chain.submissions) {
      bool isGiven =
          submission.script && llvm::is_contained(reading.files, submission.script->file);
      if (!isGiven) continue;
      submitted.insert(submission.script);
      auditJob({submission.script, &submission.options, chain.driver}, reading);
    }
  }
  for (source::FileId file : reading.files) {
    const Script& script = *library.read(file);
    bool isDriver =
        submits(script) && script.directives.empty() && !script.path.ends_with(".slurm");
    if (isDriver) continue;
    auditScript(script, reading.site, reading.emitter);
    if (!submitted.contains(&script)) auditJob({&script}, reading);
  }
}

}  // namespace foreign
}  // namespace wfc::targets::slurm
