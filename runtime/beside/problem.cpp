// See problem.h.
#include "runtime/beside/problem.h"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace wfc::beside {

const char* wayOut(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "free some there, then give the same command again";
    case EACCES:
    case EPERM:
      return "look at the permissions of it and of the folders above it";
    case EROFS:
      return "this file system is mounted read-only; choose another place";
    default:
      return "";
  }
}

void fail(const std::string& path, const std::string& what, const std::string& fix) {
  throw Problem{path, what, fix};
}

void failUse(const std::string& what) { throw Problem{{}, what, {}, WrongUse}; }

void failCall(const std::string& path, const std::string& doing) {
  int error = errno;
  throw Problem{path, fmt::format("{}: {}", doing, std::generic_category().message(error)),
                wayOut(error)};
}

}  // namespace wfc::beside
