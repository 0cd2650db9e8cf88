// How many: exact where the module fixes it, a bound where one is declared, else the run's to find.
#include <algorithm>

#include "fmt/format.h"

#include "compiler/forecast/parts.h"
#include "compiler/ir/space.h"
#include "compiler/target/locate.h"

namespace wfc::forecast {

namespace {

Count fromSize(uint64_t size) {
  return size == ir::kOpen ? Count{0, Count::NoEnd} : Count{size, Count::Exactly};
}

Count atMost(Count count) {
  if (count.how == Count::Exactly) count.how = Count::AtMost;
  return count;
}

bool yieldsSet(const ir::Module& module, const ir::Ref& ref) {
  const ir::Family& producer = module[ref.families.front()];
  if (!producer.task || ref.output >= module[producer.task].outputs.size()) return false;
  return module.types[module[producer.task].outputs[ref.output].type].kind == ir::Type::Set;
}

/// The instances that a reference names from one place.
Count named(const ir::Module& module, const ir::Ref& ref) {
  if (yieldsSet(module, ref)) return {0, Count::FoundByRun};
  Count sum;
  for (ir::FamilyId producer : ref.families) {
    std::string why;
    Count one{1, Count::Exactly};
    const ir::Family& family = module[producer];
    for (size_t n = 0; n < family.loops.size() && n < ref.indices.size(); ++n) {
      const ir::IndexPattern& index = ref.indices[n];
      bool isOne = index.kind == ir::IndexPattern::Same || index.kind == ir::IndexPattern::At;
      if (isOne) continue;
      Count all = countOf(module, module[family.loops[n]].space);
      one = one * (index.kind == ir::IndexPattern::All ? all : atMost(all));
    }
    bool isCertain = family.guards.empty() && ref.demand == ir::Demand::All;
    sum = sum + (isCertain ? one : atMost(one));
  }
  return sum;
}

}  // namespace

Count operator*(Count a, Count b) {
  // Nothing, times what is not known, is nothing.
  if ((a.how == Count::Exactly && a.n == 0) || (b.how == Count::Exactly && b.n == 0)) return {};
  Count product{0, std::max(a.how, b.how)};
  if (product.isKnown() && __builtin_mul_overflow(a.n, b.n, &product.n)) return {0, Count::NoEnd};
  return product;
}

Count operator+(Count a, Count b) {
  Count sum{0, std::max(a.how, b.how)};
  if (sum.isKnown() && __builtin_add_overflow(a.n, b.n, &sum.n)) return {0, Count::NoEnd};
  return sum;
}

Count countOf(const ir::Module& module, ir::SpaceId id) {
  const ir::Space& space = module[id];
  if (space.kind != ir::Space::Repeat && ir::isStatic(module, id))
    return fromSize(ir::sizeOf(module, id));
  auto n = static_cast<uint64_t>(std::max<int64_t>(space.n, 1));
  switch (space.kind) {
    case ir::Space::Repeat:
      return {ir::sizeOf(module, id), Count::AtMost};
    case ir::Space::Product: {
      Count product{1, Count::Exactly};
      for (ir::SpaceId factor : space.factors) product = product * countOf(module, factor);
      return product;
    }
    case ir::Space::Members:
      return named(module, module[space.ref]);
    case ir::Space::EveryNth:
    case ir::Space::Batches: {
      Count base = countOf(module, space.base);
      if (base.isKnown()) base.n = base.n / n + (base.n % n != 0);
      return base;
    }
    case ir::Space::Reverse:
      return countOf(module, space.base);
    case ir::Space::Groups:
      return atMost(countOf(module, space.base));
    case ir::Space::Slice: {
      // The first so many of what the run finds are so many at most.
      Count base = countOf(module, space.base);
      uint64_t most = space.hi < space.lo
                          ? 0
                          : static_cast<uint64_t>(space.hi) - static_cast<uint64_t>(space.lo);
      if (space.hi >= space.lo && most < UINT64_MAX) ++most;
      if (base.isKnown()) return {std::min(base.n, most), Count::AtMost};
      return space.hi == INT64_MAX ? base : Count{most, Count::AtMost};
    }
    default:
      return {0, Count::FoundByRun};
  }
}

Count countOf(const ir::Module& module, const ir::Family& family, std::string& why) {
  if (family.role == ir::Family::Hook) return {0, Count::Exactly};
  Count count{1, Count::Exactly};
  bool isStatic = true;
  for (ir::LoopId id : family.loops) {
    const ir::Loop& loop = module[id];
    Count size = countOf(module, loop.space);
    isStatic &= size.how == Count::Exactly;
    if (why.empty() && size.how == Count::FoundByRun)
      why = fmt::format("the members of `{}` are found by the run", loop.variable);
    if (why.empty() && size.how == Count::NoEnd)
      why = fmt::format("the cycle of `{}` has no end", loop.variable);
    if (why.empty() && size.how == Count::AtMost)
      why = module[loop.space].kind == ir::Space::Repeat
                ? fmt::format("repeated at most {} times", size.n)
                : fmt::format("at most {} members of `{}`", size.n, loop.variable);
    count = count * size;
  }
  bool hasStaticGuards = false;
  for (const ir::Guard& guard : family.guards) {
    hasStaticGuards |= guard.isStatic;
    if (guard.isStatic) continue;
    if (count.how == Count::Exactly)
      why = fmt::format("its condition is read by the run ({})",
                        target::locationText(module, guard.loc));
    count = atMost(count);
  }
  if (!hasStaticGuards) return count;
  if (!isStatic) return atMost(count);
  std::optional<uint64_t> kept = ir::instancesOf(module, family);
  if (kept && count.isKnown()) count.n = *kept;
  return count;
}

}  // namespace wfc::forecast
