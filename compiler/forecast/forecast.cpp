// The sums, and the order in which the parts are worked out.
#include "compiler/forecast/forecast.h"

#include "compiler/forecast/parts.h"

namespace wfc::forecast {

namespace {

/// What the run finds is left out of sums.
void addTo(Count& sum, Count count, uint64_t times) {
  if (!count.isKnown()) return;
  sum = sum + Count{count.n, count.how} * Count{times, Count::Exactly};
}

}  // namespace

Forecast forecast(const ir::Module& module) {
  Forecast result;
  for (uint32_t f = 0; f < module.families.size(); ++f)
    result.families.push_back(measured(module, ir::FamilyId(f)));
  for (const ir::Pool& pool : module.pools) result.pools.push_back(measured(module, pool));
  for (const Family& family : result.families) {
    const ir::Family& written = module[family.family];
    if (written.role == ir::Family::Hook) continue;
    addTo(result.instances, family.instances, 1);
    if (written.task) addTo(result.attempts, family.instances, family.attempts);
    result.foundByRun += !family.instances.isKnown();
    result.isAtMost |= family.instances.how == Count::AtMost;
    // What runs in a pool runs in hours that the pool asks for.
    if (!written.pool.empty()) continue;
    result.once += family.once;
    result.ceiling += family.ceiling;
  }
  for (const Pool& pool : result.pools) {
    result.once += pool.once;
    result.ceiling += pool.ceiling;
  }
  Graph graph = graphOf(module);
  lay(module, graph, result);
  findPeaks(module, graph, result);
  findPeakDisk(module, graph, result);
  return result;
}

}  // namespace wfc::forecast
