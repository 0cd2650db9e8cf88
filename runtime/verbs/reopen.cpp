// retry and rewind: which instances go back to waiting, and who sees to it.
#include <fmt/format.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "runtime/control/controller.h"
#include "runtime/control/wish.h"
#include "runtime/verbs/verbs.h"

namespace wfc::run {

namespace {

/// Ids that are shown one by one.
constexpr size_t kShown = 20;

/// What lies where it was left, before anything is changed.
struct Found {
  std::unique_ptr<RunView> view;
  std::vector<InstanceId> chosen;
  Reopening reopening;
};

std::string find(const Given& given, bool isRewind, Found& plan) {
  std::string error;
  plan.view = RunView::read(absolute(given.words[0]), error);
  if (!plan.view) return error;
  const Engine& engine = *plan.view->engine;
  plan.view->engine->settle(nowMs());
  std::vector<std::string> selectors(given.words.begin() + 1, given.words.end());
  error = select(engine, selectors, given.listOf("--outcome"), plan.chosen);
  if (!error.empty()) return error;
  // Of what was named, only the failed are retried; the others follow from them.
  auto hasNotFailed = [&](InstanceId id) {
    const Instance& instance = engine.state().at(id);
    return stateName(instance) != "failed" && stateName(instance) != "cancelled";
  };
  if (!isRewind) std::erase_if(plan.chosen, hasNotFailed);
  plan.reopening = engine.reopening(plan.chosen, isRewind,
                                    [&](InstanceId id) { return isGone(*plan.view, id); });
  return {};
}

void printJson(const Found& plan, bool isDry, const Delivery& delivery) {
  static constexpr llvm::StringRef kKinds[] = {"done", "taken", "later"};
  llvm::raw_fd_ostream out(1, false);
  llvm::json::OStream json(out);
  const Engine& engine = *plan.view->engine;
  json.object([&] {
    json.attributeArray("instances", [&] {
      for (const Reopening::Item& item : plan.reopening.items) {
        json.object([&] {
          json.attribute("id", engine.idOf(item.instance));
          json.attribute("state", stateName(engine.state().at(item.instance)));
          json.attribute("how", item.isRewound ? "rewind" : "retry");
        });
      }
    });
    json.attribute("dry", isDry);
    if (!isDry) json.attribute("delivery", kKinds[delivery.kind]);
  });
  out << "\n";
}

void printText(const Found& plan, bool isRewind, bool isDry) {
  const Engine& engine = *plan.view->engine;
  const std::vector<Reopening::Item>& items = plan.reopening.items;
  fmt::print("{} instance{} {} back to waiting{}\n", items.size(), items.size() == 1 ? "" : "s",
             isDry               ? "would go"
             : items.size() == 1 ? "goes"
                                 : "go",
             isRewind ? ", with what lies downstream" : "");
  for (size_t n = 0; n < items.size() && n < kShown; ++n) {
    const Instance& instance = engine.state().at(items[n].instance);
    fmt::print("  {} ({}){}\n", engine.idOf(items[n].instance), stateName(instance).str(),
               items[n].isRewound && !isRewind ? ", rewound" : "");
  }
  if (items.size() > kShown) fmt::print("  … and {} more; see --json\n", items.size() - kShown);
}

void printDelivery(const Delivery& delivery) {
  if (!delivery.error.empty())
    fmt::print(stderr, "wfr: {}\n", delivery.error);
  else if (delivery.kind == Delivery::Taken)
    fmt::print("{}: it takes this in\n", delivery.by);
  else if (delivery.kind == Delivery::Later)
    fmt::print("some of them still run; `wfr start` ends them first and goes on\n");
}

int reopen(const Given& given, bool isRewind) {
  Found found;
  std::string error = find(given, isRewind, found);
  if (!error.empty()) return wrongUse(error);
  bool isDry = given.has("--dry-run");
  bool isJson = given.has("--json");
  if (found.chosen.empty() && !isJson) {
    fmt::print("nothing to {}\n", isRewind ? "rewind" : "retry");
    return abi::Good;
  }
  const Backend* backend = findBackend(found.view->header.target);
  if (backend == nullptr)
    return wrongUse(fmt::format("this wfr knows no target `{}`", found.view->header.target));
  if (!backend->cannotReopen.empty())
    return wrongUse(fmt::format("nothing can be taken back on {}: {}", backend->name.str(),
                                backend->cannotReopen.str()));
  Delivery delivery;
  if (!isDry && !found.chosen.empty()) {
    std::vector<Record> wishes;
    llvm::BumpPtrAllocator memory;
    llvm::StringSaver saver(memory);
    for (InstanceId id : found.chosen) {
      Record& wish = wishes.emplace_back();
      wish.kind = Record::Ask;
      wish.instance = saver.save(found.view->engine->idOf(id));
      wish.text = isRewind ? "rewind" : "retry";
    }
    if (!leaveWishes(found.view->run, std::move(wishes))) return cannotWrite(found.view->run);
    if (!isJson) printText(found, isRewind, false);
    delivery = deliver(found.view->run, *backend);
    if (!isJson) printDelivery(delivery);
  } else if (!isJson) {
    printText(found, isRewind, true);
  }
  if (isJson) printJson(found, isDry, delivery);
  return delivery.exit;
}

}  // namespace

int verbRetry(const Given& given) { return reopen(given, false); }
int verbRewind(const Given& given) {
  if (given.words.size() < 2 && !given.has("--outcome"))
    return wrongUse("what should be rewound? A selector, such as 'model[2025-06..]', or '*'");
  return reopen(given, true);
}

}  // namespace wfc::run
