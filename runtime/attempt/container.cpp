// See container.h.
#include "runtime/attempt/container.h"

#include <cstdlib>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/BLAKE3.h>

#include "runtime/ledger/folder.h"

namespace wfc::run {

namespace {

std::string toolOf(const Job& job) {
  if (!job.containers.empty()) return job.containers;
  for (const char* tool : {"docker", "podman", "apptainer"}) {
    llvm::SmallVector<llvm::StringRef> folders;
    const char* path = ::getenv("PATH");
    llvm::StringRef(path == nullptr ? "" : path).split(folders, ':', -1, false);
    for (llvm::StringRef folder : folders) {
      if (::access((folder + "/" + tool).str().c_str(), X_OK) == 0) return tool;
    }
  }
  return "docker";
}

/// One attempt, one name.
std::string nameOf(const Job& job, uint32_t attempt) {
  std::string whole = fmt::format("{}\n{}\n{}", job.run, job.instance, attempt);
  auto digest = llvm::BLAKE3::hash<10>(
      llvm::ArrayRef(reinterpret_cast<const uint8_t*>(whole.data()), whole.size()));
  return "wfr-" + llvm::toHex(digest, /*LowerCase=*/true);
}

/// Who runs: files are made as the user's own. Root inside a podman of a user's is that user; other
/// numbers there are not.
std::vector<std::string> userOf(const std::string& tool) {
  if (tool == "podman" && ::geteuid() != 0) return {};
  return {"--user", fmt::format("{}:{}", ::getuid(), ::getgid())};
}

/// The two names of one tool.
bool isApptainer(const std::string& tool) { return tool == "apptainer" || tool == "singularity"; }

std::vector<std::string> inApptainer(const Job& job, const std::string& tool, Environment& env) {
  std::vector<std::string> argv{tool, "exec", "--containall", "--no-home", "--pwd", job.project};
  for (const JobMount& mount : job.mounts)
    argv.insert(argv.end(),
                {"--bind", fmt::format("{0}:{0}:{1}", mount.path, mount.isWritable ? "rw" : "ro")});
  for (size_t n = 0, count = env.size(); n < count; ++n)
    env.push_back({llvm::StringRef(tool).upper() + "ENV_" + env[n].first, env[n].second});
  argv.push_back(job.container);
  return argv;
}

void addNames(std::vector<std::string>& argv, const Environment& env) {
  for (const auto& [name, value] : env) argv.insert(argv.end(), {"--env", name});
}

void append(std::vector<std::string>& argv, const std::vector<std::string>& more) {
  argv.insert(argv.end(), more.begin(), more.end());
}

/// docker and podman take the same words: `run` makes a container, `exec` enters it. It runs in the
/// project's folder, as everywhere, so that relative paths mean the same.
std::vector<std::string> inKeeper(const Job& job, const std::string& tool, const char* verb,
                                  const std::vector<std::string>& options, const Environment& env) {
  std::vector<std::string> argv{tool, verb, "--workdir", job.project};
  append(argv, userOf(tool));
  append(argv, options);
  addNames(argv, env);
  return argv;
}

std::vector<std::string> optionsOf(const Job& job) {
  std::vector<std::string> options{"--rm", "--init", "--name", nameOf(job, job.attempt)};
  if (job.memory > 0) {
    std::string memory = std::to_string(job.memory);
    append(options, {"--memory", memory, "--memory-swap", memory});
  }
  for (const JobMount& mount : job.mounts)
    append(options,
           {"--volume", fmt::format("{0}:{0}:{1}", mount.path, mount.isWritable ? "rw" : "ro")});
  return options;
}

/// As askToSave does outside: those of a group who wait for others of it and know nothing of USR1
/// are left alone, or a plain shell would die of it while its program saves. `of`: the parent and
/// the group of a process; bit 9 of a mask is USR1, and its low half is enough.
constexpr const char* kSave =
    "of() { read -r line < /proc/$1/stat || return; line=${line##*) }; line=${line#* }; "
    "parent=${line%% *}; line=${line#* }; group=${line%% *}; }; "
    "knows() { while read -r key mask; do case $key in SigCgt:|SigIgn:) "
    "[ $((0x${mask#????????} >> 9 & 1)) -eq 0 ] || return 0 ;; esac; done < /proc/$1/status; "
    "return 1; }; "
    "save() { of $$; own=$group; all=; parents=; "
    "for pid in /proc/[0-9]*; do pid=${pid#/proc/}; of $pid || continue; "
    "[ $group = $own ] || continue; all=\"$all $pid\"; parents=\"$parents $parent \"; done; "
    "for pid in $all; do [ $pid != 1 ] && [ $pid != $$ ] || continue; "
    "case $parents in *\" $pid \"*) knows $pid || continue ;; esac; kill -USR1 $pid; "
    "done; } 2>/dev/null; ";

/// Runs in a container of docker or podman beside the body, which is its only child. What the
/// engine hands over to the first process goes to all of the body's group, as outside; and when the
/// body has ended, the mark says how much memory there was in use, and how often the kernel had to
/// kill something for it.
std::string inside() {
  return std::string(kSave) +
         ": > \"$0\" || exit; "
         "all() { trap '' $1; kill -$1 0; trap \"all $1\" $1; }; "
         "trap 'all TERM' TERM; trap save USR1; "
         "\"$@\" & body=$!; "
         "while :; do wait $body; status=$?; kill -0 $body 2>/dev/null || break; done; "
         "for file in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do "
         "while read -r key count; do case $key in oom_kill) echo \"kills $count\" >> \"$0\" ;; "
         "esac; "
         "done < $file; done 2>/dev/null; "
         "for file in /sys/fs/cgroup/memory.peak /sys/fs/cgroup/memory/memory.max_usage_in_bytes; "
         "do "
         "read -r count < $file && echo \"peak $count\" >> \"$0\"; "
         "done 2>/dev/null; exit $status";
}

/// With apptainer, only that the body has begun.
constexpr const char* kMarked = ": > \"$0\" && exec \"$@\"";

std::vector<std::string> removalOf(const std::string& tool, const std::string& name) {
  // podman would ask politely first, and wait; the body has had its grace.
  if (tool == "podman") return {tool, "rm", "--force", "--time", "0", name};
  return {tool, "rm", "--force", name};
}

/// The tool, if it keeps containers apart from whoever asked for them.
std::string keeperOf(const Job& job) {
  std::string tool = job.container.empty() ? "" : toolOf(job);
  return isApptainer(tool) ? "" : tool;
}

}  // namespace

std::string containerMark(const Job& job) { return job.work + "/.begun"; }

bool isKept(const Job& job) { return !keeperOf(job).empty(); }

ContainerUse containerUse(const Job& job) {
  ContainerUse use;
  std::string text = readFile(containerMark(job)).value_or("");
  for (llvm::StringRef line : llvm::split(llvm::StringRef(text), '\n')) {
    auto [key, count] = line.split(' ');
    if (key == "kills") (void)count.getAsInteger(10, use.kills);
    if (key == "peak") (void)count.getAsInteger(10, use.peak);
  }
  return use;
}

std::vector<std::string> inContainer(const Job& job, const std::vector<std::string>& command,
                                     Environment& env) {
  std::string tool = toolOf(job);
  std::vector<std::string> argv;
  if (isApptainer(tool)) {
    argv = inApptainer(job, tool, env);
  } else {
    argv = inKeeper(job, tool, "run", optionsOf(job), env);
    llvm::StringRef image(job.container);
    // Where the image comes from is what docker takes for granted.
    image.consume_front("docker://");
    argv.push_back(image.str());
  }
  // Fetching an image takes its time; the first check waits for the body to be inside.
  if (!isApptainer(tool) || !job.checks.empty())
    append(argv, {"/bin/sh", "-c", isApptainer(tool) ? kMarked : inside(), containerMark(job)});
  append(argv, command);
  return argv;
}

std::vector<std::string> besideContainer(const Job& job, const std::vector<std::string>& command,
                                         Environment& env) {
  std::string tool = toolOf(job);
  std::vector<std::string> argv;
  if (isApptainer(tool)) {
    argv = inApptainer(job, tool, env);
  } else {
    argv = inKeeper(job, tool, "exec", {}, env);
    argv.push_back(nameOf(job, job.attempt));
  }
  append(argv, command);
  return argv;
}

std::vector<std::string> containerEnd(const Job& job) {
  std::string tool = keeperOf(job);
  if (tool.empty()) return {};
  return removalOf(tool, nameOf(job, job.attempt));
}

std::vector<std::string> formerEnd(const Job& job) {
  std::string tool = keeperOf(job);
  if (tool.empty() || job.attempt < 2) return {};
  return removalOf(tool, nameOf(job, job.attempt - 1));
}

}  // namespace wfc::run
