// What a run may have on the shared disk at once, beside the site's quota.
#include "compiler/diag/catalog/site.h"
#include "compiler/driver/plan/plan.h"
#include "compiler/target/locate.h"

namespace wfc::driver::plan {

namespace {

using forecast::Family;

/// The family of whose outputs most is said.
const Family* largest(const forecast::Forecast& forecast, forecast::Stated Family::* what) {
  const Family* most = nullptr;
  for (const Family& family : forecast.families)
    if (most == nullptr || (family.*what).amount > (most->*what).amount) most = &family;
  return most;
}

}  // namespace

void compareWithQuota(Session& session, const site::Site& site, const Plan& plan) {
  target::Locator locate(session.sources, plan.module);
  auto compare = [&](const site::Amount& quota, double peak, forecast::Stated Family::* what,
                     const std::function<std::string(double)>& text) {
    if (!quota.isStated() || peak <= static_cast<double>(quota.value)) return;
    const Family* most = largest(plan.forecast, what);
    const ir::Family& family = plan.module[most->family];
    std::string allowed = text(static_cast<double>(quota.value));
    session.emitter.report(locate(family.loc),
                           diag::QuotaExceeded{.flow = plan.module.flow,
                                               .asked = text(peak),
                                               .site = site.name,
                                               .allowed = allowed,
                                               .most = text((most->*what).amount),
                                               .line = allowed,
                                               .siteAt = quota.at});
  };
  compare(site.quotaBytes, plan.forecast.peakBytes.value, &Family::bytes, bytesText);
  compare(site.quotaFiles, plan.forecast.peakInodes.value, &Family::inodes, filesText);
}

std::string quotaText(const Plan& plan) {
  std::string text;
  if (plan.quotaBytes) text = bytesText(static_cast<double>(*plan.quotaBytes));
  if (plan.quotaFiles)
    text += (text.empty() ? "" : ", ") + filesText(static_cast<double>(*plan.quotaFiles));
  return text;
}

}  // namespace wfc::driver::plan
