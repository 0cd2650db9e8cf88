// What GDAL says of what went wrong, as a Problem.
//
// Its own word is the cause wherever it has one: the first that it says, since what follows tells
// of consequences.
#pragma once

#include <string>

#include "runtime/beside/problem.h"

namespace wfc::geo {

using namespace beside;

/// GDAL tells of errors here from now on, not on the terminal.
void listenToGdal();

/// Forgets what GDAL said in this thread, before a call.
void beginCall();

/// Whether it has told of an error since.
bool hasFailed();

/// Ends the verb after a call of GDAL, with what it says.
[[noreturn]] void failGdal(const std::string& path, const std::string& doing);

}  // namespace wfc::geo
