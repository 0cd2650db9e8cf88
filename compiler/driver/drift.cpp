// `wfc drift RUN`: whether what runs is what was built. What a scheduler holds is the runtime's to
// ask, so this is `wfr drift` under the name that stands beside `wfc build --check`.
#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/process.h"
#include "compiler/driver/session.h"

namespace wfc::driver {

int runDrift(Session& session) {
  std::vector<std::string> words = {runtimePath(), "drift", session.arguments.positional.front()};
  std::string artifacts = session.arguments.value("artifacts");
  if (!artifacts.empty()) words.insert(words.end(), {"--artifacts", artifacts});
  session.emitter.report({}, diag::CannotReadFile{.path = words[0], .reason = become(words)});
  return session.finish();
}

}  // namespace wfc::driver
