// Names, and the form of each input. A relation between index spaces that is neither "my own index"
// nor "all of them" is listed in the index, computed by the engine itself, so that no arithmetic on
// dates or keys is left to the Snakefile.
#include "targets/snakemake/shape.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

#include "compiler/ir/eval.h"
#include "compiler/ir/planned.h"
#include "compiler/ir/space.h"
#include "compiler/target/text/body.h"

namespace wfc::targets::snakemake {

namespace {

/// What may not name a rule, an input or a wildcard: keywords of Python, and names that Snakemake's
/// lists and the Snakefile itself use.
constexpr llvm::StringLiteral kTaken[] = {
    "False", "None",     "True",   "and",    "as",     "assert", "async",  "await",    "break",
    "class", "continue", "def",    "del",    "elif",   "else",   "except", "finally",  "for",
    "from",  "global",   "if",     "import", "in",     "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise",  "return", "try",    "while",  "with",   "yield",    "index",
    "sort",  "get",      "items",  "keys",   "values", "append", "all",    "rule",     "key",
    "wc",    "input",    "output", "match",  "case",   "insert", "extend", "pop",      "remove",
    "clear", "copy",     "count",  "reverse"};

std::string identifier(llvm::StringRef name, std::set<std::string>& used) {
  std::string text;
  for (char c : name) {
    bool isPlain = llvm::isAlnum(c) || c == '_';
    text += isPlain ? c : '_';
  }
  if (text.empty() || llvm::isDigit(text.front()) || text.front() == '_') text = "x" + text;
  if (std::find(std::begin(kTaken), std::end(kTaken), text) != std::end(kTaken)) text += '_';
  std::string unique = text;
  for (int n = 2; !used.insert(unique).second; ++n) unique = fmt::format("{}_{}", text, n);
  return unique;
}

bool isKnownAtStart(const ir::Module& module, const ir::Loop& loop) {
  return ir::isStatic(module, loop.space);
}

class Shaper {
 public:
  explicit Shaper(const run::Plan& plan) : plan_(plan), module_(plan.module()) {}

  std::vector<Shape> all() {
    std::set<std::string> used;
    for (uint32_t f = 0; f < module_.families.size(); ++f) shapes_.push_back(shapeOf(f, used));
    findLate();
    return std::move(shapes_);
  }

 private:
  Shape shapeOf(uint32_t f, std::set<std::string>& used) const {
    const ir::Family& family = module_.families[f];
    Shape shape;
    shape.isRule = family.role == ir::Family::Work;
    shape.file = target::fileName(family.name);
    if (!shape.isRule) return shape;
    shape.rule = identifier(family.name, used);
    std::set<std::string> wildcards, inputs;
    for (ir::LoopId loop : family.loops)
      shape.wildcards.push_back(identifier(module_[loop].variable, wildcards));
    std::vector<std::string> names = namesOfWaits(f);
    const std::vector<run::Wait>& waits = plan_.family(f).waits;
    for (uint32_t w = 0; w < waits.size(); ++w) {
      RuleInput input = inputOf(family, shape.wildcards, waits[w]);
      if (input.producers.empty()) continue;
      input.wait = w;
      input.name = identifier(names[w], inputs);
      shape.inputs.push_back(std::move(input));
    }
    shape.varying = varyingOf(f);
    return shape;
  }

  /// An input is called as the argument is in which its reference stands.
  std::vector<std::string> namesOfWaits(uint32_t f) const {
    const ir::Family& family = module_.families[f];
    const std::vector<run::Wait>& waits = plan_.family(f).waits;
    std::vector<std::string> names(waits.size());
    auto give = [&](ir::RefId ref, const std::string& name) {
      for (size_t w = 0; w < waits.size(); ++w)
        if (names[w].empty() && waits[w].ref == ref) names[w] = name;
    };
    for (size_t n = 0; n < family.args.size(); ++n) {
      if (!family.args[n]) continue;
      std::vector<ir::RefId> refs;
      ir::collectRefs(module_, family.args[n], refs);
      for (ir::RefId ref : refs) give(ref, module_[family.task].inputs[n].name);
    }
    for (ir::RefId ref : family.afters) give(ref, "after");
    for (size_t w = 0; w < waits.size(); ++w) {
      if (!names[w].empty()) continue;
      names[w] = w < plan_.family(f).guardWaits ? "decides" : "members";
    }
    return names;
  }

  RuleInput inputOf(const ir::Family& family, const std::vector<std::string>& wildcards,
                    const run::Wait& wait) const {
    const ir::Ref& ref = module_[wait.ref];
    RuleInput input;
    for (ir::FamilyId producer : ref.families)
      if (module_[producer].role == ir::Family::Work) input.producers.push_back(producer.index());
    // Who tolerates failures must not ask for the marker of what has failed.
    bool isAll = true, isSame = ref.families.size() == 1 && ref.demand == ir::Demand::All;
    isSame &= !ref.fallback;
    for (const ir::IndexPattern& index : ref.indices) {
      isAll &= index.kind == ir::IndexPattern::All;
      isSame &= index.kind == ir::IndexPattern::Same;
    }
    for (ir::FamilyId producer : ref.families) {
      // Members that exist for some indices only are listed.
      isSame &= !plan_.family(producer.index()).hasStaticGuards;
    }
    bool isPlain = !wait.members.valid();
    if (isPlain && isAll)
      input.form = RuleInput::Whole;
    else if (isPlain && isSame)
      input.form = RuleInput::Same;
    if (input.form == RuleInput::Same)
      input.key = keyIn(family, wildcards, module_[ref.families.front()]);
    return input;
  }

  /// The key of a member whose loops are all the reader's, in the reader's wildcards.
  static std::string keyIn(const ir::Family& reader, const std::vector<std::string>& wildcards,
                           const ir::Family& producer) {
    std::string key;
    for (ir::LoopId loop : producer.loops) {
      auto at = std::find(reader.loops.begin(), reader.loops.end(), loop) - reader.loops.begin();
      key += fmt::format("{}{{{}}}", key.empty() ? "" : ",", wildcards[static_cast<size_t>(at)]);
    }
    return key;
  }

  std::vector<std::string> varyingOf(uint32_t f) const {
    std::set<std::string> keys = ir::varyingNeeds(module_, ir::FamilyId(f));
    std::vector<std::string> varying;
    auto add = [&](llvm::StringRef key, const char* name) {
      for (const std::string& k : keys)
        if (llvm::StringRef(k).split('.').first == key) return varying.push_back(name);
    };
    add("cpus", "threads");
    if (!keys.contains("cpus")) add("tasks", "threads");
    add("memory", "mem_mb");
    add("time", "runtime");
    add("disk", "disk_mb");
    add("gpus", "gpu");
    add("nodes", "nodes");
    for (const std::string& key : keys)
      if (llvm::StringRef(key).starts_with("licence."))
        varying.push_back("licence_" + key.substr(8));
    return varying;
  }

  /// What a round cannot bring about by itself: members read at run time, the outside, the first of
  /// many; and who waits for one that is late.
  void findLate() {
    for (uint32_t f = 0; f < shapes_.size(); ++f) shapes_[f].isLate = isLateByItself(f);
    for (bool isNews = true; isNews;) {
      isNews = false;
      for (uint32_t f = 0; f < shapes_.size(); ++f) {
        if (shapes_[f].isLate || !waitsForLate(f)) continue;
        shapes_[f].isLate = isNews = true;
      }
    }
  }

  bool isLateByItself(uint32_t f) const {
    const ir::Family& family = module_.families[f];
    if (family.role != ir::Family::Work) return true;
    for (ir::LoopId loop : family.loops)
      if (!isKnownAtStart(module_, module_[loop])) return true;
    for (const run::Wait& wait : plan_.family(f).waits)
      if (module_[wait.ref].demand == ir::Demand::First) return true;
    return false;
  }

  bool waitsForLate(uint32_t f) const {
    for (const run::Wait& wait : plan_.family(f).waits)
      for (ir::FamilyId producer : module_[wait.ref].families)
        if (shapes_[producer.index()].isLate) return true;
    return false;
  }

  const run::Plan& plan_;
  const ir::Module& module_;
  std::vector<Shape> shapes_;
};

}  // namespace

std::string Shape::keyPattern() const {
  std::string pattern;
  for (const std::string& wildcard : wildcards)
    pattern += fmt::format("{}{{{}}}", pattern.empty() ? "" : ",", wildcard);
  return pattern;
}

std::string Shape::marker(const std::string& key) const {
  return wildcards.empty() ? fmt::format("ok/{}", file) : fmt::format("ok/{}/{}", file, key);
}

std::vector<Shape> shapesOf(const run::Plan& plan) { return Shaper(plan).all(); }

std::vector<std::pair<std::string, int64_t>> resourcesOf(const ir::Module& module,
                                                         const run::Needs& needs) {
  constexpr int64_t kMiB = 1 << 20, kMinute = 60000;
  auto up = [](int64_t amount, int64_t unit) { return (amount + unit - 1) / unit; };
  int64_t margin = ir::factNumber(module, "margin_ms");
  std::vector<std::pair<std::string, int64_t>> resources;
  resources.emplace_back("threads", std::max<int64_t>(1, needs.cpus * needs.tasks));
  if (needs.nodes > 1) resources.emplace_back("nodes", needs.nodes);
  if (needs.memory > 0) resources.emplace_back("mem_mb", up(needs.memory, kMiB));
  if (needs.timeMs > 0) resources.emplace_back("runtime", up(needs.timeMs + margin, kMinute));
  if (needs.gpus > 0) resources.emplace_back("gpu", needs.gpus * std::max<int64_t>(1, needs.nodes));
  if (needs.disk > 0) resources.emplace_back("disk_mb", up(needs.disk, kMiB));
  for (const auto& [name, count] : needs.licences) resources.emplace_back("licence_" + name, count);
  return resources;
}

}  // namespace wfc::targets::snakemake
