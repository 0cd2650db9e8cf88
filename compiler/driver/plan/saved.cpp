// Saved plans (runtime/control/saved.h says how they look), and what a run is asked before it is
// given other artifacts.
#include <cstdlib>
#include <filesystem>

#include "fmt/format.h"
#include "llvm/Support/FormatVariadic.h"

#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/plan/plan.h"
#include "compiler/driver/process.h"
#include "compiler/ir/text.h"
#include "compiler/target/text/manifest.h"

namespace wfc::driver::plan {

namespace {

namespace fs = std::filesystem;
namespace json = llvm::json;

constexpr llvm::StringLiteral kMagic = "wfplan 1 ";

/// A folder of its own that is gone afterwards.
class Scratch {
 public:
  Scratch() {
    std::error_code error;
    std::string pattern = (fs::temp_directory_path(error) / "wfc-plan-XXXXXX").string();
    if (::mkdtemp(pattern.data())) path_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::optional<json::Object> objectIn(llvm::StringRef text) {
  llvm::Expected<json::Value> value = json::parse(text);
  if (!value) {
    llvm::consumeError(value.takeError());
    return std::nullopt;
  }
  json::Object* object = value->getAsObject();
  return object ? std::optional(std::move(*object)) : std::nullopt;
}

/// The text of a file, or nothing.
std::optional<std::string> textOf(const Session& session, const std::string& path) {
  llvm::ErrorOr<std::string> text = session.files->read(path);
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

}  // namespace

bool lookAtRun(Session& session, const target::Artifacts& artifacts, const std::string& project,
               const std::string& run, Plan& plan) {
  RunSeen& seen = plan.run.emplace();
  seen.folder = run;
  // A run has a file of that name that says what it is.
  if (!session.files->exists(run + "/run")) {
    seen.isNew = true;
    seen.state = "new";
    return true;
  }
  Scratch scratch;
  std::string folder = scratch.path() + "/artifacts";
  bool isAsked = !scratch.path().empty() && writeArtifacts(session, artifacts, folder);
  std::error_code error;
  std::string from = fs::absolute(project, error).lexically_normal().string();
  std::optional<Ran> ran;
  if (isAsked)
    ran = runProgram(
        {runtimePath(), "start", folder, "--run", run, "--project", from, "--dry-run", "--json"},
        true);
  std::optional<json::Object> fates;
  if (ran && ran->status == 0) fates = objectIn(ran->output);
  if (!fates) {
    session.emitter.report({}, diag::RunNotTold{.run = run});
    return false;
  }
  seen.state = fates->getString("state").value_or("").str();
  seen.fates = std::move(*fates);
  // The last plan is what the run was made from.
  std::optional<std::string> text = textOf(session, run + "/plan.wfir");
  ir::ParseResult parsed = text ? ir::parse(*text) : ir::ParseResult{};
  if (!parsed.module) return true;
  Plan before;
  before.module = std::move(*parsed.module);
  before.forecast = forecast::forecast(before.module);
  plan.against = "what " + run + " was made from";
  plan.changes = changesBetween(jsonOf(before), jsonOf(plan));
  return true;
}

bool compareWith(Session& session, const std::string& path, Plan& plan) {
  std::string file = textOf(session, path).value_or("");
  auto [line, text] = llvm::StringRef(file).split('\n');
  std::optional<json::Object> saved;
  if (line.consume_front(kMagic) && target::blake3(text) == line) saved = objectIn(text);
  const json::Object* before = saved ? saved->getObject("plan") : nullptr;
  if (!before) {
    session.emitter.report({}, diag::NoSavedPlan{.path = path});
    return false;
  }
  plan.against = path;
  plan.changes = changesBetween(*before, jsonOf(plan));
  return true;
}

std::string savedText(const Plan& plan, const target::Artifacts& artifacts,
                      const std::string& project) {
  json::Array files;
  for (const target::Artifact& artifact : artifacts)
    files.push_back(json::Object{
        {"path", artifact.path}, {"text", artifact.text}, {"executable", artifact.isExecutable}});
  json::Object whole{{"plan", jsonOf(plan)},
                     {"project", project},
                     {"seen", plan.run ? plan.run->state : "new"},
                     {"artifacts", std::move(files)}};
  std::string text = llvm::formatv("{0:2}\n", json::Value(std::move(whole))).str();
  return fmt::format("{}{}\n{}", std::string_view(kMagic), target::blake3(text), text);
}

}  // namespace wfc::driver::plan
