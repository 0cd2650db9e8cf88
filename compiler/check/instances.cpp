// What is proven of single instances before anything runs: paths that someone chose tell them
// apart, meet no other and stay in their folder; values that are computed for each can be.
#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <set>

#include "compiler/check/graph.h"
#include "compiler/diag/catalog/check.h"

namespace wfc::check {

namespace {

/// The instances of a family whose loops are known. Of a large one the first and the last stand for
/// all.
class Instances {
 public:
  Instances(Session& s, const ir::Family& family) : s_(s), family_(family) {
    count_ = 1;
    for (ir::LoopId loop : family.loops) {
      ir::SpaceId space = s.module[loop].space;
      sizes_.push_back(ir::isStatic(s.module, space) ? ir::sizeOf(s.module, space) : 0);
      if (__builtin_mul_overflow(count_, sizes_.back(), &count_)) count_ = 0;
    }
    elements_.resize(sizes_.size());
    at_.resize(sizes_.size());
    outer_.loopVar = [this](ir::LoopId id) -> const ir::Value* {
      size_t n = indexOf(id);
      return n < elements_.size() ? &elements_[n] : nullptr;
    };
    outer_.loopPosition = [this](ir::LoopId id) -> std::optional<std::pair<uint64_t, uint64_t>> {
      size_t n = indexOf(id);
      if (n == sizes_.size()) return std::nullopt;
      return std::pair(at_[n], sizes_[n]);
    };
    inside_.input = [this](uint32_t n) -> const ir::Value* {
      if (n >= family_.args.size()) return nullptr;
      ir::Result value = ir::evaluate(s_.module, family_.args[n], outer_);
      return value ? &arguments_.emplace_back(std::move(*value.value)) : nullptr;
    };
  }
  Instances(const Instances&) = delete;

  /// 0: not known, or without end.
  uint64_t count() const { return count_; }
  /// Where its arguments are computed, and where its task's clauses are.
  const ir::Scope& outer() const { return outer_; }
  const ir::Scope& inside() const { return inside_; }

  /// Calls `visit` at each of them, at most `most`, until it says no.
  void each(uint64_t most, const std::function<bool()>& visit) {
    for (uint64_t n = 0; n < count_; ++n) {
      if (count_ > most && n == most / 2) n = count_ - most / 2;
      arguments_.clear();
      uint64_t rest = n;
      for (size_t i = 0; i < elements_.size(); ++i) {
        at_[i] = rest % sizes_[i];
        elements_[i] = ir::elementAt(s_.module, s_.module[family_.loops[i]].space, at_[i]);
        rest /= sizes_[i];
      }
      if (exists() && !visit()) return;
    }
  }

  std::string id() const {
    std::vector<std::string> keys;
    for (size_t i = 0; i < elements_.size(); ++i)
      keys.push_back(ir::keyOf(s_.module, s_.module[family_.loops[i]].space, elements_[i]));
    return ir::instanceId(family_, keys);
  }

 private:
  size_t indexOf(ir::LoopId id) const {
    return static_cast<size_t>(std::find(family_.loops.begin(), family_.loops.end(), id) -
                               family_.loops.begin());
  }

  bool exists() const {
    return std::all_of(family_.guards.begin(), family_.guards.end(), [&](const ir::Guard& guard) {
      if (!guard.isStatic) return true;
      ir::Result holds = ir::evaluate(s_.module, guard.condition, outer_);
      return !holds || holds.value->truth() == guard.wanted;
    });
  }

  Session& s_;
  const ir::Family& family_;
  uint64_t count_ = 0;
  std::vector<uint64_t> sizes_, at_;
  std::vector<ir::Value> elements_;
  std::deque<ir::Value> arguments_;
  ir::Scope outer_, inside_;
};

/// Loops whose element reaches a value through the arguments of the family.
void loopsIn(const ir::Module& module, const ir::Family& family, ir::ExprId expr,
             std::set<uint32_t>& loops) {
  ir::walk(module, expr, [&](const ir::Expr& e) {
    if (e.op == ir::Op::LoopVar) loops.insert(e.index);
    if (e.op == ir::Op::Input && e.index < family.args.size())
      loopsIn(module, family, family.args[e.index], loops);
    if (e.op == ir::Op::Special && e.text == "instance")
      for (ir::LoopId loop : family.loops) loops.insert(loop.index());
  });
}

/// `a/../b`, and nothing at all.
bool leadsOut(StringRef path) {
  llvm::SmallVector<StringRef> parts;
  path.split(parts, '/');
  return path.empty() || path.ends_with("/") || llvm::is_contained(parts, "..");
}

/// Which paths someone chose, and who writes there.
class ChosenPaths {
 public:
  explicit ChosenPaths(Session& s) : s_(s) {}

  void prove() {
    for (const ir::Family& family : s_.module.families)
      if (family.role == ir::Family::Work)
        for (const ir::Output& output : s_.module[family.task].outputs)
          if (output.path.valid() && !s_.isError(s_.module[output.path].type)) add(family, output);
    if (paths_.empty()) return;
    for (const auto& [path, family] : paths_) meetBelow(path, *family);
    for (const ir::Family& family : s_.module.families)
      if (family.role == ir::Family::Work) meetDerived(family);
  }

 private:
  void add(const ir::Family& family, const ir::Output& output) {
    std::set<uint32_t> loops;
    loopsIn(s_.module, family, output.path, loops);
    bool collides = false;
    for (ir::LoopId loop : family.loops)
      if (!loops.count(loop.index()) && (collides = true))
        s_.report(s_.rangeOf(output.loc),
                  diag::OutputCollides{.output = output.name,
                                       .family = family.name,
                                       .index = s_.module[loop].variable,
                                       .loopAt = s_.rangeOf(s_.module[loop].loc)});
    Instances instances(s_, family);
    if (instances.count() > 10000) return;
    instances.each(10000, [&] {
      ir::Result text = ir::evaluate(s_.module, output.path, instances.inside());
      if (!text) return true;
      const std::string& path = text.value->s;
      if (leadsOut(path)) {
        s_.report(s_.rangeOf(output.loc),
                  diag::PathLeadsOut{.path = path, .callAt = s_.rangeOf(family.loc)});
        return false;
      }
      auto [it, isNew] = paths_.emplace(path, &family);
      bool isKnown = collides && it->second == &family;
      if (!isNew && !isKnown) meet(path, family, *it->second);
      return isNew;
    });
  }

  void meet(const std::string& path, const ir::Family& family, const ir::Family& first) {
    s_.report(s_.rangeOf(family.loc),
              diag::SamePath{.path = path, .firstAt = s_.rangeOf(first.loc)});
  }

  /// What lies in a folder that another writes.
  bool meetBelow(const std::string& path, const ir::Family& family) {
    auto below = paths_.lower_bound(path + "/");
    bool isBelow = below != paths_.end() && StringRef(below->first).starts_with(path + "/");
    if (isBelow) meet(below->first, *below->second, family);
    return isBelow;
  }

  /// Paths that follow from names: `model/3`, `table.csv`.
  void meetDerived(const ir::Family& family) {
    const ir::Task& task = s_.module[family.task];
    for (uint32_t n = 0; n < task.outputs.size(); ++n) {
      if (task.outputs[n].small || task.outputs[n].path.valid()) continue;
      std::string path = family.name;
      std::replace(path.begin(), path.end(), '.', '/');
      if (family.loops.empty())
        path = StringRef(ir::derivedPath(s_.module, family, {}, n)).drop_front(6).str();  // files/
      if (meetBelow(path, family)) return;
      for (size_t end = path.size(); end != std::string::npos; end = path.rfind('/', end - 1)) {
        auto above = paths_.find(path.substr(0, end));
        if (above != paths_.end()) return meet(path, *above->second, family);
        if (end == 0) break;
      }
    }
  }

  Session& s_;
  std::map<std::string, const ir::Family*> paths_;
};

/// Whether an expression over inputs and loops may have no value, as a quotient or an element.
bool mayFail(const ir::Module& module, ir::ExprId expr) {
  bool may = false;
  ir::walk(module, expr, [&](const ir::Expr& e) {
    may |= e.op == ir::Op::Div || e.op == ir::Op::Mod || e.op == ir::Op::Index ||
           e.op == ir::Op::Call || e.op == ir::Op::Format;
  });
  return may;
}

class Computed {
 public:
  explicit Computed(Session& s) : s_(s) {}

  void prove(const ir::Family& family) {
    const ir::Task& task = s_.module[family.task];
    std::vector<ir::ExprId> outer, inside;
    auto keep = [&](ir::ExprId expr, std::vector<ir::ExprId>& into) {
      if (expr.valid() && mayFail(s_.module, expr)) into.push_back(expr);
    };
    for (ir::ExprId arg : family.args) keep(arg, outer);
    for (const ir::Hole& hole : task.body.holes) keep(hole.value, inside);  // needs: see pass/
    for (const ir::EnvVar& variable : task.env) keep(variable.value, inside);
    for (const ir::Output& output : task.outputs) keep(output.path, inside);
    if (outer.empty() && inside.empty()) return;
    Instances instances(s_, family);
    instances.each(1000, [&] {
      for (ir::ExprId expr : outer)
        if (!isThere(expr, instances.outer(), instances, family)) return false;
      for (ir::ExprId expr : inside)
        if (!isThere(expr, instances.inside(), instances, family)) return false;
      return true;
    });
  }

 private:
  /// False, with a report, if it cannot be computed. What is not known yet may be.
  bool isThere(ir::ExprId expr, const ir::Scope& scope, const Instances& instances,
               const ir::Family& family) {
    ir::Result result = ir::evaluate(s_.module, expr, scope);
    if (result || StringRef(result.error).ends_with("is not known here")) return true;
    s_.report(s_.rangeOf(result.at), diag::InstanceWithoutValue{.instance = instances.id(),
                                                                .why = result.error,
                                                                .callAt = s_.rangeOf(family.loc)});
    return false;
  }

  Session& s_;
};

}  // namespace

/// Two publications of one path, or of one inside another: whichever ends last would have it. Of
/// families that a condition guards only one may be there.
static void provePublications(Session& s) {
  std::map<std::string, const ir::Publish*> paths;
  for (const ir::Publish& publish : s.module.publishes) {
    std::optional<ir::Value> at = s.constantOf(publish.at);
    bool isGuarded = llvm::any_of(s.module[publish.ref].families, [&](ir::FamilyId family) {
      return !s.module[family].guards.empty();
    });
    if (!at || isGuarded) continue;
    const ir::Publish* other = nullptr;
    if (auto next = paths.lower_bound(at->s); next != paths.end())
      if (next->first == at->s || StringRef(next->first).starts_with(at->s + "/"))
        other = next->second;
    for (size_t end = at->s.rfind('/'); !other && end != std::string::npos && end > 0;
         end = at->s.rfind('/', end - 1))
      if (auto above = paths.find(at->s.substr(0, end)); above != paths.end())
        other = above->second;
    if (other)
      s.report(s.rangeOf(publish.loc),
               diag::SamePublication{.path = at->s, .firstAt = s.rangeOf(other->loc)});
    paths.emplace(at->s, &publish);
  }
}

void provePaths(Session& s) {
  ChosenPaths(s).prove();
  provePublications(s);
  for (const ir::Publish& publish : s.module.publishes) {
    std::optional<ir::Value> at = s.constantOf(publish.at);
    if (at && StringRef(at->s).contains("://"))
      s.report(s.rangeOf(publish.loc), diag::PublishInStore{.path = at->s});
    else if (at && leadsOut(at->s))
      s.report(s.rangeOf(publish.loc), diag::PathLeadsOut{.path = at->s, .callAt = {}});
  }
}

void proveValues(Session& s) {
  if (s.emitter.hasErrors()) return;
  Computed computed(s);
  for (const ir::Family& family : s.module.families)
    if (family.task.valid()) computed.prove(family);
}

}  // namespace wfc::check
