// A job's JSON, told again in HCL by one table of names. A key that the table lacks is a mistake of
// ours, for Nomad itself drops unknown keys of JSON without a word: so the table is the schema that
// every job of ours is held against.
#include "compiler/target/text/hcl.h"

#include <algorithm>
#include <span>

#include "fmt/format.h"

#include "targets/nomad/job.h"

namespace wfc::targets::nomad {

namespace {

namespace hcl = target::hcl;
using llvm::json::Object;
using llvm::json::Value;

/// How a key is written: as an attribute, as a block of further keys (one, or a list of them), as a
/// block of a map's own keys; or not at all, being the label.
enum class As { Attribute, Duration, Block, Map, Label };

struct Key {
  const char* json;
  const char* hcl;
  As as = As::Attribute;
  std::span<const Key> inner = {};
};

constexpr Key kConstraint[] = {
    {"LTarget", "attribute"}, {"Operand", "operator"}, {"RTarget", "value"}};
constexpr Key kDevice[] = {{"Name", "", As::Label},
                           {"Count", "count"},
                           {"Constraints", "constraint", As::Block, kConstraint}};
constexpr Key kResources[] = {{"Cores", "cores"},
                              {"CPU", "cpu"},
                              {"MemoryMB", "memory"},
                              {"Devices", "device", As::Block, kDevice}};
constexpr Key kConfig[] = {
    {"command", "command"}, {"args", "args"}, {"image", "image"}, {"volumes", "volumes"}};
constexpr Key kIdentity[] = {{"Env", "env"}};
constexpr Key kLogs[] = {{"Disabled", "disabled"}};
constexpr Key kTask[] = {{"Name", "", As::Label},
                         {"Driver", "driver"},
                         {"KillSignal", "kill_signal"},
                         {"KillTimeout", "kill_timeout", As::Duration},
                         {"Config", "config", As::Block, kConfig},
                         {"Identity", "identity", As::Block, kIdentity},
                         {"LogConfig", "logs", As::Block, kLogs},
                         {"Resources", "resources", As::Block, kResources}};
constexpr Key kRestart[] = {{"Attempts", "attempts"},
                            {"Interval", "interval", As::Duration},
                            {"Delay", "delay", As::Duration},
                            {"Mode", "mode"}};
constexpr Key kReschedule[] = {{"Attempts", "attempts"},
                               {"Delay", "delay", As::Duration},
                               {"DelayFunction", "delay_function"},
                               {"Unlimited", "unlimited"}};
constexpr Key kDisconnect[] = {{"LostAfter", "lost_after", As::Duration}, {"Replace", "replace"}};
constexpr Key kDisk[] = {{"SizeMB", "size"}};
constexpr Key kGroup[] = {{"Name", "", As::Label},
                          {"Count", "count"},
                          {"RestartPolicy", "restart", As::Block, kRestart},
                          {"ReschedulePolicy", "reschedule", As::Block, kReschedule},
                          {"Disconnect", "disconnect", As::Block, kDisconnect},
                          {"EphemeralDisk", "ephemeral_disk", As::Block, kDisk},
                          {"Tasks", "task", As::Block, kTask}};
constexpr Key kParameterized[] = {{"Payload", "payload"}, {"MetaRequired", "meta_required"}};
constexpr Key kJob[] = {{"ID", "", As::Label},
                        {"Name", "", As::Label},
                        {"Type", "type"},
                        {"Datacenters", "datacenters"},
                        {"NodePool", "node_pool"},
                        {"Constraints", "constraint", As::Block, kConstraint},
                        {"Meta", "meta", As::Map},
                        {"ParameterizedJob", "parameterized", As::Block, kParameterized},
                        {"TaskGroups", "group", As::Block, kGroup}};

/// What Nomad itself puts in when a task is placed stays a template; every other text is text.
std::string textOf(llvm::StringRef text) {
  for (llvm::StringRef known : {"${NOMAD_", "${device.", "${meta."})
    if (text.contains(known)) return hcl::quotedTemplate(text);
  return hcl::quoted(text);
}

std::string valueOf(const Value& value) {
  if (std::optional<llvm::StringRef> text = value.getAsString()) return textOf(*text);
  if (std::optional<bool> flag = value.getAsBoolean()) return *flag ? "true" : "false";
  if (std::optional<int64_t> number = value.getAsInteger()) return std::to_string(*number);
  std::string list;
  for (const Value& item : *value.getAsArray()) list += (list.empty() ? "" : ", ") + valueOf(item);
  return fmt::format("[{}]", list);
}

std::string durationOf(int64_t nanoseconds) {
  int64_t seconds = nanoseconds / 1000000000;
  if (seconds > 0 && seconds % 3600 == 0) return fmt::format("\"{}h\"", seconds / 3600);
  if (seconds > 0 && seconds % 60 == 0) return fmt::format("\"{}m\"", seconds / 60);
  return fmt::format("\"{}s\"", seconds);
}

void print(const Object& object, std::span<const Key> keys, hcl::Body& body);

void printBlock(const Object& object, const Key& key, hcl::Body& body) {
  llvm::StringRef label = key.inner.front().as == As::Label
                              ? object.getString(key.inner.front().json).value_or("")
                              : llvm::StringRef();
  print(object, key.inner, body.block(key.hcl, label));
}

void printKey(const Value& value, const Key& key, hcl::Body& body) {
  switch (key.as) {
    case As::Label:
      return;
    case As::Attribute:
      return body.attribute(key.hcl, valueOf(value));
    case As::Duration:
      return body.attribute(key.hcl, durationOf(*value.getAsInteger()));
    case As::Map: {
      hcl::Body& inner = body.block(key.hcl);
      std::vector<std::string> names;
      for (const auto& [name, ignored] : *value.getAsObject()) names.push_back(name.str());
      std::sort(names.begin(), names.end());
      for (const std::string& name : names)
        inner.attribute(name, valueOf(*value.getAsObject()->get(name)));
      return;
    }
    case As::Block:
      if (const Object* one = value.getAsObject()) return printBlock(*one, key, body);
      for (const Value& one : *value.getAsArray()) printBlock(*one.getAsObject(), key, body);
  }
}

void print(const Object& object, std::span<const Key> keys, hcl::Body& body) {
  for (const Key& key : keys)
    if (const Value* value = object.get(key.json)) printKey(*value, key, body);
  // Not dropped: Nomad refuses an attribute that it does not know.
  for (const auto& [name, value] : object) {
    llvm::StringRef json(name);
    bool isKnown =
        std::any_of(keys.begin(), keys.end(), [&](const Key& k) { return json == k.json; });
    if (!isKnown) body.attribute(json, "null");
  }
}

}  // namespace

std::string jobHcl(const Object& job, llvm::ArrayRef<std::string> notes) {
  hcl::Body file;
  for (const std::string& note : notes) file.comment(note);
  print(job, kJob, file.block("job", job.getString("ID").value_or("")));
  return file.print();
}

}  // namespace wfc::targets::nomad
