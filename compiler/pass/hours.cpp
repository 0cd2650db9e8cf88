// See hours.h.
#include "compiler/pass/hours.h"

#include <algorithm>
#include <set>

#include "compiler/diag/catalog/plan.h"
#include "compiler/ir/types.h"
#include "compiler/pass/needs.h"
#include "compiler/target/locate.h"

namespace wfc::pass {

namespace {

/// A factor of what is used, at most and at least.
struct Factor {
  double most = 1, least = 1;
};

Factor factorOf(const Amount& amount) {
  return {amount.ceiling, amount.varies() ? amount.smallest : amount.ceiling};
}

/// What some attempt may use surely: where several needs differ within the family, the largest of
/// one need not meet the largest of another.
double largestOf(llvm::ArrayRef<Factor> factors) {
  double largest = 0;
  for (size_t one = 0; one < factors.size(); ++one) {
    double product = 1;
    for (size_t n = 0; n < factors.size(); ++n)
      product *= n == one ? factors[n].most : factors[n].least;
    largest = std::max(largest, product);
  }
  return largest;
}

/// Hours of nodes, or of GPUs, of one attempt, in milliseconds.
double hoursOf(const Needs& needs, const Amount& time, bool isOfGpus) {
  std::vector<Factor> factors{factorOf(time)};
  auto nodes = needs.amounts.find("nodes");
  if (nodes != needs.amounts.end()) factors.push_back(factorOf(nodes->second));
  if (isOfGpus) {
    Factor gpus{0, 0};
    for (const Gpus& each : needs.gpus) {
      gpus.most += factorOf(each.count).most;
      gpus.least += factorOf(each.count).least;
    }
    factors.push_back(gpus);
  }
  return largestOf(factors);
}

}  // namespace

void checkHours(const ir::Module& module, const Context& context) {
  target::Locator locate(context.sources, module);
  for (const ir::Budget& budget : module.budgets) {
    bool isOfGpus = budget.resource == "gpu_hours";
    if (!isOfGpus && budget.resource != "node_hours") continue;
    std::set<uint32_t> reported;
    for (const ir::Family& family : module.families) {
      if (!family.task || reported.contains(family.task.index())) continue;
      Needs needs = needsOf(module, family);
      auto time = needs.amounts.find("time");
      if (time == needs.amounts.end()) continue;
      double hours = hoursOf(needs, time->second, isOfGpus);
      if (hours <= static_cast<double>(budget.amount.i)) continue;
      reported.insert(family.task.index());
      // One that the site gives stands nowhere.
      ir::Loc at = time->second.need->loc.line ? time->second.need->loc : module[family.task].loc;
      context.emitter.report(locate(budget.loc),
                             diag::HoursBeyondBudget{
                                 .amount = amountText("time", static_cast<double>(budget.amount.i)),
                                 .resource = budget.resource,
                                 .asked = amountText("time", hours),
                                 .task = module[family.task].name,
                                 .time = time->second.how.empty() ? "its time" : time->second.how,
                                 .timeAt = locate(at)});
    }
  }
}

}  // namespace wfc::pass
