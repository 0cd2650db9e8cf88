// `wfc audit FILE…`: what is wrong with documents that others wrote for a scheduler or an engine.
#include "compiler/driver/foreign.h"
#include "compiler/site/load.h"

namespace wfc::driver {

int runAudit(Session& session) {
  session.reached = diag::Stage::Audit;
  std::optional<site::Site> site;
  if (session.arguments.has("site")) {
    source::FileId file = session.read(session.arguments.value("site"));
    if (file != 0) site = site::load(session.sources, file, session.emitter);
    if (!site) return session.finish();
  }
  for (const Documents& documents : documentsOf(session))
    documents.target->foreign()->audit(
        readingOf(session, documents.files, site ? &*site : nullptr));
  return session.finish();
}

}  // namespace wfc::driver
