// See recipe.h. Fields are written with their length before them, so that no two recipes have one
// text.
#include "runtime/attempt/recipe.h"

#include <sys/stat.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/BLAKE3.h>

#include "runtime/attempt/inputs.h"
#include "runtime/attempt/outputs.h"

namespace wfc::run {

namespace {

void add(std::string& text, llvm::StringRef field) {
  text += fmt::format("{}:{};", field.size(), std::string_view(field.data(), field.size()));
}

void addVariable(std::string& text, const Variable& v) {
  add(text, v.name);
  add(text, v.text);
  add(text, v.json);
  for (const std::string& word : v.words) add(text, word);
  add(text, fmt::format("{}{}{}", v.words.size(), v.isList, v.isUnset));
}

}  // namespace

Recipe recipeOf(const Job& job) {
  Recipe r;
  add(r.program, std::to_string(job.script.language));
  add(r.program, job.script.text);
  for (const Variable& v : job.script.variables) addVariable(r.values, v);
  for (const JobFill& fill : job.fills) {
    add(r.values, fill.from);
    add(r.values, fill.to);
    for (const auto& [name, value] : fill.fields) add(r.values, name), add(r.values, value);
  }
  for (const auto& [name, value] : job.env) add(r.environment, name), add(r.environment, value);
  for (const std::string& module : job.modules) add(r.environment, module);
  add(r.environment, job.conda);
  add(r.environment, job.container);
  for (const auto& [name, source, life] : job.secrets)
    add(r.environment, name), add(r.environment, source);
  for (const JobOutput& o : job.outputs) {
    for (const std::string& field : {o.name, o.record, o.pattern, o.magic, o.probe, o.schema})
      add(r.outputs, field);
    add(r.outputs, fmt::format("{}{}{}", o.isDir, o.isSet, o.isCheckpoint));
  }
  for (const JobSmall& s : job.smalls) {
    add(r.outputs, s.name);
    add(r.outputs, s.from);
    add(r.outputs, fmt::format("{}{}", s.kind, s.isOption));
  }
  for (auto [status, outcome] : job.exits) add(r.outputs, fmt::format("{} {}", status, outcome));
  return r;
}

std::string shortHash(llvm::StringRef text) {
  llvm::BLAKE3 hasher;
  hasher.update(text);
  llvm::BLAKE3Result<16> result = hasher.final<16>();
  return llvm::toHex(result, true);
}

std::string hashOfRecipe(const std::string& run, const std::string& recipe,
                         const std::vector<JobInput>& inputs) {
  std::string text = recipe;
  for (const JobInput& input : inputs) {
    add(text, input.path);
    add(text, input.hash.empty() ? contentOf(run, input, false) : input.hash);
  }
  return shortHash(text);
}

bool letStand(const Job& job, Ending& ending) {
  const JobKept& kept = job.kept;
  if (kept.attempt == 0 || hashOfRecipe(job.run, kept.recipe, kept.inputs) != kept.wanted)
    return false;
  Ending made;
  made.outcome = static_cast<ir::Outcome>(kept.outcome);
  for (const JobKept::Output& o : kept.outputs) {
    for (const JobOutput& output : job.outputs) {
      struct stat info{};
      if (output.output != o.output) continue;
      if (::stat(output.place.c_str(), &info) != 0) return false;
      made.outputs.push_back({o.output, o.bytes, output.record, o.hash, o.inodes});
      if (output.isSet) made.sets.push_back({o.output, membersOf(output, output.place)});
    }
  }
  if (made.outputs.size() != kept.outputs.size()) return false;
  made.values = kept.values;
  made.inputs = kept.outside;
  made.node = ending.node;
  made.started = ending.started;
  made.ended = nowMs();
  made.why = fmt::format(
      "what attempt {} made stands: everything it is made from came out the same", kept.attempt);
  ending = std::move(made);
  return true;
}

}  // namespace wfc::run
