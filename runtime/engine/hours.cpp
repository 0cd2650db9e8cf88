// Budgets of hours: a total for the whole run. What an attempt may use is held while it runs, and
// what it has used is spent for good; who finds no room in what is left is cancelled, so that the
// run ends and says so.
#include <fmt/format.h>

#include "runtime/engine/impl.h"

namespace wfc::run {

bool Engine::Impl::isOfHours(uint32_t budget) const {
  const std::string& resource = m.budgets[budget].resource;
  return resource == "node_hours" || resource == "gpu_hours";
}

int64_t Engine::Impl::widthOf(uint32_t budget, const Needs& needs) const {
  return needs.nodes * (m.budgets[budget].resource == "gpu_hours" ? needs.gpus : 1);
}

int64_t Engine::Impl::hoursNeed(InstanceId id, uint32_t budget) const {
  if (!m.families[id.family].task.valid()) return 0;
  std::optional<Attempt> last = lastOf(id);
  bool isAtWork = last && !last->hasEnded && last->n > 0;
  Needs needs = needsOf(id, isAtWork ? last->n : numberOf(id) + 1);
  return widthOf(budget, needs) * needs.timeMs;
}

void Engine::Impl::takeHours(InstanceId id) {
  for (uint32_t n = 0; n < m.budgets.size(); ++n) {
    if (!isOfHours(n)) continue;
    int64_t hours = hoursNeed(id, n);
    budgetHeld[n] += hours - std::exchange(hoursHeld[{n, id}], hours);
  }
}

void Engine::Impl::giveHours(InstanceId id) {
  for (uint32_t n = 0; n < m.budgets.size(); ++n) {
    auto held = hoursHeld.find({n, id});
    if (held == hoursHeld.end()) continue;
    budgetHeld[n] -= held->second;
    hoursHeld.erase(held);
  }
}

void Engine::Impl::spendHours(InstanceId id, const Record& end) {
  if (end.started <= 0 || end.ended <= end.started || end.attempt == 0) return;
  for (uint32_t n = 0; n < m.budgets.size(); ++n) {
    if (!isOfHours(n) || !m.families[id.family].task.valid()) continue;
    budgetSpent[n] += widthOf(n, needsOf(id, end.attempt)) * (end.ended - end.started);
    hasSpent = true;
  }
}

std::string Engine::Impl::spentBudget(InstanceId id) const {
  for (uint32_t n = 0; n < m.budgets.size(); ++n) {
    const ir::Budget& budget = m.budgets[n];
    int64_t hours = isOfHours(n) ? hoursNeed(id, n) : 0;
    if (hours == 0 || budgetSpent[n] + hours <= budget.amount.i) continue;
    auto text = [&](int64_t ms) {
      return ir::toText(m, ir::Value::scalar(ir::Value::Duration, ms / 1000 * 1000));
    };
    return fmt::format("the budget of {} {} has no room for its {}: {} are spent",
                       text(budget.amount.i), budget.resource, text(hours), text(budgetSpent[n]));
  }
  return {};
}

void Engine::Impl::cutSpent(Decisions& out) {
  if (!std::exchange(hasSpent, false)) return;
  for (uint32_t family = 0; family < state.families.size(); ++family) {
    for (uint32_t n = 0; n < state.families[family].instances.size(); ++n) {
      InstanceId id{family, n};
      if (state.at(id).phase != Phase::Ready) continue;
      std::string spent = spentBudget(id);
      if (!spent.empty()) settleAs(id, ir::Outcome::Cancelled, spent, out);
    }
  }
}

}  // namespace wfc::run
