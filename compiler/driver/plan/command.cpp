// `wfc plan FILE`: what a run of the flow will ask for, before anything is submitted.
#include <unistd.h>

#include "compiler/base/json.h"
#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/arguments.h"
#include "compiler/driver/plan/plan.h"

namespace wfc::driver {

namespace plan {

bool Plan::hasWork() const {
  if (!run || run->isNew) {
    for (const forecast::Family& family : forecast.families) {
      bool isHook = module[family.family].role == ir::Family::Hook;
      if (!isHook && !(family.instances.isKnown() && family.instances.n == 0)) return true;
    }
    return false;
  }
  const llvm::json::Object* counts = run->fates.getObject("counts");
  if (!counts) return true;
  for (const char* fate : {"rerun", "rerun_if_changed", "new", "orphaned"})
    if (counts->getInteger(fate).value_or(0) > 0) return true;
  const llvm::json::Array* links = run->fates.getArray("links");
  return links && !links->empty();
}

}  // namespace plan

namespace {

constexpr int kSomethingToDo = 10;

}  // namespace

int runPlan(Session& session) {
  const Arguments& arguments = session.arguments;
  const std::string& path = arguments.positional.front();
  Choice choice;
  if (!choose(session, defaultTarget(), choice)) return session.finish();
  std::string output = arguments.value("output"), folder = folderOf(output);
  std::optional<Built> built = makeBuilt(session, path, choice, folder);
  if (!built) return session.finish();
  plan::Plan plan;
  plan.target = choice.target->name().str();
  plan.source = path;
  plan.artifact = hashOf(built->artifacts);
  plan.forecast = forecast::forecast(built->module);
  plan.calls = choice.target->calls(built->module);
  plan.module = std::move(built->module);
  if (choice.site) {
    if (choice.site->quotaBytes.isStated()) plan.quotaBytes = choice.site->quotaBytes.value;
    if (choice.site->quotaFiles.isStated()) plan.quotaFiles = choice.site->quotaFiles.value;
    // A report names files as they were given.
    std::swap(plan.module.files, built->sources);
    plan::compareWithQuota(session, *choice.site, plan);
    std::swap(plan.module.files, built->sources);
  }
  bool isSeen = !arguments.has("run") || plan::lookAtRun(session, built->artifacts, folderOf(path),
                                                         arguments.value("run"), plan);
  if (isSeen && arguments.has("against"))
    isSeen = plan::compareWith(session, arguments.value("against"), plan);
  if (!isSeen) return session.finish();
  if (!output.empty() &&
      session.write(output,
                    plan::savedText(plan, built->artifacts, relativePath(folderOf(path), folder))))
    plan.saved = output;
  if (arguments.has("html")) session.write(arguments.value("html"), plan::pageOf(plan));
  if (session.format() == diag::Format::Json)
    session.print(base::jsonText(plan::jsonOf(plan), 2) + "\n");
  else
    session.print(plan::textOf(plan, session.hasColour(STDOUT_FILENO)));
  session.reportToPeople();
  bool isSomething = arguments.has("detailed-exitcode") && plan.hasWork();
  return session.finish(isSomething ? kSomethingToDo : Good);
}

}  // namespace wfc::driver
