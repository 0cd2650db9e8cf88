// One rule a family, as a person would write it: patterns where a pattern says it, and the index
// where not. Formatted as snakefmt formats.
//
// Nothing of the user's text gets into Python but names made identifiers and percent-encoded keys;
// values reach the script through the runtime.
#include "targets/snakemake/rules.h"

#include <algorithm>

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>

#include "compiler/base/writer.h"
#include "compiler/target/text/manifest.h"
#include "compiler/target/text/quoted.h"

#include "runtime/engine/first_needs.h"

namespace wfc::targets::snakemake {

namespace {

/// What snakefmt leaves of a line of 88 behind the indent of an input.
constexpr size_t kLine = 80;

class Rules {
 public:
  Rules(const run::Plan& plan, const std::vector<Shape>& shapes, const target::Origin& origin)
      : plan_(plan), module_(plan.module()), shapes_(shapes), origin_(origin) {}

  std::string text() {
    writeHead();
    for (uint32_t f = 0; f < shapes_.size(); ++f)
      if (shapes_[f].isRule) writeRule(f);
    return out_.take();
  }

 private:
  void writeHead() {
    std::string what = fmt::format("flow {}: a rule a family", module_.flow);
    out_.write(target::header(module_, origin_, what, {}));
    out_.raw("#");
    out_.raw(
        "# A marker ok/FAMILY/KEY says that this member has ended and did not fail. Each job is");
    out_.raw("# one attempt: what is to be tried again, `wfr start` asks for in another round.");
    out_.raw("");
    out_.raw("");
    out_.raw("# The keys of each family, and what each member waits for.");
    out_.raw("configfile: \"index.json\"");
    out_.line();
    out_.line();
    out_.raw("INDEX = config");
    out_.line();
    writeMarkers();
    writeConstraints();
    out_.line();
    out_.raw("rule all:");
    auto body = out_.indent();
    out_.raw("input:");
    auto list = out_.indent();
    for (const Shape& shape : shapes_)
      if (shape.isRule) out_.line("{},", everyMarker(shape));
  }

  void writeMarkers() {
    auto isTable = [](const RuleInput& input) { return input.form == RuleInput::Table; };
    if (llvm::none_of(shapes_, [&](const Shape& s) { return llvm::any_of(s.inputs, isTable); }))
      return;
    out_.raw(R"(
# They stand in the index one by one, or as the first of a row of keys and how many.
def markers(found):
    if isinstance(found, list):
        return found
    keys = INDEX[found["rule"]]["keys"]
    row = keys[found["first"] : found["first"] + found["count"]]
    return expand(found["marker"], key=row)
)");
  }

  void writeConstraints() {
    std::vector<std::string> names;
    for (const Shape& shape : shapes_)
      for (const std::string& name : shape.wildcards)
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    if (names.empty()) return;
    out_.line();
    out_.raw("wildcard_constraints:");
    auto list = out_.indent();
    for (const std::string& name : names) out_.line("{}=r\"[^/]+\",", name);
    out_.line();
  }

  /// Also without an index, where the keys hold the one name or, once that has failed, nothing.
  std::string everyMarker(const Shape& shape) const {
    std::string pattern = shape.wildcards.empty() ? "ok/{key}" : shape.marker("{key}");
    return fmt::format("expand({}, key=INDEX[\"{}\"][\"keys\"])", target::quoted(pattern),
                       shape.rule);
  }

  void writeRule(uint32_t f) {
    const ir::Family& family = module_.families[f];
    const Shape& shape = shapes_[f];
    out_.line();
    out_.line();
    out_.raw(comment(family));
    out_.line("rule {}:", shape.rule);
    auto body = out_.indent();
    writeInputs(f);
    block("output", fmt::format("touch({}),", target::quoted(shape.marker(shape.keyPattern()))));
    std::string log = shape.wildcards.empty() ? "" : "/" + shape.keyPattern();
    block("log", fmt::format("\"logs/jobs/{}{}.log\",", shape.file, log));
    if (family.priority != 0) out_.line("priority: {}", family.priority);
    writeResources(f);
    out_.raw("shell:");
    auto command = out_.indent();
    std::string index = shape.wildcards.empty() ? "" : fmt::format("[{}]", instancePattern(shape));
    out_.line("\"$WFR task '{}{}' -- {} > {{log:q}} 2>&1\"", braced(family.name), index,
              scriptPath(shape));
  }

  std::string comment(const ir::Family& family) const {
    std::string text = "# " + target::describe(module_, family);
    std::string where = target::locationText(module_, family.loc);
    if (!where.empty()) text += fmt::format(" ({})", where);
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
  }

  static std::string instancePattern(const Shape& shape) {
    std::string text;
    for (const std::string& name : shape.wildcards)
      text += fmt::format("{}{{wildcards.{}}}", text.empty() ? "" : ",", name);
    return text;
  }

  /// Braces doubled, for a text that Snakemake formats.
  static std::string braced(llvm::StringRef name) {
    std::string text;
    for (char c : name) {
      text += c;
      if (c == '{' || c == '}') text += c;
    }
    return text;
  }

  void block(const char* name, const std::string& line) {
    out_.line("{}:", name);
    auto indent = out_.indent();
    out_.raw(line);
  }

  void writeInputs(uint32_t f) {
    const Shape& shape = shapes_[f];
    if (shape.inputs.empty()) return;
    out_.raw("input:");
    auto indent = out_.indent();
    for (const RuleInput& input : shape.inputs) {
      if (input.form == RuleInput::Table)
        writeLookUp(input.name, entry(shape, input.name));
      else
        out_.line("{}={},", input.name, inputText(f, input));
    }
  }

  void writeLookUp(const std::string& name, const std::string& entry) {
    std::string line = fmt::format("{}=lambda wc: markers({}),", name, entry);
    if (line.size() <= kLine) return out_.raw(line);
    out_.line("{}=lambda wc: markers(", name);
    {
      auto indent = out_.indent();
      out_.raw(entry);
    }
    out_.raw("),");
  }

  std::string inputText(uint32_t f, const RuleInput& input) const {
    const Shape& first = shapes_[input.producers.front()];
    if (input.form == RuleInput::Same) return target::quoted(first.marker(input.key));
    // The one member of a family without an index, where it must be ok.
    const ir::Ref& ref = module_[plan_.family(f).waits[input.wait].ref];
    bool isOne = input.producers.size() == 1 && first.wildcards.empty();
    if (isOne && ref.demand == ir::Demand::All && !ref.fallback)
      return target::quoted(first.marker(""));
    std::string all;
    for (uint32_t producer : input.producers)
      all += (all.empty() ? "" : " + ") + everyMarker(shapes_[producer]);
    return all;
  }

  static std::string lookUp(const Shape& shape, const std::string& name) {
    return "lambda wc: " + entry(shape, name);
  }

  static std::string entry(const Shape& shape, const std::string& name) {
    std::string key = target::quoted(shape.file);
    if (shape.wildcards.size() == 1) key = "wc." + shape.wildcards.front();
    if (shape.wildcards.size() > 1) {
      key.clear();
      for (const std::string& wildcard : shape.wildcards)
        key += fmt::format("{}{{wc.{}}}", key.empty() ? "f\"" : ",", wildcard);
      key += '"';
    }
    return fmt::format("INDEX[\"{}\"][\"{}\"][{}]", shape.rule, name, key);
  }

  /// Amounts that are plain numbers stand in the rule, others in the index.
  void writeResources(uint32_t f) {
    const Shape& shape = shapes_[f];
    auto varies = [&](llvm::StringRef name) {
      return std::find(shape.varying.begin(), shape.varying.end(), name) != shape.varying.end();
    };
    std::vector<std::string> lines;
    std::string threads = "1";
    run::Needs needs = run::placedNeeds(module_, f);
    for (const auto& [name, amount] : resourcesOf(module_, needs)) {
      std::string text = varies(name) ? lookUp(shape, name) : fmt::format("{}", amount);
      if (name == "threads")
        threads = text;
      else if (!varies(name))
        lines.push_back(fmt::format("{}={},", name, text));
    }
    if (varies("threads")) threads = lookUp(shape, "threads");
    for (const std::string& name : shape.varying)
      if (name != "threads") lines.push_back(fmt::format("{}={},", name, lookUp(shape, name)));
    if (!needs.gpuModel.empty())
      lines.push_back(fmt::format("gpu_model={},", target::quoted(needs.gpuModel)));
    for (uint32_t n : plan_.family(f).limits) lines.push_back(fmt::format("limit_{}=1,", n + 1));
    out_.line("threads: {}", threads);
    if (lines.empty()) return;
    out_.raw("resources:");
    auto indent = out_.indent();
    for (const std::string& line : lines) out_.raw(line);
  }

  const run::Plan& plan_;
  const ir::Module& module_;
  const std::vector<Shape>& shapes_;
  const target::Origin& origin_;
  base::Writer out_{4};
};

}  // namespace

std::string scriptPath(const Shape& shape) { return fmt::format("jobs/{}.sh", shape.file); }

std::string snakefileText(const run::Plan& plan, const std::vector<Shape>& shapes,
                          const target::Origin& origin) {
  return Rules(plan, shapes, origin).text();
}

}  // namespace wfc::targets::snakemake
