// What ends a verb early: a problem with the file it is about, the cause and the way out.
//
// It is thrown, from any depth and any thread, and told at one place (command.cpp).
#pragma once

#include <string>

namespace wfc::beside {

/// Exit statuses: the first three are those of `wfr`.
enum Exit : int {
  Good = 0,
  Failed = 1,
  WrongUse = 2,
  /// Nothing was wrong, and there is nothing to make: a task says `exit 4 is no_data`.
  NothingThere = 4,
};

struct Problem {
  std::string path, what, fix = {};
  Exit exit = Failed;
};

/// Ends the verb because of `path`.
[[noreturn]] void fail(const std::string& path, const std::string& what,
                       const std::string& fix = {});

/// Ends the verb because of the command line.
[[noreturn]] void failUse(const std::string& what);

/// Ends the verb after a call of the system, with errno.
[[noreturn]] void failCall(const std::string& path, const std::string& doing);

/// What somebody can do about an errno, or nothing.
const char* wayOut(int error);

}  // namespace wfc::beside
