// See problem.h.
#include "runtime/geo/problem.h"

#include <cerrno>
#include <cpl_error.h>
#include <system_error>

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

namespace wfc::geo {

namespace {

/// The first error that GDAL told of in this thread.
thread_local std::string said;

void hear(CPLErr kind, CPLErrorNum, const char* text) {
  if (kind >= CE_Failure && said.empty()) said = text;
}

}  // namespace

void listenToGdal() { CPLSetErrorHandler(hear); }

void beginCall() { said.clear(); }

bool hasFailed() { return !said.empty(); }

void failGdal(const std::string& path, const std::string& doing) {
  // Some drivers say several lines, or name the file again.
  llvm::StringRef cause = llvm::StringRef(said).split('\n').first.trim();
  if (cause.consume_front(path)) cause = cause.ltrim(":, ");
  int error = 0;
  for (int one : {ENOSPC, EDQUOT}) {
    if (cause.contains(std::generic_category().message(one))) error = one;
  }
  throw Problem{path, cause.empty() ? doing : fmt::format("{}: {}", doing, cause.str()),
                wayOut(error)};
}

}  // namespace wfc::geo
