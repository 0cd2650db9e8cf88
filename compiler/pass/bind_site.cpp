// checked -> planned. Needs that are not stated come from the site; each family gets a partition;
// every need is checked at the ceiling of its retries, and what does not fit is reported at the
// flow's line and the site's together.
//
// A family above the array or submit limit is no mistake: it goes in chunks and waves, which is the
// target's and the runtime's matter. Memory, cores and GPUs are those of one node; cpus are those
// of one task (rank).
#include <set>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "llvm/ADT/STLExtras.h"

#include "compiler/base/suggest.h"
#include "compiler/diag/catalog/plan.h"
#include "compiler/diag/catalog/site.h"
#include "compiler/ir/features.h"
#include "compiler/ir/planned.h"
#include "compiler/pass/fit.h"
#include "compiler/pass/hours.h"
#include "compiler/pass/pass.h"
#include "compiler/pass/pools.h"
#include "compiler/pass/secrets.h"
#include "compiler/site/quantity.h"

namespace wfc::pass {

namespace {

using site::Partition;

class Binder {
 public:
  Binder(ir::Module& module, const Context& context)
      : module_(module),
        site_(*context.site),
        emitter_(context.emitter),
        locate_(context.sources, module) {}

  void bind() {
    module_.site = site_.name;
    module_.siteFacts = site::facts(site_);
    module_.publishRoot = site_.publishRoot;
    for (uint32_t i = 0; i < module_.tasks.size(); ++i) addDefaults(module_.tasks[i]);
    for (ir::Pool& pool : module_.pools) placePool(pool);
    for (uint32_t i = 0; i < module_.families.size(); ++i) place(ir::FamilyId(i));
    checkRates();
  }

 private:
  bool isUsed(const ir::Task& task) const {
    for (const ir::Family& family : module_.families)
      if (family.task && &module_[family.task] == &task) return true;
    return isPool(task);
  }

  bool isPool(const ir::Task& task) const {
    return llvm::any_of(module_.pools,
                        [&](const ir::Pool& pool) { return &module_[pool.task] == &task; });
  }

  static bool states(const ir::Task& task, llvm::StringRef key) {
    for (const ir::Need& need : task.needs)
      if (need.key == key) return true;
    return false;
  }

  void addDefaults(ir::Task& task) {
    struct Default {
      const char* key;
      const site::Amount& amount;
      ir::Value::Kind kind;
      ir::Type::Kind type;
    };
    const Default defaults[] = {
        {"cpus", site_.defaultCpus, ir::Value::Int, ir::Type::Int},
        {"memory", site_.defaultMemory, ir::Value::Bytes, ir::Type::Bytes},
        {"time", site_.defaultTime, ir::Value::Duration, ir::Type::Duration}};
    for (const Default& one : defaults) {
      if (states(task, one.key)) continue;
      // A pool has whole nodes where it does not say otherwise.
      if (isPool(task) && llvm::StringRef(one.key) != "time") continue;
      if (!one.amount.isStated()) {
        reportUnstated(task, one.key);
        continue;
      }
      ir::Expr expr;
      expr.op = ir::Op::Const;
      expr.type = ir::Types::basic(one.type);
      expr.value = ir::Value::scalar(one.kind, one.amount.value);
      module_.exprs.push_back(std::move(expr));
      ir::Need need;
      need.key = one.key;
      need.value = ir::ExprId(static_cast<uint32_t>(module_.exprs.size() - 1));
      task.needs.push_back(std::move(need));
    }
  }

  void reportUnstated(const ir::Task& task, const char* key) {
    if (!isUsed(task)) return;
    emitter_.report(locate_(task.loc),
                    diag::UnstatedNeed{.task = task.name, .need = key, .site = site_.name});
  }

  void placePool(ir::Pool& pool) {
    ir::Family whole;
    whole.name = pool.name;
    whole.task = pool.task;
    pool.placement = placed(whole);
  }

  void place(ir::FamilyId id) {
    const ir::Family& family = module_[id];
    ir::Placement placement = placed(family);
    placement.family = id;
    module_.placements.push_back(std::move(placement));
  }

  ir::Placement placed(const ir::Family& family) {
    ir::Placement placement;
    if (!family.task) return placement;
    const ir::Task& task = module_[family.task];
    Needs needs = needsOf(module_, family);
    reportMistakes(task, needs);
    checkFacilities(task);
    const ir::Pool* pool = ir::poolNamed(module_, family.pool);
    const Partition* partition = pool ? partitionIn(*pool, task, needs) : partitionOf(task, needs);
    for (const Misfit& misfit : siteMisfits(needs, site_, partition))
      reportMisfit(task, misfit, "site `" + site_.name + "`");
    if (partition) fill(placement, needs, *partition, task);
    addFeatures(placement, needs, partition);
    addAmounts(placement, needs);
    return placement;
  }

  /// What runs in a pool is where the pool is.
  const Partition* partitionIn(const ir::Pool& pool, const ir::Task& task, const Needs& needs) {
    const Partition* partition = site_.partition(pool.placement.partition);
    if (partition) reportMisfits(task, needs, *partition);
    return partition;
  }

  const Partition* partitionOf(const ir::Task& task, const Needs& needs) {
    if (auto it = needs.names.find("partition"); it != needs.names.end()) {
      const Partition* named = site_.partition(it->second.first);
      if (!named) {
        std::vector<std::string> names;
        for (const Partition& partition : site_.partitions) names.push_back(partition.name);
        reportUnknown("partition", it->second.first, names, it->second.second->loc);
        return nullptr;
      }
      reportMisfits(task, needs, *named);
      if (!named->gpus.empty() && !asksGpu(needs))
        reportIdle(task, *named, it->second.second->loc, "name one without, or ask for a GPU");
      return named;
    }
    if (site_.partitions.empty()) return nullptr;
    if (const Partition* chosen = choose(needs, site_)) {
      bool isIdle = !chosen->gpus.empty() && !asksGpu(needs) && !site_.oversubscribe;
      if (isIdle)
        reportIdle(task, *chosen, task.loc, "no partition without GPUs holds the other needs");
      return chosen;
    }
    reportMisfits(task, needs, *nearest(needs, site_));
    return nullptr;
  }

  void fill(ir::Placement& placement, const Needs& needs, const Partition& partition,
            const ir::Task&) {
    placement.partition = partition.name;
    if (!partition.qos.empty()) placement.qos = partition.qos.front().text;
    auto it = needs.names.find("qos");
    if (it == needs.names.end()) return;
    placement.qos = it->second.first;
    std::vector<std::string> names;
    for (const site::Text& qos : partition.qos) names.push_back(qos.text);
    if (!names.empty() && std::find(names.begin(), names.end(), placement.qos) == names.end())
      reportUnknown("QOS", placement.qos, names, it->second.second->loc);
  }

  /// Of several that would do, those that the partition has: schedulers refuse a name that none of
  /// their nodes has.
  void addFeatures(ir::Placement& placement, const Needs& needs, const Partition* partition) {
    std::vector<std::string> features;
    for (const Feature& feature : needs.features) {
      std::vector<std::string> names = feature.anyOf;
      bool isStated = partition != nullptr && !partition->features.empty();
      if (isStated)
        llvm::erase_if(names, [&](const std::string& name) {
          return llvm::none_of(partition->features,
                               [&](const site::Text& has) { return has.text == name; });
        });
      features.push_back(fmt::format("{}", fmt::join(names, "|")));
    }
    if (!features.empty()) placement.notes["feature"] = ir::conditionOf(features);
  }

  /// The needs of the first attempt as text; `varies` where they differ within the family or are
  /// known only at run time.
  void addAmounts(ir::Placement& placement, const Needs& needs) {
    auto text = [](const Amount& amount) {
      return amount.varies() ? std::string("varies") : fmt::format("{:.0f}", amount.largest);
    };
    for (const auto& [key, amount] : needs.amounts) placement.notes[key] = text(amount);
    for (const Gpus& gpus : needs.gpus) placement.notes["gpus." + gpus.model] = text(gpus.count);
    for (const Gpus& licence : needs.licences)
      placement.notes["licence." + licence.model] = text(licence.count);
    for (const std::string& key : needs.atRunTime) placement.notes[key] = "varies";
    if (needs.exclusive) placement.notes["exclusive"] = "true";
    auto ray = needs.names.find("ray");
    if (ray != needs.names.end()) placement.notes["ray"] = ray->second.first;
    auto account = needs.names.find("account");
    if (account == needs.names.end()) return;
    placement.notes["account"] = account->second.first;
    std::vector<std::string> names;
    for (const auto& [name, reference] : site_.accounts) names.push_back(name);
    if (!site_.accounts.contains(account->second.first))
      reportUnknown("account", account->second.first, names, account->second.second->loc);
  }

  void checkFacilities(const ir::Task& task) {
    bool hasNoModules = site_.modules.text.empty() || site_.modules.text == "none";
    if (!task.modules.empty() && hasNoModules)
      emitter_.report(
          locate_(task.loc),
          diag::MissingFacility{.task = task.name,
                                .what = fmt::format("the module `{}`", task.modules.front()),
                                .site = site_.name,
                                .has = "no module system",
                                .line = "none",
                                .siteAt = site_.modules.at});
    if (task.container && site_.containers.text == "none")
      emitter_.report(locate_(module_[task.container].loc),
                      diag::MissingFacility{.task = task.name,
                                            .what = "a container",
                                            .site = site_.name,
                                            .has = "no container runtime",
                                            .line = "none",
                                            .siteAt = site_.containers.at});
  }

  void checkRates() {
    if (site_.rate.perMs <= 0) return;
    for (const ir::Limit& limit : module_.limits) {
      if (limit.perMs <= 0) continue;
      double asked = static_cast<double>(limit.count) / static_cast<double>(limit.perMs);
      if (asked <= static_cast<double>(site_.rate.count) / static_cast<double>(site_.rate.perMs))
        continue;
      std::string allowed =
          fmt::format("{} per {}", site_.rate.count, site::timeText(site_.rate.perMs));
      emitter_.report(locate_(limit.loc),
                      diag::RateBeyondSite{.limit = limit.name,
                                           .asked = fmt::format("{} per {}", limit.count,
                                                                site::timeText(limit.perMs)),
                                           .site = site_.name,
                                           .allowed = allowed,
                                           .line = allowed,
                                           .siteAt = site_.rate.at});
    }
  }

  // ---- reports

  void reportMistakes(const ir::Task& task, const Needs& needs) {
    for (const Needs::Mistake& mistake : needs.mistakes) {
      if (mistake.tooMany)
        emitter_.report(
            locate_(mistake.loc),
            diag::UncheckedNeed{.need = "need", .task = task.name, .count = mistake.what});
      else
        emitter_.report(
            locate_(mistake.loc),
            diag::WrongNeed{.task = task.name, .what = mistake.what, .why = mistake.why});
    }
  }

  void reportMisfits(const ir::Task& task, const Needs& needs, const Partition& partition) {
    for (const Misfit& misfit : misfits(needs, site_, partition)) {
      if (misfit.what == Misfit::Gpu)
        reportNoGpu(task, misfit, partition);
      else if (misfit.what == Misfit::Feature)
        reportNoFeature(task, misfit, partition);
      else
        reportMisfit(task, misfit, fmt::format("`{}`", partition.name),
                     fmt::format("partition `{}`", partition.name));
    }
  }

  void reportMisfit(const ir::Task& task, const Misfit& misfit, std::string room,
                    std::string line = {}) {
    bool isGrown = misfit.amount && misfit.amount->grows && !misfit.amount->how.empty();
    ir::Loc loc = task.loc;
    if (misfit.amount && misfit.amount->need && misfit.amount->need->loc.line)
      loc = misfit.amount->need->loc;
    std::vector<diag::Label> more;
    std::string hint;
    if (misfit.amount && misfit.amount->need && !misfit.amount->need->loc.line)
      hint = fmt::format("the {} is the site's default", misfit.amount->need->key);
    if (isGrown) {
      more.push_back({locate_(loc), "the first attempt"});
      loc = misfit.amount->grows->loc;
    }
    emitter_.report(locate_(loc),
                    diag::NeedBeyondSite{.task = task.name,
                                         .asked = misfit.asked,
                                         .room = std::move(room),
                                         .allowed = misfit.allowed,
                                         .why = isGrown ? misfit.amount->how : "",
                                         .line = std::move(line),
                                         .hint = hint,
                                         .siteAt = misfit.siteAt},
                    std::move(more));
  }

  void reportNoGpu(const ir::Task& task, const Misfit& misfit, const Partition& partition) {
    std::vector<std::string> models;
    for (const Partition& each : site_.partitions)
      for (const site::Gpus& gpus : each.gpus) models.push_back(gpus.model);
    auto near = base::suggest(misfit.model, models);
    std::string hint =
        near && *near != misfit.model ? fmt::format("did you mean `{}`?", *near) : "";
    std::string has =
        partition.gpus.empty() ? "none" : fmt::format("`{}`", partition.gpus.front().model);
    emitter_.report(locate_(misfit.amount->need->loc),
                    diag::NoSuchGpu{.task = task.name,
                                    .asked = misfit.asked,
                                    .room = fmt::format("`{}`", partition.name),
                                    .has = has,
                                    .line = "this partition",
                                    .nearest = hint,
                                    .siteAt = misfit.siteAt});
  }

  void reportNoFeature(const ir::Task& task, const Misfit& misfit, const Partition& partition) {
    std::vector<std::string> all, here;
    for (const Partition& each : site_.partitions)
      for (const site::Text& feature : each.features) all.push_back(feature.text);
    for (const site::Text& feature : partition.features) here.push_back(feature.text);
    auto near = base::suggest(misfit.model, all);
    std::string hint = !near ? ""
                       : *near == misfit.model
                           ? "another partition has it, where the other needs do not fit"
                           : fmt::format("did you mean `{}`?", *near);
    emitter_.report(locate_(misfit.need->loc),
                    diag::NoSuchFeature{
                        .task = task.name,
                        .asked = misfit.asked,
                        .room = fmt::format("`{}`", partition.name),
                        .has = here.empty() ? "none" : fmt::format("`{}`", fmt::join(here, "`, `")),
                        .line = "this partition",
                        .nearest = hint,
                        .siteAt = misfit.siteAt});
  }

  void reportIdle(const ir::Task& task, const Partition& partition, ir::Loc loc, const char* hint) {
    emitter_.report(locate_(loc), diag::IdleGpus{.task = task.name,
                                                 .partition = partition.name,
                                                 .line = "its GPUs",
                                                 .hint = hint,
                                                 .siteAt = partition.gpus.front().count.at});
  }

  void reportUnknown(const char* what, const std::string& name,
                     const std::vector<std::string>& names, ir::Loc loc) {
    auto near = base::suggest(name, names);
    std::string hint = near            ? fmt::format("did you mean `{}`?", *near)
                       : names.empty() ? ""
                                       : fmt::format("it has `{}`", fmt::join(names, "`, `"));
    emitter_.report(
        locate_(loc),
        diag::UnknownPartition{.site = site_.name, .what = what, .name = name, .nearest = hint});
  }

  ir::Module& module_;
  const site::Site& site_;
  diag::Emitter& emitter_;
  target::Locator locate_;
};

}  // namespace

ir::Module bindSite(ir::Module module, const Context& context) {
  if (!context.site) return module;
  Binder(module, context).bind();
  checkSecrets(module, context);
  checkHours(module, context);
  checkPools(module, context);
  module.stage = ir::Stage::Planned;
  return module;
}

}  // namespace wfc::pass
