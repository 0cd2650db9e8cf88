// Containers: the command lines that enter one, run something beside its body, and end it. Nothing
// of this machine is inside but what the task declares.
//
// docker and podman keep a container apart from the process that asked for it, so it has a name and
// is ended by that; apptainer's is a process of the body's group.
#pragma once

#include <string>
#include <vector>

#include "runtime/attempt/job.h"

namespace wfc::run {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// The body's command inside a new container. Values of variables, secrets among them, stay out of
/// argv: `env` is what the tool itself is started with.
std::vector<std::string> inContainer(const Job& job, const std::vector<std::string>& argv,
                                     Environment& env);

/// A check's command inside the body's container; with apptainer, which has no way in from outside,
/// in one of the same image and mounts.
std::vector<std::string> besideContainer(const Job& job, const std::vector<std::string>& argv,
                                         Environment& env);

/// A file in the work folder that appears when the body's container has begun.
std::string containerMark(const Job& job);

/// True if the body's container is kept apart: its processes are not of the group of the one that
/// asked for it, which is the tool's own.
bool isKept(const Job& job);

/// What the kernel says of the memory in such a container, once its body has ended.
struct ContainerUse {
  int64_t kills = 0;  ///< for want of memory
  int64_t peak = 0;
};
ContainerUse containerUse(const Job& job);

/// The command that removes the body's container with all that runs in it; empty: the process group
/// is all of it.
std::vector<std::string> containerEnd(const Job& job);
/// The same of the attempt before, which a killed wrapper may have left on this machine.
std::vector<std::string> formerEnd(const Job& job);
inline constexpr int64_t kContainerEndMs = 60'000;

}  // namespace wfc::run
