// See container.h.
#include "runtime/attempt/container.h"

#include <cstdlib>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/BLAKE3.h>

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
std::string nameOf(const Job& job) {
  std::string whole = fmt::format("{}\n{}\n{}", job.run, job.instance, job.attempt);
  auto digest = llvm::BLAKE3::hash<10>(
      llvm::ArrayRef(reinterpret_cast<const uint8_t*>(whole.data()), whole.size()));
  return "wfr-" + llvm::toHex(digest, /*LowerCase=*/true);
}

std::string userNow() { return fmt::format("{}:{}", ::getuid(), ::getgid()); }

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

}  // namespace

std::string containerMark(const Job& job) { return job.work + "/.begun"; }

std::vector<std::string> inContainer(const Job& job, const std::vector<std::string>& command,
                                     Environment& env) {
  std::string tool = toolOf(job);
  std::vector<std::string> argv;
  if (isApptainer(tool)) {
    argv = inApptainer(job, tool, env);
  } else {
    // It runs in the project's folder, as everywhere, so that relative paths mean the same.
    argv = {tool,        "run",       "--rm",      "--init", "--name",
            nameOf(job), "--workdir", job.project, "--user", userNow()};
    for (const JobMount& mount : job.mounts)
      argv.insert(argv.end(), {"--volume", fmt::format("{0}:{0}:{1}", mount.path,
                                                       mount.isWritable ? "rw" : "ro")});
    addNames(argv, env);
    llvm::StringRef image(job.container);
    // Where the image comes from is what docker takes for granted.
    image.consume_front("docker://");
    argv.push_back(image.str());
  }
  // Fetching an image takes its time; the first check waits for the body to be inside.
  if (!job.checks.empty())
    append(argv, {"/bin/sh", "-c", ": > \"$0\" && exec \"$@\"", containerMark(job)});
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
    argv = {tool, "exec", "--workdir", job.project, "--user", userNow()};
    addNames(argv, env);
    argv.push_back(nameOf(job));
  }
  append(argv, command);
  return argv;
}

std::vector<std::string> containerEnd(const Job& job) {
  std::string tool = job.container.empty() ? "" : toolOf(job);
  if (tool.empty() || isApptainer(tool)) return {};
  // podman would ask politely first, and wait; the body has had its grace.
  if (tool == "podman") return {tool, "rm", "--force", "--time", "0", nameOf(job)};
  return {tool, "rm", "--force", nameOf(job)};
}

}  // namespace wfc::run
