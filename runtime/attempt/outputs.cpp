// See outputs.h. Hashing reads each file once, after the body has ended; renames stay within the
// run's file system.
#include "runtime/attempt/outputs.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/Support/JSON.h>

#include "compiler/base/json.h"
#include "compiler/ir/eval.h"
#include "compiler/ir/types.h"

#include "runtime/abi/abi.h"
#include "runtime/attempt/process.h"
#include "runtime/attempt/schema.h"
#include "runtime/attempt/script.h"
#include "runtime/engine/members.h"
#include "runtime/move/tree.h"

namespace wfc::run {

namespace fs = std::filesystem;

namespace {

/// A probe may read a large file, but not hang for ever.
constexpr int64_t kProbeMs = 3'600'000;

/// Regular files and links below a folder, relative, sorted by bytes.
std::vector<std::string> filesBelow(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (!it->is_directory(error) || it->is_symlink(error))
      names.push_back(it->path().string().substr(folder.size() + 1));
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool isThere(const std::string& path, bool& isDir) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return false;
  isDir = S_ISDIR(info.st_mode);
  return true;
}

std::string probeFile(const Job& job, const JobOutput& output, const std::string& path) {
  if (!output.magic.empty()) {
    std::string head(output.magic.size(), '\0');
    int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : ::read(fd, head.data(), head.size());
    if (fd >= 0) ::close(fd);
    if (got != static_cast<ssize_t>(head.size()) || head != output.magic)
      return fmt::format("output `{}` does not begin as its kind says", output.name);
  }
  if (!output.schema.empty()) {
    std::string whole =
        output.schema.starts_with("/") ? output.schema : job.project + "/" + output.schema;
    std::optional<std::string> schema = readFile(whole), text = readFile(path);
    if (!schema) return fmt::format("the schema of output `{}` is missing: {}", output.name, whole);
    std::string why = misfit(*schema, text.value_or(""));
    if (!why.empty())
      return fmt::format("output `{}` does not fit its schema: {}", output.name, why);
  }
  if (!output.probe.empty()) {
    Spawn command;
    command.argv = {"/bin/sh", "-c", output.probe};
    command.env = {{"path", path}};
    command.folder = job.project;
    command.log = job.log;
    std::string ignored;
    if (int status = runForOutput(command, ignored, kProbeMs); status != 0)
      return fmt::format("the probe of output `{}` {}", output.name,
                         status == kTimedOut ? "gave no answer within 1 h" : "says no");
  }
  return {};
}

/// The JSON of one field of an object, if it is of the kind.
std::string smallValue(const llvm::json::Value& value, const JobSmall& small, std::string& json) {
  auto kind = static_cast<ir::Type::Kind>(small.kind);
  bool fits = true;
  switch (kind) {
    case ir::Type::Bool:
      fits = value.getAsBoolean().has_value();
      break;
    case ir::Type::Int:
      fits = value.getAsInteger().has_value();
      break;
    case ir::Type::Float:
      fits = value.getAsNumber().has_value();
      break;
    case ir::Type::String:
    case ir::Type::Path:
      fits = value.getAsString().has_value();
      break;
    case ir::Type::Date:
      fits = ir::parseDate(value.getAsString().value_or("")).has_value();
      break;
    default:
      break;
  }
  if (small.isOption && value.kind() == llvm::json::Value::Null) fits = true;
  json = base::jsonText(value);
  if (fits) return {};
  llvm::StringRef shown = llvm::StringRef(json).take_front(80);
  return fmt::format("the small output `{}` must be {}, not {}", small.name,
                     ir::basicName(kind).str(), llvm::json::fixUTF8(shown));
}

std::string readSmalls(const Job& job, Ending& ending) {
  for (const JobSmall& small : job.smalls) {
    std::optional<std::string> text = readFile(small.from);
    if (!text)
      return fmt::format("the small output `{}` is missing: there is no {}", small.name,
                         small.from);
    llvm::Expected<llvm::json::Value> value = llvm::json::parse(*text);
    if (!value)
      return fmt::format("{} is not JSON: {}", small.from, llvm::toString(value.takeError()));
    const llvm::json::Object* object = value->getAsObject();
    const llvm::json::Value* field = object == nullptr ? nullptr : object->get(small.name);
    if (field == nullptr && small.isOption) {
      ending.values.push_back({small.output, "null"});
      continue;
    }
    if (field == nullptr) return fmt::format("{} has no `{}`", small.from, small.name);
    std::string json;
    std::string wrong = smallValue(*field, small, json);
    if (!wrong.empty()) return wrong;
    ending.values.push_back({small.output, json});
  }
  return {};
}

/// Copies a template, replacing `@{field}`; an undefined one is an error.
std::string fillFile(const std::string& from, const std::string& to,
                     const std::map<std::string, std::string>& fields) {
  std::optional<std::string> text = readFile(from);
  if (!text) return fmt::format("cannot read the template {}", from);
  std::string filled;
  llvm::StringRef rest(*text);
  while (true) {
    size_t mark = rest.find("@{");
    if (mark == llvm::StringRef::npos) break;
    filled += rest.take_front(mark).str();
    rest = rest.drop_front(mark);
    if (llvm::StringRef(filled).ends_with("@")) {
      // `@@{` is a literal `@{`.
      filled += "{";
      rest = rest.drop_front(2);
      continue;
    }
    size_t end = rest.find('}');
    std::string name = rest.slice(2, end).trim().str();
    auto field = fields.find(name);
    if (end == llvm::StringRef::npos || field == fields.end())
      return fmt::format("the template {} names `{}`, which has no value", from, name);
    filled += field->second;
    rest = rest.drop_front(end + 1);
  }
  filled += rest.str();
  if (!writeWhole(to, filled)) return fmt::format("cannot write {}: {}", to, std::strerror(errno));
  struct stat info{};
  if (::stat(from.c_str(), &info) == 0) ::chmod(to.c_str(), info.st_mode & 0777);
  return {};
}

}  // namespace

void removeAll(const std::string& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

bool hashOf(const std::string& path, uint64_t& bytes, std::string& hash, uint64_t* inodes,
            std::string* why) {
  return move::hashOf(path, bytes, hash, inodes, why);
}

std::string probe(const Job& job, const JobOutput& output) {
  bool isDir = false;
  if (!isThere(output.work, isDir)) return fmt::format("output `{}` is missing", output.name);
  if (isDir != output.isDir)
    return fmt::format("output `{}` is {}", output.name, isDir ? "a folder" : "no folder");
  if (!output.isSet) {
    std::error_code error;
    if (isDir && fs::is_empty(output.work, error))
      return fmt::format("output `{}` is an empty folder", output.name);
    return probeFile(job, output, output.work);
  }
  return {};
}

std::vector<std::string> membersOf(const JobOutput& output, const std::string& folder) {
  std::vector<std::string> members = filesBelow(folder);
  std::erase_if(members,
                [&](const std::string& name) { return !matchPattern(output.pattern, name); });
  return members;
}

/// What is wrong with the keys that the names of members hold; empty if nothing is.
std::string wrongKeys(const JobOutput& output, const std::vector<std::string>& members) {
  std::map<std::vector<std::string>, std::string> seen;
  for (const std::string& name : members) {
    std::vector<std::string> holes = *matchPattern(output.pattern, name), keys;
    for (size_t n = 0; n < holes.size(); ++n) {
      auto kind = ir::Type::String;
      if (n < output.keys.size()) kind = static_cast<ir::Type::Kind>(output.keys[n]);
      ir::Value value = keyValue(kind, holes[n]);
      bool isText = value.kind == ir::Value::String;
      if (isText && (kind == ir::Type::Int || kind == ir::Type::Date))
        return fmt::format("`{}` of set `{}`: the key `{}` is no {}", name, output.name, holes[n],
                           kind == ir::Type::Int ? "Int" : "Date");
      keys.push_back(isText ? holes[n] : std::to_string(value.i));
    }
    if (auto [first, isNew] = seen.emplace(keys, name); !isNew)
      return fmt::format("`{}` and `{}` of set `{}` have one key", first->second, name,
                         output.name);
  }
  return {};
}

std::string collect(const Job& job, Ending& ending) {
  for (const JobOutput& output : job.outputs) {
    bool isDir = false;
    if (output.isCheckpoint && !isThere(output.work, isDir)) continue;
    std::string wrong = probe(job, output);
    if (!wrong.empty()) return wrong;
    if (output.isSet) {
      Ending::Set& set = ending.sets.emplace_back();
      set.output = output.output;
      set.members = membersOf(output, output.work);
      if (wrong = wrongKeys(output, set.members); !wrong.empty()) return wrong;
      for (const std::string& name : set.members) {
        wrong = probeFile(job, output, output.work + "/" + name);
        if (!wrong.empty()) return wrong + ": " + name;
      }
    }
    Ending::Output& made = ending.outputs.emplace_back();
    made.output = output.output;
    made.path = output.record;
    if (!hashOf(output.work, made.bytes, made.hash, &made.inodes, &wrong))
      return fmt::format("output `{}` cannot be read: {}", output.name, wrong);
  }
  return readSmalls(job, ending);
}

std::string publishOutputs(const Job& job) {
  for (const JobOutput& output : job.outputs) {
    if (::rename(output.work.c_str(), output.place.c_str()) == 0) continue;
    bool isDir = false;
    if (output.isCheckpoint && !isThere(output.work, isDir)) continue;
    // The folder above is missing, or something of an attempt that was never acknowledged lies
    // there.
    makeFolders(output.place.substr(0, output.place.rfind('/')));
    if (isThere(output.place, isDir) && isDir) removeAll(output.place);
    if (::rename(output.work.c_str(), output.place.c_str()) == 0) continue;
    return fmt::format("cannot move output `{}` to {}: {}", output.name, output.place,
                       std::strerror(errno));
  }
  return {};
}

std::string prepareOutputs(const Job& job) {
  if (job.wantsTmp && !makeFolders(job.work + "/tmp"))
    return fmt::format("cannot make {}/tmp: {}", job.work, std::strerror(errno));
  for (const JobOutput& output : job.outputs) {
    bool isMade = true;
    if (output.isDir)
      isMade = makeFolders(output.work);
    else if (output.isCheckpoint || output.isOnNode)
      isMade = makeFolders(output.work.substr(0, output.work.rfind('/')));
    if (!isMade) return fmt::format("cannot make {}: {}", output.work, std::strerror(errno));
    // What an earlier attempt moved there without being acknowledged is gone before this one
    // begins.
    if (job.attempt > 1) removeAll(output.place);
  }
  for (const JobFill& fill : job.fills) {
    std::error_code error;
    for (fs::recursive_directory_iterator it(fill.from, error), end; !error && it != end;
         it.increment(error)) {
      std::string to =
          fill.to + it->path().string().substr(llvm::StringRef(fill.from).rtrim('/').size());
      if (it->is_directory()) {
        makeFolders(to);
        continue;
      }
      makeFolders(to.substr(0, to.rfind('/')));
      std::string wrong = fillFile(it->path().string(), to, fill.fields);
      if (!wrong.empty()) return wrong;
    }
    if (error)
      return fmt::format("cannot read the template folder {}: {}", fill.from, error.message());
  }
  return {};
}

}  // namespace wfc::run
