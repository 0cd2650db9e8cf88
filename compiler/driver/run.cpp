// `wfc run FILE`: builds for this machine into `.wfc/` beside the file, then becomes `wfr start …
// --wait`.
//
// The run lies beside its artifacts, in a folder named by what they are: a second `wfc run` of the
// same flow goes on where the first one ended, a flow that was changed begins anew, and what was
// made before stays. `run` is a link to the one used last; with --adopt that one goes on with the
// changed flow, and the name of the changed flow's run leads to it from then on.
#include <filesystem>
#include <vector>

#include "fmt/format.h"
#include "llvm/Support/JSON.h"

#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/build.h"
#include "compiler/driver/process.h"
#include "compiler/ir/body.h"

namespace wfc::driver {

namespace {

namespace fs = std::filesystem;

/// The name of the run of these artifacts: the beginning of their hash.
std::string nameOf(const target::Artifacts& artifacts) {
  std::string hash = hashOf(artifacts);
  return hash.empty() ? "run" : hash.substr(0, 12);
}

/// The folder of the run: the one asked for, or one of its own that `run` leads to.
std::string runFolder(Session& session, const std::string& cache,
                      const target::Artifacts& artifacts) {
  std::string asked = session.arguments.value("run");
  if (!asked.empty()) return asked;
  std::string name = "runs/" + nameOf(artifacts), link = cache + "/run", own = cache + "/" + name;
  std::error_code error;
  fs::path before = fs::canonical(link, error);
  bool isAdopted = session.arguments.has("adopt") && !error;
  if (isAdopted && !fs::exists(own, error)) fs::create_symlink(before.filename(), own, error);
  fs::remove(link, error);
  fs::create_symlink(name, link, error);
  // One run has one name, by whatever link it was found.
  fs::path folder = isAdopted ? before : fs::canonical(own, error);
  if (isAdopted || !error) return cache + "/runs/" + folder.filename().string();
  return own;
}

}  // namespace

int runRun(Session& session) {
  const std::string& path = session.arguments.positional.front();
  Choice choice;
  if (!choose(session, defaultTarget(), choice)) return session.finish();
  std::string cache = cacheOf(path);
  std::string folder = cache + "/" + choice.target->name().str();
  std::optional<target::Artifacts> artifacts = makeArtifacts(session, path, choice, folder);
  if (!artifacts || !writeArtifacts(session, *artifacts, folder)) return session.finish();
  if (int status = session.finish(); status != Good) return status;
  std::string wfr = runtimePath(), run = runFolder(session, cache, *artifacts);
  std::string jobs = session.arguments.value("jobs");
  std::vector<std::string> words = {wfr, "start", folder, "--run", run, "--wait"};
  if (!jobs.empty()) words.insert(words.end(), {"--jobs", jobs});
  std::error_code error;
  if (session.arguments.has("adopt") && fs::exists(run + "/run", error)) words.push_back("--adopt");
  fmt::print(stderr, "the run is {0}; `wfr outputs {0}` tells what it has made\n",
             ir::shellWord(session.arguments.has("run") ? run : cache + "/run"));
  session.emitter.report({}, diag::CannotReadFile{.path = wfr, .reason = become(words)});
  return session.finish();
}

}  // namespace wfc::driver
