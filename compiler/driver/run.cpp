// `wfc run FILE`: builds for this machine into `.wfc/` beside the file, then becomes `wfr start …
// --wait`.
//
// The run lies beside its artifacts, so that a second `wfc run` of the same flow goes on where the
// first one ended.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <unistd.h>

#include "fmt/format.h"

#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/build.h"

namespace wfc::driver {

namespace {

namespace fs = std::filesystem;

/// wfr stands beside wfc; the link of the running program is what tells where that is.
std::string runtimePath() {
  std::error_code error;
  fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error) return "wfr";
  fs::path beside = self.parent_path() / "wfr";
  return fs::exists(beside, error) ? beside.string() : "wfr";
}

}  // namespace

int runRun(Session& session) {
  const std::string& path = session.arguments.positional.front();
  Choice choice;
  if (!choose(session, defaultTarget(), choice)) return session.finish();
  std::string cache = fmt::format("{}/.wfc/{}", folderOf(path), fs::path(path).stem().string());
  std::string folder = cache + "/" + choice.target->name().str();
  std::optional<target::Artifacts> artifacts = makeArtifacts(session, path, choice, folder);
  if (!artifacts || !writeArtifacts(session, *artifacts, folder)) return session.finish();
  if (int status = session.finish(); status != Good) return status;
  std::string wfr = runtimePath(), run = cache + "/run";
  const char* words[] = {wfr.c_str(), "start",  folder.c_str(), "--run",
                         run.c_str(), "--wait", nullptr};
  ::execvp(words[0], const_cast<char**>(words));
  session.emitter.report({}, diag::CannotReadFile{.path = wfr, .reason = std::strerror(errno)});
  return session.finish();
}

}  // namespace wfc::driver
