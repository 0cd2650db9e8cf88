// hold, release and set: what a person asks of a run without taking anything back.
#include <fmt/format.h>

#include "compiler/base/suggest.h"

#include "runtime/control/controller.h"
#include "runtime/control/wish.h"
#include "runtime/verbs/verbs.h"

namespace wfc::run {

namespace {

/// Leaves the wishes and tells what became of them; the exit status.
int ask(const RunView& view, std::vector<Record> wishes, const std::string& what) {
  const Backend* backend = findBackend(view.header.target);
  if (backend == nullptr)
    return wrongUse(fmt::format("this wfr knows no target `{}`", view.header.target));
  if (!leaveWishes(view.run, std::move(wishes))) return cannotWrite(view.run);
  fmt::print("{}\n", what);
  Delivery delivery = deliver(view.run, *backend);
  if (!delivery.error.empty()) fmt::print(stderr, "wfr: {}\n", delivery.error);
  if (delivery.kind == Delivery::Taken) fmt::print("{}: it takes this in\n", delivery.by);
  return delivery.exit;
}

int holdOrRelease(const Given& given, bool isHold) {
  std::string error;
  std::unique_ptr<RunView> view = RunView::read(absolute(given.words[0]), error);
  if (!view) return wrongUse(error);
  view->engine->settle(nowMs());
  std::vector<std::string> selectors(given.words.begin() + 1, given.words.end());
  if (selectors.empty() && isHold)
    return wrongUse("what should be held? A selector, such as 'model[2025-06..]', or '*'");
  if (selectors.empty()) selectors = {"*"};
  std::vector<InstanceId> found;
  error = select(*view->engine, selectors, {}, found);
  if (!error.empty()) return wrongUse(error);
  for (const std::string& text : selectors) {
    Selector selector;
    if (Selector::parse(text, selector).empty() && !selector.state.empty())
      return wrongUse(fmt::format("`{}`: a state passes; name families and indices", text));
  }
  size_t waiting = 0, running = 0;
  for (InstanceId id : found) {
    Phase phase = view->engine->state().at(id).phase;
    waiting += phase < Phase::Running || phase == Phase::Delayed;
    running += phase == Phase::Running;
  }
  std::string what =
      isHold ? fmt::format("{} instances do not start until they are released{}", waiting,
                           running == 0 ? "" : fmt::format("; {} that run go on", running))
             : fmt::format("{} instances may start", waiting);
  if (given.has("--dry-run")) return fmt::print("{}\n", what), abi::Good;
  std::vector<Record> wishes;
  for (const std::string& text : selectors) {
    Record& wish = wishes.emplace_back();
    wish.kind = Record::Hold;
    wish.text = text;
    wish.number = isHold;
  }
  return ask(*view, std::move(wishes), what);
}

std::string unknownLimit(const ir::Module& module, llvm::StringRef name) {
  std::vector<std::string> names;
  for (const ir::Limit& limit : module.limits) names.push_back(limit.name);
  std::optional<std::string_view> near =
      base::suggest(std::string_view(name.data(), name.size()), names);
  std::string all;
  for (const std::string& known : names) all += (all.empty() ? "" : ", ") + known;
  if (names.empty()) return "the flow has no limits";
  return fmt::format("there is no limit `{}`{}; there are {}", name.str(),
                     near ? fmt::format("; did you mean `{}`?", *near) : "", all);
}

}  // namespace

int verbHold(const Given& given) { return holdOrRelease(given, true); }
int verbRelease(const Given& given) { return holdOrRelease(given, false); }

int verbSet(const Given& given) {
  std::string error;
  std::unique_ptr<RunView> view = RunView::read(absolute(given.words[0]), error);
  if (!view) return wrongUse(error);
  const Backend* backend = findBackend(view->header.target);
  if (backend != nullptr && !backend->cannotSet.empty())
    return wrongUse(fmt::format("limits cannot be changed on {}: {}", backend->name.str(),
                                backend->cannotSet.str()));
  const ir::Module& module = view->plan->module();
  std::vector<Record> wishes;
  std::string what;
  for (size_t n = 1; n < given.words.size(); ++n) {
    auto [key, value] = llvm::StringRef(given.words[n]).split('=');
    uint32_t count = 0;
    bool isLimit = key.consume_front("limit.");
    const ir::Limit* known = nullptr;
    for (const ir::Limit& limit : module.limits)
      if (limit.name == key) known = &limit;
    if (isLimit && known == nullptr) return wrongUse(unknownLimit(module, key));
    if (!isLimit || value.getAsInteger(10, count) || count == 0)
      return wrongUse(
          fmt::format("`{}` is not limit.NAME=COUNT with a count from 1 on", given.words[n]));
    Record& wish = wishes.emplace_back();
    wish.kind = Record::Change;
    wish.text = key;
    wish.number = count;
    what += fmt::format("{}limit.{} is {} (in the flow {}, {})", what.empty() ? "" : "\n",
                        key.str(), count, known->count, place(module, known->loc));
  }
  return ask(*view, std::move(wishes), what);
}

}  // namespace wfc::run
