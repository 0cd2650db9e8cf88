// What a job asks, put together from its script and its command line.
#include "targets/slurm/foreign/job.h"

namespace wfc::targets::slurm::foreign {

using llvm::StringRef;

const Given* Job::find(StringRef option, size_t component) const {
  if (onLine != nullptr && component == 0)
    for (auto given = onLine->rbegin(); given != onLine->rend(); ++given)
      if (given->option && given->option->name == option && given->fault == Given::None)
        return &*given;
  return script->find(option, component);
}

std::string Job::value(StringRef option, size_t component) const {
  const Given* given = find(option, component);
  return given ? given->value : std::string();
}

std::optional<int64_t> Job::number(StringRef option, size_t component) const {
  const Given* given = find(option, component);
  return given ? readNumber(given->value) : std::nullopt;
}

std::optional<Indices> Job::array() const {
  const Given* given = find("array");
  return given ? readArray(given->value) : std::nullopt;
}

std::optional<int64_t> Job::nodes(size_t component) const {
  const Given* given = find("nodes", component);
  std::optional<Range64> range = given ? readNodes(given->value) : std::nullopt;
  return range ? std::optional(range->least) : std::nullopt;
}

std::optional<int64_t> Job::tasksPerNode(size_t component) const {
  std::optional<int64_t> each = number("ntasks-per-node", component);
  return each ? each : number("tasks-per-node", component);
}

std::optional<int64_t> Job::tasks(size_t component) const {
  if (find("ntasks", component)) return number("ntasks", component);
  const Given* gpus = find("ntasks-per-gpu", component);
  if (gpus) return std::nullopt;
  std::optional<int64_t> nodes = this->nodes(component), each = tasksPerNode(component);
  if (find("nodes", component) && !nodes) return std::nullopt;
  return nodes.value_or(1) * each.value_or(1);
}

std::string optionText(const Given& given) {
  bool isLetter = given.option && given.name.size() == 1 && given.option->letter == given.name[0];
  bool isUnknownLetter = !given.option && given.name.size() == 1;
  return (isLetter || isUnknownLetter ? "-" : "--") + given.name;
}

}  // namespace wfc::targets::slurm::foreign
