// See made.h.
#include "runtime/report/made.h"

#include <fmt/format.h>

#include "runtime/report/stated.h"

namespace wfc::run {

Made madeBy(const Engine& engine, InstanceId id) {
  Made made;
  const Instance& instance = engine.state().at(id);
  const ir::Module& module = engine.plan().module();
  const ir::Family& family = module.families[id.family];
  std::vector<Attempt> attempts = engine.attemptsOf(id);
  bool isOk = instance.phase == Phase::Ended && instance.outcome == ir::Outcome::Ok;
  if (!isOk || attempts.empty() || !family.task.valid()) return made;
  const std::vector<ir::Output>& outputs = module[family.task].outputs;
  Details details = engine.detailsOf(attempts.back());
  for (Details::Output& file : details.outputs)
    if (file.output < outputs.size() && !instance.isRemoved)
      made.files.push_back({outputs[file.output].name, std::move(file)});
  for (Details::Small& value : details.values)
    if (value.output < outputs.size())
      made.values.push_back({outputs[value.output].name, std::move(value.json)});
  return made;
}

void writeMade(llvm::json::OStream& json, const Engine& engine, InstanceId id) {
  Made made = madeBy(engine, id);
  json.attributeArray("outputs", [&] {
    for (const auto& [output, file] : made.files) {
      json.object([&] {
        json.attribute("name", output);
        json.attribute("path", llvm::json::fixUTF8(file.path));
        json.attribute("bytes", static_cast<int64_t>(file.bytes));
        json.attribute("inodes", static_cast<int64_t>(file.inodes));
        Stated stated = statedOf(engine, id, file);
        if (stated.bytes) json.attribute("stated_bytes", *stated.bytes);
        if (stated.inodes) json.attribute("stated_inodes", *stated.inodes);
        json.attribute("hash", file.hash);
      });
    }
  });
  if (made.values.empty()) return;
  json.attributeObject("values", [&] {
    for (const auto& [output, value] : made.values) {
      json.attributeBegin(output);
      json.rawValue(value);
      json.attributeEnd();
    }
  });
}

std::string pathIn(llvm::StringRef run, llvm::StringRef path) {
  if (path.starts_with("/")) return path.str();
  return fmt::format("{}{}{}", run.str(), run.ends_with("/") ? "" : "/", path.str());
}

}  // namespace wfc::run
