// What ends a verb early: a problem with the file it is about, the cause and the way out.
//
// It is thrown, from any depth and any thread, and told at one place (command.cpp). GDAL's own word
// for what went wrong is the cause wherever it has one: the first that it says, since what follows
// tells of consequences.
#pragma once

#include <string>

namespace wfc::geo {

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

/// GDAL tells of errors here from now on, not on the terminal.
void listenToGdal();

/// Forgets what GDAL said in this thread, before a call.
void beginCall();

/// Whether it has told of an error since.
bool hasFailed();

/// Ends the verb after a call of GDAL, with what it says.
[[noreturn]] void failGdal(const std::string& path, const std::string& doing);

/// The same after a call of the system, with errno.
[[noreturn]] void failCall(const std::string& path, const std::string& doing);

}  // namespace wfc::geo
